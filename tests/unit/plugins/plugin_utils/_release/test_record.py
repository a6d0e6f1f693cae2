# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a run: what each event makes of it, and what is handed on at the end."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from ansible.parsing.splitter import parse_kv

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as run_record
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.role_support import (
    COMPLETED,
    STARTED,
    audience,
    phase,
    release,
)

NOW = "2026-10-26T08:00:00.000000Z"
LATER = "2026-10-26T08:00:30.000000Z"

READY = ("ready_to_start", "not_started", "not_started")


class Run:
    """A record with its plan, and the events of a run in short."""

    def __init__(self, *words: Any, check_mode: bool = False, **settings: Any) -> None:
        self.release = release(*(words or READY))
        self.plan = plan_steps(self.release, settings)
        self.record = run_record.begin("shop", "cart", NOW)
        self.now = NOW
        self("read", result={"exists": True, "requests": 1, "retries": 0})
        self("planned", plan=self.plan, check_mode=check_mode)

    def __call__(self, event: str, **facts: Any) -> Run:
        self.record = run_record.update(self.record, event, self.now, **facts)
        return self

    def step(self, index: int = 0) -> dict[str, Any]:
        return self.plan["steps"][index]

    def acted(
        self,
        status: str = "completed",
        *,
        index: int = 0,
        changed: bool = True,
        approvals: tuple[Any, ...] = (),
        **fields: Any,
    ) -> Run:
        """ld_release_phase has returned, and the phase is as `status` says."""
        seen = phase(self.release["phases"][index]["name"], status, **fields)
        self.release["phases"][index] = {**seen, "index": index}
        result = {
            "changed": changed,
            "phase": seen,
            "release": self.release,
            "requests": 3,
            "retries": 0,
            "waited": 1.5,
            "approvals": list(approvals),
            "approval_pending": bool(approvals),
        }
        return self("acted", step=self.step(index), result=result, plan=self.plan)

    def failed(self, kind: str = "start", index: int = 0, side: str = "before", **result: Any) -> Run:
        part = {"kind": kind, "side": side, "file": "hook.yml"}
        return self("failed", result={"msg": "It broke", **result}, step=self.step(index), part=part)

    def measured(self, *answers: Any, soaking: bool = False) -> Run:
        """The first check of the first phase was measured: True, False, or None where it could not be."""
        check = self.step()["checks"][0]
        for ok in answers:
            answer = {} if ok else {"failed": True, "inconclusive": ok is None, "msg": "no cart"}
            self("measured", step=self.step(), check=check, answer=answer, soaking=soaking)
        return self

    def ended(self, read: Any = "as it is") -> Run:
        if read == "as it is":
            read = {"exists": True, "release": self.release, "requests": 1, "retries": 0}
        self.now = LATER
        return self("ended", read=read)

    @property
    def told(self) -> tuple[str, str | None, str | None]:
        return self.record["state"], self.record["reason"], self.record["error_code"]

    @property
    def first(self) -> dict[str, Any]:
        found: dict[str, Any] = self.record["phases"][0]
        return found


def test_the_aim_of_a_run_fits_into_a_line() -> None:
    assert run_record.aim("shop", "cart", "") == "shop/cart"
    assert run_record.aim("shop", "cart", None) == "shop/cart"
    assert run_record.aim("shop", "cart", "Staging\x1b[31m\nnow") == "shop/cart, until Staging [31m now"


def test_a_run_goes_on_until_something_ends_it() -> None:
    run = Run()
    assert run.record["going"]
    assert [entry["phase"] for entry in run.record["phases"]] == ["Test", "Staging", "Production"]
    assert {entry["action"] for entry in run.record["phases"]} == {None}
    assert run.acted().record["going"]


def test_phases_that_are_skipped_have_nothing_done_about_them() -> None:
    assert [entry["action"] for entry in Run("completed", "active", "not_started").record["phases"]] == [
        "none",
        None,
        None,
    ]


