# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that end before the release does, on purpose: without waiting, in a soak, before a person's yes."""

from __future__ import annotations

import re
import time

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import PHASES, Player

HOUR = 3_600_000


@pytest.mark.parametrize("completion", ["on_next"])
def test_soak_without_completion_time_holds_in_later_runs(player: Player) -> None:
    variables = {"release_wait": False, "release_phases": [{"phase": "Test", "soak": "1h"}], "release_until": "Staging"}
    player.play(**variables)
    time.sleep(0.2)
    soaking = player.play(**variables)
    assert soaking.summary() == "waiting soak: none None"
    assert re.search(r"soaks for (59m|1h)", soaking.result["message"])
    assert soaking.result["waits_until"]
    player.change("Test", _startedDate=player.now - 2 * HOUR)
    assert player.play(**variables).summary() == "waiting phase: none started"


CONFIRM = {
    "release_phases": [{"phase": "Staging", "confirm": True, "before": ["before.yml"]}],
    "release_until": "Staging",
}


def test_confirm_ends_the_run_until_the_phase_is_named(player: Player) -> None:
    player.write("before.yml", player.note("before"))
    # No terminal, no yes.
    for more in ({}, {"release_ask": True}):
        stopped = player.play(**CONFIRM, **more)
        assert stopped.summary().startswith("stopped confirm: ")
        assert stopped.result["error_code"] is None
        for part in ("'Staging' (staging)", "-e 'release_confirmed=Staging'"):
            assert part in stopped.result["message"]
    assert player.starts == {"Test": 1}
    assert player.log() == []
    assert stopped.summary() == "stopped confirm: none None"
    assert player.play("-e", "release_confirmed=Staging", **CONFIRM).summary() == "completed -: none started"
    assert player.log() == ["before Staging"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("staging", "stopped confirm: started None"),
        ("Staging", "completed -: started started"),
    ],
)
def test_on_a_terminal_only_the_name_typed_in_full_is_a_yes(player: Player, typed: str, expected: str) -> None:
    player.write("before.yml", player.note("before"))
    run = player.play_on_terminal("anything else stops here:", f"{typed}\r", release_ask="true", **CONFIRM)
    assert run.rc == 0, run.output
    assert run.summary() == expected


def test_until_ends_the_run_and_a_later_run_resumes(player: Player) -> None:
    first = player.play(release_until="Test")
    assert first.summary() == "completed -: started"
    assert first.result["next_phase"] == "Staging"
    by_id = player.release["phases"][1]["_id"]
    assert player.play(release_until=by_id).summary() == "completed -: none started"
    assert player.play().summary() == "completed -: none none started"
    assert player.starts == dict.fromkeys(PHASES, 1)
