# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed, interrupted, repeated, or at work at the same time: each phase is started once."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import actions, sequence
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import (
    Interrupted,
    Killed,
    World,
    phase,
    through_json,
)

NAMES = ["Test", "Staging", "Production"]
COMPLETED = ("completed", None, None)


def whole(**settings: Any) -> World:
    """A run that comes to every kind of part, with or without notices."""
    phases = [
        {"phase": "Test", "before": ["b.yml"], "soak": "20s", "after": ["a.yml"]},
        {"phase": "Production", "before": ["b.yml"], "after": ["a.yml"]},
    ]
    checks = [{"command": "look", "during": "soak", "interval": "10s"}, "smoke.yml"]
    world = World(
        "Test", phase("Staging", approval=True), phase("Production", 20), phases=phases, checks=checks, **settings
    )
    world.launchdarkly.review_by_itself("approve", 5, apply=True, applyAfter=5)
    world.options["report"] = True
    return world


def points_of(world: World) -> int:
    world.run()
    assert (world.outcome, world.launchdarkly.starts) == (COMPLETED, NAMES)
    return world.points


@pytest.mark.parametrize(
    ("error", "notify"), [(Killed, []), (Killed, ["page.yml"]), (Interrupted, []), (Interrupted, ["webhook"])]
)
def test_run_that_ends_anywhere_is_completed_by_the_next(error: type[BaseException], notify: list[str]) -> None:
    count = points_of(whole(notify=notify))
    assert count > 40

    for last in range(count):
        world = whole(notify=notify)

        def end_here(point: int, last: int = last) -> None:
            if point == last:
                raise error

        world.at_each_point = end_here
        with contextlib.suppress(Killed):
            world.run()
        world.again()
        assert (last, world.outcome, world.launchdarkly.starts) == (last, COMPLETED, NAMES)


@pytest.mark.parametrize("took_effect", [False, True])
@pytest.mark.parametrize(
    ("completion", "last_status"), [("self", "completed"), ("on_next", "active")], ids=["self", "on_next"]
)
def test_run_killed_at_any_request_is_completed_by_the_next(
    completion: str, last_status: str, took_effect: bool
) -> None:
    settings = {"final_status": "active"} if completion == "on_next" else {}
    whole_run = World(completion=completion, **settings)
    whole_run.run()
    assert whole_run.launchdarkly.requests > 10
    for last in range(1, whole_run.launchdarkly.requests + 1):
        world = World(completion=completion, **settings)

        def end_here(number: int, done: bool, last: int = last) -> None:
            if (number, done) == (last, took_effect):
                raise Killed

        world.launchdarkly.at_each_request = end_here
        with contextlib.suppress(Killed):
            world.run()
        assert world.launchdarkly.requests == last
        world.again()
        assert (last, world.outcome, world.launchdarkly.starts) == (last, COMPLETED, NAMES)
        assert world.launchdarkly.statuses == ["completed", "completed", last_status]


@pytest.mark.parametrize("error", [Killed, Interrupted])
def test_run_that_ends_at_any_time_is_completed_by_the_next(error: type[BaseException]) -> None:
    """Also in the middle of a wait or a pause."""
    world = whole()
    world.run()
    for alarm in range(1, round(world.clock.slept), 3):
        world = whole()
        world.clock.alarm, world.clock.error = float(alarm), error
        with contextlib.suppress(Killed):
            world.run()
        world.again()
        assert (alarm, world.outcome, world.launchdarkly.starts) == (alarm, COMPLETED, NAMES)


@pytest.mark.parametrize("offset", range(0, 60, 5))
@pytest.mark.parametrize("notify", [[], ["page.yml"]])
def test_two_runs_at_once_start_each_phase_once(notify: list[str], offset: int) -> None:
    """The second one begins after some steps of the first, and then they take turns."""
    one, other = whole(notify=notify), whole(notify=notify)
    run_in_turns(one, other, offset)
    assert one.outcome == other.outcome == COMPLETED
    assert one.launchdarkly.starts == NAMES
    done = [set(pair) for pair in zip(one.actions, other.actions)]
    assert all(len(pair & {"started"}) == 1 for pair in done)


@pytest.mark.parametrize("offset", range(0, 14, 2))
def test_two_runs_at_once_where_the_next_start_completes(offset: int) -> None:
    one, other = (World(completion="on_next", final_status="active") for _number in range(2))
    run_in_turns(one, other, offset)
    assert one.outcome == other.outcome == COMPLETED
    assert one.launchdarkly.starts == NAMES
    assert one.launchdarkly.statuses == ["completed", "completed", "active"]


def run_in_turns(one: World, other: World, offset: int) -> None:
    other.clock, other.launchdarkly = one.clock, one.launchdarkly
    states: list[Any] = [one.begin(), other.begin()]
    for turn in range(1000):
        index = 0 if turn < offset else turn % 2
        world = (one, other)[index]
        state, action = sequence.advance(states[index], world.now())
        world.state = states[index] = state
        if isinstance(action, actions.Done):
            index = 1 - index
            world = (one, other)[index]
            world.run(states[index])
            break
        if not isinstance(action, actions.Planned):
            states[index] = through_json(sequence.answer(state, through_json(world.carry_out(action)), world.now()))


# Repeated at once

HOURS = phase("Test", 5 * 3600)
REPEATED: list[tuple[dict[str, Any], tuple[str, Any, Any]]] = [
    ({}, COMPLETED),
    ({"checks": ["smoke.yml"]}, COMPLETED),
    ({"until": "Test"}, COMPLETED),
    ({"first": HOURS, "wait": False}, ("waiting", "phase", None)),
    ({"wait": False, "phases": [{"phase": "Test", "soak": "1h"}]}, ("waiting", "soak", None)),
    ({"first": phase("Test", approval=True), "on_approval": "return"}, ("waiting", "approval", None)),
    ({"phases": [{"phase": "Staging", "confirm": True}]}, ("stopped", "confirm", None)),
    ({"freeze": [{"days": "mon", "timezone": "UTC", "environments": ["staging"]}]}, ("stopped", "freeze", None)),
    ({"checks": ["red.yml"]}, ("failed", "check_failed", "check_failed")),
    ({"phases": [{"phase": "Test", "after": ["red.yml"]}]}, ("failed", "after_failed", None)),
    ({"first": HOURS, "wait_timeout": "1h"}, ("failed", "wait_timeout", "wait_timeout")),
]


@pytest.mark.parametrize(("settings", "outcome"), REPEATED)
@pytest.mark.parametrize("notify", [[], ["webhook"]])
def test_run_that_is_repeated_changes_nothing(
    settings: dict[str, Any], outcome: tuple[str, Any, Any], notify: list[str]
) -> None:
    settings = {**settings, "notify": notify}
    world = World(settings.pop("first", "Test"), "Staging", **settings)
    world.answers["red.yml"] = [False, False]
    world.run()
    if outcome[1] == "soak":
        # Without a wait, the first run leaves before the phase is done.
        world.clock.slept += 2
        world.again()
    writes = list(world.launchdarkly.writes)
    assert (world.outcome, writes) == (
        outcome,
        ["PUT"] * (2 if outcome == COMPLETED and "until" not in settings else 1),
    )
    world.again()
    assert (world.outcome, world.launchdarkly.writes) == (outcome, writes)
    assert "started" not in world.actions
