# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Arithmetic with times as the modules return them: ISO 8601 in UTC, or null. Pure."""

from __future__ import annotations

import datetime

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.times import moment


def seconds_between(earlier: str | None, later: str | None) -> float | None:
    if not earlier or not later:
        return None
    return round((moment(later) - moment(earlier)).total_seconds(), 3)


def add_seconds(iso: str | None, seconds: float) -> str | None:
    """None also where the sum is outside the calendar."""
    if not iso:
        return None
    try:
        return (moment(iso) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return None
