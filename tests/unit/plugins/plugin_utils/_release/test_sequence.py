# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs without Ansible: what is done in which order, and what a run does about a release that is under way.

The rules are those of roles/release/README.md, "What a run does" and "Going on after a stop".
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import actions, sequence
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import World, phase

READY, ACTIVE, DONE, NOT, PAUSED = "ready-to-start", "active", "completed", "not-started", "paused"
HOUR = 3600.0


# What a run does


def test_run_does_the_parts_of_each_phase_in_order() -> None:
    settings = {"phase": "Test", "before": ["b.yml"], "soak": "1m", "checks": ["own.yml"], "after": ["a.yml"]}
    world = World("Test", "Staging", phases=[settings], checks=["smoke.yml"])
    world.run()
    assert world.log == [
        "read",
        "plan",
        "run b.yml (before Test)",
        "start Test and wait",
        "pause 60",
        "run smoke.yml (check after Test)",
        "run own.yml (check after Test)",
        "run a.yml (after Test)",
        "start Staging and wait",
        "run smoke.yml (check after Staging)",
        "read",
    ]
    assert world.outcome == ("completed", None, None)
    assert (world.actions, world.launchdarkly.starts) == (["started", "started"], ["Test", "Staging"])
    assert world.record["message"] == "Every phase in range is where it should be."


def test_run_shows_the_plan_each_phase_and_the_end() -> None:
    world = World("Test", "Staging")
    world.run()
    plan, phases, end = world.shown[:3], world.shown[3:5], world.shown[5:]
    assert "start: ready to start" in plan[1]
    assert phases == ["Test (test): started, completed in 1s", "Staging (staging): started, completed in 1s"]
    assert end == ["Every phase in range is where it should be."]


@pytest.mark.parametrize("attach", [False, True])
def test_run_attaches_the_flag_only_where_asked(attach: bool) -> None:
    world = World()
    world.launchdarkly.service.delete_release("shop", "cart")
    world.options["attach"] = attach
    world.run()
    assert world.log[0] == ("attach" if attach else "read")
    assert world.outcome == (("completed", None, None) if attach else ("failed", "not_readable", "no_release"))
    assert world.launchdarkly.writes == (["PUT"] * 4 if attach else [])


def test_run_until_a_phase_starts_no_later_one() -> None:
    world = World(until="Staging")
    world.run()
    assert world.launchdarkly.starts == ["Test", "Staging"]
    assert (world.outcome, world.record["next_phase"]) == (("completed", None, None), "Production")


def test_run_with_final_status_active_leaves_the_last_phase_so() -> None:
    world = World("Test", phase("Production", HOUR), final_status="active")
    world.run()
    assert world.outcome == ("completed", None, None)
    assert world.launchdarkly.statuses == [DONE, ACTIVE]
    assert world.clock.slept < HOUR


def test_run_sends_the_audiences_of_a_phase_with_its_start() -> None:
    audiences = [{"audience": "Test", "notify_team_keys": ["product"]}]
    world = World("Test", phases=[{"phase": "Test", "audiences": audiences}])
    world.run()
    (body,) = [item["body"] for item in world.launchdarkly.service.log.entries() if item["method"] == "PUT"]
    assert body["audiences"][0]["notifyTeamKeys"] == ["product"]


def test_run_counts_requests_of_every_call() -> None:
    world = World("Test")
    world.run()
    assert world.record["requests"] == len(world.launchdarkly.service.log.entries())
    assert world.record["retries"] == 0


@pytest.mark.parametrize("attach", [False, True])
def test_check_mode_shows_the_plan_and_changes_nothing(attach: bool) -> None:
    world = World(checks=["smoke.yml"], notify=["webhook", "page.yml"], on_failure="turn_off")
    if attach:
        world.launchdarkly.service.delete_release("shop", "cart")
    world.options.update(check_mode=True, report=True, attach=attach)
    world.run()
    assert world.log == ["attach" if attach else "read", "plan"]
    assert world.outcome == ("planned", None, None)
    assert any("start: ready to start" in line for line in world.shown)
    assert world.launchdarkly.writes == []


@pytest.mark.parametrize("check_mode", [False, True])
def test_settings_that_cannot_be_used_stop_before_any_phase(check_mode: bool) -> None:
    world = World(phases=[{"phase": "Nowhere"}], notify=["webhook"])
    world.options.update(check_mode=check_mode, report=True)
    world.run()
    assert world.outcome == ("failed", "invalid_settings", "invalid_option")
    assert world.launchdarkly.writes == []
    # Who can be notified is; check mode notifies nobody and writes nothing.
    assert world.log == ["read", "plan", *([] if check_mode else ["report", "send webhook (failed)"])]


@pytest.mark.parametrize(
    ("status", "code", "reason"), [(401, "unauthorized", "not_readable"), (403, "forbidden", "not_readable")]
)
def test_release_that_cannot_be_read_ends_the_run(status: int, code: str, reason: str) -> None:
    world = World(notify=["page.yml"])
    world.launchdarkly.fail(status=status, times=None)
    world.run()
    assert world.outcome == ("failed", reason, code)
    assert world.log == ["read", "run page.yml (failed)"]


