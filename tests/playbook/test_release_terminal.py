# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pauses that a person at the terminal ends early, and what happens where there is no such person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player

PAUSE = "(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)"
CHOICE = "Press 'C' to continue or 'A' to abort"
SOAK = {"release_phases": [{"phase": "Test", "soak": "1h"}], "release_until": "Test"}
FREEZE = {
    "release_freeze": [{"name": "always", "reason": "a test", "days": "mon-sun", "timezone": "UTC"}],
    "release_freeze_action": "wait",
    "release_until": "Test",
}


@pytest.mark.parametrize(
    ("settings", "note"),
    [(SOAK, "A person at the terminal ended the soak"), (FREEZE, "a person at the terminal cut the wait")],
    ids=["soak", "freeze"],
)
def test_pause_is_cut_short_on_a_terminal(player: Player, settings: dict[str, Any], note: str) -> None:
    run = player.play_on_terminal(PAUSE, "\x03", (CHOICE, "c"), **settings)
    assert run.rc == 0, run.output
    assert run.summary() == "completed -: started"
    assert note in run.phase("Test")["notes"][0]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [(SOAK, "failed aborted: started"), (FREEZE, "failed aborted: None")],
    ids=["soak", "freeze"],
)
def test_pause_is_aborted_on_a_terminal(player: Player, settings: dict[str, Any], expected: str) -> None:
    """Whoever aborts wants nothing more to be sent: nothing is turned off."""
    variables = {**settings, "release_on_failure": "turn_off_all"}
    run = player.play_on_terminal(PAUSE, "\x03", (CHOICE, "a"), **variables)
    assert run.rc == 2, run.output
    assert run.summary() == expected
    assert run.result["undone"] == []
    assert player.writes == (["PUT"] if settings is SOAK else [])


def test_pause_without_a_terminal_sleeps(player: Player) -> None:
    run = player.play(release_phases=[{"phase": "Test", "soak": 2}], release_until="Test")
    assert run.summary() == "completed -: started"
    assert PAUSE not in run.output


@pytest.mark.parametrize("hosts", ["one,two,"])
def test_ask_is_refused_for_several_hosts_at_a_time(player: Player, hosts: str) -> None:
    given = {"release_project_key": "demo", "release_flag_key": "new-checkout", "release_ask": True}
    task = {"ansible.builtin.include_role": {"name": "flagops.launchdarkly.release"}, "vars": given, "name": "Release"}
    play = [{"name": "Play", "hosts": "all", "gather_facts": False, "tasks": [task]}]
    path = str(player.write("play.yml", json.dumps(play)))
    run = player.play("-i", hosts, "-c", "local", playbook=path, rc=2)
    assert run.result["error_code"] == "invalid_option"
    assert "release_ask asks one person at one terminal" in run.result["message"]
    assert player.writes == []
