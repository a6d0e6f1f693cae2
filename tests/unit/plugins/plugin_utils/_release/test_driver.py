# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Driving a sequence: from one task file of the user's to the next, and on after an exception."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import actions, sequence
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.actions import Done, Planned, RunTaskFile
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.driver import drive
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import (
    Interrupted,
    Killed,
    World,
    phase,
    through_json,
)


def given() -> World:
    world = World(
        phase("Test", approval=True),
        "Staging",
        notify=["webhook", "page.yml"],
        checks=["smoke.yml", {"command": "look", "during": "soak"}],
        phases=[{"phase": "Staging", "before": ["b.yml"], "soak": "1m"}],
    )
    world.launchdarkly.review_by_itself("approve", 60, apply=True)
    return world


def driven(world: World) -> list[str]:
    """Drive to the end, as the role does; what the run stood before on the way."""
    stops = []
    state = world.begin()
    while True:
        state, following = drive(through_json(state), world)
        state = through_json(state)
        if isinstance(following, Done):
            world.state = state
            return stops
        stops.append(following.name if isinstance(following, RunTaskFile) else "planned")
        if isinstance(following, RunTaskFile):
            state = sequence.answer(state, world.carry_out(following), world.now())


def test_drive_stops_after_the_plan_and_before_task_files() -> None:
    stops = driven(given())
    two_checks = ["smoke.yml", "page.yml", "page.yml"]
    # Notices: started, pending, completed; then no approval is needed.
    assert stops == [
        *("planned", "page.yml"),
        *("page.yml", "page.yml", "page.yml", *two_checks),
        *("b.yml", "page.yml", "page.yml", *two_checks),
        "page.yml",
    ]


def test_drive_comes_to_the_same_record_as_single_steps() -> None:
    one, other = given(), given()
    driven(one)
    other.run()
    assert one.record == other.record
    assert one.log == other.log


def test_drive_keeps_the_state_that_an_action_belongs_to() -> None:
    world = World("Test")
    state, following = drive(world.begin(), world)
    assert isinstance(following, Planned)
    assert world.state == state
    assert state["plan"]["steps"][0]["phase"] == "Test"


def test_drive_ends_a_run_without_anything_to_do() -> None:
    world = World("Test", statuses=["completed"])
    for run in (1, 2):
        state, following = drive(world.begin(), world)
        assert (following, state["record"]["state"]) == (Done(), "completed")
        assert world.log == ["read", "plan"] * run


class Planner(World):
    """Which reads and plans, until it may do the rest, as in the next task."""

    only_plans = True

    def carries_out(self, action: actions.Action) -> bool:
        is_planning = isinstance(action, (actions.Read, actions.MakePlan, actions.Show))
        return super().carries_out(action) and (is_planning or not self.only_plans)


@pytest.mark.parametrize("phases", [[], [{"phase": "Nowhere"}]])
def test_drive_leaves_what_a_world_does_not_carry_out(phases: list[Any]) -> None:
    """A plan without anything to do, and one that cannot be made: either has a notice left."""
    one, other = (kind("Test", statuses=["completed"], notify=["webhook"], phases=phases) for kind in (Planner, World))
    assert isinstance(one, Planner)
    state, following = drive(one.begin(), one)
    assert (type(following), one.log) == (actions.Send, ["read", "plan"])
    one.only_plans = False
    state, following = drive(through_json(state), one)
    other.run()
    assert (following, state["record"], one.log) == (Done(), other.record, other.log)


def test_drive_returns_done_again() -> None:
    world = World("Test")
    driven(world)
    state, following = drive(world.state, world)
    assert (state, following) == (world.state, Done())


@pytest.mark.parametrize(
    ("error", "code"), [(Interrupted(), "task_timeout"), (ValueError("no such thing"), "internal_error")]
)
def test_drive_ends_the_run_after_an_exception(error: BaseException, code: str) -> None:
    world = World("Test", notify=["webhook"])

    def fail() -> None:
        raise error

    world.before["start Test"] = fail
    driven(world)
    assert world.outcome == ("failed", code, code)
    assert world.log[-2:] == ["read", "send webhook (failed Test)"]


def test_drive_survives_an_exception_in_every_action_of_the_end() -> None:
    world = World("Test", notify=["webhook"], on_failure="turn_off", checks=[{"command": "look"}])
    world.options["report"] = True
    world.answers["command"] = [False]

    def fail() -> None:
        raise ValueError("again")

    world.before.update(dict.fromkeys(("turn off test", "report", "send webhook (failed Test)"), fail))
    driven(world)
    assert world.outcome == ("failed", "check_failed", "check_failed")
    assert world.record["undone"][0]["error_code"] == "internal_error"
    assert len(world.record["warnings"]) == 2


def test_drive_ends_with_the_process() -> None:
    world = World("Test")

    def die() -> None:
        raise Killed

    world.before["start Test and wait"] = die
    with pytest.raises(Killed):
        driven(world)


def test_drive_ends_the_run_after_a_bug_in_the_sequence() -> None:
    world = World("Test")
    state = {**world.begin(), "agenda": [{"do": "dance"}]}
    state, following = drive(state, world)
    assert isinstance(following, Done)
    assert state["record"]["error_code"] == "internal_error"
