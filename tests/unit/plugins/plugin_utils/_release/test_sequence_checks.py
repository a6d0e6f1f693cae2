# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Soaks and checks in whole runs without Ansible. The rules are those of roles/release/README.md, "Checks"."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.soak import MAX_MEASUREMENTS
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import World, phase

DONE, READY = "completed", "ready-to-start"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
SMOKE = "run smoke.yml (check after Test)"
PASSED = ("completed", None, None)
FAILED = ("failed", "check_failed", "check_failed")
INCONCLUSIVE = ("failed", "check_inconclusive", "check_inconclusive")


def one_phase(**settings: Any) -> World:
    """A release with one phase, which these settings are for."""
    return World("Test", phases=[{"phase": "Test", **settings}])


def evidence(world: World) -> list[tuple[str, str, list[bool | None]]]:
    return [
        (item["name"], item["verdict"], [measured["ok"] for measured in item["measurements"]])
        for item in world.record["phases"][0]["checks"]
    ]


# Soak


def test_soak_counts_from_completion_and_delays_the_checks() -> None:
    world = one_phase(soak="10m", checks=["smoke.yml"])
    world.run()
    assert world.log[2:5] == ["start Test and wait", "pause 600", SMOKE]
    entry = world.record["phases"][0]
    assert entry["soak"]["seconds"] == 600.0
    assert entry["soak"]["from"] == entry["completed_at"]


@pytest.mark.parametrize(("passed", "pauses"), [(0.0, ["pause 600"]), (4 * MINUTE, ["pause 360"]), (HOUR, [])])
def test_soak_of_a_second_run_is_only_the_rest(passed: float, pauses: list[str]) -> None:
    world = one_phase(soak="10m", checks=["smoke.yml"])
    world.launchdarkly.start("Test")
    world.clock.slept += 1
    assert world.launchdarkly.statuses == [DONE]
    world.clock.slept += passed
    world.run()
    assert [entry for entry in world.log if entry.startswith("pause")] == pauses


def test_soak_counts_from_when_it_was_seen_without_a_time() -> None:
    world = World(
        "Test", "Staging", completion="on_next", final_status="active", phases=[{"phase": "Test", "soak": 60}]
    )
    world.run()
    assert "pause 60" in world.log


def test_soak_of_a_phase_found_so_counts_from_its_window() -> None:
    world = World(
        phase("Test", window=HOUR),
        "Staging",
        completion="on_next",
        until="Test",
        phases=[{"phase": "Test", "soak": 600}],
    )
    world.launchdarkly.start("Test")
    world.clock.slept += HOUR + 4 * MINUTE
    world.run()
    assert [entry for entry in world.log if entry.startswith("pause")] == ["pause 360"]


def test_soak_begins_anew_for_each_phase() -> None:
    world = World("Test", "Staging", phases=[{"phase": name, "soak": "1m"} for name in ("Test", "Staging")])
    world.run()
    assert [entry for entry in world.log if entry.startswith("pause")] == ["pause 60", "pause 60"]


def test_soak_is_shorter_in_a_rehearsal() -> None:
    world = one_phase(soak="10m", checks=[{"command": "look", "attempts": 2, "interval": "30s", "failure_limit": 1}])
    world.options["speed"] = 10.0
    world.answers["command"] = [False, True]
    world.run()
    assert [entry for entry in world.log if entry.startswith("pause")] == ["pause 59.8", "pause 3"]


def test_soak_says_until_when() -> None:
    world = one_phase(soak="10m")
    world.run()
    assert world.pauses == ["Test soaks until 2026-10-26T07:43:21Z"]


# Checks after a phase


@pytest.mark.parametrize(
    ("check", "answers", "outcome", "measured"),
    [
        ({}, [True], PASSED, 1),
        ({}, [False], FAILED, 1),
        ({}, [None], INCONCLUSIVE, 1),
        ({"attempts": 3}, [None, True], PASSED, 2),
        ({"attempts": 3}, [None, None, None], INCONCLUSIVE, 3),
        ({"attempts": 3}, [False], FAILED, 1),
        ({"attempts": 3, "failure_limit": 1}, [False, True], PASSED, 2),
        ({"attempts": 3, "failure_limit": 1}, [False, False], FAILED, 2),
        ({"attempts": 4, "consecutive_success": 2}, [True, None, True, True], PASSED, 4),
        ({"attempts": 2, "failure_limit": 1}, [None, False], FAILED, 2),
    ],
)
@pytest.mark.parametrize("kind", ["smoke.yml", "command"])
def test_check_is_attempted_until_its_verdict(
    kind: str, check: dict[str, Any], answers: list[bool | None], outcome: tuple[str, ...], measured: int
) -> None:
    given = {"tasks": "smoke.yml"} if kind == "smoke.yml" else {"command": "look"}
    world = one_phase(checks=[{**given, "interval": "20s", **check}])
    world.answers[kind] = list(answers)
    world.run()
    assert world.outcome == outcome
    ((name, _verdict, oks),) = evidence(world)
    assert (name, oks) == (kind, answers[:measured])
    assert world.log.count("pause 20") == measured - 1


