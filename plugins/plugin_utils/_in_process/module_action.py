# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The action plugin of the modules: runs an operation inside the controller's own worker."""

from __future__ import annotations

import os
import typing as t

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.utils.display import Display

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.error_page import with_address
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.libraries import MISSING
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import end_with_parent
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.registry import MODULES
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import GROUP_OPTIONS, TOKEN_VARIABLES
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.redact import without_token
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import (
    Definition,
    argument_failure,
    execute,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.base_action import (
    KEPT,
    LaunchDarklyAction,
    as_printed,
    plain_copy,
    process_environment,
)

IN_PROCESS_VARIABLE = "launchdarkly_in_process"
PROGRESS_VARIABLE = "launchdarkly_progress"

GROUP = "group/flagops.launchdarkly.all"

_display = Display()


class InProcessAction(LaunchDarklyAction):
    """Runs the module of the task here when the connection is local, else hands the task to the module itself."""

    _supports_async = True

    @property
    def definition(self) -> Definition:
        """That of the module which the task names."""
        return MODULES[str(self._task.action).rpartition(".")[2]]

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        variables = task_vars or {}
        environment = self._task_environment()
        try:
            if not self._stays_here(variables):
                return self._hand_over(variables, environment)
            with process_environment(environment):
                return with_address(self._run_here(variables))
        except OptionError as error:
            return with_address(argument_failure(error.message))

    def _arguments(self) -> dict[str, t.Any]:
        """The options of the task, without those that come from the action group and that only other modules of it know."""
        arguments = dict(self._task.args)
        unknown = (arguments.keys() & GROUP_OPTIONS) - self.definition.argument_spec.keys()
        if unknown:
            given = [defaults.get(GROUP) or {} for defaults in self._templar.template(self._task.module_defaults)]
            unknown &= {name for options in given for name in options}
        return {name: value for name, value in arguments.items() if name not in unknown}

    def _stays_here(self, variables: dict[str, t.Any]) -> bool:
        """Become, async and the connection of another machine need a process of their own."""
        wanted = self._variable(variables, IN_PROCESS_VARIABLE)
        return bool(
            wanted and self._is_local() and not self._connection.become and not self._task.async_val and not MISSING
        )

    def _is_local(self) -> bool:
        return bool(self._connection.transport == "local")

    def _run_here(self, variables: dict[str, t.Any]) -> dict[str, t.Any]:
        arguments = t.cast("dict[str, t.Any]", plain_copy(self._arguments()))
        validation = ArgumentSpecValidator(**self.definition.spec_arguments).validate(arguments)
        options = validation.validated_parameters
        warnings: list[str] = []
        if validation.error_messages:
            message = validation.errors.msg
            if isinstance(validation.errors[0], UnsupportedError):
                message = f"Unsupported parameters for ({self.definition.name}) module: {message}"
            result = without_token(argument_failure(message), options.get("access_token"))
        else:
            runtime = end_with_parent(_show if self._shows_progress(variables) else lambda _line: None)
            result, warnings = execute(self.definition, options, runtime, check_mode=self._task.check_mode)
        if _injects_invocation(variables):
            result["invocation"] = {"module_args": without_token(options, options.get("access_token"))}
        if warnings:
            result["warnings"] = warnings
        return as_printed(result)

    def _shows_progress(self, variables: dict[str, t.Any]) -> bool:
        return not self._task.no_log and self._variable(variables, PROGRESS_VARIABLE)

    def _hand_over(self, variables: dict[str, t.Any], environment: dict[str, str]) -> dict[str, t.Any]:
        """Run the module, with what the environment says about the connection as options.

        Ansible prints `environment:` at -vvv, so the token leaves it, and for good: it is printed again whenever Ansible looks
        after a job (`async`). And a privilege change on this machine would lose the controller's own variables, so that a task
        meant for another host would reach the default one.
        """
        known = {**(os.environ if self._is_local() else {}), **environment}
        arguments = self._arguments()
        for name, option in self.definition.argument_spec.items():
            for variable in option.get("fallback", (None, ()))[1]:
                if variable in known:
                    arguments.setdefault(name, known[variable])
        wrap_async = self._task.async_val and not self._connection.has_native_async
        # This worker's own task, or its own copy for a loop item; a repetition (`until`) comes here again.
        setattr(self._task, KEPT, environment)
        self._task.environment = [{name: value for name, value in environment.items() if name not in TOKEN_VARIABLES}]
        result = self._execute_module(
            module_name=self.definition.name, module_args=arguments, task_vars=variables, wrap_async=wrap_async
        )
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)  # type: ignore[no-untyped-call]  # ansible-core's own
        return t.cast("dict[str, t.Any]", result)


def _show(line: str) -> None:
    """Standard output belongs to the callback plugin, which may write JSON there. Names in the line are LaunchDarkly's."""
    _display.display(plain(line), stderr=True)


def _injects_invocation(variables: dict[str, t.Any]) -> bool:
    """Do results show how modules were called? Since ansible-core 2.21 a setting decides."""
    try:
        return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=variables))
    except AnsibleError:
        return True
