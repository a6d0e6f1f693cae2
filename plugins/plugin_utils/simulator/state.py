# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's state: projects with their environments, flags, release pipelines and releases.

What a person writes by hand may leave out nearly everything; ``load`` fills it in, always with the same ids. What it
returns is in the same format, complete, so that a state can be read, changed and given back.
"""

from __future__ import annotations

from typing import Any

from .documents import JsonObject, stable_id
from .errors import ApiError
from .pipelines import audience_configuration
from .releases import COMPLETED, NOT_STARTED, READY_TO_START, new_release

_COLORS = ("417505", "f5a623", "7b42bc", "00da7b")


class StateError(ValueError):
    """A state that cannot be read; the message says where."""


def load(raw: Any, now: int) -> JsonObject:
    """Return a complete state from what somebody wrote."""
    document = _object(raw, "the state", ("projects",))
    try:
        return {"projects": {key: _project(key, project, now) for key, project in _mapping(document, "projects", "projects").items()}}
    except ApiError as error:
        raise StateError(str(error)) from error


def _project(key: str, raw: Any, now: int) -> JsonObject:
    where = f"projects.{key}"
    allowed = ("key", "name", "defaultReleasePipelineKey", "environments", "flags", "pipelines", "releases")
    given = _object(raw, where, allowed)
    pipelines = _mapping(given, "pipelines", where)
    environments = given.get("environments")
    if environments is None:
        environments = {name: {} for name in _environments_of(pipelines, where)}
    project: JsonObject = {
        "key": key,
        "name": given.get("name", _title(key)),
        "defaultReleasePipelineKey": given.get("defaultReleasePipelineKey", next(iter(pipelines), None)),
        "environments": {
            name: _environment(name, index, environment, where)
            for index, (name, environment) in enumerate(_object(environments, f"{where}.environments").items())
        },
        "flags": {},
        "pipelines": {},
        "releases": {},
    }
    for name, flag in _mapping(given, "flags", where).items():
        project["flags"][name] = _flag(key, name, flag, f"{where}.flags.{name}")
    for name, pipeline in pipelines.items():
        project["pipelines"][name] = _pipeline(project, name, pipeline, f"{where}.pipelines.{name}", now)
    for name, release in _mapping(given, "releases", where).items():
        put_release(project, name, release, now)
    return project


def _environments_of(pipelines: JsonObject, where: str) -> list[str]:
    """Return the environments that the pipelines name, each once, in order."""
    names = {}
    for key, pipeline in pipelines.items():
        for phase in _list(_object(pipeline, f"{where}.pipelines.{key}"), "phases", where):
            for audience in _list(_object(phase, f"{where}.pipelines.{key}.phases"), "audiences", where):
                names[_object(audience, f"{where}.pipelines.{key}.phases.audiences").get("environmentKey", "")] = True
    return list(names)


def _environment(key: str, index: int, raw: Any, where: str) -> JsonObject:
    given = _object(raw, f"{where}.environments.{key}", ("key", "name", "color"))
    return {"key": key, "name": _title(key), "color": _COLORS[index % len(_COLORS)], **given}


def _flag(project_key: str, key: str, raw: Any, where: str) -> JsonObject:
    given = _object(raw, where, ("key", "name", "kind", "archived", "variations"))
    variations = [
        {"_id": stable_id(project_key, "flags", key, index), **_object(variation, f"{where}.variations")}
        for index, variation in enumerate(given.get("variations", ({"value": True}, {"value": False})))
    ]
    boolean = all(isinstance(variation.get("value"), bool) for variation in variations)
    kind = given.get("kind", "boolean" if boolean else "multivariate")
    return {"key": key, "name": given.get("name", _title(key)), "kind": kind, "archived": bool(given.get("archived")), "variations": variations}


def _pipeline(project: JsonObject, key: str, raw: Any, where: str, now: int) -> JsonObject:
    allowed = ("key", "name", "description", "tags", "isLegacy", "createdAt", "_version", "phases")
    given = _object(raw, where, allowed)
    phases = [_object(phase, f"{where}.phases", ("id", "name", "audiences")) for phase in _list(given, "phases", where)]
    return {
        "key": key,
        "name": given.get("name", _title(key)),
        "description": given.get("description", ""),
        "tags": given.get("tags", []),
        "isLegacy": bool(given.get("isLegacy")),
        "createdAt": given.get("createdAt", now),
        "_version": given.get("_version", 1),
        "phases": [
            {
                "id": phase.get("id", stable_id(project["key"], key, index)),
                "name": phase.get("name", f"Phase {index + 1}"),
                "audiences": [_audience(project, audience, f"{where}.phases.audiences") for audience in _list(phase, "audiences", where)],
            }
            for index, phase in enumerate(phases)
        ],
    }


def _audience(project: JsonObject, raw: Any, where: str) -> JsonObject:
    given = _object(raw, where, ("environmentKey", "name", "segmentKeys", "configuration"))
    key = given.get("environmentKey", "")
    name = project["environments"].get(key, {}).get("name", _title(key))
    return {"name": name, **given, "environmentKey": key, "configuration": audience_configuration(given.get("configuration"))}


def put_release(project: JsonObject, flag_key: str, raw: Any, now: int) -> JsonObject:
    """Set a flag's release from a whole or partial document, and return it.

    What is left out comes from the release that a flag would get on joining the pipeline. A phase that has an ``_id``
    is taken exactly as it is; one without is laid over the pipeline's phase at its place.
    """
    given = _object(raw, f"projects.{project['key']}.releases.{flag_key}")
    flag = project["flags"].setdefault(flag_key, _flag(project["key"], flag_key, {}, flag_key))
    key = given.get("releasePipelineKey", project["defaultReleasePipelineKey"])
    if key not in project["pipelines"]:
        # A release written out in full needs no pipeline to be served.
        project["pipelines"][key or "standard"] = _pipeline(project, key or "standard", _pipeline_of(given), flag_key, now)
        key = key or "standard"
        project["defaultReleasePipelineKey"] = project["defaultReleasePipelineKey"] or key
    variation = next((item["_id"] for item in flag["variations"] if item.get("value") is True), None)
    fresh = new_release(project["pipelines"][key], project, flag_key, variation, now)
    release = {name: value for name, value in {**fresh, **given}.items() if value is not None}
    release["phases"] = [
        _release_phase(phase, index, fresh["phases"], project["pipelines"][key]["isLegacy"])
        for index, phase in enumerate(_list(release, "phases", flag_key))
    ]
    project["releases"][flag_key] = release
    return release


def _pipeline_of(release: JsonObject) -> JsonObject:
    """Return a pipeline in which a release could have come about."""
    pipeline = {"phases": [{"id": phase["_id"], "name": phase.get("_name", "")} for phase in release.get("phases", []) if "_id" in phase]}
    return {**pipeline, **({"name": release["name"]} if "name" in release else {})}


def _release_phase(raw: Any, index: int, fresh: list[JsonObject], legacy: bool) -> JsonObject:
    given = _object(raw, "phases")
    if "_id" in given:
        return given
    if index >= len(fresh):
        raise StateError(f"phase {index} has no _id, and the pipeline has no phase there")
    phase = {**fresh[index], **given}
    if legacy or "status" not in given:
        return phase
    # Who writes a status by hand need not write what follows from it, nor unwrite what the first phase starts with.
    phase["complete"] = given.get("complete", phase["status"] == COMPLETED)
    phase["started"] = given.get("started", phase["status"] not in (NOT_STARTED, READY_TO_START))
    return phase


def _title(key: str) -> str:
    return key.replace("-", " ").replace("_", " ").title()


def _object(value: Any, where: str, allowed: tuple[str, ...] | None = None) -> JsonObject:
    if not isinstance(value, dict):
        raise StateError(f"{where} must be an object")
    unknown = [name for name in value if allowed is not None and name not in allowed]
    if unknown:
        raise StateError(f"{where} has unknown fields: {', '.join(unknown)} (known: {', '.join(allowed or ())})")
    return value


def _mapping(parent: JsonObject, name: str, where: str) -> JsonObject:
    return _object(parent.get(name) or {}, f"{where}.{name}")


def _list(parent: JsonObject, name: str, where: str) -> list[Any]:
    value = parent.get(name) or []
    if not isinstance(value, list):
        raise StateError(f"{name} in {where} must be a list")
    return value
