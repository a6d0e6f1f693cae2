# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long runs: what Ansible nests does not grow with the number of task files."""

from __future__ import annotations

import os
from collections import Counter

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player

# A measurement costs a third of a second of CPU, so all 600 run in "make test-all" only, on every ansible-core.
PHASES, MEASUREMENTS = (10, 60) if os.environ.get("EVERY_CASE") == "true" else (2, 12)


def test_nesting_holds_for_hundreds_of_task_files(player: Player) -> None:
    names = [f"Phase {number}" for number in range(1, PHASES + 1)]
    audiences = [{"environmentKey": "test", "name": "everyone"}]
    pipeline = {"phases": [{"name": name, "audiences": audiences} for name in names]}
    state = {"pipelines": {"long": pipeline}, "releases": {"new-checkout": {}}}
    player.service.world.replace_state({"projects": {"demo": state}})
    player.write("look.yml", player.note("look"))
    for file in ("one", "two"):
        player.write(f"{file}.yml", player.note("{{ release_event.event }}", file))
    check = {"tasks": "look.yml", "attempts": MEASUREMENTS, "consecutive_success": MEASUREMENTS, "interval": 0}
    given = {"release_checks": [check], "release_notify": ["one.yml", "two.yml"]}
    run = player.play(**given, patience=1800)
    assert run.result["state"] == "completed"
    assert player.starts == dict.fromkeys(names, 1)
    assert Counter(player.log()) == {f"look {name}": MEASUREMENTS for name in names}
    for file in ("one", "two"):
        assert Counter(word.partition(" ")[0] for word in player.log(file))["started"] == PHASES
    # To measure once more and to notify is not to change.
    run = player.play(**{**given, "release_checks": ["look.yml"]})
    assert run.changed == 0
