# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The role's own action at both ends of a run: reads the release and makes the plan, and at the end fails if the run has failed.

What carries a plan out is in sequence_action.py. A run that finds nothing to do never loads it.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_overview import (
    ENVIRONMENT_OVERVIEW,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release import RELEASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_info import RELEASE_INFO
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process import run_results
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.base_action import as_printed
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import (
    ReleaseWorld,
    iso,
    shown,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_action import RoleAction
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_variables import RoleVariables
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import sequence, stretches
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.actions import Done
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.driver import drive

if t.TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_state import State

Result = dict[str, t.Any]

FREE_STRATEGIES = ("free", "host_pinned")


class ReleaseRunAction(RoleAction[ReleaseWorld]):
    """Begins a run of the role, or ends it."""

    world_type = ReleaseWorld
    own_options = ("closing",)
    operations: t.ClassVar = {
        "ld_release_info": RELEASE_INFO,
        "ld_release": RELEASE,
        "environment_overview": ENVIRONMENT_OVERVIEW,
    }

    def act(self, given: Result, world: ReleaseWorld, task_vars: Result) -> Result:
        if "closing" in given:
            return self._end(given["closing"], task_vars)
        began = world.time()
        state, following = drive(self._begun(world), world)
        # LaunchDarkly's time is known only from its first answer on.
        state = sequence.began_at(state, iso(began - world.clock_ahead))
        result = run_results.so_far(state, world, task_vars)
        if isinstance(following, Done):
            return as_printed({**result, **run_results.at_the_end(state, world, task_vars)})
        return as_printed({**result, "tasks": stretches.tasks(state)})

    def refused(self, result: Result, task_vars: Result) -> Result:
        closing = self._task.args.get("closing")
        if closing is None:
            return run_results.refused(self, result, task_vars)
        is_refused = isinstance(closing, Mapping) and closing.get("is_refused")
        return self._end(closing, task_vars) if is_refused else result

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

    def _end(self, closing: t.Any, task_vars: Result) -> Result:
        """Fail as the run did."""
        if not isinstance(closing, Mapping) or not {"record", "agenda"} <= set(closing):
            raise OptionError("There is no run to end. Run the role from its start.")
        closing = dict(closing)
        record = closing["record"]
        if closing.get("is_refused"):
            # The first task has failed and says why, and the artifact of a job takes only what a task that succeeds returns.
            stats = run_results.stats(closing, shown(closing), RoleVariables(self, task_vars))
            return as_printed({"changed": False, **stats})
        if closing["agenda"] or record["state"] == "running":
            return {
                "failed": True,
                "changed": False,
                "error_code": "internal_error",
                "msg": "The run has not come to its end. Nothing says that it succeeded, so it counts as failed.",
            }
        result = {name: record[name] for name in ("state", "reason", "error_code")}
        return {**result, "changed": False, "failed": record["state"] == "failed", "msg": record["message"]}
