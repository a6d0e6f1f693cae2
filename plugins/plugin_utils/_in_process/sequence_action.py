# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The role's own action between the plan and the end of a run: takes a release from one task file of the user's to the next.

It runs in the worker of a task. Its result holds the `state` that the next call continues, so that nothing is stored between runs. It
says which `task_file` the role is to include before that call; without one, the run is over, and `result` is that of the run.
"""

from __future__ import annotations

import dataclasses
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
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_info import RELEASE_INFO
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_phase import RELEASE_PHASE
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process import run_results
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.base_action import as_printed
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_action import RoleAction
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.sequence_world import SequenceWorld
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import sequence, stretches
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.actions import Done, RunTaskFile
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.driver import drive
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_failure import (
    failure,
    identity,
    must_be_forgotten,
)

if t.TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_state import State

Result = dict[str, t.Any]


class ReleaseSequenceAction(RoleAction[SequenceWorld]):
    """One stretch of a run of the role."""

    world_type = SequenceWorld
    own_options = ("state", "task_file")
    operations: t.ClassVar = {
        "ld_release_info": RELEASE_INFO,
        "ld_release_phase": RELEASE_PHASE,
        "ld_flag_targeting": FLAG_TARGETING,
        "ld_approval_request_info": APPROVAL_REQUEST_INFO,
        "environment_step": ENVIRONMENT_STEP,
        "environment_overview": ENVIRONMENT_OVERVIEW,
        "environment_restore": ENVIRONMENT_RESTORE,
    }

    def act(self, given: Result, world: SequenceWorld, task_vars: Result) -> Result:
        state, following = drive(self._continued(given, world, task_vars), world)
        if isinstance(following, RunTaskFile):
            return as_printed(_before(following, state, world, task_vars))
        result = run_results.so_far(state, world, task_vars)
        if isinstance(following, Done):
            result.update(run_results.at_the_end(state, world, task_vars, world.artifact()))
        return as_printed(result)

    def refused(self, result: Result, task_vars: Result) -> Result:
        return run_results.refused(self, result, task_vars)

    def _continued(self, given: Result, world: SequenceWorld, task_vars: Result) -> State:
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
        world.clock_ahead = state["clock_ahead"]
        if "task_file" not in given:
            return state
        answer: Result = {} if given["task_file"] == "passed" else self.access.hide(_failure(task_vars, state))
        return sequence.answer(state, answer, world.now())


def _state_of(given: Result) -> State:
    state = given.get("state")
    if not isinstance(state, Mapping) or not {"run", "record", "agenda", "clock_ahead"} <= set(state):
        raise OptionError("There is no state of a run to continue. Run the role from its start.")
    return dict(state)


def _before(file: RunTaskFile, state: State, world: SequenceWorld, task_vars: Result) -> Result:
    """What the role needs to include a task file of the user's."""
    state, is_chained = stretches.chain(state)
    before = run_results.remembered_failure(task_vars)
    is_forgotten = must_be_forgotten(*before, state["failed_outside"])
    state = {**state, "failed_before": "" if is_forgotten else identity(*before)}
    wrapper = _wrapper(world, task_vars, is_reset=is_forgotten or _is_inconclusive(task_vars))
    title = plain(f"{file.name} ({file.purpose})")
    return {
        **run_results.so_far(state, world, task_vars),
        "task_file": {**dataclasses.asdict(file), "title": title},
        "first": stretches.first(state, wrapper),
        "wrapper": wrapper,
        "next": wrapper if is_chained else "",
        "stretches": stretches.turns(state),
    }


def _wrapper(world: SequenceWorld, task_vars: Result, *, is_reset: bool) -> str:
    """The file of the role that includes the user's, after what has to be set before that."""
    if world.variables.stays_on_controller() and task_vars.get("ansible_connection") != "local":
        return "controller_task_file.yml"
    return "reset_task_file.yml" if is_reset else "task_file.yml"


def _failure(task_vars: Result, state: State) -> Result:
    """How the user's task file failed."""
    found = failure(*run_results.remembered_failure(task_vars), state["failed_before"])
    return {**found, "failed": True, "inconclusive": _is_inconclusive(task_vars)}


def _is_inconclusive(task_vars: Result) -> bool:
    return bool(boolean(task_vars.get("release_check_inconclusive", False) or False, strict=False))
