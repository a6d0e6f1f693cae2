# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Laws of the plan, for thousands of states made by chance: it ends, planning again gives nothing, nobody gets a variation early."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_actions import (
    Action,
    Facts,
    Holding,
    Patch,
    Read,
    Refuse,
    Running,
    Settling,
    Source,
    Start,
    Stop,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_forecast import forecast
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_next_action import plan
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import (
    DesiredEnvironmentRelease,
    State,
    Strategy,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import EnvironmentTargeting, Flag
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Status
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_support import (
    BETA,
    COLOURS,
    COUNTRY,
    KIND,
    LEAVE_RULES,
    MINUTE,
    NOW,
    OFF,
    ON,
    PLACE,
    REMOVE_RULES,
    STEPS,
    THIRD,
    desired,
    facts,
    flag,
    release,
    rule,
    split_of,
    targeting,
)

MARKED = "Release to eu [flagops 0123abcd everyone 1]"
WRITES = (Patch, Start, Stop)
CASES, PARTS = 250, 4


def some_targeting(chance: random.Random) -> EnvironmentTargeting:
    serves = [
        ON,
        OFF,
        THIRD,
        split_of(10_000),
        split_of(50_000),
        split_of(33_000),
        split_of(50_000, is_experiment=True),
    ]
    rules = [
        rule(
            f"r{index}",
            *chance.choice([(KIND,), (KIND, BETA), (BETA,), (COUNTRY,)]),
            serves=chance.choice(serves),
            enabled=chance.random() < 0.8,
            text=chance.choice(["", MARKED]),
        )
        for index in range(chance.randrange(4))
    ]
    age = chance.choice([0, 5, 10, 20, 500]) * MINUTE
    return targeting(
        chance.choice([*serves, OFF, ON]),
        *rules,
        on=chance.random() < 0.7,
        off=chance.choice([OFF, OFF, ON, None]),
        changed_at=NOW - age,
    )


def some_releases(chance: random.Random, is_on: bool) -> list[Any]:
    """As LaunchDarkly has them: at most the newest one runs, and only while the flag is on."""
    over = [Status.COMPLETED, Status.REVERTED]
    return [
        release(
            chance.choice([*over, Status.ACTIVE, Status.PAUSED] if is_on and index == 0 else over),
            target=chance.choice([ON, ON, OFF]),
            original=chance.choice([OFF, THIRD]),
            rule_id=f"r{chance.randrange(4)}",
            cleanup=chance.choice([REMOVE_RULES, LEAVE_RULES]),
            release_id=f"rel{index}",
        )
        for index in range(chance.randrange(3))
    ]


def some_desire(chance: random.Random) -> DesiredEnvironmentRelease:
    strategy = chance.choice(list(Strategy))
    state = chance.choice([State.RELEASED, State.RELEASED, State.ROLLED_BACK, State.ROLLED_FORWARD])
    may_have_segments = strategy in (Strategy.IMMEDIATE, Strategy.PROGRESSIVE, Strategy.GUARDED)
    given = {
        "variation": "red",
        "from_variation": chance.choice([None, None, "blue"]),
        "segments": ("beta",) if may_have_segments and chance.random() < 0.4 else (),
        "retry_reverted": chance.random() < 0.5,
    }
    if state is not State.RELEASED:
        return DesiredEnvironmentRelease(target=PLACE, state=state, **given)
    return desired(strategy, sweep=chance.random() < 0.3, **given)


def some_world(chance: random.Random) -> tuple[Facts, DesiredEnvironmentRelease]:
    where = some_targeting(chance)
    known = facts(where, *some_releases(chance, where.on), flag=flag(where, COLOURS), undone=chance.random() < 0.2)
    return known, some_desire(chance)


def unread(known: Facts) -> Facts:
    return dataclasses.replace(known, releases=None, undone=None, segments=None, approvals=None)


def with_source(seen: Facts, world: Facts, source: Source) -> Facts:
    if source is Source.RELEASES:
        return dataclasses.replace(seen, releases=world.releases)
    if source is Source.AUDIT_LOG:
        return dataclasses.replace(seen, undone=world.undone)
    if source is Source.SEGMENTS:
        return dataclasses.replace(seen, segments=world.segments)
    return dataclasses.replace(seen, approvals=world.approvals)


def run(world: Facts, wanted: DesiredEnvironmentRelease) -> tuple[list[Action], Facts]:
    """Read and write as a task does, until nothing is left to send; the actions and the world at the end."""
    seen, done = unread(world), []
    for _turn in range(20):
        action = plan(seen, wanted)
        if isinstance(action, Read):
            seen = with_source(seen, world, action.source)
            continue
        done.append(action)
        if not isinstance(action, WRITES):
            return done, world
        world = forecast(world, "eu", action)
        if isinstance(action, Patch) and not action.is_undo:
            # the newest entry of the audit log is no undo any more
            world = dataclasses.replace(world, undone=False)
        seen = dataclasses.replace(unread(world), segments=seen.segments)
        # What this very run has read of the past it does not ask again.
        seen = dataclasses.replace(seen, undone=world.undone if isinstance(action, Stop) else None)
    raise AssertionError(f"no end: {done}")


def served_to_all(flag_now: Flag, variation: str) -> int:
    where = flag_now.environments["eu"]
    return where.default.share(variation) if where.on and where.default else 0


def runs(part: int) -> Iterator[tuple[Facts, DesiredEnvironmentRelease, list[Action], Facts]]:
    """A part of the cases: the world, what is desired, what was done, and the world afterwards."""
    for seed in range(part * CASES, (part + 1) * CASES):
        chance = random.Random(seed)  # noqa: S311  the same cases every time
        world, wanted = some_world(chance)
        try:
            yield (world, wanted, *run(world, wanted))
        except LaunchDarklyError as error:
            if error.code != "invalid_option":
                raise


@pytest.mark.parametrize("part", range(PARTS))
def test_plan_ends_and_then_gives_nothing(part: int) -> None:
    for _world, wanted, done, after in runs(part):
        if isinstance(done[-1], Refuse):
            # Before anything was sent; an undo may stop a release and then find somebody's experiment.
            assert [type(action) for action in done[:-1]] in ([], [Stop])
            continue
        again, same = run(after, wanted)
        assert not [action for action in again if isinstance(action, WRITES)], (done, again)
        assert same == after


@pytest.mark.parametrize("part", range(PARTS))
def test_prepared_start_serves_the_new_variation_to_nobody(part: int) -> None:
    for world, _wanted, done, _after in runs(part):
        for action in done:
            if isinstance(action, Patch) and action.comes_first:
                prepared = forecast(world, "eu", action)
                assert served_to_all(prepared.flag, ON) == 0
        assert sum(isinstance(action, Start) for action in done) <= 1


@pytest.mark.parametrize("seed", range(50))
def test_percentage_reaches_everybody_without_skipping_a_share(seed: int) -> None:
    """From any start, looked at by a schedule at any times."""
    chance = random.Random(seed)  # noqa: S311  the same cases every time
    where = targeting(chance.choice([ON, OFF]), on=False)
    world, wanted = facts(where), desired(Strategy.PERCENTAGE)
    shares: list[tuple[int, int]] = []
    for _look in range(200):
        action = plan(world, wanted)
        if isinstance(action, Patch):
            world = forecast(world, "eu", action)
            shares.append((served_to_all(world.flag, ON), world.now))
        elif not isinstance(action, Holding):
            break
        world = dataclasses.replace(world, now=world.now + chance.randrange(1, 30) * MINUTE)
    assert [share for share, _at in shares] == [10_000, 50_000, 100_000]
    held = [later - earlier for (_one, earlier), (_two, later) in zip(shares, shares[1:])]
    assert all(time >= step.duration for time, step in zip(held, STEPS))


def test_running_and_settling_send_nothing() -> None:
    """What is awaited is LaunchDarkly's to do."""
    assert not issubclass(Running, WRITES)
    assert not issubclass(Settling, WRITES)