def test_a_flag_without_a_release_ends_the_run_with_what_to_do() -> None:
    record = run_record.update(run_record.begin("shop", "cart", NOW), "read", NOW, result={"exists": False})
    assert (record["state"], record["reason"], record["error_code"]) == ("failed", "not_readable", "no_release")
    assert "shop/cart" in record["message"]
    assert "release_pipeline_key" in record["message"]


def test_settings_that_cannot_be_used_end_the_run_in_their_own_words() -> None:
    plan = {"error": "release_wait is 'maybe'.", "steps": [], "parts": []}
    record = run_record.update(run_record.begin("shop", "cart", NOW), "planned", NOW, plan=plan, check_mode=False)
    assert (record["state"], record["reason"], record["error_code"]) == ("failed", "invalid_settings", "invalid_option")
    assert record["message"] == "release_wait is 'maybe'."


def test_in_check_mode_the_plan_is_the_end() -> None:
    run = Run(check_mode=True)
    assert run.told == ("planned", None, None)
    assert not run.record["going"]
    assert run.ended(read={"skipped": True, "changed": False}).told == ("planned", None, None)


def test_a_role_that_a_keyword_has_in_check_mode_is_planned_only() -> None:
    """Then ansible_check_mode says no, but no wait waits."""
    run = Run().acted("active")
    assert run.told == ("planned", None, None)
    assert "nothing was started" in run.record["message"]


@pytest.mark.parametrize(
    ("answer", "goes_on"),
    [("Staging", True), ("staging", False), ("yes", False), ("", False), (" Staging", False), (None, False)],
)
def test_only_the_name_typed_in_full_is_a_yes(answer: str | None, goes_on: bool) -> None:
    run = Run("completed", "ready_to_start", phases=[{"phase": "Staging", "confirm": True}])
    run("confirmed", step=run.step(1), answer=answer)
    assert run.record["going"] == goes_on
    if not goes_on:
        assert run.told == ("stopped", "confirm", None)
        for part in ("shop/cart", "'Staging' (staging)", "-e 'release_confirmed=Staging'"):
            assert part in run.record["message"]


@pytest.mark.parametrize(
    "name",
    [
        "Production",
        "Pre-production 2.0",
        "Prüfung",
        "Test, then Staging",
        "it's",
        'a "b"',
        "$HOME `id` \\",
        "{{ 7 * 7 }}",
        "[a]",
        "a=b",
        " blank ",
        "two  blanks",
        "\x1b[1mbold",
        "!important",
    ],
)
def test_what_a_person_is_told_to_type_confirms_the_phase(name: str) -> None:
    settings = {"phases": [{"phase": "id-test", "confirm": True}]}
    run = Run(phase(name, "ready_to_start", id="id-test"), phase("Other", "not_started"), **settings)
    run("confirmed", step=run.step(), answer=None)
    typed = shlex.split(run.record["message"].split("the same again with ")[1].removesuffix("."))
    assert typed[0] == "-e"
    confirmed = parse_kv(typed[1])["release_confirmed"]
    assert "{" not in confirmed, "Ansible would take it for a template"
    assert not plan_steps(run.release, {**settings, "confirmed": confirmed})["steps"][0]["confirm"]


def test_a_phase_whose_name_another_has_is_confirmed_by_its_id() -> None:
    settings = {"phases": [{"phase": "id-test", "confirm": True}]}
    run = Run(phase("Test", "ready_to_start"), phase("Test", "not_started", id="other"), **settings)
    assert "-e 'release_confirmed=id-test'" in run("confirmed", step=run.step(), answer=None).record["message"]


