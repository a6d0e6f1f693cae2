# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several runs of the role in one play: each has a state of its own, and none continues another."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import FLAG, Played, Player

ROLE = "flagops.launchdarkly.release"
DARK = "demo/dark-mode"
FLAGS = {
    "new-checkout": {"release_project_key": "demo", "release_flag_key": "new-checkout"},
    "dark-mode": {
        "release_project_key": "demo",
        "release_flag_key": "dark-mode",
        "release_pipeline_key": "standard",
    },
}
FAIL = {"name": "Smoke test", "ansible.builtin.fail": {"msg": "{{ release_flag_key }} is red"}}


def release(flag: str = "new-checkout", **variables: Any) -> dict[str, Any]:
    given = {**FLAGS[flag], "release_until": "Test", **variables}
    return {"name": f"Release {flag}", "ansible.builtin.include_role": {"name": ROLE}, "vars": given}


def show(player: Player) -> dict[str, Any]:
    """Writes what the fact holds, for each host."""
    path = str(player.place / "result-{{ inventory_hostname }}.json")
    return {
        "name": "Show",
        "ansible.legacy.note": {"path": path, "line": "{{ release_result | default({}) | to_json }}"},
    }


def results(player: Player, host: str = "localhost") -> dict[str, Any]:
    found = json.loads((player.place / f"result-{host}.json").read_text())
    return {flag: entry["state"] for flag, entry in found.items()}


def run(player: Player, *tasks: dict[str, Any], hosts: str = "localhost", rc: int = 0, **keywords: Any) -> Played:
    variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}", **keywords.pop("vars", {})}
    document = {"name": "Play", "hosts": hosts, "gather_facts": False, "vars": variables}
    play = {**document, "tasks": list(tasks), **keywords}
    name = str(player.write("play.yml", [play]))
    inventory = "localhost," if hosts == "localhost" else f"{hosts},".replace(":", ",")
    return player.play("-i", inventory, "-c", "local", playbook=name, rc=rc)


def test_role_twice_in_a_play_makes_two_runs(player: Player) -> None:
    """The second finds what the first has done, and nothing that it has left."""
    player.write("smoke.yml", player.note("smoke"))
    more = {"release_checks": ["smoke.yml"], "release_tasks_dir": str(player.place)}
    run(player, release(**more), release(**{**more, "release_until": "Staging"}), show(player))
    assert results(player) == {FLAG: "completed"}
    assert player.starts == {"Test": 1, "Staging": 1}
    assert player.log() == ["smoke Test", "smoke Test", "smoke Staging"]


def test_role_twice_fails_when_its_second_run_is_refused(player: Player) -> None:
    """Not even ignore_errors lets the result of an earlier run stand for that of a later one."""
    refused = {
        "name": "Refused",
        "module_defaults": {"group/flagops.launchdarkly.all": {"no_such_option": 1}},
        "ignore_errors": True,
        "block": [release(release_until="Staging")],
    }
    played = run(player, release(), refused, show(player))
    assert results(player) == {FLAG: "failed"}, played.output
    assert "Unsupported parameters : no_such_option." in played.of(FLAG)["message"]
    # The first task of the role has said it; the others do not fail as well.
    assert played.output.count("...ignoring") == 1
    assert player.starts == {"Test": 1}


def test_role_in_a_loop_goes_on_after_a_flag_that_failed(player: Player) -> None:
    """The failure of the first flag is not taken for that of the second."""
    player.write("smoke.yml", [{**FAIL, "when": "release_flag_key in bad"}])
    body = {
        "name": "Try",
        "block": [
            {
                "name": "Release",
                "ansible.builtin.include_role": {"name": ROLE},
                "vars": {
                    "release_project_key": "demo",
                    "release_flag_key": "{{ flag }}",
                    "release_pipeline_key": "standard",
                    "release_until": "Test",
                    "release_checks": ["smoke.yml"],
                    "release_tasks_dir": str(player.place),
                },
            }
        ],
        "rescue": [{"name": "Go on", "ansible.builtin.debug": {"msg": "RESCUED {{ flag }}"}}],
    }
    player.write("one.yml", [body])
    loop = {"loop": ["new-checkout", "dark-mode"], "loop_control": {"loop_var": "flag"}}
    tasks = [{"name": "Each", "ansible.builtin.include_tasks": "one.yml", **loop}, show(player)]
    played = run(player, *tasks, vars={"bad": ["new-checkout"]})
    assert results(player) == {FLAG: "failed", DARK: "completed"}
    assert "RESCUED new-checkout" in played.output
    assert "RESCUED dark-mode" not in played.output
    assert played.of(FLAG)["message"].count("new-checkout is red") == 1


