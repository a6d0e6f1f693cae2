# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: release_run
short_description: What the role release computes between its tasks
version_added: 0.1.0
description:
  - Private to the role P(flagops.launchdarkly.release#role); it may change in any release.
positional: _input, operation
options:
  _input:
    description: What the operation works on.
    type: raw
    required: true
  operation:
    description: What to compute.
    type: str
    required: true
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
# Private to the role.
"""

RETURN = r"""
_value:
  description: What the operation computes.
  type: raw
"""

import datetime
import importlib.metadata
import os
import platform
import typing as t

from ansible.release import __version__ as ansible_version

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.version import VERSION
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import approvals as approval_reading
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import guards
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as run_record
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_names
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_failure import failure
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_files import locate, usable_notices
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.variables import check_names
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.files import template_path


def _plan(
    release: dict[str, t.Any],
    settings: dict[str, t.Any],
    tasks_dir: str,
    variables: list[str],
    now: str,
    report_template: str = "",
) -> dict[str, t.Any]:
    """The plan, or why there is none: a sentence in the record says more than a filter's exception in Ansible's words."""
    try:
        warnings = check_names(variables)
        template_path(report_template, tasks_dir, os.getcwd())
        plan = guards.foresee(locate(plan_steps(release, settings), tasks_dir, os.getcwd()), now)
    except SettingsError as error:
        return {"error": str(error), "steps": [], "parts": []}
    return {**plan, "warnings": warnings}


def _notices(files: t.Any, tasks_dir: t.Any) -> list[dict[str, t.Any]]:
    return usable_notices(files, tasks_dir, os.getcwd())


def _public(record: dict[str, t.Any]) -> dict[str, t.Any]:
    versions = {
        "collection": VERSION,
        "ansible_core": ansible_version,
        "python": platform.python_version(),
        "requests": _version_of("requests"),
        "pydantic": _version_of("pydantic"),
    }
    return run_record.public(record, versions)


def _version_of(package: str) -> str | None:
    # Not by importing it: that would cost each task of the role a fifth of a second.
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _now(_value: t.Any) -> str:
    """The clock's reading. Not Ansible's own now(): a variable of the user's with that name would stand in its place."""
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


OPERATIONS: dict[str, t.Callable[..., t.Any]] = {
    "now": _now,
    "aim": run_record.aim,
    "begin": run_record.begin,
    "plan": _plan,
    "update": run_record.update,
    "failure": failure,
    "public": _public,
    "tell": run_record.tell,
    "sum": run_record.sum_up,
    "whole_seconds": run_record.whole_seconds,
    "freeze": guards.freeze,
    "environments_to_undo": guards.environments_to_undo,
    "entered": guards.entered,
    "undo_comment": guards.undo_comment,
    "undone": guards.undone,
    "event": guards.event,
    "event_of_end": guards.event_of_end,
    "check_event": guards.check_event,
    "chat_text": guards.chat_text,
    "joined": guards.joined,
    "noticed": guards.noticed,
    "notices": _notices,
    "names": lambda value: read_names("release_abort_environments", value),
    "asked": approval_reading.environments,
    "awaited": approval_reading.awaited,
}


def release_run(value: t.Any, operation: str, *arguments: t.Any, **named: t.Any) -> t.Any:
    return OPERATIONS[operation](value, *arguments, **named)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"release_run": release_run}
