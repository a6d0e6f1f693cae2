# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failed run turns off again, and what it says about that."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import events, undo
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils import role_support
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.record_support import NOW, Run

ALL = ("stop", "turn_off", "turn_off_all")


def turned_off(run: Run) -> list[str]:
    """Where targeting has to be turned off; it does not matter here whether the release can be read."""
    found = undo.environments_to_undo(run.record, run.release)
    assert undo.environments_to_undo(run.record, None) == found
    return found


@pytest.mark.parametrize(
    ("on_failure", "expected"), [("stop", []), ("turn_off", ["staging"]), ("turn_off_all", ["test", "staging"])]
)
def test_undo_is_for_what_the_run_has_started(on_failure: str, expected: list[str]) -> None:
    assert turned_off(Run(on_failure=on_failure).returned().returned(index=1).hook_failed(1)) == expected


@pytest.mark.parametrize("on_failure", ALL)
def test_undo_needs_a_failure(on_failure: str) -> None:
    assert turned_off(Run(on_failure=on_failure).returned()) == []
    stopped = Run(on_failure=on_failure)
    stopped("confirmed", step=stopped.step(), answer="")
    assert stopped.record["state"] == "stopped"
    assert turned_off(stopped) == []


@pytest.mark.parametrize("on_failure", ALL)
def test_undo_leaves_a_run_that_failed_before_any_phase(on_failure: str) -> None:
    assert turned_off(Run(on_failure=on_failure).hook_failed()) == []
    unread = events.apply(records.begin("shop", "cart", NOW), "read", NOW, result={"failed": True, "msg": "no"})
    assert undo.environments_to_undo(unread, None) == []


@pytest.mark.parametrize(
    ("status", "changed", "expected"),
    [
        # Refused: the release has not entered the phase.
        ("ready_to_start", False, []),
        # A regression during the wait, or a time-out.
        ("paused", True, ["staging"]),
        ("active", True, ["staging"]),
        # Started by somebody else.
        ("active", False, ["staging"]),
    ],
)
def test_undo_after_a_failed_start_needs_an_entered_phase(status: str, changed: bool, expected: list[str]) -> None:
    run = Run(on_failure="turn_off").returned()
    phase = run.result(status, 1)["phase"]
    assert turned_off(run.start_failed(1, phase=phase, changed=changed, error_code="phase_paused")) == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (None, ["test"]),
        ({"status": "active", "started": True}, ["test"]),
        ({"status": "unknown", "started": True}, ["test"]),
        ({"status": "ready_to_start"}, []),
        ({"status": "unknown", "started": False}, []),
    ],
)
@pytest.mark.parametrize("on_failure", ["turn_off", "turn_off_all"])
def test_undo_of_a_start_without_an_answer(on_failure: str, shown: dict[str, Any] | None, expected: list[str]) -> None:
    """What LaunchDarkly shows decides; where that cannot be read, the phase counts as started."""
    run = Run(on_failure=on_failure)
    run("start_attempted", step=run.step())("interrupted", code="task_timeout", said="Late.", step=run.step())
    release = (
        None if shown is None else role_support.release(role_support.phase("Test", **{"status": "active", **shown}))
    )
    assert undo.environments_to_undo(run.record, release) == expected


def test_undo_of_a_start_that_was_never_seen_to_take_effect() -> None:
    """The module reports such a start as changed, since nobody knows."""
    run = Run(on_failure="turn_off")
    run("start_attempted", step=run.step()).start_failed(phase=run.result("ready_to_start")["phase"], changed=True)
    assert undo.environments_to_undo(run.record, None) == ["test"]
    assert undo.environments_to_undo(run.record, run.release) == []


def test_undo_all_leaves_out_a_phase_that_was_refused() -> None:
    run = Run(on_failure="turn_off_all").returned()
    assert turned_off(run.start_failed(1, phase=run.result("ready_to_start", 1)["phase"], changed=False)) == ["test"]


