# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several calls about one phase, as one result."""

from __future__ import annotations

from typing import Any

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.phase_results import merge_results
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


def test_merge_adds_up_what_the_calls_did() -> None:
    started = result(changed=True, action="start", approvals=[APPROVAL], approval_pending=True)
    later = result(waited=3.0)
    merged = merge_results([started, later])
    assert (merged["changed"], merged["started"]) == (True, True)
    assert (merged["waited"], merged["approvals"], merged["approval_pending"]) == (3.0, [APPROVAL], False)


def test_merge_keeps_who_started_the_phase() -> None:
    run = Run()
    merged = merge_results([result(changed=True, action="start"), result(**run.result("completed", changed=False))])
    run("phase_returned", step=run.step(), result=merged, plan=run.plan)
    assert (run.phase()["action"], run.phase()["notes"]) == ("started", [])


def test_merge_of_an_adopted_phase_says_nobody_started_it() -> None:
    merged = merge_results([result(action="adopted"), result()])
    assert (merged["changed"], merged["started"]) == (False, False)
