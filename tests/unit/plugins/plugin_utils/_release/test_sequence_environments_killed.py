# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs through environments that are killed, interrupted, or at work at the same time: one release each, and nobody gets it early."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import actions, sequence
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.environment_world import (
    HOUR,
    EnvironmentWorld,
    entry,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import (
    Interrupted,
    Killed,
    through_json,
)

COMPLETED: Any = ("completed", None, None)
STAGING, PRODUCTION = ("staging", "completed"), ("production", "completed")
ROLLOUT = [{"command": "look", "during": "rollout", "interval": "1h"}]


def whole(**settings: Any) -> EnvironmentWorld:
    """A run that uses every strategy, and two audiences of one environment. All flags are off, and serve the new variation when on."""
    return EnvironmentWorld(
        entry("dev", "percentage"),
        entry("staging", "progressive"),
        entry("production", "guarded", name="Beta", segments=["beta"]),
        entry("production", "progressive", name="Everyone"),
        **{"wait_interval": "1h", **settings},
    )


def shares(world: EnvironmentWorld, key: str) -> list[int]:
    """The shares of the new variation in an environment so far, each once."""
    seen = [change["shares"].get("0", 0) for change in world.launchdarkly.place(key)["history"]]
    return [share for index, share in enumerate(seen) if share and (not index or share != seen[index - 1])]


def is_early(world: EnvironmentWorld) -> bool:
    """Has anybody got the new variation before the steps allow it?"""
    steps = [10000, 50000, 100000]
    if any(shares(world, key) != steps[: len(shares(world, key))] for key in ("dev", "staging", "production")):
        return True
    everyone = world.launchdarkly.served["production"] is True
    return everyone and world.launchdarkly.releases.count(PRODUCTION) < 2


def expect_completed(world: EnvironmentWorld, about: Any) -> None:
    flag = world.launchdarkly
    assert (about, world.outcome) == (about, COMPLETED)
    assert (about, flag.releases) == (about, [STAGING, PRODUCTION, PRODUCTION])
    assert (about, is_early(world), flag.rules("production")) == (about, False, 0)


def count_requests(**settings: Any) -> int:
    world = whole(**settings)
    world.run()
    expect_completed(world, "alone")
    return world.launchdarkly.requests


@pytest.mark.parametrize(
    ("settings", "took_effect"),
    [({}, False), ({}, True), ({"notify": ["webhook"]}, True), ({"checks": ROLLOUT}, False)],
)
def test_environments_are_completed_after_a_kill_at_any_request(settings: dict[str, Any], took_effect: bool) -> None:
    count = count_requests(**settings)
    assert count > 40
    for last in range(1, count + 1):
        world = whole(**settings)

        def end_here(number: int, done: bool, last: int = last) -> None:
            if (number, done) == (last, took_effect):
                raise Killed

        world.launchdarkly.at_each_request = end_here
        with contextlib.suppress(Killed):
            world.run()
        assert not is_early(world)
        world.again()
        expect_completed(world, last)


@pytest.mark.parametrize("took_effect", [False, True])
def test_environments_turned_on_are_completed_after_a_kill(took_effect: bool) -> None:
    """At any request. Only the last environment gets a release."""
    given = (entry("dev"), entry("staging"), entry("production", "progressive"))
    whole_run = EnvironmentWorld(*given, wait_interval="1h")
    whole_run.run()
    for last in range(1, whole_run.launchdarkly.requests + 1):
        world = EnvironmentWorld(*given, wait_interval="1h")

        def end_here(number: int, done: bool, last: int = last) -> None:
            if (number, done) == (last, took_effect):
                raise Killed

        world.launchdarkly.at_each_request = end_here
        with contextlib.suppress(Killed):
            world.run()
        world.again()
        flag = world.launchdarkly
        assert (last, world.outcome, flag.releases) == (last, COMPLETED, [PRODUCTION])
        assert flag.served == {"dev": True, "staging": True, "production": True}


@pytest.mark.parametrize("cut", ["before", "after"])
@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_environments_are_completed_where_answers_are_lost(method: str, cut: str) -> None:
    for after in range(4):
        world = whole()
        world.launchdarkly.fail(method=method, after=after, cut=cut)
        world.run()
        expect_completed(world, after)


def test_environments_are_completed_after_a_kill_at_any_time() -> None:
    """Also in the middle of a wait or a pause; the next run may come hours later."""
    world = whole(phases=[{"phase": "dev", "soak": "1h"}])
    world.run()
    for alarm in range(600, round(world.clock.slept), 1500):
        world = whole(phases=[{"phase": "dev", "soak": "1h"}])
        world.clock.alarm, world.clock.error = float(alarm), Killed
        with contextlib.suppress(Killed):
            world.run()
        world.clock.slept += 5 * HOUR
        world.again()
        expect_completed(world, alarm)


@pytest.mark.parametrize("on_failure", ["stop", "turn_off_all", "roll_back"])
def test_environments_interrupted_anywhere_end_with_their_undo(on_failure: str) -> None:
    world = whole(on_failure=on_failure)
    world.run()
    for last in range(world.points):
        world = whole(on_failure=on_failure)

        def end_here(point: int, last: int = last) -> None:
            if point == last:
                raise Interrupted

        world.at_each_point = end_here
        world.run()
        assert not is_early(world)
        names = [item["phase"] for item in world.record["phases"]]
        world.again(retry=names)
        assert (last, world.outcome) == (last, COMPLETED)
        assert (last, world.launchdarkly.rules("production")) == (last, 0)


def test_environments_of_a_scheduled_run_survive_kills() -> None:
    """Without a wait, each run is killed at another request, and the last ones are not."""
    world = whole(wait=False)
    for run in range(60):
        first = world.launchdarkly.requests

        def end_here(number: int, done: bool, last: int = first + run % 7, even: bool = run % 2 == 0) -> None:
            if (number, done) == (last, even):
                raise Killed

        world.launchdarkly.at_each_request = end_here if run < 40 else lambda _number, _done: None
        with contextlib.suppress(Killed):
            world.again()
        assert not is_early(world)
        world.clock.slept += HOUR / 3
    expect_completed(world, "in the end")


@pytest.mark.parametrize("offset", range(0, 30, 3))
def test_environments_of_two_runs_at_once_are_released_once(offset: int) -> None:
    """The second one begins after some steps of the first, and then they take turns."""
    one, other = whole(checks=ROLLOUT), whole(checks=ROLLOUT)
    other.clock, other.launchdarkly = one.clock, one.launchdarkly
    states: list[Any] = [one.begin(), other.begin()]
    for turn in range(1000):
        index = 0 if turn < offset else turn % 2
        world = (one, other)[index]
        state, action = sequence.advance(states[index], world.now())
        world.state = states[index] = state
        if isinstance(action, actions.Done):
            (one, other)[1 - index].run(states[1 - index])
            break
        if not isinstance(action, actions.Planned):
            states[index] = through_json(sequence.answer(state, through_json(world.carry_out(action)), world.now()))
    expect_completed(one, offset)
    expect_completed(other, offset)
