# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role in plays of all kinds: every variable as text, other hosts, earlier results, odd names, check mode."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import FLAG, PHASES, Player

ROLE = "flagops.launchdarkly.release"
SHOW_FACT = {
    "name": "Show",
    "delegate_to": "localhost",
    "ansible.builtin.debug": {"msg": "FACT={{ release_result | to_json }}=FACT"},
}
# Nobody gets there.
ELSEWHERE = {
    "web": {"hosts": dict.fromkeys(("one", "two", "three")), "vars": {"ansible_connection": "no_such_connection"}}
}
KEYS = {"release_project_key": "demo", "release_flag_key": "new-checkout"}


def fact(output: str) -> Any:
    """What SHOW_FACT showed."""
    shown = re.search(r'"msg": ("FACT=.*=FACT")', output)
    assert shown, output
    return json.loads(json.loads(shown[1])[5:-5])


def play(player: Player, *tasks: dict[str, Any], **more: Any) -> str:
    """A playbook of the test's own, on this machine unless it says otherwise."""
    document = {"name": "Test", "hosts": "localhost", "gather_facts": False, **more}
    return str(player.write("play.yml", [{**document, "tasks": list(tasks)}]))


def test_every_variable_may_be_given_as_name_and_value(player: Player) -> None:
    player.write("tasks/hook.yml", player.note("hook"))
    values = {
        "release_project_key": "demo",
        "release_flag_key": "dark-mode",
        "release_pipeline_key": "standard",
        "release_variation": "true",
        "release_until": "Staging",
        "release_phases": '[{"phase":"Test","before":"hook.yml","soak":"1s","wait_timeout":"1m","confirm":"yes",'
        '"audiences":[{"audience":"test","notify_team_keys":["product"]}],"checks":["hook.yml"]}]',
        "release_checks": '[{"command":"true","attempts":"2","interval":"1","failure_limit":"1","consecutive_success":"1"}]',
        "release_wait": "yes",
        "release_wait_timeout": "2m",
        "release_wait_interval": "0.1",
        "release_final_status": "active",
        "release_confirmed": "Test",
        "release_ask": "no",
        "release_on_changed_by_others": "stop",
        "release_tasks_dir": "tasks",
    }
    options = [part for name, value in values.items() for part in ("-e", f"{name}='{value}'")]
    run = player.play(*options)
    result = run.of("demo/dark-mode")
    assert (result["state"], [phase["action"] for phase in result["phases"]]) == ("completed", ["started", "started"])
    assert player.log() == ["hook Test", "hook Test"]
    sent = next(entry["body"] for entry in player.service.requests if "/phases/" in entry["path"])
    assert sent["audiences"][0]["notifyTeamKeys"] == ["product"]


def test_what_a_survey_leaves_open_counts_as_not_given(player: Player) -> None:
    names = ("pipeline_key", "variation", "until", "phases", "checks", "wait", "wait_timeout", "wait_interval")
    names += ("final_status", "confirmed", "ask", "on_changed_by_others", "tasks_dir")
    later = ("on_approval", "approval_timeout", "on_failure", "freeze", "freeze_action", "freeze_override", "notify")
    later += ("webhook_url", "chat_url", "slack_url", "teams_url", "report_dir", "report_publish")
    later += ("access_token", "api_host")
    empty = player.play("--check", **{f"release_{name}": None for name in (*names, *later)})
    assert empty.result["state"] == "planned"
    run = player.play(*(part for name in names for part in ("-e", f"release_{name}=''")))
    assert run.summary() == "completed -: started started started"


def test_a_wrong_value_is_refused_with_its_name(player: Player) -> None:
    run = player.play("-e", "release_wait=perhaps", rc=2)
    assert run.result["message"] == "release_wait must be true or false."
    assert player.writes == []


def test_misspelt_variable_is_refused_before_anything_moves(player: Player) -> None:
    run = player.play("-e", "release_untill=Test", "-e", "release_manager=me", rc=2)
    assert (run.result["reason"], run.result["error_code"]) == ("invalid_settings", "invalid_option")
    assert run.result["message"].startswith("Unknown role variable release_untill. Did you mean release_until? ")
    assert player.writes == []


