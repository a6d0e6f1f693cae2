# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role as a user runs it: a release from where it stands to where it should be."""

from __future__ import annotations

import pytest
from plays import FLAG, PHASES, Player

BOTH = pytest.mark.parametrize("completion", ["self", "on_next"])
DOORS = pytest.mark.parametrize("in_process", [True, False], ids=["in_process", "module"])


def goal(completion: str) -> dict[str, str]:
    """On a service where a phase completes with the start of the next, the last one stays active."""
    return {"release_final_status": "active"} if completion == "on_next" else {}


@BOTH
@DOORS
def test_two_keys_are_enough_and_a_second_run_changes_nothing(
    player: Player, completion: str, in_process: bool
) -> None:
    variables = {"launchdarkly_in_process": in_process, **goal(completion)}
    first = player.play(**variables)
    assert first.told() == "completed -: started started started"
    assert first.changed == 3
    assert player.starts == dict.fromkeys(PHASES, 1)
    assert player.statuses[:2] == ["completed", "completed"]
    again = player.play(**variables)
    assert again.told() == f"completed -: none none {'none' if completion == 'self' else 'resumed'}"
    assert again.changed == 0
    assert player.starts == dict.fromkeys(PHASES, 1)


def failing(player: Player, name: str = "check.yml") -> str:
    """A check of a task file that fails while there is a file named broken, and notes each time it is asked."""
    tasks = [
        *player.note("check"),
        {
            "name": "Look",
            "ansible.builtin.fail": {"msg": "the cart is empty"},
            "when": f"'{player.place}/broken' is exists",
        },
    ]
    return str(player.write(name, tasks))


@BOTH
@DOORS
def test_a_failed_check_guards_the_next_phase_until_it_passes(
    player: Player, completion: str, in_process: bool
) -> None:
    variables = {
        "launchdarkly_in_process": in_process,
        "release_phases": [
            {
                "phase": "Test",
                "checks": [failing(player)],
                "after": [str(player.write("after.yml", player.note("after")))],
            }
        ],
        "release_until": "Staging",
    }
    broken = player.write("broken", "")
    first = player.play(rc=2, **variables)
    assert first.told() == "failed check_failed: started None"
    assert first.result["error_code"] == "check_failed"
    for part in (
        "demo/new-checkout",
        "'Test' (test)",
        "check.yml",
        "the cart is empty",
        "is completed" if completion == "self" else "is active",
        "run the same again",
    ):
        assert part in first.result["message"]
    assert first.result["next_phase"] == "Staging"
    # running again is no way around it
    assert player.play(rc=2, **variables).told() == "failed check_failed: none None"
    assert player.starts == {"Test": 1}
    assert player.log("log") == ["check Test", "check Test"]
    broken.unlink()
    assert player.play(**variables).told() == "completed -: none started"
    assert player.log("log")[2:] == ["check Test", "after Test"]
    # once a later phase was started, its predecessor is not asked again
    assert player.play(**variables).told() == "completed -: none none"
    assert len(player.log("log")) == 4


def test_a_failed_check_of_the_last_phase_does_not_turn_green_by_running_again(player: Player) -> None:
    variables = {"release_phases": [{"phase": "Production", "checks": [failing(player)]}]}
    broken = player.write("broken", "")
    assert player.play(rc=2, **variables).told() == "failed check_failed: started started started"
    again = player.play(rc=2, **variables)
    assert again.told() == "failed check_failed: none none none"
    assert again.result["next_phase"] is None
    broken.unlink()
    assert player.play(**variables).told() == "completed -: none none none"
    # and it is asked for as long as there is no later phase
    assert player.play(**variables).phase("Production")["checks"][0]["verdict"] == "passed"
    assert player.log("log") == ["check Production"] * 4


def test_hooks_run_in_order_and_those_before_a_phase_not_again_when_it_is_active(player: Player) -> None:
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
    assert waiting.told() == "waiting phase: resumed None"
    assert player.log("log") == []
    player.change("Test", status="completed", complete=True)
    player.change("Staging", status="ready-to-start")
    assert player.play(**variables).told() == "completed -: none started"
    assert player.log("log") == [
        "check",
        "after Test",
        "before Staging",
        "second Staging",
        "check",
        "after Staging",
    ]


@pytest.mark.parametrize(
    ("side", "action", "said"), [("before", None, "ready_to_start"), ("after", "started", "completed")]
)
def test_a_failing_task_of_the_users_stops_the_run(player: Player, side: str, action: str | None, said: str) -> None:
    player.write("hook.yml", [{"name": "Fail", "ansible.builtin.fail": {"msg": "no announcement"}}])
    variables = {"release_phases": [{"phase": "Test", side: ["hook.yml"]}], "release_until": "Test"}
    run = player.play(rc=2, **variables)
    assert run.told() == f"failed {side}_failed: {action}"
    for part in (
        FLAG,
        "'Test' (test)",
        f"{side}, hook.yml: no announcement.",
        f"The phase is {said}.",
        "run the same again",
    ):
        assert part in run.result["message"]
    # and it is said at the end, where people look
    assert run.output.rindex("no announcement") > run.output.rindex("in release pipeline Standard")
    player.write("hook.yml", player.note("mended"))
    assert player.play(**variables).result["state"] == "completed"
    assert player.starts == {"Test": 1}


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
    assert late.told() == "failed after_failed: none"
    assert "after, late.yml: a task file could not be loaded" in late.result["message"]
    hidden = player.play(rc=2, release_checks=["secret.yml"], release_until="Test")
    assert "the task 'Log in' failed, and its no_log hides how" in hidden.result["message"]
    assert "sesame" not in str(hidden.artifacts)


def test_a_wait_that_times_out_says_what_it_waited_for(player: Player) -> None:
    # An hour on the service's clock, which is minutes here.
    guarded = {
        "releaseStrategy": "monitored-release",
        "releaseGuardianConfiguration": {"monitoringWindowMilliseconds": 3_600_000},
    }
    player.release["phases"][0]["_audiences"][0]["configuration"].update(guarded)
    variables = {"release_phases": [{"phase": "Test", "wait_timeout": "1s"}], "release_until": "Test"}
    run = player.play(rc=2, **variables)
    assert run.told() == "failed wait_timeout: started"
    assert run.result["error_code"] == "wait_timeout"
    for part in (FLAG, "Test", "wait_timeout (1 s)", "'active', seen", "Audience 'Test' (test)", "go on waiting"):
        assert part in run.result["message"]
    # it is not started twice, and another run waits on
    assert player.play(rc=2, **variables).told() == "failed wait_timeout: resumed"
    assert player.starts == {"Test": 1}


def test_the_time_out_of_the_last_phase_names_the_way_out(player: Player) -> None:
    player.service.world.completion = "on_next"
    run = player.play(rc=2, release_wait_timeout=1)
    assert run.result["error_code"] == "wait_timeout"
    assert "release_final_status: active" in run.result["message"]
    assert player.play(release_final_status="active").told() == "completed -: none none resumed"
