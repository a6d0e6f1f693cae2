# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads the simulator's state: projects with their environments, flags, release pipelines and releases.

A state written by hand may omit almost everything; ``load`` adds it, always with the same ids. The result has the same
format, so that a state can be read, changed and loaded again.
"""

from __future__ import annotations

from typing import Any

from ..audit import log
from ..core import behavior
from ..core.documents import JsonObject, is_kind, object_id
from ..core.fields import Fields, StateError, checked
from ..core.identities import MEMBER
from . import approvals
from .environment_releases import load_release
from .environments import load_environment
from .flags import load_flag
from .pipelines import load_pipeline, put_release
from .titles import title

_PROJECT: Fields = {
    "key": (str,),
    "name": (str,),
    "defaultReleasePipelineKey": (str, type(None)),
    "environments": (dict,),
    "flags": (dict,),
    "pipelines": (dict,),
    "releases": (dict,),
    "approvalRequests": (list,),
    "approvalRequestDelay": (int, float),
    "scheduledChanges": (list,),
    "reviewer": (dict,),
    "audit": (list,),
    "behavior": (dict,),
    "contextKinds": (list,),
    "metrics": (dict,),
    "metricGroups": (dict,),
    "environmentReleases": (list,),
    "flagReleasePlans": (dict,),
}
_SCHEDULED_CHANGE: Fields = {"flagKey": (str,), "environmentKey": (str,), "executionDate": (int,)}
_TIMES = frozenset(
    {
        *("_creationDate", "_startedDate", "_completionDate", "_canceledAt", "creationDate", "createdAt", "startedAt"),
        *("endedAt", "appliedDate", "executionDate"),
    }
)
_METRIC: Fields = {"name": (str,), "contextKinds": (list,)}


def load(raw: Any, now: int) -> JsonObject:
    """Return a complete state."""
    given = checked(raw, "the state", {"projects": (dict,), "record": (dict,)})
    projects = given.get("projects", {})
    if "record" in given:
        projects = _with_times(projects, now)
    return {"projects": {key: _project(key, project, now) for key, project in projects.items()}}


def _with_times(value: Any, now: int) -> Any:
    """Turn the times of a record, which are differences in milliseconds from when it was made, into times from now."""
    if isinstance(value, list):
        return [_with_times(item, now) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: item + now if name in _TIMES and is_kind(item, int) else _with_times(item, now)
        for name, item in value.items()
    }


def _project(key: str, raw: Any, now: int) -> JsonObject:
    where = f"projects.{key}"
    given = checked(raw, where, _PROJECT)
    approvals.check_seconds(given.get("approvalRequestDelay", 0), f"approvalRequestDelay in {where}")
    pipelines = given.get("pipelines", {})
    project: JsonObject = {
        "key": key,
        "name": given.get("name", title(key)),
        "defaultReleasePipelineKey": given.get("defaultReleasePipelineKey", next(iter(pipelines), None)),
        "environments": {
            name: load_environment(name, index, environment, f"{where}.environments.{name}", now)
            for index, (name, environment) in enumerate(given.get("environments", {}).items())
        },
        "behavior": behavior.load(given.get("behavior", {}), f"{where}.behavior"),
        "metrics": {
            name: {"contextKinds": ["user"], **checked(metric, f"{where}.metrics.{name}", _METRIC)}
            for name, metric in given.get("metrics", {}).items()
        },
        "metricGroups": given.get("metricGroups", {}),
        "environmentReleases": [],
        "flagReleasePlans": {
            name: _flag_release_plan(name, plan, f"{where}.flagReleasePlans.{name}")
            for name, plan in given.get("flagReleasePlans", {}).items()
        },
        "flags": {},
        "pipelines": {},
        "releases": {},
        "approvalRequests": [],
        "approvalRequestDelay": given.get("approvalRequestDelay", 0),
        "scheduledChanges": [
            _scheduled_change(item, index, f"{where}.scheduledChanges", now)
            for index, item in enumerate(given.get("scheduledChanges", ()))
        ],
        "reviewer": approvals.reviewer(given.get("reviewer", {}), f"{where}.reviewer", now),
        "audit": log.loaded([checked(entry, f"{where}.audit") for entry in given.get("audit", ())]),
    }
    for name, pipeline in pipelines.items():
        project["pipelines"][name] = load_pipeline(project, name, pipeline, f"{where}.pipelines.{name}", now)
    if "environments" not in given:
        _add_environments(project, given.get("flags", {}), now)
    for name, flag in given.get("flags", {}).items():
        project["flags"][name] = load_flag(project, name, flag, f"{where}.flags.{name}", now)
    for name, release in given.get("releases", {}).items():
        put_release(project, name, release, now)
    for request in given.get("approvalRequests", ()):
        made = approvals.request(project, request, f"{where}.approvalRequests", now)
        project["approvalRequests"].append(made)
    project["contextKinds"] = given.get("contextKinds", _seen_kinds(project))
    for index, release in enumerate(given.get("environmentReleases", ())):
        loaded = load_release(project, release, index, f"{where}.environmentReleases", now)
        project["environmentReleases"].append(loaded)
    return project


def _scheduled_change(raw: Any, index: int, where: str, now: int) -> JsonObject:
    given = checked(raw, where, _SCHEDULED_CHANGE, open_ended=True)
    if not {"flagKey", "environmentKey", "executionDate"} <= set(given):
        raise StateError(f"{where} needs flagKey, environmentKey and executionDate")
    fresh = {"_id": object_id(where, index), "_version": 1, "_creationDate": now, "instructions": []}
    return {**fresh, "_maintainerId": MEMBER["memberId"], **given}


def _flag_release_plan(key: str, raw: Any, where: str) -> JsonObject:
    given = checked(raw, where, {"key": (str,), "name": (str,), "environments": (list,)}, open_ended=True)
    fresh = {"name": title(key), "description": "", "default": False, "executionMode": "sequential", "version": 1}
    environments = [checked(item, f"{where}.environments") for item in given.get("environments", ())]
    return {**fresh, **given, "key": key, "environments": environments}


def _seen_kinds(project: JsonObject) -> list[str]:
    """Return the context kinds that flags and metrics have seen; ``user`` always exists."""
    flags = project["flags"].values()
    seen = [kind for flag in flags for item in flag["environments"].values() for kind in item["contextKinds"]]
    seen += [kind for metric in project["metrics"].values() for kind in metric["contextKinds"]]
    return list(dict.fromkeys(["user", *seen]))


def _add_environments(project: JsonObject, flags: JsonObject, now: int) -> None:
    """Add the environments that pipelines and flags name, if the project lists none."""
    phases = [phase for pipeline in project["pipelines"].values() for phase in pipeline["phases"]]
    keys = [audience["environmentKey"] for phase in phases for audience in phase["audiences"]]
    for flag in flags.values():
        found = flag.get("environments") if isinstance(flag, dict) else None
        keys += found if isinstance(found, dict) else []
    for key in dict.fromkeys(keys):
        project["environments"][key] = load_environment(key, len(project["environments"]), {}, key, now)
