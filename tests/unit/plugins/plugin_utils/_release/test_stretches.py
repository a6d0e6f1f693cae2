# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How deep the role nests its includes, and whether its loop has a turn for every task file of a run."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import actions, sequence, stretches
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import World, phase

HOUR = 3600.0
NOTICES = ["page.yml", "mail.yml"]
DURING = {"tasks": "smoke.yml", "during": "soak", "interval": "20s"}


def includes(world: World) -> tuple[list[int], int]:
    """How many task files each stretch of a run has, and how many stretches the run needs at most.

    As in roles/release/tasks: a file that is not chained to the one before begins a stretch.
    """
    lengths: list[int] = []
    planned = 0
    state = world.begin()
    while True:
        state, action = sequence.advance(state, world.now())
        world.state = state
        if isinstance(action, actions.Done):
            return lengths, planned
        if isinstance(action, actions.Planned):
            continue
        if isinstance(action, actions.RunTaskFile):
            planned = planned or stretches.count(state)
            state, is_chained = stretches.chain(state)
            if not (lengths and is_chained):
                lengths.append(0)
            lengths[-1] += 1
        state = sequence.answer(state, world.carry_out(action), world.now())


def planned_state(world: World) -> sequence.State:
    """The state of a run that has its plan, which is when the role asks for its stretches."""
    state = world.begin()
    while True:
        world.state, action = sequence.advance(state, world.now())
        if isinstance(action, actions.Planned):
            return world.state
        state = sequence.answer(world.state, world.carry_out(action), world.now())


def ten_phases() -> World:
    names = [f"Phase {number}" for number in range(10)]
    check = {"tasks": "smoke.yml", "during": "soak", "interval": "10s"}
    return World(*names, phases=[{"phase": name, "soak": "10m", "checks": [check]} for name in names], notify=NOTICES)


def with_approvals() -> World:
    world = World(phase("Test", approval=True), notify=NOTICES)
    world.launchdarkly.review_by_itself("approve", 60, apply=True)
    return world


def with_many_attempts() -> World:
    check = {"tasks": "smoke.yml", "attempts": 60, "failure_limit": 60, "interval": 1}
    world = World("Test", "Staging", checks=[check], notify=NOTICES)
    world.answers["smoke.yml"] = [*[False] * 59, True] * 2
    return world


def with_a_long_row() -> World:
    """The soak is over, so that every measurement comes after it."""
    check = {"tasks": "smoke.yml", "during": "soak", "consecutive_success": 200, "interval": 1}
    world = World("Test", phases=[{"phase": "Test", "soak": "1m", "checks": [check]}])
    world.launchdarkly.start("Test")
    world.clock.slept += HOUR
    return world


def with_a_long_soak() -> World:
    check = {"tasks": "smoke.yml", "during": "soak", "interval": 1}
    return World("Test", phases=[{"phase": "Test", "soak": "1d", "checks": [check] * 3}], notify=NOTICES)


def with_freeze_windows() -> World:
    window = {"from": "2026-10-26 07:00", "to": "2026-10-27 07:00", "timezone": "UTC"}
    phases = [{"phase": "Test", "before": ["b.yml", "c.yml"], "after": ["a.yml"]}]
    return World("Test", phases=phases, freeze=[window], freeze_action="wait", notify=NOTICES)


def with_everything_at_the_end() -> World:
    world = World("Test", checks=["smoke.yml"], on_failure="turn_off", notify=NOTICES)
    world.answers["smoke.yml"] = [False]
    world.publish = [{"name": name, "path": name, "problem": None} for name in ("a.yml", "b.yml", "c.yml")]
    world.options.update(report=True, published=3)
    return world


def with_no_plan() -> World:
    world = World("Test", notify=NOTICES, phases=[{"phase": "Nowhere"}])
    world.publish = [{"name": "a.yml", "path": "a.yml", "problem": None}]
    world.options.update(report=True, published=1)
    return world


RUNS: list[Any] = [
    ten_phases,
    with_approvals,
    with_many_attempts,
    with_a_long_row,
    with_a_long_soak,
    with_freeze_windows,
    with_everything_at_the_end,
    with_no_plan,
]


@pytest.mark.parametrize("make", RUNS)
def test_stretches_have_room_for_every_task_file(make: Any) -> None:
    world = make()
    lengths, planned = includes(world)
    assert lengths
    assert len(lengths) <= planned
    assert max(lengths) <= stretches.MAX_CHAIN
    assert sum(lengths) == sum(1 for entry in world.log if entry.startswith("run "))
    if make is ten_phases:
        # Attempts that were not needed are not many, so that the role's loop has few turns for nothing.
        assert sum(lengths) > 600
        assert planned < 1.25 * sum(lengths) / stretches.MAX_CHAIN


def test_stretches_of_a_soak_are_as_many_as_its_interval_allows() -> None:
    world = World("Test", phases=[{"phase": "Test", "soak": "10m", "checks": [DURING]}])
    lengths, planned = includes(world)
    assert (sum(lengths), planned) == (31, 3)


def test_stretches_of_a_very_long_run_take_another_loop() -> None:
    phases = [
        {"phase": name, "soak": "1d", "checks": [{**DURING, "interval": 1}]} for name in "abcdefghijklmnopqrstuvwxyz"
    ]
    state = planned_state(World(*"abcdefghijklmnopqrstuvwxyz", phases=phases))
    assert stretches.count(state) > stretches.MAX_TURNS
    assert stretches.turns(state) == ["stretch.yml"] * stretches.MAX_TURNS + ["stretches.yml"]


def test_stretches_of_a_run_without_task_files_are_few() -> None:
    world = World("Test", notify=["webhook"], checks=[{"command": "look"}])
    world.run()
    assert stretches.count(world.state) == 1


def test_tasks_of_a_run_without_task_files_are_one_task() -> None:
    world = World(phase("Test", approval=True), notify=["webhook"], checks=[{"command": "look", "during": "soak"}])
    world.options["report"] = True
    assert stretches.tasks(planned_state(world)) == "sequence.yml"


@pytest.mark.parametrize("make", RUNS)
def test_tasks_of_a_run_with_task_files_include_them(make: Any) -> None:
    world = make()
    world.run()
    assert stretches.tasks(world.state) == "sequence_with_task_files.yml"


def test_stretches_of_a_short_run_need_no_loop() -> None:
    state = planned_state(World("Test", phases=[{"phase": "Test", "before": ["b.yml"]}]))
    state, is_chained = stretches.chain(state)
    assert is_chained
    assert stretches.first(state, "task_file.yml") == "task_file.yml"


def test_stretches_of_a_long_run_are_looped_over() -> None:
    state, _is_chained = stretches.chain(planned_state(ten_phases()))
    assert stretches.first(state, "task_file.yml") == "stretches.yml"


def test_stretches_without_a_loop_are_never_left() -> None:
    """What began without a loop nests on, whatever is found to be needed later: nothing would go on after the chain."""
    state, _is_chained = stretches.chain(planned_state(World("Test", phases=[{"phase": "Test", "before": ["b.yml"]}])))
    state = {**planned_state(ten_phases()), "looped": state["looped"], "chain": stretches.MAX_CHAIN}
    assert stretches.chain(state)[1]
