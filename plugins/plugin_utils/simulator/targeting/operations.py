# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on flags: list them, read one, and change its targeting."""

from __future__ import annotations

from ..core.body import optional_text
from ..core.documents import JsonObject
from ..core.errors import invalid_request
from ..flags import document, instructions
from ..http.call import Call, body_of, flag_of, is_semantic_patch, page, page_links
from . import listing
from .change import change_flag
from .checks import check_change, check_conflicts


def list_flags(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the flags of a project, in the order in which the state has them (assumption)."""
    found = listing.matching(project, listing.parse_filter(call.query.get("filter", "")))
    start, end = page(call)
    keys = call.values.get("env", ())
    # Documented: 0. That false means the same is an assumption.
    summary = call.query.get("summary", "1").lower() not in ("0", "false")
    return 200, {
        "items": [listing.served(flag, project, keys, summary) for flag in found[start:end]],
        # Assumption: the total counts the filtered flags, as a client needs it to read all pages.
        "totalCount": len(found),
        "_links": page_links(f"/api/v2/flags/{project['key']}", call, len(found)),
    }


def get_flag(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show a flag."""
    _key, flag = flag_of(project, call)
    evaluation = "evaluation" in call.query.get("expand", "").split(",")
    return 200, document.served(flag, project, call.values.get("env", ()), evaluation)


def patch_flag(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Apply a semantic patch as one change, completely or not at all."""
    flag_key, flag = flag_of(project, call)
    if not is_semantic_patch(call):
        raise invalid_request("The simulator supports semantic patches only, no JSON patches.")
    body = body_of(call)
    comment = optional_text(body, "comment")
    items = instructions.checked_instructions(body.get("instructions"))
    environment_key = instructions.check_environment(flag, body.get("environmentKey"))
    dry_run = call.query.get("dryRun") == "true"
    checked = not dry_run or project["behavior"]["dryRunRefuses"]
    if checked:
        check_change(project, flag, environment_key, items, call.now)
    after = instructions.patched(project, flag, environment_key, items, call.now)
    if checked and call.query.get("ignoreConflicts") != "true":
        check_conflicts(project, flag, after, environment_key, call.now)
    if not dry_run:
        change_flag(project, (flag_key, environment_key), items, call.now, "token", comment=comment)
        after = project["flags"][flag_key]
    return 200, document.served(after, project)
