# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment release plans: the part of a start that a plan supplies, and how a plan is shown. Pure functions.

A plan is kept in the form of a start request, its metrics as ``{"key", "autoRollback", "isGroup"}``.
"""

from __future__ import annotations

from ..core.behavior import refusal
from ..core.documents import JsonObject, copied, link
from ..core.errors import invalid_request

SUPPLIED = ("randomizationUnit", "phases", "metrics", "advancementMode", "cleanupBehavior")


def apply(project: JsonObject, environment_key: str, body: JsonObject) -> JsonObject:
    """Return the body of a start with what its plan supplies."""
    key = body["releasePlanKey"]
    if not project["behavior"]["plansAvailable"]:
        raise refusal(project, "plansNotAvailable")
    extra = [name for name in SUPPLIED if name in body]
    if extra:
        # Documented: rejected. The 400 is an assumption.
        raise invalid_request(f"{', '.join(extra)} cannot be set together with releasePlanKey.")
    plan = project["environments"][environment_key]["releasePlans"].get(key)
    if plan is None:
        raise invalid_request(f"The environment has no release plan {key!r}.")
    if not plan.get("phases") or not plan.get("randomizationUnit"):
        raise invalid_request(f"The release plan {key!r} is incomplete.")
    supplied = {name: copied(plan[name]) for name in SUPPLIED if name in plan}
    supplied["metrics"] = [item for metric in plan.get("metrics", ()) for item in _expanded(project, metric)]
    if not project["behavior"]["planDescriptions"]:
        for phase in supplied["phases"]:
            phase.pop("description", None)
    return {**body, **supplied}


def _expanded(project: JsonObject, metric: JsonObject) -> list[JsonObject]:
    """Return a metric of a plan, or the members of a metric group (documented)."""
    keys = project["metricGroups"].get(metric["key"], ()) if metric.get("isGroup") else [metric["key"]]
    return [{"metricKey": key, "autoRollback": bool(metric.get("autoRollback"))} for key in keys]


def served(project: JsonObject, environment_key: str, key: str) -> JsonObject:
    """Return a plan as the service shows it. Documented by a sample only: the rest of the form is an assumption."""
    plan = project["environments"][environment_key]["releasePlans"][key]
    metrics = {
        metric["key"]: {"autoRollback": bool(metric.get("autoRollback")), "isGroup": bool(metric.get("isGroup"))}
        for metric in plan.get("metrics", ())
    }
    method = "guarded" if metrics else "progressive"
    release = {name: copied(plan[name]) for name in SUPPLIED if name in plan and name != "metrics"}
    href = f"/api/v2/projects/{project['key']}/environments/{environment_key}/release-plans/{key}"
    return {
        "_links": {"self": link(href)},
        "key": key,
        "name": plan["name"],
        "description": plan["description"],
        "releaseMethod": f"{method}_release",
        f"{method}Release": {**release, "metrics": metrics},
    }
