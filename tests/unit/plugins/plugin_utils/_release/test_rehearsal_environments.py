# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flag that is copied into a simulator for the rehearsal of a release through environments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.flag_copy import FLAG_COPY
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import environments
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.rehearsal import rehearse
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_settings
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.world import World as Service
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.clock import Clock as ServiceClock
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import OFF, READY
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import TOKEN, run_definition
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.environment_world import (
    HOUR,
    KEYS,
    EnvironmentWorld,
    entry,
)

COMPLETED: Any = ("completed", None, None)
GIVEN = (
    "dev",
    entry("staging", "percentage"),
    entry("production", "guarded", name="Beta", segments=["beta"]),
    entry("production", "progressive", name="Everyone"),
)


def overview(world: EnvironmentWorld) -> Any:
    settings = read_settings(world.settings)
    keys = {"project_key": "shop", "flag_key": "cart"}
    result = world._module("environment_overview", **keys, entries=environments.entries(settings))
    assert not result.get("failed"), result
    return environments.as_release(result, keys, settings)


def copied(world: EnvironmentWorld) -> dict[str, Any]:
    transport: Any = world.launchdarkly
    options = {"project_key": "shop", "flag_key": "cart", "environments": list(KEYS), "deep": True}
    result = run_definition(FLAG_COPY, transport, world.clock, **options)
    return json.loads(json.dumps(result["flag"]))  # type: ignore[no-any-return]  # as between two tasks


def rehearsal(world: EnvironmentWorld, *faults: str) -> dict[str, Any]:
    release = overview(world)
    return rehearse(release, faults, plan_steps(release, world.settings), copied(world))


def copy_of(world: EnvironmentWorld, *faults: str) -> EnvironmentWorld:
    """Another world with the copy; its clock starts where that of the real one is."""
    again = EnvironmentWorld()
    again.settings = world.settings
    again.clock.slept = world.clock.slept
    state = json.loads(json.dumps(rehearsal(world, *faults)["state"]))
    again.launchdarkly.service = Service(state, ServiceClock(1.0, again.clock.wall), "self", TOKEN)
    return again


@pytest.mark.parametrize("hours", [0, 0.5, 1, 2.5, 4, 4.5, 7, 9.2, 12])
def test_rehearsal_copy_stands_where_the_flag_stands(hours: float) -> None:
    """At any time of a release: what is read of the copy is what is read of the flag, and a run ends in the same way."""
    world = EnvironmentWorld(*GIVEN, wait_interval="1h")
    world.clock.alarm = hours * HOUR
    world.run()
    world.clock.alarm = None
    copy = copy_of(world)
    assert overview(copy) == overview(world)
    copy.run()
    assert (copy.outcome, copy.launchdarkly.served) == (COMPLETED, dict.fromkeys(KEYS, True))
    assert copy.launchdarkly.rules("production") == 0


def test_rehearsal_copy_has_rules_kinds_and_approvals() -> None:
    clause = {"contextKind": "device", "attribute": "os", "op": "in", "values": ["ios", 7], "negate": True}
    rules = [
        {"clauses": [clause], "variation": 1, "description": "Old phones"},
        {
            "clauses": [{"attribute": "segmentMatch", "op": "segmentMatch", "values": ["staff"]}],
            "disabled": True,
            "rollout": {"variations": [{"variation": 0, "weight": 40000}, {"variation": 1, "weight": 60000}]},
        },
    ]
    targeting = {"dev": {**READY, "rules": rules, "contextKinds": ["user", "device"]}, "staging": READY}
    world = EnvironmentWorld(targeting=targeting)
    world.launchdarkly.require_approvals("production")
    assert copied(copy_of(world)) == copied(world)


def test_rehearsal_copy_remembers_an_undo() -> None:
    world = EnvironmentWorld("dev")
    world.run()
    world.answers["red.yml"] = [False]
    world.again(on_failure="roll_back", checks=["red.yml"])
    world.settings.update(checks=[], retry="dev")
    copy = copy_of(world)
    assert [phase["status"] for phase in overview(copy)["phases"]] == ["reverted"]
    copy.run()
    assert copy.outcome == COMPLETED


def test_rehearsal_lasts_as_long_as_steps_and_soaks() -> None:
    world = EnvironmentWorld(*GIVEN, phases=[{"phase": "dev", "soak": "1h"}])
    assert rehearsal(world)["own_time"] == "10h"
    assert rehearsal(world)["speed"] == 2 * HOUR


def test_rehearsal_of_a_regression() -> None:
    copy = copy_of(EnvironmentWorld("dev", entry("staging", "guarded")), "regression")
    copy.run()
    assert copy.outcome == ("failed", "start_failed", "regression_detected")
    assert copy.clock.slept == 1.5 * HOUR


def test_rehearsal_of_a_declined_approval() -> None:
    world = EnvironmentWorld(entry("dev", request_approval=True))
    world.launchdarkly.require_approvals("dev")
    copy = copy_of(world, "approval_declined")
    copy.run()
    assert copy.outcome[2] == "approval_declined"
    copy = copy_of(world)
    copy.run()
    assert copy.outcome == COMPLETED


REFUSED: dict[str, Any] = {
    "no off variation": lambda flag: flag["environments"]["dev"].update(off_variation_id=None),
    "The default rule of dev": lambda flag: flag["environments"]["dev"].update(default=None),
    "the status 'simmering' is not known": lambda flag: flag["environments"]["dev"].update(
        releases=[{"status": "unknown", "status_raw": "simmering"}]
    ),
    "The rule 'Odd' of dev": lambda flag: flag["environments"]["dev"].update(
        rules=[{"id": "r", "clauses": [], "serves": None, "enabled": True, "description": "Odd"}]
    ),
}


@pytest.mark.parametrize("said", REFUSED)
def test_rehearsal_refuses_what_it_cannot_copy(said: str) -> None:
    world = EnvironmentWorld("dev")
    release, flag = overview(world), copied(world)
    REFUSED[said](flag)
    with pytest.raises(SettingsError) as refused:
        rehearse(release, (), plan_steps(release, world.settings), flag)
    assert said.replace("the status", "its status") in str(refused.value)


@pytest.mark.parametrize(
    ("given", "faults", "said"),
    [
        (entry("dev", "plan"), (), "release plan cannot be rehearsed"),
        ("dev", ("regression",), "needs a guarded release"),
    ],
)
def test_rehearsal_refuses_what_it_cannot_play(given: Any, faults: Any, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        rehearsal(EnvironmentWorld(given), *faults)
    assert said in str(refused.value)


def test_rehearsal_copy_of_an_experiment_is_refused_by_the_run() -> None:
    parts = [{"variation": 0, "weight": 50000}, {"variation": 1, "weight": 50000}]
    rollout = {"variations": parts, "experimentAllocation": {"defaultVariation": 1, "canReshuffle": False}}
    world = EnvironmentWorld("dev", targeting={"dev": {"on": True, "fallthrough": {"rollout": rollout}}})
    world.settings["until"] = "dev"
    with pytest.raises(SettingsError):
        plan_steps(overview(world), world.settings)
    world.launchdarkly.serve("dev", OFF)
    assert overview(copy_of(world)) == overview(world)
