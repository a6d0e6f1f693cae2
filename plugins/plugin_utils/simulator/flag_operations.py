# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on a flag itself: read it, and turn its targeting on or off."""

from __future__ import annotations

from . import flags
from .audit import note
from .calls import Call, body_of, flag_of, is_semantic_patch
from .documents import JsonObject, is_kind
from .errors import invalid_request


def get_flag(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Show a flag."""
    _key, flag = flag_of(project, call)
    return 200, flags.served(flag, project, call.values.get("env", ()))


def patch_flag(project: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """Carry out a semantic patch, all of it or nothing.

    The check for conflicts with pending approval requests, which ``ignoreConflicts`` would skip, is not played.
    """
    flag_key, flag = flag_of(project, call)
    if not is_semantic_patch(call):
        raise invalid_request("The simulator plays semantic patches only; JSON patches are not played here.")
    body = body_of(call)
    comment = body.get("comment")
    if not is_kind(comment, str, type(None)):
        raise invalid_request("comment must be a string.")
    instructions = flags.checked_instructions(body.get("instructions"))
    environment_key = flags.check_environment(flag, body.get("environmentKey"))
    flags.check_approval(flag, environment_key)
    after = flags.patched(flag, environment_key, instructions, call.now)
    if after is not flag and call.query.get("dryRun") != "true":
        project["flags"][flag_key] = after
        # Assumption: a patch that changes nothing is answered alike, and leaves no trace.
        details = {"environmentKey": environment_key, "instructions": instructions, "comment": comment}
        note(project, call.now, flags.SWITCH, flag_key, "token", **details)
    return 200, flags.served(after, project)
