# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on environments and their segments: read them."""

from __future__ import annotations

from ..core.documents import JsonObject, link
from ..core.errors import not_found
from ..http.call import Call, page, page_links
from . import document


def list_environments(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the environments of a project; filters and sorting are not supported."""
    keys = list(project["environments"])
    start, end = page(call)
    base = f"/api/v2/projects/{project['key']}/environments"
    items = [document.served(project, key) for key in keys[start:end]]
    return 200, {"items": items, "totalCount": len(keys), "_links": page_links(base, call, len(keys))}


def get_environment(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show an environment, with its approval settings."""
    return 200, document.served(project, environment_of(project, call))


def list_segments(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the segments of an environment; filters and sorting are not supported."""
    key = environment_of(project, call)
    segments = list(project["environments"][key]["segments"])
    start, end = page(call)
    base = f"/api/v2/segments/{project['key']}/{key}"
    items = [document.served_segment(project, key, segment) for segment in segments[start:end]]
    return 200, {"items": items, "totalCount": len(segments), "_links": {"self": link(base)}}


def get_segment(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show a segment."""
    key = environment_of(project, call)
    if call.params["segmentKey"] not in project["environments"][key]["segments"]:
        raise not_found()
    return 200, document.served_segment(project, key, call.params["segmentKey"])


def environment_of(project: JsonObject, call: Call) -> str:
    """Return the key of the environment in the path."""
    key = call.params["environmentKey"]
    if key not in project["environments"]:
        raise not_found()
    return key
