# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The action plugin of the modules: runs an operation inside the controller's own worker."""

from __future__ import annotations

import contextlib
import json
import os
import typing as t
from collections.abc import Mapping

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.error_page import with_address
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.libraries import MISSING
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import end_with_parent
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import TOKEN_VARIABLES
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.redact import without_token
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.registry import MODULES
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import (
    Definition,
    argument_failure,
    execute,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterator

IN_PROCESS_VARIABLE = "launchdarkly_in_process"
PROGRESS_VARIABLE = "launchdarkly_progress"

GROUP = "group/flagops.launchdarkly.all"
# Everything that module_defaults of the action group may hold: each module of the group takes what it knows.
GROUP_OPTIONS = frozenset(name for definition in MODULES.values() for name in definition.argument_spec)

# Where a task keeps the environment that it was given once the token has left it.
KEPT = "_launchdarkly_environment"

_display = Display()


class InProcessAction(ActionBase):
    """Runs the module of the task here when the connection is local, else hands the task to the module itself."""

    @property
    def definition(self) -> Definition:
        """That of the module which the task names."""
        return MODULES[str(self._task.action).rpartition(".")[2]]

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = True
    _supports_diff = True

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

    def _variable(self, variables: dict[str, t.Any], name: str) -> bool:
        """A variable of ours, which may be a template and is true where it is not set."""
        try:
            return bool(boolean(self._templar.template(variables.get(name, True))))
        except TypeError as error:
            raise OptionError(f"The variable {name} has to be a boolean. {error}") from error

    def _is_local(self) -> bool:
        return bool(self._connection.transport == "local")

    def _task_environment(self) -> dict[str, str]:
        """The task's `environment:`, templated for this loop item and merged over its block's, role's and play's."""
        kept: dict[str, str] | None = getattr(self._task, KEPT, None)
        if kept is not None:
            return kept
        merged: dict[str, t.Any] = {}
        compute: t.Callable[[dict[str, t.Any]], str] = self._compute_environment_string
        compute(merged)
        return {name: str(value) for name, value in merged.items()}

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
        # What a module process would have printed, so that both ways return the same plain types.
        return t.cast("dict[str, t.Any]", json.loads(json.dumps(result)))

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


def plain_copy(value: t.Any) -> t.Any:
    """A copy as a module process would be given it: Ansible's own kinds of text and numbers would show in messages."""
    if isinstance(value, Mapping):
        return {plain_copy(name): plain_copy(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_copy(item) for item in value]
    if isinstance(value, str):
        return str.__str__(value)
    for kind in (int, float):
        if isinstance(value, kind) and not isinstance(value, bool):
            return kind(value)
    return value if value is None or isinstance(value, bool) else str(value)


@contextlib.contextmanager
def process_environment(changes: dict[str, str]) -> Iterator[None]:
    """Give this process the task's `environment:`, as a module process would have it. A worker runs one task at a time."""
    saved = dict(os.environ)
    try:
        try:
            os.environ.update(changes)
        except ValueError as error:
            raise OptionError(f"environment: something in it cannot be a variable: {error}.") from error
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)
