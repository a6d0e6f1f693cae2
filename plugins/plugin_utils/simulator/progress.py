# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What time does to a project: its releases move on, file requests for approval, and take their flags with them."""

from __future__ import annotations

import copy

from . import approvals, flags, rollouts
from .audit import note
from .documents import JsonObject, integer


def settle(project: JsonObject, now: int, completion: rollouts.Completion) -> None:
    """Bring a project to that time; its document changes only by assignment, as in the operations."""
    for flag_key, release in project["releases"].items():
        _file_requests(project, flag_key, release, now)
    _review(project, now)
    applied = {
        request["_id"]: _or(integer(request, "appliedDate"), now)
        for request in project["approvalRequests"]
        if request["status"] == approvals.COMPLETED
    }
    for flag_key, release in project["releases"].items():
        after = rollouts.settle(release, now, completion, applied)
        if after is release:
            continue
        project["releases"][flag_key] = after
        for environment_key, phase in rollouts.taken_effect(release, after):
            _turn_on(project, flag_key, environment_key, phase, now)
        for before, phase in zip(release["phases"], after["phases"]):
            _note_end(project, flag_key, before, phase, now)


def _file_requests(project: JsonObject, flag_key: str, release: JsonObject, now: int) -> None:
    """File the approval requests that the phases of a release await.

    Documented: an ordinary request on the flag in the audience's environment. Assumptions: there is one for each
    environment, whatever the number of audiences in it, and what it asks for is that the flag is turned on.
    """
    if release.get("_canceledAt") is not None:
        return
    for index, phase in enumerate(release["phases"]):
        date = _or(integer(phase, "_startedDate"), now) + round(project["approvalRequestDelay"] * 1000)
        missing = [key for key, request_id in rollouts.part(phase, "_awaits").items() if request_id is None]
        for environment_key in missing if date <= now else ():
            request = approvals.new_request(project, flag_key, environment_key, _asked(phase, environment_key), date)
            add_request(project, request, "release")
            release = copy.deepcopy(release)
            release["phases"][index]["_awaits"][environment_key] = request["_id"]
    project["releases"][flag_key] = release


def _asked(phase: JsonObject, environment_key: str) -> JsonObject:
    audiences = [item for item in rollouts.audiences_of(phase) if rollouts.environment_of(item) == environment_key]
    lists = [rollouts.part(audience, "configuration").get("notifyMemberIds") for audience in audiences]
    members = [member for found in lists if isinstance(found, list) for member in found if isinstance(member, str)]
    # Assumption: that the words name the phase. Teams are asked too, but of whom they consist is not known here.
    return {
        "description": f"Start phase {phase.get('_name')}",
        "notifyMemberIds": list(dict.fromkeys(members)),
    }


def _review(project: JsonObject, now: int) -> None:
    """Let the script of reviews do what is due."""
    reviewer = project["reviewer"]
    for request in project["approvalRequests"] if reviewer else ():
        for date, after in approvals.scripted(request, reviewer, now):
            put_request(project, after, date, "reviewer")


def add_request(project: JsonObject, request: JsonObject, by: str, comment: str | None = None) -> None:
    """Add a new approval request."""
    project["approvalRequests"] = [*project["approvalRequests"], request]
    _note_request(project, request, request["creationDate"], "createApprovalRequest", by, comment=comment)


def put_request(project: JsonObject, request: JsonObject, now: int, by: str, comment: str | None = None) -> None:
    """Put a request in the place of what it was before; one that was applied by this changes its flag."""
    before = next(item for item in project["approvalRequests"] if item["_id"] == request["_id"])
    project["approvalRequests"] = [request if item is before else item for item in project["approvalRequests"]]
    if len(request["allReviews"]) > len(before["allReviews"]):
        review = request["allReviews"][-1]
        details = {"comment": review.get("comment"), "review": review.get("kind")}
        _note_request(project, request, now, "reviewApprovalRequest", by, **details)
    if request["status"] == approvals.COMPLETED != before["status"]:
        _note_request(project, request, now, "applyApprovalRequest", by, comment=comment)
        _carry_out(project, request, now, by)


def _carry_out(project: JsonObject, request: JsonObject, now: int, by: str) -> None:
    flag_key, environment_key = request["flagKey"], request["environmentKey"]
    flag = project["flags"][flag_key]
    after = flags.patched(flag, environment_key, request["instructions"], now)
    if after is not flag:
        project["flags"][flag_key] = after
        details = {"environmentKey": environment_key, "instructions": request["instructions"]}
        note(project, now, flags.SWITCH, flag_key, by, **details)


def _note_request(project: JsonObject, request: JsonObject, now: int, action: str, by: str, **details: object) -> None:
    environment_key = request["environmentKey"]
    note(
        project,
        now,
        action,
        request["flagKey"],
        by,
        environmentKey=environment_key,
        requestId=request["_id"],
        **details,
    )


def _turn_on(project: JsonObject, flag_key: str, environment_key: str, phase: JsonObject, now: int) -> None:
    """Turn the flag's targeting on, as LaunchDarkly's documentation says of a phase that is started."""
    flag = project["flags"][flag_key]
    since = _or(integer(phase, "_startedDate"), now)
    after = flags.switched(flag, environment_key, True, since)
    if after is not flag:
        project["flags"][flag_key] = after
        details = {"environmentKey": environment_key, "phaseId": phase.get("_id")}
        note(project, since, flags.SWITCH, flag_key, "release", instructions=[{"kind": "turnFlagOn"}], **details)


def _note_end(project: JsonObject, flag_key: str, before: JsonObject, phase: JsonObject, now: int) -> None:
    """Note that a phase was completed or paused (assumption: that this is known as the same action as its start)."""
    word = phase.get("status")
    if word != before.get("status") and word in (rollouts.COMPLETED, rollouts.PAUSED):
        details = {"phaseId": phase.get("_id"), "status": word, "environmentKeys": rollouts.environments_of(phase)}
        ended = _or(integer(phase, "_completionDate"), _or(integer(before, "_completesAt"), now))
        note(project, ended, rollouts.UPDATE_STATUS, flag_key, "release", **details)


def _or(date: int | None, now: int) -> int:
    return now if date is None else date
