# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on a flag: read it, and turn its targeting on or off."""

from __future__ import annotations

from ..audit.log import note
from ..core.body import optional_text
from ..core.documents import JsonObject
from ..core.errors import invalid_request
from ..http.call import Call, body_of, flag_of, is_semantic_patch
from . import document, instructions


def get_flag(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show a flag."""
    _key, flag = flag_of(project, call)
    return 200, document.served(flag, project, call.values.get("env", ()))


def patch_flag(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Apply a semantic patch completely, or not at all.

    There is no check for conflicts with pending approval requests, which ``ignoreConflicts`` would skip.
    """
    flag_key, flag = flag_of(project, call)
    if not is_semantic_patch(call):
        raise invalid_request("The simulator supports semantic patches only, no JSON patches.")
    body = body_of(call)
    comment = optional_text(body, "comment")
    given = instructions.checked_instructions(body.get("instructions"))
    environment_key = instructions.check_environment(flag, body.get("environmentKey"))
    instructions.check_approval(flag, environment_key)
    after = instructions.patched(flag, environment_key, given, call.now)
    if after is not flag and call.query.get("dryRun") != "true":
        project["flags"][flag_key] = after
        # Assumption: a patch that changes nothing gets the same answer, and no entry in the audit log.
        details = {"environmentKey": environment_key, "instructions": given, "comment": comment}
        note(project, call.now, instructions.SWITCH, flag_key, "token", **details)
    return 200, document.served(after, project)
