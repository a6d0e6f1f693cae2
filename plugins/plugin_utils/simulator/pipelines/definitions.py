# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release pipelines: check, create, replace, show. Pure functions.

A pipeline is kept in the form in which it is created, its phases with ids.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

from ..core.body import as_object, boolean, check_texts, text
from ..core.documents import JsonObject, copied, is_kind, stable_id
from ..core.errors import ApiError, invalid_request
from .release import audience_summary

MAX_PIPELINES = 20
MAX_PHASES = 10

# Assumption: the rule that LaunchDarkly documents for the keys of its other resources.
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")

_GUARDIAN_TYPES: dict[str, type] = {
    "monitoringWindowMilliseconds": int,
    "rolloutWeight": int,
    "rollbackOnRegression": bool,
    "randomizationUnit": str,
}


def create(body: JsonObject, project: JsonObject, now: int) -> JsonObject:
    """Return a new pipeline from the body of a request."""
    key = text(body, "key")
    if not _KEY.match(key):
        raise invalid_request(f"Invalid key: {key!r}.")
    if key in project["pipelines"]:
        # Observed: 409. The code is an assumption; the specification's code for 409 is about concurrent changes.
        raise ApiError(409, f"A release pipeline with the key {key!r} already exists.", "conflict")
    if len(project["pipelines"]) >= MAX_PIPELINES:
        raise invalid_request(f"A project can have at most {MAX_PIPELINES} release pipelines.")
    place = (project["key"], key)
    return {
        "key": key,
        **_described(body),
        "isLegacy": boolean(body, "isLegacy"),
        "createdAt": now,
        "_version": 1,
        "phases": [{"id": stable_id(*place, index), **phase} for index, phase in enumerate(_phases(body, project))],
    }


def replace(pipeline: JsonObject, body: JsonObject, project: JsonObject, in_use: bool) -> JsonObject:
    """Return the pipeline with a new definition and the same key."""
    phases = _phases(body, project)
    if in_use and not _same_structure(pipeline["phases"], phases):
        # Documented: then only name, description, tags and phase names can change. That it is a 400 is an assumption.
        raise invalid_request(
            "Flags are in this release pipeline: only its name, description, tags and phase names can change."
        )
    # Assumption: a phase keeps the id of its position.
    ids = [phase["id"] for phase in pipeline["phases"]]
    ids += [stable_id(project["key"], pipeline["key"], index) for index in range(len(ids), len(phases))]
    return {
        **pipeline,
        **_described(body),
        "_version": pipeline["_version"] + 1,
        "phases": [{"id": phase_id, **phase} for phase_id, phase in zip(ids, phases)],
    }


def renamed(release: JsonObject, pipeline: JsonObject) -> JsonObject:
    """Return a release with the names of its pipeline (assumption: a release shows the current ones)."""
    names = {phase["id"]: phase["name"] for phase in pipeline["phases"]}
    phases = [{**phase, "_name": names.get(phase.get("_id"), phase.get("_name"))} for phase in release["phases"]]
    return {
        **release,
        "name": pipeline["name"],
        "releasePipelineDescription": pipeline["description"],
        "phases": phases,
    }


def served(pipeline: JsonObject, project: JsonObject) -> JsonObject:
    """Return the pipeline as the service shows it."""
    created = datetime.fromtimestamp(pipeline["createdAt"] / 1000, tz=timezone.utc)
    return {
        "createdAt": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "description": pipeline["description"],
        "key": pipeline["key"],
        "name": pipeline["name"],
        "phases": [
            {
                "id": phase["id"],
                "name": phase["name"],
                "audiences": [audience_summary(audience, project["environments"]) for audience in phase["audiences"]],
            }
            for phase in pipeline["phases"]
        ],
        "tags": list(pipeline["tags"]),
        "_version": pipeline["_version"],
        "isProjectDefault": project["defaultReleasePipelineKey"] == pipeline["key"],
        "_isLegacy": pipeline["isLegacy"],
    }


