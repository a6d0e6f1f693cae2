# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""awx_configure.yml with the modules of awx.awx, and its templates launched with the command line of AWX."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.awx import guide
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.store import HIDDEN
from ansible_collections.flagops.launchdarkly.tests.awx.place import Configured, Place, Second, client, configure
from ansible_collections.flagops.launchdarkly.tests.tools.simulator import Simulator

Item = dict[str, Any]
# The lookup of awx.awx imports what ansible-core 2.24 drops, and ansible-core says how to hide its warning.
WARNINGS_OF_OTHERS = ("from 'ansible.module_utils._text' is deprecated", "Deprecation warnings can be disabled")
RULE = "DTSTART:20260105T080000Z RRULE:FREQ=HOURLY;INTERVAL=1"
FLAG = {"release_project_key": "demo", "release_flag_key": "new-checkout"}


def launch(place: Place, awx: Awx, name: str, variables: Mapping[str, Any]) -> tuple[int, Any]:
    return client(place, awx, ["awx", "job_templates", "launch", name, "--extra_vars", json.dumps(variables)])


def test_check_mode_writes_nothing(configured: Configured) -> None:
    assert configured.checked.changed > 0
    assert "was not checked" in configured.checked.finished.output
    assert configured.checked.writes == []


def test_the_first_run_makes_everything(configured: Configured) -> None:
    assert configured.first.changed > 0
    assert [run.refused for run in configured.runs] == [[]] * 4


def test_the_second_run_changes_nothing(second: Second) -> None:
    assert second.first.changed > 0
    assert second.again.changed == 0
    assert second.again.writes == []


def test_no_warning_comes_up(configured: Configured, second: Second) -> None:
    lines = (configured.checked.finished.output + second.again.finished.output).splitlines()
    warnings = [line for line in lines if "WARNING" in line]
    assert [line for line in warnings if not any(words in line for words in WARNINGS_OF_OTHERS)] == []


def test_the_token_is_in_no_output(configured: Configured, second: Second, launchdarkly: Simulator) -> None:
    runs = (*configured.runs, second.first, second.again)
    assert not [run.finished.output for run in runs if launchdarkly.access_token in run.finished.output]


def test_credential_hides_the_token_alone(configured: Configured, launchdarkly: Simulator) -> None:
    awx = configured.awx
    credential = awx.named("credentials", "LaunchDarkly")
    shown = {"instance": "other", "api_host": launchdarkly.url}
    assert credential["inputs"] == {**shown, "access_token": launchdarkly.access_token}
    assert awx.shown("credentials", credential)["inputs"] == {**shown, "access_token": HIDDEN}


def test_every_job_template_has_what_it_runs_in(configured: Configured) -> None:
    awx = configured.awx
    for template in awx.items["job_templates"].values():
        assert awx.items["projects"][template["project"]]["scm_url"] == guide.URL
        assert awx.items["execution_environments"][template["execution_environment"]]["image"].startswith("registry.")
        assert awx.listed("job_templates", template["id"], "credentials") == [
            awx.named("credentials", "LaunchDarkly")["id"]
        ]


def test_the_workflow_goes_from_the_plan_over_two_approvals(configured: Configured) -> None:
    awx = configured.awx
    nodes = awx.items["workflow_job_template_nodes"]
    paths = {
        node["identifier"]: [
            [nodes[next_]["identifier"] for next_ in awx.listed("workflow_job_template_nodes", id_, name)]
            for name in ("success_nodes", "failure_nodes", "always_nodes")
        ]
        for id_, node in nodes.items()
    }
    assert paths == {
        "plan": [["approve-start"], ["status", "notice"], []],
        "approve-start": [["first-part"], ["status", "notice"], []],
        "first-part": [["approve-rest"], ["status", "notice"], []],
        "approve-rest": [["rest"], ["status", "notice"], []],
        "rest": [[], ["notice"], ["status"]],
        "status": [[], [], []],
        "notice": [[], [], []],
    }


def test_awxkit_lists_the_job_templates(configured: Configured, place: Place) -> None:
    code, listed = client(place, configured.awx, ["awx", "job_templates", "list"])
    assert code == 0, listed
    assert [template["name"] for template in listed["results"]] == [
        "LaunchDarkly abort",
        "LaunchDarkly notice",
        "LaunchDarkly plan",
        "LaunchDarkly rehearse",
        "LaunchDarkly release",
        "LaunchDarkly release first part",
        "LaunchDarkly status",
    ]


def test_awxkit_launches_a_release(configured: Configured, place: Place) -> None:
    code, job = client(place, configured.awx, guide.LAUNCH_RELEASE)
    assert code == 0, job
    assert job["ignored_fields"] == {}
    assert json.loads(job["extra_vars"]) == {
        "release_project_key": "shop",
        "release_flag_key": "new-cart",
        "release_until": "Staging",
        "release_wait": "true",
        "release_wait_interval": 10,
        "release_on_approval": "wait",
        "release_final_status": "completed",
        "release_on_failure": "stop",
    }


