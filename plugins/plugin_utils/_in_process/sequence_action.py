# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The role's own action: takes a release from one task file of the user's to the next, in the worker of a task.

Its result holds the `state` that the next call continues, so that nothing is stored between runs. It says which `task_file` the
role is to include before that call; without one, the run is over, and `result` is that of the run.
"""

from __future__ import annotations

import dataclasses
import json
import time
import typing as t
from collections.abc import Mapping

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.approval_request_info import (
    APPROVAL_REQUEST_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_overview import (
    ENVIRONMENT_OVERVIEW,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_restore import (
    ENVIRONMENT_RESTORE,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_step import ENVIRONMENT_STEP
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.flag_targeting import FLAG_TARGETING
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release import RELEASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_info import RELEASE_INFO
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_phase import RELEASE_PHASE
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import iso
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_action import RoleAction
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_variables import RoleVariables
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.versions import versions
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import sequence, stretches
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.actions import Done, Planned, RunTaskFile
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.driver import drive
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_failure import failure

if t.TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import ReleaseWorld
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_state import State

Result = dict[str, t.Any]
Following = t.Union[RunTaskFile, Planned, Done]

FREE_STRATEGIES = ("free", "host_pinned")

# What the role reads where there is no task file to include.
NOTHING_LEFT: Result = {"task_file": None, "first": "", "next": "", "stretches": []}


class ReleaseSequenceAction(RoleAction):
    """One stretch of a run of the role."""

    own_options = ("state", "task_file", "close")
    operations: t.ClassVar = {
        "ld_release_info": RELEASE_INFO,
        "ld_release": RELEASE,
        "ld_release_phase": RELEASE_PHASE,
        "ld_flag_targeting": FLAG_TARGETING,
        "ld_approval_request_info": APPROVAL_REQUEST_INFO,
        "environment_step": ENVIRONMENT_STEP,
        "environment_overview": ENVIRONMENT_OVERVIEW,
        "environment_restore": ENVIRONMENT_RESTORE,
    }

    def act(self, given: Result, world: ReleaseWorld, task_vars: Result) -> Result:
        if given.get("close"):
            return _close(_state_of(given))
        state = self._continued(given, world, task_vars) if "state" in given else self._begun(world)
        state, following = drive(state, world)
        return self._result(state, following, world, task_vars)

    def refused(self, result: Result, task_vars: Result) -> Result:
        """With a run that has failed: under an inherited ignore_errors, the result of an earlier run must not stand for this one."""
        variables = RoleVariables(self, task_vars)
        before = self._task.args.get("state") or {}
        if before.get("is_refused"):
            # The first call has failed and says why; the artifact of a job takes only what a task that succeeds returns.
            if self._task.args.get("close"):
                return {"changed": False}
            shown = records.public(before["record"], versions())
            stats = {} if variables.rehearsal() else {"ansible_stats": _stats(before, shown)}
            left = {**NOTHING_LEFT, **_of_state(before, task_vars), **_kept(before, shown, task_vars)}
            return {**left, "changed": False, **stats}
        try:
            flag = self.flag(variables)
        except (OptionError, SettingsError):
            return result
        run = {"host": task_vars.get("inventory_hostname"), **flag, "number": 0}
        state = sequence.refused(run, iso(time.time()), result["error_code"], result["msg"])
        shown = records.public(state["record"], versions())
        return {**result, **NOTHING_LEFT, **_of_state(state, task_vars), **_kept(state, shown, task_vars)}

    def _begun(self, world: ReleaseWorld) -> State:
        self._refuse_free_run_once()
        variables = world.variables
        before = (variables.raw.get("_release_run") or {}).get("state") or {}
        run = {
            "host": variables.raw.get("inventory_hostname"),
            **self.flag(variables),
            "number": before.get("run", {}).get("number", 0) + 1,
        }
        return sequence.begin(
            run,
            world.now(),
            attach=bool(variables.text("release_pipeline_key")),
            notify=world.usable_notices(),
            check_mode=bool(self._task.check_mode),
            report=bool(variables.text("release_report_dir")) and not world.is_rehearsal,
            speed=float(variables.rehearsal().get("speed", 1.0)),
            published=len(world.reports.publishers()),
        )

    def _refuse_free_run_once(self) -> None:
        """Strategies that let hosts run on their own run a task with `run_once` on every host: each would run the release."""
        strategy = str(self._task.get_play().strategy).rsplit(".", 1)[-1]
        if strategy in FREE_STRATEGIES and self._task.run_once:
            raise OptionError(
                f"run_once has no effect with strategy: {strategy}, so every host would run this release. Use strategy: linear, or"
                " give the role a play of its own on localhost."
            )

    def _continued(self, given: Result, world: ReleaseWorld, task_vars: Result) -> State:
        """The state of the call before, with how the task file ended that the role has included since."""
        state = _state_of(given)
        run = state["run"]
        expected = [run["host"], run["project_key"], run["flag_key"]]
        found = [world.variables.raw.get("inventory_hostname"), *self.flag(world.variables).values()]
        if expected != found:
            raise OptionError(
                f"The state is that of the run for {'/'.join(map(str, expected))}, and this task is for"
                f" {'/'.join(map(str, found))}. Nothing was done. Run the role from its start."
            )
        if "task_file" not in given:
            return state
        answer: Result = {} if given["task_file"] == "passed" else self.access.hide(_failure(task_vars, state))
        return {**sequence.answer(state, answer, world.now()), "failed_before": _failed_task(task_vars)}

    def _result(self, state: State, following: Following, world: ReleaseWorld, task_vars: Result) -> Result:
        # The task that failed last, so that a task file that cannot be loaded is not taken for it.
        state = {"failed_before": _failed_task(task_vars), **state}
        result: Result = {**NOTHING_LEFT, **_of_state(state, task_vars), "changed": world.changed}
        if world.warnings:
            result["warnings"] = world.warnings
        if isinstance(following, RunTaskFile):
            state, chained = stretches.chain(state)
            title = plain(f"{following.name} ({following.purpose})")
            file = {**dataclasses.asdict(following), "title": title}
            wrapper = _wrapper(world, task_vars)
            chain = {"wrapper": wrapper, "next": wrapper if chained else "", "stretches": stretches.turns(state)}
            result.update(state=state, task_file=file, first=stretches.first(state, wrapper), **chain)
        elif isinstance(following, Done):
            result.update(_kept(state, world.result(), task_vars))
            if not world.is_rehearsal:
                result["ansible_stats"] = _stats(state, world.result(), world.artifact())
        # What a module process would have printed: plain types only.
        return t.cast("Result", json.loads(json.dumps(result)))


def _state_of(given: Result) -> State:
    state = given.get("state")
    if not isinstance(state, Mapping) or not {"run", "record", "agenda"} <= set(state):
        raise OptionError("There is no state of a run to continue. Run the role from its start.")
    return dict(state)


def _close(state: State) -> Result:
    """Fail as the run did."""
    record = state["record"]
    if state["agenda"] or record["state"] == "running":
        return {
            "failed": True,
            "changed": False,
            "error_code": "internal_error",
            "msg": "The run has not come to its end. Nothing says that it succeeded, so it counts as failed.",
        }
    result = {
        "changed": False,
        "state": record["state"],
        "reason": record["reason"],
        "error_code": record["error_code"],
    }
    if record["state"] == "failed":
        return {**result, "failed": True, "msg": record["message"]}
    return {**result, "msg": record["message"]}


def _of_state(state: State, task_vars: Result) -> Result:
    """The state, with what the role's headings call the run, and what its last task needs of the state.

    A heading stands for all hosts of a play. Ansible copies an argument value by value, so that the last task gets no more.
    """
    hosts = len(task_vars.get("ansible_play_hosts_all") or ())
    record = {name: state["record"][name] for name in ("state", "reason", "error_code", "message")}
    closing = {"run": state["run"], "record": record, "agenda": state["agenda"][:1]}
    return {
        "state": state,
        "title": _flag_of(state) if hosts < 2 else f"the flags of {hosts} hosts",
        "closing": {**closing, "is_refused": state.get("is_refused", False)},
    }


def _flag_of(state: State) -> str:
    return f"{state['run']['project_key']}/{state['run']['flag_key']}"


def _kept(state: State, result: Result, task_vars: Result) -> Result:
    """The result of the run, and the `results` of this play so far with it, by their flags."""
    return {"result": result, "results": {**(task_vars.get("_release_results") or {}), _flag_of(state): result}}


def _stats(state: State, result: Result, artifact: Result | None = None) -> Result:
    """What set_stats would hand on to the jobs after this one."""
    flag = _flag_of(state)
    data: Result = {"release_result": {flag: result}}
    if artifact is not None:
        data["release_report"] = {flag: artifact}
    return {"data": data, "aggregate": True, "per_host": False}


def _wrapper(world: ReleaseWorld, task_vars: Result) -> str:
    """The file of the role that includes the user's, after what has to be set before that."""
    if world.variables.stays_on_controller() and task_vars.get("ansible_connection") != "local":
        return "controller_task_file.yml"
    return "reset_task_file.yml" if _is_inconclusive(task_vars) else "task_file.yml"


def _failed_task(task_vars: Result) -> str:
    return str((task_vars.get("ansible_failed_task") or {}).get("uuid") or "")


def _failure(task_vars: Result, state: State) -> Result:
    """How the user's task file failed."""
    found = failure(
        task_vars.get("ansible_failed_result"), task_vars.get("ansible_failed_task"), state.get("failed_before")
    )
    return {**found, "failed": True, "inconclusive": _is_inconclusive(task_vars)}


def _is_inconclusive(task_vars: Result) -> bool:
    return bool(boolean(task_vars.get("release_check_inconclusive", False) or False, strict=False))
