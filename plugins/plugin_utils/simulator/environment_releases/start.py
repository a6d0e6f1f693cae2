# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and stops environment releases."""

from __future__ import annotations

from typing import Any

from ..core.behavior import milliseconds, refusal
from ..core.documents import JsonObject, copied, stable_id
from ..core.errors import invalid_request
from ..flags import rules
from . import health_checks, progress, releases
from .request import StartRequest
from .run import Run

FORWARD = {
    "roll_forward_all_phases": True,
    "roll_forward_current_phase_and_remove_pending_phases": True,
    "roll_back_all_phases_and_remove_pending_phases": False,
    "roll_back_current_phase_and_remove_pending_phases": False,
}


def check(
    project: JsonObject, flag: JsonObject, environment_key: str, request: StartRequest, health: bool = True
) -> None:
    """Refuse a start that the state of the flag does not allow."""
    if not flag["environments"][environment_key]["on"]:
        raise refusal(project, "flagOff", flag=flag["key"])
    running = releases.running(project, flag["key"], environment_key)
    if project["behavior"]["oneActiveRelease"] == "rule":
        ids = {phase.get("ruleId") for phase in request.phases}
        running = [item for item in running if releases.current_rule_id(item) in ids]
    if running:
        raise refusal(project, "releaseActive")
    keys = [metric["metricKey"] for metric in request.metrics]
    failing = health_checks.failures(project, flag, environment_key, request.unit, keys) if health else []
    failing = [item for item in failing if item["kind"] not in request.bypass]
    if failing:
        raise refusal(project, "healthChecks", {"failingChecks": failing})


def start(
    project: JsonObject, flag: JsonObject, environment_key: str, request: StartRequest, now: int, by: str
) -> JsonObject:
    """Start a release, and return it."""
    environment = copied(flag["environments"][environment_key])
    release = _release(project, flag, environment_key, request, now, by)
    for index, phase in enumerate(request.phases):
        rule_id = phase.get("ruleId")
        if rule_id is None:
            rule = _rule(project, flag, environment_key, environment["rules"], request, index)
            environment["rules"] = rules.insert(environment["rules"], rule, request.before_rule_id)
            rule_id = rule["_id"]
        else:
            release["_existingRule"] = True
        release["phases"][index]["ruleId"] = rule_id
    _apply_script(release, environment.get("releaseScript") or {}, now)
    run = Run(project, release)
    run.draft = environment
    pending = milliseconds(project, "pendingFor")
    if pending:
        run.release["_startsAt"] = now + pending
        run.events.append((now, ["updateRules"], "created"))
    else:
        run.start_phase(0, now)
    run.seal(now)
    progress.keep(project, run, by, request.comment)
    return run.release


def _release(
    project: JsonObject, flag: JsonObject, environment_key: str, request: StartRequest, now: int, by: str
) -> JsonObject:
    number = sum(item["createdAt"] == now for item in project["environmentReleases"])
    release_id = stable_id(project["key"], flag["key"], environment_key, "releases", now, number)
    original, target = flag["variations"][request.original], flag["variations"][request.target]
    return {
        "id": release_id,
        "status": releases.PENDING,
        "projectKey": project["key"],
        "environmentKey": environment_key,
        "flagKey": flag["key"],
        "originalVariationId": original["_id"],
        "originalVariationValue": original.get("value"),
        "targetVariationId": target["_id"],
        "targetVariationValue": target.get("value"),
        "randomizationUnit": request.unit,
        "cleanupBehavior": request.cleanup,
        "kind": request.kind,
        "metrics": [
            {**metric, "metricVersionId": stable_id(project["key"], "metrics", metric["metricKey"])}
            for metric in request.metrics
        ],
        "phases": [_phase(release_id, index, phase, request) for index, phase in enumerate(request.phases)],
        "currentPhaseIndex": None,
        "advancementMode": request.mode,
        "createdAt": now,
        "_by": by,
    }


def _phase(release_id: str, index: int, given: JsonObject, request: StartRequest) -> JsonObject:
    description = {"description": given["description"]} if given["description"] is not None else {}
    return {
        "id": stable_id(release_id, "phases", index),
        "phaseIndex": index,
        "ruleId": None,
        **description,
        "status": releases.PENDING,
        "steps": copied(given["steps"]),
        "metricStatuses": {metric["metricKey"]: "ok" for metric in request.metrics},
    }


def _rule(
    project: JsonObject,
    flag: JsonObject,
    environment_key: str,
    existing: list[JsonObject],
    request: StartRequest,
    index: int,
) -> JsonObject:
    """Return the rule of a phase. It serves the original, and the rules of later phases are disabled (documented)."""
    phase = request.phases[index]
    fields: JsonObject = {"clauses": phase["clauses"], "variation": request.original}
    if phase["description"]:
        fields["description"] = phase["description"]
    if index:
        fields["disabled"] = True
    rule = rules.new_rule(project, flag, environment_key, existing, fields)
    rules.check_duplicate(project, existing, rule)
    return rule


def _apply_script(release: JsonObject, script: JsonObject, now: int) -> None:
    """Plan what the environment's script has for its next release."""
    after = {name: now + round(script[name] * 1000) for name in script if name.endswith("After")}
    if "regressAfter" in after and release["metrics"]:
        metric_key = script.get("metricKey", release["metrics"][0]["metricKey"])
        release["_regressions"] = [{"metricKey": metric_key, "at": after["regressAfter"]}]
    for name, field in (("insufficientDataAfter", "_insufficientDataAt"), ("waitAfter", "_waitsAt")):
        if name in after:
            release[field] = after[name]


def checked_resolution(given: Any) -> str:
    """Return a resolution of a stop."""
    if not isinstance(given, str) or given not in FORWARD:
        raise invalid_request(f"resolution must be one of {', '.join(FORWARD)}.")
    return given


def stop(
    project: JsonObject, release: JsonObject, resolution: str, comment: str | None, now: int, by: str
) -> JsonObject:
    """Stop a release that is not over, and return it."""
    all_phases = "_all_phases" in resolution
    between = release["currentPhaseIndex"] is None and release["status"] != releases.PENDING
    if between and not all_phases:
        raise invalid_request("The release is between phases; use a resolution for all phases.")
    run = Run(project, release)
    run.stop(FORWARD[resolution], all_phases, now)
    run.seal(now)
    progress.keep(project, run, by, comment, resolution=resolution)
    return run.release
