# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a task that failed, whatever it returned."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.error_page import add_address
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.task_failure import (
    NOT_LOADED,
    failure,
    identity,
    must_be_forgotten,
)

TASK = {"name": "Look", "action": "ansible.builtin.command", "uuid": "u1", "no_log": False}


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"msg": "the cart is empty"}, "the cart is empty"),
        ({"msg": ["one", 2]}, "one, 2"),
        ({"reason": "no such file"}, "no such file"),
        ({"msg": "non-zero return code", "stderr": "first\nlast line \n"}, "non-zero return code: last line"),
        ({"msg": "", "module_stderr": "sh: not found"}, "sh: not found"),
        ({"msg": "it said: last line", "stderr": "last line"}, "it said: last line"),
        ({"msg": ""}, "the task 'Look' gave no reason"),
        ({"msg": add_address("It is paused.", "phase_paused")}, "It is paused."),
        ({}, "the task 'Look' gave no reason"),
        # a loop says only that something failed
        (
            {
                "msg": "One or more items failed",
                "results": [
                    {"failed": False, "msg": "fine", "item": "a"},
                    {"failed": True, "msg": "no answer", "item": "b"},
                    {"failed": True, "msg": "refused", "item": "c"},
                ],
            },
            "no answer (item b)",
        ),
        (
            {"msg": "x", "results": [{"failed": True, "msg": "no", "ansible_loop_var": "shop", "shop": {"a": 1}}]},
            "no",
        ),
        ({"msg": "no such shop", "results": "none"}, "no such shop"),
    ],
)
def test_a_failure_is_told_in_the_tasks_own_words(result: dict[str, Any], said: str) -> None:
    assert failure({"failed": True, **result}, TASK)["msg"] == said


def test_what_a_task_keeps_from_the_log_stays_there() -> None:
    result = {"msg": "no entry for s3cret", "stderr": "s3cret", "error_code": "denied"}
    kept = failure(result, {**TASK, "no_log": True})
    assert "s3cret" not in str(kept)
    assert "'Look'" in kept["msg"]
    assert kept["error_code"] == "denied"


OLD = {"msg": "old", "error_code": "old", "phase": {"name": "old"}}
# As ansible-core 2.21 shows a task.
NAMELESS = {name: value for name, value in TASK.items() if name != "uuid"}


@pytest.mark.parametrize(
    ("task", "before"), [(None, ""), ({}, ""), ("odd", ""), (TASK, "u1"), (NAMELESS, identity(OLD, NAMELESS))]
)
def test_what_an_earlier_task_left_is_not_taken_for_this_failure(task: Any, before: str) -> None:
    """As after an include of a file that is not there, which leaves nothing."""
    kept = failure(OLD, task, before)
    assert (kept["msg"], kept["error_code"], kept["phase"]) == (NOT_LOADED, None, None)


def test_identity_tells_failures_apart() -> None:
    assert identity(OLD, TASK) == identity({}, TASK) == "u1"
    assert identity(OLD, NAMELESS) == identity(dict(OLD), dict(NAMELESS))
    others = [identity({**OLD, "msg": "new"}, NAMELESS), identity(OLD, {**NAMELESS, "name": "Look again"}), ""]
    assert identity(OLD, NAMELESS) not in others


def test_identity_shows_nothing_of_the_task() -> None:
    assert "s3cret" not in identity({"msg": "s3cret"}, {**NAMELESS, "args": {"password": "s3cret"}})


@pytest.mark.parametrize(("task", "is_so"), [(TASK, False), (NAMELESS, True), ({}, False), (None, False)])
def test_failure_must_be_forgotten_where_its_task_has_no_id(task: Any, is_so: bool) -> None:
    assert must_be_forgotten(OLD, task, "") is is_so
    assert not must_be_forgotten(OLD, task, identity(OLD, task))


def test_the_facts_of_a_module_are_kept() -> None:
    facts = {"error_code": "e", "changed": True, "phase": {}, "approvals": [1], "requests": 2, "retries": 3}
    assert failure({"msg": "m", **facts, "else": 1}, TASK) == {"msg": "m", **facts}