def test_release_in_another_pipeline_is_not_replaced() -> None:
    world = World()
    world.launchdarkly.change_release(releasePipelineKey="other")
    world.options["attach"] = True
    world.run()
    assert world.outcome == ("failed", "release_changed", "in_other_pipeline")
    assert world.launchdarkly.writes == []


# A release that is under way


@pytest.mark.parametrize(
    ("statuses", "done", "starts"),
    [
        ([READY], ["started", "started", "started"], ["Test", "Staging", "Production"]),
        ([DONE, READY], ["none", "started", "started"], ["Staging", "Production"]),
        ([DONE, DONE, DONE], ["none", "none", "none"], []),
    ],
)
def test_completed_phases_are_skipped(statuses: list[str], done: list[str], starts: list[str]) -> None:
    world = World(statuses=statuses)
    world.run()
    assert (world.outcome, world.actions, world.launchdarkly.starts) == (("completed", None, None), done, starts)


def test_active_phase_is_waited_for_without_its_before_files() -> None:
    world = World(phases=[{"phase": "Test", "before": ["b.yml"], "after": ["a.yml"]}])
    world.launchdarkly.start("Test")
    world.run()
    assert world.log[2:4] == ["wait for Test", "run a.yml (after Test)"]
    assert (world.actions[0], world.launchdarkly.starts[0:2]) == ("resumed", ["Test", "Staging"])


def test_before_files_run_until_the_phase_is_started() -> None:
    world = World("Test", phases=[{"phase": "Test", "before": ["b.yml", "c.yml"]}])
    world.answers["c.yml"] = [False]
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (("failed", "before_failed", None), [])
    world.again()
    assert world.log[2:5] == ["run b.yml (before Test)", "run c.yml (before Test)", "start Test and wait"]
    world.again()
    assert not any(entry.startswith("run") for entry in world.log)


def test_phase_started_meanwhile_is_adopted() -> None:
    world = World("Test", "Staging", phases=[{"phase": "Staging", "before": ["b.yml"]}])
    world.after["run b.yml (before Staging)"] = lambda: world.launchdarkly.start("Staging")
    world.run()
    assert (world.outcome, world.actions) == (("completed", None, None), ["started", "adopted"])
    assert world.launchdarkly.starts == ["Test", "Staging"]
    (change,) = world.record["changes_by_others"]
    assert change.startswith("Phase 'Staging': Started at")


@pytest.mark.parametrize("notify", [[], ["webhook"]])
def test_phase_started_meanwhile_stops_the_run_where_unwanted(notify: list[str]) -> None:
    phases = [{"phase": "Staging", "before": ["b.yml"]}]
    world = World(phases=phases, on_changed_by_others="stop", checks=["smoke.yml"], notify=notify)
    world.after["run b.yml (before Staging)"] = lambda: world.launchdarkly.start("Staging")
    world.run()
    assert world.outcome == ("failed", "release_changed", "changed_by_others")
    assert world.launchdarkly.starts == ["Test", "Staging"]
    assert "run smoke.yml (check after Staging)" not in world.log


def test_last_completed_phase_is_proven_on_every_run() -> None:
    phases = [{"phase": "Test", "before": ["b.yml"], "after": ["a.yml"], "soak": "1m"}]
    world = World("Test", phases=phases, checks=["smoke.yml"])
    world.run()
    world.clock.slept += HOUR
    for _run in range(2):
        world.again()
        assert world.log == [
            "read",
            "plan",
            "wait for Test",
            "run smoke.yml (check after Test)",
            "run a.yml (after Test)",
            "read",
        ]
        assert (world.outcome, world.actions) == (("completed", None, None), ["none"])


@pytest.mark.parametrize(("completion", "last"), [("self", "none"), ("on_next", "resumed")], ids=["self", "on_next"])
def test_run_to_the_end_is_repeated_without_a_change(completion: str, last: str) -> None:
    world = World("Test", "Staging", completion=completion, final_status="active")
    world.run()
    assert (world.outcome, world.actions) == (("completed", None, None), ["started", "started"])
    world.clock.slept += 2
    world.again()
    assert (world.outcome, world.actions) == (("completed", None, None), ["none", last])
    assert world.launchdarkly.writes == ["PUT", "PUT"]


@pytest.mark.parametrize("completion", ["self", "on_next"])
def test_failed_check_guards_the_next_phase_until_it_passes(completion: str) -> None:
    world = World(checks=["smoke.yml"], completion=completion, final_status="active")
    world.answers["smoke.yml"] = [False, False]
    for _run in range(2):
        world.again()
        assert world.outcome == ("failed", "check_failed", "check_failed")
        assert world.launchdarkly.starts == ["Test"]
    world.again()
    assert world.outcome == ("completed", None, None)
    assert world.launchdarkly.starts == ["Test", "Staging", "Production"]


