# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's state: projects with their environments, flags, release pipelines and releases.

What a person writes by hand may leave out nearly everything; ``load`` fills it in, always with the same ids. What it
returns is in the same format, complete, so that a state can be read, changed and given back.
"""

from __future__ import annotations

from typing import Any

from . import approval_state, audit
from .documents import JsonObject, stable_id
from .errors import ApiError
from .fields import Fields, StateError, checked
from .pipelines import audience_configuration
from .releases import new_release
from .rollouts import COMPLETED, NOT_STARTED, READY_TO_START

_COLORS = ("417505", "f5a623", "7b42bc", "00da7b")

# What may be written where.
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
    "reviewer": (dict,),
    "audit": (list,),
}
_ENVIRONMENT: Fields = {"key": (str,), "name": (str,), "color": (str,)}
_FLAG: Fields = {
    "key": (str,),
    "name": (str,),
    "kind": (str,),
    "description": (str,),
    "tags": (list,),
    "temporary": (bool,),
    "archived": (bool,),
    "creationDate": (int,),
    "_version": (int,),
    "variations": (list,),
    "environments": (dict,),
}
_FLAG_ENVIRONMENT: Fields = {"on": (bool,), "requireApproval": (bool,), "version": (int,), "lastModified": (int,)}
_PIPELINE: Fields = {
    "key": (str,),
    "name": (str,),
    "description": (str,),
    "tags": (list,),
    "isLegacy": (bool,),
    "createdAt": (int,),
    "_version": (int,),
    "phases": (list,),
}
_PHASE: Fields = {"id": (str,), "name": (str,), "audiences": (list,)}
_AUDIENCE: Fields = {"environmentKey": (str,), "name": (str,), "segmentKeys": (list,), "configuration": (dict,)}
_RELEASE: Fields = {"releasePipelineKey": (str,), "phases": (list,)}
_RELEASE_PHASE: Fields = {
    "_audiences": (list,),
    "_completesAt": (int,),
    "_regressesAfter": (int,),
    "_awaits": (dict,),
    "_startedDate": (int,),
}


def load(raw: Any, now: int) -> JsonObject:
    """Return a complete state from what somebody wrote."""
    projects = checked(raw, "the state", {"projects": (dict,)}).get("projects", {})
    return {"projects": {key: _project(key, project, now) for key, project in projects.items()}}


def _project(key: str, raw: Any, now: int) -> JsonObject:
    where = f"projects.{key}"
    given = checked(raw, where, _PROJECT)
    approval_state.check_seconds(given.get("approvalRequestDelay", 0), f"approvalRequestDelay in {where}")
    pipelines = given.get("pipelines", {})
    project: JsonObject = {
        "key": key,
        "name": given.get("name", _title(key)),
        "defaultReleasePipelineKey": given.get("defaultReleasePipelineKey", next(iter(pipelines), None)),
        "environments": {
            name: _environment(name, index, environment, f"{where}.environments.{name}")
            for index, (name, environment) in enumerate(given.get("environments", {}).items())
        },
        "flags": {},
        "pipelines": {},
        "releases": {},
        "approvalRequests": [],
        "approvalRequestDelay": given.get("approvalRequestDelay", 0),
        "reviewer": approval_state.reviewer(given.get("reviewer", {}), f"{where}.reviewer", now),
        "audit": audit.loaded([checked(entry, f"{where}.audit") for entry in given.get("audit", ())]),
    }
    for name, pipeline in pipelines.items():
        project["pipelines"][name] = _pipeline(project, name, pipeline, f"{where}.pipelines.{name}", now)
    if "environments" not in given:
        _add_environments(project, given.get("flags", {}))
    for name, flag in given.get("flags", {}).items():
        project["flags"][name] = _flag(project, name, flag, f"{where}.flags.{name}", now)
    for name, release in given.get("releases", {}).items():
        put_release(project, name, release, now)
    for request in given.get("approvalRequests", ()):
        made = approval_state.request(project, request, f"{where}.approvalRequests", now)
        project["approvalRequests"].append(made)
    return project


def _add_environments(project: JsonObject, flags: JsonObject) -> None:
    """Give a project that says nothing of environments those that its pipelines and flags name."""
    phases = [phase for pipeline in project["pipelines"].values() for phase in pipeline["phases"]]
    keys = [audience["environmentKey"] for phase in phases for audience in phase["audiences"]]
    for flag in flags.values():
        found = flag.get("environments") if isinstance(flag, dict) else None
        keys += found if isinstance(found, dict) else []
    for key in dict.fromkeys(keys):
        project["environments"][key] = _environment(key, len(project["environments"]), {}, key)


def _environment(key: str, index: int, raw: Any, where: str) -> JsonObject:
    given = checked(raw, where, _ENVIRONMENT)
    return {"name": _title(key), "color": _COLORS[index % len(_COLORS)], **given, "key": key}


def _flag(project: JsonObject, key: str, raw: Any, where: str, now: int) -> JsonObject:
    given = checked(raw, where, _FLAG)
    variations = [
        {
            "_id": stable_id(project["key"], "flags", key, index),
            **checked(variation, f"{where}.variations", {"_id": (str,)}, open_ended=True),
        }
        for index, variation in enumerate(given.get("variations", ({"value": True}, {"value": False})))
    ]
    boolean = all(isinstance(variation.get("value"), bool) for variation in variations)
    return {
        "name": _title(key),
        "kind": "boolean" if boolean else "multivariate",
        "description": "",
        "tags": [],
        "temporary": True,
        "archived": False,
        "creationDate": now,
        "_version": 1,
        **given,
        "key": key,
        "variations": variations,
        "environments": _flag_environments(project, given.get("environments", {}), f"{where}.environments", now),
    }


def _flag_environments(project: JsonObject, given: JsonObject, where: str, now: int) -> JsonObject:
    unknown = [key for key in given if key not in project["environments"]]
    if unknown:
        raise StateError(f"{where} has an environment {unknown[0]!r}, which the project does not have")
    fresh = {"on": False, "requireApproval": False, "version": 1, "lastModified": now}
    return {
        key: {**fresh, **checked(given.get(key, {}), f"{where}.{key}", _FLAG_ENVIRONMENT)}
        for key in project["environments"]
    }


def _pipeline(project: JsonObject, key: str, raw: Any, where: str, now: int) -> JsonObject:
    given = checked(raw, where, _PIPELINE)
    phases = [checked(phase, f"{where}.phases", _PHASE) for phase in given.get("phases", ())]
    return {
        "name": _title(key),
        "description": "",
        "tags": [],
        "isLegacy": False,
        "createdAt": now,
        "_version": 1,
        **given,
        "key": key,
        "phases": [
            {
                "id": phase.get("id", stable_id(project["key"], key, index)),
                "name": phase.get("name", f"Phase {index + 1}"),
                "audiences": [
                    _audience(project, audience, f"{where}.phases") for audience in phase.get("audiences", ())
                ],
            }
            for index, phase in enumerate(phases)
        ],
    }


def _audience(project: JsonObject, raw: Any, where: str) -> JsonObject:
    given = checked(raw, f"{where}.audiences", _AUDIENCE)
    if "environmentKey" not in given:
        raise StateError(f"an audience in {where} has no environmentKey")
    try:
        configuration = audience_configuration(given.get("configuration"))
    except ApiError as error:
        raise StateError(f"{where}: {error}") from error
    key = given["environmentKey"]
    name = project["environments"].get(key, {}).get("name", _title(key))
    return {"name": name, **given, "configuration": configuration}


def put_release(project: JsonObject, flag_key: str, fields: Any, now: int) -> JsonObject:
    """Set fields of a flag's release, null taking one away, and return it.

    A flag without one starts from the release that it would get on joining the pipeline. A phase that has an ``_id`` is
    taken exactly as it is; one without is laid over the pipeline's phase at its place.
    """
    where = f"projects.{project['key']}.releases.{flag_key}"
    given = checked(fields, where)
    named = {name: value for name, value in given.items() if value is not None}
    checked(named, where, _RELEASE, open_ended=True)
    fresh = _fresh_release(project, flag_key, named, now)
    kept = project["releases"].get(flag_key, fresh)
    release = {name: value for name, value in {**kept, **given}.items() if value is not None}
    legacy = project["pipelines"][fresh["releasePipelineKey"]]["isLegacy"]
    release["phases"] = [
        _release_phase(phase, index, fresh["phases"], legacy, f"{where}.phases")
        for index, phase in enumerate(release.get("phases") or fresh["phases"])
    ]
    project["releases"][flag_key] = release
    return release


def _fresh_release(project: JsonObject, flag_key: str, given: JsonObject, now: int) -> JsonObject:
    """Return the release that joining the pipeline would make, adding to the project what it lacks for it."""
    flag = project["flags"].setdefault(flag_key, _flag(project, flag_key, {}, flag_key, now))
    kept = project["releases"].get(flag_key, {})
    key = (
        given.get("releasePipelineKey", kept.get("releasePipelineKey", project["defaultReleasePipelineKey"]))
        or "standard"
    )
    if key not in project["pipelines"]:
        # A release that is written out in full needs no pipeline beside it.
        phases = [
            {"id": phase["_id"], "name": phase.get("_name", "")}
            for phase in given.get("phases", ())
            if isinstance(phase, dict) and "_id" in phase
        ]
        project["pipelines"][key] = _pipeline(project, key, {"phases": phases}, flag_key, now)
        project["defaultReleasePipelineKey"] = project["defaultReleasePipelineKey"] or key
    variation = next((item["_id"] for item in flag["variations"] if item.get("value") is True), None)
    return new_release(project["pipelines"][key], project, flag_key, variation, now)


def _release_phase(raw: Any, index: int, fresh: list[JsonObject], legacy: bool, where: str) -> JsonObject:
    given = checked(raw, where, _RELEASE_PHASE, open_ended=True)
    if "_id" in given:
        return given
    if index >= len(fresh):
        raise StateError(f"{where}: phase {index} has no _id, and the pipeline has no phase there")
    phase = {**fresh[index], **given}
    if not legacy and "status" in given:
        # Who writes a status by hand need not write what follows from it.
        phase["complete"] = given.get("complete", phase["status"] == COMPLETED)
        phase["started"] = given.get("started", phase["status"] not in (NOT_STARTED, READY_TO_START))
    return phase


def _title(key: str) -> str:
    return key.replace("-", " ").replace("_", " ").title()
