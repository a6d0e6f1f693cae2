# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a task warns about before and after a release in an environment. Pure."""

from __future__ import annotations

import typing as t

from .._model.desired_environment import State, Strategy
from .._model.flag import SwitchTargeting
from . import environment_resolve as resolve
from . import environment_rules as rules
from .environment_actions import Patch, Start
from .variations import name_variation

if t.TYPE_CHECKING:
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.environment_release import ApprovalSettings, EnvironmentRelease
    from .environment_actions import Facts, Write

_CONTEXT_CHECK = "flag_evaluations_with_context"
_ANY_CHECK = "flag_evaluations_any"


def about_turning_on(facts: Facts, desired: DesiredEnvironmentRelease, action: Write) -> list[str]:
    """Turning on serves the old variation to everybody, which users notice where it is not what they get now."""
    targeting = facts.flag.environments[desired.target.environment_key]
    if not isinstance(action, Patch) or SwitchTargeting(True) not in action.changes or not action.comes_first:
        return []
    target = resolve.find_target(facts.flag, desired)
    origin = resolve.find_origin(facts.flag, desired, targeting, target)
    if targeting.off_variation_id in (None, origin.id):
        return []
    off = facts.flag.variation(targeting.off_variation_id or "")
    text = (
        f"{desired.target} is off and serves {name_variation(off)}; turning it on for the release serves {name_variation(origin)} to"
        " everybody first."
    )
    return [text]


def about_rules_ahead(facts: Facts, desired: DesiredEnvironmentRelease) -> list[str]:
    targeting = facts.flag.environments[desired.target.environment_key]
    ahead = rules.rules_ahead(targeting, facts.releases or (), desired.before_rule_id)
    if not ahead:
        return []
    names = ", ".join(f"'{rule.description or rule.id}'" for rule in ahead[:5])
    more = f" and {len(ahead) - 5} more" if len(ahead) > 5 else ""
    text = (
        f"{desired.target}: {len(ahead)} rules take precedence over this release: {names}{more}. Contexts that match them do not get"
        " the released variation unless the rule serves it. before_rule_id places the rule of a release."
    )
    return [text]


def about_health_checks(facts: Facts, desired: DesiredEnvironmentRelease, action: Write) -> list[str]:
    """What LaunchDarkly will probably say to the start. Metrics are not looked at."""
    kinds = facts.flag.environments[desired.target.environment_key].context_kinds
    starts = isinstance(action, Start) or (isinstance(action, Patch) and action.comes_first)
    if kinds is None or not starts or desired.strategy is Strategy.PLAN:
        return []
    failing = []
    if not kinds and _ANY_CHECK not in desired.bypass_health_checks:
        failing.append(_ANY_CHECK)
    if desired.unit not in kinds and _CONTEXT_CHECK not in desired.bypass_health_checks:
        failing.append(_CONTEXT_CHECK)
    if not failing:
        return []
    seen = ", ".join(kinds) or "none"
    text = (
        f"{desired.target}: the health checks {' and '.join(failing)} are likely to fail, since no evaluation for contexts of the kind"
        f" '{desired.unit}' was seen in the last 30 days (kinds seen: {seen}). bypass_health_checks skips them."
    )
    return [text]


def about_approvals(facts: Facts, desired: DesiredEnvironmentRelease, settings: ApprovalSettings) -> list[str]:
    if not settings.covers(facts.flag):
        return []
    if desired.request_approval:
        remedy = (
            "An approval request will be created unless the token may bypass them, which cannot be known beforehand."
        )
    else:
        remedy = "The token needs bypassRequiredApproval, which cannot be known beforehand" + (
            ", or set request_approval: true."
            if desired.state is State.RELEASED and desired.strategy is Strategy.IMMEDIATE
            else "."
        )
    return [f"{desired.target}: the environment requires approvals. {remedy}"]


def about_drift(release: EnvironmentRelease, desired: DesiredEnvironmentRelease) -> list[str]:
    """A running release is never stopped and started again because it differs; that is said, and no more."""
    if not desired.steps or desired.strategy is Strategy.PERCENTAGE or not release.phases:
        return []
    wanted = [(step.allocation, step.duration) for step in desired.steps]
    differing = []
    if [(step.allocation, step.duration) for step in release.phases[0].steps] != wanted or len(release.phases) > 1:
        differing.append("steps")
    if {metric.key for metric in release.metrics} != {metric.key for metric in desired.metrics}:
        differing.append("metrics")
    if release.cleanup != desired.cleanup_behavior:
        differing.append("cleanup_behavior")
    if release.randomization_unit not in (None, desired.unit):
        differing.append("randomization_unit")
    if not differing:
        return []
    return [
        f"{desired.target}: release {release.id} has other {' and '.join(differing)} than this task asks for. It is waited for as it is."
    ]
