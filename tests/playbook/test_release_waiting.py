# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that end before the release does, on purpose: without waiting, in a soak, before a person's yes."""

from __future__ import annotations

import re
import time

import pytest
from plays import PHASES, Player

HOUR = 3_600_000


@pytest.mark.parametrize("completion", ["self", "on_next"])
@pytest.mark.parametrize("speed", [0.001], ids=["slow"])
@pytest.mark.usefixtures("completion")
def test_without_waiting_each_run_goes_one_step_further(player: Player) -> None:
    # The first phase's own clock is what is waited for; time passes between the runs only.
    variables = {"release_wait": "false", "release_wait_timeout": "2h", "release_until": "Staging"}
    first = player.play(**variables)
    assert first.told() == "waiting phase: started None"
    until = first.result["waits_until"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", until)
    for part in ("'Test' (test)", "to be completed", until, "Run the same again"):
        assert part in first.result["message"]
    assert player.play(**variables).told() == "waiting phase: resumed None"
    player.service.advance(2)
    assert player.play(**variables).told() == "waiting phase: none started"
    player.service.advance(2)
    assert player.play(**variables).told() == "completed -: none none"
    assert player.starts == {"Test": 1, "Staging": 1}


@pytest.mark.parametrize("completion", ["self", "on_next"])
def test_a_soak_is_waited_for_by_later_runs_as_well(player: Player, completion: str) -> None:
    """Also where there is no time of completion to count it from."""
    variables = {"release_wait": False, "release_phases": [{"phase": "Test", "soak": "1h"}], "release_until": "Staging"}
    player.play(**variables)
    time.sleep(0.2)
    soaking = player.play(**variables)
    assert soaking.told() == "waiting soak: none None"
    assert "to soak for 59m" in soaking.result["message"] or "to soak for 1h" in soaking.result["message"]
    assert soaking.result["waits_until"]
    ago = player.now - 2 * HOUR
    player.change("Test", **{"_startedDate": ago, **({"_completionDate": ago} if completion == "self" else {})})
    assert player.play(**variables).told() == "waiting phase: none started"


def test_a_soak_counts_from_the_time_of_completion(player: Player) -> None:
    half_a_minute_ago = round(time.time() * 1000) - 27_000
    player.change("Test", status="completed", started=True, complete=True, _completionDate=half_a_minute_ago)
    player.change("Staging", status="ready-to-start")
    run = player.play(release_phases=[{"phase": "Test", "soak": 30}], release_until="Staging")
    assert run.told() == "completed -: none started"
    assert all(int(seconds) <= 3 for seconds in re.findall(r"Pausing for (\d+) seconds", run.output))
    assert "Pausing for" in run.output
    # and once it is over, no run waits for it again
    player.change("Staging", status="ready-to-start", started=False)
    player.change("Test", _completionDate=half_a_minute_ago - 10_000)
    assert "Pausing for" not in player.play(release_phases=[{"phase": "Test", "soak": 30}], release_until="Test").output


CONFIRM = {
    "release_phases": [{"phase": "Staging", "confirm": True, "before": ["before.yml"]}],
    "release_until": "Staging",
}


def test_a_phase_to_confirm_ends_the_run_cleanly_until_it_is_named(player: Player) -> None:
    player.write("before.yml", player.note("before"))
    for _time in range(2):
        stopped = player.play(**CONFIRM)
        assert stopped.told().startswith("stopped confirm: ")
        assert stopped.result["error_code"] is None
        for part in ("'Staging' (staging)", "-e 'release_confirmed=Staging'"):
            assert part in stopped.result["message"]
    assert player.starts == {"Test": 1}
    assert player.log() == []
    # no terminal, no yes
    assert player.play(release_ask=True, **CONFIRM).told() == "stopped confirm: none None"
    assert player.play("-e", "release_confirmed=Staging", **CONFIRM).told() == "completed -: none started"
    assert player.log() == ["before Staging"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("yes", "stopped confirm: started None"),
        ("staging", "stopped confirm: started None"),
        ("Staging", "completed -: started started"),
    ],
)
def test_on_a_terminal_only_the_name_typed_in_full_is_a_yes(player: Player, typed: str, expected: str) -> None:
    player.write("before.yml", player.note("before"))
    run = player.play_on_terminal("anything else stops here:", f"{typed}\r", release_ask="true", **CONFIRM)
    assert run.rc == 0, run.output
    assert run.told() == expected


def test_a_run_ends_with_the_last_phase_asked_for_and_a_later_one_goes_on(player: Player) -> None:
    first = player.play(release_until="Test")
    assert first.told() == "completed -: started"
    assert first.result["next_phase"] == "Staging"
    by_id = player.release["phases"][1]["_id"]
    assert player.play(release_until=by_id).told() == "completed -: none started"
    assert player.play().told() == "completed -: none none started"
    assert player.starts == dict.fromkeys(PHASES, 1)
