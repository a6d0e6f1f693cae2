# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each event does to the record of a run, and when it ends the run."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import events
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.record_support import (
    APPROVAL,
    ASKED,
    LATER,
    NOW,
    READY,
    Run,
    completed_run,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.role_support import (
    COMPLETED,
    STARTED,
    audience,
    phase,
    release,
)

# Before the first phase


def begun(event: str, **facts: Any) -> dict[str, Any]:
    return events.apply(records.begin("shop", "cart", NOW), event, NOW, **facts)


def outcome(record: dict[str, Any]) -> tuple[str, str | None, str | None]:
    return record["state"], record["reason"], record["error_code"]


def test_read_without_a_release_says_what_to_do() -> None:
    record = begun("read", result={"exists": False})
    assert outcome(record) == ("failed", "not_readable", "no_release")
    for words in ("shop/cart", "release_pipeline_key"):
        assert words in record["message"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("unauthorized", ("failed", "not_readable", "unauthorized")),
        ("not_found", ("failed", "not_readable", "not_found")),
        ("in_other_pipeline", ("failed", "release_changed", "in_other_pipeline")),
        ("other_variation", ("failed", "release_changed", "other_variation")),
        ("release_canceled", ("failed", "release_changed", "release_canceled")),
        (None, ("failed", "internal_error", "internal_error")),
    ],
)
def test_read_or_attach_that_fails_ends_the_run(code: str | None, expected: tuple[str, ...]) -> None:
    record = begun("read", result={"failed": True, "msg": "No.", "error_code": code, "requests": 2})
    assert outcome(record) == expected
    assert (record["message"], record["requests"]) == ("No.", 2)


def test_plan_that_cannot_be_made_ends_the_run_in_its_words() -> None:
    record = begun("planned", plan={"error": "release_wait is 'maybe'.", "steps": [], "parts": []})
    assert outcome(record) == ("failed", "invalid_settings", "invalid_option")
    assert record["message"] == "release_wait is 'maybe'."


def test_check_mode_ends_with_the_plan() -> None:
    run = Run()("check_mode_ended")
    assert run.outcome == ("planned", None, None)
    assert "nothing was started" in run.message
    assert run.ended(read=None).outcome == ("planned", None, None)


@pytest.mark.parametrize(
    ("answer", "is_confirmed"),
    [("Staging", True), ("staging", False), ("yes", False), ("", False), (" Staging", False), (None, False)],
)
def test_confirm_takes_the_full_name_only(answer: str | None, is_confirmed: bool) -> None:
    run = Run("completed", "ready_to_start", phases=[{"phase": "Staging", "confirm": True}])
    run("confirmed", step=run.step(1), answer=answer)
    assert run.is_running == is_confirmed
    if not is_confirmed:
        assert run.outcome == ("stopped", "confirm", None)
        for words in ("shop/cart", "'Staging' (staging)", "-e 'release_confirmed=Staging'"):
            assert words in run.message


# The start and the wait


@pytest.mark.parametrize(
    ("words", "changed", "action"),
    [
        (READY, True, "started"),
        (READY, False, "adopted"),
        (("active", "not_started", "not_started"), False, "resumed"),
        (("completed", "not_started", "not_started"), False, "none"),
    ],
)
def test_action_says_what_was_done_about_a_phase(words: tuple[str, ...], changed: bool, action: str) -> None:
    run = Run(*words).returned(changed=changed)
    entry = run.phase()
    assert entry["action"] == action
    assert (entry["status"], entry["started_at"], entry["completed_at"]) == ("completed", STARTED, COMPLETED)
    assert (entry["seconds"], entry["waited"]) == (2.0, 1.5)
    assert bool(entry["notes"]) == (action == "adopted")
    assert run.record["changes_by_others"] == [f"Phase 'Test': {note}" for note in entry["notes"]]


MEMBER = {"kind": "member", "id": "m1", "name": None, "email": "kim@example.com"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {},
            f"Started at {STARTED} by somebody else, or by another run; LaunchDarkly does not say who started a phase.",
        ),
        ({"started_at": None}, "Started by somebody else, or by another run;"),
        ({"completed_by": MEMBER}, "completed by member kim@example.com;"),
        ({"completed_by": {"kind": "token", "id": "t1", "name": "ci"}}, "completed by token ci;"),
    ],
)
def test_adopted_phase_says_when_and_by_whom(fields: dict[str, Any], words: str) -> None:
    assert words in Run().returned(changed=False, seen=fields).phase()["notes"][0]


def test_adopted_phase_ends_the_run_where_that_is_unwanted() -> None:
    run = Run(on_changed_by_others="stop").returned(changed=False)
    assert run.outcome == ("failed", "release_changed", "changed_by_others")
    for words in (STARTED, "release_on_changed_by_others is stop"):
        assert words in run.message


def test_pending_approval_says_who_was_asked_and_where() -> None:
    answered = {**APPROVAL, "status": "completed", "link": "https://ld/r2"}
    run = Run().returned("active", approvals=[APPROVAL, answered], approval_pending=True)
    assert run.outcome == ("waiting", "approval", None)
    assert f"{ASKED}. Rerun the same command" in run.message