@pytest.mark.parametrize(
    ("words", "changed", "action"),
    [
        (READY, True, "started"),
        (READY, False, "adopted"),
        (("active", "not_started", "not_started"), False, "resumed"),
        (("completed", "not_started", "not_started"), False, "none"),
    ],
)
def test_what_was_done_about_a_phase(words: tuple[str, ...], changed: bool, action: str) -> None:
    run = Run(*words).acted(changed=changed)
    assert run.first["action"] == action
    assert (run.first["status"], run.first["started_at"], run.first["completed_at"]) == (
        "completed",
        STARTED,
        COMPLETED,
    )
    assert (run.first["seconds"], run.first["waited"]) == (2.0, 1.5)
    assert bool(run.first["notes"]) == (action == "adopted")
    others = [f"Phase 'Test': {note}" for note in run.first["notes"]]
    assert run.record["changes_by_others"] == others


MEMBER = {"kind": "member", "id": "m1", "name": None, "email": "kim@example.com"}


@pytest.mark.parametrize(
    ("fields", "said"),
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
def test_an_adopted_phase_says_when_and_who_as_far_as_it_is_known(fields: dict[str, Any], said: str) -> None:
    assert said in Run().acted(changed=False, **fields).first["notes"][0]


def test_adopting_may_be_unwanted() -> None:
    run = Run(on_changed_by_others="stop").acted(changed=False)
    assert run.told == ("failed", "release_changed", "changed_by_others")
    assert STARTED in run.record["message"]


def test_a_run_that_leaves_an_approval_says_who_was_asked_since_when_and_where_to_answer() -> None:
    request = {
        "id": "r1",
        "environment_key": "test",
        "review_status": "pending",
        "status": "pending",
        "reviewers": ["m1"],
        "requested_at": STARTED,
        "answered_at": None,
        "comment": None,
        "service_kind": "launchdarkly",
        "link": "https://ld/r1",
    }
    run = Run().acted("active", approvals=(request, {**request, "status": "completed", "link": "https://ld/r2"}))
    assert run.told == ("waiting", "approval", None)
    asked = f"approval in test asked of m1 since {STARTED} is pending: https://ld/r1. Run the same again"
    assert asked in run.record["message"]


def test_a_phase_that_is_not_done_is_what_a_run_without_waiting_ends_with() -> None:
    run = Run(wait=False, wait_timeout="2h").acted("active")
    assert run.told == ("waiting", "phase", None)
    assert run.record["waits_until"] == "2026-10-26T09:00:00Z"
    for part in ("'Test' (test)", "to be completed until 2026-10-26T09:00:00Z", "Run the same again"):
        assert part in run.record["message"]


def test_a_phase_that_takes_longer_than_it_should_is_said_to() -> None:
    run = Run(wait=False, wait_timeout="30m").acted("active")
    assert run.told == ("waiting", "phase", None)
    assert "; its longest wait (wait_timeout) was over at 2026-10-26T07:30:00Z." in run.record["message"]


@pytest.mark.parametrize("kind", ["soak", "confirm", "freeze"])
@pytest.mark.parametrize(
    ("said", "reason"), [("Action failed: user requested abort!", "aborted"), ("no", "internal_error")]
)
def test_a_person_may_end_a_pause(kind: str, said: str, reason: str) -> None:
    run = Run().acted().failed(kind, msg=said)
    assert run.told == ("failed", reason, None)
    assert ("a person ended the pause. The phase is completed." in run.record["message"]) == (reason == "aborted")
    assert run.record["message"].endswith("it goes on from there.")


def test_a_phase_that_needs_an_approval_says_so() -> None:
    needing = phase("Test", "ready_to_start", audiences=[audience("Test", require_approval=True)])
    assert "which needs an approval in LaunchDarkly" in Run(needing, wait=False).acted("active").record["message"]


def test_a_phase_that_is_done_since_the_next_is_ready_is_not_waited_for() -> None:
    run = Run()
    run.release["phases"][1]["status"] = run.release["phases"][1]["status_raw"] = "ready_to_start"
    assert run.acted("active").record["going"]


@pytest.mark.parametrize(
    ("completed_at", "started_at", "left"),
    [
        # passed since LaunchDarkly completed it
        ("2026-10-26T07:59:30.000Z", STARTED, 60.0),
        ("2026-10-26T07:00:00.000Z", STARTED, 0.0),
        # no soak is longer than itself, though two clocks may differ
        ("2026-10-26T09:00:00.000Z", STARTED, 90.0),
        # seen to complete just now, without a time
        (None, STARTED, 90.0),
    ],
)
def test_a_soak_counts_from_the_time_of_completion(completed_at: str | None, started_at: str, left: float) -> None:
    run = Run(phases=[{"phase": "Test", "soak": "90s"}]).acted(completed_at=completed_at, started_at=started_at)
    run("soaking", step=run.step(), phase=run.first)
    assert run.record["soak"]["left"] == left
    run.now = LATER
    run("soaking", step=run.step(), phase=run.first)
    assert run.record["soak"]["left"] == max(0.0, left - 30)


def test_a_later_run_counts_from_when_the_phase_can_have_been_done() -> None:
    """Where it completes with the start of the next one only."""
    run = Run("active", "ready_to_start", phases=[{"phase": "Test", "soak": "2h"}]).acted("active", changed=False)
    run("soaking", step=run.step(), phase=run.first)
    assert run.record["soak"]["left"] == 3600


@pytest.mark.parametrize(
    ("settings", "speed", "pause"),
    [
        ({"soak": "90s"}, 1, 90),
        ({"soak": 0.5}, 1, 1),
        ({"soak": "90s", "checks": [{"command": "a", "during": "soak", "interval": "20s"}]}, 1, 20),
        ({"soak": "90s", "checks": [{"command": "a", "during": "soak", "interval": "5m"}]}, 1, 90),
        ({"soak": "90s", "checks": [{"command": "a", "interval": "20s"}]}, 1, 90),
        # at most 60 measurements
        ({"soak": "1d", "checks": [{"command": "a", "during": "soak", "interval": "20s"}]}, 1, 1440),
        ({"soak": "90s"}, 100, 1),
    ],
)
def test_a_soak_pauses_until_something_is_to_be_done(settings: dict[str, Any], speed: float, pause: int) -> None:
    run = Run(phases=[{"phase": "Test", **settings}]).acted(completed_at=None)
    run("soaking", step=run.step(), phase=run.first, speed=speed)
    assert run.record["soak"]["pause"] == pause


def test_a_soak_begins_anew_for_each_phase() -> None:
    run = Run(phases=[{"phase": name, "soak": 60} for name in ("Test", "Staging")]).acted(completed_at=None)
    run("soaking", step=run.step(), phase=run.first)
    run.now = LATER
    run.acted(index=1, completed_at=None)
    run("soaking", step=run.step(1), phase=run.record["phases"][1])
    assert run.record["soak"]["left"] == 60


def test_a_soak_that_nobody_waits_for_says_until_when() -> None:
    run = Run(phases=[{"phase": "Test", "soak": "2h"}]).acted(completed_at=None)
    run("soaking", step=run.step(), phase=run.first)("left", step=run.step())
    assert run.told == ("waiting", "soak", None)
    assert run.record["waits_until"] == "2026-10-26T10:00:00Z"
    assert "to soak for 2h more until 2026-10-26T10:00:00Z" in run.record["message"]


CHECK = {"tasks": "smoke.yml", "attempts": 3, "failure_limit": 1}


@pytest.mark.parametrize(
    ("answers", "again", "told"),
    [
        ([True], False, ("running", None, None)),
        ([False], True, ("running", None, None)),
        ([False, True], False, ("running", None, None)),
        ([False, False], False, ("failed", "check_failed", "check_failed")),
        ([None, None, None], False, ("failed", "check_inconclusive", "check_inconclusive")),
    ],
)
def test_a_check_is_attempted_until_its_verdict(answers: list[Any], again: bool, told: tuple[Any, ...]) -> None:
    run = Run(checks=[CHECK]).acted().measured(*answers)
    assert run.record["again"] == again
    assert run.told == told
    evidence = run.first["checks"]
    assert bool(evidence) != again
    if evidence:
        assert evidence[0]["name"] == "smoke.yml"
        assert [item["ok"] for item in evidence[0]["measurements"]] == answers
        assert evidence[0]["at"] == NOW


def test_a_failed_check_says_where_what_and_what_to_do() -> None:
    message = Run(checks=[{"tasks": "smoke.yml"}]).acted().measured(False).record["message"]
    assert message == (
        "Release shop/cart, phase 'Test' (test): check 'smoke.yml' failed: no cart. The phase is completed. No further phase is"
        " started, and LaunchDarkly is left as it is. Mend the cause and run the same again: the check runs first."
    )


def test_while_a_phase_soaks_only_a_failure_is_a_verdict() -> None:
    checks = [{"tasks": "smoke.yml", "during": "soak", "failure_limit": 1}]
    run = Run(checks=checks).acted().measured(True, True, False, soaking=True)
    assert run.record["going"]
    assert not run.record["again"]
    assert run.first["checks"] == []
    # what was measured in the soak counts at its end
    run.measured(True)
    assert [item["ok"] for item in run.first["checks"][0]["measurements"]] == [True, True, False, True]
    assert run.first["checks"][0]["verdict"] == "passed"
    stopped = Run(checks=checks).acted().measured(False, False, True, soaking=True)
    assert stopped.told == ("failed", "check_failed", "check_failed")
    assert len(stopped.first["checks"]) == 1, "what comes after the end counts no more"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        *((code, "release_changed") for code in sorted(run_record.CHANGED_CODES)),
        ("wait_timeout", "wait_timeout"),
        ("forbidden", "start_failed"),
        ("connection_failed", "start_failed"),
        (None, "start_failed"),
    ],
)
def test_a_failed_start_has_the_modules_own_code(code: str | None, reason: str) -> None:
    run = Run().failed(error_code=code, phase=phase("Test", "active"), msg="No.")
    assert run.told == ("failed", reason, code)
    assert run.record["changes_by_others"] == (["No."] if reason == "release_changed" else [])
    assert run.first["status"] == "active"