def test_check_mode_shows_the_whole_plan_and_sends_nothing(player: Player) -> None:
    player.write("hook.yml", player.note("hook"))
    phases = [{"phase": "Test", "before": ["hook.yml"], "checks": ["hook.yml"]}]
    run = player.play("--check", release_phases=phases, release_report_dir="reports")
    assert run.result["state"] == "planned"
    assert [phase["would"] for phase in run.result["phases"]] == ["start"] * 3
    assert "start: ready to start; run hook.yml, wait up to 1h, check hook.yml" in run.output
    assert run.changed == 0
    assert {entry["method"] for entry in player.service.requests} == {"GET"}
    assert player.log() == []
    assert not (player.place / "reports").exists()


def test_the_plan_says_that_a_freeze_window_is_in_the_way(player: Player) -> None:
    window = {"name": "always", "reason": "a test", "days": "mon-sun", "timezone": "UTC"}
    run = player.play("--check", release_freeze=[window])
    assert run.result["state"] == "planned"
    said = (
        r"start: ready to start; not in this run, but after \S+Z, when the freeze window always \(a test\) ends, wait"
    )
    assert re.search(said, run.output)


def test_other_hosts_need_nothing_for_one_sequence(player: Player) -> None:
    """Those hosts cannot even be connected to, and the play's privileges are none that this machine knows."""
    answers = {"http": {"url": f"{player.service.url}/__sim__/time", "condition": "json.speed > 1"}}
    release = {
        "name": "Release",
        "ansible.builtin.include_role": {"name": ROLE, "apply": {"delegate_to": "localhost", "run_once": True}},
        "vars": {**KEYS, "release_checks": ["check.yml", answers], "release_wait_interval": 0.1},
    }
    player.write(
        "check.yml", [{"name": "Look", "ansible.builtin.debug": {"msg": "looked at {{ release_phase.phase }}"}}]
    )
    connection = {"access_token": player.service.access_token, "api_host": player.service.url}
    name = play(
        player,
        release,
        SHOW_FACT,
        hosts="web",
        become=True,
        vars={"ansible_become_exe": "/no/such/sudo"},
        module_defaults={"group/flagops.launchdarkly.all": connection},
    )
    player.write("hosts.yml", ELSEWHERE)
    run = player.play("-i", "hosts.yml", playbook=name)
    assert run.summary() == "completed -: started started started"
    assert player.starts == dict.fromkeys(PHASES, 1)
    assert run.output.count("looked at Production") == 1
    assert fact(run.output)[FLAG]["state"] == "completed", "every host knows"
    assert len(re.findall("FACT=.*=FACT", run.output)) == 3


def test_other_hosts_failure_is_reported_once(player: Player) -> None:
    release = {
        "name": "Release",
        "ansible.builtin.include_role": {"name": ROLE, "apply": {"delegate_to": "localhost", "run_once": True}},
        "vars": {**KEYS, "release_checks": [{"command": "false"}]},
    }
    name = play(player, release, SHOW_FACT, hosts="web")
    player.write("hosts.yml", ELSEWHERE)
    run = player.play(
        "-i", "hosts.yml", "-e", "ansible_python_interpreter={{ansible_playbook_python}}", playbook=name, rc=2
    )
    assert run.summary() == "failed check_failed: started None None"
    assert "FACT=" not in run.output
    assert player.starts == {"Test": 1}


def test_the_result_of_an_earlier_job_is_never_read(player: Player) -> None:
    """AWX hands an artifact on as an extra variable, which no fact can beat."""
    old = {FLAG: {"state": "failed", "phases": []}, "shop/other": {"state": "completed"}}
    run = player.play(release_result=old, release_until="Test")
    assert run.artifacts["release_result"] == {FLAG: run.result}
    assert run.summary() == "completed -: started"


def test_a_play_that_releases_two_flags_has_two_results(player: Player) -> None:
    flags = [KEYS, {**KEYS, "release_flag_key": "dark-mode", "release_pipeline_key": "standard"}]
    tasks = [
        {"name": "Release", "ansible.builtin.include_role": {"name": ROLE}, "vars": {**item, "release_until": "Test"}}
        for item in flags
    ]
    run = player.play(playbook=play(player, *tasks, SHOW_FACT))
    assert {flag: entry["state"] for flag, entry in fact(run.output).items()} == {
        FLAG: "completed",
        "demo/dark-mode": "completed",
    }
    assert run.artifacts["release_result"] == fact(run.output)


