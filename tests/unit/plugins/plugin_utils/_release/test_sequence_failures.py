# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures, undos and interruptions in whole runs without Ansible.

What is undone is decided by what LaunchDarkly shows after the failure: docs/approvals.md, "Undo".
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import sequence
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import (
    Interrupted,
    World,
    phase,
)

READY, ACTIVE, DONE, NOT, PAUSED = "ready-to-start", "active", "completed", "not-started", "paused"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
PUT_CUT = {"method": "PUT", "path": "/phases/"}
UNREADABLE = {"method": "GET", "path": "/release$", "status": 403}
TIMED_OUT = ("failed", "task_timeout", "task_timeout")


def turned_off(world: World) -> list[str]:
    return [entry.removeprefix("turn off ") for entry in world.log if entry.startswith("turn off ")]


def interrupt() -> None:
    raise Interrupted


# Failures of each part


def failing(part: str) -> World:
    """A run that fails in Staging, after Test was released."""
    phases = [{"phase": "Staging", "before": ["b.yml"], "after": ["a.yml"], "soak": "1m"}]
    checks = [{"tasks": "smoke.yml"}, {"name": "rate", "command": "look", "during": "soak"}]
    world = World(phases=phases, checks=checks)
    red = {"failed": True, "msg": "it is red", "error_code": "boom", "inconclusive": False}
    world.answers.update(
        {
            "before": {"b.yml": [red]},
            "after": {"a.yml": [red]},
            "soak": {"rate": [True, False]},
            "check": {"smoke.yml": [True, False]},
        }.get(part, {})
    )
    if part == "start":
        world.launchdarkly.fail(**PUT_CUT, after=1, status=403)
    if part == "wait":
        world.launchdarkly.change("Staging", _regressesAfter=500)
    return world


@pytest.mark.parametrize(
    ("part", "reason", "code", "off"),
    [
        ("before", "before_failed", "boom", []),
        ("start", "start_failed", "forbidden", []),
        ("wait", "release_changed", "phase_paused", ["staging"]),
        ("soak", "check_failed", "check_failed", ["staging"]),
        ("check", "check_failed", "check_failed", ["staging"]),
        ("after", "after_failed", "boom", ["staging"]),
    ],
)
@pytest.mark.parametrize("on_failure", ["stop", "turn_off", "turn_off_all"])
def test_failure_of_each_part_is_undone_as_asked(
    on_failure: str, part: str, reason: str, code: str, off: list[str]
) -> None:
    world = failing(part)
    world.settings["on_failure"] = on_failure
    world.run()
    assert world.outcome == ("failed", reason, code)
    assert "Production" not in world.launchdarkly.starts
    expected = {"stop": [], "turn_off": off, "turn_off_all": ["test", *off]}[on_failure]
    assert turned_off(world) == [item["environment_key"] for item in world.record["undone"]] == expected
    on = {name for name, is_on in world.launchdarkly.is_on.items() if is_on}
    assert on == ({"test"} | set(off)) - set(expected)
    for key in expected:
        assert f"Targeting was turned off in {key}." in world.record["message"]
    assert ("nothing was rolled back" in world.record["message"]) is (on_failure == "stop")


@pytest.mark.parametrize(
    ("answer", "reason", "code"),
    [
        ({"status": 403}, "start_failed", "forbidden"),
        (
            {"status": 405, "body": {"code": "method_not_allowed", "message": "Approval is required."}},
            "approval_required",
            "approval_required",
        ),
        ({"status": 404, "body": {"code": "not_found", "message": "No."}}, "release_changed", "not_found"),
        (
            {"status": 400, "body": {"code": "invalid_request", "message": "Phase must be ready."}},
            "start_failed",
            "invalid_request",
        ),
    ],
)
def test_start_that_is_refused_has_its_reason(answer: dict[str, Any], reason: str, code: str) -> None:
    world = World("Test", on_failure="turn_off_all", notify=["webhook"])
    world.launchdarkly.fail(**PUT_CUT, times=None, **answer)
    world.run()
    assert world.outcome == ("failed", reason, code)
    assert (turned_off(world), world.actions, world.launchdarkly.starts) == ([], [None], [])
    assert [event["event"] for event in world.events] == ["planned", "failed"]


