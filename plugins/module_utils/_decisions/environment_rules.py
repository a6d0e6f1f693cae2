# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the rules of a flag in one environment say about releases. Pure."""

from __future__ import annotations

import typing as t

from .._model.desired_environment import Strategy
from .._model.environment_release import LEAVE_RULES
from .._model.flag import EVERYBODY, Clause, Serving, serving_only
from .markers import EVERYONE, audience_of, is_kind_clause, read_release_mark

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.environment_release import EnvironmentRelease
    from .._model.flag import EnvironmentTargeting, Rule

Releases = tuple["EnvironmentRelease", ...]


def audience_clauses(desired: DesiredEnvironmentRelease) -> tuple[Clause, ...]:
    """Whom the release is for, apart from the context kind."""
    if not desired.segments:
        return ()
    # In the form of LaunchDarkly's own example of a semantic patch.
    return (Clause("segmentMatch", "segmentMatch", desired.segments),)


def rule_clauses(desired: DesiredEnvironmentRelease) -> tuple[Clause, ...]:
    """The clauses of the rule of a release. Only a rollout needs a context kind, to tell contexts apart."""
    if desired.strategy is Strategy.IMMEDIATE and desired.randomization_unit is None:
        return audience_clauses(desired)
    return (Clause("kind", "in", (desired.unit,), context_kind=desired.unit), *audience_clauses(desired))


def is_our_rule(rule: Rule, desired: DesiredEnvironmentRelease) -> bool:
    """Has the rule exactly the clauses of this release? One without the clause for the context kind reaches everybody it would."""
    kinds = [clause.context_kind for clause in rule.clauses if is_kind_clause(clause)]
    same_audience = audience_of(rule.clauses) == audience_of(audience_clauses(desired))
    return same_audience and bool(rule.clauses) and kinds in ([], [desired.unit])


def release_rules(targeting: EnvironmentTargeting, releases: Releases) -> list[Rule]:
    """The rules of releases that are over: known to LaunchDarkly as such, or marked."""
    over = _rule_ids(item for item in releases if item.is_over)
    running = _rule_ids(item for item in releases if not item.is_over)
    return [
        rule
        for rule in targeting.rules
        if rule.id not in running and (rule.id in over or read_release_mark(rule.description) is not None)
    ]


def _rule_ids(releases: Iterable[EnvironmentRelease]) -> set[str]:
    return {rule_id for release in releases for rule_id in release.rule_ids}


def unlisted_rule(targeting: EnvironmentTargeting, releases: Releases) -> Rule | None:
    """A marked rule that serves two variations looks like that of a running release, although LaunchDarkly lists none for it.

    A token that may not view releases gets an empty list. To take such a rule away would discard the release.
    """
    listed = _rule_ids(releases)
    for rule in targeting.rules:
        is_split = rule.enabled and rule.serves is not None and len(rule.serves.served) > 1
        if is_split and rule.id not in listed and read_release_mark(rule.description) is not None:
            return rule
    return None


def left_over_rules(targeting: EnvironmentTargeting, releases: Releases, target_id: str) -> list[Rule]:
    """Rules of ended releases that serve something other than the target: they shadow the default rule and block a start."""
    return [rule for rule in release_rules(targeting, releases) if not serves_only(rule, target_id)]


def kept_rules(targeting: EnvironmentTargeting, releases: Releases, target_id: str) -> list[Rule]:
    """Rules of ended releases that serve the target: those of earlier audiences."""
    return [rule for rule in release_rules(targeting, releases) if serves_only(rule, target_id)]


def serves_only(rule: Rule, variation_id: str) -> bool:
    return rule.serves is not None and rule.serves.only == variation_id


def share_of(serving: Serving | None, variation_id: str) -> int:
    return serving.share(variation_id) if serving else 0


def everybody_gets(targeting: EnvironmentTargeting, target_id: str) -> bool:
    """Is the flag on, and does its default rule serve the target alone?"""
    return targeting.on and targeting.default is not None and targeting.default.only == target_id


