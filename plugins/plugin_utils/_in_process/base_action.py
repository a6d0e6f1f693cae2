# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What all actions of the collection have: the task's environment and variables, in plain types."""

from __future__ import annotations

import contextlib
import json
import os
import typing as t
from collections.abc import Mapping

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError

if t.TYPE_CHECKING:
    from collections.abc import Iterator

# Where a task keeps the environment that it was given once the token has left it.
KEPT = "_launchdarkly_environment"


class LaunchDarklyAction(ActionBase):
    """An action of the collection."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_diff = True

    def _variable(self, variables: dict[str, t.Any], name: str) -> bool:
        """A variable of ours, which may be a template and is true where it is not set."""
        try:
            return bool(boolean(self._templar.template(variables.get(name, True))))
        except TypeError as error:
            raise OptionError(f"The variable {name} has to be a boolean. {error}") from error

    def _task_environment(self) -> dict[str, str]:
        """The task's `environment:`, templated for this loop item and merged over its block's, role's and play's."""
        kept: dict[str, str] | None = getattr(self._task, KEPT, None)
        if kept is not None:
            return kept
        merged: dict[str, t.Any] = {}
        compute: t.Callable[[dict[str, t.Any]], str] = self._compute_environment_string
        compute(merged)
        return {name: str(value) for name, value in merged.items()}


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


def as_printed(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """A result as a module process would have printed it: in plain types only."""
    return t.cast("dict[str, t.Any]", json.loads(json.dumps(result)))


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
