# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Approval requests of flags: create, review, apply, show. Pure transitions.

A request is kept as the document that LaunchDarkly serves, plus the keys of its flag and environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.body import optional_text
from ..core.documents import JsonObject, is_kind, link, object_id
from ..core.errors import invalid_request
from ..core.identities import REQUESTOR

# The specification's words.
PENDING, APPROVED, DECLINED = "pending", "approved", "declined"
COMPLETED, FAILED = "completed", "failed"
VERDICTS = {"approve": APPROVED, "decline": DECLINED}
KINDS = (*VERDICTS, "comment")

# The fields that are kept in addition to the document.
PLACE = ("flagKey", "environmentKey")


def new_request(project: JsonObject, flag_key: str, environment_key: str, fields: JsonObject, now: int) -> JsonObject:
    """Return a new request, without reviews."""
    number = len(project["approvalRequests"])
    taken = {request["_id"] for request in project["approvalRequests"]}
    place = (project["key"], flag_key, environment_key, now)
    while object_id(*place, number) in taken:
        number += 1
    request_id = object_id(*place, number)
    return {
        "flagKey": flag_key,
        "environmentKey": environment_key,
        "_id": request_id,
        "_version": 1,
        "creationDate": now,
        "serviceKind": project["environments"][environment_key]["approvalSettings"]["serviceKind"],
        "requestorId": REQUESTOR,
        "description": "",
        "reviewStatus": PENDING,
        "allReviews": [],
        "notifyMemberIds": [],
        "status": PENDING,
        "instructions": [{"kind": "turnFlagOn"}],
        "conflicts": [],
        # The specification does not name the links; these are an assumption.
        "_links": {"self": link(f"{path(project['key'], flag_key, environment_key)}/{request_id}")},
        **fields,
    }


def path(project_key: str, flag_key: str, environment_key: str) -> str:
    """Return the path of the requests of a flag in an environment."""
    return f"/api/v2/projects/{project_key}/flags/{flag_key}/environments/{environment_key}/approval-requests"


def of_flag(project: JsonObject, flag_key: str, environment_key: str) -> list[JsonObject]:
    """Return the requests of a flag in an environment."""
    place = (flag_key, environment_key)
    return [item for item in project["approvalRequests"] if (item["flagKey"], item["environmentKey"]) == place]


def resource_id(project: JsonObject, request: JsonObject) -> str:
    """Return the resource of a request, in the notation of LaunchDarkly's filters and policies."""
    return f"proj/{project['key']}:env/{request['environmentKey']}:flag/{request['flagKey']}"


def served(request: JsonObject) -> JsonObject:
    """Return the request as the service shows it."""
    return {name: value for name, value in request.items() if name not in PLACE}


def reviewed(
    project: JsonObject, request: JsonObject, kind: Any, comment: Any, by: Mapping[str, str], now: int
) -> JsonObject:
    """Return the request with another review.

    Documented: the environment says how many approvals are needed. Assumption: the last verdict of each person counts.
    """
    if not is_kind(kind, str) or kind not in KINDS:
        raise invalid_request(f"kind must be one of {', '.join(KINDS)}.")
    comment = optional_text({"comment": comment}, "comment")
    _check_open(request)
    review = {"_id": object_id(request["_id"], len(request["allReviews"])), "kind": kind, "creationDate": now, **by}
    if comment is not None:
        review["comment"] = comment
    reviews = [*request["allReviews"], review]
    return _changed(request, {"allReviews": reviews, "reviewStatus": _review_status(project, request, reviews)})


def _review_status(project: JsonObject, request: JsonObject, reviews: list[JsonObject]) -> str:
    verdicts = [VERDICTS[item["kind"]] for item in reviews if item.get("kind") in VERDICTS]
    if not verdicts or verdicts[-1] == DECLINED:
        return verdicts[-1] if verdicts else str(request["reviewStatus"])
    last = {_author(item): item["kind"] for item in reviews if item.get("kind") in VERDICTS}
    needed = project["environments"][request["environmentKey"]]["approvalSettings"]["minNumApprovals"]
    return APPROVED if list(last.values()).count("approve") >= needed else PENDING


def _author(review: JsonObject) -> str:
    return str(review.get("memberId", review.get("serviceTokenId")))


def applied(request: JsonObject, by: Mapping[str, str], now: int) -> JsonObject:
    """Return the request with status completed."""
    _check_open(request)
    if request["reviewStatus"] != APPROVED:
        # Documented: only an approved request can be applied. The 400 is the specification's, the text is not.
        raise invalid_request("The approval request has not been approved.")
    who = {f"appliedBy{name[0].upper()}{name[1:]}": value for name, value in by.items()}
    return _changed(request, {"status": COMPLETED, "appliedDate": now, **who})


def _check_open(request: JsonObject) -> None:
    if request["status"] != PENDING:
        # Assumption: a request that was applied or has failed can no longer be reviewed or applied.
        raise invalid_request(f"The approval request is {request['status']}.")


def _changed(request: JsonObject, fields: JsonObject) -> JsonObject:
    return {**request, **fields, "_version": request["_version"] + 1}
