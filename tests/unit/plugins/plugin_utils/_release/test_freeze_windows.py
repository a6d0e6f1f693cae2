# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.freeze_windows import (
    Window,
    frozen,
    read_windows,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_settings

WEEKEND: dict[str, Any] = {"days": ["sat", "sun"], "timezone": "Europe/Berlin", "reason": "nobody is here"}
NIGHTS: dict[str, Any] = {"days": "mon-fri", "from": "18:00", "to": "08:00", "timezone": "Europe/Berlin"}
HOLIDAYS: dict[str, Any] = {"from": "2026-12-23", "to": "2027-01-03", "timezone": "Europe/Berlin"}
EVENING: dict[str, Any] = {"from": "2026-11-27T18:00", "to": "2026-11-27 22:30", "timezone": "America/New_York"}
# In Berlin the clocks go forward on 2026-03-29 at 2:00 and back on 2026-10-25 at 3:00.
SMALL_HOURS: dict[str, Any] = {"days": "sun", "from": "01:30", "to": "03:30", "timezone": "Europe/Berlin"}

TWICE: dict[str, Any] = {"days": "sun", "from": "02:15", "to": "02:45", "timezone": "Europe/Berlin"}


def read(*windows: dict[str, Any]) -> tuple[Window, ...]:
    return read_windows("release_freeze", read_settings({"freeze": list(windows)}).freeze)


def until(windows: list[dict[str, Any]], now: str, *environments: str) -> str | None:
    moment = datetime.datetime.fromisoformat(now).replace(tzinfo=datetime.timezone.utc)
    found = frozen(read(*windows), moment, environments)
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
def test_window_in_force(windows: list[dict[str, Any]], now: str, expected: str | None) -> None:
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
def test_window_may_be_for_some_environments(of_window: Any, of_phase: list[str], expected: bool) -> None:
    window = {**WEEKEND, "environments": of_window}
    assert (until([window], "2026-11-21 12:00", *of_phase) is not None) is expected


def test_window_that_never_ends_has_an_end() -> None:
    always = {"days": "mon-sun", "timezone": "UTC"}
    assert until([always], "2026-11-21 12:00") > "2027-01-01"  # type: ignore[operator]  # None would be a failure


@pytest.mark.parametrize("days", ["fri-mon", ["fri", "sat", "sun", "mon"], "Friday, Saturday, Sunday, Monday"])
def test_window_days_are_names_lists_and_spans(days: Any) -> None:
    (window,) = read({"days": days, "timezone": "UTC"})
    assert set(window.days) == {4, 5, 6, 0}


def test_window_time_may_be_what_yaml_took_for_a_number() -> None:
    (window,) = read({"days": "fri", "from": 17 * 60 + 30, "to": "24:00", "timezone": "UTC"})
    assert (window.opens, window.closes) == (datetime.time(17, 30), datetime.time(0, 0))


def test_window_date_may_be_what_yaml_took_for_a_date() -> None:
    dates = {"from": datetime.date(2026, 12, 23), "to": datetime.datetime(2027, 1, 3, 8, 30), "timezone": "UTC"}
    (window,) = read(dates)
    assert window == read({"from": "2026-12-23", "to": "2027-01-03 08:30:00", "timezone": "UTC"})[0]


def test_window_without_a_name_has_a_number() -> None:
    assert [window.name for window in read(WEEKEND, {**WEEKEND, "name": "mine"}, WEEKEND)] == [
        "number 1",
        "mine",
        "number 3",
    ]


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ({"days": "fri"}, "release_freeze[0] needs timezone."),
        ({"days": "fri", "timezone": "Mars/Olympus"}, "release_freeze[0].timezone is not known on this machine."),
        ({"days": "fri", "timezone": "../etc/passwd"}, "release_freeze[0].timezone is not known on this machine."),
        ({"days": "freitag-foo", "timezone": "UTC"}, "release_freeze[0].days must be days such as fri"),
        ({"days": "mon-tue-wed", "timezone": "UTC"}, "release_freeze[0].days must be days such as fri"),
        ({"days": [5], "timezone": "UTC"}, "release_freeze[0].days must be days such as fri"),
        ({"days": "fri", "from": "25:00", "timezone": "UTC"}, "release_freeze[0].from must be a time of the day"),
        ({"days": "fri", "to": "12:60", "timezone": "UTC"}, "release_freeze[0].to must be a time of the day"),
        ({"days": "fri", "to": -5, "timezone": "UTC"}, "release_freeze[0].to must be a time of the day"),
        ({"days": "fri", "to": True, "timezone": "UTC"}, "release_freeze[0].to must be text, not true or false"),
        ({"timezone": "UTC"}, "release_freeze[0] needs days, or both from and to as dates."),
        ({"from": "2026-01-01", "timezone": "UTC"}, "release_freeze[0] needs days, or both from and to as dates."),
        ({"from": "soon", "to": "2026-01-01", "timezone": "UTC"}, "release_freeze[0].from must be a date"),
        ({"from": "2026-01-01", "to": "9999-12-31", "timezone": "UTC"}, "release_freeze[0].to must be a date"),
        ({"from": "0001-01-01", "to": "2026-01-01", "timezone": "UTC"}, "release_freeze[0].from must be a date"),
        ({"from": "2026-01-02", "to": "2026-01-01", "timezone": "UTC"}, "release_freeze[0] ends before it begins."),
        ({"days": "fri", "until": "12:00", "timezone": "UTC"}, "release_freeze[0] has an unknown key until."),
    ],
)
def test_window_that_cannot_be_read_is_refused(window: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(window)
    assert str(refused.value).startswith(said)
