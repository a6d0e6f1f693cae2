# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads environment releases from a state: complete ones, as the API shows them, and those written by hand."""

from __future__ import annotations

from typing import Any

from ..core.documents import JsonObject, stable_id
from ..core.fields import Fields, StateError, checked
from ..environment_releases.releases import IN_PROGRESS, PENDING, WAITING, is_over
from ..environment_releases.request import AUTOMATIC, CLEANUP, GUARDED, PROGRESSIVE

_RELEASE: Fields = {
    "flagKey": (str,),
    "environmentKey": (str,),
    "id": (str,),
    "status": (str,),
    "statusReason": (str,),
    "metrics": (list,),
    "phases": (list,),
    "createdAt": (int,),
    "startedAt": (int,),
    "endedAt": (int,),
    "currentPhaseIndex": (int, type(None)),
}
_HOUR = 3_600_000


def load_release(project: JsonObject, raw: Any, index: int, where: str, now: int) -> JsonObject:
    """Return a complete environment release; only the keys of its flag and environment are required."""
    given = checked(raw, where, _RELEASE, open_ended=True)
    flag_key, environment_key = given.get("flagKey"), given.get("environmentKey")
    if flag_key not in project["flags"] or environment_key not in project["environments"]:
        raise StateError(f"{where} needs a flagKey and an environmentKey that the project has")
    status = given.get("status", IN_PROGRESS)
    created = given.get("createdAt", now)
    release: JsonObject = {
        "id": stable_id(project["key"], flag_key, environment_key, "releases", index),
        "status": status,
        "projectKey": project["key"],
        **_variations(project["flags"][flag_key], given, where),
        "randomizationUnit": "user",
        "cleanupBehavior": CLEANUP,
        "kind": GUARDED if given.get("metrics") else PROGRESSIVE,
        "currentPhaseIndex": 0 if status in (IN_PROGRESS, WAITING) else None,
        "advancementMode": AUTOMATIC,
        "createdAt": created,
        **({} if status == PENDING else {"startedAt": created}),
        **given,
        "metrics": [_metric(project, metric, where) for metric in given.get("metrics", ())],
    }
    if is_over(release):
        release.setdefault("endedAt", now)
    phases = given.get("phases") or [{}]
    release["phases"] = [_phase(release, phase, number, f"{where}.phases") for number, phase in enumerate(phases)]
    return {name: value for name, value in release.items() if name != "_links"}


def _variations(flag: JsonObject, given: JsonObject, where: str) -> JsonObject:
    """Return the ids and values of both variations; the default is from the last one to the first one."""
    by_id = {item["_id"]: item for item in flag["variations"]}
    found: JsonObject = {}
    for name, default in (("original", -1), ("target", 0)):
        variation_id = given.get(f"{name}VariationId", flag["variations"][default]["_id"])
        if variation_id not in by_id:
            raise StateError(f"{name}VariationId in {where} is not a variation of the flag")
        found[f"{name}VariationId"] = variation_id
        found[f"{name}VariationValue"] = by_id[variation_id].get("value")
    return found


def _metric(project: JsonObject, raw: Any, where: str) -> JsonObject:
    metric = checked(raw, f"{where}.metrics", {"metricKey": (str,), "autoRollback": (bool,)}, open_ended=True)
    if "metricKey" not in metric:
        raise StateError(f"a metric in {where} has no metricKey")
    version = stable_id(project["key"], "metrics", metric["metricKey"])
    return {"metricVersionId": version, "autoRollback": False, **metric}


def _phase(release: JsonObject, raw: Any, index: int, where: str) -> JsonObject:
    given = checked(raw, where, {"steps": (list,), "ruleId": (str, type(None)), "status": (str,)}, open_ended=True)
    reason = {"statusReason": release["statusReason"]} if "statusReason" in release else {}
    phase: JsonObject = {
        "id": stable_id(release["id"], "phases", index),
        "phaseIndex": index,
        "ruleId": None,
        "status": release["status"],
        **(reason if "status" not in given else {}),
        "metricStatuses": {metric["metricKey"]: "ok" for metric in release["metrics"]},
        **given,
    }
    steps = given.get("steps") or [{}]
    phase["steps"] = [
        {"stepIndex": number, "allocation": 100_000, "durationMillis": _HOUR, **checked(step, f"{where}.steps")}
        for number, step in enumerate(steps)
    ]
    if phase["status"] != PENDING:
        phase.setdefault("startedAt", release.get("startedAt", release["createdAt"]))
        phase["steps"][0].setdefault("startedAt", phase["startedAt"])
        phase.setdefault("currentStepIndex", 0)
        if is_over(phase):
            phase.setdefault("endedAt", release.get("endedAt", phase["startedAt"]))
    return phase
