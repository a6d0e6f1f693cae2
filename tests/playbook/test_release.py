# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role as a user runs it: a release from where it stands to where it should be."""

from __future__ import annotations

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import PHASES, Player


def test_two_keys_are_enough_and_a_second_run_changes_nothing(player: Player) -> None:
    first = player.play()
    assert first.summary() == "completed -: started started started"
    assert first.changed == 1, "one task does it all"
    assert player.starts == dict.fromkeys(PHASES, 1)
    assert player.statuses == ["completed"] * 3
    # One read, then for each phase a read, a start and a look when it is complete, and one read at the end.
    assert len(player.service.requests) == 11
    again = player.play()
    assert again.summary() == "completed -: none none none"
    assert again.changed == 0
    assert player.starts == dict.fromkeys(PHASES, 1)


def test_hooks_run_in_order_and_before_hooks_once(player: Player) -> None:
    """The names of task files are meant from where ansible-playbook was started."""
    for word in ("before", "after", "second"):
        player.write(f"runbook/{word}.yml", player.note(word))
    variables = {
        "release_until": "Staging",
        "release_checks": [{"command": f"sh -c 'echo check >> {player.place}/log'"}],
        "release_phases": [
            {"phase": phase, "before": ["before.yml", "second.yml"], "after": ["after.yml"]}
            for phase in ("Test", "Staging")
        ],
        "release_tasks_dir": "runbook",
    }
    player.change("Test", status="active", started=True, _startedDate=player.service.world.clock.now())
    waiting = player.play(release_wait=False, **variables)
    assert waiting.summary() == "waiting phase: resumed None"
    assert player.log("log") == []
    player.change("Test", status="completed", complete=True)
    player.change("Staging", status="ready-to-start")
    assert player.play(**variables).summary() == "completed -: none started"
    assert player.log("log") == [
        "check",
        "after Test",
        "before Staging",
        "second Staging",
        "check",
        "after Staging",
    ]


def test_a_failure_is_told_by_what_failed(player: Player) -> None:
    """Neither by an earlier one, which Ansible still remembers, nor by what was to be in no log."""
    player.write("late.yml", [{"name": "Go on", "ansible.builtin.include_tasks": f"{player.place}/missing.yml"}])
    secret = {"name": "Log in", "ansible.builtin.fail": {"msg": "no such user sesame"}, "no_log": True}
    player.write("secret.yml", [secret])
    player.write("old.yml", [{"name": "Fail", "ansible.builtin.fail": {"msg": "an old failure"}}])
    variables = {
        "release_checks": [{"tasks": "old.yml", "attempts": 2, "interval": 1, "failure_limit": 2}],
        "release_until": "Test",
    }
    assert "an old failure" in player.play(rc=2, **variables).result["message"]
    player.write("old.yml", [{"name": "Fail", "ansible.builtin.command": "sh -c 'echo no cart >&2; exit 3'"}])
    assert "non-zero return code: no cart." in player.play(rc=2, **variables).result["message"]
    late = player.play(
        rc=2,
        release_phases=[{"phase": "Test", "after": ["late.yml"]}],
        release_until="Test",
        release_notify=["old.yml"],
    )
    assert late.summary() == "failed after_failed: none"
    assert "after, late.yml: a task file could not be loaded" in late.result["message"]
    hidden = player.play(rc=2, release_checks=["secret.yml"], release_until="Test")
    assert "the task 'Log in' failed, and its no_log hides how" in hidden.result["message"]
    assert "sesame" not in str(hidden.artifacts)


def test_the_time_out_of_the_last_phase_names_the_way_out(player: Player) -> None:
    player.service.world.completion = "on_next"
    run = player.play(rc=2, release_wait_timeout=1)
    assert run.result["error_code"] == "wait_timeout"
    assert "release_final_status: active" in run.result["message"]
    # For people, at the end of the task that fails; what goes elsewhere has the code.
    assert "/docs/errors.md#wait_timeout" in run.output
    assert "errors.md" not in str(run.artifacts)
    assert player.play(release_final_status="active").summary() == "completed -: none none resumed"
