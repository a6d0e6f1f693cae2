# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Text for people: safe to print, short to read."""

from __future__ import annotations

import re
import typing as t


def plain(text: t.Any) -> str:
    """Somebody's words without the characters that end a line or that a terminal would obey, those that turn text round included."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", " ", str(text))


def duration(seconds: float) -> str:
    """90.0 as 1m 30s, at most two units."""
    left = round(seconds)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"
