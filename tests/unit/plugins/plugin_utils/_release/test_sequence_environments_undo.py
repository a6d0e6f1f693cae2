# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases through environments that fail and are undone, and several audiences in one environment."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import OFF, ON, READY
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.environment_world import (
    HOUR,
    EnvironmentWorld,
    entry,
)

COMPLETED: Any = ("completed", None, None)
CHECK_FAILED: Any = ("failed", "check_failed", "check_failed")
STRATEGIES = ("immediate", "percentage", "progressive", "guarded", "plan")


def failing(*given: Any, **settings: Any) -> EnvironmentWorld:
    """A run whose check fails in the second environment."""
    world = EnvironmentWorld(*(given or ("dev", "staging", "production")), checks=["smoke.yml"], **settings)
    world.answers["smoke.yml"] = [True, False]
    return world


@pytest.mark.parametrize(
    ("on_failure", "served", "undone"),
    [
        ("stop", {"dev": True, "staging": True}, []),
        ("turn_off", {"dev": True, "staging": None}, [("staging", "turned_off")]),
        ("turn_off_all", {"dev": None, "staging": None}, [("dev", "turned_off"), ("staging", "turned_off")]),
        ("roll_back", {"dev": True, "staging": False}, [("staging", "rolled_back")]),
    ],
)
def test_failed_environment_is_undone(on_failure: str, served: Any, undone: Any) -> None:
    world = failing(on_failure=on_failure, notify=["page.yml"])
    world.run()
    assert world.outcome == CHECK_FAILED
    assert world.launchdarkly.served == {**served, "production": None}
    assert [(item["environment_key"], item["action"]) for item in world.record["undone"]] == undone
    assert ("undone" in [item["event"] for item in world.events]) is bool(undone)
    reverted = [item["phase"] for item in world.record["phases"] if item["status"] == "reverted"]
    assert reverted == [key for key, _action in undone]
    message = world.record["message"]
    assert ("turned off" in message) is on_failure.startswith("turn_off")
    assert ("staging was rolled back" in message) is (on_failure == "roll_back")
    assert "ld_flag_targeting" not in message
    names = {"turn_off_all": "dev,staging", "stop": None}.get(on_failure, "staging")
    assert ("release_retry" in message) is bool(names)
    if names:
        assert f"release_retry={names}" in message
        world.again()
        assert world.outcome == ("failed", "start_failed", "release_undone")
        world.again(retry=names)
        assert (world.outcome, world.launchdarkly.served["production"]) == (COMPLETED, True)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("on_failure", ["turn_off", "roll_back"])
def test_undo_of_each_strategy_is_remembered(strategy: str, on_failure: str) -> None:
    world = failing("dev", entry("staging", strategy), on_failure=on_failure, targeting={"staging": READY})
    world.run()
    assert world.outcome == CHECK_FAILED
    off = on_failure == "turn_off"
    assert world.launchdarkly.served["staging"] is (None if off else False)
    (undone,) = world.record["undone"]
    assert undone["comment"].startswith(f"{'Turned off' if off else 'Rolled back'} by the run of")
    comments = [item["comment"] for item in world.launchdarkly.project["audit"] if item.get("comment")]
    assert comments[-1] == f"{undone['comment']} [flagops undo]"
    world.again()
    assert (world.outcome[0], world.launchdarkly.served["staging"]) == ("failed", None if off else False)
    world.again(retry="staging")
    assert (world.outcome, world.launchdarkly.served["staging"]) == (COMPLETED, True)
    assert world.launchdarkly.rules("staging") == 0


@pytest.mark.parametrize("strategy", ["percentage", "progressive", "guarded"])
@pytest.mark.parametrize("on_failure", ["turn_off", "roll_back"])
def test_undo_of_a_release_that_still_runs(strategy: str, on_failure: str) -> None:
    world = EnvironmentWorld(entry("dev", strategy), wait_timeout="90m", on_failure=on_failure)
    world.run()
    assert world.outcome == ("failed", "wait_timeout", "wait_timeout")
    assert world.launchdarkly.served["dev"] is (None if on_failure == "turn_off" else False)
    assert [status for _key, status in world.launchdarkly.releases] == (
        [] if strategy == "percentage" else ["reverted"]
    )
    world.clock.slept += 10 * HOUR
    assert world.launchdarkly.served["dev"] is (None if on_failure == "turn_off" else False)


