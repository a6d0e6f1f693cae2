# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Run one operation and turn every outcome into a task result: shared by the in-process way and the module."""

from __future__ import annotations

import dataclasses
import sys
import traceback
import typing as t
from dataclasses import dataclass

from ansible.module_utils.basic import AnsibleModule

from .._core.data import to_builtin
from .._core.error_page import with_address
from .._core.errors import LaunchDarklyError, OptionError
from .._core.libraries import MISSING
from .._core.runtime import Runtime
from .._core.text import plain
from .._http.client import Http
from .._http.shared_file import place_for
from .._http.transport import RequestsTransport
from .parse import NOT_AUTHENTICATED, connection_from_options, read_access_token
from .redact import without_token, without_tokens

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .options import Spec

Options = dict[str, t.Any]
Result = dict[str, t.Any]
T = t.TypeVar("T")


class Operation(t.Protocol):
    """What a module does; `to_result` may be asked at any moment, also after `run` has raised."""

    warnings: list[str]

    def run(self) -> None:
        """Do it; raise LaunchDarklyError when it cannot be done."""

    def to_result(self) -> Result:
        """What is known so far, as result keys."""


@dataclass(frozen=True)
class Definition:
    """One module: its name, its options, and the operation for a set of options."""

    name: str
    argument_spec: Spec
    build: Callable[[Mapping[str, t.Any], Http, bool], Operation]
    required_if: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    @property
    def spec_arguments(self) -> dict[str, t.Any]:
        """What AnsibleModule and ArgumentSpecValidator both take."""
        return {"argument_spec": self.argument_spec, "required_if": [list(rule) for rule in self.required_if]}

    def with_defaults(self, options: Options) -> Options:
        """The options with their defaults where they are null: Ansible fills in only those that are absent."""
        defaults = {name: option["default"] for name, option in self.argument_spec.items() if "default" in option}
        return {**options, **{name: value for name, value in defaults.items() if options.get(name) is None}}


class Tokens:
    """The access token as it is now, and all that were used, to hide them."""

    def __init__(self, given: str | None, read: Callable[[], str] | None) -> None:
        self._read = read
        self._used = [given or ""]

    def current(self) -> str:
        if self._read is not None:
            token = self._read()
            if token != self._used[-1]:
                self._used.append(token)
        return read_access_token(self._used[-1])

    def hide(self, value: T) -> T:
        return without_tokens(value, self._used)


def execute(
    definition: Definition,
    options: Options,
    runtime: Runtime,
    *,
    check_mode: bool,
    read_token: Callable[[], str] | None = None,
) -> tuple[Result, list[str]]:
    """Run the operation. Returns the task result and its warnings, both free of the access token.

    `read_token` is asked before every request, in place of the token in the options.
    """
    options = definition.with_defaults(options)
    tokens = Tokens(options.get("access_token"), read_token)
    report = runtime.report
    runtime = dataclasses.replace(runtime, report=lambda line: report(tokens.hide(line)))
    operation: Operation | None = None
    result: Result = {"changed": False}
    try:
        _require_libraries()
        connection = connection_from_options(options)
        place = place_for(connection, runtime.sleep)
        transport = RequestsTransport(connection, tokens.current)
        http = Http(transport, runtime, connection.max_retries, connection.retry_timeout, place)
        operation = definition.build(options, http, check_mode)
        operation.run()
        failure: Result = {}
    except LaunchDarklyError as error:
        failure = error.to_result()
    except Exception as error:  # a bug: nobody would mask the token in an exception that escapes
        failure = _report_bug(error)
    try:
        result.update(operation.to_result() if operation else {})
    except Exception as error:  # as above; an earlier failure is more useful
        failure = failure or _report_bug(error)
    result.update(failure)
    warnings = list(dict.fromkeys(plain(warning) for warning in operation.warnings)) if operation else []
    return tokens.hide((to_builtin(result), to_builtin(warnings)))


def _report_bug(error: Exception) -> Result:
    failure = LaunchDarklyError(
        f"This is a bug in the collection flagops.launchdarkly: {type(error).__name__}: {error}. Please report it with"
        " the traceback, which is in the result as 'traceback'.",
        "internal_error",
    ).to_result()
    text = traceback.format_exc()
    # Ansible shows "exception" in its own way, but since 2.19 only to who has asked for tracebacks beforehand.
    return {**failure, "exception": text, "traceback": text.splitlines()}


def _require_libraries() -> None:
    if MISSING:
        names = " and ".join(sorted(MISSING))
        raise OptionError(
            f"The Python that runs this task, {sys.executable}, cannot import {names}. Install what the collection's"
            " requirements.txt lists there, or run the task on the controller (delegate_to: localhost).",
            "missing_library",
        )


def argument_failure(message: str) -> Result:
    """The result for options that do not fit the argument spec, from Ansible's own account of it."""
    missing = message.partition("missing required arguments: ")[2].split(", ")
    if "access_token" in missing:
        others = ", ".join(name for name in missing if name != "access_token")
        message = f"missing required arguments: {others}. {NOT_AUTHENTICATED}" if others else NOT_AUTHENTICATED
    return {"changed": False, **OptionError(message).to_result()}


class _Module(AnsibleModule):
    """AnsibleModule itself reports options that do not fit the argument spec; here that failure gets its error code too."""

    def fail_json(self, msg: str, **kwargs: t.Any) -> t.NoReturn:
        failure = without_token(argument_failure(msg), self.params.get("access_token"))
        super().fail_json(**with_address({**failure, **kwargs}))
        raise SystemExit(1)


def run_module(definition: Definition) -> None:
    """Run the operation as a module."""
    module = _Module(**definition.spec_arguments, supports_check_mode=True)  # type: ignore[no-untyped-call]  # ansible-core's own
    result, warnings = execute(definition, module.params, Runtime(), check_mode=module.check_mode)
    for warning in warnings:
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


def refuse_as_module(name: str, argument_spec: Spec) -> None:
    """For a module that only documents an action plugin."""
    module = _Module(argument_spec=argument_spec, supports_check_mode=True)  # type: ignore[no-untyped-call]  # ansible-core's own
    module.fail_json(
        msg=f"{name} runs on the controller only, as an action plugin, which could not be loaded. Install what the collection's"
        f" requirements.txt lists for the controller's Python. This is {sys.executable}."
    )
