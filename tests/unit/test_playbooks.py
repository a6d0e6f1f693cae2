# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all playbooks of the collection have in common."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
HERE = {"name": "Stay on this machine", "ansible.builtin.import_tasks": "tasks/here.yml"}


@pytest.mark.parametrize("name", [path.name for path in PLAYBOOKS.glob("*.yml")])
def test_playbook_runs_on_the_controller(name: str) -> None:
    """The keyword `connection` would lose against the inventory, and would count for the hosts of `delegate_to`."""
    (play,) = yaml.safe_load((PLAYBOOKS / name).read_text(encoding="utf-8"))
    pinned = {"ansible_connection": "local", "ansible_become": False}.items() <= play["vars"].items()
    assert play["hosts"] == "localhost"
    assert "connection" not in play
    assert pinned or (play.get("pre_tasks") or play["tasks"])[0] == HERE
