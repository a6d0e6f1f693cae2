# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices and reports in whole runs without Ansible: when each is sent, and that none changes the run.

The rules are those of roles/release/README.md, "Notices" and "The report".
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.notices import EVENTS
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import World, phase

READY, ACTIVE, DONE = "ready-to-start", "active", "completed"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
COMPLETED = ("completed", None, None)
BOTH = ["webhook", "page.yml"]


def sent(world: World) -> list[str]:
    """The notices in their order, once for each event."""
    return [" ".join(filter(None, (event["event"], event["phase"]))) for event in world.events]


def without_time(state: dict[str, Any]) -> dict[str, Any]:
    """What a phase is like, apart from when, and from how many requests that took."""
    left_out = ("started_at", "completed_at", "waited")
    return {name: value for name, value in state.items() if name not in left_out}


@pytest.mark.parametrize("notify", [["webhook"], ["page.yml"], BOTH])
def test_notices_are_sent_when_something_happens(notify: list[str]) -> None:
    world = World("Test", "Staging", notify=notify, checks=[{"command": "look"}])
    world.run()
    expected = ["planned"]
    for name in ("Test", "Staging"):
        expected += [f"started {name}", f"completed {name}", f"check_passed {name}"]
    assert sent(world) == [event for event in [*expected, "completed"] for _notice in notify]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["started", "failed"], ["started Test", "failed Test"]),
        ("completed", ["completed Test"]),
        (["approval_pending"], []),
    ],
)
def test_notices_are_sent_for_the_events_that_are_wanted(wanted: Any, expected: list[str]) -> None:
    world = World("Test", notify=["webhook"], notify_events=wanted, checks=[{"name": "look", "command": "look"}])
    world.answers["look"] = [False]
    world.run()
    assert sent(world) == expected


def test_notice_failed_needs_no_plan_that_wants_it() -> None:
    world = World("Test", notify=["webhook"], notify_events=["completed"], phases=[{"phase": "Nowhere"}])
    world.run()
    assert sent(world) == ["failed"]


def test_notice_started_is_sent_before_the_first_poll() -> None:
    world = World(phase("Test", HOUR), notify=BOTH)
    world.run()
    started, start = world.events[2:4], world.log.index("start Test")
    assert world.log[start + 1 : start + 4] == [
        "send webhook (started Test)",
        "run page.yml (started Test)",
        "wait for Test",
    ]
    assert {event["at"] for event in started} == {"2026-10-26T07:33:20.000000Z"}
    assert {event["status"] for event in started} == {"active"}


def test_notices_change_nothing_about_the_run() -> None:
    plain, notified = (World(phase("Test", approval=True), "Staging", notify=notify) for notify in ([], BOTH))
    for world in (plain, notified):
        world.launchdarkly.review_by_itself("approve", HOUR, apply=True)
        world.run()
        assert world.launchdarkly.starts == ["Test", "Staging"]
    assert plain.outcome == notified.outcome == COMPLETED
    for one, other in zip(plain.record["phases"], notified.record["phases"]):
        assert without_time(one) == without_time(other)
    assert plain.log[2] == "start Test and wait", "one call where nobody is to be notified"


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([DONE, DONE], ["planned", "completed"]),
        ([DONE, READY], ["planned", "started Staging", "completed Staging", "completed"]),
    ],
)
def test_notices_leave_out_phases_that_are_skipped(statuses: list[str], expected: list[str]) -> None:
    world = World("Test", "Staging", statuses=statuses, notify=["webhook"])
    world.run()
    assert sent(world) == expected


def test_notice_started_is_for_phases_that_this_run_has_started() -> None:
    world = World("Test", "Staging", notify=["webhook"], phases=[{"phase": "Staging", "before": ["b.yml"]}])
    world.launchdarkly.start("Test")
    world.after["run b.yml (before Staging)"] = lambda: world.launchdarkly.start("Staging")
    world.run()
    assert world.actions == ["resumed", "adopted"]
    assert sent(world) == ["planned", "completed Test", "completed Staging", "completed"]


