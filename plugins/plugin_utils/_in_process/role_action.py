# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the actions of the role share: options, variables, and the world that they act on."""

from __future__ import annotations

import typing as t

from ansible.utils.display import Display

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.error_page import with_address
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError, OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.libraries import MISSING
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import end_with_parent
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.values import is_loopback
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import GROUP_OPTIONS
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.parse import read_api_host
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import argument_failure
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.access import Access
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.base_action import (
    LaunchDarklyAction,
    plain_copy,
    process_environment,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import ReleaseWorld
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_variables import RoleVariables
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import Definition

Result = dict[str, t.Any]
World = t.TypeVar("World", bound=ReleaseWorld)


class RoleAction(LaunchDarklyAction, t.Generic[World]):
    """An action of the role's own. It runs on the controller, whatever the connection of its task is."""

    display = Display()
    _supports_async = False
    own_options: tuple[str, ...] = ()
    world_type: type[World]
    # What it does on LaunchDarkly, by the names that the sequence has for it.
    operations: t.ClassVar[Mapping[str, Definition]] = {}

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        super().run(tmp, task_vars)
        given = t.cast("Result", plain_copy(self._task.args))
        self.group_options = {name: value for name, value in given.items() if name not in self.own_options}
        try:
            _refuse_unknown(self.group_options)
            _require_libraries()
            with process_environment(self._task_environment()):
                variables = RoleVariables(self, task_vars or {})
                self.access = Access(self.group_options, variables)
                world = self._world(variables, task_vars or {})
                return with_address(self.access.hide(self.act(given, world, task_vars or {})))
        except (OptionError, SettingsError) as error:
            code = error.code if isinstance(error, OptionError) else "invalid_option"
            failure = {**argument_failure(str(error)), "error_code": code}
            return with_address(self.refused(failure, task_vars or {}))

    def refused(self, result: Result, _task_vars: Result) -> Result:
        """The result of a task that was refused."""
        return result

    def act(self, given: Result, world: World, task_vars: Result) -> Result:
        """Do what the action is for."""
        raise NotImplementedError

    def _world(self, variables: RoleVariables, task_vars: Result) -> World:
        self._refuse_real_account(variables)
        runtime = end_with_parent(self._show if self._is_shown(task_vars) else _say_nothing)
        return self.world_type(self, variables, runtime, task_vars)

    def flag(self, variables: RoleVariables) -> Result:
        """The keys of the flag; raises OptionError for one that is missing."""
        keys = {name: variables.text(f"release_{name}").strip() for name in ("project_key", "flag_key")}
        missing = [f"release_{name}" for name, value in keys.items() if not value]
        if missing:
            raise OptionError(f"{' and '.join(missing)} must be set, for example with -e {missing[0]}=KEY.")
        return keys

    def _is_shown(self, task_vars: Result) -> bool:
        return not self._task.no_log and self._variable(task_vars, "launchdarkly_progress")

    def _show(self, line: str) -> None:
        # Names in it are LaunchDarkly's users' words. Standard output belongs to the callback plugin.
        self.display.display(plain(self.access.hide(line)), stderr=True)

    def _refuse_real_account(self, variables: RoleVariables) -> None:
        """A rehearsal talks to the simulator that it has started, and to nothing else."""
        rehearsal = variables.rehearsal()
        if not rehearsal:
            return
        started = str(rehearsal.get("api_host") or "")
        try:
            host = self.access.api_host()
            is_simulator = (
                bool(started)
                and host == read_api_host(started)
                and is_loopback(host.split("://", 1)[1].rsplit(":", 1)[0])
            )
        except LaunchDarklyError:
            is_simulator = False
        if not is_simulator:
            raise OptionError(
                "A rehearsal reaches only the simulator that it has started, and api_host is something else here. Nothing was sent."
                " Remove what sets api_host for these tasks, then rerun."
            )


def _refuse_unknown(given: Result) -> None:
    unknown = sorted(set(given) - GROUP_OPTIONS)
    if unknown:
        raise OptionError(f"Unsupported parameters : {', '.join(unknown)}.")


def _require_libraries() -> None:
    if MISSING:
        raise OptionError(
            f"The role runs on the controller, and its Python cannot import {' and '.join(sorted(MISSING))}. Install what the"
            " collection's requirements.txt lists there.",
            "missing_library",
        )


def _say_nothing(_line: str) -> None:
    """For a task that shows nothing."""
