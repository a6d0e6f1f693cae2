# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The decision: what undoes a release in an environment, or takes it to its end at once. Pure."""

from __future__ import annotations

import typing as t

from .._model.desired_environment import State
from .._model.flag import RemoveRule, ServeByDefault, serving_only
from .._model.release import Status
from . import environment_errors as errors
from . import environment_resolve as resolve
from . import environment_rules as rules
from .environment_actions import Action, Done, Facts, Patch, Read, Refuse, Settling, Source, Stop
from .markers import audience_of

if t.TYPE_CHECKING:
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.flag import Change, EnvironmentTargeting, Rule, Variation


def plan_undo(
    facts: Facts, desired: DesiredEnvironmentRelease, targeting: EnvironmentTargeting, target: Variation
) -> Action:
    """For the states `rolled_back` and `rolled_forward`."""
    roll_forward = desired.state is State.ROLLED_FORWARD
    if facts.releases is None:
        if not roll_forward and not targeting.rules and not (targeting.on and _by_default(targeting, target)):
            return Done(Status.READY_TO_START)
        return Read(Source.RELEASES, _status(targeting, target))
    running = resolve.find_running(facts.releases, targeting, desired, target)
    if running is not None:
        return Stop(running, roll_forward=roll_forward)
    settling = resolve.find_settling(facts.releases, targeting, target)
    if settling is not None:
        return Settling(settling)
    if roll_forward:
        return _after_roll_forward(facts, desired, targeting, target)
    return _roll_back(facts, desired, targeting, target)


def _after_roll_forward(
    facts: Facts, desired: DesiredEnvironmentRelease, targeting: EnvironmentTargeting, target: Variation
) -> Action:
    """Nothing runs: is the target served already?"""
    releases = facts.releases or ()
    other = resolve.find_other_running(releases, target)
    if other is not None:
        return Refuse(errors.other_release_active(desired.target, facts.flag, other), Status.BLOCKED)
    newest = rules.newest_release(releases, target.id)
    kept = {rule.id for rule in rules.kept_rules(targeting, releases, target.id) if rule.enabled and targeting.on}
    if rules.is_complete(targeting, releases, desired, target.id) or (newest and kept & set(newest.rule_ids)):
        return Done(Status.COMPLETED)
    reverted = resolve.find_reverted(releases, targeting, desired, target)
    if reverted is not None:
        return Refuse(errors.release_reverted(desired.target, facts.flag, reverted), Status.REVERTED)
    return Refuse(errors.no_release_running(desired.target, target), Status.READY_TO_START)


def _roll_back(
    facts: Facts, desired: DesiredEnvironmentRelease, targeting: EnvironmentTargeting, target: Variation
) -> Action:
    releases = facts.releases or ()
    newest = rules.newest_release(releases, target.id)
    found = _rules_to_remove(facts, desired, targeting)
    by_rule = any(rule.enabled and rules.share_of(rule.serves, target.id) for rule in found)
    by_default = not desired.segments and _by_default(targeting, target)
    if not targeting.on or not (by_rule or by_default):
        return Done(Status.REVERTED if newest else Status.READY_TO_START)
    other = resolve.find_other_running(releases, target)
    if other is not None:
        return Refuse(errors.other_release_active(desired.target, facts.flag, other), Status.BLOCKED)
    changes: list[Change] = []
    if not desired.segments:
        if targeting.default is not None and targeting.default.is_experiment:
            error = errors.default_rule_in_use(desired.target, facts.flag, targeting.default)
            return Refuse(error, Status.BLOCKED)
        back = resolve.find_way_back(facts.flag, desired, targeting, target, newest)
        if targeting.default is None or targeting.default.only != back.id:
            changes.append(ServeByDefault(serving_only(back.id)))
    changes += [RemoveRule(rule.id) for rule in found]
    return Patch("roll_back", tuple(changes), _status(targeting, target), is_undo=True)


def _rules_to_remove(facts: Facts, desired: DesiredEnvironmentRelease, targeting: EnvironmentTargeting) -> list[Rule]:
    """The rules of ended releases; with segments, those of this audience."""
    found = rules.release_rules(targeting, facts.releases or ())
    if not desired.segments:
        return found
    audience = resolve.audience_word(desired)
    return [rule for rule in found if audience_of(rule.clauses) == audience]


def _by_default(targeting: EnvironmentTargeting, target: Variation) -> bool:
    return rules.share_of(targeting.default, target.id) > 0


def _status(targeting: EnvironmentTargeting, target: Variation) -> Status:
    """The status before an undo, as far as targeting shows it."""
    if not targeting.on:
        return Status.READY_TO_START
    is_rollout = targeting.default is not None and targeting.default.only is None
    return Status.ACTIVE if is_rollout and _by_default(targeting, target) else Status.COMPLETED