@pytest.mark.parametrize(("side", "reason"), [("before", "before_failed"), ("after", "after_failed")])
def test_a_failed_task_of_the_users_is_named(side: str, reason: str) -> None:
    run = Run().acted().failed("hook", side=side, msg="no mail\x1b[1m server")
    assert run.told == ("failed", reason, None)
    assert run.record["message"].startswith(
        f"Release shop/cart, phase 'Test' (test): {side}, hook.yml: no mail [1m server. The phase is completed."
    )
    assert "run the same again" in run.record["message"]


@pytest.mark.parametrize(
    "own",
    [
        {"phase": "prepare", "approvals": "none", "requests": "many"},
        # such as ld_release_phase about another flag
        {"phase": phase("Elsewhere", "paused"), "approvals": [{"id": "a1"}], "changed": True},
    ],
    ids=["words", "another flag's"],
)
@pytest.mark.parametrize("kind", ["hook", "check"])
def test_what_a_task_of_the_users_returns_is_not_taken_for_the_phase(kind: str, own: dict[str, Any]) -> None:
    run = Run().acted()
    before = run.first
    run.failed(kind, error_code="wait_timeout", **own)
    assert (run.record["state"], run.record["error_code"]) == ("failed", "wait_timeout")
    assert run.first == before
    assert "go on waiting" not in run.record["message"]