def is_complete(
    targeting: EnvironmentTargeting, releases: Releases, desired: DesiredEnvironmentRelease, target_id: str
) -> bool:
    """Does the audience get the target, and does no rule that a release left behind keep it from anybody?"""
    if not targeting.on:
        return False
    shadows = {rule.id for rule in left_over_rules(targeting, releases, target_id) if rule.enabled}
    if everybody_gets(targeting, target_id) and not shadows:
        return True
    for rule in targeting.rules:
        if rule.id in shadows:
            return False
        if rule.enabled and serves_only(rule, target_id) and _counts_for(rule, releases, desired, target_id):
            return True
    return False


def _counts_for(rule: Rule, releases: Releases, desired: DesiredEnvironmentRelease, target_id: str) -> bool:
    """Does a rule that serves the target complete the release?"""
    if desired.strategy is Strategy.PLAN:
        # Whom the plan releases to is not known here, but which rules its release left is.
        newest = newest_release(releases, target_id)
        return newest is not None and newest.cleanup == LEAVE_RULES and newest.is_over and rule.id in newest.rule_ids
    return desired.leaves_rules and is_our_rule(rule, desired)


def newest_release(releases: Releases, target_id: str) -> EnvironmentRelease | None:
    """The newest release of the target; LaunchDarkly lists the newest first."""
    return next((item for item in releases if item.target_variation_id == target_id), None)


def newest_of_audience(
    releases: Releases, targeting: EnvironmentTargeting, target_id: str, audience: str
) -> EnvironmentRelease | None:
    return next(
        (
            item
            for item in releases
            if item.target_variation_id == target_id and release_audience(item, targeting) == audience
        ),
        None,
    )


def release_audience(release: EnvironmentRelease, targeting: EnvironmentTargeting) -> str:
    """Whom a release was for: as its mark says, else as its rule says.

    A release shows no clauses. Where its rule is gone and nothing marks it, its end made the default rule serve the target.
    """
    first = release.phases[0] if release.phases else None
    mark = read_release_mark(first.description if first else None)
    if mark:
        return mark.audience
    rule = next((item for item in targeting.rules if first and item.id == first.rule_id), None)
    return audience_of(rule.clauses) if rule else EVERYONE


def current_step(targeting: EnvironmentTargeting, desired: DesiredEnvironmentRelease, target_id: str) -> int | None:
    """The step at which the default rule stands: it is a split of exactly two variations at one of the shares, by the same unit."""
    serving = targeting.default
    if serving is None or serving.is_experiment or desired.strategy is not Strategy.PERCENTAGE:
        return None
    share = serving.share(target_id)
    if len(serving.served) != 2 or not share:
        return None
    if (serving.context_kind or "user") != desired.unit or serving.bucket_by not in (None, "", "key"):
        return None
    found = [index for index, step in enumerate(desired.steps) if step.allocation == share]
    return found[0] if found else None


def other_variation(serving: Serving | None, target_id: str) -> str | None:
    """What the default rule serves beside the target, if that is one variation."""
    others = [served for served in serving.served if served != target_id] if serving else []
    return others[0] if len(others) == 1 else None


def split(target_id: str, origin_id: str, share: int, unit: str) -> Serving:
    """A rollout of the target by share; everybody is no rollout."""
    if share >= EVERYBODY:
        return serving_only(target_id)
    return Serving(((target_id, share), (origin_id, EVERYBODY - share)), context_kind=unit)


def rules_ahead(targeting: EnvironmentTargeting, releases: Releases, before_rule_id: str | None) -> list[Rule]:
    """Enabled rules, other than those of releases, that take precedence over the rule of a new release and over the default rule."""
    own = {rule.id for rule in release_rules(targeting, releases)} | _rule_ids(releases)
    ids = [rule.id for rule in targeting.rules]
    end = ids.index(before_rule_id) if before_rule_id in ids else len(ids)
    return [rule for rule in targeting.rules[:end] if rule.enabled and rule.id not in own]
