# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Whether a release in each of the environments can start. Pure."""

from __future__ import annotations

import typing as t

from .._core.errors import ExchangeError
from .._model.desired_environment import Strategy
from . import environment_rules
from .environment_actions import AwaitApproval, Done, Holding, Refuse, Running, Settling
from .preflight_advice import APPROVAL_REMEDY, did_you_mean, refused, split
from .preflight_facts import Entry, Finding, FindingStatus, PreflightFacts

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .._core.errors import LaunchDarklyError
    from .._model.flag import EnvironmentTargeting

_HAS_BETA = "the right to view the flag's releases, and ask LaunchDarkly whether the account has environment releases"
_BEGUN = (Done, Running, Settling, Holding, AwaitApproval)
_SAID = {
    Done: "The variation is released here already.",
    Running: "A release of the variation is running: a run waits for it.",
    Settling: "A release of the variation has just completed.",
    Holding: "A percentage rollout of the variation is held at a share.",
    AwaitApproval: "An approval request for the release is open.",
}
# What other checks say.
_SAID_ELSEWHERE = ("environment_not_found", "flag_archived", "variation_not_found", "invalid_option")


def environments(facts: PreflightFacts) -> Iterator[Finding]:
    flag = facts.flag.value if facts.flag else None
    if flag is None:
        return
    for entry in facts.entries:
        key = entry.environment_key
        if key in flag.environments:
            yield Finding("environments", FindingStatus.OK, "The environment exists.", None, key)
        else:
            remedy = (
                f"Correct the key, or let the token's role view it.{did_you_mean(key, facts.environment_keys or ())}"
            )
            yield Finding("environments", FindingStatus.PROBLEM, f"The flag has no environment '{key}'.", remedy, key)


def beta(facts: PreflightFacts) -> Iterator[Finding]:
    """Are environment releases, which are behind a beta version of the API, open to this account and this token?"""
    failed = [error for entry in facts.entries if (error := _beta_failure(entry)) is not None]
    if failed:
        yield refused("beta", failed[0], "read releases in environments", _HAS_BETA)
    elif any(entry.facts is not None and entry.facts.releases is not None for entry in facts.entries):
        yield Finding("beta", FindingStatus.OK, "Releases in environments can be read.")
    elif facts.entries:
        yield Finding("beta", FindingStatus.OK, "No release in an environment had to be read.")


def _beta_failure(entry: Entry) -> LaunchDarklyError | None:
    error = entry.action.error
    return (
        error
        if isinstance(error, ExchangeError) and (error.path or "").partition("?")[0].endswith("/releases")
        else None
    )


def release(facts: PreflightFacts) -> Iterator[Finding]:
    """Would a release start, or what would it be refused with?"""
    for entry in facts.entries:
        key, action, error = entry.environment_key, entry.action.value, entry.action.error
        for warning in entry.warnings:
            fact, remedy = split(warning)
            yield Finding("release", FindingStatus.WARNING, fact, remedy or None, key)
        if isinstance(action, Refuse):
            error = action.error
        if error is None:
            said = next((text for kind, text in _SAID.items() if isinstance(action, kind)), "It can start.")
            yield Finding("release", FindingStatus.OK, said, None, key)
        elif isinstance(error, ExchangeError):
            if _beta_failure(entry) is None:
                right = "the right to view the flag, its segments and its approval requests"
                yield refused("release", error, "see whether the release can start", right, environment_key=key)
        elif error.code not in _SAID_ELSEWHERE:
            fact, remedy = split(error.message.replace(f"{entry.desired.target}: ", "", 1))
            yield Finding("release", FindingStatus.PROBLEM, f"{fact[:1].upper()}{fact[1:]}", remedy or None, key)


def approvals(facts: PreflightFacts) -> Iterator[Finding]:
    flag = facts.flag.value if facts.flag else None
    for entry in facts.entries:
        key, place = entry.environment_key, facts.places.get(entry.environment_key)
        if flag is None or place is None or place.settings is None:
            continue
        settings = place.settings.value
        if settings is None:
            error = t.cast("LaunchDarklyError", place.settings.error)
            what = "see whether the environment requires approvals"
            yield refused("approvals", error, what, "viewProject", environment_key=key, status=FindingStatus.UNKNOWN)
        elif not settings.covers(flag):
            yield Finding("approvals", FindingStatus.OK, "No approval is required.", None, key)
        else:
            yield _gated(entry)


