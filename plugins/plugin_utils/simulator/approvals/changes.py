# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a project's approval requests, with their entries in the audit log and their effect on the flag."""

from __future__ import annotations

from ..audit.log import note
from ..core.documents import JsonObject
from ..targeting.change import change_flag
from ..targeting.checks import fails
from . import requests, review_script


def add_request(project: JsonObject, request: JsonObject, by: str, comment: str | None = None) -> None:
    """Add a new approval request."""
    project["approvalRequests"] = [*project["approvalRequests"], request]
    _note(project, request, request["creationDate"], "createApprovalRequest", by, comment=comment)


def put_request(project: JsonObject, request: JsonObject, now: int, by: str, comment: str | None = None) -> JsonObject:
    """Replace a request by its new version, and return it; if it was applied by this, carry out its instructions."""
    before = next(item for item in project["approvalRequests"] if item["_id"] == request["_id"])
    project["approvalRequests"] = [request if item is before else item for item in project["approvalRequests"]]
    if len(request["allReviews"]) > len(before["allReviews"]):
        review = request["allReviews"][-1]
        details = {"comment": review.get("comment"), "review": review.get("kind")}
        _note(project, request, now, "reviewApprovalRequest", by, **details)
    if request["status"] == requests.COMPLETED != before["status"]:
        return _apply(project, request, now, by, comment)
    return request


def run_script(project: JsonObject, now: int) -> None:
    """Let the review script do what is due."""
    script = project["reviewer"]
    for request in project["approvalRequests"] if script else ():
        for date, after in review_script.steps(project, request, script, now):
            put_request(project, after, date, "reviewer")


def _apply(project: JsonObject, request: JsonObject, now: int, by: str, comment: str | None) -> JsonObject:
    """Carry out the instructions of a request, and return it. Assumption: if they cannot be applied, the request fails."""
    place = (request["flagKey"], request["environmentKey"])
    reason = fails(project, project["flags"][place[0]], request, now)
    if reason:
        conflicts = [{"instruction": item, "reason": reason} for item in request["instructions"]]
        failed = {**request, "status": requests.FAILED, "conflicts": conflicts}
        others = project["approvalRequests"]
        project["approvalRequests"] = [failed if item is request else item for item in others]
        return failed
    _note(project, request, now, "applyApprovalRequest", by, comment=comment)
    change_flag(project, place, request["instructions"], now, by)
    return request


def _note(project: JsonObject, request: JsonObject, now: int, action: str, by: str, **details: object) -> None:
    place = {"environmentKey": request["environmentKey"], "requestId": request["_id"]}
    note(project, now, action, request["flagKey"], by, **place, **details)
