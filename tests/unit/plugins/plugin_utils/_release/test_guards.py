# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Freeze windows, the undo and notices of a run: what each makes of a record."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import guards
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as run_record
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils import role_support

NOW = "2026-10-30T18:00:00.000000Z"  # a Friday
WEEKEND = {"name": "weekend", "reason": "nobody is there", "days": "fri-sun", "timezone": "UTC"}
UNTIL = "2026-11-02T00:00:00Z"


def begun(*words: Any, **settings: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A record after its plan was made, the plan, and the release."""
    release = role_support.release(*(words or ("ready_to_start", "not_started", "not_started")))
    plan = plan_steps(release, settings)
    record = run_record.begin("shop", "cart", NOW)
    return run_record.update(record, "planned", NOW, plan=plan, check_mode=False), plan, release


def acted(
    record: dict[str, Any],
    plan: dict[str, Any],
    release: dict[str, Any],
    index: int,
    status: str = "completed",
    **fields: Any,
) -> dict[str, Any]:
    """The record after a phase was started, or found, and is as `status` says."""
    phase = role_support.phase(role_support.NAMES[index], status, index=index)
    release["phases"][index] = phase
    result = {
        "changed": True,
        "phase": phase,
        "release": release,
        "requests": 2,
        "retries": 0,
        "waited": 1.0,
        "approvals": [],
        "approval_pending": False,
        **fields,
    }
    return run_record.update(record, "acted", NOW, step=plan["steps"][index], result=result, plan=plan)


def failed(
    record: dict[str, Any], plan: dict[str, Any], index: int, kind: str = "start", **result: Any
) -> dict[str, Any]:
    part = {"kind": kind, "side": "before", "file": "x.yml", "step": index, "check": 0}
    result = {"msg": "It broke.", "error_code": None, **result}
    return run_record.update(record, "failed", NOW, result=result, step=plan["steps"][index], part=part)


# The undo


def test_what_the_run_has_started_is_undone() -> None:
    record, plan, release = begun(on_failure="turn_off_all")
    record = acted(record, plan, release, 0)
    record = acted(record, plan, release, 1)
    record = failed(record, plan, 1, kind="hook")
    assert guards.environments_to_undo(record) == ["test", "staging"]


def test_turn_off_is_for_the_phase_that_failed_alone() -> None:
    record, plan, release = begun(on_failure="turn_off")
    record = acted(record, plan, release, 0)
    record = acted(record, plan, release, 1)
    record = failed(record, plan, 1, kind="hook")
    assert guards.environments_to_undo(record) == ["staging"]


@pytest.mark.parametrize("on_failure", ["stop", "turn_off", "turn_off_all"])
def test_a_run_that_did_not_fail_undoes_nothing(on_failure: str) -> None:
    record, plan, release = begun(on_failure=on_failure)
    assert guards.environments_to_undo(acted(record, plan, release, 0)) == []
    confirmed = run_record.update(record, "confirmed", NOW, step=plan["steps"][0], answer="")
    assert confirmed["state"] == "stopped"
    assert guards.environments_to_undo(confirmed) == []


@pytest.mark.parametrize("on_failure", ["turn_off", "turn_off_all"])
def test_a_run_that_a_person_has_ended_in_a_pause_undoes_nothing(on_failure: str) -> None:
    record, plan, release = begun(on_failure=on_failure)
    record = failed(acted(record, plan, release, 0), plan, 0, kind="soak", msg="user requested abort!")
    assert (record["state"], record["reason"]) == ("failed", "aborted")
    assert guards.environments_to_undo(record) == []


def test_stop_undoes_nothing() -> None:
    record, plan, release = begun()
    record = failed(acted(record, plan, release, 0), plan, 0, kind="hook")
    assert record["state"] == "failed"
    assert guards.environments_to_undo(record) == []


@pytest.mark.parametrize("on_failure", ["turn_off", "turn_off_all"])
def test_a_run_that_fails_before_any_phase_undoes_nothing(on_failure: str) -> None:
    record, plan, _release = begun(on_failure=on_failure)
    assert guards.environments_to_undo(failed(record, plan, 0, kind="hook")) == []
    broken = run_record.update(run_record.begin("shop", "cart", NOW), "failed", NOW, result={"msg": "no"})
    assert guards.environments_to_undo(broken) == []


@pytest.mark.parametrize(
    ("status", "changed", "reached"),
    [
        # refused: the release has not come there
        ("ready_to_start", False, []),
        # a regression while it was waited for, or time ran out
        ("paused", True, ["staging"]),
        ("active", True, ["staging"]),
        # somebody else has started it
        ("active", False, ["staging"]),
        # sent, and nobody knows what came of it
        ("ready_to_start", True, ["staging"]),
    ],
)
def test_a_start_that_failed_is_undone_where_it_may_have_come_to_something(
    status: str, changed: bool, reached: list[str]
) -> None:
    record, plan, release = begun(on_failure="turn_off")
    record = acted(record, plan, release, 0)
    phase = role_support.phase("Staging", status, index=1)
    record = failed(record, plan, 1, phase=phase, changed=changed, error_code="phase_paused")
    assert guards.environments_to_undo(record) == reached


def test_turn_off_all_leaves_out_the_phase_that_was_not_reached() -> None:
    record, plan, release = begun(on_failure="turn_off_all")
    record = acted(record, plan, release, 0)
    record = failed(record, plan, 1, phase=role_support.phase("Staging", "ready_to_start", index=1), changed=False)
    assert guards.environments_to_undo(record) == ["test"]


def test_a_phase_that_is_looked_at_again_and_fails_its_check_is_undone() -> None:
    record, plan, release = begun(
        "completed", "completed", "ready_to_start", on_failure="turn_off_all", checks=["smoke.yml"]
    )
    record = acted(record, plan, release, 1, changed=False)
    check = plan["steps"][1]["checks"][0]
    record = run_record.update(
        record, "measured", NOW, step=plan["steps"][1], check=check, answer={"failed": True, "msg": "It is red."}
    )
    assert record["reason"] == "check_failed"
    # and what an earlier run has done is left to it
    assert guards.environments_to_undo(record) == ["staging"]


def test_a_hook_that_fails_after_a_phase_that_is_looked_at_again_undoes_that_phase() -> None:
    record, plan, release = begun("completed", "ready_to_start", on_failure="turn_off")
    record = acted(record, plan, release, 0, changed=False)
    assert guards.environments_to_undo(failed(record, plan, 0, kind="hook")) == ["test"]


def test_a_phase_that_somebody_else_has_started_is_undone_when_that_stops_the_run() -> None:
    record, plan, release = begun(on_failure="turn_off", on_changed_by_others="stop")
    record = acted(record, plan, release, 0, changed=False)
    assert record["error_code"] == "changed_by_others"
    assert guards.environments_to_undo(record) == ["test"]


def test_environments_that_show_only_with_the_start_are_undone_too() -> None:
    first = role_support.phase("Test", "ready_to_start", audiences=None)
    record, plan, release = begun(first, "not_started", on_failure="turn_off")
    assert plan["steps"][0]["environments"] == ()
    record = failed(acted(record, plan, release, 0), plan, 0, kind="hook")
    assert guards.environments_to_undo(record) == ["test"]


def test_several_phases_in_one_environment_are_one_undo() -> None:
    twice = [
        role_support.phase(name, "ready_to_start", audiences=[role_support.audience("EU")])
        for name in ("Test", "Staging")
    ]
    record, plan, release = begun(*twice, on_failure="turn_off_all")
    for index in (0, 1):
        phase = {**release["phases"][index], "status": "completed", "started": True, "complete": True}
        release["phases"][index] = phase
        result = {
            "changed": True,
            "phase": phase,
            "release": release,
            "requests": 2,
            "retries": 0,
            "waited": 1.0,
            "approvals": [],
            "approval_pending": False,
        }
        record = run_record.update(record, "acted", NOW, step=plan["steps"][index], result=result, plan=plan)
    assert guards.environments_to_undo(failed(record, plan, 1, kind="hook")) == ["eu"]


def undo_results() -> list[dict[str, Any]]:
    return [
        {"_release_environment": "test", "changed": True, "requests": 2, "retries": 1},
        {"_release_environment": "staging", "changed": False, "requests": 1, "retries": 0},
        {
            "_release_environment": "eu",
            "changed": False,
            "failed": True,
            "msg": "Approval\nis required.",
            "error_code": "approval_required",
        },
    ]


def test_both_failures_are_told_and_the_first_one_stands() -> None:
    record, plan, release = begun(on_failure="turn_off_all")
    record = failed(acted(record, plan, release, 0), plan, 0, kind="hook", error_code="boom")
    done = guards.undone(record, NOW, undo_results())
    assert (done["state"], done["reason"], done["error_code"]) == ("failed", "before_failed", "boom")
    for words in (
        "It broke.",
        "Targeting was turned off in test.",
        "Targeting was off in staging already.",
        "Targeting could NOT be turned off in eu: Approval is required.",
        "turn targeting on again with ld_flag_targeting",
    ):
        assert words in done["message"]
    assert "left as it is" not in done["message"]
    assert [(item["environment_key"], item["ok"], item["changed"], item["error_code"]) for item in done["undone"]] == [
        ("test", True, True, None),
        ("staging", True, False, None),
        ("eu", False, False, "approval_required"),
    ]
    assert (done["requests"], done["retries"]) == (record["requests"] + 3, 1)


def test_an_undo_that_reached_nothing_does_not_ask_to_turn_anything_on() -> None:
    record, plan, release = begun(on_failure="turn_off")
    record = failed(acted(record, plan, release, 0), plan, 0, kind="hook")
    assert "ld_flag_targeting" not in guards.undone(record, NOW, undo_results()[2:])["message"]


@pytest.mark.parametrize(("on_failure", "said"), [("stop", True), ("turn_off", False), ("turn_off_all", False)])
def test_only_a_run_that_undoes_nothing_says_that_launchdarkly_is_left_as_it_is(on_failure: str, said: bool) -> None:
    record, plan, release = begun(on_failure=on_failure)
    record = failed(acted(record, plan, release, 0), plan, 0, kind="hook")
    assert ("LaunchDarkly is left as it is" in record["message"]) is said


def test_the_audit_log_learns_of_run_phase_and_reason() -> None:
    record, plan, release = begun(on_failure="turn_off")
    record = failed(
        acted(record, plan, release, 0), plan, 0, phase=role_support.phase("Test", "active"), error_code="wait_timeout"
    )
    assert guards.undo_comment(record) == (
        f"Turned off by the run of {NOW} that released shop/cart: phase 'Test', wait_timeout"
    )
    assert guards.undone(record, NOW, undo_results())["undone"][0]["comment"] == guards.undo_comment(record)


@pytest.mark.parametrize(
    ("words", "environments"),
    [
        (("ready_to_start", "not_started"), []),
        (("completed", "active", "not_started"), ["test", "staging"]),
        (("completed", "paused", "not_started"), ["test", "staging"]),
    ],
)
def test_where_a_release_has_come(words: tuple[str, ...], environments: list[str]) -> None:
    assert guards.entered(role_support.release(*words)) == environments
    assert guards.entered({}) == []


# Freeze windows


def frozen(now: str = NOW, **settings: Any) -> dict[str, Any]:
    record, plan, release = begun(**{"freeze": [WEEKEND], **settings})
    return guards.freeze(record, now, plan["steps"][0], plan, release)


def foreseen(*words: Any, now: str = NOW, **settings: Any) -> list[str | None]:
    """What the plan says of a freeze window, by phase."""
    plan = begun(*words, **{"freeze": [WEEKEND], **settings})[1]
    return [step.get("frozen") for step in guards.foresee(plan, now)["steps"]]


def test_a_plan_says_that_the_first_start_would_not_be_made() -> None:
    meaning = f"not in this run, but after {UNTIL}, when the freeze window weekend (nobody is there) ends"
    assert foreseen() == [meaning, None, None]
    assert foreseen("completed", "ready_to_start", "not_started") == [None, meaning, None]


def test_a_plan_says_what_is_done_about_the_window() -> None:
    assert (
        foreseen(freeze_action="wait")[0]
        == f"not before {UNTIL}, when the freeze window weekend (nobody is there) ends"
    )
    assert foreseen(freeze_override="hotfix")[0] == "in spite of the freeze window weekend (nobody is there)"


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ((), {"now": "2026-10-28T18:00:00.000000Z"}),
        ((), {"freeze": []}),
        ((), {"freeze": [{**WEEKEND, "environments": ["production"]}]}),
        (("active", "not_started", "not_started"), {}),
        (("completed", "completed", "completed"), {}),
    ],
    ids=["no window now", "no windows", "not there", "who knows when", "nothing to start"],
)
def test_a_plan_says_nothing_of_windows_that_do_not_matter(words: tuple[str, ...], settings: dict[str, Any]) -> None:
    assert foreseen(*words, **settings) == [None, None, None]


def test_outside_a_window_nothing_is_in_the_way() -> None:
    record = frozen("2026-10-29T12:00:00.000000Z")
    assert (record["going"], record["freeze_pause"], record["freeze"], record["message"]) == (True, 0, None, None)


def test_a_window_ends_the_run_before_the_start() -> None:
    record = frozen()
    assert (record["going"], record["state"], record["reason"], record["error_code"]) == (
        False,
        "stopped",
        "freeze",
        None,
    )
    assert record["waits_until"] == UNTIL
    for words in ("phase 'Test' (test)", "weekend (nobody is there)", UNTIL, "release_freeze_override"):
        assert words in record["message"]
    assert guards.environments_to_undo(record) == []


def test_a_run_that_does_not_wait_leaves_the_window_to_a_later_one() -> None:
    record = frozen(freeze_action="wait", wait=False)
    assert (record["going"], record["state"], record["reason"], record["waits_until"]) == (
        False,
        "waiting",
        "freeze",
        UNTIL,
    )


def test_a_run_may_wait_for_the_end_of_a_window() -> None:
    record = frozen(freeze_action="wait")
    assert (record["going"], record["state"], record["reason"], record["waits_until"]) == (
        True,
        "running",
        "freeze",
        UNTIL,
    )
    assert record["freeze_pause"] > 0
    after = guards.freeze(record, "2026-11-02T00:00:01.000000Z", *_step_and_more(freeze_action="wait"))
    assert (after["freeze_pause"], after["reason"], after["waits_until"], after["message"]) == (0, None, None, None)


def _step_and_more(**settings: Any) -> tuple[dict[str, Any], ...]:
    _record, plan, release = begun(**{"freeze": [WEEKEND], **settings})
    return plan["steps"][0], plan, release


@pytest.mark.parametrize(("hours", "most"), [(0.001, 1), (0.5, 1), (3, 4), (54, 20), (24 * 365, 40)])
def test_a_long_window_has_few_looks(hours: float, most: int) -> None:

    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    end = begin + datetime.timedelta(hours=hours)
    window = {"from": begin.isoformat(" "), "to": end.isoformat(" "), "timezone": "UTC"}
    record, plan, release = begun(freeze=[window], freeze_action="wait")
    moment, looks = begin, 0
    while True:
        record = guards.freeze(record, moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), plan["steps"][0], plan, release)
        if not record["freeze_pause"]:
            break
        looks += 1
        moment += datetime.timedelta(seconds=record["freeze_pause"])
    assert looks <= most
    assert datetime.timedelta(0) <= moment - end <= datetime.timedelta(seconds=1)


def test_an_override_passes_and_is_recorded_with_every_phase_that_it_let_through() -> None:
    record, plan, release = begun(freeze=[WEEKEND], freeze_override="The fix\ncannot wait")
    for step in (plan["steps"][0], plan["steps"][0], plan["steps"][1]):
        record = guards.freeze(record, NOW, step, plan, release)
        assert record["going"]
    assert record["freeze"] == {
        "window": "weekend (nobody is there)",
        "until": UNTIL,
        "overridden": "The fix cannot wait",
        "phase": "Test, Staging",
    }
    assert [len(phase["notes"]) for phase in record["phases"]] == [1, 1, 0]
    for words in ("weekend", UNTIL, "The fix cannot wait"):
        assert words in record["phases"][0]["notes"][0]


def test_an_override_that_was_not_needed_is_not_recorded() -> None:
    record = frozen("2026-10-29T12:00:00.000000Z", freeze_override="just in case")
    assert (record["freeze"], record["phases"][0]["notes"]) == (None, [])


def test_a_window_may_be_for_some_environments_only() -> None:
    record, plan, release = begun(freeze=[{**WEEKEND, "environments": ["staging"]}])
    assert guards.freeze(record, NOW, plan["steps"][0], plan, release)["going"]
    assert not guards.freeze(record, NOW, plan["steps"][1], plan, release)["going"]


@pytest.mark.parametrize(("listed", "going"), [("test", True), ("staging", False), (None, False)])
def test_the_environments_of_a_phase_may_be_known_only_when_it_is_ready(listed: str | None, going: bool) -> None:
    """What is never known is not let through."""
    unlisted = role_support.phase("Test", "not_started", audiences=None)
    record, plan, _release = begun(unlisted, freeze=[{**WEEKEND, "environments": ["staging"]}])
    audiences = [role_support.audience("Test", environment_key=listed)] if listed else None
    ready = role_support.release(role_support.phase("Test", "ready_to_start", audiences=audiences))
    after = guards.freeze(record, NOW, plan["steps"][0], plan, ready)
    assert after["going"] is going
    assert listed != "staging" or "(staging)" in after["message"]


# Notices

EVENT_KEYS = {
    *("event", "at", "project_key", "flag_key", "phase", "environments", "status", "started_at", "completed_at"),
    *("waits_until", "state", "reason", "error_code", "message", "check", "links"),
}
APPROVAL = {
    "id": "r1",
    "environment_key": "test",
    "review_status": "pending",
    "status": "pending",
    "reviewers": ["m1"],
    "requested_at": NOW,
    "answered_at": None,
    "comment": None,
    "service_kind": None,
    "link": "https://ld/r1",
}


def test_a_notice_of_a_phase_has_what_is_known_of_it() -> None:
    record, plan, release = begun()
    step = plan["steps"][0]
    phase = role_support.phase("Test", "active")
    result = {"changed": True, "phase": phase, "release": release, "approvals": [APPROVAL, APPROVAL]}
    record = run_record.update(record, "entered", NOW, step=step, result=result)
    event = guards.event(record, "approval_pending", NOW, step)
    assert set(event) == EVENT_KEYS
    assert (event["event"], event["at"], event["phase"], event["environments"]) == (
        "approval_pending",
        NOW,
        "Test",
        ["test"],
    )
    assert (event["status"], event["started_at"], event["links"]) == ("active", role_support.STARTED, ["https://ld/r1"])
    assert record["phases"][0]["action"] == "started"
    asked = f"approval in test asked of m1 since {NOW} is pending: https://ld/r1"
    assert (event["reason"], event["message"]) == ("approval", f"{asked}; {asked}")
    assert guards.chat_text(event) == f"shop/cart, phase Test (test): approval pending: {asked}; {asked}"


def test_what_a_first_call_has_started_a_later_one_does_not_take_for_somebody_elses() -> None:
    record, plan, release = begun()
    started = {"changed": True, "requests": 2, "retries": 0, "waited": 0, "approvals": [APPROVAL]}
    later = {"changed": False, "requests": 5, "retries": 1, "waited": 3.0, "approvals": []}
    both = guards.joined([started, {"changed": False, "skipped": True}, later])
    assert both["approvals"] == [APPROVAL]
    assert (both["changed"], both["requests"], both["retries"], both["waited"]) == (True, 7, 1, 3.0)
    record = acted(record, plan, release, 0, **both)
    assert (record["phases"][0]["action"], record["phases"][0]["notes"]) == ("started", [])
    assert record["requests"] == 7


def test_a_wait_that_fails_after_the_start_was_told_leaves_the_phase_started() -> None:
    record, plan, release = begun(on_failure="turn_off")
    phase = role_support.phase("Test", "active")
    result = {"changed": True, "phase": phase, "release": release, "approvals": []}
    record = run_record.update(record, "entered", NOW, step=plan["steps"][0], result=result)
    record = failed(record, plan, 0, phase=phase, changed=False, error_code="approval_declined", approvals=[APPROVAL])
    assert record["phases"][0]["action"] == "started"
    assert record["phases"][0]["approvals"] == [APPROVAL]
    assert record["reason"] == "approval_declined"
    assert guards.environments_to_undo(record) == ["test"]


def test_a_notice_of_the_end_is_about_the_phase_that_it_ended_in() -> None:
    record, plan, release = begun(on_failure="turn_off")
    record = failed(acted(record, plan, release, 0), plan, 0, kind="hook")
    event = guards.event(record, guards.event_of_end(record), NOW)
    assert (event["event"], event["phase"], event["environments"]) == ("failed", "Test", ["test"])
    assert (event["reason"], event["message"]) == ("before_failed", record["message"])
    record = guards.undone(record, NOW, undo_results())
    event = guards.event(record, "undone", NOW)
    assert (event["phase"], event["environments"]) == ("Test", ["test", "staging"])


def test_a_notice_of_a_run_that_went_well_is_about_no_phase() -> None:
    record, _plan, release = begun("completed", "completed", "completed")
    record = run_record.update(record, "ended", NOW, read={"exists": True, "release": release})
    event = guards.event(record, guards.event_of_end(record), NOW)
    assert (event["event"], event["phase"], event["environments"], event["links"]) == ("completed", None, [], [])
    assert set(event) == EVENT_KEYS


@pytest.mark.parametrize(
    ("answer", "name"), [({"failed": False}, "check_passed"), ({"failed": True, "msg": "red"}, "check_failed")]
)
def test_a_notice_of_a_check_has_its_verdict(answer: dict[str, Any], name: str) -> None:
    record, plan, release = begun(checks=["smoke.yml"])
    step = plan["steps"][0]
    check = step["checks"][0]
    record = acted(record, plan, release, 0)
    assert guards.check_event(record, step, check) is None
    record = run_record.update(record, "measured", NOW, step=step, check=check, answer=answer)
    assert guards.check_event(record, step, check) == name
    event = guards.event(record, name, NOW, step)
    assert event["check"]["name"] == "smoke.yml"
    assert event["check"]["verdict"] == ("passed" if name == "check_passed" else "failed")


def test_a_check_that_wants_another_attempt_is_no_event() -> None:
    record, plan, release = begun(checks=[{"tasks": "smoke.yml", "attempts": 2, "failure_limit": 1}])
    step = plan["steps"][0]
    record = acted(record, plan, release, 0)
    record = run_record.update(
        record, "measured", NOW, step=step, check=step["checks"][0], answer={"failed": True, "msg": "red"}
    )
    assert record["again"]
    assert guards.check_event(record, step, step["checks"][0]) is None


def test_a_chat_gets_one_line_that_calls_nobody() -> None:
    record, plan, _release = begun()
    event = guards.event(record, "failed", NOW, plan["steps"][0])
    event.update(message="<!channel> & all\nof it", links=["https://ld/r1"])
    assert guards.chat_text(event) == (
        "shop/cart, phase Test (test): failed: &lt;!channel&gt; &amp; all of it https://ld/r1"
    )


def test_a_notice_that_fails_is_a_warning_without_the_address() -> None:
    record, _plan, _release = begun()
    address = "https://hooks.example.com/T0/secret"
    record = guards.noticed(record, f"could not be sent: no host at {address}\n", ["", address])
    assert record["warnings"] == ["could not be sent: no host at (its address) "]
    assert record["going"]