def test_undo_leaves_to_an_earlier_run_what_that_has_done() -> None:
    """Only the phase that is checked again is this run's."""
    run = Run("completed", "completed", "ready_to_start", on_failure="turn_off_all", checks=["smoke.yml"])
    run.returned(index=1, changed=False).checked(False, index=1)
    assert run.record["reason"] == "check_failed"
    assert turned_off(run) == ["staging"]


def test_undo_after_a_failed_hook_of_a_phase_checked_again() -> None:
    run = Run("completed", "ready_to_start", on_failure="turn_off").returned(changed=False)
    assert turned_off(run.hook_failed(side="after")) == ["test"]


def test_undo_of_an_adopted_phase_that_stops_the_run() -> None:
    run = Run(on_failure="turn_off", on_changed_by_others="stop").returned(changed=False)
    assert run.record["error_code"] == "changed_by_others"
    assert turned_off(run) == ["test"]


def test_undo_finds_environments_listed_since_the_plan() -> None:
    run = Run(role_support.phase("Test", "ready_to_start", audiences=None), "not_started", on_failure="turn_off")
    assert run.plan["steps"][0]["environments"] == ()
    audiences = [role_support.audience("Test")]
    assert turned_off(run.returned(seen={"audiences": audiences}).hook_failed()) == ["test"]


def test_undo_turns_off_an_environment_of_two_phases_once() -> None:
    audiences = {"audiences": [role_support.audience("EU")]}
    phases = [role_support.phase(name, "ready_to_start", **audiences) for name in ("Test", "Staging")]
    run = Run(*phases, on_failure="turn_off_all")
    run.returned(seen=audiences).returned(index=1, seen=audiences).hook_failed(1)
    assert turned_off(run) == ["eu"]


def undone(run: Run, *results: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    record = run.record
    for environment, result in results:
        record = undo.undone(record, NOW, environment, result)
    return undo.explain(record)


RESULTS = (
    ("test", {"changed": True, "requests": 2, "retries": 1}),
    ("staging", {"changed": False, "requests": 1, "retries": 0}),
    (
        "eu",
        {"changed": False, "failed": True, "msg": "Approval\nis required.", "error_code": "approval_required"},
    ),
)


def test_undo_adds_to_the_first_failure_which_stays() -> None:
    run = Run(on_failure="turn_off_all").returned().hook_failed(error_code="boom")
    done = undone(run, *RESULTS)
    assert (done["state"], done["reason"], done["error_code"]) == ("failed", "before_failed", "boom")
    for words in (
        "It broke.",
        "Targeting was turned off in test.",
        "Targeting was already off in staging.",
        "Targeting could NOT be turned off in eu: Approval is required.",
        "turn targeting on with ld_flag_targeting",
    ):
        assert words in done["message"]
    assert "rolled back" not in done["message"]
    assert [(item["environment_key"], item["ok"], item["changed"], item["error_code"]) for item in done["undone"]] == [
        ("test", True, True, None),
        ("staging", True, False, None),
        ("eu", False, False, "approval_required"),
    ]
    assert (done["requests"], done["retries"]) == (run.record["requests"] + 3, 1)


def test_undo_that_turned_nothing_off_asks_to_turn_nothing_on() -> None:
    run = Run(on_failure="turn_off").returned().hook_failed()
    assert "ld_flag_targeting" not in undone(run, RESULTS[2])["message"]


def test_undo_comment_names_run_phase_and_reason() -> None:
    run = Run(on_failure="turn_off").returned()
    run.start_failed(phase=role_support.phase("Test", "active"), error_code="wait_timeout")
    comment = f"Turned off by the run of {NOW} that released shop/cart: phase 'Test', wait_timeout"
    assert undo.comment(run.record, "test") == comment
    assert undone(run, *RESULTS)["undone"][0]["comment"] == comment


@pytest.mark.parametrize(
    ("words", "environments"),
    [
        (("ready_to_start", "not_started"), []),
        (("completed", "active", "not_started"), ["test", "staging"]),
        (("completed", "paused", "not_started"), ["test", "staging"]),
    ],
)
def test_entered_environments_of_a_release(words: tuple[str, ...], environments: list[str]) -> None:
    assert undo.entered(role_support.release(*words)) == environments
    assert undo.entered({}) == []
