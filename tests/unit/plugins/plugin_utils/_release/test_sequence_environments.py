# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs through environments: order, statuses, what stops a run, and what releases again.

The rules are those of roles/release/README.md, "Through environments".
"""

from __future__ import annotations

from typing import Any, Callable

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import (
    DONE,
    OFF,
    ON,
    READY,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.environment_world import (
    HOUR,
    KEYS,
    EnvironmentWorld,
    Flag,
    entry,
)

COMPLETED: Any = ("completed", None, None)
THREE = (entry("dev"), entry("staging", "percentage"), entry("production", "guarded"))


# The order


def test_environments_are_released_in_order() -> None:
    world = EnvironmentWorld(*THREE)
    world.run()
    assert world.log == [
        "read",
        "plan",
        "start dev and wait",
        "start staging and wait",
        "start production and wait",
        "read",
    ]
    assert (world.outcome, world.actions) == (COMPLETED, ["started"] * 3)
    assert world.launchdarkly.served == dict.fromkeys(KEYS, True)
    assert world.launchdarkly.releases == [("production", "completed")]
    assert list(world.early()) == []


def test_environments_released_already_take_one_request() -> None:
    world = EnvironmentWorld(targeting=dict.fromkeys(KEYS, DONE))
    for _run in range(2):
        world.run()
        assert (world.outcome, world.actions) == (COMPLETED, ["none"] * 3)
    assert world.launchdarkly.sent == ["GET /api/v2/flags/shop/cart"] * 2


TOOK = {"immediate": 0.0, "percentage": 3 * HOUR, "progressive": 3 * HOUR, "guarded": 3 * HOUR, "plan": 60.0}


@pytest.mark.parametrize("strategy", TOOK)
@pytest.mark.parametrize("notify", [[], ["webhook"]])
def test_environment_release_is_repeated_without_a_change(strategy: str, notify: list[str]) -> None:
    world = EnvironmentWorld(entry("dev", strategy), "staging", notify=notify)
    world.run()
    assert (world.outcome, world.launchdarkly.rules("dev")) == (COMPLETED, 0)
    assert world.entry_of("dev")["seconds"] == TOOK[strategy]
    writes = len(world.launchdarkly.writes)
    world.again()
    assert (world.outcome, len(world.launchdarkly.writes)) == (COMPLETED, writes)
    assert world.actions == ["none", "none"]


def test_environments_until_a_phase_starts_no_later_one() -> None:
    world = EnvironmentWorld(until="staging")
    world.run()
    assert world.outcome == COMPLETED
    assert world.launchdarkly.served == {"dev": True, "staging": True, "production": None}
    assert world.record["next_phase"] == "production"


def test_check_mode_shows_strategy_steps_metrics_and_approvals() -> None:
    steps = [{"percent": 10, "duration": "1h"}]
    given = entry(
        "production", "guarded", steps=steps, bypass_health_checks=["flag_evaluations_any"], segments=["beta"]
    )
    ahead = {"rules": [{"clauses": [{"attribute": "country", "op": "in", "values": ["nl"]}], "variation": 1}]}
    world = EnvironmentWorld("dev", given, targeting={"production": ahead})
    world.launchdarkly.require_approvals("production")
    world.options["check_mode"] = True
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (("planned", None, None), [])
    plan = "\n".join(world.shown)
    for words in (
        "shop/cart, variation On: 0 of 2 environments released",
        "production (1 rules ahead, approval)",
        "guarded, 10% for 1h, to segments beta, watching errors, health checks flag_evaluations_any bypassed",
    ):
        assert words in plan


# What stops a run before anything is sent


def revert(flag: Flag) -> None:
    flag.start_by_hand("staging")
    flag.happen("staging", stop="roll_back_all_phases_and_remove_pending_phases")


def undo(flag: Flag) -> None:
    world = EnvironmentWorld("staging", on_failure="roll_back", checks=["red.yml"])
    world.launchdarkly = flag
    world.answers["red.yml"] = [False]
    world.run()


def split(flag: Flag) -> None:
    weights = [{"variation": 0, "weight": 33000}, {"variation": 1, "weight": 67000}]
    flag.script("staging", fallthrough={"rollout": {"variations": weights}}, on=True)


def other_release(flag: Flag) -> None:
    flag.script("staging", **DONE)
    flag.start_by_hand("staging", originalVariationId=ON, targetVariationId=OFF)


def released_later(flag: Flag) -> None:
    flag.script("dev", **DONE)
    flag.script("production", **DONE)


STOPS: dict[Callable[[Flag], None], tuple[str, str]] = {
    revert: ("start_failed", "release_reverted"),
    undo: ("start_failed", "release_undone"),
    split: ("start_failed", "default_rule_in_use"),
    other_release: ("start_failed", "other_release_active"),
    released_later: ("release_changed", "changed_by_others"),
}


def ready() -> EnvironmentWorld:
    return EnvironmentWorld(targeting={"staging": READY}, notify=["webhook"])


@pytest.mark.parametrize("happens", STOPS, ids=lambda happens: happens.__name__)
@pytest.mark.parametrize("check_mode", [False, True])
def test_environment_that_somebody_changed_stops_the_run(happens: Callable[[Flag], None], check_mode: bool) -> None:
    world = ready()
    happens(world.launchdarkly)
    writes = len(world.launchdarkly.writes)
    world.options["check_mode"] = check_mode
    world.run()
    assert world.outcome == ("failed", *STOPS[happens])
    assert len(world.launchdarkly.writes) == writes
    assert "staging" in world.record["message"]


@pytest.mark.parametrize("happens", STOPS, ids=lambda happens: happens.__name__)
def test_environment_after_the_last_one_is_only_shown(happens: Callable[[Flag], None]) -> None:
    world = ready()
    happens(world.launchdarkly)
    world.settings["until"] = "dev"
    world.run()
    assert (world.outcome, world.launchdarkly.served["dev"]) == (COMPLETED, True)
    word = {"release_changed": "ready_to_start"}.get(STOPS[happens][0], "reverted")
    shown = next(line for line in world.shown if " staging " in line)
    assert (word if "blocked" not in shown else "blocked") in shown
    assert "not in this run" in shown


@pytest.mark.parametrize("happens", [revert, undo, released_later], ids=lambda happens: happens.__name__)
@pytest.mark.parametrize("retry", ["staging", ["staging", "dev"], "dev, staging", '["staging"]'])
def test_release_retry_releases_again(happens: Callable[[Flag], None], retry: Any) -> None:
    world = ready()
    happens(world.launchdarkly)
    world.settings["retry"] = retry
    world.run()
    assert (world.outcome, world.launchdarkly.served) == (COMPLETED, dict.fromkeys(KEYS, True))
    assert world.entry_of("staging")["action"] == "started"
    world.again()
    assert (world.outcome, world.actions) == (COMPLETED, ["none"] * 3)


def test_release_retry_of_an_entry_is_the_same() -> None:
    world = EnvironmentWorld("dev", entry("staging", retry_reverted=True), targeting={"staging": READY})
    revert(world.launchdarkly)
    world.run()
    assert world.outcome == COMPLETED


@pytest.mark.parametrize("happens", [split, other_release], ids=lambda happens: happens.__name__)
def test_release_retry_cannot_release_what_is_in_use(happens: Callable[[Flag], None]) -> None:
    world = ready()
    happens(world.launchdarkly)
    world.settings["retry"] = "staging"
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (("failed", *STOPS[happens]), [])


def test_release_retry_of_an_unknown_name_is_refused() -> None:
    world = EnvironmentWorld(retry="stagin")
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (("failed", "invalid_settings", "invalid_option"), [])


@pytest.mark.parametrize("notify", [[], ["webhook"]])
@pytest.mark.parametrize("checks", [[], [{"command": "look", "during": "rollout", "interval": "10m"}]])
def test_release_retry_starts_one_release_a_run(notify: list[str], checks: list[Any]) -> None:
    world = EnvironmentWorld(
        entry("staging", "guarded"), targeting={"staging": READY}, retry="staging", notify=notify, checks=checks
    )
    revert(world.launchdarkly)
    world.launchdarkly.script("staging", releaseScript={"regressAfter": 5000.0, "metricKey": "errors"})
    world.settings["environments"][0]["metrics"] = [{"key": "errors", "auto_rollback": True}]
    world.run()
    assert world.outcome == ("failed", "start_failed", "release_reverted")
    assert world.launchdarkly.releases == [("staging", "reverted")] * 2
    assert world.phases == {"staging": "reverted"}


def test_environment_that_is_behind_a_later_one_is_not_waited_for() -> None:
    targeting = {"dev": DONE, "staging": READY, "production": DONE}
    world = EnvironmentWorld("dev", entry("staging", "progressive"), "production", targeting=targeting)
    world.launchdarkly.start_by_hand("staging")
    world.run()
    assert world.outcome == ("failed", "release_changed", "changed_by_others")
    world.again(retry="staging")
    assert (world.outcome, world.actions) == (COMPLETED, ["none", "resumed", "none"])


# Settings that cannot be meant


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"environments": ["dev", "moon"]}, "environment_not_found"),
        ({"environments": ["dev"], "variation": "purple"}, "variation_not_found"),
        ({"environments": ["dev", entry("staging", segments=["gone"])]}, "segment_not_found"),
        ({"environments": ["dev"], "from_variation": "x", "phases": [{"phase": "moon"}]}, "invalid_option"),
        ({"environments": [entry("dev", from_variation="true", strategy="progressive")]}, "invalid_option"),
        ({"pipeline_key": "standard"}, "invalid_option"),
        ({"final_status": "active"}, "invalid_option"),
        ({"until": "moon"}, "invalid_option"),
        ({"confirmed": "moon"}, "invalid_option"),
    ],
)
def test_environments_that_do_not_exist_fail_before_anything_moves(given: dict[str, Any], code: str) -> None:
    world = EnvironmentWorld()
    world.settings.update(given)
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (("failed", "invalid_settings", code), [])


# Confirmation, soak, freeze windows


def test_confirm_stops_before_an_environment() -> None:
    world = EnvironmentWorld(phases=[{"phase": "production", "confirm": True}])
    world.run()
    assert world.outcome == ("stopped", "confirm", None)
    assert world.launchdarkly.served == {"dev": True, "staging": True, "production": None}
    world.again(confirmed="production")
    assert (world.outcome, world.actions) == (COMPLETED, ["none", "none", "started"])


def test_confirm_stops_before_a_release_that_waits_for_another_audience() -> None:
    world = EnvironmentWorld(
        "production", phases=[{"phase": "production", "confirm": True}], targeting={"production": READY}
    )
    world.launchdarkly.start_by_hand(
        "production", {"op": "segmentMatch", "attribute": "segmentMatch", "values": ["beta"]}
    )
    world.run()
    assert world.outcome == ("stopped", "confirm", None)
    world.again(confirmed="production")
    assert (world.outcome, world.launchdarkly.served["production"]) == (COMPLETED, True)


@pytest.mark.parametrize("strategy", ["immediate", "percentage", "progressive"])
def test_soak_counts_from_the_release_or_the_patch(strategy: str) -> None:
    phases = [{"phase": "dev", "soak": "2h"}]
    world = EnvironmentWorld(entry("dev", strategy), "staging", phases=phases, wait=strategy == "immediate")
    if strategy == "immediate":
        world.run()
        assert world.pauses == ["dev soaks until 2026-10-26T09:33:20Z"]
        return
    world.run()
    while world.launchdarkly.served["dev"] is not True:
        world.clock.slept += HOUR
        world.again()
    done = world.clock.slept
    world.clock.slept += HOUR
    world.again()
    assert (world.outcome, world.launchdarkly.served["staging"]) == (("waiting", "soak", None), None)
    world.clock.slept = done + 2 * HOUR
    world.again()
    assert (world.outcome, world.launchdarkly.served["staging"]) == (COMPLETED, True)


def test_soak_of_a_patch_ignores_a_release_of_long_ago() -> None:
    world = EnvironmentWorld("dev", targeting={"dev": READY}, phases=[{"phase": "dev", "soak": "2h"}], retry="dev")
    world.launchdarkly.start_by_hand("dev", seconds=60)
    world.clock.slept += 100 * HOUR
    assert world.launchdarkly.served["dev"] is True
    world.launchdarkly.serve("dev", OFF)
    world.run()
    assert (world.outcome, world.clock.slept) == (COMPLETED, 102 * HOUR)
    assert world.entry_of("dev")["seconds"] == 0.0


def test_freeze_window_stops_before_an_environment() -> None:
    window = {"days": "mon", "timezone": "UTC", "environments": ["staging"]}
    world = EnvironmentWorld(freeze=[window])
    world.run()
    assert world.outcome == ("stopped", "freeze", None)
    assert world.launchdarkly.served == {"dev": True, "staging": None, "production": None}


def test_freeze_window_lets_steps_continue() -> None:
    world = EnvironmentWorld(entry("dev", "percentage"), wait=False)
    world.run()
    world.clock.slept += HOUR
    world.again(freeze=[{"days": "mon-sun", "timezone": "UTC"}])
    assert (world.outcome, world.launchdarkly.served["dev"]) == (("waiting", "phase", None), 50.0)


# Somebody else


def test_release_of_other_people_is_adopted() -> None:
    world = EnvironmentWorld("dev", entry("staging", "progressive"), targeting={"dev": DONE, "staging": READY})
    world.launchdarkly.start_by_hand("staging")
    world.run()
    assert (world.outcome, world.actions) == (COMPLETED, ["none", "resumed"])
    assert world.launchdarkly.releases == [("staging", "completed")]


@pytest.mark.parametrize(
    ("on_changed", "outcome"), [("adopt", COMPLETED), ("stop", ("failed", "release_changed", "changed_by_others"))]
)
def test_release_started_meanwhile_is_adopted_or_stops(on_changed: str, outcome: Any) -> None:
    phases = [{"phase": "staging", "before": ["b.yml"]}]
    world = EnvironmentWorld(
        "dev", "staging", targeting={"staging": READY}, phases=phases, on_changed_by_others=on_changed
    )
    world.after["run b.yml (before staging)"] = lambda: world.launchdarkly.start_by_hand("staging")
    world.run()
    assert (world.outcome, world.entry_of("staging")["action"]) == (outcome, "adopted")
    assert len(world.launchdarkly.releases) == 1


def test_release_that_somebody_undoes_meanwhile_is_not_started_again() -> None:
    world = EnvironmentWorld(entry("dev", "percentage"), wait=False)
    world.run()
    world.after["plan"] = lambda: world.launchdarkly.serve("dev", OFF)
    world.again()
    assert world.outcome == ("failed", "start_failed", "not_applied")
    assert world.launchdarkly.served["dev"] is False


def test_environment_that_is_undone_at_the_very_end_fails_the_run() -> None:
    world = EnvironmentWorld("dev", checks=["smoke.yml"])
    world.after["run smoke.yml (check after dev)"] = lambda: world.launchdarkly.turn_off("dev")
    world.run()
    assert world.outcome == ("failed", "release_changed", "changed_by_others")


# release_wait: false


def test_release_wait_false_takes_one_step_of_a_percentage_a_run() -> None:
    world = EnvironmentWorld(entry("dev", "percentage"), "staging", wait=False)
    seen = []
    for _run in range(6):
        world.again()
        seen.append((world.outcome[0], world.launchdarkly.served["dev"], world.record["waits_until"]))
        world.clock.slept += HOUR
    waiting = "waiting"
    assert seen == [
        (waiting, 10.0, "2026-10-26T08:33:20.000Z"),
        (waiting, 50.0, "2026-10-26T10:33:20.000Z"),
        (waiting, 50.0, "2026-10-26T10:33:20.000Z"),
        ("completed", True, None),
        ("completed", True, None),
        ("completed", True, None),
    ]
    assert list(world.early()) == []


def test_release_wait_false_skips_no_step_however_late() -> None:
    world = EnvironmentWorld(entry("dev", "percentage"), wait=False)
    shares = []
    for _run in range(3):
        world.again()
        shares.append(world.launchdarkly.served["dev"])
        world.clock.slept += 50 * HOUR
    assert shares == [10.0, 50.0, True]


def test_release_wait_false_ends_while_a_release_runs() -> None:
    world = EnvironmentWorld(entry("dev", "progressive"), "staging", wait=False)
    for hours, step in ((0, "2026-10-26T08:33:20.000Z"), (1, "2026-10-26T10:33:20.000Z")):
        world.clock.slept = hours * HOUR
        world.again()
        assert (world.outcome, world.record["waits_until"]) == (("waiting", "phase", None), step)
    assert "at 50 %" in world.record["message"]
    world.clock.slept = 3 * HOUR
    world.again()
    assert (world.outcome, world.launchdarkly.releases) == (COMPLETED, [("dev", "completed")])


# wait_timeout


@pytest.mark.parametrize(
    ("settings", "waits"),
    [
        ({}, 4 * HOUR),
        ({"wait_timeout": "2h"}, 2 * HOUR),
        ({"wait_timeout": "2h", "environments": [entry("dev", "progressive", wait_timeout="90m")]}, 1.5 * HOUR),
        ({"wait_timeout": "2h", "phases": [{"phase": "dev", "wait_timeout": "30m"}]}, 0.5 * HOUR),
        ({"phases": [{"phase": "dev", "wait_timeout": 0}]}, 0.0),
    ],
)
@pytest.mark.parametrize("checks", [[], [{"command": "look", "during": "rollout", "interval": "10m"}]])
def test_wait_timeout_of_an_environment(settings: dict[str, Any], waits: float, checks: list[Any]) -> None:
    world = EnvironmentWorld(entry("dev", "progressive"), checks=checks)
    world.settings.update(settings)
    world.launchdarkly.script("dev", releaseScript={"waitAfter": 10.0})
    world.run()
    assert world.outcome == ("failed", "wait_timeout", "wait_timeout")
    assert world.clock.slept == waits


# Approvals


def gated(**settings: Any) -> EnvironmentWorld:
    world = EnvironmentWorld("dev", entry("production", request_approval=True), **settings)
    world.launchdarkly.require_approvals("production")
    return world


@pytest.mark.parametrize("notify", [[], ["webhook"]])
def test_approval_is_requested_and_waited_for(notify: list[str]) -> None:
    world = gated(notify=notify)
    world.launchdarkly.review_by_itself("approve", 60, apply=True, applyAfter=60)
    world.run()
    assert (world.outcome, world.launchdarkly.served["production"]) == (COMPLETED, True)
    (request,) = world.entry_of("production")["approvals"]
    assert request["review_status"] == "approved"
    assert [item["event"] for item in world.events].count("approval_pending") == len(notify)


def test_approval_return_ends_the_run_and_the_next_one_continues() -> None:
    world = gated(on_approval="return")
    world.clock.slept += 60
    world.run()
    assert (world.outcome, world.launchdarkly.served["production"]) == (("waiting", "approval", None), None)
    # The flag has not changed there, so nothing but the request says since when.
    (request,) = world.entry_of("production")["approvals"]
    assert world.entry_of("production")["started_at"] == request["requested_at"]
    world.launchdarkly.review_by_itself("approve", 1, apply=True, applyAfter=1)
    world.clock.slept += 60
    world.again()
    assert (world.outcome, world.actions) == (COMPLETED, ["none", "none"])


def test_approval_is_applied_by_the_run() -> None:
    world = gated(on_approval="apply")
    world.launchdarkly.review_by_itself("approve", 60)
    world.run()
    assert (world.outcome, world.launchdarkly.served["production"]) == (COMPLETED, True)


@pytest.mark.parametrize("notify", [[], ["webhook"]])
def test_approval_that_is_declined_fails_until_it_is_retried(notify: list[str]) -> None:
    world = gated(notify=notify)
    world.launchdarkly.review_by_itself("decline", 60)
    world.run()
    assert world.outcome == ("failed", "approval_declined", "approval_declined")
    world.again()
    assert world.outcome == ("failed", "start_failed", "approval_declined")
    world.launchdarkly.review_by_itself("approve", 60, apply=True)
    world.again(retry="production")
    assert world.outcome == COMPLETED


def test_approval_that_cannot_be_requested_says_both_remedies() -> None:
    world = EnvironmentWorld(entry("production", "guarded"))
    world.launchdarkly.require_approvals("production")
    world.run()
    assert world.outcome == ("failed", "approval_required", "approval_required")
    assert "bypassRequiredApproval" in world.record["message"]


# Notices


@pytest.mark.parametrize("strategy", ["immediate", "percentage", "guarded"])
def test_notices_of_an_environment(strategy: str) -> None:
    world = EnvironmentWorld(entry("dev", strategy), notify=["page.yml"])
    world.run()
    assert [(item["event"], item["phase"]) for item in world.events] == [
        ("planned", None),
        ("started", "dev"),
        ("completed", "dev"),
        ("completed", None),
    ]
    assert world.events[1]["environments"] == ["dev"]
    assert world.events[1]["status"] == ("completed" if strategy == "immediate" else "active")


# The audit log


@pytest.mark.parametrize("on_failure", ["stop", "turn_off", "turn_off_all", "roll_back"])
def test_audit_log_that_cannot_be_read_is_a_warning_in_the_plan(on_failure: str) -> None:
    world = EnvironmentWorld("dev", on_failure=on_failure)
    world.launchdarkly.fail(path="/auditlog", status=403, times=None, body={"code": "forbidden", "message": "No."})
    world.run()
    assert world.outcome == COMPLETED
    warned = [text for text in world.record["warnings"] if "audit log" in text]
    assert len(warned) == (0 if on_failure == "stop" else 1)
    assert sum(line.startswith("Warning: ") for line in world.shown) == len(warned)
