# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Approval requests of flags: how one is filed, reviewed, applied and shown. Pure transitions.

A request is kept as the document that LaunchDarkly serves, with the keys of its flag and environment beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .documents import JsonObject, integer, is_kind, link, object_id
from .errors import invalid_request

# The specification's words, here also on the wire.
PENDING, APPROVED, DECLINED = "pending", "approved", "declined"
COMPLETED = "completed"
VERDICTS = {"approve": APPROVED, "decline": DECLINED}
KINDS = (*VERDICTS, "comment")

# What is kept beside the document.
PLACE = ("flagKey", "environmentKey")

# Who a review is from when nothing else is said; and the service token that every client of the simulator uses.
REVIEWER = {"memberId": object_id("members", "reviewer")}
TOKEN = {"serviceTokenId": object_id("tokens", "simulator")}
# Assumption: a request that is filed by a release is that of a member, the one who started the phase.
_REQUESTOR = object_id("members", "requestor")


def new_request(project: JsonObject, flag_key: str, environment_key: str, fields: JsonObject, now: int) -> JsonObject:
    """Return a request that nobody has reviewed yet."""
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
        "requestorId": _REQUESTOR,
        "description": "",
        "reviewStatus": PENDING,
        "allReviews": [],
        "notifyMemberIds": [],
        "status": PENDING,
        "instructions": [{"kind": "turnFlagOn"}],
        "conflicts": [],
        # Assumption: the specification leaves open which links there are.
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
    """Return the resource that a request is about, as LaunchDarkly's filters and policies spell it."""
    return f"proj/{project['key']}:env/{request['environmentKey']}:flag/{request['flagKey']}"


def served(request: JsonObject) -> JsonObject:
    """Return the request as the service shows it."""
    return {name: value for name, value in request.items() if name not in PLACE}


def reviewed(request: JsonObject, kind: Any, comment: Any, by: Mapping[str, str], now: int) -> JsonObject:
    """Return the request with one review more. One approval is enough, and the last verdict counts (assumption)."""
    if not is_kind(kind, str) or kind not in KINDS:
        raise invalid_request(f"kind must be one of {', '.join(KINDS)}.")
    if not is_kind(comment, str, type(None)):
        raise invalid_request("comment must be a string.")
    _check_open(request)
    review = {"_id": object_id(request["_id"], len(request["allReviews"])), "kind": kind, "creationDate": now, **by}
    if comment is not None:
        review["comment"] = comment
    status = VERDICTS.get(kind, request["reviewStatus"])
    return _changed(request, {"allReviews": [*request["allReviews"], review], "reviewStatus": status})


def applied(request: JsonObject, by: Mapping[str, str], now: int) -> JsonObject:
    """Return the request as one that was applied."""
    _check_open(request)
    if request["reviewStatus"] != APPROVED:
        # Documented: only one that was approved can be applied. The 400 is the specification's, the words are not.
        raise invalid_request("The approval request has not been approved.")
    who = {f"appliedBy{name[0].upper()}{name[1:]}": value for name, value in by.items()}
    return _changed(request, {"status": COMPLETED, "appliedDate": now, **who})


def _check_open(request: JsonObject) -> None:
    if request["status"] != PENDING:
        # Assumption: what was applied, or failed, cannot be reviewed or applied any more.
        raise invalid_request(f"The approval request is {request['status']}.")


def _changed(request: JsonObject, fields: JsonObject) -> JsonObject:
    return {**request, **fields, "_version": request["_version"] + 1}


def integration(given: JsonObject, now: int) -> JsonObject:
    """Return what an outside service tells of a request, with everything that the specification requires of it."""
    status = given.get("externalStatus", "")
    if not isinstance(status, dict):
        status = {"display": str(status), "value": str(status)}
    return {"externalId": "", "externalUrl": "", "lastChecked": now, **given, "externalStatus": status}


def scripted(request: JsonObject, reviewer: JsonObject, now: int) -> list[tuple[int, JsonObject]]:
    """Return what the script of reviews does to a request until now: each time with the request as it is then."""
    steps = []
    by = member(reviewer.get("member"))
    date = max(request["creationDate"], reviewer["since"]) + _milliseconds(reviewer, "after")
    if "verdict" in reviewer and (request["status"], request["reviewStatus"]) == (PENDING, PENDING) and date <= now:
        request = reviewed(request, reviewer["verdict"], reviewer.get("comment"), by, date)
        steps.append((date, request))
    date = max(_approved_at(request), reviewer["since"]) + _milliseconds(reviewer, "applyAfter")
    approved = (request["status"], request["reviewStatus"]) == (PENDING, APPROVED)
    if reviewer.get("apply") and approved and date <= now:
        steps.append((date, applied(request, by, date)))
    return steps


def _approved_at(request: JsonObject) -> int:
    dates = [integer(review, "creationDate") for review in request["allReviews"] if review.get("kind") == "approve"]
    return max((date for date in dates if date is not None), default=int(request["creationDate"]))


def _milliseconds(reviewer: JsonObject, name: str) -> int:
    return round(float(reviewer.get(name, 0)) * 1000)


def member(given: Any) -> dict[str, str]:
    """Return who a review is from, as a review names it."""
    found = given.get("_id") if isinstance(given, dict) else given
    return {"memberId": found} if isinstance(found, str) else REVIEWER
