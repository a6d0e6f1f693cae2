# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a task that failed said. Pure. The task may be the user's: its result may hold anything."""

from __future__ import annotations

import hashlib
import json
import typing as t
from collections.abc import Mapping

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.data import to_builtin
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.error_page import without_address

NOT_LOADED = "a task file could not be loaded; Ansible's own error above says which"
LONGEST_WORDS = 300


def identity(result: t.Any, task: t.Any) -> str:
    """What tells the failure that Ansible remembers from another one, empty without one.

    Ansible-core 2.21 gives no ID of the task. Then two failures that are alike have the same identity.
    """
    if not isinstance(task, Mapping) or not task:
        return ""
    if task.get("uuid"):
        return str(task["uuid"])
    # What the task was given may be secret, and states are shown.
    return hashlib.sha256(json.dumps([to_builtin(task), to_builtin(result)], sort_keys=True).encode()).hexdigest()


def must_be_forgotten(result: t.Any, task: t.Any, outside: str) -> bool:
    """Could the next failure have the same identity? Then Ansible has to forget this one before the next task file.

    A failure from before the run, whose identity is `outside`, is left for the user's own tasks.
    """
    return identity(result, task) not in ("", outside) and not task.get("uuid")


def failure(result: t.Any, task: t.Any, before: str = "") -> dict[str, t.Any]:
    """What the role keeps of `ansible_failed_result` and `ansible_failed_task`.

    A task file that cannot be loaded leaves no result, so that those of an earlier failure are still there: `before` is the identity
    of that. What a task with `no_log` says is not shown.
    """
    found = identity(result, task)
    result, task = (value if isinstance(value, Mapping) else {} for value in (result, task))
    if found in ("", before):
        return _kept({}, NOT_LOADED)
    if task.get("no_log"):
        return _kept(result, f"the task '{task.get('name') or task.get('action')}' failed, and its no_log hides how")
    return _kept(result, _words(result) or f"the task '{task.get('name') or task.get('action')}' gave no reason")


def _words(result: Mapping[str, t.Any]) -> str:
    """Those of the first item that failed, for a task with a loop."""
    failed = [item for item in result.get("results") or () if isinstance(item, Mapping) and item.get("failed") is True]
    shown = failed[0] if failed else result
    # It goes into a sentence of the role's, whose own address comes last.
    words = without_address(_text(shown.get("msg") or shown.get("reason")))
    lines = str(shown.get("stderr") or shown.get("module_stderr") or "").strip().splitlines()
    if lines and lines[-1].strip() not in words:
        words = f"{words.rstrip('.')}: {lines[-1].strip()[:LONGEST_WORDS]}" if words else lines[-1].strip()
    item = shown.get(str(shown.get("ansible_loop_var", "item")))
    return f"{words} (item {item})" if failed and isinstance(item, (str, int)) else words


def _text(value: t.Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value or "")


def _kept(result: Mapping[str, t.Any], words: str) -> dict[str, t.Any]:
    return {
        "msg": words,
        "error_code": result.get("error_code"),
        "changed": result.get("changed", False),
        "phase": result.get("phase"),
        "approvals": result.get("approvals", []),
        "requests": result.get("requests", 0),
        "retries": result.get("retries", 0),
    }
