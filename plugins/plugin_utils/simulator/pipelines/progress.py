# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The releases of a project as time passes: they create approval requests, roll out, and turn their flags on."""

from __future__ import annotations

from ..approvals import changes, requests
from ..audit.log import note
from ..core.behavior import Completion
from ..core.documents import JsonObject, copied, integer
from ..targeting.change import change_flag
from . import phases


def settle(project: JsonObject, now: int, completion: Completion) -> None:
    """Bring the releases of a project to that time; documents change by assignment only, as in the operations."""
    for flag_key, release in project["releases"].items():
        _create_requests(project, flag_key, release, now)
    changes.run_script(project, now)
    applied = {
        request["_id"]: _or(integer(request, "appliedDate"), now)
        for request in project["approvalRequests"]
        if request["status"] == requests.COMPLETED
    }
    for flag_key, release in project["releases"].items():
        after = phases.settle(release, now, completion, applied)
        if after is release:
            continue
        project["releases"][flag_key] = after
        for environment_key, phase in phases.taken_effect(release, after):
            _turn_on(project, flag_key, environment_key, phase, now)
        for before, phase in zip(release["phases"], after["phases"]):
            _note_end(project, flag_key, before, phase, now)


def _create_requests(project: JsonObject, flag_key: str, release: JsonObject, now: int) -> None:
    """Create the approval requests that the phases of a release need.

    Documented: an ordinary request on the flag in the audience's environment. Assumptions: each environment gets one
    request, whatever the number of its audiences, and the request asks to turn the flag on.
    """
    if release.get("_canceledAt") is not None:
        return
    for index, phase in enumerate(release["phases"]):
        date = _or(integer(phase, "_startedDate"), now) + round(project["approvalRequestDelay"] * 1000)
        missing = [key for key, request_id in phases.part(phase, "_awaits").items() if request_id is None]
        for environment_key in missing if date <= now else ():
            request = requests.new_request(project, flag_key, environment_key, _fields(phase, environment_key), date)
            changes.add_request(project, request, "release")
            release = copied(release)
            release["phases"][index]["_awaits"][environment_key] = request["_id"]
    project["releases"][flag_key] = release


def _fields(phase: JsonObject, environment_key: str) -> JsonObject:
    audiences = [item for item in phases.audiences_of(phase) if phases.environment_of(item) == environment_key]
    lists = [phases.part(audience, "configuration").get("notifyMemberIds") for audience in audiences]
    members = [member for found in lists if isinstance(found, list) for member in found if isinstance(member, str)]
    # Assumption: the description names the phase. Teams are notified, too, but their members are not known here.
    return {
        "description": f"Start phase {phase.get('_name')}",
        "notifyMemberIds": list(dict.fromkeys(members)),
    }


def _turn_on(project: JsonObject, flag_key: str, environment_key: str, phase: JsonObject, now: int) -> None:
    """Turn the flag on, as LaunchDarkly's documentation says of a started phase."""
    since = _or(integer(phase, "_startedDate"), now)
    place = (flag_key, environment_key)
    if environment_key in project["flags"][flag_key]["environments"]:
        change_flag(project, place, [{"kind": "turnFlagOn"}], since, "release", phaseId=phase.get("_id"))


def _note_end(project: JsonObject, flag_key: str, before: JsonObject, phase: JsonObject, now: int) -> None:
    """Log that a phase completed or paused (assumption: with the same action as its start)."""
    word = phase.get("status")
    if word != before.get("status") and word in (phases.COMPLETED, phases.PAUSED):
        details = {"phaseId": phase.get("_id"), "status": word, "environmentKeys": phases.environments_of(phase)}
        ended = _or(integer(phase, "_completionDate"), _or(integer(before, "_completesAt"), now))
        note(project, ended, phases.UPDATE_STATUS, flag_key, "release", **details)


def _or(date: int | None, now: int) -> int:
    return now if date is None else date
