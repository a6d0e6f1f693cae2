# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Runs the collection's modules and Ansible's own inside the worker of a task, for an action that needs several of them."""

from __future__ import annotations

import sys
import typing as t

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader

from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import TOKEN_VARIABLES
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.redact import without_token
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import (
    Definition,
    argument_failure,
    execute,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.base_action import as_printed

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ansible.plugins.connection import ConnectionBase

    from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import Runtime

Result = dict[str, t.Any]


def run_definition(
    definition: Definition,
    arguments: dict[str, t.Any],
    runtime: Runtime,
    *,
    check_mode: bool = False,
    read_token: Callable[[], str] | None = None,
) -> tuple[Result, list[str]]:
    """The result of one of the collection's modules, in the plain types that a module process would print, and its warnings."""
    validation = ArgumentSpecValidator(**definition.spec_arguments).validate(arguments)
    options = validation.validated_parameters
    if validation.error_messages:
        return without_token(argument_failure(validation.errors.msg), options.get("access_token")), []
    result, warnings = execute(definition, options, runtime, check_mode=check_mode, read_token=read_token)
    return as_printed(result), warnings


class ModuleCall(ActionBase):
    """One call of a module of Ansible's, on a copy of the task that bears it. Its arguments may be secret: nothing of it is logged."""

    @classmethod
    def of(cls, action: ActionBase, name: str, arguments: Result, *, on_controller: bool, become: bool) -> ModuleCall:
        """`on_controller`: with a local connection and the controller's Python, whatever the connection of the task is."""
        task = action._task.copy()
        task.action = name
        task.args = arguments
        task.no_log = True
        task.async_val = 0
        task.environment = [_without_token(action)]
        if on_controller:
            task.delegate_to = None
        is_local = action._connection.transport == "local"
        connection = _local(action) if on_controller and not is_local else action._connection
        call = cls(task, connection, action._play_context, action._loader, action._templar, action._shared_loader_obj)
        call.is_on_controller = on_controller
        call.may_become = bool(become and task.become)
        return call

    is_on_controller = False
    may_become = False

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        super().run(tmp, task_vars)
        variables = dict(task_vars or {})
        if self.is_on_controller:
            variables["ansible_python_interpreter"] = sys.executable
        plugin = self._connection.become
        if not self.may_become:
            self._connection.set_become_plugin(None)  # type: ignore[arg-type]  # as ansible-core itself calls it
        try:
            result = self._execute_module(
                module_name=self._task.action, module_args=self._task.args, task_vars=variables
            )
        except (AnsibleConnectionFailure, AnsibleError) as error:
            return {"failed": True, "msg": f"the module could not be run: {error}"}
        finally:
            self._connection.set_become_plugin(plugin)  # type: ignore[arg-type]  # as above
            self._remove_tmp_path(self._connection._shell.tmpdir)  # type: ignore[no-untyped-call]  # ansible-core's own
        result.pop("invocation", None)
        return t.cast("Result", result)


def _local(action: ActionBase) -> ConnectionBase:
    return t.cast("ConnectionBase", connection_loader.get("ansible.builtin.local", action._play_context))


def _without_token(action: ActionBase) -> dict[str, str]:
    """The task's `environment:` without the token: Ansible prints it at -vvv, and a local process inherits it anyway."""
    merged: Result = {}
    action._compute_environment_string(merged)
    return {name: str(value) for name, value in merged.items() if name not in TOKEN_VARIABLES}
