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


@pytest.mark.parametrize("name", [path.name for path in PLAYBOOKS.glob("*.yml")])
def test_playbook_runs_on_the_controller(name: str) -> None:
    """The keyword `connection` would lose against the inventory, and would count for the hosts of `delegate_to`."""
    (play,) = yaml.safe_load((PLAYBOOKS / name).read_text(encoding="utf-8"))
    pinned = {"ansible_connection": "local", "ansible_become": False}.items() <= play["vars"].items()
    assert play["hosts"] == "localhost"
    assert "connection" not in play
    assert pinned or (play.get("pre_tasks") or play["tasks"])[0] == HERE or is_left_to_the_role(play)


def is_left_to_the_role(play: dict[str, Any]) -> bool:
    """The role keeps its task files on the controller; its actions run there anyway."""
    (task,) = play["tasks"]
    return task["ansible.builtin.import_role"]["name"] == ROLE and play["vars"]["_release_on_controller"] is True