def test_release_wait_false_ends_the_run_before_completion() -> None:
    run = Run(wait=False, wait_timeout="2h").returned("active")
    assert run.outcome == ("waiting", "phase", None)
    assert run.record["waits_until"] == "2026-10-26T09:00:00Z"
    for words in (
        "'Test' (test) is still waiting for completion (deadline 2026-10-26T09:00:00Z).",
        "Rerun the same command to resume.",
    ):
        assert words in run.message


def test_release_wait_false_says_that_the_deadline_is_over() -> None:
    run = Run(wait=False, wait_timeout="30m").returned("active")
    assert run.outcome == ("waiting", "phase", None)
    assert "(wait_timeout ended at 2026-10-26T07:30:00Z)." in run.message


def test_release_wait_false_names_the_status_waited_for() -> None:
    run = Run("ready_to_start", wait=False, final_status="active").returned("ready_to_start")
    assert "is still waiting for status active" in run.message


def test_release_wait_false_names_a_needed_approval() -> None:
    needing = phase("Test", "ready_to_start", audiences=[audience("Test", require_approval=True)])
    needing_run = Run(needing, wait=False).returned("active", seen={"audiences": needing["audiences"]})
    assert "it needs an approval in LaunchDarkly" in needing_run.message


def test_phase_is_reached_when_the_next_one_is_ready() -> None:
    run = Run()
    run.release["phases"][1]["status"] = run.release["phases"][1]["status_raw"] = "ready_to_start"
    assert run.returned("active").is_running


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        *((code, "release_changed") for code in sorted(events.CHANGED_CODES)),
        *((code, code) for code in events.OWN_REASONS),
        ("forbidden", "start_failed"),
        ("connection_failed", "start_failed"),
        (None, "start_failed"),
    ],
)
def test_start_that_fails_keeps_the_modules_code(code: str | None, reason: str) -> None:
    run = Run().start_failed(error_code=code, phase=phase("Test", "active"), msg="No.")
    assert run.outcome == ("failed", reason, code)
    assert run.record["changes_by_others"] == (["No."] if reason == "release_changed" else [])
    assert run.phase()["status"] == "active"


def test_start_that_fails_after_an_answer_stays_started() -> None:
    run = Run().answered(approvals=[APPROVAL])
    run.start_failed(phase=phase("Test", "active"), changed=False, error_code="approval_declined", approvals=[APPROVAL])
    assert (run.phase()["action"], run.phase()["approvals"]) == ("started", [APPROVAL])
    assert run.record["reason"] == "approval_declined"


@pytest.mark.parametrize(
    ("status", "changed", "action"),
    [("ready_to_start", False, None), ("active", True, "started"), ("active", False, "resumed")],
)
def test_start_that_fails_says_what_it_saw(status: str, changed: bool, action: str | None) -> None:
    run = Run().start_failed(phase=phase("Test", status), changed=changed, error_code="wait_timeout")
    assert (run.phase()["action"], run.phase()["status"]) == (action, status)


# Task files of the user's


@pytest.mark.parametrize(("side", "reason"), [("before", "before_failed"), ("after", "after_failed")])
def test_task_file_that_fails_is_named(side: str, reason: str) -> None:
    run = Run().returned().hook_failed(side=side, msg="no mail\x1b[1m server")
    assert run.outcome == ("failed", reason, None)
    assert run.message.startswith(
        f"Release shop/cart, phase 'Test' (test): {side}, hook.yml: no mail [1m server. The phase is completed."
    )
    assert "rerun the same command" in run.message


@pytest.mark.parametrize(
    "own",
    [
        {"phase": "prepare", "approvals": "none", "requests": "many"},
        # such as ld_release_phase for another flag
        {"phase": phase("Elsewhere", "paused"), "approvals": [{"id": "a1"}], "changed": True},
    ],
    ids=["words", "another flag's"],
)
def test_task_file_result_is_not_taken_for_the_phase(own: dict[str, Any]) -> None:
    run = Run().returned()
    before = run.phase()
    run.hook_failed(error_code="wait_timeout", **own)
    assert run.outcome == ("failed", "before_failed", "wait_timeout")
    assert run.phase() == before
    assert "continue waiting" not in run.message


@pytest.mark.parametrize("code", ["aborted", "task_timeout", "wait_timeout"])
def test_task_file_error_code_is_no_reason_of_the_run(code: str) -> None:
    assert Run().returned().hook_failed(error_code=code).outcome == ("failed", "before_failed", code)


# Ends from outside


def test_abort_says_where_and_how_to_resume() -> None:
    run = Run().returned()("aborted", step=Run().step())
    assert run.outcome == ("failed", "aborted", None)
    assert "phase 'Test' (test): a person ended the pause. The phase is completed." in run.message
    assert run.message.endswith("Rerun the same command to resume.")


