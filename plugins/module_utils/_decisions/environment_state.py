# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Where a release in an environment stands, for whoever walks through several of them. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._model.release import Status, time_from_millis
from . import environment_resolve as resolve
from . import environment_rules as rules
from .environment_actions import Holding, Patch, Read, Refuse, Running
from .environment_release import plan

if t.TYPE_CHECKING:
    from .._core.errors import LaunchDarklyError
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.environment_release import EnvironmentRelease
    from .environment_actions import Action, Facts, Source


@dataclass(frozen=True)
class EnvironmentState:
    """`needs` is what has to be read before `status` is certain, `error` why a release would be refused.

    `percent` is the share of the audience that gets the target, `window` the seconds that its steps take. `ended_at` is the end of the
    release, or the last change of the flag where no environment release was involved; both times are epoch milliseconds.
    """

    status: Status
    needs: Source | None
    error: LaunchDarklyError | None
    on: bool
    percent: float
    window: float
    next_step_at: int | None
    ended_at: int | None
    release: EnvironmentRelease | None

    def to_result(self, facts: Facts) -> dict[str, t.Any]:
        return {
            "status": self.status.value,
            "error": self.error.to_result()["error"] if self.error else None,
            "on": self.on,
            "percent": self.percent,
            "window": self.window,
            "next_step_at": time_from_millis(self.next_step_at),
            "ended_at": time_from_millis(self.ended_at),
            "release": self.release.to_result(facts.flag) if self.release else None,
        }


def assess(facts: Facts, desired: DesiredEnvironmentRelease) -> EnvironmentState:
    """Where the release stands, as far as the facts say. Raises what options that do not fit the flag are refused with."""
    return state_of(facts, desired, plan(facts, desired))


def state_of(facts: Facts, desired: DesiredEnvironmentRelease, action: Action) -> EnvironmentState:
    """The same for an action that was decided before."""
    targeting = resolve.find_targeting(facts.flag, desired)
    target = resolve.find_target(facts.flag, desired)
    release = action.release if isinstance(action, Running) else rules.newest_release(facts.releases or (), target.id)
    return EnvironmentState(
        status=action.status,
        needs=action.source if isinstance(action, Read) else None,
        error=action.error if isinstance(action, Refuse) else None,
        on=targeting.on,
        percent=_percent(action),
        window=_window(desired, release if isinstance(action, Running) else None),
        next_step_at=_next_step_at(action),
        ended_at=_ended_at(action, release, targeting.changed_at),
        release=release,
    )


def _percent(action: Action) -> float:
    if isinstance(action, (Holding, Running)):
        return action.percent if isinstance(action, Holding) else action.release.percent
    return 100.0 if action.status is Status.COMPLETED else 0.0


def _window(desired: DesiredEnvironmentRelease, running: EnvironmentRelease | None) -> float:
    """A release that runs may have other steps than those that were asked for."""
    if running is None:
        return desired.window
    return sum(step.duration for phase in running.phases for step in phase.steps) / 1000


def _next_step_at(action: Action) -> int | None:
    if isinstance(action, Holding):
        return action.until
    return action.release.next_step_at if isinstance(action, Running) else None


def _ended_at(action: Action, release: EnvironmentRelease | None, changed_at: int | None) -> int | None:
    if action.status is not Status.COMPLETED or isinstance(action, Patch):
        return None
    if release is not None and release.status is Status.COMPLETED and release.ended_at is not None:
        return release.ended_at
    return changed_at