def test_roll_back_of_what_launchdarkly_reverted_changes_nothing() -> None:
    world = EnvironmentWorld(entry("dev", "guarded"), on_failure="roll_back")
    world.settings["environments"][0]["metrics"] = [{"key": "errors", "auto_rollback": True}]
    world.launchdarkly.script("dev", releaseScript={"regressAfter": 60.0, "metricKey": "errors"})
    world.run()
    assert world.outcome == ("failed", "start_failed", "release_reverted")
    assert [(item["ok"], item["changed"]) for item in world.record["undone"]] == [(True, False)]
    assert (
        "dev had nothing to roll back. After fixing the cause, release again with release_retry=dev."
        in world.record["message"]
    )


def test_roll_back_that_is_refused_is_reported() -> None:
    world = failing(on_failure="roll_back")
    world.after["run smoke.yml (check after staging)"] = lambda: world.launchdarkly.require_approvals("staging")
    world.run()
    assert world.outcome == CHECK_FAILED
    assert [(item["ok"], item["error_code"]) for item in world.record["undone"]] == [(False, "approval_required")]
    assert "staging could NOT be rolled back" in world.record["message"]


def test_roll_back_of_an_environment_released_before_the_run() -> None:
    world = EnvironmentWorld("dev")
    world.run()
    world.answers["smoke.yml"] = [False]
    world.again(on_failure="roll_back", checks=["smoke.yml"])
    assert (world.outcome, world.launchdarkly.served["dev"]) == (CHECK_FAILED, False)


def test_undo_leaves_an_environment_that_was_refused() -> None:
    world = EnvironmentWorld(entry("dev", "guarded"), on_failure="turn_off")
    world.launchdarkly.require_approvals("dev")
    world.run()
    assert (world.outcome[2], world.record["undone"]) == ("approval_required", [])


# Several audiences


def audiences(strategy: str, **settings: Any) -> EnvironmentWorld:
    beta = entry("production", strategy, name="Beta", segments=["beta"])
    staff = entry("production", "immediate", name="Staff", segments=["staff"])
    return EnvironmentWorld("dev", beta, staff, entry("production", strategy, name="Everyone"), **settings)


PAIRS = ("immediate", "progressive", "guarded")


@pytest.mark.parametrize("strategy", PAIRS)
@pytest.mark.parametrize("targeting", [{}, {"production": READY}])
def test_audiences_are_released_one_after_the_other(strategy: str, targeting: Any) -> None:
    world = audiences(strategy, targeting=targeting)
    world.run()
    assert (world.outcome, world.actions) == (COMPLETED, ["started"] * 4)
    assert (world.launchdarkly.served["production"], world.launchdarkly.rules("production")) == (True, 0)
    writes = len(world.launchdarkly.writes)
    world.again()
    assert (world.outcome, world.actions, len(world.launchdarkly.writes)) == (COMPLETED, ["none"] * 4, writes)


@pytest.mark.parametrize("strategy", PAIRS)
def test_audiences_stop_at_the_last_one_in_range(strategy: str) -> None:
    world = audiences(strategy, until="Staff")
    world.run()
    assert (world.outcome, world.launchdarkly.rules("production")) == (COMPLETED, 2)
    assert world.launchdarkly.served["production"] is False
    assert world.record["next_phase"] == "Everyone"
    world.again(until="Everyone")
    assert (world.outcome, world.actions) == (COMPLETED, ["none", "none", "none", "started"])
    assert world.launchdarkly.rules("production") == 0


@pytest.mark.parametrize("strategy", ["progressive", "guarded"])
def test_audiences_without_a_wait_go_one_step_a_run(strategy: str) -> None:
    world = audiences(strategy, wait=False)
    seen = []
    for _run in range(8):
        world.again()
        seen.append((world.outcome[0], list(world.phases.values())))
        world.clock.slept += HOUR
    done, active, waiting = "completed", "active", "not_started"
    assert [statuses for _state, statuses in seen[:4]] == [
        [done, active, waiting, waiting],
        [done, active, waiting, waiting],
        [done, active, waiting, waiting],
        [done, done, done, active],
    ]
    assert seen[-1] == ("completed", [done] * 4)
    assert world.launchdarkly.rules("production") == 0


@pytest.mark.parametrize("strategy", PAIRS)
def test_audience_confirmation_holds_while_another_one_is_released(strategy: str) -> None:
    world = audiences(strategy, phases=[{"phase": "Everyone", "confirm": True}], wait=False)
    for _run in range(6):
        world.again()
        world.clock.slept += HOUR
    assert world.outcome == ("stopped", "confirm", None)
    assert world.launchdarkly.served["production"] is False


