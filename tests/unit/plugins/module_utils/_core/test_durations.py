# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lengths of time, read from options, variables and surveys."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.durations import parse_seconds


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (0, 0.0),
        (90, 90.0),
        (0.5, 0.5),
        (1e6, 1_000_000.0),
        ("90", 90.0),
        ("90.0", 90.0),
        (" 90s ", 90.0),
        ("15m", 900.0),
        ("1.5 h", 5400.0),
        ("1d", 86400.0),
    ],
)
def test_parse_seconds_reads_numbers_and_units(given: Any, seconds: float) -> None:
    assert parse_seconds(given) == seconds


@pytest.mark.parametrize(
    "given",
    [True, None, "", "s", "-1", -1, "1w", "1h30m", "\u0661", float("nan"), float("inf"), "9" * 400, "1e3", [], {}],
    ids=lambda given: repr(given)[:20],
)
def test_parse_seconds_refuses_the_rest(given: Any) -> None:
    assert parse_seconds(given) is None
