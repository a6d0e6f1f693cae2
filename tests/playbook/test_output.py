# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person reads on the screen: few lines, and no error that comes as a surprise."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player

DEMO = Path(__file__).resolve().parents[2] / "playbooks" / "demo.yml"


@pytest.fixture
def talkative(player: Player) -> Player:
    """With the warnings that a user sees, and without what only tests want."""
    del player.environment["ANSIBLE_DEPRECATION_WARNINGS"]
    del player.environment["ANSIBLE_SHOW_CUSTOM_STATS"]
    return player


def before_recap(output: str) -> list[str]:
    return output.split("\nPLAY RECAP", maxsplit=1)[0].splitlines()


def test_output_of_a_plain_release_is_short(talkative: Player) -> None:
    lines = before_recap(talkative.play().output)
    headings = [line for line in lines if line.startswith(("PLAY [", "TASK ["))]
    assert len(headings) <= 8, headings
    assert len(lines) <= 25, "\n".join(lines)
    assert sum(line.startswith(("skipping:", "included:")) for line in lines) <= 2
    assert not re.search(r"WARNING|DEPRECAT", "\n".join(lines))


def test_output_of_a_release_has_its_progress_on_standard_error(talkative: Player) -> None:
    checks = [{"name": "always", "command": "true"}]
    finished = subprocess.run(  # noqa: S603  our own playbook
        talkative.command(release_until="Test", release_checks=checks),
        cwd=talkative.place,
        env=talkative.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    errors = [line for line in finished.stderr.splitlines() if line]
    assert errors[0] == "demo/new-checkout in release pipeline Standard: 0 of 3 phases complete"
    assert re.fullmatch(r"\d\d:\d\d:\d\d UTC  Test \(test\): started, completed in 1s", errors[4])
    assert errors[5:] == ["Every phase in range is where it should be."]
    assert "Test (test)" not in finished.stdout


# The steps of a percentage and the simulator's clock have to agree.
@pytest.mark.parametrize("speed", [1.0])
def test_output_of_the_demo_is_short_and_announces_its_errors(talkative: Player) -> None:
    lines = talkative.play("-i", "localhost,", playbook=str(DEMO), simulated=True).output.splitlines()
    assert len(lines) <= 148, "\n".join(lines)
    step = ""
    for line in lines:
        step = line if re.match(r"TASK \[\d\.", line) else step
        assert "error" in step or not re.match(r"fatal:|\[ERROR\]", line), step
    assert sum(line.startswith("fatal:") for line in lines) == 2
    assert any('"Undo:         production rolled back"' in line for line in lines)
    assert not re.search(r"WARNING|DEPRECAT", "\n".join(lines))
