# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a project's approval requests, with their entries in the audit log and their effect on the flag."""

from __future__ import annotations

from ..audit.log import note
from ..core.documents import JsonObject
from ..flags import instructions
from . import requests, review_script


def add_request(project: JsonObject, request: JsonObject, by: str, comment: str | None = None) -> None:
    """Add a new approval request."""
    project["approvalRequests"] = [*project["approvalRequests"], request]
    _note(project, request, request["creationDate"], "createApprovalRequest", by, comment=comment)


def put_request(project: JsonObject, request: JsonObject, now: int, by: str, comment: str | None = None) -> None:
    """Replace a request by its new version; if it was applied by this, carry out its instructions."""
    before = next(item for item in project["approvalRequests"] if item["_id"] == request["_id"])
    project["approvalRequests"] = [request if item is before else item for item in project["approvalRequests"]]
    if len(request["allReviews"]) > len(before["allReviews"]):
        review = request["allReviews"][-1]
        details = {"comment": review.get("comment"), "review": review.get("kind")}
        _note(project, request, now, "reviewApprovalRequest", by, **details)
    if request["status"] == requests.COMPLETED != before["status"]:
        _note(project, request, now, "applyApprovalRequest", by, comment=comment)
        _carry_out(project, request, now, by)


def run_script(project: JsonObject, now: int) -> None:
    """Let the review script do what is due."""
    script = project["reviewer"]
    for request in project["approvalRequests"] if script else ():
        for date, after in review_script.steps(request, script, now):
            put_request(project, after, date, "reviewer")


def _carry_out(project: JsonObject, request: JsonObject, now: int, by: str) -> None:
    flag_key, environment_key = request["flagKey"], request["environmentKey"]
    flag = project["flags"][flag_key]
    after = instructions.patched(flag, environment_key, request["instructions"], now)
    if after is not flag:
        project["flags"][flag_key] = after
        details = {"environmentKey": environment_key, "instructions": request["instructions"]}
        note(project, now, instructions.SWITCH, flag_key, by, **details)


def _note(project: JsonObject, request: JsonObject, now: int, action: str, by: str, **details: object) -> None:
    place = {"environmentKey": request["environmentKey"], "requestId": request["_id"]}
    note(project, now, action, request["flagKey"], by, **place, **details)