@pytest.mark.parametrize("code", ["task_timeout", "internal_error"])
def test_interruption_is_the_reason_and_the_code(code: str) -> None:
    run = Run()
    assert run("interrupted", code=code, said="It is late.", step=run.step()).outcome == ("failed", code, code)
    assert "phase 'Test' (test): It is late. No further phase is started" in run.message
    record = begun("interrupted", code=code, said="It is late.")
    assert (outcome(record), record["message"][:11]) == (("failed", code, code), "It is late.")


# Soak and checks


def test_soak_that_is_left_says_until_when() -> None:
    run = Run(phases=[{"phase": "Test", "soak": "2h"}]).returned(seen={"completed_at": None})
    run("soak_left", step=run.step(), left=7200.0, left_in_words="2h")
    assert run.outcome == ("waiting", "soak", None)
    assert run.record["waits_until"] == "2026-10-26T10:00:00Z"
    assert "soaks for 2h more (deadline 2026-10-26T10:00:00Z)" in run.message


def test_soak_is_in_the_record_with_its_span() -> None:
    run = Run(phases=[{"phase": "Test", "soak": "2h"}]).returned()
    run("soak_counted", step=run.step(), since=COMPLETED, left=3600.0)
    assert run.phase()["soak"] == {"seconds": 7200.0, "from": COMPLETED, "to": "2026-10-26T09:00:00Z"}


@pytest.mark.parametrize(
    ("oks", "expected"),
    [
        ([True], ("running", None, None)),
        ([False, True], ("running", None, None)),
        ([False, False], ("failed", "check_failed", "check_failed")),
        ([None, None, None], ("failed", "check_inconclusive", "check_inconclusive")),
    ],
)
def test_check_leaves_its_evidence(oks: list[bool | None], expected: tuple[Any, ...]) -> None:
    run = Run(checks=[{"tasks": "smoke.yml", "attempts": 3, "failure_limit": 1}]).returned().checked(*oks)
    assert run.outcome == expected
    (evidence,) = run.phase()["checks"]
    assert (evidence["name"], evidence["at"]) == ("smoke.yml", NOW)
    assert [item["ok"] for item in evidence["measurements"]] == oks


@pytest.mark.parametrize(("ok", "verdict"), [(False, "failed"), (None, "was inconclusive, which counts as a failure")])
def test_check_that_fails_says_where_what_and_what_to_do(ok: bool | None, verdict: str) -> None:
    message = Run(checks=["smoke.yml"]).returned().checked(ok).message
    assert message == (
        f"Release shop/cart, phase 'Test' (test): check 'smoke.yml' {verdict}: no cart. The phase is completed. No further phase is"
        " started and nothing was rolled back. Fix the cause, then rerun the same command; this check runs first."
    )


# The end


def test_end_of_a_run_that_did_everything_is_completed() -> None:
    run = completed_run().ended()
    assert run.outcome == ("completed", None, None)
    assert (run.record["next_phase"], run.record["finished_at"]) == (None, LATER)


@pytest.mark.parametrize(
    ("read", "code"),
    [
        ({"exists": False, "release": None}, "not_found"),
        (
            {"exists": True, "release": release("completed", "completed", "completed", canceled_at=STARTED)},
            "release_canceled",
        ),
        ({"exists": True, "release": release(phase("Elsewhere", "ready_to_start", id="x"))}, "phase_not_found"),
        ({"exists": True, "release": release("completed", "completed", "ready_to_start")}, "changed_by_others"),
        ({"exists": True, "release": release("completed", "completed", "paused")}, "phase_paused"),
        ({"exists": True, "release": release("completed", "completed", "unknown")}, "unknown_status"),
    ],
)
def test_end_fails_where_the_release_has_changed(read: dict[str, Any], code: str) -> None:
    run = completed_run().ended(read)
    assert run.outcome == ("failed", "release_changed", code)
    assert "Release shop/cart has changed while this run worked on it" in run.message
    (change,) = run.record["changes_by_others"]
    assert change in run.message


def test_end_accepts_a_release_canceled_before_the_run() -> None:
    run = Run("completed", "completed", "completed")
    run.record["goal"]["canceled_at"] = STARTED
    canceled = release("completed", "completed", "completed", canceled_at=STARTED)
    assert run.ended({"exists": True, "release": canceled}).outcome == ("completed", None, None)


@pytest.mark.parametrize("read", [{"failed": True, "exists": False, "msg": "no network"}, {}, None])
def test_end_that_cannot_read_the_release_keeps_what_was_seen(read: Any) -> None:
    run = completed_run().ended(read)
    assert run.outcome == ("completed", None, None)
    assert run.phase()["status"] == "completed"


def test_end_shows_every_phase_as_it_is_then() -> None:
    run = Run("completed", "ready_to_start", "not_started").start_failed(1, error_code="forbidden").ended()
    assert run.phase()["completed_at"] == COMPLETED
    assert run.record["next_phase"] == "Staging"
    assert run.outcome == ("failed", "start_failed", "forbidden")
