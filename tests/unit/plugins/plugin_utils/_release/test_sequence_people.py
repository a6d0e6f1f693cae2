# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Confirmations, freeze windows, approvals and pauses ended by hand, in whole runs without Ansible.

The rules are those of docs/approvals.md.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import World, phase

DONE = "completed"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
COMPLETED = ("completed", None, None)


def pauses(world: World) -> list[str]:
    return [entry for entry in world.log if entry.startswith("pause")]


# A person confirms


def test_confirm_stops_before_the_phase_and_its_before_files() -> None:
    world = World("Test", "Staging", phases=[{"phase": "Staging", "confirm": True, "before": ["b.yml"]}])
    world.run()
    assert (world.outcome, world.log[2:]) == (("stopped", "confirm", None), ["start Test and wait", "read"])
    assert "-e 'release_confirmed=Staging'" in world.record["message"]
    assert world.record["next_phase"] == "Staging"
    world.again(confirmed=["Staging"])
    assert (world.outcome, world.launchdarkly.starts) == (COMPLETED, ["Test", "Staging"])
    assert world.log[2:4] == ["run b.yml (before Staging)", "start Staging and wait"]


@pytest.mark.parametrize(
    ("typed", "outcome"),
    [
        ("Staging", COMPLETED),
        ("staging", ("stopped", "confirm", None)),
        ("yes", ("stopped", "confirm", None)),
        ("", ("stopped", "confirm", None)),
        # Without a terminal.
        (None, ("stopped", "confirm", None)),
    ],
)
def test_ask_takes_the_full_name_only(typed: str | None, outcome: tuple[Any, ...]) -> None:
    world = World("Test", "Staging", phases=[{"phase": "Staging", "confirm": True}], ask=True)
    world.answers["ask"] = [typed]
    world.run()
    assert world.log[3] == "ask"
    assert world.outcome == outcome
    assert world.launchdarkly.starts == (["Test", "Staging"] if outcome == COMPLETED else ["Test"])


def test_confirm_is_not_for_a_phase_that_is_active() -> None:
    world = World("Test", phases=[{"phase": "Test", "confirm": True}])
    world.launchdarkly.start("Test")
    world.run()
    assert world.outcome == COMPLETED


# Freeze windows: the clock begins at 07:33:20 on Monday, 2026-10-26


def window(to: str = "2026-10-26 09:00", **more: Any) -> dict[str, Any]:
    return {"name": "sale", "reason": "busy", "from": "2026-10-26 07:00", "to": to, "timezone": "UTC", **more}


def test_freeze_stop_ends_the_run_before_a_start() -> None:
    world = World("Test", freeze=[window()])
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (("stopped", "freeze", None), [])
    assert world.record["waits_until"] == "2026-10-26T09:00:00Z"
    assert "not in this run, but after 2026-10-26T09:00:00Z" in world.shown[1]
    world.clock.slept += 2 * HOUR
    world.again()
    assert world.outcome == COMPLETED


def test_freeze_lets_an_active_phase_go_on() -> None:
    world = World("Test", "Staging", freeze=[window()])
    world.launchdarkly.start("Test")
    world.run()
    assert (world.outcome, world.actions) == (("stopped", "freeze", None), ["resumed", None])


def test_freeze_is_for_the_environments_of_the_phase() -> None:
    world = World("Test", "Staging", freeze=[window(environments=["staging"])])
    world.run()
    assert (world.outcome, world.launchdarkly.starts) == (("stopped", "freeze", None), ["Test"])


def test_freeze_wait_waits_and_looks_again() -> None:
    world = World("Test", freeze=[window("2026-10-26 11:33:20")], freeze_action="wait", notify=["webhook"])
    world.run()
    assert world.log[3:9] == [
        "send webhook (waiting Test)",
        *["pause 3600"] * 4,
        "start Test",
    ]
    waiting = world.events[1]
    assert (waiting["reason"], waiting["waits_until"]) == ("freeze", "2026-10-26T11:33:20Z")
    assert world.outcome == COMPLETED
    assert (world.record["waits_until"], world.record["reason"]) == (None, None)


def test_freeze_wait_cut_short_passes_the_window() -> None:
    """A person at the terminal continues early, for this phase, and that is recorded."""
    phases = [{"phase": "Test", "before": ["b.yml"]}]
    world = World("Test", "Staging", freeze=[window()], freeze_action="wait", phases=phases)
    world.answers["pause"] = ["cut short"]
    world.run()
    assert pauses(world) == ["pause 3600", *["pause 3600", "pause 1599"]]
    assert world.launchdarkly.starts == ["Test", "Staging"]
    assert world.record["freeze"]["phase"] == "Test"
    assert world.record["freeze"]["overridden"] == "a person at the terminal cut the wait for its end short"


