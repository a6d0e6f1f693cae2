# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the body of a request to start an environment release, and refuses what LaunchDarkly refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..core.body import as_object, check_texts, optional_text, text
from ..core.documents import JsonObject, is_kind
from ..core.errors import invalid_request
from ..flags import rules
from . import health_checks

CLEANUP = "remove_rules_and_update_default_rule"
LEAVE = "leave_rules_in_place"
AUTOMATIC, MANUAL = "automatic", "manual"
GUARDED, PROGRESSIVE = "guarded", "progressive"

_GUARDED_MAXIMUM = 50_000


@dataclass(frozen=True)
class StartRequest:
    """A valid request to start a release."""

    original: int
    target: int
    unit: str
    phases: list[JsonObject]
    metrics: list[JsonObject]
    mode: str
    cleanup: str
    bypass: list[str]
    before_rule_id: str | None
    comment: str | None

    @property
    def kind(self) -> str:
        """Whether metrics guard the release (documented: inferred from the metrics)."""
        return GUARDED if self.metrics else PROGRESSIVE


def parse(project: JsonObject, flag: JsonObject, environment_key: str, body: JsonObject) -> StartRequest:
    """Return the request in a body that includes what a plan supplies. Unknown fields are ignored (documented)."""
    original = rules.variation_index(project, flag, body.get("originalVariationId"), "originalVariationId")
    target = rules.variation_index(project, flag, body.get("targetVariationId"), "targetVariationId")
    if original == target:
        # Assumption.
        raise invalid_request("originalVariationId and targetVariationId must differ.")
    unit = text(body, "randomizationUnit")
    if unit not in project["contextKinds"]:
        raise invalid_request(f"randomizationUnit is not a context kind of the project: {unit!r}.")
    metrics = [_metric(project, item) for item in _objects(body.get("metrics") or [], "metrics")]
    phases = _objects(body.get("phases"), "phases")
    if not phases:
        raise invalid_request("phases must have at least one entry.")
    bypass = body.get("bypassHealthChecks") or []
    check_texts(bypass, "bypassHealthChecks")
    if not set(bypass) <= set(health_checks.KINDS):
        raise invalid_request("bypassHealthChecks has an unknown kind.")
    return StartRequest(
        original=original,
        target=target,
        unit=unit,
        phases=[_phase(project, flag, environment_key, phase, (unit, bool(metrics), len(phases))) for phase in phases],
        metrics=metrics,
        mode=_mode(body, len(phases)),
        cleanup=_choice(body, "cleanupBehavior", (LEAVE, CLEANUP)) or LEAVE,
        bypass=bypass,
        before_rule_id=optional_text(body, "beforeRuleId"),
        comment=optional_text(body, "comment"),
    )


def _mode(body: JsonObject, count: int) -> str:
    mode = _choice(body, "advancementMode", (AUTOMATIC, MANUAL))
    if mode is None and count > 1:
        raise invalid_request("advancementMode is required for a release with several phases.")
    # Documented: a single phase ignores it. What the answer shows then is an assumption.
    return mode or AUTOMATIC


def _choice(body: JsonObject, name: str, choices: tuple[str, ...]) -> str | None:
    value = optional_text(body, name)
    if value is not None and value not in choices:
        raise invalid_request(f"{name} must be one of {', '.join(choices)}.")
    return value


def _objects(given: Any, name: str) -> list[JsonObject]:
    if not isinstance(given, list):
        raise invalid_request(f"{name} must be a list.")
    return [as_object(item, f"An entry of {name}") for item in given]


def _metric(project: JsonObject, given: JsonObject) -> JsonObject:
    key = text(given, "metricKey")
    health_checks.metric_of(project, key)
    if not is_kind(given.get("autoRollback", False), bool):
        raise invalid_request("autoRollback must be a boolean.")
    return {"metricKey": key, "autoRollback": given.get("autoRollback", False)}


def _phase(
    project: JsonObject, flag: JsonObject, environment_key: str, given: JsonObject, about: tuple[str, bool, int]
) -> JsonObject:
    unit, guarded, count = about
    if ("clauses" in given) is ("ruleId" in given):
        # Documented: exactly one of the two; the default rule is not supported.
        raise invalid_request("A phase must have either clauses or a ruleId.")
    phase: JsonObject = {"steps": _steps(given.get("steps"), guarded)}
    if "ruleId" in given:
        rule = _existing_rule(flag["environments"][environment_key], given["ruleId"], count)
        phase["ruleId"] = rule["_id"]
        phase["description"] = rule.get("description")
        clauses = rule["clauses"]
    else:
        clauses = phase["clauses"] = rules.checked_clauses(project, environment_key, given["clauses"])
        phase["description"] = optional_text(given, "description")
    if not any(_is_unit_clause(clause, unit) for clause in clauses):
        raise invalid_request(f"The rule of a phase must have the clause: kind of the context is one of {unit}.")
    return phase


def _existing_rule(environment: JsonObject, rule_id: Any, count: int) -> JsonObject:
    if count > 1:
        raise invalid_request("Only a release with a single phase can use an existing rule.")
    for rule in environment["rules"]:
        if rule["_id"] == rule_id and not rule.get("disabled"):
            found: JsonObject = rule
            return found
    raise invalid_request("ruleId is not an enabled rule of the flag.")


def _is_unit_clause(clause: JsonObject, unit: str) -> bool:
    found = (clause.get("contextKind"), clause["attribute"], clause["op"], clause["values"], clause["negate"])
    return found == (unit, "kind", "in", [unit], False)


def _steps(given: Any, guarded: bool) -> list[JsonObject]:
    steps = _objects(given, "steps")
    if not steps:
        raise invalid_request("steps must have at least one entry.")
    before = 0
    for step in steps:
        allocation, duration = step.get("allocation"), step.get("durationMillis")
        if not isinstance(allocation, int) or not is_kind(allocation, int) or not before < allocation <= rules.FULL:
            raise invalid_request(f"The allocations of steps must rise, and lie between 1 and {rules.FULL}.")
        if not isinstance(duration, int) or not is_kind(duration, int) or duration < 1:
            raise invalid_request("durationMillis must be a positive integer.")
        if guarded and allocation > _GUARDED_MAXIMUM:
            # Observed.
            raise invalid_request("stage allocation must not exceed 50%")
        before = allocation
    return [
        {"stepIndex": index, "allocation": step["allocation"], "durationMillis": step["durationMillis"]}
        for index, step in enumerate(steps)
    ]