@pytest.mark.parametrize(
    ("words", "settings", "index", "named"),
    [
        (READY, {}, 2, True),
        (READY, {}, 0, False),
        (READY, {"until": "Test"}, 0, False),
        (READY, {"final_status": "active"}, 2, False),
    ],
)
def test_the_way_out_of_a_last_phase_that_stays_active_is_named(
    words: tuple[str, ...], settings: dict[str, Any], index: int, named: bool
) -> None:
    message = Run(*words, **settings).failed(index=index, error_code="wait_timeout").record["message"]
    assert ("release_final_status: active" in message) == named
    assert "go on waiting" in message


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("unauthorized", ("failed", "not_readable", "unauthorized")),
        ("not_found", ("failed", "not_readable", "not_found")),
        ("in_other_pipeline", ("failed", "release_changed", "in_other_pipeline")),
        ("other_variation", ("failed", "release_changed", "other_variation")),
        (None, ("failed", "internal_error", "internal_error")),
    ],
)
def test_a_release_that_cannot_be_read_or_attached(code: str | None, told: tuple[str, ...]) -> None:
    result = {"msg": "No.", "error_code": code}
    record = run_record.update(run_record.begin("shop", "cart", NOW), "failed", NOW, result=result)
    assert (record["state"], record["reason"], record["error_code"]) == told
    assert record["message"] == "No."