def test_freeze_wait_without_release_wait_is_left_to_a_later_run() -> None:
    world = World("Test", freeze=[window()], freeze_action="wait", wait=False)
    world.run()
    assert (world.outcome, pauses(world)) == (("waiting", "freeze", None), [])
    assert world.record["waits_until"] == "2026-10-26T09:00:00Z"


def test_freeze_stop_says_which_window_and_undoes_nothing() -> None:
    world = World("Test", freeze=[window()], on_failure="turn_off_all")
    world.run()
    for words in ("phase 'Test' (test)", "sale", "busy", "lasts until", "release_freeze_override"):
        assert words in world.record["message"]
    assert world.record["undone"] == []


@pytest.mark.parametrize("completion", ["self", "on_next"])
def test_freeze_names_the_phase_that_it_holds_back(completion: str) -> None:
    world = World("Test", "Staging", freeze=[window(environments=["staging", "moon"])], completion=completion)
    world.run()
    assert (world.outcome, world.launchdarkly.starts) == (("stopped", "freeze", None), ["Test"])
    assert world.actions == ["started", None]
    assert "phase 'Staging' (staging)" in world.record["message"]


def test_freeze_override_passes_and_is_recorded() -> None:
    world = World("Test", "Staging", freeze=[window()], freeze_override="incident 4711")
    world.run()
    assert world.outcome == COMPLETED
    assert world.record["freeze"]["overridden"] == "incident 4711"
    assert world.record["freeze"]["phase"] == "Test, Staging"
    assert "sale" in world.record["freeze"]["window"]
    assert "incident 4711" in world.record["phases"][0]["notes"][0]
    assert "in spite of the freeze window" in world.shown[1]


@pytest.mark.parametrize("what", [{"before": ["b.yml"]}, {"confirm": True}])
def test_freeze_is_looked_at_again_after_what_may_take_long(what: dict[str, Any]) -> None:
    later = {**window(), "from": "2026-10-26 08:00"}
    world = World("Test", phases=[{"phase": "Test", **what}], freeze=[later], ask=True)
    world.answers["ask"] = ["Test"]
    entry = "ask" if "confirm" in what else "run b.yml (before Test)"
    world.after[entry] = lambda: world.clock.sleep(HOUR)
    world.run()
    assert (world.outcome, world.log[2:]) == (("stopped", "freeze", None), [entry, "read"])


# A person approves in LaunchDarkly


def gated(**settings: Any) -> World:
    return World(phase("Test", approval=True), "Staging", **settings)


def test_approval_wait_goes_on_when_it_was_applied() -> None:
    world = gated(wait_timeout="10m")
    world.launchdarkly.review_by_itself("approve", 2 * HOUR, apply=True, applyAfter=HOUR)
    world.run()
    assert (world.outcome, world.actions) == (COMPLETED, ["started", "started"])
    (request,) = world.record["phases"][0]["approvals"]
    assert (request["environment_key"], request["status"]) == ("test", "completed")


@pytest.mark.parametrize("completion", ["self", "on_next"])
def test_approval_is_recorded_with_its_comment(completion: str) -> None:
    world = gated(until="Test", completion=completion)
    world.launchdarkly.review_by_itself("approve", MINUTE, apply=True, comment="Go ahead", member="member-1")
    world.run()
    assert (world.outcome, world.actions) == (COMPLETED, ["started"])
    assert (world.launchdarkly.writes, world.launchdarkly.is_on) == (["PUT"], {"test": True, "staging": False})
    (request,) = world.record["phases"][0]["approvals"]
    assert (request["review_status"], request["status"], request["comment"]) == ("approved", "completed", "Go ahead")


@pytest.mark.parametrize("completion", ["self", "on_next"])
def test_approval_left_to_somebody_is_taken_up_again(completion: str) -> None:
    world = gated(until="Test", on_approval="return", final_status="active", completion=completion)
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (("waiting", "approval", None), ["PUT"])
    for words in ("phase 'Test' (test)", "waiting for a person to approve and apply it", "Rerun the same command"):
        assert words in world.record["message"]
    assert "/shop/test/features/cart" in world.record["message"]
    world.launchdarkly.review_by_itself("approve", 0, apply=True)
    world.again()
    assert (world.outcome, world.launchdarkly.writes) == (COMPLETED, ["PUT"])


def test_approval_that_nobody_gives_says_who_and_where() -> None:
    world = gated(approval_timeout="1m")
    (audience,) = world.launchdarkly.project["releases"]["cart"]["phases"][0]["_audiences"]
    audience["configuration"]["notifyMemberIds"] = ["member-1"]
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (("failed", "approval_timeout", "approval_timeout"), ["PUT"])
    for words in ("(asked: member-1)", "pending since 2026-10-26T", "/shop/test/features/cart", "continue waiting"):
        assert words in world.record["message"]


