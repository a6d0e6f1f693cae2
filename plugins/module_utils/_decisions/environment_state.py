# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Where a release in an environment stands, for whoever walks through several of them. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._core.times import moment
from .._model.desired_environment import Strategy
from .._model.release import Status, time_from_millis
from . import environment_resolve as resolve
from . import environment_rules as rules
from .environment_actions import AwaitApproval, Holding, Read, Refuse, Running
from .environment_next_action import plan
from .markers import read_release_mark

if t.TYPE_CHECKING:
    from .._core.errors import LaunchDarklyError
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.environment_release import EnvironmentRelease
    from .environment_actions import Action, Facts, Source


@dataclass(frozen=True)
class EnvironmentState:
    """`needs` is what has to be read before `status` is certain, `error` why a release would be refused.

    `percent` is the share of the audience that gets the target, `window` the seconds that its steps take. `ended_at` is the end of the
    release, or the last change of the flag where no environment release was involved; all times are epoch milliseconds, and None where
    nothing shows them. `waits_for_other`: a release of the target to another audience runs, and comes first.
    """

    status: Status
    needs: Source | None
    error: LaunchDarklyError | None
    on: bool
    percent: float
    window: float
    next_step_at: int | None
    started_at: int | None
    ended_at: int | None
    release: EnvironmentRelease | None
    waits_for_other: bool = False

    def to_result(self, facts: Facts) -> dict[str, t.Any]:
        return {
            "status": self.status.value,
            "error": error_result(self.error),
            "on": self.on,
            "percent": self.percent,
            "window": self.window,
            "next_step_at": time_from_millis(self.next_step_at),
            "started_at": time_from_millis(self.started_at),
            "ended_at": time_from_millis(self.ended_at),
            "release": self.release.to_result(facts.flag) if self.release else None,
            "waits_for_other": self.waits_for_other,
        }


def error_result(error: LaunchDarklyError | None) -> dict[str, t.Any] | None:
    found: dict[str, t.Any] | None = error.to_result()["error"] if error else None
    return found


def assess(facts: Facts, desired: DesiredEnvironmentRelease) -> EnvironmentState:
    """Where the release stands, as far as the facts say. Raises what options that do not fit the flag are refused with."""
    return state_of(facts, desired, plan(facts, desired))


def state_of(facts: Facts, desired: DesiredEnvironmentRelease, action: Action) -> EnvironmentState:
    """The same for an action that was decided before."""
    targeting = resolve.find_targeting(facts.flag, desired)
    target = resolve.find_target(facts.flag, desired)
    running = action.release if isinstance(action, Running) else None
    status = action.status
    is_other = running is not None and not is_of_audience(running, facts, desired)
    if is_other:
        running = None
        is_complete = rules.is_complete(targeting, facts.releases or (), desired, target.id)
        status = Status.COMPLETED if is_complete else Status.READY_TO_START
    release = running or _newest(facts, desired, target.id)
    ended = release if release is not None and desired.starts_release and release.status is Status.COMPLETED else None
    begun = running or ended
    held = action if isinstance(action, Holding) else None
    changed_at = targeting.changed_at
    return EnvironmentState(
        status=status,
        needs=action.source if isinstance(action, Read) else None,
        error=action.error if isinstance(action, Refuse) else None,
        on=targeting.on,
        percent=_percent(status, running, held),
        window=_window(desired, running),
        next_step_at=held.until if held else running.next_step_at if running else None,
        started_at=(begun.started_at or begun.created_at)
        if begun
        else _patched_at(desired, status, action, changed_at),
        ended_at=((ended and ended.ended_at) or changed_at) if status is Status.COMPLETED else None,
        release=release,
        waits_for_other=is_other and status is not Status.COMPLETED,
    )


def is_of_audience(release: EnvironmentRelease, facts: Facts, desired: DesiredEnvironmentRelease) -> bool:
    """Is it a release to the audience that is desired? Whom a release plan is for cannot be known."""
    targeting = facts.flag.environments[desired.target.environment_key]
    is_marked = any(read_release_mark(phase.description) for phase in release.phases)
    if desired.strategy is Strategy.PLAN and not is_marked:
        return True
    return rules.release_audience(release, targeting) == resolve.audience_word(desired)


def _newest(facts: Facts, desired: DesiredEnvironmentRelease, target_id: str) -> EnvironmentRelease | None:
    """The newest release of the target to this audience."""
    return next(
        (
            item
            for item in facts.releases or ()
            if item.target_variation_id == target_id and is_of_audience(item, facts, desired)
        ),
        None,
    )


def _percent(status: Status, running: EnvironmentRelease | None, held: Holding | None) -> float:
    if held or running:
        return held.percent if held else running.percent if running else 0.0
    return 100.0 if status is Status.COMPLETED else 0.0


def _window(desired: DesiredEnvironmentRelease, running: EnvironmentRelease | None) -> float:
    """A release that runs may have other steps than those that were asked for."""
    if running is None:
        return desired.window
    return sum(step.duration for phase in running.phases for step in phase.steps) / 1000


def _patched_at(
    desired: DesiredEnvironmentRelease, status: Status, action: Action, changed_at: int | None
) -> int | None:
    """When the patch began that released, or was asked for, where no environment release is involved.

    A later step hides the first one.
    """
    if isinstance(action, AwaitApproval):
        asked = action.request.requested_at
        return None if asked is None else round(moment(asked).timestamp() * 1000)
    is_first = isinstance(action, Holding) and action.percent == desired.steps[0].percent
    is_patch = status is Status.COMPLETED and desired.strategy is Strategy.IMMEDIATE
    return changed_at if is_first or is_patch else None
