# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill a run at a request and run it once more: the end is the same, and no phase is started twice.

The tests of the sequence have a kill at every request. Here it is ansible-playbook that is killed, whose workers live on.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Callable

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.faults import parse
from ansible_collections.flagops.launchdarkly.tests.playbook.plays import PHASES, Player

# Each in another task of the role: the plan, and the start of a phase.
KILLED_AT = (1, 6)


def children(pid: int) -> list[int]:
    """As Linux lists them."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def runs(pid: int) -> bool:
    """A process that has ended stays listed until its parent asks for its exit status, which nobody may do here."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], object], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize("number", KILLED_AT)
def test_killed_run_is_finished_by_the_next(player: Player, number: int) -> None:
    # The request is carried out, and its answer does not come before the run is killed.
    world = player.service.world
    world.faults.faults.extend(parse([{"after": number - 1, "delay": 1.0}]))
    run = player.start()
    assert wait_until(lambda: world.faults.faults[0].fired or run.poll() is not None)
    assert run.poll() is None
    workers = children(run.pid)
    run.send_signal(signal.SIGKILL)
    run.wait()
    # A worker has a session of its own and outlives its run. It gets its answer, and sends nothing more.
    sent = len(player.service.requests)
    assert sent == number
    assert wait_until(lambda: not any(runs(worker) for worker in workers), 20)
    assert len(player.service.requests) == sent
    if run.stdout:
        run.stdout.close()
    again = player.play()
    assert again.result["state"] == "completed"
    assert player.starts == dict.fromkeys(PHASES, 1)
    assert player.statuses == ["completed"] * 3
