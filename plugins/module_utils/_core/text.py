# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Text for people: safe to print, short to read."""

from __future__ import annotations

import re
import typing as t

# C0, DEL and C1; the Arabic letter mark, zero-width space and direction marks; line separators and bidirectional embeddings;
# the word joiner up to the last bidirectional control; the byte order mark; lone surrogates. Joiners (U+200C, U+200D) stay,
# since names in some scripts need them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def plain(text: t.Any) -> str:
    """Text with a blank in place of each invisible control character: it stays on one line, obeys nobody and reads in order."""
    return _CONTROL.sub(" ", str(text))


def excerpt(text: str | bytes, longest: int) -> str:
    """Text from elsewhere as one line of at most about `longest` characters."""
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    line = " ".join(plain(decoded).split())
    if len(line) <= longest:
        return line
    # Cut between two words: half an access token would not be found where tokens are removed.
    return f"{line[: longest + 1].rpartition(' ')[0]}..."


def duration(seconds: float) -> str:
    """90.0 as 1m 30s, at most two units."""
    left = round(seconds)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"
