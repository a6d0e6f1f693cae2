# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Writes the record of a preflight to a file that only its owner may read."""

from __future__ import annotations

import json
import os
import typing as t
from urllib.parse import parse_qsl, unquote

from .._core.errors import OptionError
from .._decisions.preflight_record import Answered
from .._http.errors import parse
from .._http.pacing import WORDS

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from .._http.recorder import Exchange

LIMITS = "x-ratelimit-"


def answered(exchanges: Sequence[Exchange]) -> list[Answered]:
    """The exchanges as data. Headers are kept by their names only."""
    found = []
    for item in exchanges:
        path, _mark, query = item.path.partition("?")
        parts = [unquote(part) for part in path.strip("/").split("/")]
        headers = item.answer.headers if item.answer else {}
        found.append(
            Answered(
                method=item.method,
                words=tuple((part, part in WORDS) for part in parts),
                parameters=tuple(parse_qsl(query)),
                status=item.answer.status if item.answer else None,
                limits=tuple(sorted(name.lower() for name in headers if name.lower().startswith(LIMITS))),
                body=_document(item.answer.body) if item.answer else None,
            )
        )
    return found


def _document(body: bytes) -> t.Any:
    try:
        return parse(body)
    except ValueError:
        return None


def write(path: str, document: dict[str, t.Any]) -> str:
    """Write the file, replacing what it held. A link is not followed. Returns its full name."""
    name = os.path.abspath(os.path.expanduser(path))
    try:
        place = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
        with os.fdopen(place, "w", encoding="utf-8") as file:
            # A file that was there may have had another mode.
            os.fchmod(place, 0o600)
            json.dump(document, file, indent=2)
            file.write("\n")
    except OSError as error:
        raise OptionError(f"record: {name} cannot be written: {error.strerror}. Choose another path.") from None
    return name
