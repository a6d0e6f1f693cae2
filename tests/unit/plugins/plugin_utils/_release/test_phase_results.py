# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several calls about one phase, as one result."""

from __future__ import annotations

from typing import Any

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.phase_results import add_result
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.record_support import (
    APPROVAL,
    Run,
)


def result(**fields: Any) -> dict[str, Any]:
    return {
        "changed": False,
        "action": "none",
        "waited": 0.0,
        "approvals": [],
        "approval_pending": False,
        **fields,
    }


def add_up(*results: dict[str, Any]) -> dict[str, Any]:
    so_far: dict[str, Any] = {}
    merged: dict[str, Any] = {}
    for item in results:
        merged, so_far = add_result(so_far, item)
    return merged


def test_results_add_up_what_the_calls_did() -> None:
    started = result(changed=True, action="start", waited=0.5, approvals=[APPROVAL], approval_pending=True)
    merged = add_up(started, result(waited=3.0))
    assert (merged["changed"], merged["started"], merged["waited"]) == (True, True, 3.5)
    assert (merged["approvals"], merged["approval_pending"]) == ([APPROVAL], False)


def test_results_keep_who_started_the_phase() -> None:
    run = Run()
    merged = add_up(result(changed=True, action="start"), result(**run.result("completed", changed=False)))
    run("phase_returned", step=run.step(), result=merged, plan=run.plan)
    assert (run.phase()["action"], run.phase()["notes"]) == ("started", [])


def test_results_of_an_adopted_phase_say_nobody_started_it() -> None:
    merged = add_up(result(action="adopted"), result())
    assert (merged["changed"], merged["started"]) == (False, False)


def test_result_of_a_failed_call_keeps_what_was_changed() -> None:
    merged = add_up(result(changed=True, action="start"), {"failed": True, "changed": False, "msg": "No."})
    assert (merged["changed"], merged["msg"]) == (True, "No.")
