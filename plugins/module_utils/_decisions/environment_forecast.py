# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a request will lead to if LaunchDarkly does what it is asked. For check mode, and for the laws of the plan. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from .._model.environment_release import REMOVE_RULES, EnvironmentRelease, ReleasePhase, RunStep
from .._model.flag import AddRule, RemoveRule, Rule, ServeByDefault, SwitchTargeting, serving_only
from .._model.release import Status
from .environment_actions import Facts, Patch, Start, Stop
from .environment_rules import split

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from .._model.environment_release import NewRelease
    from .._model.flag import Change, EnvironmentTargeting

# IDs are the service's; these stand for those that it will choose.
NEW_RULE = "predicted-rule"
NEW_RELEASE = "predicted-release"


def forecast(facts: Facts, environment_key: str, action: Patch | Start | Stop) -> Facts:
    """The facts after a request. Of the audit log, only that the change may be an undo is carried on."""
    targeting = facts.flag.environments[environment_key]
    releases = facts.releases or ()
    if isinstance(action, Patch):
        changed = with_changes(targeting, action.changes, facts.now)
        return _with(facts, changed, releases, undone=action.is_undo)
    if isinstance(action, Start):
        started = start(action.release, len(releases), facts.now)
        rule = _release_rule(action.release, started)
        return _with(facts, dataclasses.replace(targeting, rules=(*targeting.rules, rule)), (started, *releases))
    ended = _ended(action.release, action.roll_forward, facts.now)
    after = tuple(ended if item.id == ended.id else item for item in releases)
    return _with(facts, _after_end(targeting, ended), after)


def with_changes(targeting: EnvironmentTargeting, changes: Iterable[Change], now: int) -> EnvironmentTargeting:
    for change in changes:
        if isinstance(change, SwitchTargeting):
            targeting = dataclasses.replace(targeting, on=change.on)
        elif isinstance(change, ServeByDefault):
            targeting = dataclasses.replace(targeting, default=change.serving)
        elif isinstance(change, RemoveRule):
            kept = tuple(rule for rule in targeting.rules if rule.id != change.rule_id)
            targeting = dataclasses.replace(targeting, rules=kept)
        else:
            targeting = dataclasses.replace(targeting, rules=_with_rule(targeting.rules, change))
    return dataclasses.replace(targeting, version=(targeting.version or 0) + 1, changed_at=now)


def _with_rule(rules: tuple[Rule, ...], change: AddRule) -> tuple[Rule, ...]:
    rule = Rule(
        f"{NEW_RULE}-{len(rules)}", change.clauses, serving_only(change.variation_id), description=change.description
    )
    ids = [item.id for item in rules]
    place = ids.index(change.before_rule_id) if change.before_rule_id in ids else len(ids)
    return (*rules[:place], rule, *rules[place:])


def start(release: NewRelease, number: int, now: int) -> EnvironmentRelease:
    steps = tuple(
        RunStep(step.allocation, step.duration, started_at=None if index else now)
        for index, step in enumerate(release.steps)
    )
    phase = ReleasePhase(
        index=0,
        status=Status.ACTIVE,
        steps=steps,
        rule_id=f"{NEW_RULE}-{number}",
        description=release.description,
        current_step=0 if steps else None,
    )
    return EnvironmentRelease(
        id=f"{NEW_RELEASE}-{number}",
        status=Status.ACTIVE,
        status_raw="in_progress",
        original_variation_id=release.original_variation_id,
        target_variation_id=release.target_variation_id,
        kind="guarded" if release.metrics else "progressive",
        cleanup=release.cleanup,
        randomization_unit=release.randomization_unit or None,
        metrics=release.metrics,
        phases=(phase,),
        current_phase=0,
        created_at=now,
        started_at=now,
    )


def is_predicted(release: EnvironmentRelease) -> bool:
    return release.id.startswith(NEW_RELEASE)


def _release_rule(release: NewRelease, started: EnvironmentRelease) -> Rule:
    share = release.steps[0].allocation if release.steps else 1
    serves = split(release.target_variation_id, release.original_variation_id, share, release.randomization_unit)
    return Rule(started.rule_ids[0], release.clauses, serves, description=release.description)


def _ended(release: EnvironmentRelease, roll_forward: bool, now: int) -> EnvironmentRelease:
    status = Status.COMPLETED if roll_forward else Status.REVERTED
    reason = "completed_manual" if roll_forward else "reverted_manual"
    return dataclasses.replace(release, status=status, status_raw=status.value, reason=reason, ended_at=now)


def _after_end(targeting: EnvironmentTargeting, ended: EnvironmentRelease) -> EnvironmentTargeting:
    """What LaunchDarkly documents: a completed release cleans up if it was asked to, a reverted one leaves its rule behind."""
    served = ended.target_variation_id if ended.status is Status.COMPLETED else ended.original_variation_id
    if ended.status is Status.COMPLETED and ended.cleanup == REMOVE_RULES:
        kept = tuple(rule for rule in targeting.rules if rule.id not in ended.rule_ids)
        return dataclasses.replace(targeting, rules=kept, default=serving_only(served))
    rules = tuple(
        dataclasses.replace(rule, serves=serving_only(served)) if rule.id in ended.rule_ids else rule
        for rule in targeting.rules
    )
    return dataclasses.replace(targeting, rules=rules)


def _with(
    facts: Facts,
    targeting: EnvironmentTargeting,
    releases: tuple[EnvironmentRelease, ...],
    undone: bool | None = None,
) -> Facts:
    environments = {**facts.flag.environments, targeting.key: targeting}
    flag = dataclasses.replace(facts.flag, environments=environments)
    return dataclasses.replace(facts, flag=flag, releases=releases, undone=facts.undone if undone is None else undone)
