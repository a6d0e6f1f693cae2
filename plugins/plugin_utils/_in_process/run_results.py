# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the actions of a run return: its state, and at its end its result."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import iso, shown
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_variables import RoleVariables
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import sequence
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_failure import identity

if t.TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import ReleaseWorld
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_action import RoleAction
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_state import State

Result = dict[str, t.Any]

# What the role reads where nothing is left to include: its own file, the user's, and those between them.
NOTHING_LEFT: Result = {"tasks": "", "task_file": None, "first": "", "next": "", "stretches": []}


def so_far(state: State, world: ReleaseWorld, task_vars: Result) -> Result:
    """The state, and whether this task has changed something."""
    # A failure that Ansible remembers when a run begins is not one of the run.
    state = {"failed_outside": identity(*remembered_failure(task_vars)), **state, "clock_ahead": world.clock_ahead}
    warnings = {"warnings": world.warnings} if world.warnings else {}
    return {**_of_state(state, task_vars), "changed": world.changed, **warnings}


def remembered_failure(task_vars: Result) -> tuple[t.Any, t.Any]:
    """The result and the task of the failure that Ansible remembers."""
    return task_vars.get("ansible_failed_result"), task_vars.get("ansible_failed_task")


def at_the_end(state: State, world: ReleaseWorld, task_vars: Result, artifact: Result | None = None) -> Result:
    """The result of a run that is over; `artifact` is its report for the jobs after this one."""
    result = shown(state)
    return {**_kept(state, result, task_vars), **stats(state, result, world.variables, artifact)}


def refused(action: RoleAction[t.Any], failure: Result, task_vars: Result) -> Result:
    """With a run that has failed: under an inherited ignore_errors, the result of an earlier run must not stand for this one."""
    try:
        flag = action.flag(RoleVariables(action, task_vars))
    except (OptionError, SettingsError):
        return failure
    run = {"host": task_vars.get("inventory_hostname"), **flag, "number": 0}
    state = sequence.refused(run, iso(time.time()), failure["error_code"], failure["msg"])
    return {**failure, **_of_state(state, task_vars), "closing": state, **_kept(state, shown(state), task_vars)}


def stats(state: State, result: Result, variables: RoleVariables, artifact: Result | None = None) -> Result:
    """What set_stats would hand on to the jobs after this one; a rehearsal hands nothing on."""
    if variables.rehearsal():
        return {}
    flag = _flag_of(state)
    data: Result = {"release_result": {flag: result}}
    if artifact is not None:
        data["release_report"] = {flag: artifact}
    return {"ansible_stats": {"data": data, "aggregate": True, "per_host": False}}


def _of_state(state: State, task_vars: Result) -> Result:
    """The state, with what the role's headings call the run, and what its last task needs of the state.

    A heading stands for all hosts of a play. Ansible copies an argument value by value, so the last task gets only what it needs.
    """
    hosts = len(task_vars.get("ansible_play_hosts_all") or ())
    record = {name: state["record"][name] for name in ("state", "reason", "error_code", "message")}
    return {
        **NOTHING_LEFT,
        "state": state,
        "title": _flag_of(state) if hosts < 2 else f"the flags of {hosts} hosts",
        "closing": {"record": record, "agenda": state["agenda"][:1]},
    }


def _flag_of(state: State) -> str:
    return f"{state['run']['project_key']}/{state['run']['flag_key']}"


def _kept(state: State, result: Result, task_vars: Result) -> Result:
    """The result of the run, and the `results` of this play so far with it, by their flags."""
    return {"result": result, "results": {**(task_vars.get("_release_results") or {}), _flag_of(state): result}}
