# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""All checks before a release, in the order of a page. Pure."""

from __future__ import annotations

import typing as t

from .._model.release import time_from_millis
from . import preflight_connection as connection
from . import preflight_environment as environment
from . import preflight_flag as flag
from . import preflight_pipeline as pipeline
from .approval import is_refused
from .preflight_advice import refused
from .preflight_facts import Finding, FindingStatus

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .preflight_facts import PreflightFacts

    Check = Callable[[PreflightFacts], Iterator[Finding]]


def pending_requests(facts: PreflightFacts) -> Iterator[Finding]:
    for key, place in facts.places.items():
        if place.requests is None:
            continue
        if place.requests.value is None:
            error = place.requests.error
            if error is not None:
                what = "view approval requests"
                yield refused("requests", error, what, "viewProject", environment_key=key, status=FindingStatus.UNKNOWN)
            continue
        open_ones = [item for item in place.requests.value if item.status != "completed" and not is_refused(item)]
        if not open_ones:
            yield Finding("requests", FindingStatus.OK, "No approval request is open.", None, key)
        for item in open_ones:
            since = f" since {item.requested_at}" if item.requested_at else ""
            fact = f"An approval request is open{since} ({item.review_status})."
            remedy = "Have it applied or deleted first: LaunchDarkly refuses a change that conflicts with it."
            yield Finding("requests", FindingStatus.WARNING, fact, remedy, key)


def scheduled_changes(facts: PreflightFacts) -> Iterator[Finding]:
    for key, place in facts.places.items():
        if place.scheduled is None:
            continue
        if place.scheduled.value is None:
            error = place.scheduled.error
            if error is not None:
                what = "view scheduled changes"
                yield refused(
                    "scheduled", error, what, "viewProject", environment_key=key, status=FindingStatus.UNKNOWN
                )
            continue
        if not place.scheduled.value:
            yield Finding("scheduled", FindingStatus.OK, "No change is scheduled.", None, key)
        for item in place.scheduled.value:
            fact = f"A change of the flag is scheduled for {time_from_millis(item.at)}."
            remedy = (
                "Delete it in LaunchDarkly, or release after it: LaunchDarkly refuses a change that conflicts with it."
            )
            yield Finding("scheduled", FindingStatus.WARNING, fact, remedy, key)


_FIRST: dict[str, Check] = {
    "libraries": connection.libraries,
    "instance": connection.instance,
    "connection": connection.connection,
    "clock": connection.clock,
    "token": connection.token,
    "project": flag.project,
    "flag": flag.flag,
    "archived": flag.archived,
    "variation": flag.variation,
}
_LAST: dict[str, Check] = {
    "requests": pending_requests,
    "scheduled": scheduled_changes,
}
_PIPELINE: dict[str, Check] = {
    "beta": pipeline.beta,
    "release": pipeline.release,
    "pipeline": pipeline.pipeline,
    "phases": pipeline.phases,
    "approvals": pipeline.approvals,
    "rules": pipeline.rules,
    "contexts": pipeline.contexts,
    **_LAST,
    "permissions": pipeline.permissions,
    "budget": connection.budget,
}
_ENVIRONMENTS: dict[str, Check] = {
    "environments": environment.environments,
    "beta": environment.beta,
    "release": environment.release,
    "approvals": environment.approvals,
    "rules": environment.rules,
    "contexts": environment.contexts,
    **_LAST,
    "permissions": environment.permissions,
    "budget": connection.budget,
}


def examine(facts: PreflightFacts) -> list[Finding]:
    """Every check has a finding at least; one that had nothing to look at is skipped."""
    checks = {**_FIRST, **(_ENVIRONMENTS if facts.desired.environments else _PIPELINE)}
    findings: list[Finding] = []
    for name, check in checks.items():
        found = list(check(facts))
        findings += found or [Finding(name, FindingStatus.SKIPPED, "Not checked: see the problems above.")]
    return findings


def problems(findings: list[Finding]) -> list[Finding]:
    return [item for item in findings if item.status is FindingStatus.PROBLEM]
