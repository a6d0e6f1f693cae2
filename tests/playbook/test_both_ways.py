# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which way a task runs, and that the result is the same."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible_collections.flagops.launchdarkly.tests.playbook.ansible_runs import (
    WAYS,
    Ansible,
    Simulator,
    read,
    start,
    through,
)

BECOME = {"become": True, "become_method": "pretend"}
ASYNC = {"async": 30, "poll": 1}
MODULE = {"vars": {"launchdarkly_in_process": False}}

# What Ansible adds to a result, according to its version.
ANSIBLES_OWN = {"failed", "invocation", "exception", "_ansible_no_log"}


# Where a task with these keywords runs.
KEYWORDS: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    (MODULE, True),
    ({"vars": {"launchdarkly_in_process": "{{ 1 == 2 }}"}}, True),
    (BECOME, True),
    (ASYNC, True),
    ({"connection": "elsewhere"}, True),
    ({"connection": "elsewhere", "vars": {"launchdarkly_in_process": True}}, True),
    ({"delegate_to": "localhost"}, False),
]


def test_only_a_task_for_this_very_process_stays_in_it(ansible: Ansible, simulator: Simulator) -> None:
    """The local ones find the token and the address in environment variables, which another machine would not have."""
    unknown = {"flagops.launchdarkly.ld_release_info": {"project_key": "demo", "flag_key": "new-checkout"}}
    tasks = [
        {**(read(simulator) if "connection" in keywords else unknown), **keywords} for keywords, _module in KEYWORDS
    ]
    variables = {"LD_ACCESS_TOKEN": simulator.access_token, "LAUNCHDARKLY_API_HOST": simulator.url}
    finished = ansible.run(tasks, "-vvv", environment=variables)
    assert finished.code == 0, finished.output
    # Each time, at -vvv.
    outputs = finished.task_outputs
    used = [(keywords, "Using module file" in output) for (keywords, _module), output in zip(KEYWORDS, outputs)]
    assert used == KEYWORDS
    assert all(result["exists"] is True for result in finished.results)
    assert len(simulator.requests) == len(KEYWORDS)


def test_another_machine_has_variables_of_its_own(ansible: Ansible, simulator: Simulator) -> None:
    """The controller's do not leave it, but what the task says does."""
    info = {
        "flagops.launchdarkly.ld_release_info": {"project_key": "demo", "flag_key": "new-checkout"},
        "connection": "elsewhere",
    }
    variables = {"LAUNCHDARKLY_ACCESS_TOKEN": simulator.access_token, "LAUNCHDARKLY_API_HOST": simulator.url}
    tasks = [{**info, "environment": variables}, {**info, "ignore_errors": True}]
    # The pretended machine is this one, so that it sees the controller's address, where nothing listens.
    with_variables, without = ansible.run(tasks, environment={"LAUNCHDARKLY_API_HOST": "http://127.0.0.1:1"}).results
    assert with_variables["exists"] is True
    assert without["error_code"] == "invalid_option"


def test_diff_mode_shows_what_changes(ansible: Ansible, simulator: Simulator) -> None:
    with Simulator() as other:
        tasks = [
            {**start(service), "check_mode": check_mode, **through(way)}
            for way, service in zip(WAYS, (simulator, other))
            for check_mode in (True, False)
        ]
        outputs = ansible.run(tasks, "--diff").task_outputs
        assert [output for output in outputs if '-    "status": "ready_to_start"' not in output] == []
        assert [output for output in outputs if '+    "status": "active"' not in output] == []
        assert len(outputs) == len(tasks)


def test_warnings_are_shown(ansible: Ansible, simulator: Simulator) -> None:
    tasks = []
    # Ansible shows equal warnings once.
    for weight, way in zip((50, 60), WAYS):
        guarded = {"audience": "test", "release_guardian_configuration": {"rollout_weight": weight}}
        tasks.append({**start(simulator, audiences=[guarded]), **through(way)})
    finished = ansible.run(tasks, "--check")
    for weight, output, result in zip((50, 60), finished.task_outputs, finished.results):
        assert f"[WARNING]: audiences: rollout_weight {weight}" in output
        assert len(result["warnings"]) == 1
    assert len(finished.results) == len(tasks)


def test_progress_of_a_wait_goes_to_standard_error(ansible: Ansible) -> None:
    with Simulator(speed=0.1) as slow:
        waiting = {**start(slow, wait=True, wait_timeout=3.6, wait_interval=0.5), "ignore_errors": True}
        tasks = [waiting, {**waiting, "vars": {"launchdarkly_progress": False}}, {**waiting, "no_log": True}]
        with ansible.started(ansible.write(tasks), stderr=subprocess.PIPE) as process:
            output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, output + errors
    (line,) = [line for line in errors.splitlines() if " UTC demo/new-checkout: " in line]
    assert re.search(r" UTC demo/new-checkout: Test \(test\) active.*, time-out in \ds$", line)
    assert len(line) <= 100
    assert " UTC demo/new-checkout: " not in output
    assert "RETRYING" not in output


