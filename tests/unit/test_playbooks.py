# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all playbooks of the collection have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
ROLE = "flagops.launchdarkly.release"
HERE = {"name": "Stay on this machine", "ansible.builtin.import_tasks": "tasks/here.yml"}


PLAYS = [
    (path.relative_to(PLAYBOOKS), play)
    for path in sorted((*PLAYBOOKS.glob("*.yml"), *PLAYBOOKS.glob("plays/*.yml")))
    for play in yaml.safe_load(path.read_text(encoding="utf-8"))
    if "hosts" in play
]
# A flag is a host where the inventory has this group.
FLEET = "{{ 'ld_releases' if 'ld_releases' in groups else 'localhost' }}"


@pytest.mark.parametrize(("path", "play"), PLAYS, ids=str)
def test_playbook_runs_on_the_controller(path: Path, play: dict[str, Any]) -> None:
    """The keyword `connection` would lose against the inventory, and would count for the hosts of `delegate_to`."""
    assert play["hosts"] == (FLEET if str(path) == "plays/release.yml" else "localhost")
    assert "connection" not in play
    if all("ansible.builtin.add_host" in task for task in play["tasks"]):
        # Ansible itself does that, without a connection.
        return
    pinned = {"ansible_connection": "local", "ansible_become": False}.items() <= play["vars"].items()
    assert pinned or (play.get("pre_tasks") or play["tasks"])[0] == HERE or is_left_to_the_role(play)


def is_left_to_the_role(play: dict[str, Any]) -> bool:
    """The role keeps its task files on the controller; its actions run there anyway."""
    (task,) = play["tasks"]
    return task["ansible.builtin.import_role"]["name"] == ROLE and play["vars"]["_release_on_controller"] is True
