# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import time_from_millis
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.rehearsal import FAULTS, rehearse
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.world import World as Service
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.clock import Clock as ServiceClock
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import TOKEN
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release import fake_world
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import World

HOUR = 3600.0
NOW = 1_793_000_000.0
STARTED = int(NOW * 1000) - 60_000


def audience(*, window: float = 0, approval: bool = False, **fields: Any) -> dict[str, Any]:
    guardian = {
        "monitoring_window_milliseconds": int(window * 1000),
        "rollout_weight": 50000,
        "rollback_on_regression": True,
        "randomization_unit": "user",
    }
    return {
        "id": "aud",
        "name": "everyone",
        "environment_key": "production",
        "status": "ready_to_start",
        "status_raw": "ready-to-start",
        "strategy": "monitored-release" if window else "immediate-rollout",
        "require_approval": approval,
        "segment_keys": None,
        "release_guardian_configuration": guardian if window else None,
        **fields,
    }


def phase(index: int, word: str, *audiences: dict[str, Any], **fields: Any) -> dict[str, Any]:
    begun = word in ("active", "completed", "paused")
    return {
        "id": f"phase-{index}",
        "name": f"Phase {index}",
        "index": index,
        "status": word.replace("-", "_"),
        "status_raw": word,
        "started": begun,
        "complete": word == "completed",
        "created_at": "2026-10-26T06:13:20.000Z",
        "started_at": time_from_millis(STARTED) if begun else None,
        "completed_at": time_from_millis(STARTED + 1000) if word == "completed" else None,
        "completed_by": None,
        "audiences": list(audiences or [audience()]),
        **fields,
    }


def release(*phases: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "project_key": "shop",
        "flag_key": "new-cart",
        "pipeline_key": "standard",
        "pipeline_name": "Standard",
        "version": 3,
        "variation_id": None,
        "canceled_at": None,
        "complete": False,
        "phases": list(phases),
        **fields,
    }


def played(given: dict[str, Any], *faults: str, after: float = 0) -> list[str]:
    """The words of the phases as the simulator serves them, some seconds of its clock later."""
    with Simulator(rehearse(given, faults)["state"], clock=lambda: NOW) as simulator:
        simulator.advance(after)
        world = simulator.world.state["projects"]["shop"]["releases"]["new-cart"]
        return [item["status"] for item in world["phases"]]


GUARDED = phase(0, "ready-to-start", audience(window=HOUR)), phase(1, "not-started", audience(window=2 * HOUR))
TWICE = {"audience": "production", "release_guardian_configuration": {"monitoring_window_milliseconds": 7_200_000}}


@pytest.mark.parametrize(
    ("phases", "settings", "seconds", "own_time"),
    [
        ([phase(0, "ready-to-start")], {}, 0, "0s"),
        (GUARDED, {}, 3 * HOUR, "3h"),
        # the longest counts
        ([phase(0, "ready-to-start", audience(window=HOUR), audience(window=2 * HOUR))], {}, 2 * HOUR, "2h"),
        ([phase(0, "ready-to-start")], {"phases": [{"phase": "Phase 0", "soak": "30m"}]}, HOUR / 2, "30m"),
        # only what is in range
        (GUARDED, {"until": "Phase 0"}, HOUR, "1h"),
        # what is sent with the start
        (GUARDED, {"until": "Phase 0", "phases": [{"phase": "Phase 0", "audiences": [TWICE]}]}, 2 * HOUR, "2h"),
        # what is done takes no time any more, but it may soak again
        ([phase(0, "completed", audience(window=HOUR)), phase(1, "ready-to-start")], {}, 0, "0s"),
        (
            [phase(0, "completed", audience(window=HOUR)), phase(1, "ready-to-start")],
            {"phases": [{"phase": "Phase 0", "soak": "1h"}]},
            HOUR,
            "1h",
        ),
        (
            [phase(0, "completed", audience(window=HOUR)), phase(1, "active")],
            {"phases": [{"phase": "Phase 0", "soak": "1h"}]},
            0,
            "0s",
        ),
    ],
)
def test_how_long_a_real_run_takes_and_how_fast_it_is_rehearsed(
    phases: list[dict[str, Any]], settings: dict[str, Any], seconds: float, own_time: str
) -> None:
    given = release(*phases)
    rehearsal = rehearse(given, plan=plan_steps(given, settings))
    assert (rehearsal["own_time"], rehearsal["speed"]) == (own_time, max(1.0, seconds / 5))
    if not settings:
        assert rehearse(given) == rehearsal