def test_undo_comment_is_in_the_audit_log() -> None:
    world = failing("after")
    world.settings["on_failure"] = "turn_off"
    world.run()
    (entry,) = [item for item in world.launchdarkly.project["audit"] if item.get("comment")]
    comment = world.record["undone"][0]["comment"]
    assert comment.endswith("that released shop/cart: phase 'Staging', after_failed")
    assert entry["comment"].startswith(comment)


def test_undo_that_is_refused_leaves_the_first_failure() -> None:
    world = failing("after")
    world.settings.update(on_failure="turn_off_all", notify=["webhook"])
    world.launchdarkly.fail(method="PATCH", status=403)
    world.run()
    assert world.outcome == ("failed", "after_failed", "boom")
    assert [(item["environment_key"], item["ok"]) for item in world.record["undone"]] == [
        ("test", False),
        ("staging", True),
    ]
    assert "Targeting could NOT be turned off in test: " in world.record["message"]
    (undone,) = [event for event in world.events if event["event"] == "undone"]
    assert undone["environments"] == ["staging"]


def test_undo_that_was_refused_everywhere_is_no_event() -> None:
    world = failing("after")
    world.settings.update(on_failure="turn_off_all", notify=["webhook"])
    world.launchdarkly.fail(method="PATCH", status=403, times=None)
    world.run()
    assert [event["event"] for event in world.events][-1] == "failed"
    assert "undone" not in [event["event"] for event in world.events]


def test_undo_is_for_phases_of_this_run_only() -> None:
    world = World(statuses=[DONE, DONE, READY], checks=["smoke.yml"], on_failure="turn_off_all")
    world.answers["smoke.yml"] = [False]
    world.run()
    assert turned_off(world) == ["staging"]


def test_failed_run_says_what_the_phase_is_like_afterwards() -> None:
    world = failing("wait")
    world.run()
    assert [item["status"] for item in world.record["phases"]] == ["completed", "paused", "not_started"]
    assert world.record["next_phase"] == "Staging"
    assert world.shown[-4].startswith("shop/cart in release pipeline Standard")


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("before", ["shop/cart", "'Staging' (staging)", "before, b.yml: it is red."]),
        ("after", ["after, a.yml: it is red.", "rerun the same command"]),
        ("soak", ["check 'rate' failed", "nothing was rolled back"]),
        ("wait", ["is paused"]),
    ],
)
def test_failed_run_names_what_has_failed(part: str, words: list[str]) -> None:
    world = failing(part)
    world.run()
    assert [text for text in words if text not in world.record["message"]] == []


def test_failed_before_file_leaves_the_phase_ready() -> None:
    world = World("Test", "Staging", phases=[{"phase": "Test", "before": ["b.yml"]}])
    world.answers["b.yml"] = [{"failed": True, "msg": "it is red", "error_code": None, "inconclusive": False}]
    world.run()
    assert world.outcome == ("failed", "before_failed", None)
    assert (world.actions, world.launchdarkly.writes) == ([None, None], [])
    assert "before, b.yml: it is red. The phase is ready_to_start." in world.record["message"]


def test_failed_before_file_of_a_later_phase_says_no_old_status() -> None:
    """The plan saw it before the earlier phase was completed, and LaunchDarkly has made it ready since."""
    world = World("Test", "Staging", phases=[{"phase": "Staging", "before": ["b.yml"]}])
    world.answers["b.yml"] = [{"failed": True, "msg": "it is red", "error_code": None, "inconclusive": False}]
    world.run()
    assert world.outcome == ("failed", "before_failed", None)
    assert "before, b.yml: it is red. No further phase is started" in world.record["message"]
    assert [phase["status"] for phase in world.record["phases"]] == ["completed", "ready_to_start"]


# A start whose answer is lost


