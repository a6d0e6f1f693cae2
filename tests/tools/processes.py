# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts programs so that none of them outlives us.

Ansible's workers have a session of their own since ansible-core 2.19, so neither a signal to the process group nor the end of
ansible-playbook reaches them. So a program is stopped with all its descendants, and orphans become our own children.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn, Union

# The tools of the environment that runs us.
BIN = Path(sys.executable).parent

_PATIENCE = 5.0  # seconds a program has to stop by itself
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SET_PARENT_DEATH_SIGNAL, _SET_CHILD_SUBREAPER = 1, 36

Output = Union[int, IO[str], None]


@dataclass(frozen=True)
class Finished:
    code: int
    output: str
    seconds: float


class Interrupted(KeyboardInterrupt):
    """A signal asked us to stop."""


def own_the_descendants() -> None:
    """For the main program: each way to end it unwinds it, and what it leaves behind is stopped by stop_all."""

    def interrupt(number: int, _frame: object) -> NoReturn:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    for each in _SIGNALS:
        signal.signal(each, interrupt)
    _prctl(_SET_CHILD_SUBREAPER, 1)


def end_with_parent() -> None:
    """SIGTERM comes when the parent ends, even if it was killed."""
    _prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without what would change what Ansible, Python or git do, and without any credentials of ours."""
    unwanted = ("ANSIBLE_", "LAUNCHDARKLY_", "LD_ACCESS_TOKEN", "GIT_", "MAKE", "MFLAGS", "PYTHON", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, **extra}


def start(
    command: Sequence[object],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout: Output = None,
    stderr: Output = None,
) -> subprocess.Popen[str]:
    """Start a program in a session of its own, so that a signal reaches us first."""
    return subprocess.Popen(
        [str(part) for part in command],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def run(
    command: Sequence[object],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 600,
) -> Finished:
    """Run a program to its end, however it ends, and keep what it printed."""
    began = time.monotonic()
    process = start(command, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output = process.communicate(timeout=timeout)[0]
    except subprocess.TimeoutExpired:
        stop(process)
        output = f"{process.communicate()[0]}\nStopped after {timeout:g} seconds.\n"
    finally:
        stop(process)
    return Finished(process.returncode, output, time.monotonic() - began)


def stop(process: subprocess.Popen[str]) -> None:
    """End a program, all that it started, and what an ended one left behind in its process group."""
    if process.poll() is None:
        family = _descendants(process.pid)
        _signal([process.pid, *family], signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
        _end(family)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def stop_all() -> None:
    """End every descendant of this program, orphans included."""
    family = _descendants(os.getpid())
    _signal(family, signal.SIGTERM)
    _end(family)


def _end(family: Sequence[int]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while any(map(_runs, family)) and time.monotonic() < deadline:
        time.sleep(0.02)
    _signal(family, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    """As Linux lists them; elsewhere none, and the process group has to do."""
    found = [pid]
    for parent in found:  # grows while it is read
        for listing in Path(f"/proc/{parent}/task").glob("*/children"):
            with suppress(OSError):
                found.extend(map(int, listing.read_text().split()))
    return found[1:]


def _runs(pid: int) -> bool:
    with suppress(OSError):
        # "pid (name) state ...", where the name may hold anything
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] not in "XZ"
    return False


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _prctl(option: int, value: int) -> None:
    with suppress(OSError, AttributeError):  # Linux alone has it
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