@pytest.mark.parametrize(
    "words", [("ready-to-start", "not-started"), ("completed", "ready-to-start"), ("paused", "not-started")]
)
def test_a_release_begins_where_the_real_one_stands(words: tuple[str, str]) -> None:
    assert played(release(*(phase(index, word) for index, word in enumerate(words)))) == list(words)


def test_an_active_phase_goes_on_from_its_start() -> None:
    given = release(phase(0, "active", audience(window=120)), phase(1, "not-started"))
    assert played(given, after=1) == ["active", "not-started"]
    assert played(given, after=120) == ["completed", "ready-to-start"]


@pytest.mark.parametrize(
    ("faults", "expected"), [((), ["completed", "ready-to-start"]), (("approval_declined",), ["active", "not-started"])]
)
def test_an_approval_is_answered_by_a_reviewer_of_the_rehearsal(faults: tuple[str, ...], expected: list[str]) -> None:
    given = release(phase(0, "active", audience(approval=True)), phase(1, "not-started"))
    assert played(given, *faults, after=30) == expected


@pytest.mark.parametrize(
    ("phases", "until", "expected"),
    [
        ([phase(0, "ready-to-start", audience(window=HOUR)), phase(1, "not-started")], "", [HOUR * 500, None]),
        (GUARDED, "", [None, 2 * HOUR * 500]),
        # one that the run does not come to would not be met
        (GUARDED, "Phase 0", [HOUR * 500, None]),
        ([phase(0, "ready-to-start"), phase(1, "not-started")], "Phase 0", [500, None]),
    ],
)
def test_a_regression_meets_the_last_guarded_phase_of_the_run(phases: Any, until: str, expected: list[Any]) -> None:
    given = release(*phases)
    state = rehearse(given, ["regression"], plan_steps(given, {"until": until}))["state"]
    found = state["projects"]["shop"]["releases"]["new-cart"]["phases"]
    assert [item.get("_regressesAfter") for item in found] == expected


@pytest.mark.parametrize(
    ("fault", "outcome", "statuses"),
    [
        ("regression", ("failed", "release_changed", "phase_paused"), ["completed", "paused", "not-started"]),
        (
            "approval_declined",
            ("failed", "approval_declined", "approval_declined"),
            ["completed", "completed", "active"],
        ),
    ],
)
def test_a_fault_stops_the_run_on_a_copy(fault: str, outcome: Any, statuses: list[str]) -> None:
    world = World("Test", fake_world.phase("Staging", window=HOUR), fake_world.phase("Production", approval=True))
    copied = world._module("ld_release_info", project_key="shop", flag_key="cart")["release"]
    state = rehearse(copied, [fault], plan_steps(copied, {}))["state"]
    world.launchdarkly.service = Service(state, ServiceClock(1.0, world.clock.wall), "self", TOKEN)
    world.run()
    assert (world.outcome, world.launchdarkly.statuses) == (outcome, statuses)
    assert {"regression": "paused", "approval_declined": "was declined"}[fault] in world.record["message"]


def test_a_release_that_does_not_exist_yet_can_be_rehearsed() -> None:
    predicted = audience(id="", status=None, status_raw=None)
    given = release(phase(0, "ready-to-start", predicted, status_raw=None, created_at=None), version=0)
    assert played(given) == ["ready-to-start"]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_one_that_the_simulator_takes(fault: str) -> None:
    rehearsal = rehearse(release(phase(0, "ready-to-start")), [fault])
    with Simulator(rehearsal["state"], faults=rehearsal["faults"]) as simulator:
        assert simulator.url


def test_an_unknown_fault_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match=r"earthquake.*regression, slow, rate_limited, approval_declined"):
        rehearse(release(phase(0, "ready-to-start")), ["earthquake"])


@pytest.mark.parametrize(
    "given", ["slow,rate_limited", "slow, rate_limited", "slow\nrate_limited", ["slow", "rate_limited"]]
)
def test_faults_may_be_text(given: Any) -> None:
    assert [fault.get("status") for fault in rehearse(release(phase(0, "ready-to-start")), given)["faults"]] == [
        None,
        429,
    ]
    assert rehearse(release(phase(0, "ready-to-start")), "")["faults"] == []
