# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a library is missing: on the controller, on the host, or on both."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.ansible_runs import Ansible, Simulator, read

BROKEN = {
    "requests": ("requests", 'raise ImportError("No module named requests")'),
    "pydantic": ("pydantic", 'raise ImportError("No module named pydantic")'),
    "pydantic of another Python": ("pydantic", 'raise SystemError("compiled for another Python")'),
    "pydantic 1": ("pydantic", "BaseModel = object"),
}


@pytest.fixture(params=BROKEN)
def lacking(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A path on which a library is found that cannot be used, and the library's name."""
    name, text = BROKEN[request.param]
    folder = tmp_path / "broken"
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(text + "\n")
    return name, str(folder)


def test_a_controller_that_lacks_it_hands_over(
    ansible: Ansible, simulator: Simulator, lacking: tuple[str, str]
) -> None:
    task = {**read(simulator), "environment": {"PYTHONPATH": ""}}
    finished = ansible.run([task], "-vvv", environment={"PYTHONPATH": lacking[1]})
    assert finished.code == 0, finished.output
    assert finished.used_a_module


def test_where_both_lack_it_the_task_says_which_and_where(
    ansible: Ansible, simulator: Simulator, lacking: tuple[str, str]
) -> None:
    name, path = lacking
    result = ansible.run([read(simulator)], environment={"PYTHONPATH": path}).results[-1]
    assert (result["error_code"], result["changed"], result["error"]["kind"]) == ("missing_library", False, "option")
    assert name in result["msg"]
    assert simulator.requests == []


def test_a_host_that_lacks_it_does_not_matter_here(
    ansible: Ansible, simulator: Simulator, lacking: tuple[str, str]
) -> None:
    task = {**read(simulator), "environment": {"PYTHONPATH": lacking[1]}}
    finished = ansible.run([task], "-vvv")
    assert finished.code == 0, finished.output
    assert not finished.used_a_module
