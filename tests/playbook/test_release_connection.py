# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which LaunchDarkly the role reaches, whoever says so; and that a rehearsal reaches only its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Played, Player

ROLE = "flagops.launchdarkly.release"
ALL = "group/flagops.launchdarkly.all"
KEYS = {"release_project_key": "demo", "release_flag_key": "new-checkout"}
REFUSED = "A rehearsal reaches only the simulator that it has started"


@pytest.fixture
def other(player: Player) -> Iterator[Simulator]:
    """The server that the environment of ansible-playbook names, where nothing may arrive."""
    with Simulator() as running:
        player.environment.update(
            LAUNCHDARKLY_API_HOST=running.url,
            LAUNCHDARKLY_ACCESS_TOKEN=running.access_token,
        )
        yield running
        assert running.requests == []


def connection(service: Simulator) -> dict[str, str]:
    return {"api_host": service.url, "access_token": service.access_token}


def run(player: Player, keywords: dict[str, Any], rc: int = 0, **variables: Any) -> Played:
    given = {**KEYS, "release_until": "Test", **variables}
    include = {"name": "Release", "ansible.builtin.include_role": {"name": ROLE}, "vars": given}
    block = {"name": "Block", "block": [include], **keywords}
    document = {"hosts": "localhost", "gather_facts": False, "vars": {"ansible_python_interpreter": PYTHON}}
    play = [{"name": "Play", **document, "tasks": [block]}]
    return player.play("-i", "localhost,", "-c", "local", playbook=str(player.write("play.yml", play)), rc=rc)


PYTHON = "{{ ansible_playbook_python }}"


def test_defaults_of_the_group_reach_every_request(player: Player, other: Simulator) -> None:
    """Reading, attaching, starting, waiting, asking for approvals, reporting and the undo."""
    player.write("page.yml", player.note("page"))
    defaults = {ALL: connection(player.service)}
    variables = {
        "release_flag_key": "dark-mode",
        "release_pipeline_key": "standard",
        "release_on_failure": "turn_off",
        "release_checks": [{"command": "false"}],
        "release_report_dir": "reports",
        "release_notify": [str(player.place / "page.yml")],
    }
    result = run(player, {"module_defaults": defaults}, rc=2, **variables).of("demo/dark-mode")
    assert [entry["ok"] for entry in result["undone"]] == [True]
    assert set(player.writes) == {"PUT", "PATCH"}
    assert other.requests == []


def test_defaults_of_a_single_module_do_not_reach_the_role(player: Player, other: Simulator) -> None:
    single = {f"flagops.launchdarkly.{name}": connection(other) for name in ("ld_release_info", "ld_release_phase")}
    outcome = run(player, {"module_defaults": {ALL: connection(player.service), **single}}).summary()
    assert outcome == "completed -: started"


def test_environment_of_the_task_is_honoured(player: Player, other: Simulator) -> None:
    environment = {
        "LAUNCHDARKLY_API_HOST": player.service.url,
        "LAUNCHDARKLY_ACCESS_TOKEN": "{{ token }}",
    }
    given = {"environment": environment, "vars": {"token": player.service.access_token}}
    assert run(player, given).summary() == "completed -: started"
    assert other.requests == []


def test_rehearsal_refuses_a_server_that_is_not_its_simulator(player: Player, other: Simulator) -> None:
    """`other` plays the account, on a loopback address as well."""
    account = "https://app.launchdarkly.com"
    rehearsal = {"api_host": player.service.url, "speed": 1.0, "skip": []}
    ways: dict[str, dict[str, Any]] = {
        "environment": {"environment": {"LAUNCHDARKLY_API_HOST": other.url}},
        "defaults": {"module_defaults": {ALL: connection(other)}},
        **{
            f"defaults_of_{action}": {
                "module_defaults": {
                    ALL: connection(player.service),
                    f"flagops.launchdarkly.{action}": {"api_host": other.url},
                }
            }
            for action in ("release_run", "release_sequence")
        },
        "nothing": {},
        "the account given as the simulator": {"module_defaults": {ALL: {"api_host": account, "access_token": "x"}}},
    }
    blocks = []
    for way, keywords in ways.items():
        given = {**KEYS, "release_until": "Test", "_release_rehearsal": rehearsal}
        if way.startswith("the account"):
            given["_release_rehearsal"] = {**rehearsal, "api_host": account}
        include = {"name": "Release", "ansible.builtin.include_role": {"name": ROLE}, "vars": given}
        caught = {"name": "Resume", "ansible.builtin.debug": {"msg": f"END OF {way}"}}
        blocks.append({"name": way, "block": [include], "rescue": [caught], **keywords})
    document = {"hosts": "localhost", "gather_facts": False, "vars": {"ansible_python_interpreter": PYTHON}}
    play = [{"name": "Play", **document, "tasks": blocks}]
    run_ = player.play("-i", "localhost,", "-c", "local", playbook=str(player.write("play.yml", play)))
    before = run_.output
    for way in ways:
        said, found, before = before.partition(f"END OF {way}")
        assert (way, REFUSED in said, bool(found)) == (way, True, True)
    # Of the run whose plan reaches the simulator.
    assert [request["method"] for request in player.service.requests] == ["GET"]
    assert other.requests == []
    assert run_.artifacts == {}
