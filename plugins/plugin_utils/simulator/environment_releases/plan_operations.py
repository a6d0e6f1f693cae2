# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on release plans of environments and of flags: list and get."""

from __future__ import annotations

from typing import Any

from ..core.documents import JsonObject, link
from ..core.errors import not_found
from ..environments.operations import environment_of
from ..http.call import Call, page, page_links
from . import plans


def list_plans(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the release plans of an environment."""
    key = environment_of(project, call)
    found = list(project["environments"][key]["releasePlans"])
    begin, end = page(call)
    base = f"/api/v2/projects/{project['key']}/environments/{key}/release-plans"
    items = [plans.served(project, key, plan) for plan in found[begin:end]]
    return 200, {"items": items, "totalCount": len(found), "_links": page_links(base, call, len(found))}


def get_plan(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show a release plan of an environment."""
    return _plan(project, environment_of(project, call), call.params["planKey"])


def get_default_plan(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show the default release plan of an environment."""
    key = environment_of(project, call)
    return _plan(project, key, project["environments"][key]["defaultReleasePlanKey"])


def _plan(project: JsonObject, environment_key: str, plan_key: Any) -> tuple[int, JsonObject]:
    if plan_key not in project["environments"][environment_key]["releasePlans"]:
        raise not_found()
    return 200, plans.served(project, environment_key, plan_key)


def list_flag_plans(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the release plans for flags: which environments come in which order."""
    found = list(project["flagReleasePlans"])
    begin, end = page(call)
    base = f"/api/v2/projects/{project['key']}/flag-release-plans"
    items = [_flag_plan(project, key) for key in found[begin:end]]
    return 200, {"items": items, "totalCount": len(found), "_links": page_links(base, call, len(found))}


def get_flag_plan(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show a release plan for flags."""
    if call.params["planKey"] not in project["flagReleasePlans"]:
        raise not_found()
    return 200, _flag_plan(project, call.params["planKey"])


def _flag_plan(project: JsonObject, key: str) -> JsonObject:
    """Return a plan in the documented fields. It does nothing by itself: LaunchDarkly's Autopilot is not simulated."""
    href = f"/api/v2/projects/{project['key']}/flag-release-plans/{key}"
    return {"_links": {"self": link(href)}, **project["flagReleasePlans"][key]}
