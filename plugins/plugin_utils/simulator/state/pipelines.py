# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads release pipelines and releases from a state."""

from __future__ import annotations

from typing import Any

from ..core.documents import JsonObject, stable_id
from ..core.errors import ApiError
from ..core.fields import Fields, StateError, checked
from ..pipelines.definitions import audience_configuration
from ..pipelines.phases import COMPLETED, NOT_STARTED, READY_TO_START
from ..pipelines.release import new_release
from .flags import load_flag
from .titles import title

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


def load_pipeline(project: JsonObject, key: str, raw: Any, where: str, now: int) -> JsonObject:
    """Return a complete pipeline."""
    given = checked(raw, where, _PIPELINE)
    phases = [checked(phase, f"{where}.phases", _PHASE) for phase in given.get("phases", ())]
    return {
        "name": title(key),
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
    name = project["environments"].get(key, {}).get("name", title(key))
    return {"name": name, **given, "configuration": configuration}


def put_release(project: JsonObject, flag_key: str, fields: Any, now: int) -> JsonObject:
    """Set fields of a flag's release, null removing a field, and return it.

    A flag without a release gets the one of a flag that has just joined the pipeline. A phase with an ``_id`` is kept as
    it is; one without is merged into the pipeline's phase at the same index.
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
    """Return the release of a flag that has just joined the pipeline; add missing flag and pipeline to the project."""
    flag = project["flags"].setdefault(flag_key, load_flag(project, flag_key, {}, flag_key, now))
    kept = project["releases"].get(flag_key, {})
    key = (
        given.get("releasePipelineKey", kept.get("releasePipelineKey", project["defaultReleasePipelineKey"]))
        or "standard"
    )
    if key not in project["pipelines"]:
        # A release with complete phases needs no pipeline in the state.
        phases = [
            {"id": phase["_id"], "name": phase.get("_name", "")}
            for phase in given.get("phases", ())
            if isinstance(phase, dict) and "_id" in phase
        ]
        project["pipelines"][key] = load_pipeline(project, key, {"phases": phases}, flag_key, now)
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
        # The fields that follow from the status may be omitted.
        phase["complete"] = given.get("complete", phase["status"] == COMPLETED)
        phase["started"] = given.get("started", phase["status"] not in (NOT_STARTED, READY_TO_START))
    return phase