@pytest.mark.parametrize(
    ("template", "variables", "wrong"),
    [
        ("release", {"release_project_key": "demo"}, "'release_flag_key' value missing"),
        ("release", {**FLAG, "release_wait": "perhaps"}, "expected to be one of"),
        ("abort", {**FLAG, "release_abort_comment": "why"}, "'release_abort_flag_key' value missing"),
    ],
)
def test_a_wrong_answer_starts_no_job(
    configured: Configured, place: Place, template: str, variables: Mapping[str, Any], wrong: str
) -> None:
    jobs = len(configured.awx.items["jobs"])
    code, answer = launch(place, configured.awx, f"LaunchDarkly {template}", variables)
    assert code != 0
    assert wrong in str(answer)
    assert len(configured.awx.items["jobs"]) == jobs


def test_a_phase_may_be_named_by_a_number(place: Place) -> None:
    """AWX takes nothing but text for the default of a question for text."""
    settings = place.collection / "playbooks" / "vars" / "awx.yml"
    shown = place.run(
        *("ansible", "localhost", "-m", "ansible.builtin.debug", "-a", "var=awx_ask_first_part"),
        *("-e", f"@{settings}", "-e", '{"awx_workflow_until": 2}'),
    )
    assert '"default": "2"' in shown.output


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, "awx_project_scm_url is missing"),
        ({"awx_project_scm_type": "manual"}, "awx_project_local_path is missing"),
        (
            {"awx_project_scm_url": guide.URL, "awx_release_vars": {"release_on_failure": "explode"}},
            "release_on_failure is explode: it is one of stop, turn_off, turn_off_all, roll_back, restore.",
        ),
        (
            {"awx_project_scm_url": guide.URL, "awx_release_vars": {"release_access_token": "{{ 1 }}"}},
            "release_access_token would be visible to everyone who sees a job template",
        ),
        (
            {
                "awx_project_scm_url": guide.URL,
                "awx_schedules": [
                    {"name": "s", "rrule": RULE, "vars": {"release_project_key": "a", "release_flag_key": "b", "x": 1}}
                ],
            },
            "the vars of s have x, which the survey of the job template does not ask for.",
        ),
        (
            {
                "awx_project_scm_url": guide.URL,
                "awx_notifications": [{"name": "n", "type": "slack", "channels": ["#a"], "token": "of-slack", "x": 1}],
            },
            "n has x: the type slack takes name, type, events, channels, token.",
        ),
    ],
)
def test_configure_refuses_settings_before_it_asks_awx(place: Place, settings: Item, missing: str) -> None:
    finished = place.run("ansible-playbook", "flagops.launchdarkly.awx_configure", "-e", json.dumps(settings))
    assert finished.code == 2
    assert missing in finished.output
    assert "of-slack" not in finished.output


def test_configure_ends_with_what_can_be_launched_by_hand(configured: Configured) -> None:
    closing = configured.first.finished.output.partition("Launch the workflow")[2]
    assert "LaunchDarkly release, LaunchDarkly status" in closing
    assert "first part" not in closing
    assert "notice" not in closing.partition("PLAY RECAP")[0]


def test_configure_names_the_owner_of_an_execution_environment(configured: Configured, place: Place) -> None:
    awx = configured.awx
    awx.add("organizations", {"name": "Two"})
    before = len(awx.writes())
    finished = configure(place, awx, [*guide.CONFIGURE, "-e", "awx_organization=Two"])
    assert finished.code == 2
    assert "belongs to the organization Default" in finished.output
    assert "Set another awx_prefix for the organization Two." in finished.output
    assert awx.writes()[before:] == []


def test_configure_makes_a_second_set_with_its_own_variables(second: Second, place: Place) -> None:
    """A variable beats the default of a survey, of the workflow's too."""
    awx = second.awx
    assert awx.items["project_updates"] == {}
    job = launch(place, awx, "Second release", FLAG)[1]
    assert json.loads(job["extra_vars"]) == {
        **FLAG,
        "release_wait": "false",
        "release_wait_interval": 60,
        "release_on_approval": "return",
        "release_final_status": "active",
        "release_on_failure": "turn_off",
        "release_confirmed": "Test, Staging",
        "release_until": "2",
        "release_environments": "- test\n- environment: staging\n  strategy: percentage",
        "release_retry": "test, staging",
        "rehearse_hooks": True,
    }
    workflow = awx.named("workflow_job_templates", "Second release with approvals")
    defaults = {question["variable"]: question.get("default") for question in awx.surveys[workflow["id"]]["spec"]}
    assert (defaults["release_on_failure"], defaults["release_final_status"]) == ("turn_off", "active")