# Approvals


def test_notice_of_an_approval_says_who_and_where() -> None:
    world = World(phase("Test", approval=True), notify=BOTH)
    world.launchdarkly.review_by_itself("approve", HOUR, apply=True)
    world.run()
    assert sent(world)[2:6] == ["started Test"] * 2 + ["approval_pending Test"] * 2
    event = world.events[4]
    assert (event["reason"], event["phase"], event["status"]) == ("approval", "Test", "active")
    assert event["message"].startswith("approval in test")
    (link,) = event["links"]
    assert link in event["message"]
    assert world.log[4:9] == [
        "start Test",
        "send webhook (started Test)",
        "run page.yml (started Test)",
        "send webhook (approval_pending Test)",
        "run page.yml (approval_pending Test)",
    ]
    assert world.record["phases"][0]["approvals"][0]["status"] == "completed"


def test_notice_of_an_approval_that_is_filed_later() -> None:
    world = World(phase("Test", approval=True), notify=["page.yml"], wait_timeout="10m", approval_timeout="3h")
    world.launchdarkly.project["approvalRequestDelay"] = 5
    world.launchdarkly.review_by_itself("approve", 2 * HOUR, apply=True)
    world.file_seconds = 2.0
    world.run()
    assert sent(world) == ["planned", "started Test", "approval_pending Test", "completed Test", "completed"]
    assert world.log[5:8] == ["wait for Test", "run page.yml (approval_pending Test)", "wait for Test"]
    assert (world.outcome, world.actions) == (COMPLETED, ["started"])


@pytest.mark.parametrize("notify", [["webhook"], ["page.yml"]])
def test_notices_leave_the_rest_of_both_time_outs(notify: list[str]) -> None:
    world = World(phase("Test", approval=True), notify=notify, wait_timeout="10m", approval_timeout="3h")
    world.launchdarkly.project["approvalRequestDelay"] = 20
    world.launchdarkly.review_by_itself("approve", 2 * HOUR, apply=True)
    world.file_seconds = 7.0
    world.run()
    until_asked, until_answered = world.calls[1:]
    assert (until_asked["on_approval"], until_asked["wait_timeout"]) == ("return", 600.0)
    assert (until_answered["on_approval"], until_answered["approval_timeout"]) == ("wait", 3 * HOUR)
    waited_before = 600.0 - until_answered["wait_timeout"]
    assert 10 <= waited_before <= 30
    assert world.outcome == COMPLETED


def test_notice_that_takes_long_does_not_count_for_the_wait() -> None:
    world = World(phase("Test", DAY), notify=["page.yml"], wait_timeout="30m")
    world.file_seconds = 2 * HOUR
    world.run()
    assert world.outcome == ("failed", "wait_timeout", "wait_timeout")
    files = sum(1 for entry in world.log if entry.startswith("run")) * world.file_seconds
    assert 1800 <= world.clock.slept - files < 1800 + MINUTE
    # Who started the phase is still known after the wait.
    assert world.actions == ["started"]


def test_notice_of_an_approval_that_the_run_does_not_wait_for() -> None:
    for settings in ({"wait": False}, {"on_approval": "return"}):
        world = World(phase("Test", approval=True), notify=["page.yml"], **settings)
        world.run()
        assert sent(world) == ["planned", "started Test", "approval_pending Test", "waiting Test"]
        assert world.outcome == ("waiting", "approval", None)


# The end