def test_progress_of_a_short_wait_is_silent(ansible: Ansible, simulator: Simulator) -> None:
    with ansible.started(ansible.write([start(simulator, wait=True)]), stderr=subprocess.PIPE) as process:
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, output + errors
    assert " UTC demo/new-checkout: " not in output + errors


BAD_OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"phase": None}, "phase"),
    ({"stauts": "active"}, "Unsupported parameters for (flagops.launchdarkly.ld_release_phase) module: stauts"),
    ({"status": "started"}, "value of status must be one of"),
    ({"wait_timeout": "soon"}, "wait_timeout"),
    ({"audiences": [{}]}, "audience"),
    ({"typo": {"a": ["2026-10-26"]}}, "Unsupported parameters"),
    ({"access_token": "a\nb"}, "access_token"),
    ({"http_timeout": 1e300}, "http_timeout"),
]


def test_bad_options_are_refused_alike(ansible: Ansible, simulator: Simulator) -> None:
    tasks = [
        {**start(simulator, **bad), "ignore_errors": True, **through(way)} for bad, _text in BAD_OPTIONS for way in WAYS
    ]
    results = ansible.run(tasks).results
    assert len(results) == len(tasks)
    for (_bad, text), here, module in zip(BAD_OPTIONS, results[::2], results[1::2]):
        assert here["msg"] == module["msg"]
        assert text in here["msg"]
        assert here["msg"].endswith("/docs/errors.md#invalid_option")
        for result in (here, module):
            assert (result["error_code"], result["changed"]) == ("invalid_option", False)
            assert set(result) - ANSIBLES_OWN == {"changed", "msg", "error_code", "http_status", "error"}
    assert simulator.requests == []


def test_a_token_that_no_variable_can_hold_is_refused_too(ansible: Ansible, simulator: Simulator) -> None:
    task = {**read(simulator), "environment": {"LD_ACCESS_TOKEN": "api-\0secret"}, "ignore_errors": True}
    del task["flagops.launchdarkly.ld_release_info"]["access_token"]
    finished = ansible.run([{**task, **through(way)} for way in WAYS], "-vvvvv")
    assert [result["error_code"] for result in finished.results] == ["invalid_option"] * 2
    assert "secret" not in finished.output
    assert simulator.requests == []


def test_invocations_are_left_out_where_modules_leave_them_out(ansible: Ansible, simulator: Simulator) -> None:
    """By a setting that ansible-core has had since 2.21; where they are shown is tested below."""
    tasks = [{**read(simulator), **through(way)} for way in WAYS]
    here, module = ansible.run(tasks, environment={"ANSIBLE_INJECT_INVOCATION": "0"}).results
    assert set(here) == set(module)


def test_an_invocation_is_the_same_and_without_the_token(ansible: Ansible, simulator: Simulator) -> None:
    audiences = [{"audience": "test", "notify_team_keys": ["product"]}]
    tasks = [{**start(simulator, audiences=audiences, strict="no", max_retries="2"), **through(way)} for way in WAYS]
    here, module = ansible.run(tasks, "--check", environment={"ANSIBLE_INJECT_INVOCATION": "1"}).results
    assert set(here) == set(module)
    assert here["invocation"] == module["invocation"]
    arguments = here["invocation"]["module_args"]
    assert arguments["access_token"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"  # noqa: S105  the mask
    assert (arguments["strict"], arguments["max_retries"], arguments["http_timeout"]) == (False, 2, 20.0)
    assert arguments["audiences"][0]["notify_team_keys"] == ["product"]


def vaulted(ansible: Ansible, text: str) -> Path:
    """A file of variables with the text encrypted in it."""
    password = ansible.folder / "password"
    password.write_text("let me in\n")
    command = [
        sys.executable,
        "-m",
        "ansible",
        "vault",
        "encrypt_string",
        "--vault-password-file",
        str(password),
        "--name",
        "token",
        text,
    ]
    finished = subprocess.run(command, env=ansible.environment, capture_output=True, text=True, check=True)  # noqa: S603  our own
    path = ansible.folder / "secrets.yml"
    path.write_text(finished.stdout)
    return path


def test_a_token_may_come_from_a_vault(ansible: Ansible, simulator: Simulator) -> None:
    secrets = vaulted(ansible, simulator.access_token)
    task = read(simulator, access_token="{{ token }}")  # noqa: S106  a template
    arguments = ("--vault-password-file", str(ansible.folder / "password"), "-vvvvv")
    finished = ansible.run([{**task, **through(way)} for way in WAYS], *arguments, vars_files=[str(secrets)])
    assert finished.code == 0, finished.output
    assert simulator.access_token not in finished.output
