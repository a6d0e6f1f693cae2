# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role beside others: somebody else, another run, and a release that changes under a run."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import PHASES, Player


def start_by_others(player: Player) -> dict[str, Any]:
    """Variables with which somebody else starts the phase Test when the run is about to."""
    now = player.now
    phase = {"status": "active", "started": True, "_startedDate": now, "_completesAt": now + 20_000}
    player.write("others.yml", player.interfere("PUT", "/phases/Test", phase))
    return {"release_phases": [{"phase": "Test", "before": ["others.yml"]}], "release_until": "Staging"}


def test_phase_of_somebody_else_is_adopted_with_a_note(player: Player) -> None:
    run = player.play(**start_by_others(player))
    assert run.summary() == "completed -: adopted started"
    assert player.starts == {"Staging": 1}
    note = run.phase("Test")["notes"][0]
    assert f"Started at {run.phase('Test')['started_at']} by somebody else, or by another run" in note
    assert note not in str(run.phase("Staging"))
    assert run.result["changes_by_others"] == [f"Phase 'Test': {note}"]


def test_or_it_stops_the_run_when_that_is_wanted(player: Player) -> None:
    run = player.play(rc=2, release_on_changed_by_others="stop", **start_by_others(player))
    assert run.summary() == "failed release_changed: adopted None"
    assert run.result["error_code"] == "changed_by_others"
    assert "Started at" in run.result["message"]
    assert player.starts == {}


def test_two_runs_at_once_end_well(player: Player) -> None:
    runs = [player.start(), player.start()]
    results = [player.end(run) for run in runs]
    assert [run.result["state"] for run in results] == ["completed", "completed"]
    assert player.statuses == ["completed"] * 3
    # The service counts what it did: three starts, and three completions.
    assert player.release["_version"] == 6
    assert sum(player.starts.values()) <= 2 * len(PHASES)


def test_what_cannot_be_done_fails_before_anything_moves(player: Player) -> None:
    player.write("broken.yml", "- name: 'half a text\n")
    player.write("play.yml", {"hosts": "all"})
    phases = [{"phase": "Production", "after": ["missing.yml", "broken.yml"]}]
    run = player.play(rc=2, release_phases=phases, release_checks=["play.yml"])
    assert (run.result["state"], run.result["reason"]) == ("failed", "invalid_settings")
    assert run.result["error_code"] == "invalid_option"
    for part in ("missing.yml: cannot be read", "broken.yml: is not YAML", "play.yml: is not a list of tasks"):
        assert part in run.result["message"]
    assert player.writes == []


def test_a_flag_without_a_release_fails_with_what_to_do(player: Player) -> None:
    run = player.play(rc=2, release_flag_key="dark-mode")
    assert run.of("demo/dark-mode")["error_code"] == "no_release"
    assert "release_pipeline_key" in run.of("demo/dark-mode")["message"]


def test_a_flag_is_attached_first_and_only_once(player: Player) -> None:
    variables = {"release_flag_key": "dark-mode", "release_pipeline_key": "standard", "release_until": "Test"}
    planned = player.play("--check", **variables).of("demo/dark-mode")
    assert (planned["state"], [phase["would"] for phase in planned["phases"]]) == ("planned", ["start"])
    assert player.writes == []
    assert player.play(**variables).changed == 2
    assert player.play(**variables).changed == 0
    assert player.writes == ["PUT", "PUT"]
    moved = player.play(rc=2, **{**variables, "release_pipeline_key": "other"}).of("demo/dark-mode")
    assert (moved["reason"], moved["error_code"]) == ("release_changed", "in_other_pipeline")


@pytest.mark.parametrize("variation", ["true", True], ids=["text", "boolean"])
def test_the_variation_to_release_is_named_by_its_value(player: Player, variation: Any) -> None:
    variables = {"release_flag_key": "dark-mode", "release_pipeline_key": "standard", "release_variation": variation}
    assert player.play("--check", **variables).of("demo/dark-mode")["state"] == "planned"
    player.play(release_until="Test", **variables)
    sent = next(entry["body"] for entry in player.service.requests if entry["method"] == "PUT")
    flag = player.service.world.state["projects"]["demo"]["flags"]["dark-mode"]
    wanted = next(item["_id"] for item in flag["variations"] if item["value"] is True)
    assert sent["releaseVariationId"] == wanted