def test_the_role_may_be_in_a_loop(player: Player) -> None:
    """Whose variable is looked up late, so that no loop of the role's may have the same."""
    release = {
        "name": "Release",
        "ansible.builtin.include_role": {"name": ROLE},
        "loop": ["new-checkout"],
        "vars": {
            "release_project_key": "demo",
            "release_flag_key": "{{ item }}",
            "release_checks": [{"command": "false"}],
            "release_on_failure": "turn_off",
            "release_report_dir": "reports",
        },
    }
    variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    run = player.play(playbook=play(player, release, vars=variables), rc=2)
    assert run.summary() == "failed check_failed: started None None"
    assert [(item["environment_key"], item["ok"]) for item in run.result["undone"]] == [("test", True)]
    assert run.result["warnings"] == []
    assert {path.name.split("-2")[0] for path in (player.place / "reports").iterdir()} == {"demo-new-checkout"}
    assert "is already in use" not in run.output


ODD = ("{{ 7 * 7 }}", 'it\'s "quoted"', "\x1b[31mred", "Prüfung ✔", "{% raw %}", "None")


def test_names_are_data(player: Player) -> None:
    """Whoever names a phase does not write templates for this machine, nor to its terminal."""
    audiences = [{"environmentKey": "test", "name": "everyone"}]
    pipeline = {"phases": [{"name": name, "audiences": audiences} for name in ODD]}
    project = {"pipelines": {"odd": pipeline}, "releases": {"new-checkout": {}}}
    player.service.world.replace_state({"projects": {"demo": project}})
    player.write(
        "hook.yml", [{"name": "Look", "ansible.builtin.debug": {"msg": "{{ release_phase.phase | length }} long"}}]
    )
    run = player.play(release_checks=["hook.yml"])
    # What is handed on to later jobs is no template there either.
    assert [phase["phase"] for phase in run.result["phases"]] == [re.sub(r"\{(?=[{%#])", "{ ", name) for name in ODD]
    assert run.result["state"] == "completed"
    assert re.findall(r'"(\d+) long"', run.output) == [str(len(name)) for name in ODD]
    assert "\x1b" not in run.output


def test_result_and_output_say_what_was_done_and_when(player: Player) -> None:
    run = player.play(release_until="Staging")
    result = run.result
    assert result["started_at"] < result["finished_at"]
    for phase, place in zip(result["phases"], ("test", "staging")):
        assert phase["environments"] == [place]
        assert phase["seconds"] == pytest.approx(1.0, abs=0.01)
        assert phase["started_at"] < phase["completed_at"]
        assert phase["status"] == "completed"
        assert phase["waited"] >= 0
    assert (result["project_key"], result["flag_key"], result["next_phase"]) == ("demo", "new-checkout", "Production")
    assert len(re.findall(r"demo/new-checkout in release pipeline Standard: 0 of 3 phases complete", run.output)) == 1
    assert re.findall(r"\d\d:\d\d:\d\d UTC  (\w+) \(\w+\): started, completed in 1s", run.output) == ["Test", "Staging"]
    assert "Every phase in range is where it should be." in run.output
    shown = player.play(playbook="status")
    assert "2 of 3 phases complete" in shown.output
    assert "\N{HEAVY CHECK MARK}  Test" in shown.output


def test_sequence_is_loaded_once_and_only_where_it_is_needed(player: Player) -> None:
    """By ansible-playbook itself: what a task loads is lost with it."""
    player.environment["PYTHONPROFILEIMPORTTIME"] = "1"
    for has_work in (True, False):
        played = player.play(release_until="Test")
        loaded = {"_release.settings": 1, "_in_process.release_world": 1, "_in_process.sequence_world": int(has_work)}
        for module, count in loaded.items():
            assert (has_work, module, played.output.count(f"plugin_utils.{module}\n")) == (has_work, module, count)