@pytest.mark.parametrize(
    ("settings", "answers", "expected"),
    [
        ({}, [False], ["started Test", "completed Test", "check_failed Test", "failed Test"]),
        ({"wait": False}, [], ["started Test", "waiting Test"]),
        ({"phases": [{"phase": "Test", "confirm": True}]}, [], ["stopped Test"]),
        (
            {"on_failure": "turn_off"},
            [False],
            ["started Test", "completed Test", "check_failed Test", "undone Test", "failed Test"],
        ),
    ],
)
def test_notice_of_the_end_is_the_last(settings: dict[str, Any], answers: list[Any], expected: list[str]) -> None:
    world = World("Test", notify=["webhook"], checks=[{"command": "look"}], **settings)
    world.answers["command"] = answers
    world.run()
    assert sent(world) == ["planned", *expected]
    assert world.events[-1]["message"] == world.record["message"]
    assert world.events[-1]["error_code"] == world.record["error_code"]


def test_notice_of_an_undo_comes_before_that_of_the_failure() -> None:
    world = World("Test", notify=["page.yml"], checks=["smoke.yml"], on_failure="turn_off")
    world.options["report"] = True
    world.answers["smoke.yml"] = [False]
    world.run()
    assert world.log[-6:] == [
        "run page.yml (check_failed Test)",
        "read",
        "turn off test",
        "run page.yml (undone Test)",
        "report",
        "run page.yml (failed Test)",
    ]
    assert world.events[-2]["environments"] == ["test"]


def test_notice_of_a_run_that_fails_before_its_plan() -> None:
    world = World("Test", notify=BOTH)
    world.launchdarkly.service.delete_release("shop", "cart")
    world.run()
    assert sent(world) == ["failed", "failed"]
    assert world.events[0]["phase"] is None


def test_every_event_is_sent_by_some_run() -> None:
    """With the two of the end that the cases above have: waiting and stopped."""
    world = World(phase("Test", approval=True), notify=["webhook"], checks=[{"command": "look"}], on_failure="turn_off")
    world.launchdarkly.review_by_itself("approve", MINUTE, apply=True)
    world.run()
    world.answers["command"] = [False]
    found = set(sent(world))
    world.again()
    words = {entry.split()[0] for entry in found | set(sent(world))}
    assert words == set(EVENTS) - {"waiting", "stopped"}


# What fails beside the release

REFUSED = {"failed": True, "msg": "no route to host"}


@pytest.mark.parametrize("name", ["webhook", "page.yml"])
def test_notice_that_fails_is_a_warning(name: str) -> None:
    world = World("Test", notify=["webhook", "page.yml"])
    world.answers[name] = [REFUSED, {}, REFUSED]
    world.run()
    assert world.outcome == COMPLETED
    assert world.record["warnings"] == [
        f"The notice {name} of planned could not be sent: no route to host",
        f"The notice {name} of completed could not be sent: no route to host",
    ]
    assert len(world.events) == 8


def test_report_is_written_after_the_last_read() -> None:
    world = World("Test")
    world.options["report"] = True
    world.publish = [
        {"name": "keep.yml", "path": "keep.yml", "problem": None},
        {"name": "gone.yml", "path": None, "problem": "cannot be read"},
        {"name": "send.yml", "path": "send.yml", "problem": None},
    ]
    world.answers["send.yml"] = [REFUSED]
    world.run()
    assert world.log[-4:] == [
        "read",
        "report",
        "run keep.yml (publishes the report)",
        "run send.yml (publishes the report)",
    ]
    assert world.outcome == COMPLETED
    warnings = [
        "The report was not published with gone.yml: cannot be read",
        "The report was not published with send.yml: no route to host",
    ]
    assert world.record["warnings"] == warnings
    assert world.shown[-2:] == [f"Warning: {warning}" for warning in warnings]


def test_report_that_cannot_be_written_is_a_warning() -> None:
    world = World("Test", notify=["webhook"])
    world.options["report"] = True
    world.answers["report"] = [{"paths": {}, "publish": [], "warnings": ["The disk is full."]}]
    world.run()
    assert (world.outcome, world.record["warnings"]) == (COMPLETED, ["The disk is full."])
    assert "Warning: The disk is full." in world.shown
    assert sent(world)[-1] == "completed"
