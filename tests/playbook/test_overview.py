# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook overview, and status for several flags: what a person reads, and what LaunchDarkly is asked."""

from __future__ import annotations

import re

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player

LINE = "◎  Test  new-checkout"


def test_overview_shows_the_project_twice_alike(player: Player) -> None:
    found = []
    for _time in range(2):
        run = player.play(playbook="overview", release_report_dir="reports", release_flag_key=None)
        assert "demo: 1 release, 1 of them waits for a person." in run.output
        assert "Standard: 1 active, 0 completed" in run.output
        assert LINE in run.output
        assert run.changed == 0
        assert max(map(len, run.output.splitlines())) <= 100 + len(str(player.place))
        found.append([(entry["method"], entry["path"]) for entry in player.service.requests])
        player.service.world.log.clear()
        assert player.service.access_token not in run.output
    assert found[0] == found[1]
    page = (player.place / "reports" / "demo-overview.html").read_text(encoding="utf-8")
    assert re.search(r'<a href="[^"]*/demo/test/features/new-checkout"', page)


def test_overview_shows_flags_through_environments(player: Player) -> None:
    variables = {"overview_environments": "test,staging", "overview_stuck_after": "0s"}
    run = player.play(playbook="overview", **variables)
    assert "1 is stuck" in run.output
    assert "Through test, staging: 2 active, 0 completed" in run.output
    assert re.search(r"◎  test  dark-mode +\S+ +its start", run.output)
    assert "demo/banner-text" in run.output


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"release_flags": ["new-checkout", "dark-mode"]}, "It is in no release pipeline."),
        ({"release_flag_key": None, "release_pipeline_key": "standard"}, "Standard: 1 active, 0 completed"),
    ],
    ids=["flags", "pipeline"],
)
def test_status_shows_several_flags(player: Player, variables: dict[str, object], said: str) -> None:
    run = player.play(playbook="status", **variables)
    assert said in run.output
    assert LINE in run.output
