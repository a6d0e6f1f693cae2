# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Windows in which no phase may be started. Pure; the clock's reading is an argument.

A window is weekly (`days`, and `from` and `to` as times of the day) or has dates (`from` and `to` as dates, or as dates with
times). Times are local ones of the window's time zone, so that a window keeps its hours when the clocks change.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t
import zoneinfo
from dataclasses import dataclass

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.times import moment

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = datetime.time()
ONE_DAY = datetime.timedelta(days=1)
# Windows that follow each other are one. A chain longer than this never ends for all purposes.
MAX_CHAIN = 400

_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Beyond these, time zones and the addition of a day leave the calendar.
_YEARS = (1970, 9000)


class WindowError(ValueError):
    """A window cannot be read; the message is a sentence that says where."""


@dataclass(frozen=True)
class Window:
    """`days` is empty for a window with dates, which then has `start` and `end`; a weekly one has `opens` and `closes`."""

    name: str
    reason: str
    zone: zoneinfo.ZoneInfo
    environments: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    opens: datetime.time = MIDNIGHT
    closes: datetime.time = MIDNIGHT
    start: datetime.datetime | None = None
    end: datetime.datetime | None = None


@dataclass(frozen=True)
class Frozen:
    """The window that is in force, and when starts are allowed again (UTC)."""

    window: Window
    until: datetime.datetime


def read_windows(where: str, given: Sequence[Mapping[str, t.Any]]) -> tuple[Window, ...]:
    """The windows of `Settings.freeze`, which has their keys and types right. Raises WindowError for what a window cannot hold."""
    return tuple(_read_window(f"{where}[{index}]", index + 1, item) for index, item in enumerate(given))


def frozen(windows: Iterable[Window], now: datetime.datetime, environments: Iterable[str]) -> Frozen | None:
    """The window in force for one of the environments, None when a phase there may be started. `now` is aware.

    A window without environments is in force everywhere, and so is every window for a phase whose environments are not known.
    """
    touched = set(environments)
    relevant = [item for item in windows if not item.environments or not touched or touched & set(item.environments)]
    first = _in_force(relevant, now)
    if first is None:
        return None
    until = first.until
    for _turn in range(MAX_CHAIN):
        following = _in_force(relevant, until)
        if following is None:
            break
        until = following.until
    return Frozen(first.window, until)


def _in_force(windows: Iterable[Window], now: datetime.datetime) -> Frozen | None:
    """The window in force that lasts longest."""
    found = [
        Frozen(window, end) for window in windows for start, end in _occurrences(window, now) if start <= now < end
    ]
    return max(found, key=lambda item: item.until, default=None)


def _occurrences(window: Window, now: datetime.datetime) -> Iterator[tuple[datetime.datetime, datetime.datetime]]:
    """Start and end, in UTC, of the occurrences that may hold `now`."""
    if window.start and window.end:
        yield _span(window.start, window.end)
        return
    today = now.astimezone(window.zone).date()
    for day in (today - ONE_DAY, today):
        if day.weekday() in window.days:
            last = day if window.closes > window.opens else day + ONE_DAY
            yield _span(_local(day, window.opens, window.zone), _local(last, window.closes, window.zone))


def _local(day: datetime.date, time: datetime.time, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    return datetime.datetime.combine(day, time, tzinfo=zone)


def _span(start: datetime.datetime, end: datetime.datetime) -> tuple[datetime.datetime, datetime.datetime]:
    """In UTC. A local time that comes twice, or never, as the clocks change makes a window longer, and never shorter."""
    folds = (0, 1)
    return min(_utc(start.replace(fold=fold)) for fold in folds), max(_utc(end.replace(fold=fold)) for fold in folds)


def _utc(at: datetime.datetime) -> datetime.datetime:
    # Two times of one zone are compared by their local clock, which is wrong across a change of the clocks.
    return at.astimezone(datetime.timezone.utc)


def _read_window(where: str, number: int, given: Mapping[str, t.Any]) -> Window:
    window = Window(
        name=given.get("name") or f"number {number}",
        reason=given.get("reason") or "no reason given",
        zone=_zone(where, given["timezone"]),
        environments=tuple(given.get("environments") or ()),
    )
    return _weekly(where, window, given) if given.get("days") else _dated(where, window, given)


def _zone(where: str, name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise WindowError(
            f"{where}.timezone is not known on this machine. Give an IANA name such as Europe/Berlin or UTC. If the machine has no time"
            " zones at all, install the Python package tzdata."
        ) from None


def _weekly(where: str, window: Window, given: Mapping[str, t.Any]) -> Window:
    days = tuple(dict.fromkeys(day for item in given["days"] for day in _days(where, item)))
    opens, closes = (_time(f"{where}.{key}", given[key]) if key in given else MIDNIGHT for key in ("from", "to"))
    return dataclasses.replace(window, days=days, opens=opens, closes=closes)


def _days(where: str, text: str) -> list[int]:
    """`fri`, `friday`, or `fri-mon`."""
    names = [part.strip().lower()[:3] for part in text.split("-")]
    if len(names) > 2 or any(name not in DAYS for name in names):
        raise WindowError(f"{where}.days must be days such as fri, or spans such as fri-mon.")
    first, last = DAYS.index(names[0]), DAYS.index(names[-1])
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _time(where: str, value: str | int) -> datetime.time:
    # YAML 1.1 reads 17:00 without quotes as a number in base sixty.
    text = f"{value // 60}:{value % 60:02}" if isinstance(value, int) else value
    found = _TIME.fullmatch(text.strip())
    if not found or (int(found[1]), int(found[2])) > (24, 0) or int(found[2]) > 59:
        raise WindowError(f"{where} must be a time of the day such as '17:30'.")
    return datetime.time(int(found[1]) % 24, int(found[2]))


def _dated(where: str, window: Window, given: Mapping[str, t.Any]) -> Window:
    if "from" not in given or "to" not in given:
        raise WindowError(f"{where} needs days, or both from and to as dates.")
    start, end = (_at(f"{where}.{key}", given[key], window.zone) for key in ("from", "to"))
    if _is_date(given["to"]):
        # A date without a time means the whole day.
        end += ONE_DAY
    if _utc(end) <= _utc(start):
        raise WindowError(f"{where} ends before it begins.")
    return dataclasses.replace(window, start=start, end=end)


def _is_date(value: str | int) -> bool:
    return bool(_DATE.fullmatch(str(value).strip()))


def _at(where: str, value: str | int, zone: zoneinfo.ZoneInfo) -> datetime.datetime:
    try:
        at = moment(str(value).strip())
    except ValueError:
        at = None
    if at is None or not _YEARS[0] <= at.year <= _YEARS[1]:
        raise WindowError(f"{where} must be a date such as 2026-12-20, or 2026-12-20 18:00.")
    return at.replace(tzinfo=zone) if at.tzinfo is None else at
