# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody else does to a release between two steps of a run, and waits that time out, in whole runs without Ansible."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import (
    LaunchDarkly,
    World,
    phase,
)

COMPLETED = ("completed", None, None)
HOUR = 3600.0


def delete(launchdarkly: LaunchDarkly) -> None:
    launchdarkly.service.delete_release("shop", "cart")


def cancel(launchdarkly: LaunchDarkly) -> None:
    launchdarkly.change_release(_canceledAt=1793000000000)


def pause(launchdarkly: LaunchDarkly) -> None:
    launchdarkly.change("Staging", status="paused")


def move(launchdarkly: LaunchDarkly) -> None:
    """To another pipeline, whose phase is ready."""
    elsewhere = {"_id": "id-other", "_name": "Elsewhere", "status": "ready-to-start", "complete": False}
    launchdarkly.change_release(releasePipelineKey="other", phases=[elsewhere])


@pytest.mark.parametrize(
    ("change", "code"),
    [(delete, "not_found"), (cancel, "release_canceled"), (pause, "phase_paused"), (move, "phase_not_found")],
)
def test_change_between_two_phases_ends_the_run(change: Callable[[LaunchDarkly], None], code: str) -> None:
    world = World("Test", "Staging", phases=[{"phase": "Test", "after": ["a.yml"]}])
    world.after["run a.yml (after Test)"] = lambda: change(world.launchdarkly)
    world.run()
    assert world.outcome == ("failed", "release_changed", code)
    assert (world.actions, world.launchdarkly.writes) == (["started", None], ["PUT"])


def test_release_deleted_after_the_last_phase_fails_the_run() -> None:
    world = World("Test", "Staging", until="Test", phases=[{"phase": "Test", "after": ["a.yml"]}])
    world.after["run a.yml (after Test)"] = lambda: delete(world.launchdarkly)
    world.run()
    assert world.outcome == ("failed", "release_changed", "not_found")
    assert (world.actions, world.launchdarkly.writes) == (["started"], ["PUT"])


# Somebody else is first with the start of a phase, and the request of the run is refused.


def overtaken(**settings: Any) -> World:
    world = World("Test", "Staging", **settings)
    fields = {"status": "completed", "started": True, "complete": True}
    merge = [{"project": "shop", "flag": "cart", "phase": "Test", "fields": fields}]
    world.launchdarkly.fail(method="PUT", path="/phases/id-test", status=400, merge=merge)
    world.run()
    assert world.launchdarkly.writes == ["PUT"]
    return world


@pytest.mark.parametrize("notify", [[], ["page.yml"]])
def test_start_of_somebody_else_is_adopted_with_a_note(notify: list[str]) -> None:
    world = overtaken(until="Test", notify=notify)
    assert (world.outcome, world.actions) == (COMPLETED, ["adopted"])
    assert "by somebody else" in world.record["phases"][0]["notes"][0]
    assert [event["event"] for event in world.events] == (["planned", "completed", "completed"] if notify else [])


def test_start_of_somebody_else_stops_the_run_where_unwanted() -> None:
    world = overtaken(on_changed_by_others="stop")
    assert world.outcome == ("failed", "release_changed", "changed_by_others")
    assert world.actions == ["adopted", None]


# Waits, and what is done about them in the next run


def test_wait_that_times_out_says_what_it_waited_for() -> None:
    world = World(phase("Test", HOUR), wait_timeout="1s")
    world.launchdarkly.start("Test")
    writes = list(world.launchdarkly.writes)
    world.run()
    assert world.outcome == ("failed", "wait_timeout", "wait_timeout")
    assert (world.actions, world.launchdarkly.writes) == (["resumed"], writes)
    for words in ("shop/cart", "'Test' (test)", "wait_timeout (1 s)", "'active', seen", "release_final_status: active"):
        assert words in world.record["message"]


def test_failed_check_of_the_last_phase_fails_every_run() -> None:
    world = World("Test", checks=["smoke.yml"], phases=[{"phase": "Test", "after": ["a.yml"]}])
    world.answers["smoke.yml"] = [False, False]
    for done in ("started", "none"):
        world.again()
        assert (world.outcome, world.actions) == (("failed", "check_failed", "check_failed"), [done])
        assert "run a.yml (after Test)" not in world.log
    for _run in range(2):
        world.again()
        assert (world.outcome, world.actions) == (COMPLETED, ["none"])
        assert "run a.yml (after Test)" in world.log
    assert world.launchdarkly.writes == ["PUT"]


@pytest.mark.parametrize("completion", ["self", "on_next"])
def test_release_wait_false_says_until_when_it_may_take(completion: str) -> None:
    settings = {"wait": False, "wait_timeout": "2h", "final_status": "active"}
    world = World("Test", "Staging", completion=completion, **settings)
    world.run()
    assert (world.outcome, world.actions) == (("waiting", "phase", None), ["started", None])
    assert world.record["waits_until"] > world.now()
    world.clock.slept += 2
    world.again()
    assert (world.outcome, world.actions) == (COMPLETED, ["none", "started"])
    assert world.launchdarkly.writes == ["PUT", "PUT"]


def test_soak_left_to_a_later_run_says_how_long_it_lasts() -> None:
    phases = [{"phase": "Test", "soak": "3h"}]
    world = World("Test", "Staging", wait=False, until="Staging", phases=phases)
    world.launchdarkly.start("Test")
    # It takes a second to complete.
    world.clock.slept += 1 + 2 * HOUR
    writes = list(world.launchdarkly.writes)
    world.run()
    assert (world.outcome, world.launchdarkly.writes) == (("waiting", "soak", None), writes)
    assert "soaks for 1h more" in world.record["message"]
    assert world.record["waits_until"] > world.now()
    world.again(phases=[{"phase": "Test", "soak": "1h"}])
    assert (world.outcome, world.actions) == (("waiting", "phase", None), ["none", "started"])
    assert world.record["waits_until"] > world.now()
