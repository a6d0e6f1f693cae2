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
from ..core.documents import JsonObject
from ..core.fields import Fields, checked
from . import approvals
from .flags import load_flag
from .pipelines import load_pipeline, put_release
from .titles import title

_COLORS = ("417505", "f5a623", "7b42bc", "00da7b")

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


def load(raw: Any, now: int) -> JsonObject:
    """Return a complete state."""
    projects = checked(raw, "the state", {"projects": (dict,)}).get("projects", {})
    return {"projects": {key: _project(key, project, now) for key, project in projects.items()}}


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
            name: _environment(name, index, environment, f"{where}.environments.{name}")
            for index, (name, environment) in enumerate(given.get("environments", {}).items())
        },
        "flags": {},
        "pipelines": {},
        "releases": {},
        "approvalRequests": [],
        "approvalRequestDelay": given.get("approvalRequestDelay", 0),
        "reviewer": approvals.reviewer(given.get("reviewer", {}), f"{where}.reviewer", now),
        "audit": log.loaded([checked(entry, f"{where}.audit") for entry in given.get("audit", ())]),
    }
    for name, pipeline in pipelines.items():
        project["pipelines"][name] = load_pipeline(project, name, pipeline, f"{where}.pipelines.{name}", now)
    if "environments" not in given:
        _add_environments(project, given.get("flags", {}))
    for name, flag in given.get("flags", {}).items():
        project["flags"][name] = load_flag(project, name, flag, f"{where}.flags.{name}", now)
    for name, release in given.get("releases", {}).items():
        put_release(project, name, release, now)
    for request in given.get("approvalRequests", ()):
        made = approvals.request(project, request, f"{where}.approvalRequests", now)
        project["approvalRequests"].append(made)
    return project


def _add_environments(project: JsonObject, flags: JsonObject) -> None:
    """Add the environments that pipelines and flags name, if the project lists none."""
    phases = [phase for pipeline in project["pipelines"].values() for phase in pipeline["phases"]]
    keys = [audience["environmentKey"] for phase in phases for audience in phase["audiences"]]
    for flag in flags.values():
        found = flag.get("environments") if isinstance(flag, dict) else None
        keys += found if isinstance(found, dict) else []
    for key in dict.fromkeys(keys):
        project["environments"][key] = _environment(key, len(project["environments"]), {}, key)


def _environment(key: str, index: int, raw: Any, where: str) -> JsonObject:
    given = checked(raw, where, _ENVIRONMENT)
    return {"name": title(key), "color": _COLORS[index % len(_COLORS)], **given, "key": key}
