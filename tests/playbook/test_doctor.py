# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook doctor: one page, an exit code for scripts, and a record. Which fault each check names is tested below."""

from __future__ import annotations

import json

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player


def test_doctor_shows_one_page_and_changes_nothing(player: Player) -> None:
    before = json.dumps(player.service.world.state)
    shown = player.play(
        playbook="doctor", release_flag_key="new-chekout", release_variation="", doctor_record="a.json", rc=2
    )
    assert "PROBLEM flag: No flag 'new-chekout' in project 'demo' (404)." in shown.output
    assert "Did you mean 'new-checkout'?" in shown.output
    assert "In the way of a release: flag; 0 warnings." in shown.output
    lines = shown.output.partition("TASK [Show what was found]")[2].partition("TASK [")[0].splitlines()
    assert 10 < len(lines) < 40
    assert max(map(len, lines)) <= 100
    record = player.place / "a.json"
    assert record.stat().st_mode & 0o777 == 0o600
    assert str(record) in shown.output
    assert {entry["method"] for entry in player.service.requests} == {"GET"}
    assert json.dumps(player.service.world.state) == before


def test_doctor_takes_the_variables_of_the_role(player: Player) -> None:
    steps, metrics = [{"percent": 10, "duration": "1h"}], [{"key": "errors"}]
    entries = ["test", {"environment": "production", "strategy": "guarded", "steps": steps, "metrics": metrics}]
    shown = player.play(
        playbook="doctor",
        release_flag_key="new-search",
        # As a survey delivers it.
        release_environments=json.dumps(entries),
        release_variation=True,
        doctor_dry_run=True,
    )
    assert "release: test, production: It can start." in shown.output
    assert "Nothing is in the way of a release; 0 warnings." in shown.output
    sent = {(entry["method"], entry["query"]) for entry in player.service.requests if entry["method"] != "GET"}
    assert sent == {("PATCH", "dryRun=true")}
