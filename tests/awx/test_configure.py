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
from ansible_collections.flagops.launchdarkly.tests.awx.place import Configured, Place, client, configure
from ansible_collections.flagops.launchdarkly.tests.tools.processes import Finished
from ansible_collections.flagops.launchdarkly.tests.tools.simulator import Simulator

FLAG = {"release_project_key": "demo", "release_flag_key": "new-checkout"}


def changed(finished: Finished) -> int:
    assert finished.code == 0, finished.output
    return int(finished.output.rpartition("changed=")[2].split()[0])


def launch(place: Place, awx: Awx, name: str, variables: Mapping[str, Any]) -> tuple[int, Any]:
    return client(place, awx, ["awx", "job_templates", "launch", name, "--extra_vars", json.dumps(variables)])


def test_check_mode_writes_nothing(configured: Configured) -> None:
    assert changed(configured.checked) > 0
    assert "could not be looked at" in configured.checked.output
    assert configured.writes_of_check == []


def test_the_first_run_makes_everything(configured: Configured) -> None:
    assert changed(configured.first) > 0
    assert [status for _method, _path, status in configured.awx.log if status >= 400] == []


def test_the_second_run_changes_nothing(configured: Configured) -> None:
    assert changed(configured.again) == 0
    assert configured.writes_of_again == []


def test_check_mode_predicts_no_more_than_what_differs(
    configured: Configured, place: Place, launchdarkly: Simulator
) -> None:
    before = len(configured.awx.writes())
    finished = configure(place, configured.awx, launchdarkly, [*guide.CHECK, "-e", "awx_workflow_until=Test"])
    assert changed(finished) == 1
    assert configured.awx.writes()[before:] == []


def test_no_warning_comes_up(configured: Configured) -> None:
    assert "WARNING" not in configured.checked.output + configured.again.output


def test_the_token_is_in_no_output(configured: Configured, launchdarkly: Simulator) -> None:
    outputs = configured.checked.output + configured.first.output + configured.again.output
    assert launchdarkly.access_token not in outputs


def test_token_and_host_are_secrets_of_the_credential(configured: Configured, launchdarkly: Simulator) -> None:
    awx = configured.awx
    credential = awx.named("credentials", "LaunchDarkly")
    assert credential["inputs"] == {"access_token": launchdarkly.access_token, "api_host": launchdarkly.url}
    assert awx.shown("credentials", credential)["inputs"] == {"access_token": HIDDEN, "api_host": HIDDEN}
    assert awx.named("credential_types", "LaunchDarkly")["injectors"] == {
        "env": {"LAUNCHDARKLY_ACCESS_TOKEN": "{{ access_token }}", "LAUNCHDARKLY_API_HOST": "{{ api_host }}"}
    }


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


def test_a_project_has_to_be_named(awx: Awx, place: Place) -> None:
    finished = place.run("ansible-playbook", "flagops.launchdarkly.awx_configure")
    assert finished.code == 2
    assert "Say where the project" in finished.output
    assert awx.log == []
