# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kill a run at any request and run the same again: the end is the same, and no phase is started twice."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Callable

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.faults import parse
from ansible_collections.flagops.launchdarkly.tests.playbook.plays import PHASES, Player

# One read, then for each phase a read, a start and a look when it is complete, and one read at the end: the last number is one more
# than a run has, which shows that there are no others.
MOST_REQUESTS = 12
STARTS = (3, 6, 9)

# The plan, one phase from its read to its completion, every start, the end, and no kill at all. The second account of completion
# changes what a run reads out of the answers, not what it asks for. The tests of the sequence have a kill at every point.
KILLED_AT = (1, 2, 3, 4, 6, 9, MOST_REQUESTS - 1, MOST_REQUESTS)
KILLS = [("self", number) for number in KILLED_AT] + [("on_next", number) for number in STARTS]


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


@pytest.mark.parametrize(("completion", "number"), KILLS)
def test_killed_run_is_finished_by_the_next(player: Player, completion: str, number: int) -> None:
    variables = {"release_final_status": "active"} if completion == "on_next" else {}
    # The request is carried out, and its answer does not come before the run is killed.
    world = player.service.world
    world.faults.faults.extend(parse([{"after": number - 1, "delay": 1.0}]))
    run = player.start(**variables)
    assert wait_until(lambda: world.faults.faults[0].fired or run.poll() is not None)
    if run.poll() is None:
        assert number < MOST_REQUESTS, "a run makes more requests than the test believes"
        workers = children(run.pid)
        run.send_signal(signal.SIGKILL)
        run.wait()
        # A worker has a session of its own and outlives its run. It gets its answer, and sends nothing more.
        sent = len(player.service.requests)
        assert sent == number
        assert wait_until(lambda: not any(runs(worker) for worker in workers), 20)
        assert len(player.service.requests) == sent
    else:
        assert number == MOST_REQUESTS, "a run makes fewer requests than the test believes"
        assert run.returncode == 0
    if run.stdout:
        run.stdout.close()
    again = player.play(**variables)
    assert again.result["state"] == "completed"
    assert player.starts == dict.fromkeys(PHASES, 1)
    assert player.statuses == ["completed", "completed", "completed" if completion == "self" else "active"]
