# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keywords that are set outside of the role: none turns a failure into a success, or a start into nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Played, Player

FAIL = [{"name": "Smoke test", "ansible.builtin.fail": {"msg": "the shop is down"}}]
ROLE = "flagops.launchdarkly.release"
VARIABLES = {"release_project_key": "demo", "release_flag_key": "new-checkout"}


def play_with(
    player: Player, place: str, keywords: dict[str, Any], hosts: str = "localhost", **variables: Any
) -> Played:
    """A play in which the role bears the keywords at a place; what comes after it says what came of it."""
    given = {**VARIABLES, "release_tasks_dir": str(player.place), "release_wait_interval": 0.1, **variables}
    role: dict[str, Any] = {"role": ROLE, "vars": given}
    include: dict[str, Any] = {"name": "Release", "ansible.builtin.include_role": {"name": ROLE}, "vars": given}
    shapes: dict[str, dict[str, Any]] = {
        "play": {**keywords, "roles": [role]},
        "role": {"roles": [{**role, **keywords}]},
        "block": {"tasks": [{"name": "Block", **keywords, "block": [include]}]},
        "apply": {
            "tasks": [{**include, "ansible.builtin.include_role": {"name": ROLE, "apply": keywords}}],
        },
    }
    shown = {
        "name": "Say what came of it",
        "ansible.builtin.debug": {"msg": "STATE {{ release_result['demo/new-checkout'].state | default('none') }}."},
        "when": "release_result is defined",
    }
    play = {"name": "Play", "hosts": hosts, "gather_facts": False, **shapes[place], "post_tasks": [shown]}
    path = player.write("play.yml", [play])
    inventory = "localhost ansible_connection=local,"
    process = player.start("-i", inventory.split(maxsplit=1)[0] + ",", "-c", "local", playbook=str(path))
    output = process.communicate(timeout=120)[0]
    return Played(process.returncode, output)


# What has no say in whether a task succeeds is here for what it may do together with the others.
EVERY_PLACE = {
    "ignore_errors": True,
    "ignore_unreachable": True,
    "any_errors_fatal": True,
    "no_log": True,
    "run_once": True,
    "throttle": 1,
    "timeout": 600,
    "become": True,
    "become_method": "ansible.builtin.su",
}


@pytest.mark.parametrize("place", ["play", "role", "block", "apply"])
@pytest.mark.parametrize("which", ["ignore_errors", "all"])
def test_keywords_do_not_pass_a_failed_check(player: Player, place: str, which: str) -> None:
    player.write("smoke.yml", FAIL)
    of_place = {"max_fail_percentage": 100} if place == "play" else {"delegate_to": "localhost"}
    keywords = {**EVERY_PLACE, **of_place} if which == "all" else {"ignore_errors": True}
    run = play_with(player, place, keywords, release_checks=["smoke.yml"])
    assert player.starts == {"Test": 1}, run.output
    assert "STATE completed" not in run.output
    assert run.artifacts["release_result"]["demo/new-checkout"]["state"] == "failed"


@pytest.mark.parametrize("keywords", [{"tags": ["deploy"]}], ids=["tags"])
def test_tags_do_not_skip_a_check(player: Player, keywords: dict[str, Any]) -> None:
    """Whatever tags choose the role, its task files run."""
    player.write("smoke.yml", FAIL)
    given = {**VARIABLES, "release_tasks_dir": str(player.place), "release_checks": ["smoke.yml"]}
    play = {
        "name": "Play",
        "hosts": "localhost",
        "gather_facts": False,
        "roles": [{"role": ROLE, "vars": given, **keywords}],
    }
    run = player.end(
        player.start(
            "-i", "localhost,", "-c", "local", "--tags", "deploy", playbook=str(player.write("p.yml", [play]))
        ),
        2,
    )
    assert run.summary() == "failed check_failed: started None None"


def test_check_of_the_users_may_ignore_its_own_errors(player: Player) -> None:
    player.write("smoke.yml", [{**FAIL[0], "ignore_errors": True}])
    run = play_with(player, "block", {"ignore_errors": True}, release_checks=["smoke.yml"], release_until="Test")
    assert run.summary() == "completed -: started"


def test_check_mode_keyword_only_plans(player: Player) -> None:
    """Of a role and of a block, each for a flag of its own."""
    states = "STATES {{ release_result.values() | map(attribute='state') | join(' ') }}."
    given = {"release_pipeline_key": "standard", **VARIABLES, "release_flag_key": "dark-mode"}
    include = {"name": "Release", "ansible.builtin.include_role": {"name": ROLE}, "vars": given}
    play = {
        "name": "Play",
        "hosts": "localhost",
        "gather_facts": False,
        "roles": [{"role": ROLE, "check_mode": True, "vars": VARIABLES}],
        "tasks": [{"name": "Block", "check_mode": True, "block": [include]}],
        "post_tasks": [{"name": "Say what came of it", "ansible.builtin.debug": {"msg": states}}],
    }
    run = player.play("-i", "localhost,", "-c", "local", playbook=str(player.write("play.yml", [play])))
    assert [run.of(f"demo/{flag}")["state"] for flag in ("new-checkout", "dark-mode")] == ["planned"] * 2
    assert "STATES planned planned." in run.output
    assert player.writes == []


@pytest.mark.parametrize("strategy", ["free", "host_pinned"])
def test_run_once_with_a_free_strategy_is_refused(player: Player, strategy: str) -> None:
    run = play_with(player, "apply", {"run_once": True}, release_until="Test")
    assert run.summary() == "completed -: started"
    given = {"name": ROLE, "apply": {"run_once": True}}
    task = {"name": "Release", "ansible.builtin.include_role": given, "vars": VARIABLES}
    play = {"name": "Play", "hosts": "all", "gather_facts": False, "strategy": strategy, "tasks": [task]}
    refused = player.start("-i", "one,two,", "-c", "local", playbook=str(player.write("free.yml", [play])))
    output = refused.communicate(timeout=120)[0]
    assert refused.returncode == 2
    assert f"run_once has no effect with strategy: {strategy}" in output


def test_task_timeout_ends_the_run_with_its_undo(player: Player) -> None:
    """What was started is turned off, though the task that started it never returned."""
    player.service.world.replace_state({"projects": {"demo": slow_project()}})
    player.environment["ANSIBLE_TASK_TIMEOUT"] = "3"
    run = player.play(rc=2, release_on_failure="turn_off")
    assert run.summary() == "failed task_timeout: started"
    assert [entry["environment_key"] for entry in run.result["undone"]] == ["test"]
    assert "is ready_to_start" not in run.result["message"]
    assert re.search(r"task timeout", run.result["message"])


def slow_project() -> dict[str, Any]:
    """A phase that is active for an hour."""
    guardian = {
        "monitoringWindowMilliseconds": 3_600_000_000,
        "rolloutWeight": 50000,
        "rollbackOnRegression": True,
        "randomizationUnit": "user",
    }
    configuration = {"releaseStrategy": "monitored-release", "releaseGuardianConfiguration": guardian}
    audience = {"environmentKey": "test", "name": "everyone", "configuration": configuration}
    pipeline = {"phases": [{"name": "Test", "audiences": [audience]}]}
    return {"pipelines": {"slow": pipeline}, "releases": {"new-checkout": {}}}
