# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on the caller, and on the projects and flags that exist: read them."""

from __future__ import annotations

from ..core.documents import JsonObject, link, object_id
from ..core.errors import not_found
from ..http.call import Call, page, page_links


def get_caller(_state: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show whose token it is: a service token."""
    token = call.completed_by["token"]
    return 200, {
        "accountId": object_id("account"),
        "authKind": "token",
        "tokenKind": "auth",
        "tokenName": token["name"],
        "tokenId": object_id("token", token["ending"]),
        "serviceToken": True,
    }


def list_projects(state: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the projects; filters and sorting are not supported."""
    projects = list(state["projects"].values())
    start, end = page(call)
    return 200, {
        "items": [_served(project) for project in projects[start:end]],
        "totalCount": len(projects),
        "_links": page_links("/api/v2/projects", call, len(projects)),
    }


def get_project(state: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show a project."""
    found = state["projects"].get(call.params["key"])
    if found is None:
        raise not_found()
    return 200, _served(found)


def list_scheduled_changes(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the changes of a flag that are scheduled in an environment."""
    place = (call.params["flagKey"], call.params["environmentKey"])
    if place[0] not in project["flags"] or place[1] not in project["environments"]:
        raise not_found()
    found = [item for item in project["scheduledChanges"] if (item["flagKey"], item["environmentKey"]) == place]
    shown = [{name: value for name, value in item.items() if not name.endswith("Key")} for item in found]
    return 200, {"items": shown, "_links": {}}


def _served(project: JsonObject) -> JsonObject:
    key = project["key"]
    return {
        "_id": object_id(key),
        "_links": {"self": link(f"/api/v2/projects/{key}")},
        "key": key,
        "name": project["name"],
        "tags": [],
        "includeInSnippetByDefault": False,
    }