def test_start_whose_answer_is_lost_is_looked_at() -> None:
    world = World("Test", "Staging")
    world.launchdarkly.fail(**PUT_CUT, cut="after")
    world.run()
    assert (world.outcome, world.actions) == (("completed", None, None), ["started", "started"])
    assert world.launchdarkly.starts == ["Test", "Staging"]


def test_start_that_was_never_carried_out_is_sent_again() -> None:
    world = World("Test")
    world.launchdarkly.fail(**PUT_CUT, cut="before")
    world.run()
    assert (world.outcome, world.launchdarkly.starts) == (("completed", None, None), ["Test"])


@pytest.mark.parametrize(
    ("cut", "is_readable", "off"),
    [
        # LaunchDarkly shows whether the phase was started.
        ("after", True, ["test"]),
        ("before", True, []),
        # Nobody knows, so it counts as started.
        ("after", False, ["test"]),
        ("before", False, ["test"]),
    ],
)
def test_start_lost_for_good_is_undone_by_what_is_seen(cut: str, is_readable: bool, off: list[str]) -> None:
    world = World("Test", "Staging", on_failure="turn_off")
    world.launchdarkly.fail(**PUT_CUT, cut=cut)
    # The module cannot look after the start.
    world.launchdarkly.fail(**UNREADABLE, after=2, times=1 if is_readable else None)
    world.run()
    assert world.record["state"] == "failed"
    assert turned_off(world) == off


# Interruptions: a task timeout, or a bug


@pytest.mark.parametrize(
    ("when", "is_started", "is_readable", "off"),
    [
        ("before", False, True, []),
        ("before", False, False, ["test"]),
        ("after", True, True, ["test"]),
        ("after", True, False, ["test"]),
    ],
)
def test_interrupted_start_is_undone_by_what_is_seen(
    when: str, is_started: bool, is_readable: bool, off: list[str]
) -> None:
    """Its answer never came."""
    world = World(phase("Test", HOUR), "Staging", on_failure="turn_off", notify=["webhook"])

    def end_here() -> None:
        if not is_readable:
            world.launchdarkly.be_unreadable()
        interrupt()

    getattr(world, when)["start Test"] = end_here
    world.run()
    assert world.outcome == TIMED_OUT
    assert bool(world.launchdarkly.starts) is is_started
    assert turned_off(world) == off
    assert [event["event"] for event in world.events][-1] == "failed"


def test_interrupted_wait_is_undone_and_reported() -> None:
    world = World(phase("Test", HOUR), on_failure="turn_off", notify=["page.yml"])
    world.options["report"] = True
    world.clock.alarm = 10 * MINUTE
    world.run()
    assert (world.outcome, world.actions) == (TIMED_OUT, ["started"])
    assert turned_off(world) == ["test"]
    assert world.log[-4:] == ["turn off test", "run page.yml (undone Test)", "report", "run page.yml (failed Test)"]
    assert world.record["message"].count("Ansible's task timeout ended this task.") == 1


def test_interrupted_wait_of_a_phase_that_was_active() -> None:
    world = World(phase("Test", HOUR), on_failure="turn_off")
    world.launchdarkly.start("Test")
    world.clock.alarm = 10 * MINUTE
    world.run()
    assert (world.outcome, turned_off(world)) == (TIMED_OUT, ["test"])


@pytest.mark.parametrize(
    ("settings", "alarm"),
    [
        ({"phases": [{"phase": "Test", "soak": "1h"}]}, 10 * MINUTE),
        ({"checks": [{"command": "look", "attempts": 2, "interval": "1h"}]}, 10 * MINUTE),
    ],
)
def test_interrupted_pause_ends_in_its_phase(settings: dict[str, Any], alarm: float) -> None:
    world = World("Test", "Staging", on_failure="turn_off", **settings)
    world.answers["command"] = [None]
    world.clock.alarm = alarm
    world.run()
    assert (world.outcome, turned_off(world), world.actions) == (TIMED_OUT, ["test"], ["started", None])
    assert "phase 'Test' (test): Ansible's task timeout" in world.record["message"]


