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
COMPLETED = "completed"
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
        "serviceKind": "launchdarkly",
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


def reviewed(request: JsonObject, kind: Any, comment: Any, by: Mapping[str, str], now: int) -> JsonObject:
    """Return the request with another review. One approval is enough, and the last verdict counts (assumption)."""
    if not is_kind(kind, str) or kind not in KINDS:
        raise invalid_request(f"kind must be one of {', '.join(KINDS)}.")
    comment = optional_text({"comment": comment}, "comment")
    _check_open(request)
    review = {"_id": object_id(request["_id"], len(request["allReviews"])), "kind": kind, "creationDate": now, **by}
    if comment is not None:
        review["comment"] = comment
    status = VERDICTS.get(kind, request["reviewStatus"])
    return _changed(request, {"allReviews": [*request["allReviews"], review], "reviewStatus": status})


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