@pytest.mark.parametrize("strategy", PAIRS)
@pytest.mark.parametrize("last", ["Beta", "Everyone"])
def test_audiences_are_rolled_back(strategy: str, last: str) -> None:
    """The audience that fails is rolled back; that of the last one takes the earlier ones with it."""
    phases = [{"phase": last, "after": ["red.yml"]}]
    world = audiences(strategy, phases=phases, on_failure="roll_back", targeting={"production": READY})
    world.answers["red.yml"] = [False]
    world.run()
    assert world.outcome == ("failed", "after_failed", None)
    assert (world.launchdarkly.served["production"], world.launchdarkly.rules("production")) == (False, 0)
    names = "Beta" if last == "Beta" else "Beta,Staff,Everyone"
    assert world.record["message"].endswith(f"release_retry={names}.")
    assert [item["phase"] for item in world.record["phases"] if item["status"] == "reverted"] == names.split(",")
    world.again()
    assert world.outcome[2] == "release_undone"
    world.again(retry=names)
    assert (world.outcome, world.launchdarkly.served["production"]) == (COMPLETED, True)
    assert world.launchdarkly.rules("production") == 0


def test_audience_rules_left_by_a_killed_run_are_removed() -> None:
    world = audiences("immediate")
    world.run()
    world.launchdarkly.by_hand(
        "production",
        {
            "kind": "addRule",
            "variationId": "00000000-0000-4000-8000-000000000001",
            "clauses": [{"op": "segmentMatch", "attribute": "segmentMatch", "values": ["beta"]}],
            "description": "Release to production [flagops 01234567 89abcdef 1]",
        },
    )
    world.again()
    assert (world.outcome, world.launchdarkly.rules("production")) == (COMPLETED, 0)
    assert world.entry_of("Everyone")["action"] == "resumed"


def test_audience_release_by_hand_comes_first() -> None:
    """Somebody releases to beta customers; the run releases to everybody after that."""
    world = EnvironmentWorld(entry("production", "progressive"), targeting={"production": READY}, wait=False)
    world.launchdarkly.start_by_hand(
        "production", {"op": "segmentMatch", "attribute": "segmentMatch", "values": ["beta"]}
    )
    world.run()
    assert world.outcome == ("waiting", "phase", None)
    world.clock.slept += 2 * HOUR
    world.again(wait=True)
    assert (world.outcome, world.launchdarkly.served["production"]) == (COMPLETED, True)
    assert len(world.launchdarkly.releases) == 2


# Restore


def entries(world: EnvironmentWorld) -> list[tuple[str, str, bool, bool]]:
    """In their order, where was undone what, whether it worked, and whether it changed anything."""
    names = ("environment_key", "action", "ok", "changed")
    return [tuple(item[name] for name in names) for item in world.record["undone"]]


def test_restore_brings_back_what_the_run_found() -> None:
    """Off, or on with another default rule; the last environment first, and none that the run did not reach."""
    world = failing(on_failure="restore", targeting={"staging": READY})
    world.run()
    assert world.outcome == CHECK_FAILED
    assert entries(world) == [("staging", "restored", True, True), ("dev", "restored", True, True)]
    assert world.launchdarkly.served == {"dev": None, "staging": False, "production": None}
    assert world.launchdarkly.place("dev")["fallthrough"] == {"variation": 0}
    assert "staging was restored to what this run found. dev was restored" in world.record["message"]
    assert world.record["message"].endswith("release_retry=dev,staging.")
    comments = [item["comment"] for item in world.launchdarkly.project["audit"] if item.get("comment")]
    assert comments[-1].startswith("Restored by the run of")
    assert comments[-1].endswith("[flagops undo]")
    world.again()
    assert world.outcome[2] == "release_undone"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_restore_undoes_each_strategy(strategy: str) -> None:
    world = failing("dev", entry("staging", strategy), on_failure="restore", targeting={"staging": READY})
    before = dict(world.launchdarkly.place("staging"))
    world.run()
    assert world.outcome == CHECK_FAILED
    after = world.launchdarkly.place("staging")
    assert {name: after[name] for name in ("on", "fallthrough", "rules")} == {
        name: before[name] for name in ("on", "fallthrough", "rules")
    }
    assert entries(world)[0] == ("staging", "restored", True, True)