def test_check_that_fails_stops_the_run_before_the_next_check() -> None:
    world = World("Test", "Staging", checks=["smoke.yml", "other.yml"])
    world.answers["smoke.yml"] = [False]
    world.run()
    assert "run other.yml (check after Test)" not in world.log
    assert world.launchdarkly.starts == ["Test"]
    assert world.record["message"].endswith("Fix the cause, then rerun the same command; this check runs first.")


def test_checks_of_the_same_name_are_measured_apart() -> None:
    world = one_phase(checks=[{"command": "a"}, {"command": "b"}])
    world.answers["command (2)"] = [False]
    world.run()
    assert [item[:2] for item in evidence(world)] == [("command", "passed"), ("command (2)", "failed")]


def test_check_of_two_phases_is_measured_apart() -> None:
    world = World("Test", "Staging", checks=[{"tasks": "smoke.yml", "attempts": 2, "failure_limit": 1}])
    world.answers["smoke.yml"] = [False, True, False, True]
    world.run()
    assert world.outcome == PASSED
    assert [len(item["checks"][0]["measurements"]) for item in world.record["phases"]] == [2, 2]


# Checks during a soak

DURING = {"tasks": "smoke.yml", "during": "soak", "interval": "20s"}


def test_check_during_a_soak_is_measured_again_and_again() -> None:
    world = one_phase(soak="1m", checks=[DURING])
    world.run()
    assert world.log[3:] == [SMOKE, "pause 20", SMOKE, "pause 20", SMOKE, "pause 20", SMOKE, "read"]
    assert evidence(world) == [("smoke.yml", "passed", [True] * 4)]


def test_check_during_a_soak_fails_at_once() -> None:
    world = one_phase(soak="1m", checks=[DURING])
    world.answers["smoke.yml"] = [True, False]
    world.run()
    assert (world.outcome, world.log[3:]) == (FAILED, [SMOKE, "pause 20", SMOKE, "read"])
    assert evidence(world) == [("smoke.yml", "failed", [True, False])]


def test_check_during_a_soak_has_its_failure_limit() -> None:
    world = one_phase(soak="1m", checks=[{**DURING, "failure_limit": 1}])
    world.answers["smoke.yml"] = [True, False]
    world.run()
    assert (world.outcome, evidence(world)) == (PASSED, [("smoke.yml", "passed", [True, False, True, True])])
    world = one_phase(soak="1m", checks=[{**DURING, "failure_limit": 1}])
    world.answers["smoke.yml"] = [False, True, False]
    world.run()
    assert (world.outcome, world.log.count(SMOKE)) == (FAILED, 3)


def test_check_during_a_soak_decides_at_its_end() -> None:
    world = one_phase(soak="1m", checks=[{**DURING, "consecutive_success": 3}])
    world.answers["smoke.yml"] = [True, True, None, None]
    world.run()
    # What was measured in the soak counts, and what breaks the row asks for no more than the row.
    assert world.outcome == INCONCLUSIVE
    world = one_phase(soak="1m", checks=[{**DURING, "consecutive_success": 3}])
    world.answers["smoke.yml"] = [None, None]
    world.run()
    assert evidence(world) == [("smoke.yml", "inconclusive", [None, None, True, True])]


def test_check_during_a_soak_that_is_over_is_still_measured() -> None:
    world = one_phase(soak="1m", checks=[{**DURING, "consecutive_success": 2}])
    world.launchdarkly.start("Test")
    world.clock.slept += HOUR
    world.run()
    assert world.log[3:] == [SMOKE, "pause 20", SMOKE, "read"]
    assert evidence(world) == [("smoke.yml", "passed", [True, True])]


def test_checks_during_a_soak_take_turns() -> None:
    world = one_phase(
        soak="1m",
        checks=[{"name": name, "command": name, "during": "soak", "interval": "30s"} for name in ("a", "b")],
    )
    world.answers["b"] = [True, False]
    world.run()
    assert world.log[3:-1] == ["measure a", "measure b", "pause 30", "measure a", "measure b"]
    assert (world.outcome, evidence(world)) == (FAILED, [("b", "failed", [True, False])])


def test_check_during_a_soak_is_measured_sixty_times_at_most() -> None:
    world = one_phase(soak="1d", checks=[{**DURING, "interval": "10s"}])
    world.run()
    assert world.outcome == PASSED
    # And once more, when the soak is over.
    assert world.log.count(SMOKE) == MAX_MEASUREMENTS + 1
    assert world.clock.slept >= DAY


def test_check_takes_time_that_counts_for_the_soak() -> None:
    world = one_phase(soak="1m", checks=[DURING])
    world.file_seconds = 15.0
    world.run()
    assert [entry for entry in world.log if entry.startswith("pause")] == ["pause 20", "pause 10"]