def through(run: Run) -> Run:
    for index in range(3):
        run.acted(index=index)
    return run


def test_a_run_that_did_everything_is_complete() -> None:
    run = through(Run()).ended()
    assert run.told == ("completed", None, None)
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
def test_a_release_that_changed_at_the_very_end_is_not_complete(read: dict[str, Any], code: str) -> None:
    run = through(Run()).ended(read)
    assert run.told == ("failed", "release_changed", code)
    assert "Release shop/cart has changed while this run worked on it" in run.record["message"]
    (change,) = run.record["changes_by_others"]
    assert change in run.record["message"]


def test_a_release_that_was_canceled_before_the_run_is_no_change() -> None:
    run = Run("completed", "completed", "completed")
    run.record["goal"]["canceled_at"] = STARTED
    canceled = release("completed", "completed", "completed", canceled_at=STARTED)
    assert run.ended({"exists": True, "release": canceled}).told == ("completed", None, None)


@pytest.mark.parametrize("read", [{"failed": True, "exists": False, "msg": "no network"}, {}, None])
def test_a_release_that_cannot_be_read_at_the_end_is_believed_to_be_as_it_was(read: Any) -> None:
    run = through(Run()).ended(read)
    assert run.told == ("completed", None, None)
    assert run.first["status"] == "completed"


def test_the_end_tells_what_every_phase_is_like_then() -> None:
    run = Run("completed", "ready_to_start", "not_started").failed(index=1, error_code="forbidden").ended()
    assert run.first["completed_at"] == COMPLETED
    assert run.record["next_phase"] == "Staging"
    assert run.told == ("failed", "start_failed", "forbidden")


def test_what_is_handed_on_is_plain_data_without_the_runs_own() -> None:
    shown = run_record.public(through(Run()).ended().record)
    assert json.loads(json.dumps(shown)) == shown
    assert not set(run_record.INTERNAL) & set(shown)
    assert {"state", "reason", "error_code", "message", "next_phase", "waits_until", "phases"} <= set(shown)


@pytest.mark.parametrize(
    ("run", "lines", "line"),
    [
        (
            through(Run()).ended(),
            [f"{name}: started, now completed in 2s" for name in ("Test", "Staging", "Production")],
            "completed; Test started, Staging started, Production started",
        ),
        (
            Run("completed", "ready_to_start", checks=["smoke.yml"]).acted(changed=False).measured(False).ended(),
            ["Test: skipped, now completed in 2s; check smoke.yml failed", "Staging: not reached, now ready_to_start"],
            "failed (check_failed); nothing changed",
        ),
    ],
)
def test_a_run_is_told_in_a_few_words(run: Run, lines: list[str], line: str) -> None:
    assert run_record.tell(run.record) == lines
    assert run_record.sum_up(run.record) == line


def test_what_never_ran_is_told_too() -> None:
    assert run_record.sum_up({}) == "not needed"