@pytest.mark.parametrize("strategy", ["percentage", "progressive", "guarded"])
@pytest.mark.parametrize("on", [True, False])
def test_restore_of_a_release_that_still_runs(strategy: str, on: bool) -> None:
    targeting = {"dev": {**READY, "on": on}}
    world = EnvironmentWorld(entry("dev", strategy), wait_timeout="90m", on_failure="restore", targeting=targeting)
    world.run()
    assert world.outcome == ("failed", "wait_timeout", "wait_timeout")
    assert entries(world) == [("dev", "restored", True, True)]
    assert world.launchdarkly.served["dev"] is (False if on else None)
    world.clock.slept += 10 * HOUR
    assert world.launchdarkly.served["dev"] is (False if on else None)
    assert world.launchdarkly.rules("dev") == 0


def test_restore_after_launchdarkly_reverted() -> None:
    world = EnvironmentWorld(entry("dev", "guarded"), on_failure="restore")
    world.settings["environments"][0]["metrics"] = [{"key": "errors", "auto_rollback": True}]
    world.launchdarkly.script("dev", releaseScript={"regressAfter": 60.0, "metricKey": "errors"})
    world.run()
    assert world.outcome == ("failed", "start_failed", "release_reverted")
    assert entries(world) == [("dev", "restored", True, True)]
    assert world.launchdarkly.served["dev"] is None


def test_restore_rolls_back_what_was_released_before() -> None:
    world = EnvironmentWorld("dev", "staging", until="dev")
    world.run()
    world.answers["smoke.yml"] = [True, False]
    world.again(on_failure="restore", checks=["smoke.yml"], until="staging")
    assert world.outcome == CHECK_FAILED
    assert entries(world) == [("staging", "restored", True, True)]
    assert world.launchdarkly.served == {"dev": True, "staging": None, "production": None}
    world.answers["smoke.yml"] = [False]
    world.again(on_failure="restore", checks=["smoke.yml"], until="dev")
    assert entries(world) == [("dev", "rolled_back", True, True)]
    assert "a failure rolls it back, since it was released before" in world.state["plan"]["steps"][0]["why"]


CHANGES: dict[str, list[dict[str, Any]]] = {
    "the default rule": [
        {
            "kind": "updateFallthroughVariationOrRollout",
            "rolloutWeights": {ON: 70000, OFF: 30000},
        }
    ],
    "its rules": [
        {
            "kind": "addRule",
            "variationId": OFF,
            "clauses": [{"op": "in", "attribute": "country", "contextKind": "user", "values": ["de"]}],
        }
    ],
}


@pytest.mark.parametrize("what", CHANGES)
def test_restore_leaves_what_somebody_else_changed(what: str) -> None:
    world = failing(on_failure="restore")
    world.after["run smoke.yml (check after staging)"] = lambda: world.launchdarkly.by_hand("dev", *CHANGES[what])
    world.run()
    assert world.outcome == CHECK_FAILED
    assert entries(world) == [("staging", "restored", True, True), ("dev", "restored", False, False)]
    assert world.record["undone"][1]["error_code"] == "changed_by_others"
    assert f"dev could NOT be restored: shop/cart in dev: somebody else has changed {what}" in world.record["message"]
    assert any("dev" in item for item in world.record["changes_by_others"])
    assert world.launchdarkly.place("dev")["on"] is True
    assert world.launchdarkly.served["staging"] is None


def test_restore_is_content_with_what_somebody_else_turned_off() -> None:
    world = failing(on_failure="restore")
    world.after["run smoke.yml (check after staging)"] = lambda: world.launchdarkly.turn_off("staging")
    world.run()
    assert entries(world) == [("staging", "restored", True, False), ("dev", "restored", True, True)]


def test_restore_of_several_audiences_takes_back_all() -> None:
    phases = [{"phase": "Everyone", "after": ["red.yml"]}]
    world = audiences("immediate", phases=phases, on_failure="restore", targeting={"production": READY})
    world.answers["red.yml"] = [False]
    world.run()
    assert entries(world) == [("production", "restored", True, True), ("dev", "restored", True, True)]
    assert (world.launchdarkly.served["production"], world.launchdarkly.rules("production")) == (False, 0)


def test_restore_record_has_what_was_found_and_left() -> None:
    world = failing()
    world.run()
    found = [
        (item["environment_key"], item["changed"], item["found"]["on"], item["left"]["on"])
        for item in records.public(world.record)["restore"]
    ]
    assert found == [("dev", True, False, True), ("staging", True, False, True)]
