# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on approval requests of flags, and the list of those of all projects."""

from __future__ import annotations

import json
import re

from ..audit.log import note
from ..core.body import check_texts, optional_text
from ..core.documents import JsonObject, is_kind, link
from ..core.errors import invalid_request, not_found
from ..core.identities import TOKEN
from ..flags.instructions import checked_instructions
from ..http.call import Call, body_of, flag_of, page, page_links
from ..targeting.checks import fails
from . import changes, requests

_MAX_LIMIT = 200

_LISTS = ("notifyMemberIds", "reviewStatus", "status")
_SINGLES = ("requestorId", "resourceId", "resourceKind", "projectKey")

# Documented: `field operator value`, separated by commas; the value of `anyOf` is a JSON list of strings.
_TERM = re.compile(
    r"\s*(?:(?P<list>\w+)\s+anyOf\s+(?P<values>\[[^\]]*\])|(?P<single>\w+)\s+equals\s+(?P<value>[^,\s]+))\s*(?:,|\Z)"
)


def list_requests(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the approval requests of a flag in an environment, in the order of creation (assumption)."""
    found = _requests(project, call)
    href = requests.path(project["key"], call.params["flagKey"], call.params["environmentKey"])
    return 200, {"items": [requests.served(request) for request in found], "_links": {"self": link(href)}}


def create_request(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Create an approval request, whether or not the environment requires approvals."""
    _requests(project, call)
    body = body_of(call)
    description = body.get("description")
    if not is_kind(description, str):
        raise invalid_request("description is required and must be a string.")
    comment = optional_text(body, "comment")
    members = body.get("notifyMemberIds") or []
    check_texts(members, "notifyMemberIds")
    instructions = checked_instructions(body.get("instructions"))
    teams = body.get("notifyTeamKeys") or []
    check_texts(teams, "notifyTeamKeys")
    fields: JsonObject = {"description": description, "notifyMemberIds": members, "instructions": instructions}
    if teams:
        fields["notifyTeamKeys"] = teams
    place = (call.params["flagKey"], call.params["environmentKey"])
    request = requests.new_request(project, *place, fields, call.now)
    reason = fails(project, project["flags"][place[0]], request, call.now)
    if reason:
        # Assumption: instructions that cannot be applied are refused at once.
        raise invalid_request(reason)
    changes.add_request(project, request, "token", comment)
    return 201, requests.served(request)


def get_request(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show an approval request."""
    return 200, requests.served(_request(project, call))


def delete_request(project: JsonObject, call: Call) -> tuple[int, None]:
    """Delete an approval request. A phase that waits for it keeps waiting (assumption)."""
    request = _request(project, call)
    if request["status"] == requests.COMPLETED:
        # Documented: it can be deleted until it is applied. The 400 is an assumption.
        raise invalid_request("The approval request is already applied.")
    project["approvalRequests"] = [item for item in project["approvalRequests"] if item is not request]
    details = {"environmentKey": request["environmentKey"], "requestId": request["_id"]}
    note(project, call.now, "deleteApprovalRequest", request["flagKey"], "token", **details)
    return 204, None


def review_request(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Approve, decline or comment. Assumption: the author of a request may review it."""
    body = body_of(call)
    after = requests.reviewed(project, _request(project, call), body.get("kind"), body.get("comment"), TOKEN, call.now)
    return 200, requests.served(changes.put_request(project, after, call.now, "token"))


def apply_request(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Apply an approval request."""
    comment = optional_text(body_of(call), "comment")
    after = requests.applied(_request(project, call), TOKEN, call.now)
    return 200, requests.served(changes.put_request(project, after, call.now, "token", comment))


def list_all(state: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the approval requests of all projects; ``expand`` is ignored."""
    wanted = parse_filter(call.query.get("filter", ""))
    found = [item for item in _everywhere(state) if all(_values(*item, name) & values for name, values in wanted)]
    start, end = page(call, _MAX_LIMIT)
    return 200, {
        "items": [_expandable(*item) for item in found[start:end]],
        "totalCount": len(found),
        "_links": page_links("/api/v2/approval-requests", call, len(found)),
    }


def get_any(state: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show an approval request of any project; ``expand`` is ignored."""
    for project, request in _everywhere(state):
        if request["_id"] == call.params["id"]:
            return 200, _expandable(project, request)
    raise not_found()


def parse_filter(text: str) -> list[tuple[str, set[str]]]:
    """Read the filter for all approval requests: fields with the values that they may have."""
    wanted = []
    position = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None or (term["list"] or term["single"]) not in (_LISTS if term["list"] else _SINGLES):
            raise invalid_request(f"Invalid filter: {text[position:]!r}.")
        if term["list"]:
            wanted.append((term["list"], set(_texts(term["values"]))))
        else:
            wanted.append((term["single"], {term["value"].strip('"')}))
        position = term.end()
    return wanted


def _texts(given: str) -> list[str]:
    try:
        texts = json.loads(given)
    except ValueError as error:
        raise invalid_request(f"Invalid filter: {given!r}.") from error
    check_texts(texts, "anyOf in the filter")
    return list(texts)


def _values(project: JsonObject, request: JsonObject, name: str) -> set[str]:
    """Return the values that a filter by that name compares."""
    if name == "notifyMemberIds":
        return set(request["notifyMemberIds"])
    own = {"projectKey": project["key"], "resourceKind": "flag", "resourceId": requests.resource_id(project, request)}
    return {str(own.get(name, request.get(name)))}


def _everywhere(state: JsonObject) -> list[tuple[JsonObject, JsonObject]]:
    return [(project, item) for project in state["projects"].values() for item in project["approvalRequests"]]


def _expandable(project: JsonObject, request: JsonObject) -> JsonObject:
    return {**requests.served(request), "resourceId": requests.resource_id(project, request)}


def _requests(project: JsonObject, call: Call) -> list[JsonObject]:
    flag_key, _flag = flag_of(project, call)
    environment_key = call.params["environmentKey"]
    if environment_key not in project["environments"]:
        raise not_found()
    return requests.of_flag(project, flag_key, environment_key)


def _request(project: JsonObject, call: Call) -> JsonObject:
    for request in _requests(project, call):
        if request["_id"] == call.params["id"]:
            return request
    raise not_found()
