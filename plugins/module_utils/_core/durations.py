# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Lengths of time as people write them: 90, 90s, 15m, 2h, 1d. The only parser; `_core.text.duration` writes them."""

from __future__ import annotations

import math
import re
import typing as t

# For messages, after the name and the value of an option.
EXPECTED = "give seconds, or a number with a unit such as 90s, 15m, 2h or 1d."

_TEXT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([smhd]?)")
_SECONDS_BY_UNIT = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_seconds(value: t.Any) -> float | None:
    """Seconds from a number or a text; None where the value is not a length of time. A boolean is not a number."""
    if isinstance(value, bool):
        return None
    found = _TEXT.fullmatch(_text(value))
    if not found:
        return None
    seconds = float(found[1]) * _SECONDS_BY_UNIT[found[2]]
    return seconds if math.isfinite(seconds) else None


def _text(value: t.Any) -> str:
    # A float may write itself with an exponent (1e-05), which nobody writes by hand.
    return f"{value:f}" if isinstance(value, float) else str(value).strip()
