# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""How far a flag has got in its release, as a list shows it: by its targeting in each environment, or by its release. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from .._model.desired import EnvironmentTarget
from .._model.desired_environment import DesiredEnvironmentRelease, Strategy
from .._model.environment_release import LEAVE_RULES
from .._model.release import Status, time_from_millis
from .._model.release_list import Progress
from . import environment_resolve as resolve
from . import environment_rules as rules

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from .._model.flag import EnvironmentTargeting, Flag, Serving
    from .._model.release import Release


def environment_progress(
    project_key: str, flag: Flag, environment_keys: Sequence[str], variation: t.Any, *, with_since: bool
) -> Progress:
    """The first environment in which not everybody gets the variation. Raises LaunchDarklyError for a flag that does not fit.

    Only the targeting is looked at: a list costs no request per flag. A release that was undone counts as not started.
    """
    since: int | None = None
    for key in environment_keys:
        desired = DesiredEnvironmentRelease(EnvironmentTarget(project_key, flag.key, key), variation=variation)
        targeting = resolve.find_targeting(flag, desired)
        target = resolve.find_target(flag, desired)
        # A rollout may have ended with its rule instead of the default rule.
        by_rule = dataclasses.replace(desired, strategy=Strategy.PROGRESSIVE, cleanup=LEAVE_RULES)
        if not any(rules.is_complete(targeting, (), form, target.id) for form in (desired, by_rule)):
            status = Status.ACTIVE if _is_served(targeting, target.id) else Status.READY_TO_START
            since = targeting.changed_at if status is Status.ACTIVE else since
            return Progress(key, key, status, time_from_millis(since) if with_since else None)
        since = targeting.changed_at
    return Progress(None, None, Status.COMPLETED, time_from_millis(since) if with_since else None)


def _is_served(targeting: EnvironmentTargeting, target_id: str) -> bool:
    """Does a part of the contexts get the target? A rule that serves nothing else is for testers, unless a release left it."""
    if not targeting.on:
        return False
    left = {rule.id for rule in rules.release_rules(targeting, ())}
    servings = [rule.serves for rule in targeting.rules if rule.enabled and (rule.id in left or _is_split(rule.serves))]
    return any(serving is not None and serving.share(target_id) for serving in (*servings, targeting.default))


def _is_split(serving: Serving | None) -> bool:
    return serving is not None and len(serving.served) > 1


def phase_since(release: Release, phase_id: str | None) -> str | None:
    """Since when the release is in this phase: its start, else the end of what came before it."""
    ended: list[str] = []
    for phase in release.phases:
        if phase.id == phase_id:
            return phase.started_at or max(ended, default=phase.created_at)
        ended = [time for time in (*ended, phase.completed_at) if time] if phase.is_completed else []
    return None