def matches(pipeline: JsonObject, filters: list[tuple[str, str]]) -> bool:
    """Say whether a pipeline passes every filter of a list request."""
    return all(_matches_one(pipeline, field, value) for field, value in filters)


def _matches_one(pipeline: JsonObject, field: str, value: str) -> bool:
    if field == "query":
        return any(value.lower() in pipeline[name].lower() for name in ("key", "name", "description"))
    return any(audience["environmentKey"] == value for phase in pipeline["phases"] for audience in phase["audiences"])


def parse_filter(given: str) -> list[tuple[str, str]]:
    """Read the filter of a list request: ``query:x`` and ``env:key``, separated by commas."""
    filters = []
    for part in filter(None, given.split(",")):
        field, colon, value = part.partition(":")
        if not colon or field not in ("query", "env"):
            raise invalid_request(f"Invalid filter: {part!r}.")
        filters.append((field, value))
    return filters


def _described(body: JsonObject) -> JsonObject:
    tags = body.get("tags") or []
    check_texts(tags, "tags")
    description = body.get("description") or ""
    if not isinstance(description, str):
        raise invalid_request("description must be a string.")
    return {"name": text(body, "name"), "description": description, "tags": list(tags)}


def _phases(body: JsonObject, project: JsonObject) -> list[JsonObject]:
    phases = body.get("phases")
    # Documented: at most ten. That an empty list is refused is an assumption.
    if not isinstance(phases, list) or not 1 <= len(phases) <= MAX_PHASES:
        raise invalid_request(f"phases must be a list of one to {MAX_PHASES} phases.")
    return [_phase(as_object(phase, "a phase"), project) for phase in phases]


def _phase(phase: JsonObject, project: JsonObject) -> JsonObject:
    audiences = phase.get("audiences")
    if not isinstance(audiences, list):
        raise invalid_request("audiences must be a list.")
    return {
        "name": text(phase, "name"),
        "audiences": [_audience(as_object(audience, "an audience"), project) for audience in audiences],
    }


def _audience(audience: JsonObject, project: JsonObject) -> JsonObject:
    environment_key = text(audience, "environmentKey")
    if environment_key not in project["environments"]:
        # Assumption: 400, since the key is in the body.
        raise invalid_request(f"Unknown environment: {environment_key!r}.")
    kept: JsonObject = {
        "environmentKey": environment_key,
        "name": text(audience, "name"),
        "configuration": audience_configuration(audience.get("configuration")),
    }
    segment_keys = audience.get("segmentKeys") or []
    check_texts(segment_keys, "segmentKeys")
    if segment_keys:
        kept["segmentKeys"] = segment_keys
    return kept


def audience_configuration(given: Any) -> JsonObject:
    """Return an audience's configuration; the default is the empty strategy seen in captured documents."""
    configuration = {"releaseStrategy": "", "requireApproval": False, **as_object(given or {}, "configuration")}
    if not isinstance(configuration["releaseStrategy"], str) or not isinstance(configuration["requireApproval"], bool):
        raise invalid_request("releaseStrategy must be a string and requireApproval a boolean.")
    for name in ("notifyMemberIds", "notifyTeamKeys"):
        check_texts(configuration.get(name, []), name)
    guardian = configuration.get("releaseGuardianConfiguration")
    if guardian is not None:
        check_guardian(guardian)
        missing = [name for name in _GUARDIAN_TYPES if name != "randomizationUnit" and name not in guardian]
        if missing:
            raise invalid_request(f"releaseGuardianConfiguration needs {', '.join(missing)}.")
    return copied(configuration)


def check_guardian(given: Any) -> None:
    """Refuse guarded settings of the wrong type. Their ranges are not documented, so they are not checked."""
    for name, value in as_object(given, "releaseGuardianConfiguration").items():
        if not is_kind(value, _GUARDIAN_TYPES.get(name, type(value))):
            raise invalid_request(f"releaseGuardianConfiguration.{name} has the wrong type.")


def _same_structure(before: list[JsonObject], after: list[JsonObject]) -> bool:
    return [phase["audiences"] for phase in before] == [phase["audiences"] for phase in after]
