# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a wait says while it lasts: a line when something changes, and now and then a sign of life. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._core.text import duration
from .._model.release import environment_keys

if t.TYPE_CHECKING:
    from .._model.desired import Target, Wait
    from .._model.release import Phase

# Seconds between two signs of life; each is later than the one before, since a day needs no line a minute.
FIRST_HEARTBEAT = 60.0
LONGEST_HEARTBEAT = 900.0
HEARTBEAT_GROWTH = 1.5


@dataclass
class Heartbeat:
    """Decides when a line is due: when the state has changed, and now and then. Times are seconds since the wait began."""

    said: str = ""
    said_at: float = 0.0
    pause: float = FIRST_HEARTBEAT

    def is_due(self, state: str, elapsed: float) -> bool:
        if state == self.said:
            if elapsed - self.said_at < self.pause:
                return False
            self.pause = min(self.pause * HEARTBEAT_GROWTH, LONGEST_HEARTBEAT)
        self.said, self.said_at = state, elapsed
        return True


@dataclass
class Narrator:
    """Composes the line that is due. The times of `line` are seconds since the wait began."""

    target: Target
    wait: Wait
    heartbeat: Heartbeat = field(default_factory=Heartbeat)

    def line(self, phase: Phase, elapsed: float, left: float, awaited: str = "") -> str | None:
        """The line that is due now, None when nothing is new. `left` is on the clock that runs, `awaited` what else is waited for."""
        state = describe_state(phase) + (f"; {awaited}" if awaited else "")
        if not self.heartbeat.is_due(state, elapsed):
            return None
        return (
            f"{self.target}: {state}; waiting for {self.wait.until} since {duration(elapsed)},"
            f" and for {duration(left)} more at the longest"
        )


def describe_state(phase: Phase) -> str:
    """The phase, its environments, its status, and what each audience says where that differs."""
    status = phase.status_raw or phase.status.value
    audiences = phase.audiences or ()
    environments = ", ".join(environment_keys(audiences))
    differing = [
        f"audience {item.name or item.id} {item.status_raw}"
        for item in audiences
        if item.status_raw not in (None, status)
    ]
    where = f" ({environments})" if environments else ""
    return f"phase {phase.name}{where} is {status}" + (f", {', '.join(differing)}" if differing else "")