def _gated(entry: Entry) -> Finding:
    key, fact = entry.environment_key, "The environment requires approvals"
    if entry.desired.request_approval:
        return Finding("approvals", FindingStatus.OK, f"{fact}; the release requests one.", None, key)
    if entry.dry_run is None:
        return Finding(
            "approvals",
            FindingStatus.WARNING,
            f"{fact}, and it is not known whether the token may bypass them.",
            APPROVAL_REMEDY,
            key,
        )
    if entry.dry_run.error is None:
        return Finding("approvals", FindingStatus.OK, f"{fact}; the token may bypass them.", None, key)
    return Finding(
        "approvals", FindingStatus.PROBLEM, f"{fact}, and LaunchDarkly refuses the change.", APPROVAL_REMEDY, key
    )


def rules(facts: PreflightFacts) -> Iterator[Finding]:
    for entry, targeting in _seen(facts):
        releases = entry.facts.releases if entry.facts else None
        ahead = environment_rules.rules_ahead(targeting, releases or (), entry.desired.before_rule_id)
        if not ahead:
            yield Finding("rules", FindingStatus.OK, "No rule takes precedence over the release.", None, targeting.key)
            continue
        names = ", ".join(f"'{rule.description or rule.id}'" for rule in ahead[:3])
        more = f" and {len(ahead) - 3} more" if len(ahead) > 3 else ""
        fact = f"Rules take precedence over the release: {names}{more}."
        remedy = "Contexts that match them keep what the rules serve; before_rule_id places the rule of a release."
        yield Finding("rules", FindingStatus.WARNING, fact, remedy, targeting.key)


def contexts(facts: PreflightFacts) -> Iterator[Finding]:
    """Will the health checks of a start find that the flag was evaluated for the context kind?"""
    for entry, targeting in _seen(facts):
        kinds, unit = targeting.context_kinds, entry.desired.unit
        if kinds is None:
            fact = "LaunchDarkly does not say which contexts were seen."
            yield Finding("contexts", FindingStatus.UNKNOWN, fact, None, targeting.key)
        elif unit in kinds:
            yield Finding(
                "contexts",
                FindingStatus.OK,
                f"Contexts of the kind '{unit}' were seen in 30 days.",
                None,
                targeting.key,
            )
        else:
            seen = ", ".join(kinds) or "none"
            fact = f"No context of the kind '{unit}' was seen in 30 days; seen: {seen}."
            remedy = "Send traffic, correct randomization_unit, or set bypass_health_checks."
            yield Finding("contexts", _without_contexts(entry), fact, remedy, targeting.key)


def _without_contexts(entry: Entry) -> FindingStatus:
    is_checked = entry.desired.strategy in (Strategy.PROGRESSIVE, Strategy.GUARDED)
    is_bypassed = "flag_evaluations_with_context" in entry.desired.bypass_health_checks
    is_begun = isinstance(entry.action.value, _BEGUN)
    return FindingStatus.PROBLEM if is_checked and not is_bypassed and not is_begun else FindingStatus.WARNING


def permissions(facts: PreflightFacts) -> Iterator[Finding]:
    """What a dry run said; without one, what cannot be known."""
    asked = [entry for entry in facts.entries if entry.dry_run is not None]
    for entry in asked:
        error = entry.dry_run.error if entry.dry_run else None
        key = entry.environment_key
        if error is None:
            yield Finding(
                "permissions", FindingStatus.OK, "The token may change the flag: a dry run was accepted.", None, key
            )
        elif error.code == "approval_required":
            fact = "Not known: a direct change is refused because approvals are required."
            yield Finding("permissions", FindingStatus.UNKNOWN, fact, None, key)
        elif error.status in (400, 409):
            remedy = "Settle it in LaunchDarkly first; the message is LaunchDarkly's."
            fact = f"LaunchDarkly would refuse the change: {error.message.partition(': ')[2].partition(' (PATCH')[0]}."
            yield Finding("permissions", FindingStatus.PROBLEM, fact, remedy, key)
        else:
            rights = "updateOn, updateRules and updateFallthrough"
            yield refused("permissions", error, "change the flag", rights, environment_key=key)
    if not asked and any(entry.action.value is not None for entry in facts.entries):
        fact = "Reads are allowed. Whether the token may change the flag cannot be known from them."
        remedy = "dry_run: true (doctor_dry_run) asks LaunchDarkly, without changing anything."
        yield Finding("permissions", FindingStatus.UNKNOWN, fact, remedy)


def _seen(facts: PreflightFacts) -> Iterator[tuple[Entry, EnvironmentTargeting]]:
    flag = facts.flag.value if facts.flag else None
    for entry in facts.entries:
        targeting = flag.environments.get(entry.environment_key) if flag else None
        if targeting is not None:
            yield entry, targeting
