# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The access token appears in no result, whatever a server or a library makes of it."""

from __future__ import annotations

import base64
import json
import typing as t
from urllib.parse import quote

from ansible.module_utils.common.parameters import remove_values

from .._core.text import plain

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Anything shorter would be found in texts that have nothing to do with a token.
SHORTEST_BASE64 = 8

T = t.TypeVar("T")


def without_token(value: T, token: str | None) -> T:
    """Remove the token in every form in which it may have got into a text: plain, as a repr, JSON, percent-encoded or base64."""
    given = {form for form in (token, (token or "").strip()) if form}
    forms = {written for form in given for written in (*_writings(form), plain(form))}
    return t.cast("T", remove_values(value, forms)) if forms else value


def without_tokens(value: T, tokens: Iterable[str | None]) -> T:
    """The same for several: a token may be another one during a run."""
    for token in tokens:
        value = without_token(value, token)
    return value


def _writings(form: str) -> Iterator[str]:
    yield from (form, repr(form)[1:-1], json.dumps(form)[1:-1])
    # A lone surrogate, as in a variable that is not UTF-8, has to pass here: the options refuse it in a sentence.
    yield from (quote(form, safe=safe, errors="surrogatepass") for safe in ("", "/"))
    yield from _base64_forms(form.encode("utf-8", "surrogatepass"))


def _base64_forms(data: bytes) -> Iterator[str]:
    """What base64 makes of the token alone, and wherever it stands within a longer text, as in "user:token"."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(data).decode()
        for before in range(3):
            text = encode(bytes(before) + data).decode()
            # Without the characters at both ends that bits of the neighbours go into.
            first, end = -(-before * 8 // 6), (before + len(data)) * 8 // 6
            inner = text[first:end]
            if len(inner) >= SHORTEST_BASE64:
                yield inner
