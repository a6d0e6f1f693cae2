# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workflow as AWX walks it, each job run by ansible-runner from the built collection, against the simulator."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.flagops.launchdarkly.tests.awx import guide, settings
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx
from ansible_collections.flagops.launchdarkly.tests.awx.jobs import Job, Runner
from ansible_collections.flagops.launchdarkly.tests.awx.place import Configured, EverySetting, Place, client
from ansible_collections.flagops.launchdarkly.tests.tools.simulator import Simulator

FLAG = {"release_project_key": "demo", "release_flag_key": "new-checkout"}
ENTRY = "demo/new-checkout"
NODES = "workflow_job_template_nodes"


@pytest.fixture
def runner(configured: Configured, place: Place, tmp_path: Path) -> Runner:
    return Runner(place, configured.awx, tmp_path)


@pytest.fixture(autouse=True)
def _fresh(launchdarkly: Simulator) -> Iterator[None]:
    """A release with nothing started."""
    state = admin(launchdarkly, "state")
    yield
    admin(launchdarkly, "state", state)


def admin(service: Simulator, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{service.url}/__sim__/{path}", data, method="PUT" if data else "GET")  # noqa: S310  our own
    with urllib.request.urlopen(request) as answer:  # noqa: S310  our own
        return json.loads(answer.read() or "null")


def statuses(service: Simulator) -> list[str]:
    release = admin(service, "state")["projects"]["demo"]["releases"]["new-checkout"]
    return [phase["status"] for phase in release["phases"]]


def walk(
    runner: Runner, answers: Mapping[str, Any], approvals: Mapping[str, bool], *, split: Container[str]
) -> dict[str, Job | bool]:
    """The nodes in their order, with the job of each, or the answer of whoever was asked.

    Together, the tests run a plan, a rest, a status and a notice through the split, and the other jobs directly.
    What AWX gives a job: the variables of its template, then the artifacts of all jobs before, then the workflow's own.
    """
    awx = runner.awx
    walked: dict[str, Job | bool] = {}
    artifacts: dict[str, Any] = {}
    coming = [_root(awx)]
    while coming:
        node = coming.pop(0)
        name, template = node["identifier"], node["unified_job_template"]
        if template in awx.items["workflow_approval_templates"]:
            good = approvals[name]
            walked[name] = good
        else:
            job = runner.run(
                awx.items["job_templates"][template]["name"], {**artifacts, **answers}, split=name in split
            )
            artifacts.update(job.artifacts)
            good = job.code == 0
            walked[name] = job
        coming += [
            awx.items[NODES][id_]
            for kind in ("success_nodes" if good else "failure_nodes", "always_nodes")
            for id_ in awx.listed(NODES, node["id"], kind)
        ]
    return walked


def _root(awx: Awx) -> dict[str, Any]:
    nodes = awx.items[NODES]
    later = {
        id_
        for node in nodes
        for name in ("success_nodes", "failure_nodes", "always_nodes")
        for id_ in awx.listed(NODES, node, name)
    }
    (root,) = [node for id_, node in nodes.items() if id_ not in later]
    return root


def test_a_release_goes_over_both_approvals_to_the_end(runner: Runner, place: Place, launchdarkly: Simulator) -> None:
    given = [word.replace("shop", "demo").replace("new-cart", "new-checkout") for word in guide.LAUNCH_WORKFLOW]
    code, launched = client(place, runner.awx, given)
    assert (code, launched["ignored_fields"]) == (0, {})
    answers = json.loads(launched["extra_vars"])
    assert answers == {
        **FLAG,
        "release_workflow_until": "Staging",
        "release_final_status": "completed",
        "release_on_failure": "stop",
    }
    walked = walk(runner, answers, {"approve-start": True, "approve-rest": True}, split={"plan", "rest"})
    assert list(walked) == ["plan", "approve-start", "first-part", "approve-rest", "rest", "status"]
    jobs = {name: job for name, job in walked.items() if isinstance(job, Job)}
    assert {name: (job.code, job.status) for name, job in jobs.items()} == dict.fromkeys(jobs, (0, "successful"))

    results = {name: job.artifacts["release_result"][ENTRY] for name, job in jobs.items() if name != "status"}
    assert {name: result["state"] for name, result in results.items()} == {
        "plan": "planned",
        "first-part": "completed",
        "rest": "completed",
    }
    assert [phase["action"] for phase in results["first-part"]["phases"]] == ["started", "started"]
    # It was handed the result of the first part as an extra variable, which beats any fact of that name.
    assert jobs["rest"].given["release_result"] == jobs["first-part"].artifacts["release_result"]
    assert [phase["action"] for phase in results["rest"]["phases"]] == ["none", "none", "started"]
    assert statuses(launchdarkly) == ["completed", "completed", "completed"]

    queries = yaml.safe_load((place.collection / "extensions" / "audit" / "event_query.yml").read_text())
    counted = {name: job.counted_flags(queries) for name, job in jobs.items()}
    assert counted == {"plan": set(), "first-part": {ENTRY}, "rest": {ENTRY}, "status": set()}

    assert all(job.stats["failures"] == {} for job in jobs.values())
    assert jobs["first-part"].stats["ok"]["localhost"] > 0
    kinds = {event["event"] for event in jobs["first-part"].events}
    assert {"playbook_on_start", "runner_on_start", "runner_on_ok", "playbook_on_stats"} <= kinds
    assert "Production" in jobs["status"].stdout
    for job in jobs.values():
        assert_no_token(job, launchdarkly)


def test_a_denied_approval_ends_in_a_notice_that_fails(runner: Runner, launchdarkly: Simulator) -> None:
    walked = walk(runner, {**FLAG, "release_workflow_until": "Staging"}, {"approve-start": False}, split={"notice"})
    assert list(walked) == ["plan", "approve-start", "status", "notice"]
    status, notice = walked["status"], walked["notice"]
    assert isinstance(status, Job)
    assert isinstance(notice, Job)
    assert (status.code, status.status) == (0, "successful")
    assert "0 of 3 phases complete" in status.stdout
    assert (notice.code, notice.status) == (2, "failed")
    assert "an approval was denied or timed out" in notice.stdout
    assert statuses(launchdarkly) == ["ready-to-start", "not-started", "not-started"]


def test_a_failure_ends_in_a_notice_that_has_its_reason(
    runner: Runner, launchdarkly: Simulator, tmp_path: Path
) -> None:
    """The reason has an answer of the survey in it, which no job fills in: neither as its own variable nor as another job's result."""
    answer = f"Nowhere {{{{ lookup('ansible.builtin.pipe', 'touch {tmp_path}/executed') }}}}"
    walked = walk(runner, {**FLAG, "release_workflow_until": answer}, {"approve-start": True}, split={"status"})
    assert list(walked) == ["plan", "approve-start", "first-part", "status", "notice"]
    failed, notice = walked["first-part"], walked["notice"]
    assert isinstance(failed, Job)
    assert isinstance(notice, Job)
    assert (failed.code, failed.status) == (2, "failed")
    result = failed.artifacts["release_result"][ENTRY]
    assert (result["state"], result["reason"]) == ("failed", "invalid_settings")
    assert notice.code == 2
    assert "lookup(" in result["message"]
    assert "Nowhere" in notice.stdout
    assert "lookup(" in notice.stdout
    assert not (tmp_path / "executed").exists()
    assert statuses(launchdarkly) == ["ready-to-start", "not-started", "not-started"]
    assert_no_token(failed, launchdarkly)
    assert_no_token(notice, launchdarkly)


def test_a_rehearsal_leaves_the_release_as_it_is(runner: Runner, launchdarkly: Simulator) -> None:
    job = runner.run("LaunchDarkly rehearse", {**FLAG, "rehearse_faults": ["rate_limited"]})
    assert (job.code, job.status) == (0, "successful")
    assert "Rehearsed on a simulator" in job.stdout
    assert "release_result" not in job.artifacts
    assert statuses(launchdarkly) == ["ready-to-start", "not-started", "not-started"]
    assert_no_token(job, launchdarkly)


def test_settings_for_every_release_check_each_phase_in_a_job(
    every_setting: EverySetting, place: Place, tmp_path: Path
) -> None:
    """With a credential of before 0.9.0."""
    smoke_test = [
        {"name": "See the phase", "ansible.builtin.assert": {"that": "release_phase.environments | length == 1"}}
    ]
    awx = every_setting.awx
    runner = Runner(place, awx, tmp_path, {"tasks/smoke_test.yml": json.dumps(smoke_test)})
    planned = runner.run("LaunchDarkly plan", FLAG)
    assert (planned.code, planned.artifacts["release_result"][ENTRY]["state"]) == (0, "planned")
    released = runner.run("LaunchDarkly release", FLAG, split=True)
    assert (released.code, released.artifacts["release_result"][ENTRY]["state"]) == (0, "completed")
    asked = [path for _method, path, _status in awx.log if path.startswith(settings.CHECKED)]
    assert asked == [settings.CHECKED + environment for environment in ("test", "staging", "production")]


def test_an_abort_wants_the_flag_key_twice(runner: Runner, launchdarkly: Simulator) -> None:
    answers = {**FLAG, "release_abort_environments": "test", "release_abort_comment": "tried"}
    refused = runner.run("LaunchDarkly abort", {**answers, "release_abort_flag_key": "another"})
    assert (refused.code, refused.status) == (2, "failed")
    assert "Say which flag to abort a second time" in refused.stdout
    done = runner.run("LaunchDarkly abort", {**answers, "release_abort_flag_key": "new-checkout"}, split=True)
    assert (done.code, done.status) == (0, "successful")
    assert_no_token(refused, launchdarkly)
    assert_no_token(done, launchdarkly)


def assert_no_token(job: Job, launchdarkly: Simulator) -> None:
    """Nowhere but in the environment that ansible-runner itself writes down beside the command."""
    assert set(job.files_with(launchdarkly.access_token)) <= {"command"}
    command = job.folder / "command"
    if command.exists():
        written = json.loads(command.read_text())
        written["env"].pop("LAUNCHDARKLY_ACCESS_TOKEN")
        assert launchdarkly.access_token not in json.dumps(written)
