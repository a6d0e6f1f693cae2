# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a wait reports while it lasts: a line when something changes, and a regular sign of life. Pure."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass

from .._core.text import duration
from .._core.times import moment
from .._model.release import environment_keys, time_from_millis

if t.TYPE_CHECKING:
    from .._model.release import ApprovalRequest, Phase

# Seconds in which nothing is reported: who waits no longer wants to read only how it ended.
SHORT_WAIT = 3.0
# Seconds between two signs of life; each is later than the one before, since a day needs no line a minute.
FIRST_HEARTBEAT = 60.0
LONGEST_HEARTBEAT = 900.0
HEARTBEAT_GROWTH = 1.5

# Seconds before the time-out from which on it is worth a word.
TIMEOUT_IS_NEAR = 600.0
MAX_LINE = 100


@dataclass
class Heartbeat:
    """Decides when a line is due: when the state has changed, and now and then. Times are seconds since the wait began.

    A wait that is soon over has no line; one whose next look is far off, `pause` seconds from now, has its first at once.
    """

    state: str = ""
    reported_at: float = 0.0
    next_sign: float = FIRST_HEARTBEAT

    def is_due(self, state: str, elapsed: float, pause: float = 0.0) -> bool:
        if max(elapsed, pause) < SHORT_WAIT:
            return False
        if state == self.state:
            if elapsed - self.reported_at < self.next_sign:
                return False
            self.next_sign = min(self.next_sign * HEARTBEAT_GROWTH, LONGEST_HEARTBEAT)
        self.state, self.reported_at = state, elapsed
        return True


def clock_time(millis: int, now: float | None = None) -> str:
    """The time of day in UTC; with its date where `now` (seconds since the epoch) is given and on another day."""
    time = time_from_millis(millis)
    if time is None:
        return "at an unknown time"
    today = time_from_millis(round(now * 1000)) if now is not None else time
    is_today = today is not None and today[:10] == time[:10]
    return f"{time[11:16] if is_today else time[:16].replace('T', ' ')} UTC"


def line(where: str, state: str, now: float, left: float) -> str:
    """One line; `now` is in seconds since the epoch, `left` in seconds until the time-out."""
    ending = f", time-out in {duration(left)}" if left < TIMEOUT_IS_NEAR else ""
    return shorten(f"{clock_time(round(now * 1000))} {where}: {state}", MAX_LINE - len(ending)) + ending


def shorten(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def phase_state(phase: Phase, approvals: t.Iterable[ApprovalRequest] = ()) -> str:
    """The phase, its environments, its status, each audience that says something else, and the approvals that are missing."""
    status = phase.status_raw or phase.status.value
    audiences = phase.audiences or ()
    environments = ", ".join(environment_keys(audiences))
    where = f" ({environments})" if environments else ""
    differing = [
        f"audience {item.name or item.id} {item.status_raw}"
        for item in audiences
        if item.status_raw not in (None, status)
    ]
    missing = [
        f"approval in {item.environment_key} {'not applied' if item.review_status == 'approved' else item.review_status}"
        for item in approvals
        if item.status != "completed"
    ]
    return ", ".join([f"{phase.name}{where} {status}", *differing, *missing])


def links(approvals: t.Iterable[ApprovalRequest]) -> list[str]:
    """Where a person answers, one line each; a link that would be cut is left out, the result has it."""
    found = [f"  {item.link}" for item in approvals if item.link and item.status != "completed"]
    return [link for link in dict.fromkeys(found) if len(link) <= MAX_LINE]


def phase_course(phase: Phase, now: float) -> str:
    """How far the longest of its guarded rollouts is, and when it ends; empty where that is not known."""
    windows = [
        item.release_guardian_configuration.monitoring_window_milliseconds or 0
        for item in phase.audiences or ()
        if item.release_guardian_configuration
    ]
    window = max(windows, default=0)
    if window <= 0 or phase.started_at is None or phase.is_completed:
        return ""
    started = (moment(phase.started_at) - _EPOCH) / datetime.timedelta(milliseconds=1)
    percent = (now * 1000 - started) / window * 100
    if percent >= 100:
        return ", should be complete"
    return f", {max(0.0, percent):.0f} %, complete {clock_time(round(started + window), now)}"


_EPOCH = moment("1970-01-01T00:00:00Z")
