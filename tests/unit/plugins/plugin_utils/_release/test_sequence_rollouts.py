# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks with `during: rollout`: measured while the steps of a phase run, right before each of them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import stretches
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.environment_world import (
    HOUR,
    EnvironmentWorld,
    entry,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import World, phase

COMPLETED: Any = ("completed", None, None)
STEPPED = ("percentage", "progressive", "guarded")


def watched(strategy: str = "percentage", interval: str = "30m", **settings: Any) -> EnvironmentWorld:
    checks = [{"command": "look", "during": "rollout", "interval": interval}]
    return EnvironmentWorld(entry("dev", strategy), checks=checks, **settings)


@pytest.mark.parametrize("strategy", STEPPED)
def test_rollout_is_measured_before_each_step_and_at_the_end(strategy: str) -> None:
    world = watched(strategy)
    world.run()
    assert world.outcome == COMPLETED
    looks = ["pause 1800", "measure command", "look at dev"] * 6
    assert world.log == ["read", "plan", "start dev", *looks, "measure command", "read"]
    assert list(world.early()) == []
    assert world.entry_of("dev")["checks"][0]["verdict"] == "passed"


def test_rollout_with_a_long_interval_is_measured_before_each_step() -> None:
    world = watched("percentage", "5h")
    world.run()
    measured = ["measure command", "look at dev"]
    assert world.log[3:-2] == ["pause 3600", *measured, "pause 7200", *measured]


@pytest.mark.parametrize("strategy", STEPPED)
@pytest.mark.parametrize(("answer", "code"), [(False, "check_failed"), (None, "check_inconclusive")])
@pytest.mark.parametrize("on_failure", ["stop", "turn_off", "roll_back"])
def test_rollout_that_fails_takes_no_further_step(
    strategy: str, answer: bool | None, code: str, on_failure: str
) -> None:
    world = watched(strategy, on_failure=on_failure)
    world.answers["command"] = [True, True, True, answer]
    world.run()
    assert world.outcome == ("failed", code, code)
    assert world.clock.slept == 2 * HOUR
    if on_failure == "turn_off":
        assert world.launchdarkly.served["dev"] is None
    elif on_failure == "roll_back":
        assert (world.launchdarkly.served["dev"], world.launchdarkly.rules("dev")) == (
            False,
            0 if strategy == "percentage" else 1,
        )
    else:
        # LaunchDarkly itself goes on with what it steps.
        world.clock.slept += 10 * HOUR
        assert world.launchdarkly.served["dev"] == (50.0 if strategy == "percentage" else True)


def test_rollout_tolerates_as_many_failures_as_its_limit() -> None:
    world = watched()
    world.settings["checks"][0]["failure_limit"] = 2
    world.answers["command"] = [False, True, False]
    world.run()
    assert world.outcome == COMPLETED
    world = watched()
    world.settings["checks"][0]["failure_limit"] = 2
    world.answers["command"] = [False, False, False]
    world.run()
    assert (world.outcome, world.launchdarkly.served["dev"]) == (("failed", "check_failed", "check_failed"), 50.0)


def test_rollout_failure_is_measured_first_by_the_next_run() -> None:
    world = watched()
    world.answers["command"] = [True, False]
    world.run()
    assert world.launchdarkly.served["dev"] == 10.0
    world.answers["command"] = [False]
    world.again()
    assert (world.log[2:], world.launchdarkly.served["dev"]) == (["measure command", "read"], 10.0)
    world.again()
    assert (world.outcome, world.log[2:4]) == (COMPLETED, ["measure command", "look at dev"])


# release_wait: false


@pytest.mark.parametrize("strategy", STEPPED)
def test_rollout_is_measured_once_a_run_without_a_wait(strategy: str) -> None:
    world = watched(strategy, wait=False)
    logs = []
    for _run in range(4):
        world.again()
        logs.append(world.log[2:-1])
        world.clock.slept += HOUR
    step = ["measure command", "look at dev"]
    last = step if strategy == "percentage" else ["look at dev"]
    assert logs == [["start dev"], step, step, [*last, "measure command"]]
    assert world.outcome == COMPLETED


def test_rollout_that_fails_without_a_wait_takes_no_step() -> None:
    world = watched(wait=False, on_failure="roll_back")
    world.again()
    world.clock.slept += HOUR
    world.answers["command"] = [None]
    world.again()
    assert world.outcome == ("failed", "check_inconclusive", "check_inconclusive")
    assert world.launchdarkly.served["dev"] is False


# What happens meanwhile


def test_rollout_of_an_immediate_release_waits_for_its_approval() -> None:
    world = EnvironmentWorld(entry("dev", request_approval=True))
    world.settings["checks"] = watched().settings["checks"]
    world.launchdarkly.require_approvals("dev")
    world.launchdarkly.review_by_itself("approve", 60, apply=True)
    world.run()
    assert (world.outcome, world.log[2:]) == (COMPLETED, ["start dev and wait", "measure command", "read"])


@pytest.mark.parametrize("auto", [False, True])
def test_rollout_that_regresses_fails_the_run(auto: bool) -> None:
    world = watched("guarded")
    world.settings["environments"][0]["metrics"] = [{"key": "errors", "auto_rollback": auto}]
    world.launchdarkly.script("dev", releaseScript={"regressAfter": 5000.0, "metricKey": "errors"})
    world.run()
    assert world.outcome == ("failed", "start_failed", "release_reverted" if auto else "regression_detected")
    assert world.clock.slept == 1.5 * HOUR


def test_rollout_that_somebody_ends_is_not_started_again() -> None:
    world = watched("percentage")
    world.before["pause 1800"] = lambda: world.launchdarkly.turn_off("dev")
    world.run()
    assert world.outcome == ("failed", "start_failed", "not_applied")
    assert world.launchdarkly.served["dev"] is None


def test_rollout_that_a_person_aborts_ends_the_run() -> None:
    world = watched()
    world.answers["pause"] = ["", "abort"]
    world.run()
    assert world.outcome == ("failed", "aborted", None)


def test_rollout_waits_as_long_as_the_release_of_a_plan_takes() -> None:
    steps = [{"allocation": 5000, "durationMillis": round(5 * HOUR * 1000)}]
    world = watched("plan")
    plan = world.launchdarkly.project["environments"]["dev"]["releasePlans"]["standard"]
    plan["phases"][0]["steps"] = steps
    world.run()
    assert (world.outcome, world.entry_of("dev")["seconds"]) == (COMPLETED, 5 * HOUR)


def test_rollout_spreads_its_measurements() -> None:
    world = watched("percentage", "10s")
    world.settings["environments"][0]["steps"] = [{"percent": 10, "duration": "10d"}]
    world.run()
    assert world.log.count("measure command") == 61


def test_rollout_that_is_overdue_is_asked_for_ever_less_often() -> None:
    world = watched("progressive", "5h")
    world.settings["wait_timeout"] = "10d"
    world.before["look at dev"] = lambda: world.launchdarkly.happen("dev", status="in_progress", wait=True)
    world.launchdarkly.script("dev", releaseScript={"waitAfter": 10.0})
    world.run()
    assert world.outcome == ("failed", "wait_timeout", "wait_timeout")
    assert world.log.count("look at dev") < 100


def test_rollout_with_task_files_has_room_for_all_of_them() -> None:
    world = EnvironmentWorld(
        entry("dev", "percentage", steps=[{"percent": 1 + step, "duration": "1h"} for step in range(90)]),
        checks=[{"tasks": "look.yml", "during": "rollout", "interval": "1m"}],
    )
    world.run()
    assert world.outcome == COMPLETED
    files = sum(words.startswith("run look.yml") for words in world.log)
    assert 90 < files < stretches.most_files(world.state)


# Release pipelines


def test_rollout_of_a_pipeline_is_measured_until_its_window_ends() -> None:
    world = World(phase("Test", HOUR), checks=[{"command": "look", "during": "rollout", "interval": "30m"}])
    world.run()
    looks = ["pause 1800", "measure command", "look at Test"] * 2
    assert (world.outcome, world.log) == (
        COMPLETED,
        ["read", "plan", "start Test and wait", *looks, "measure command", "read"],
    )


def test_rollout_of_a_pipeline_waits_for_its_approval() -> None:
    world = World(
        phase("Test", HOUR, approval=True), checks=[{"command": "look", "during": "rollout", "interval": "30m"}]
    )
    world.launchdarkly.review_by_itself("approve", 60, apply=True)
    world.run()
    assert (world.outcome, world.launchdarkly.starts) == (COMPLETED, ["Test"])


def test_rollout_of_a_pipeline_that_fails_ends_the_run() -> None:
    world = World(
        phase("Test", HOUR), checks=[{"command": "look", "during": "rollout", "interval": "30m"}], on_failure="turn_off"
    )
    world.answers["command"] = [False]
    world.run()
    assert world.outcome == ("failed", "check_failed", "check_failed")
    assert world.launchdarkly.is_on["test"] is False