@pytest.mark.parametrize("entry", ["read", "plan", "send webhook (planned)"])
def test_interruption_before_the_first_phase_ends_in_none(entry: str) -> None:
    world = World("Test", notify=["webhook"], on_failure="turn_off_all")
    world.before[entry] = interrupt
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (TIMED_OUT, [])
    assert (world.events[-1]["event"], world.events[-1]["phase"]) == ("failed", None)


@pytest.mark.parametrize(
    "entry", ["send webhook (started Test)", "send webhook (completed Test)", "send webhook (check_passed Test)"]
)
def test_interrupted_notice_ends_in_the_phase_that_it_is_about(entry: str) -> None:
    world = World("Test", "Staging", notify=["webhook"], checks=[{"command": "look"}], on_failure="turn_off")
    world.before[entry] = interrupt
    world.run()
    assert (world.outcome, turned_off(world)) == (TIMED_OUT, ["test"])
    assert world.events[-1]["phase"] == "Test"


def test_interruption_keeps_what_earlier_calls_counted() -> None:
    world = World(phase("Test", HOUR), notify=["webhook"])
    world.before["wait for Test"] = interrupt
    world.run()
    assert world.record["requests"] == len(world.launchdarkly.service.log.entries())


def ending(**settings: Any) -> World:
    """A run that fails after two phases, with everything that an ending can have."""
    world = World("Test", "Staging", notify=["webhook"], on_failure="turn_off_all", **settings)
    world.settings["phases"] = [{"phase": "Staging", "after": ["a.yml"]}]
    world.options["report"] = True
    world.publish = [{"name": name, "path": name, "problem": None} for name in ("keep.yml", "send.yml")]
    world.answers["a.yml"] = [False]
    return world


ENTRIES = [
    "read",
    "turn off test",
    "turn off staging",
    "send webhook (undone Staging)",
    "report",
    "run keep.yml (publishes the report)",
    "run send.yml (publishes the report)",
    "send webhook (failed Staging)",
]


def test_ending_has_these_entries() -> None:
    world = ending()
    world.run()
    assert world.log[-len(ENTRIES) :] == ENTRIES


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("when", ["before", "after"])
def test_interrupted_ending_does_the_rest(entry: str, when: str) -> None:
    """The first failure stays, and what was interrupted is not done twice."""
    world = ending()
    hook = (lambda: getattr(world, when).update({entry: interrupt})) if entry == "read" else None
    if hook:
        world.before["run a.yml (after Staging)"] = hook
    else:
        getattr(world, when)[entry] = interrupt
    world.run()
    assert world.outcome == ("failed", "after_failed", None)
    left_out = {"report": ENTRIES[5:7]}.get(entry, [])
    assert world.log[-len(ENTRIES) + len(left_out) :] == [item for item in ENTRIES if item not in left_out]
    assert world.record["finished_at"] is not None
    said = [*world.record["warnings"], *(item["message"] or "" for item in world.record["undone"])]
    assert entry == "read" or any("Ansible's task timeout ended this task." in words for words in said)


def test_interrupted_undo_says_that_the_outcome_is_unknown() -> None:
    world = ending()
    world.after["turn off test"] = interrupt
    world.run()
    assert [(item["environment_key"], item["ok"], item["error_code"]) for item in world.record["undone"]] == [
        ("test", False, "task_timeout"),
        ("staging", True, None),
    ]


def test_run_that_cannot_be_closed_has_not_succeeded() -> None:
    """A bug where the record is closed leaves a failed run, never a running one."""
    world = World("Test")
    world.run()
    state = {
        **world.state,
        "record": {**world.record, "state": "running"},
        "is_ending": True,
        "agenda": [{"do": "close"}],
    }
    after = sequence.interrupt(state, "internal_error", "It broke.", world.now())
    assert (after["record"]["state"], after["record"]["error_code"]) == ("failed", "internal_error")
    assert after["agenda"] == []
