# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.freeze_windows import (
    WindowError,
    frozen,
    read_windows,
)

WEEKEND: dict[str, Any] = {"days": ["sat", "sun"], "timezone": "Europe/Berlin", "reason": "nobody is here"}
NIGHTS: dict[str, Any] = {"days": "mon-fri", "from": "18:00", "to": "08:00", "timezone": "Europe/Berlin"}
HOLIDAYS: dict[str, Any] = {"from": "2026-12-23", "to": "2027-01-03", "timezone": "Europe/Berlin"}
EVENING: dict[str, Any] = {"from": "2026-11-27T18:00", "to": "2026-11-27 22:30", "timezone": "America/New_York"}
# In Berlin the clocks go forward on 2026-03-29 at 2:00 and back on 2026-10-25 at 3:00.
SMALL_HOURS: dict[str, Any] = {"days": "sun", "from": "01:30", "to": "03:30", "timezone": "Europe/Berlin"}

TWICE: dict[str, Any] = {"days": "sun", "from": "02:15", "to": "02:45", "timezone": "Europe/Berlin"}


def until(windows: list[dict[str, Any]], now: str, *environments: str) -> str | None:
    moment = datetime.datetime.fromisoformat(now).replace(tzinfo=datetime.timezone.utc)
    found = frozen(read_windows("release_freeze", windows), moment, environments)
    return found.until.strftime("%Y-%m-%d %H:%M") if found else None


@pytest.mark.parametrize(
    ("windows", "now", "expected"),
    [
        ([], "2026-11-21 12:00", None),
        # The weekend of 21 and 22 November: one hour behind Berlin, two days in one.
        ([WEEKEND], "2026-11-20 22:59", None),
        ([WEEKEND], "2026-11-20 23:00", "2026-11-22 23:00"),
        ([WEEKEND], "2026-11-22 22:59", "2026-11-22 23:00"),
        ([WEEKEND], "2026-11-22 23:00", None),
        # Over midnight, and out of it again.
        ([NIGHTS], "2026-11-23 16:59", None),
        ([NIGHTS], "2026-11-23 17:00", "2026-11-24 07:00"),
        ([NIGHTS], "2026-11-24 06:59", "2026-11-24 07:00"),
        ([NIGHTS], "2026-11-24 07:00", None),
        # Friday's night lasts into a Saturday on which none begins.
        ([NIGHTS], "2026-11-21 06:00", "2026-11-21 07:00"),
        ([NIGHTS], "2026-11-21 18:00", None),
        # Nights and the weekend are one long window.
        ([NIGHTS, WEEKEND], "2026-11-20 18:00", "2026-11-22 23:00"),
        ([HOLIDAYS], "2026-12-22 22:59", None),
        ([HOLIDAYS], "2026-12-22 23:00", "2027-01-03 23:00"),
        ([HOLIDAYS], "2027-01-03 23:00", None),
        # A time may bring its own zone.
        ([{**EVENING, "from": "2026-11-27T18:00:00Z"}], "2026-11-27 17:59", None),
        ([{**EVENING, "from": "2026-11-27T18:00:00Z"}], "2026-11-27 18:00", "2026-11-28 03:30"),
        ([EVENING], "2026-11-27 22:59", None),
        ([EVENING], "2026-11-27 23:00", "2026-11-28 03:30"),
        # Two hours by the local clock are one when it goes forward, and three when it goes back.
        ([SMALL_HOURS], "2026-03-29 00:29", None),
        ([SMALL_HOURS], "2026-03-29 00:30", "2026-03-29 01:30"),
        ([SMALL_HOURS], "2026-03-29 01:30", None),
        ([SMALL_HOURS], "2026-10-24 23:30", "2026-10-25 02:30"),
        ([SMALL_HOURS], "2026-10-25 02:29", "2026-10-25 02:30"),
        ([SMALL_HOURS], "2026-10-25 02:30", None),
        # Within the hour that comes twice, and within the one that never comes.
        ([TWICE], "2026-10-25 00:14", None),
        ([TWICE], "2026-10-25 00:15", "2026-10-25 01:45"),
        ([TWICE], "2026-10-25 01:44", "2026-10-25 01:45"),
        ([TWICE], "2026-10-25 01:45", None),
        ([TWICE], "2026-03-29 01:00", "2026-03-29 01:45"),
        (
            [{**TWICE, "days": None, "from": "2026-10-25 02:15", "to": "2026-10-25 02:45"}],
            "2026-10-25 01:44",
            "2026-10-25 01:45",
        ),
        # The same hours by the local clock, in summer as in winter.
        ([NIGHTS], "2026-07-06 16:00", "2026-07-07 06:00"),
        ([NIGHTS], "2026-07-06 15:59", None),
    ],
)
def test_when_starts_are_frozen(windows: list[dict[str, Any]], now: str, expected: str | None) -> None:
    assert until(windows, now) == expected


@pytest.mark.parametrize(
    ("of_window", "of_phase", "expected"),
    [
        (["production"], ["production"], True),
        (["production"], ["staging", "production"], True),
        (["production"], ["staging"], False),
        ("production, staging", ["staging"], True),
        ([], ["staging"], True),
        # What is not known is not let through.
        (["production"], [], True),
    ],
)
def test_a_window_may_be_for_some_environments(of_window: Any, of_phase: list[str], expected: bool) -> None:
    window = {**WEEKEND, "environments": of_window}
    assert (until([window], "2026-11-21 12:00", *of_phase) is not None) is expected


def test_a_window_that_never_ends_is_said_to_end_some_day() -> None:
    always = {"days": "mon-sun", "timezone": "UTC"}
    assert until([always], "2026-11-21 12:00") > "2027-01-01"  # type: ignore[operator]  # None would be a failure


@pytest.mark.parametrize("days", ["fri-mon", ["fri", "sat", "sun", "mon"], "Friday, Saturday, Sunday, Monday"])
def test_days_are_names_lists_and_spans(days: Any) -> None:
    (window,) = read_windows("w[0]", [{"days": days, "timezone": "UTC"}])
    assert set(window.days) == {4, 5, 6, 0}


def test_a_time_that_yaml_took_for_a_number_is_read_all_the_same() -> None:
    (window,) = read_windows("w[0]", [{"days": "fri", "from": 17 * 60 + 30, "to": "24:00", "timezone": "UTC"}])
    assert (window.opens, window.closes) == (datetime.time(17, 30), datetime.time(0, 0))


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ({"days": "fri"}, "timezone"),
        ({"days": "fri", "timezone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"days": "freitag-foo", "timezone": "UTC"}, "freitag-foo"),
        ({"days": "fri", "from": "25:00", "timezone": "UTC"}, "25:00"),
        ({"days": "fri", "from": "12:60", "timezone": "UTC"}, "12:60"),
        ({"timezone": "UTC"}, "days"),
        ({"from": "2026-01-01", "timezone": "UTC"}, "both from and to"),
        ({"from": "soon", "to": "2026-01-01", "timezone": "UTC"}, "soon"),
        ({"from": "2026-01-02", "to": "2026-01-01", "timezone": "UTC"}, "ends before"),
        ({"days": "fri", "until": "12:00", "timezone": "UTC"}, "until"),
    ],
)
def test_a_window_that_cannot_be_read_is_refused_in_a_sentence(window: dict[str, Any], said: str) -> None:
    with pytest.raises(WindowError, match=r"release_freeze\[0\].*") as refused:
        read_windows("release_freeze", [window])
    assert said in str(refused.value)
