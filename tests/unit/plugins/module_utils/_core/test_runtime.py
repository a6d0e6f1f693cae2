# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task ends with the run that it belongs to."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core import runtime as runtime_module

# A controller that ends once its worker is at work. Who takes the orphan in is not always process 1: here, where Linux allows
# it, it is the controller's own parent. Its own file is all that the runtime needs.
ORPHAN = """
import contextlib, ctypes, importlib.util, os, sys

spec = importlib.util.spec_from_file_location("runtime", sys.argv[1])
module = sys.modules["runtime"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

PR_SET_CHILD_SUBREAPER = 36
if sys.argv[3] == "taken in":
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
controller = os.fork()
if controller:
    os.waitpid(controller, 0)
    with contextlib.suppress(ChildProcessError):
        os.wait()
    os._exit(0)

at_work, tell = os.pipe()
if os.fork():
    os.close(tell)
    os.read(at_work, 1)
    os._exit(0)

runtime = module.end_with_parent(print)
parent = os.getppid()
os.write(tell, b".")
try:
    if sys.argv[2] == "asleep":
        runtime.sleep(15)
    else:
        while os.getppid() == parent:
            os.sched_yield()
        runtime.still_wanted()
    print("lives on")
except SystemExit:
    print("ended")
"""


def test_nothing_happens_while_the_parent_lives() -> None:
    runtime = runtime_module.end_with_parent(print)
    runtime.still_wanted()
    runtime.sleep(0)
    assert 0 <= runtime.chance() <= 1


def test_an_ordinary_module_cannot_see_it() -> None:
    runtime_module.Runtime().still_wanted()


@pytest.mark.parametrize("how", ["asleep", "before a request"])
@pytest.mark.parametrize("where", ["left alone", "taken in"])
def test_an_orphan_ends(how: str, where: str) -> None:
    """As a worker whose controller was killed."""
    command = [sys.executable, "-c", ORPHAN, runtime_module.__file__, how, where]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)  # noqa: S603  our own script
    assert finished.stdout == "ended\n"