def test_approval_declined_meanwhile_fails_without_waiting() -> None:
    world = gated(wait=False)
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (("waiting", "approval", None), ["PUT"])
    assert "/shop/test/features/cart" in world.record["message"]
    world.launchdarkly.review_by_itself("decline", 0, comment="Never")
    world.again()
    assert world.outcome == ("failed", "approval_declined", "approval_declined")
    assert "Never" in world.record["message"]
    assert world.actions == ["resumed", None]


def test_approval_return_ends_the_run_as_waiting() -> None:
    world = gated(on_approval="return", notify=["webhook"])
    world.run()
    assert (world.outcome, world.launchdarkly.starts) == (("waiting", "approval", None), ["Test"])
    assert "approval in test" in world.record["message"]
    world.launchdarkly.review_by_itself("approve", 0, apply=True)
    world.again()
    assert (world.outcome, world.launchdarkly.starts) == (COMPLETED, ["Test", "Staging"])


def test_approval_apply_applies_what_was_approved() -> None:
    world = gated(on_approval="apply")
    world.launchdarkly.review_by_itself("approve", HOUR)
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (COMPLETED, ["PUT", "POST", "PUT"])


@pytest.mark.parametrize("notify", [[], ["webhook"]])
def test_approval_that_is_declined_ends_the_run(notify: list[str]) -> None:
    world = gated(on_failure="turn_off", notify=notify)
    world.launchdarkly.review_by_itself("decline", MINUTE, comment="Not today")
    world.run()
    assert world.outcome == ("failed", "approval_declined", "approval_declined")
    assert "Not today" in world.record["message"]
    # The phase was started, so it is undone.
    assert "turn off test" in world.log


@pytest.mark.parametrize("notify", [[], ["page.yml"]])
def test_approval_has_a_time_out_of_its_own(notify: list[str]) -> None:
    world = gated(wait_timeout="1m", approval_timeout="2h", notify=notify)
    world.file_seconds = 30.0
    world.run()
    assert world.outcome == ("failed", "approval_timeout", "approval_timeout")
    files = sum(1 for entry in world.log if entry.startswith("run page.yml")) * world.file_seconds
    assert 2 * HOUR <= world.clock.slept - files < 2 * HOUR + MINUTE


# Pauses that a person ends by hand


@pytest.mark.parametrize(
    "settings",
    [
        {"phases": [{"phase": "Test", "soak": "1h"}]},
        {"checks": [{"command": "look", "attempts": 2, "failure_limit": 1}]},
    ],
    ids=["soak", "attempts"],
)
@pytest.mark.parametrize("on_failure", ["stop", "turn_off_all"])
def test_abort_ends_the_run_and_sends_nothing_more(settings: dict[str, Any], on_failure: str) -> None:
    world = World("Test", "Staging", on_failure=on_failure, **settings)
    world.answers.update(pause=["abort"], command=[False])
    world.run()
    assert world.outcome == ("failed", "aborted", None)
    assert "a person ended the pause. The phase is completed." in world.record["message"]
    assert world.record["message"].endswith("Rerun the same command to resume.")
    assert world.launchdarkly.writes == ["PUT"]


def test_soak_cut_short_goes_on_with_its_checks() -> None:
    check = {"command": "look", "during": "soak", "interval": "20m"}
    world = World("Test", "Staging", phases=[{"phase": "Test", "soak": "1h", "checks": [check]}])
    world.answers["pause"] = ["", "cut short"]
    world.run()
    assert world.outcome == COMPLETED
    assert pauses(world) == ["pause 1200", "pause 1200"]
    entry = world.record["phases"][0]
    assert [check["verdict"] for check in entry["checks"]] == ["passed"]
    assert entry["notes"] == ["A person at the terminal ended the soak 40m early."]
    assert entry["soak"]["to"] < world.record["phases"][1]["started_at"]


def test_attempt_cut_short_is_made_at_once() -> None:
    world = World("Test", checks=[{"command": "look", "attempts": 2, "interval": "1h", "failure_limit": 1}])
    world.answers.update(pause=["cut short"], command=[False])
    world.run()
    assert (world.outcome, world.clock.slept < HOUR) == (COMPLETED, True)


def test_abort_of_a_freeze_wait_ends_the_run() -> None:
    world = World("Test", freeze=[window()], freeze_action="wait", on_failure="turn_off_all")
    world.answers["pause"] = ["", "abort"]
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (("failed", "aborted", None), [])
    assert world.record["waits_until"] is None
