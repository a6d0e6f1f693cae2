# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs each integration target with ansible-playbook, against a simulator of its own.

ansible-test runs the targets as well, but makes environments and copies for each run, which takes longer than most targets.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.tests.tools import processes, simulator
from ansible_collections.flagops.launchdarkly.tests.tools.checkout import ROOT

TARGETS = Path(__file__).resolve().parent / "targets"
NAMES = sorted(path.name for path in TARGETS.iterdir() if not path.name.startswith("setup_"))

# These wait, or walk from phase to phase, so they must hold under the second account of how a phase completes too.
# The role does so in unit tests, without Ansible.
ON_NEXT = ("ld_release_phase", "ld_release_phase_approvals")
RUNS = [*((name, "self") for name in NAMES), *((name, "on_next") for name in ON_NEXT)]


@pytest.mark.parametrize(("target", "completion"), RUNS)
def test_target(target: str, completion: str, collections: Path, tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.yml"
    # Not an extra variable: a target has to be able to choose another interpreter.
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory.write_text(json.dumps({"all": {"hosts": {"testhost": host}}}))
    playbook = tmp_path / "play.yml"
    playbook.write_text(json.dumps([{"hosts": "testhost", "gather_facts": False, "roles": [target]}]))
    with simulator.running(ROOT, "--completion", completion) as service:
        variables = {
            "simulator_url": service.url,
            "simulator_access_token": service.access_token,
            "simulator_completion": completion,
            # What does not depend on the ansible-core is tried on one, unless all is asked for.
            "every_case": os.environ.get("EVERY_CASE", "true") == "true",
        }
        environment = processes.clean_environment(
            HOME=str(tmp_path),
            ANSIBLE_ROLES_PATH=str(TARGETS),
            ANSIBLE_COLLECTIONS_PATH=str(collections),
            # As ansible-test has it; without it, each module takes five processes.
            ANSIBLE_PIPELINING="true",
            ANSIBLE_REMOTE_TEMP=str(tmp_path / "remote"),
            ANSIBLE_ASYNC_DIR=str(tmp_path / "async"),
            ANSIBLE_NOCOLOR="1",
            ANSIBLE_DEPRECATION_WARNINGS="false",
        )
        options = ["-i", inventory, "-e", json.dumps(variables)]
        command = [processes.BIN / "ansible-playbook", *options, playbook]
        finished = processes.run(command, cwd=tmp_path, env=environment, timeout=1200)
    (tmp_path / "output").write_text(finished.output)
    assert finished.code == 0, f"{around_the_failure(finished.output)}\nAll of it is in {tmp_path}/output"


def around_the_failure(output: str) -> str:
    """The last failure that is not ignored, and what leads to it."""
    lines = output.splitlines()
    failed = [
        number
        for number, line in enumerate(lines)
        if line.startswith(("fatal: ", "failed: ", "ERROR", "[ERROR]"))
        and lines[number + 1 : number + 2] != ["...ignoring"]
    ]
    last = failed[-1] if failed else len(lines)
    return "\n".join(lines[max(last - 30, 0) : last + 10])
