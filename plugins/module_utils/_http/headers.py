# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the headers of an answer say about LaunchDarkly's clock."""

from __future__ import annotations

import typing as t

from .retry import date

if t.TYPE_CHECKING:
    from collections.abc import Mapping

# Seconds by which a clock here may differ from `Date`, which has whole seconds, and count as right.
AGREEMENT = (-0.5, 1.5)


def clock_offset(headers: Mapping[str, str], wall: float) -> float | None:
    """Seconds by which `wall` is ahead of the answer's `Date`, None without one."""
    sent = date(headers.get("Date"))
    return None if sent is None else wall - sent


def seconds_ahead(headers: Mapping[str, str], wall: float) -> float:
    """What to take from `wall` for LaunchDarkly's time: 0 where the clocks agree, or the answer has no `Date`."""
    offset = clock_offset(headers, wall)
    return 0.0 if offset is None or AGREEMENT[0] <= offset <= AGREEMENT[1] else offset