def test_phase_before_a_started_one_is_not_checked_again() -> None:
    world = World(statuses=[DONE, DONE, READY], checks=["smoke.yml"])
    world.run()
    assert "run smoke.yml (check after Test)" not in world.log
    assert world.log.index("run smoke.yml (check after Staging)") < world.log.index("start Production and wait")


def test_phase_that_completes_with_the_next_start_is_skipped() -> None:
    world = World(completion="on_next", final_status="active")
    world.run()
    assert world.outcome == ("completed", None, None)
    world.clock.slept += 60
    world.again(final_status="completed")
    assert world.launchdarkly.starts == ["Test", "Staging", "Production"]
    assert world.outcome == ("failed", "wait_timeout", "wait_timeout")
    assert "release_final_status: active" in world.record["message"]


# release_wait: false


def test_release_wait_false_goes_one_step_a_run() -> None:
    world = World(phase("Test", HOUR), phase("Staging", HOUR), wait=False)
    outcomes, starts = [], []
    for _run in range(3):
        world.again()
        outcomes.append(world.outcome)
        starts.append(len(world.launchdarkly.starts))
        world.clock.slept += HOUR
    waiting = ("waiting", "phase", None)
    assert (outcomes, starts) == ([waiting, waiting, ("completed", None, None)], [1, 2, 2])


def test_release_wait_false_never_pauses() -> None:
    phases = [{"phase": "Test", "soak": "1h", "checks": [{"command": "look", "during": "soak"}]}]
    world = World("Test", "Staging", phases=phases, wait=False)
    world.again()
    assert world.outcome == ("waiting", "phase", None)
    world.clock.slept += 60
    world.again()
    assert (world.outcome, world.log[3:]) == (("waiting", "soak", None), ["measure command", "read"])
    assert world.record["waits_until"] > world.now()
    world.clock.slept += HOUR
    world.again()
    assert (world.outcome, world.launchdarkly.starts) == (("waiting", "phase", None), ["Test", "Staging"])


# Somebody else


@pytest.mark.parametrize(
    ("fields", "code"), [({"status": PAUSED}, "phase_paused"), ({"status": "simmering"}, "unknown_status")]
)
def test_phase_that_nobody_may_start_ends_the_run(fields: dict[str, Any], code: str) -> None:
    world = World("Test", "Staging")
    world.launchdarkly.change("Test", **fields)
    world.run()
    assert world.outcome == ("failed", "release_changed", code)
    assert world.launchdarkly.writes == []
    assert world.record["changes_by_others"]


def test_release_canceled_meanwhile_ends_the_run() -> None:
    world = World("Test", "Staging", phases=[{"phase": "Staging", "before": ["b.yml"]}])
    world.after["run b.yml (before Staging)"] = lambda: world.launchdarkly.change_release(_canceledAt=1)
    world.run()
    assert world.outcome == ("failed", "release_changed", "release_canceled")
    assert world.launchdarkly.starts == ["Test"]


def test_phase_reset_at_the_very_end_fails_the_run() -> None:
    world = World("Test", checks=["smoke.yml"], on_failure="turn_off_all")
    reset = {"status": READY, "complete": False, "started": False}
    world.after["run smoke.yml (check after Test)"] = lambda: world.launchdarkly.change("Test", **reset)
    world.run()
    assert world.outcome == ("failed", "release_changed", "changed_by_others")
    assert not any(entry.startswith("turn off") for entry in world.log)


# The state


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        ({}, "completed"),
        ({"checks": ["smoke.yml"]}, "failed"),
        ({"wait": False}, "waiting"),
        ({"phases": [{"phase": "Test", "confirm": True}]}, "stopped"),
        ({"check_mode": True}, "planned"),
    ],
)
def test_finished_run_stays_done(settings: dict[str, Any], state: str) -> None:
    check_mode = settings.pop("check_mode", False)
    world = World("Test", **settings)
    world.options["check_mode"] = check_mode
    world.answers["smoke.yml"] = [False]
    world.run()
    assert world.record["state"] == state
    finished, entries = json.dumps(world.state), list(world.log)
    after, action = sequence.advance(world.state, world.now())
    assert (json.dumps(after), action) == (finished, actions.Done())
    world.run(world.state)
    assert (json.dumps(world.state), world.log) == (finished, entries)


def test_state_names_its_run() -> None:
    world = World("Test")
    world.run()
    assert world.state["run"] == {"host": "localhost", "project_key": "shop", "flag_key": "cart", "number": 1}


@pytest.mark.parametrize("secret", ["s3cret-header", "s3cret-query"])
def test_state_holds_no_text_of_a_check(secret: str) -> None:
    check = {
        "name": "rate",
        "prometheus": {
            "url": "http://p",
            "query": "s3cret-query",
            "condition": "value < 1",
            "headers": {"X": "s3cret-header"},
        },
    }
    world = World("Test", checks=[check])
    world.run()
    assert world.outcome == ("completed", None, None)
    assert secret not in json.dumps(world.state)
