# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the actions of the role act on: LaunchDarkly, the terminal, the clock. Enough to read a release and to plan a run."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.links import flag_page
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import environment_keys
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import argument_failure
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process import rehearsal_clock
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.modules import run_definition
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.reports import Reports
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.terminal import Terminal
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.versions import versions
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import (
    actions,
    approvals,
    environments,
    freeze,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import (
    plan_steps,
    without_arguments,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_settings
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_files import locate, usable_notices
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.variables import check_names
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.ran_by import ran_by

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import Runtime
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_action import RoleAction
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_variables import RoleVariables
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_state import State

Result = dict[str, t.Any]

# Answers give LaunchDarkly's time in whole seconds. The clock of a run is set again only for a difference that is larger.
STEADY_SECONDS = 2.0


class ReleaseWorld:
    """Carries out the actions of a sequence, for the task of an action plugin, that read and plan."""

    def __init__(
        self, action: RoleAction[t.Any], variables: RoleVariables, runtime: Runtime, task_vars: Result
    ) -> None:
        self._action = action
        self.variables = variables
        self._runtime = dataclasses.replace(runtime, learn_clock=self.learn_clock)
        # Seconds by which the clock of this machine is ahead of LaunchDarkly's, as far as its answers have shown.
        self.clock_ahead = 0.0
        self._task_vars = task_vars
        is_shared = len(task_vars.get("ansible_play_batch") or ()) > 1
        mark = "REHEARSAL  " if variables.rehearsal() else ""
        corrected = dataclasses.replace(runtime, wall=self.time)
        self._terminal = Terminal(action.display, corrected, is_shared=is_shared, mark=mark)
        self._is_shared = is_shared
        self.reports = Reports(variables)
        self.state: State = {}
        self.changed = False
        self.warnings: list[str] = []

    @property
    def is_rehearsal(self) -> bool:
        return bool(self.variables.rehearsal())

    def time(self) -> float:
        """LaunchDarkly's time in seconds since the epoch. What is counted from its moments must not depend on the clock here."""
        return self._runtime.wall() - self.clock_ahead

    def now(self) -> str:
        return iso(self.time())

    def learn_clock(self, ahead: float) -> None:
        if abs(ahead - self.clock_ahead) > STEADY_SECONDS:
            self.clock_ahead = ahead

    def keep(self, state: State) -> None:
        self.state = state

    def interruption(self, error: BaseException) -> tuple[str, str] | None:
        code = _code_of(error)
        return (code, _said_of(error)) if code else None

    def carriers(self) -> dict[type, Callable[[t.Any], t.Any]]:
        """What carries out an action, by its class."""
        return {actions.Read: self._read, actions.MakePlan: self._make_plan, actions.Show: self._show}

    def carries_out(self, action: actions.Action) -> bool:
        return type(action) in self.carriers()

    def carry_out(self, action: actions.Action) -> t.Any:
        return self.carriers()[type(action)](action)

    # LaunchDarkly

    def operate(self, module: str, options: Result, *, check_mode: bool = False) -> Result:
        definition = self._action.operations[module]
        defaults = {
            name: value for name, value in self._action.group_options.items() if name in definition.argument_spec
        }
        access = self._action.access
        try:
            given = access.options()
        except SettingsError as error:
            return argument_failure(str(error))
        arguments = {**defaults, **given, **options}
        read_token = access.token if "access_token" in given else None
        runtime, rehearsal = self._runtime, self.variables.rehearsal()
        is_simulated = module == "environment_step" and bool(rehearsal)
        if is_simulated:
            runtime = rehearsal_clock.simulated(runtime, rehearsal)
            arguments = rehearsal_clock.real_times(arguments, rehearsal)
        result, warnings = run_definition(definition, arguments, runtime, check_mode=check_mode, read_token=read_token)
        if is_simulated:
            result = rehearsal_clock.simulated_times(result, rehearsal)
        self.warnings += [warning for warning in (*warnings, *access.warnings) if warning not in self.warnings]
        self.changed = self.changed or bool(result.get("changed") and not check_mode)
        return result

    @property
    def _flag(self) -> Result:
        run = self.state["run"]
        return {"project_key": run["project_key"], "flag_key": run["flag_key"]}

    def _read(self, wanted: actions.Read) -> Result:
        try:
            found = self.read_environments(self.variables.settings())
        except SettingsError:
            # The plan, which comes next, says what is wrong.
            return {"exists": True, "release": {**self._flag, "phases": []}}
        if found is not None:
            return found
        if not wanted.attach:
            return self.operate("ld_release_info", self._flag)
        options = {**self._flag, "release_pipeline_key": self.variables.text("release_pipeline_key")}
        variation = self.variables.get("release_variation", "")
        if variation != "":
            options["variation"] = str(variation) if not isinstance(variation, bool) else str(variation).lower()
        result = self.operate("ld_release", options, check_mode=self.state["check_mode"])
        return {"exists": bool(result.get("release")), **result}

    def read_environments(self, raw: Result) -> Result | None:
        """The release through environments, None where the settings name none. Raises SettingsError."""
        if not raw.get("environments"):
            return None
        settings = read_settings(raw)
        if not settings.environments:
            return None
        options = {**self._flag, "entries": environments.entries(settings)}
        result = self.operate("environment_overview", options)
        if result.get("failed"):
            return result
        return {**result, "exists": True, "release": environments.as_release(result, self._flag, settings)}

    # The plan

    def _make_plan(self, _wanted: actions.MakePlan) -> Result:
        variables = self.variables
        try:
            warnings = check_names(name for name in variables.raw if name.startswith("release_"))
            plan = plan_steps(self.state["current"], variables.settings())
            if plan["ask"] and self._is_shared:
                raise SettingsError(  # noqa: TRY301  refused like every other setting
                    "release_ask asks one person at one terminal, and this play has more than one host at a time. Use serial: 1, or"
                    " confirm phases with release_confirmed."
                )
            self.reports.check_template()
            located = locate(plan, variables.text("release_tasks_dir"), os.getcwd())
        except SettingsError as error:
            return {"error": str(error), "code": error.code, "steps": [], "parts": []}
        plan = freeze.foresee(without_arguments(located), self.now())
        return {**plan, "warnings": warnings, "about": self._about()}

    def _about(self) -> Result:
        """What people want to find in a result: the flag's page, what is released, and which job did it."""
        release = self.state["current"]
        keys = [key for phase in release["phases"] for key in environment_keys(phase["audiences"])]
        link = (
            flag_page(self._action.access.api_host(), release["project_key"], keys[0], release["flag_key"])
            if keys
            else None
        )
        variation = release.get("variation") or {}
        name = variation.get("name") or (json.dumps(variation["value"]) if "value" in variation else None)
        return {"flag_link": link, "variation_name": name, "ran_by": ran_by(os.environ, self._task_vars)}

    def usable_notices(self) -> list[Result]:
        """The notices that can be sent where there is no plan: a run that fails so early reports it, too."""
        if "hooks" in self.variables.rehearsal().get("skip", ()):
            return []
        files = self.variables.get("release_notify", [])
        return usable_notices(files, self.variables.text("release_tasks_dir"), os.getcwd())

    # What people read

    def _show(self, wanted: actions.Show) -> None:
        self._terminal.show(wanted.lines, timed=wanted.timed)

    def approvals(self, release: Result | None) -> tuple[list[Result], list[str]]:
        """Who was asked to approve phases of the release, and what could not be read of it."""
        found: list[Result] = []
        problems: list[str] = []
        for key in approvals.environments(release or {}):
            result = self.operate("ld_approval_request_info", {**self._flag, "environment_key": key})
            found += result.get("approvals", [])
            if result.get("failed"):
                problems.append(f"Who was asked to approve could not be read. {result.get('msg')}")
        return found, problems


def shown(state: State) -> Result:
    """A run as `release_result` shows it."""
    return records.public(state["record"], versions())


def iso(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _code_of(error: BaseException) -> str | None:
    """The error code for what ends a stretch; None for what ends the process."""
    if _is_task_timeout(error):
        return "task_timeout"
    return "internal_error" if isinstance(error, Exception) else None


def _said_of(error: BaseException) -> str:
    if _is_task_timeout(error):
        return "Ansible's task timeout ended this task."
    return f"This is a bug in the collection flagops.launchdarkly: {type(error).__name__}: {error}."


def _is_task_timeout(error: BaseException) -> bool:
    """By its name: where the class lives, and what it derives from, differs between versions of ansible-core."""
    return any(kind.__name__ == "TaskTimeoutError" for kind in type(error).__mro__)
