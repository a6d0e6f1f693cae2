# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that ends takes its tasks along."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.ansible_runs import (
    WAYS,
    Ansible,
    Simulator,
    start,
    through,
)


def wait_until(is_so: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.05)
    return is_so()


def waiting(simulator: Simulator, **options: Any) -> dict[str, Any]:
    """A task that waits for what does not come, and asks often."""
    simulator.world.merge_phase("demo", "new-checkout", "Test", {"status": "active", "started": True})
    return start(simulator, wait=True, wait_interval=0.2, **options)


def goes_quiet(simulator: Simulator, within: float) -> bool:
    """Does a second pass without a request, soon?"""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        seen = len(simulator.requests)
        if not wait_until(lambda: len(simulator.requests) > seen, 1.5):  # noqa: B023  asked at once
            return True
    return False


def test_a_killed_controller_leaves_nobody_asking(ansible: Ansible, simulator: Simulator) -> None:
    playbook = ansible.write([waiting(simulator, wait_timeout=60)])
    with ansible.started(playbook) as process:
        assert wait_until(lambda: len(simulator.requests) >= 3, 30)
        os.kill(process.pid, signal.SIGKILL)
        assert goes_quiet(simulator, 5)


@pytest.mark.parametrize("way", WAYS)
def test_an_interrupted_run_leaves_nobody_asking(ansible: Ansible, simulator: Simulator, way: str) -> None:
    """As Ctrl-C does: to the controller and what shares its terminal."""
    playbook = ansible.write([waiting(simulator, wait_timeout=20)], **through(way))
    with ansible.started(playbook) as process:
        assert wait_until(lambda: len(simulator.requests) >= 3, 30)
        os.killpg(process.pid, signal.SIGINT)
        assert wait_until(lambda: process.poll() is not None, 10)
        assert process.returncode != 0
        assert goes_quiet(simulator, 5)


def test_a_timeout_of_the_task_ends_it_and_is_no_bug(ansible: Ansible, simulator: Simulator) -> None:
    finished = ansible.run([{**waiting(simulator, wait_timeout=60), "timeout": 2}])
    assert finished.code != 0
    # the failure is Ansible's own
    assert "error_code" not in finished.results[-1]
    assert goes_quiet(simulator, 5)


def test_a_killed_controller_leaves_a_module_to_its_timeout(ansible: Ansible, simulator: Simulator) -> None:
    """It cannot see it; documented."""
    playbook = ansible.write([waiting(simulator, wait_timeout=3)], **through("module"))
    with ansible.started(playbook) as process:
        assert wait_until(lambda: len(simulator.requests) >= 2, 30)
        os.kill(process.pid, signal.SIGKILL)
        assert goes_quiet(simulator, 10)
