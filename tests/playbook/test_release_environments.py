# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks on a flag without a release pipeline, which is released through its environments."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.faults import parse
from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player
from ansible_collections.flagops.launchdarkly.tests.playbook.test_release_killed import children, runs, wait_until

NAME = "demo/new-search"
FLAG = {"release_flag_key": "new-search"}
STEPS = [{"percent": 20, "duration": 1}]
PRODUCTION = {"environment": "production", "strategy": "progressive", "steps": STEPS}
THROUGH: dict[str, Any] = {**FLAG, "release_environments": ["test", "staging", PRODUCTION]}

# The steps of a percentage and the simulator's clock have to agree.
pytestmark = pytest.mark.parametrize("speed", [1.0])


def served(player: Player) -> dict[str, Any]:
    """Which variation is served by default in each environment, by index; None where the flag is off."""
    environments = player.service.world.state["projects"]["demo"]["flags"]["new-search"]["environments"]
    return {key: item["fallthrough"].get("variation") if item["on"] else None for key, item in environments.items()}


def releases(player: Player) -> list[tuple[str, str]]:
    found = player.service.world.state["projects"]["demo"]["environmentReleases"]
    return [(item["environmentKey"], item["status"]) for item in found]


def test_environments_are_released_shown_and_aborted(player: Player) -> None:
    planned = player.play("--check", **THROUGH)
    assert f"{NAME}, variation true: 0 of 3 environments released" in planned.output
    assert "start: when the phase before it is done; progressive, 20% for 1s" in planned.output
    assert player.writes == []

    first = player.play(**THROUGH)
    assert [item["action"] for item in first.of(NAME)["phases"]] == ["started"] * 3
    assert served(player) == {"test": 0, "staging": 0, "production": 0}
    player.forget_requests()
    second = player.play(**THROUGH)
    assert (second.of(NAME)["state"], second.changed, player.writes) == ("completed", 0, [])

    status = player.play(playbook="status", **THROUGH).output
    assert f"{NAME}, variation true: 3 of 3 environments released" in status
    status = player.play(playbook="status", **FLAG).output
    assert "is in no release pipeline. What it serves in each environment:" in status
    assert "production  on  serves true" in status

    same = {**FLAG, "release_abort_flag_key": "new-search"}
    asked = player.play(playbook="abort", rc=2, **same).output
    assert "It is on in test, staging, production. Name the environments" in asked
    assert "-e release_abort_environments=test,staging,production" in asked
    player.play(playbook="abort", **{**THROUGH, **same, "release_environments": ["test", "staging"]})
    assert served(player) == {"test": None, "staging": None, "production": 0}

    refused = player.play(rc=2, **THROUGH)
    assert refused.of(NAME)["error_code"] == "release_undone"
    assert "release_retry=test" in refused.of(NAME)["message"]
    again = player.play(**THROUGH, release_retry="test, staging")
    assert [item["action"] for item in again.of(NAME)["phases"]] == ["started", "started", "none"]


def test_environments_are_restored_from_a_report(player: Player) -> None:
    before = served(player)
    player.play(**FLAG, release_environments=["test", "staging"], release_report_dir="reports")
    assert served(player) == {**before, "test": 0, "staging": 0}
    (report,) = (player.place / "reports").glob("*.json")
    same = {**FLAG, "release_abort_flag_key": "new-search", "release_abort_restore": f"reports/{report.name}"}
    restored = player.play(playbook="abort", **same)
    assert "staging was restored to what that run found." in restored.output
    assert (served(player), restored.changed) == (before, 1)
    other = {"release_flag_key": "new-checkout", "release_abort_flag_key": "new-checkout"}
    assert (
        "The report is not one of demo/new-checkout" in player.play(playbook="abort", rc=2, **{**same, **other}).output
    )


def test_environments_are_named_by_templates_and_surveys(player: Player) -> None:
    """Also by a template that names none, which leaves the flag to its pipeline."""
    variables = {"wanted": "test, staging", "release_environments": "{{ wanted }}"}
    run = player.play(**FLAG, **variables)
    assert [item["phase"] for item in run.of(NAME)["phases"]] == ["test", "staging"]
    run = player.play(**{**variables, "wanted": "", "release_until": "Test"})
    assert run.summary() == "completed -: started"


def test_environments_are_rehearsed_on_a_copy(player: Player) -> None:
    entries = [
        "test",
        {"environment": "staging", "strategy": "percentage", "steps": [{"percent": 10, "duration": "1d"}]},
        {"environment": "production", "name": "Beta", "segments": ["beta"], "strategy": "guarded"},
        {"environment": "production", "strategy": "progressive", "steps": [{"percent": 10, "duration": "2d"}]},
    ]
    guarded = {"metrics": [{"key": "errors"}], "steps": [{"percent": 10, "duration": "1d"}]}
    entries[2] = {**entries[2], **guarded}  # type: ignore[dict-item]  # a dictionary
    run = player.play(playbook="rehearse", **FLAG, release_environments=entries)
    assert player.writes == []
    assert run.artifacts == {}
    assert "The monitoring windows and soaks of the real run add up to 4d" in run.output
    for line in (
        "test: started, now completed",
        "Beta: started, now completed in 1d",
        "production: started, now completed in 2d",
    ):
        assert line in run.output
    refused = player.play(playbook="rehearse", rc=2, **FLAG)
    assert "Name the environments to release to with release_environments" in refused.output


def test_environments_fail_before_anything_moves_and_undo(player: Player) -> None:
    run = player.play(rc=2, **FLAG, release_environments=["test", "moon"])
    assert (run.of(NAME)["reason"], run.of(NAME)["error_code"]) == ("invalid_settings", "environment_not_found")
    run = player.play(rc=2, **THROUGH, release_pipeline_key="standard")
    assert run.of(NAME)["error_code"] == "invalid_option"
    assert player.writes == []
    checks = [{"command": "false"}]
    run = player.play(
        rc=2, **THROUGH, release_checks=checks, release_on_failure="roll_back", release_report_dir="reports"
    )
    assert [item["action"] for item in run.of(NAME)["undone"]] == ["rolled_back"]
    assert "test was rolled back." in run.of(NAME)["message"]
    assert served(player)["test"] == 1
    page = next((player.place / "reports").glob("*.md")).read_text()
    assert "Rolled back" in page


def test_environments_are_completed_after_a_kill(player: Player) -> None:
    """The request takes effect, and the run is killed before its answer. The tests of the sequence have a kill at every request."""
    world = player.service.world
    world.faults.faults.extend(parse([{"method": "POST", "path": "/releases$", "delay": 1.0}]))
    run = player.start(**THROUGH)
    assert wait_until(lambda: world.faults.faults[0].fired or run.poll() is not None)
    assert run.poll() is None
    workers = children(run.pid)
    run.send_signal(signal.SIGKILL)
    run.wait()
    if run.stdout:
        run.stdout.close()
    assert wait_until(lambda: not any(runs(worker) for worker in workers), 20)
    assert player.play(**THROUGH).of(NAME)["state"] == "completed"
    assert served(player) == {"test": 0, "staging": 0, "production": 0}
    assert releases(player) == [("production", "completed")]
