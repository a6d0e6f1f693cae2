# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The release of a flag in a pipeline, and its changes: pure transitions from one document to the next.

A release is kept as the document that LaunchDarkly serves, with a few more fields in its phases: see ``phases``.
"""

from __future__ import annotations

from ..core.behavior import Completion
from ..core.documents import JsonObject, copied, link, stable_id
from ..core.errors import invalid_request, not_found
from .phases import (
    ACTIVE,
    HIDDEN,
    NOT_STARTED,
    READY_TO_START,
    audiences_of,
    begin,
    mark_complete,
    next_version,
    plain,
)


def new_release(
    pipeline: JsonObject, project: JsonObject, flag_key: str, variation_id: str | None, now: int
) -> JsonObject:
    """Return the release of a flag that has just joined a pipeline: only its first phase is ready."""
    place = (project["key"], flag_key, pipeline["key"])
    phases = [_new_phase(phase, project, (*place, index), now) for index, phase in enumerate(pipeline["phases"])]
    if pipeline["isLegacy"]:
        phases = [_legacy_phase(phase) for phase in phases]
    elif phases:
        phases[0]["status"] = READY_TO_START
    flag = f"/api/v2/flags/{project['key']}/{flag_key}"
    release: JsonObject = {
        "_links": {"parent": link(flag), "self": link(f"{flag}/release")},
        "name": pipeline["name"],
        "releasePipelineKey": pipeline["key"],
        "releasePipelineDescription": pipeline["description"],
        "phases": phases,
        "_version": 0,
    }
    if variation_id is not None:
        release["_releaseVariationId"] = variation_id
    return release


def _new_phase(phase: JsonObject, project: JsonObject, place: tuple[object, ...], now: int) -> JsonObject:
    return {
        "_id": phase["id"],
        "_name": phase["name"],
        "complete": False,
        "_creationDate": now,
        "status": NOT_STARTED,
        "started": False,
        # Some captured documents show phases without audiences, probably trimmed by hand: the specification requires
        # audiences, and LaunchDarkly's own client refuses a phase without them.
        "_audiences": [
            {
                "_id": stable_id(*place, index),
                "_links": {},
                **audience_summary(audience, project["environments"]),
                "status": READY_TO_START,
            }
            for index, audience in enumerate(phase["audiences"])
        ],
    }


def _legacy_phase(phase: JsonObject) -> JsonObject:
    """Return the phase without a status, as in LaunchDarkly's older clients (assumption: legacy releases still omit it)."""
    kept = {name: value for name, value in phase.items() if name not in ("status", "started", "configuration")}
    kept["_audiences"] = [
        {name: value for name, value in audience.items() if name not in ("status", "configuration")}
        for audience in phase["_audiences"]
    ]
    return kept


def audience_summary(audience: JsonObject, environments: JsonObject) -> JsonObject:
    """Return the fields of an audience that releases and pipelines share, without a deleted environment."""
    summary: JsonObject = {"name": audience["name"], "configuration": copied(audience["configuration"])}
    key = audience["environmentKey"]
    if key in environments:
        environment = environments[key]
        summary["environment"] = {"_links": {}, "key": key, "name": environment["name"], "color": environment["color"]}
    if audience.get("segmentKeys"):
        summary["segmentKeys"] = list(audience["segmentKeys"])
    return summary


def served(release: JsonObject) -> JsonObject:
    """Return the release as the service shows it."""
    phases = [{name: value for name, value in phase.items() if name not in HIDDEN} for phase in release["phases"]]
    return {**release, "phases": phases}


def find_phase(release: JsonObject, phase_id: str) -> int:
    """Return the index of a phase by its id."""
    for index, phase in enumerate(release["phases"]):
        if phase.get("_id") == phase_id:
            return index
    raise not_found()


def start_phase(
    release: JsonObject, phase_id: str, audiences: list[JsonObject], now: int, completion: Completion
) -> JsonObject:
    """Return the release with the phase started."""
    if release.get("_canceledAt") is not None:
        # Assumption: the documentation does not mention canceled releases.
        raise invalid_request("The release was canceled.")
    after = copied(release)
    index = find_phase(after, phase_id)
    phase = after["phases"][index]
    word = plain(phase.get("status"))
    if word in ("active", "started"):
        # Assumption: LaunchDarkly's own provisioning code expects ReadyToStart "or Active", so a repeated start succeeds.
        return after
    if word != "readytostart":
        # LaunchDarkly's provisioning code looks for `Phase must have status` and `ReadyToStart`. The rest of the
        # sentence, the 400, and the same refusal for paused and completed phases are assumptions.
        raise invalid_request(
            f"Phase must have status `ReadyToStart` to be started. Its status is `{phase.get('status')}`."
        )
    if completion == "on_next":
        for earlier in after["phases"][:index]:
            if earlier.get("status") == ACTIVE:
                mark_complete(earlier, now)
    phase.update({"status": ACTIVE, "started": True, "_startedDate": now})
    _configure(phase, audiences)
    begin(phase, now)
    after["_version"] = next_version(after)
    return after


def _configure(phase: JsonObject, audiences: list[JsonObject]) -> None:
    """Apply the settings in the start request over the pipeline's; ids are not checked, as it seems upstream."""
    given = {audience.get("audienceId"): audience for audience in audiences}
    for audience in audiences_of(phase):
        extra = given.get(audience.get("_id"), {})
        configuration = audience.get("configuration")
        if not isinstance(configuration, dict):
            continue
        configuration.update({name: extra[name] for name in ("notifyMemberIds", "notifyTeamKeys") if name in extra})
        # Assumption: guarded settings for an audience without a guarded rollout are ignored.
        guardian = configuration.get("releaseGuardianConfiguration")
        if isinstance(guardian, dict):
            guardian.update(extra.get("releaseGuardianConfiguration") or {})


def in_progress(release: JsonObject) -> bool:
    """Say whether a release is neither complete nor canceled."""
    return release.get("_canceledAt") is None and not all(phase.get("complete") for phase in release["phases"])


def set_legacy_completion(
    release: JsonObject, index: int, complete: bool, completed_by: JsonObject, now: int
) -> JsonObject:
    """Return a legacy release with one phase marked as complete or incomplete."""
    after = copied(release)
    if not 0 <= index < len(after["phases"]):
        raise invalid_request(f"The release has no phase {index}.")
    phase = after["phases"][index]
    phase["complete"] = complete
    if complete:
        phase.update({"_completionDate": now, "_completedBy": completed_by})
    else:
        phase.pop("_completionDate", None)
        phase.pop("_completedBy", None)
    after["_version"] = next_version(after)
    return after
