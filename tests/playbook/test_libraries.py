# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a library is missing: on the controller, on the host, or on both. In which ways: tests/unit/.../_core/test_libraries.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.ansible_runs import Ansible, Simulator, read

BROKEN = {
    "requests": ("requests", 'raise ImportError("No module named requests")'),
    "pydantic of another Python": ("pydantic", 'raise SystemError("compiled for another Python")'),
}


def broken(folder: Path, kind: str) -> tuple[str, str]:
    """A path on which a library is found that cannot be used, and the library's name."""
    name, text = BROKEN[kind]
    path = folder / kind
    (path / name).mkdir(parents=True)
    (path / name / "__init__.py").write_text(text + "\n")
    return name, str(path)


@pytest.mark.parametrize("kind", BROKEN)
def test_library_that_the_controller_lacks(ansible: Ansible, simulator: Simulator, kind: str) -> None:
    """Then the task is handed over to the module; where that lacks it too, the task says which and where."""
    name, path = broken(ansible.folder, kind)
    tasks = [{**read(simulator), "environment": {"PYTHONPATH": ""}}, {**read(simulator), "ignore_errors": True}]
    finished = ansible.run(tasks, "-vvv", environment={"PYTHONPATH": path})
    assert finished.code == 0, finished.output
    assert finished.used_a_module
    assert len(simulator.requests) == 1
    handed_over, lacking = finished.results
    assert handed_over["exists"] is True
    assert (lacking["error_code"], lacking["changed"], lacking["error"]["kind"]) == ("missing_library", False, "option")
    assert name in lacking["msg"]


def test_library_that_the_host_lacks_does_not_matter_here(ansible: Ansible, simulator: Simulator) -> None:
    tasks = [{**read(simulator), "environment": {"PYTHONPATH": broken(ansible.folder, kind)[1]}} for kind in BROKEN]
    finished = ansible.run(tasks, "-vvv")
    assert finished.code == 0, finished.output
    assert not finished.used_a_module
    assert len(simulator.requests) == len(tasks)
