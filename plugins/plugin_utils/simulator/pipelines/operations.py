# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on releases and release pipelines: each takes a project and a call, and returns the answer.

A project's document changes only by assigning the result of a pure transition, so a refusal changes nothing.
"""

from __future__ import annotations

import re

from ..audit.log import note
from ..core.body import as_object, check_texts
from ..core.documents import JsonObject, is_kind
from ..core.errors import ApiError, invalid_request, not_found
from ..http.call import Call, body_of, flag_of, page, page_links
from . import definitions, progressions
from . import release as releases
from .phases import ACTIVE, UPDATE_STATUS, environments_of

# An observed message; its HTTP status is an assumption.
_ONLY_ACTIVE = "Phase status can only be manually updated to `Active`."

_COMPLETE_PATH = re.compile(r"/phases/(\d+)/complete\Z")


def get_release(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show a flag's release, even if it was canceled (assumption)."""
    return 200, releases.served(_release(project, call))


def create_release(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Put a flag into a release pipeline.

    Assumption: a flag that is already in a pipeline, this one or another, starts again from its first phase.
    """
    flag_key, flag = flag_of(project, call)
    body = body_of(call)
    key, variation_id = body.get("releasePipelineKey"), body.get("releaseVariationId")
    if not isinstance(key, str):
        raise invalid_request("releasePipelineKey is required and must be a string.")
    if key not in project["pipelines"]:
        # Assumption: 404, as for a pipeline in the path.
        raise not_found("Unknown release pipeline.")
    if flag["kind"] != "boolean" or flag["archived"]:
        # Documented: boolean flags only. The 400, and the refusal of archived flags, are assumptions.
        raise invalid_request("Only boolean flags that are not archived can be added to a release pipeline.")
    if variation_id is None:
        # Observed: the true variation.
        variation_id = next((item["_id"] for item in flag["variations"] if item.get("value") is True), None)
    elif variation_id not in [item["_id"] for item in flag["variations"]]:
        raise invalid_request("releaseVariationId is not a variation of the flag.")
    release = releases.new_release(project["pipelines"][key], project, flag_key, variation_id, call.now)
    action = "replaceReleasePipeline" if flag_key in project["releases"] else "addReleasePipeline"
    project["releases"][flag_key] = release
    note(project, call.now, action, flag_key, "token")
    # Observed: the description is empty in this answer, and complete in the next one.
    return 200, {**releases.served(release), "releasePipelineDescription": ""}


def delete_release(project: JsonObject, call: Call) -> tuple[int, None]:
    """Remove a flag from its release pipeline."""
    _release(project, call)
    del project["releases"][call.params["flagKey"]]
    note(project, call.now, "removeReleasePipeline", call.params["flagKey"], "token")
    return 204, None


def update_phase_status(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Start a phase: the only change that the API allows."""
    release = _release(project, call)
    if _is_legacy(project, release):
        # Assumption: 400.
        raise invalid_request("Phases of a legacy release pipeline have no status to update.")
    releases.find_phase(release, call.params["phaseId"])
    body = body_of(call)
    audiences = _audiences(body)
    if body.get("status") != "active":
        # Observed for a completion; assumed for every other word, those of the specification's enum included.
        raise invalid_request(_ONLY_ACTIVE)
    flag_key, phase_id = call.params["flagKey"], call.params["phaseId"]
    started = releases.start_phase(release, phase_id, audiences, call.now, call.completion)
    if started != release:
        project["releases"][flag_key] = started
        environments = environments_of(started["phases"][releases.find_phase(started, phase_id)])
        details = {"phaseId": phase_id, "status": ACTIVE, "environmentKeys": environments}
        note(project, call.now, UPDATE_STATUS, flag_key, "token", **details)
    return 200, releases.served(started)


def patch_release(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Mark phases of a legacy release complete or incomplete, by JSON Patch, completely or not at all."""
    release = _release(project, call)
    if not _is_legacy(project, release):
        # Documented: only for legacy pipelines. The 400 is an assumption.
        raise invalid_request("This operation is only available for releases of a legacy release pipeline.")
    if not isinstance(call.body, list) or not call.body:
        raise invalid_request("The body must be a JSON patch.")
    for operation in call.body:
        path = _COMPLETE_PATH.match(str(as_object(operation).get("path")))
        value = operation.get("value")
        if operation.get("op") not in ("add", "replace") or path is None or not isinstance(value, bool):
            raise invalid_request("A patch can only replace /phases/{index}/complete by true or false.")
        release = releases.set_legacy_completion(release, int(path[1]), value, call.completed_by, call.now)
    project["releases"][call.params["flagKey"]] = release
    return 200, releases.served(release)


def list_pipelines(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List a project's release pipelines."""
    filters = definitions.parse_filter(call.query.get("filter", ""))
    found = [pipeline for pipeline in project["pipelines"].values() if definitions.matches(pipeline, filters)]
    start, end = page(call)
    # Assumption: the total counts the filtered items, as a client needs it to read all pages.
    return 200, {
        "items": [definitions.served(pipeline, project) for pipeline in found[start:end]],
        "totalCount": len(found),
    }


def create_pipeline(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Create a release pipeline; the first one of a project becomes its default."""
    body = body_of(call)
    pipeline = definitions.create(body, project, call.now)
    if body.get("isProjectDefault") is True or not project["pipelines"]:
        project["defaultReleasePipelineKey"] = pipeline["key"]
    project["pipelines"][pipeline["key"]] = pipeline
    return 201, definitions.served(pipeline, project)


def get_pipeline(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show a release pipeline."""
    return 200, definitions.served(_pipeline(project, call), project)


def replace_pipeline(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Replace the definition of a release pipeline."""
    pipeline = _pipeline(project, call)
    inside = _releases_in(project, pipeline)
    after = definitions.replace(pipeline, body_of(call), project, bool(inside))
    project["pipelines"][pipeline["key"]] = after
    project["releases"].update({flag_key: definitions.renamed(release, after) for flag_key, release in inside.items()})
    return 200, definitions.served(after, project)


def delete_pipeline(project: JsonObject, call: Call) -> tuple[int, None]:
    """Delete a release pipeline that is not the project's default."""
    pipeline = _pipeline(project, call)
    if project["defaultReleasePipelineKey"] == pipeline["key"]:
        # Documented: not possible. Of the documented errors 403 fits best (assumption).
        raise ApiError(403, "The default release pipeline of a project cannot be deleted.")
    inside = _releases_in(project, pipeline)
    if any(releases.in_progress(release) for release in inside.values()):
        # Documented: only a pipeline without active releases can be deleted. The 403 is an assumption.
        raise ApiError(403, "A release pipeline with active releases cannot be deleted.")
    # Assumption: its completed releases are deleted with it.
    for flag_key in inside:
        del project["releases"][flag_key]
    del project["pipelines"][pipeline["key"]]
    return 204, None


def list_progressions(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the progressions of a pipeline, without canceled releases (assumption)."""
    pipeline = _pipeline(project, call)
    wanted = progressions.parse_filter(call.query.get("filter", ""))
    current = {key: item for key, item in _releases_in(project, pipeline).items() if item.get("_canceledAt") is None}
    items = [progressions.progression(project["key"], key, release) for key, release in current.items()]
    counts, found = progressions.collection(pipeline, items, wanted)
    start, end = page(call)
    base = f"/api/v2/projects/{project['key']}/release-pipelines/{pipeline['key']}/releases"
    return 200, {**counts, "items": found[start:end], "_links": page_links(base, call, len(found))}


def _audiences(body: JsonObject) -> list[JsonObject]:
    audiences = body.get("audiences") or []
    if not isinstance(audiences, list) or not all(isinstance(item, dict) for item in audiences):
        raise invalid_request("audiences must be a list of objects.")
    for audience in audiences:
        if not is_kind(audience.get("audienceId"), str, type(None)):
            raise invalid_request("audienceId must be a string.")
        for name in ("notifyMemberIds", "notifyTeamKeys"):
            check_texts(audience.get(name) or [], name)
        definitions.check_guardian(audience.get("releaseGuardianConfiguration") or {})
    return audiences


def _release(project: JsonObject, call: Call) -> JsonObject:
    key, _unused = flag_of(project, call)
    if key not in project["releases"]:
        raise not_found()
    release: JsonObject = project["releases"][key]
    return release


def _pipeline(project: JsonObject, call: Call) -> JsonObject:
    key = call.params["pipelineKey"]
    if key not in project["pipelines"]:
        raise not_found()
    pipeline: JsonObject = project["pipelines"][key]
    return pipeline


def _releases_in(project: JsonObject, pipeline: JsonObject) -> dict[str, JsonObject]:
    return {key: item for key, item in project["releases"].items() if item.get("releasePipelineKey") == pipeline["key"]}


def _is_legacy(project: JsonObject, release: JsonObject) -> bool:
    return bool(project["pipelines"].get(release.get("releasePipelineKey"), {}).get("isLegacy"))
