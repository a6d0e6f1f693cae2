# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of the collection, whatever the inventory says and whatever a survey leaves out."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player

KEYS = ("release_project_key", "release_flag_key")


def inventory(player: Player, *more: str) -> tuple[str, str]:
    """Nothing can run on the localhost of this one, nor as anybody else."""
    hosts = ("localhost ansible_connection=unreachable ansible_host=127.0.0.1 ansible_port=1", *more)
    everywhere = ("[all:vars]", "ansible_become=true", "ansible_become_method=no_such_method")
    return "-i", str(player.write("inventory", "\n".join((*hosts, *everywhere)) + "\n"))


@pytest.mark.parametrize(
    ("playbook", "variables", "rc", "said"),
    [
        ("release", {"release_checks": [{"command": "true"}]}, 0, "failed=0"),
        ("notice", {}, 2, "no job before this one has left a result"),
    ],
)
def test_playbook_stays_local_whatever_the_inventory_says(
    player: Player, playbook: str, variables: dict[str, Any], rc: int, said: str
) -> None:
    run = player.play(*inventory(player), playbook=playbook, rc=rc, **variables)
    assert said in run.output
    assert "unreachable=0" in run.output


@pytest.mark.parametrize(
    ("playbook", "left_open", "said"),
    [
        (
            "rehearse",
            ("release_pipeline_key", "release_until", "rehearse_hooks", "rehearse_checks", "rehearse_faults"),
            "Rehearsed on a simulator",
        ),
        ("abort", ("release_abort_environments", "release_abort_remove", "release_abort_comment"), "failed=0"),
        ("status", ("release_report_dir", "release_flags", "release_pipeline_key"), "of 3 phases complete"),
        ("overview", ("release_report_dir", "release_flag_key", "release_pipeline_key"), "Standard: 1 active"),
        ("migrate", ("migrate_to",), "release_environments:"),
    ],
)
def test_playbook_stays_local_and_takes_null_for_not_given(
    player: Player, playbook: str, left_open: tuple[str, ...], said: str
) -> None:
    player.change("Test", status="active", started=True)
    variables = {
        "abort": {"release_abort_flag_key": "new-checkout"},
        "migrate": {"release_pipeline_key": "standard"},
    }.get(playbook, {})
    run = player.play(*inventory(player), playbook=playbook, **variables, **dict.fromkeys(left_open))
    assert said in run.output
    assert "unreachable=0" in run.output


def test_simulator_playbook_stays_on_the_controller(player: Player) -> None:
    run = player.play(*inventory(player), playbook="simulator")
    started = re.search(r"kill (\d+)", run.output)
    assert started, run.output
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(started[1]), signal.SIGTERM)


def test_task_file_reaches_other_hosts_as_the_inventory_says(player: Player) -> None:
    """Staying local is for localhost: a task with delegate_to or become does what it says, or fails."""
    command = {"ansible.builtin.command": "true", "ignore_errors": True, "ignore_unreachable": True}
    tasks = [
        {"name": "Elsewhere", **command, "delegate_to": "web", "register": "elsewhere"},
        {"name": "Elsewhere as root", **command, "delegate_to": "rooted", "register": "elsewhere_as_root"},
        {"name": "Here as root", **command, "become": True, "register": "here_as_root"},
        {
            "name": "Judge",
            "ansible.builtin.assert": {
                "that": ["elsewhere is unreachable", "elsewhere_as_root is failed", "here_as_root is failed"]
            },
        },
    ]
    player.write("before.yml", tasks)
    hosts = ("web ansible_host=127.0.0.1 ansible_port=1 ansible_become=false", "rooted ansible_connection=local")
    variables = {"release_phases": [{"phase": "Test", "before": ["before.yml"]}], "release_until": "Test"}
    run = player.play(*inventory(player, *hosts), **variables)
    assert run.result["state"] == "completed"


@pytest.mark.parametrize("playbook", ["release", "rehearse", "status", "abort", "notice"])
def test_playbook_without_its_keys_names_those_that_are_missing(player: Player, playbook: str) -> None:
    run = player.play(playbook=playbook, rc=2, **dict.fromkeys(KEYS))
    assert (
        "release_project_key and release_flag_key must be set, for example with -e release_project_key=KEY"
        in run.output
    )
    assert player.service.requests == []


def test_playbook_with_one_key_names_the_other(player: Player) -> None:
    run = player.play(rc=2, release_flag_key="")
    assert "release_flag_key must be set, for example with -e release_flag_key=KEY." in run.output
