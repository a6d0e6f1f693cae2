# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole sequence on a copy of the real release, which is only read."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import PHASES, Played, Player

GUARDED = {
    "releaseStrategy": "monitored-release",
    "releaseGuardianConfiguration": {"monitoringWindowMilliseconds": 3_600_000, "rolloutWeight": 50000},
}


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Where the rehearsal keeps its files. Ansible-core 2.21 makes a socket there, and a long path is refused."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(autouse=True)
def real(player: Player, temporary: Path) -> Player:
    """A release with a guarded phase, and one that needs an approval."""
    staging, production = (phase["_audiences"][0]["configuration"] for phase in player.release["phases"][1:])
    staging.update(GUARDED)
    production.update(requireApproval=True)
    player.environment["TMPDIR"] = str(temporary)
    return player


def rehearse(player: Player, rc: int = 0, **variables: Any) -> Played:
    """Whatever comes of it, the real release is read and nothing more, and nothing is left of the rehearsal."""
    run = player.play(playbook="rehearse", rc=rc, **variables)
    assert player.writes == []
    assert player.statuses == ["ready-to-start", "not-started", "not-started"]
    assert len(player.service.requests) == 1
    assert run.artifacts == {}, "a later job would take it for a release"
    place = player.environment["TMPDIR"]
    assert list(Path(place).glob("rehearsal.*")) == []
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout  # noqa: S607  of whoever has one
    assert f"--state={place}" not in running
    return run


def test_rehearsal_shows_actions_and_lengths(player: Player) -> None:
    player.write("hook.yml", player.note("hook"))
    phases = [{"phase": phase, "before": ["hook.yml"], "soak": "15m"} for phase in PHASES]
    run = rehearse(player, release_phases=phases, release_checks=["hook.yml"], release_report_dir="reports")
    assert "add up to 1h 45m; left out: hooks, checks." in run.output
    assert re.findall(r"(\w+): started, now completed in", run.output) == list(PHASES)
    ansibles_own, *headings = re.findall(r"TASK \[flagops\.launchdarkly\.release : (.+?)\] \*", run.output)
    assert ansibles_own.startswith("Validating arguments")
    assert len(headings) > 3
    assert [heading for heading in headings if not heading.endswith(" (REHEARSAL)")] == []
    assert player.log() == []
    assert not (player.place / "reports").exists()


def test_rehearsal_runs_hooks_and_checks_on_request(player: Player) -> None:
    player.write("hook.yml", player.note("hook"))
    player.write("check.yml", player.note("check"))
    run = rehearse(
        player,
        rehearse_hooks="yes",
        rehearse_checks="yes",
        rehearse_faults="slow, rate_limited",
        release_checks=["check.yml"],
        release_phases=[{"phase": "Test", "before": ["hook.yml"]}],
        release_until="Test",
    )
    assert player.log() == ["hook Test", "check Test"]
    assert "Test: started, now completed" in run.output
    assert "left out" not in run.output


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("regression", "Staging: started, now paused"),
        ("earthquake", "earthquake is no fault to rehearse; known are regression, slow, rate_limited"),
    ],
)
def test_faults_that_stop_the_run_are_injected_by_name(player: Player, fault: str, said: str) -> None:
    assert said in rehearse(player, rc=2, rehearse_faults=fault).output