def test_role_in_a_loop_of_its_own_ends_with_the_first_failure(player: Player) -> None:
    player.write("smoke.yml", [FAIL])
    task = release(release_checks=["smoke.yml"], release_tasks_dir=str(player.place), release_pipeline_key="standard")
    task["vars"]["release_flag_key"] = "{{ flag }}"
    task.update(loop=["new-checkout", "dark-mode"], loop_control={"loop_var": "flag"})
    block = {"name": "Try", "block": [task], "rescue": [{"name": "Go on", "ansible.builtin.debug": {"msg": "RESCUED"}}]}
    played = run(player, block, show(player))
    assert results(player) == {FLAG: "failed"}
    assert "RESCUED" in played.output


def test_hosts_in_turn_release_a_flag_each(player: Player) -> None:
    """Each host is in a batch of its own, and the failure of the first one does not touch the second."""
    flags = {"one": "new-checkout", "two": "dark-mode"}
    player.write("smoke.yml", [{**FAIL, "when": "inventory_hostname == 'one'"}])
    task = release(release_checks=["smoke.yml"], release_tasks_dir=str(player.place), release_pipeline_key="standard")
    task["vars"]["release_flag_key"] = "{{ flags[inventory_hostname] }}"
    block = {"name": "Try", "block": [task], "rescue": [{"name": "Go on", "ansible.builtin.debug": {"msg": "RESCUED"}}]}
    run(player, block, show(player), hosts="one:two", serial=1, vars={"flags": flags})
    assert results(player, "one") == {FLAG: "failed"}
    assert results(player, "two") == {DARK: "completed"}


def test_hosts_together_release_a_flag_each(player: Player) -> None:
    flags = {"one": "new-checkout", "two": "dark-mode"}
    player.write("smoke.yml", [{**FAIL, "when": "inventory_hostname == 'one'"}])
    task = release(release_checks=["smoke.yml"], release_tasks_dir=str(player.place), release_pipeline_key="standard")
    task["vars"]["release_flag_key"] = "{{ flags[inventory_hostname] }}"
    run(player, task, show(player), hosts="one:two", rc=2, vars={"flags": flags})
    assert results(player, "two") == {DARK: "completed"}
    assert not (player.place / "result-one.json").exists()


def test_role_that_is_skipped_leaves_no_result(player: Player) -> None:
    """A skipped task overwrites what the one before it has registered."""
    skipped = {**release("dark-mode"), "when": "false"}
    inner = {"role": ROLE, "vars": {**FLAGS["dark-mode"]}, "when": "false"}
    run(player, release(), skipped, release(release_until="Staging"), show(player), roles=[inner])
    assert results(player) == {FLAG: "completed"}
    assert player.starts == {"Test": 1, "Staging": 1}


def test_state_of_another_run_is_refused(player: Player) -> None:
    continued = {
        "name": "Continue",
        "flagops.launchdarkly.release_sequence": {"state": "{{ _release_run.state }}"},
        "vars": FLAGS["dark-mode"],
    }
    played = run(player, release(), continued, rc=2)
    assert "The state is that of the run for localhost/demo/new-checkout" in played.output
    assert "this task is for localhost/demo/dark-mode. Nothing was done." in played.output
    broken = {**continued, "flagops.launchdarkly.release_sequence": {"state": {"agenda": []}}}
    assert "There is no state of a run to continue." in run(player, broken, rc=2).output
    assert player.starts == {"Test": 1}


def test_result_is_never_in_the_fact_cache(player: Player) -> None:
    player.write("smoke.yml", [{"name": "Note", "ansible.builtin.set_fact": {"noted": 1, "cacheable": True}}])
    player.environment.update(ANSIBLE_CACHE_PLUGIN="jsonfile", ANSIBLE_CACHE_PLUGIN_CONNECTION=f"{player.place}/cache")
    run(player, release(release_checks=["smoke.yml"], release_tasks_dir=str(player.place)), show(player))
    assert results(player) == {FLAG: "completed"}
    (cached,) = (player.place / "cache").iterdir()
    assert '"noted"' in cached.read_text().replace("\\", "")
    assert "release_" not in cached.read_text()
