# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on environment releases: list, get, start, stop."""

from __future__ import annotations

import re

from ..core.body import optional_text
from ..core.documents import JsonObject, link
from ..core.errors import invalid_request, not_found
from ..environments import approvals
from ..environments.operations import environment_of
from ..http.call import Call, body_of, flag_of, page, page_links
from . import plans, releases, request, start

_DEFAULT_LIMIT, _MAX_LIMIT = 25, 100

# Documented: kind, equals, and the two values. Quotes are an assumption.
_FILTER = re.compile(r'\s*kind\s+equals\s+"?(progressive|guarded)"?\s*\Z')


def list_releases(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the releases of a flag in an environment, newest first."""
    flag_key, environment_key = _place(project, call)
    found = releases.visible(project, flag_key, environment_key, call.now)
    given = call.query.get("filter")
    if given:
        match = _FILTER.match(given)
        if match is None:
            raise invalid_request(f"Invalid filter: {given!r}.")
        found = [item for item in found if item["kind"] == match[1]]
    snapshot = _snapshot(call)
    found = [item for item in found if item["createdAt"] * 1_000_000 <= snapshot]
    start_index, end = page(call, _MAX_LIMIT, _DEFAULT_LIMIT)
    base = releases.path(project, flag_key, environment_key)
    links = page_links(base, call, len(found), _DEFAULT_LIMIT, {"snapshot": str(snapshot)})
    return 200, {
        "items": [releases.served(project, item) for item in found[start_index:end]],
        "totalCount": len(found),
        "_links": {**links, "parent": link(f"/api/v2/flags/{project['key']}/{flag_key}")},
    }


def _snapshot(call: Call) -> int:
    """Return the time of the snapshot in nanoseconds. Documented: values out of range are ignored."""
    given = call.query.get("snapshot", "")
    now = call.now * 1_000_000
    return int(given) if given.isdecimal() and 0 < int(given) <= now else now


def get_release(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show a release."""
    expand = ",".join(call.values.get("expand", ())).split(",")
    return 200, releases.served(project, _release(project, call), "metrics" in expand)


def start_release(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Start a release. The order of the checks is an assumption."""
    flag_key, environment_key = _place(project, call)
    flag = project["flags"][flag_key]
    body = body_of(call)
    wanted = read_request(project, flag, environment_key, body)
    approvals.check(project, flag, environment_key, "updateRules")
    start.check(project, flag, environment_key, wanted)
    return 201, releases.served(project, start.start(project, flag, environment_key, wanted, call.now, "token"))


def read_request(project: JsonObject, flag: JsonObject, environment_key: str, body: JsonObject) -> request.StartRequest:
    """Return a start request, with what its plan supplies."""
    if flag["archived"]:
        # Assumption.
        raise invalid_request("The flag is archived.")
    if body.get("releasePlanKey") is not None:
        body = plans.apply(project, environment_key, body)
    return request.parse(project, flag, environment_key, body)


def stop_release(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Stop a release. Documented: one that is over is answered unchanged."""
    release = _release(project, call)
    body = body_of(call)
    resolution = start.checked_resolution(body.get("resolution"))
    comment = optional_text(body, "comment")
    flag = project["flags"][release["flagKey"]]
    approvals.check(project, flag, release["environmentKey"], "updateRules")
    if not releases.is_over(release):
        release = start.stop(project, release, resolution, comment, call.now, "token")
    return 200, releases.served(project, release)


def _place(project: JsonObject, call: Call) -> tuple[str, str]:
    flag_key, _flag = flag_of(project, call)
    return flag_key, environment_of(project, call)


def _release(project: JsonObject, call: Call) -> JsonObject:
    for release in releases.visible(project, *_place(project, call), call.now):
        if release["id"] == call.params["releaseId"]:
            return release
    raise not_found()
