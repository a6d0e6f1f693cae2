# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts programs so that none of them outlives us.

Ansible's workers have a session of their own since ansible-core 2.19, so neither a signal to the process group nor the
end of ansible-playbook reaches them: whatever is stopped here is stopped with all its descendants.
"""

from __future__ import annotations

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

_PATIENCE = 5.0  # seconds a program has to stop by itself
_LEASH = Path(__file__).with_name("leash.py")

_running: set[subprocess.Popen[str]] = set()
_stopping = False

Output = Union[int, IO[str], None]


@dataclass(frozen=True)
class Finished:
    code: int
    output: str
    seconds: float


class Interrupted(KeyboardInterrupt):
    """Asked to stop, by whichever signal."""


def interrupt_on_signals() -> None:
    """Let every polite way to end a program unwind it, so that what it started is stopped too."""

    def interrupt(number: int, _frame: object) -> NoReturn:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            signal.signal(signal.Signals[name], signal.SIG_IGN)
        raise Interrupted(number)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(signal.Signals[name], interrupt)


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without what would change what Ansible, Python or git do, and without any credentials of ours."""
    unwanted = ("ANSIBLE_", "LAUNCHDARKLY_", "LD_ACCESS_TOKEN", "GIT_", "MAKE", "MFLAGS", "PYTHON", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, **extra}


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout: Output = None,
    stderr: Output = None,
) -> subprocess.Popen[str]:
    """Start a program in a session of its own: what ends us is then ours to pass on, while all are there to be found."""
    if _stopping:
        raise Interrupted
    leash = [sys.executable, "-I", "-S", _LEASH, os.getpid()] if sys.platform == "linux" else []
    process = subprocess.Popen(
        [str(part) for part in [*leash, *command]],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    _running.add(process)
    return process


def run(
    command: Sequence[str | Path],
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
        output = process.communicate()[0]
        output += f"\nStopped after {timeout:g} seconds.\n"
    finally:
        stop(process)
    return Finished(process.returncode, output, time.monotonic() - began)


def stop(process: subprocess.Popen[str]) -> None:
    """End a program and all that it started; nothing happens when it has ended."""
    family = [process.pid, *_descendants(process.pid)] if process.poll() is None else []
    _signal(family, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE
    while family and time.monotonic() < deadline:
        process.poll()
        family = [pid for pid in family if _alive(pid)]
        time.sleep(0.02)
    _signal(family, signal.SIGKILL)
    process.wait()
    if process in _running:
        _running.discard(process)
        _end_group(process.pid)


def stop_all() -> None:
    global _stopping  # noqa: PLW0603  one switch for the whole program: from here on, nothing starts any more
    _stopping = True
    for process in list(_running):
        stop(process)


def _end_group(pid: int) -> None:
    """End what an ended program left behind in its process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    parents = _parents()
    found: list[int] = []
    generation = {pid}
    while generation:
        generation = {child for child, parent in parents.items() if parent in generation}
        found.extend(generation)
    return found


def _parents() -> dict[int, int]:
    """Process ids with the id of the parent of each."""
    if not Path("/proc/self/stat").exists():
        table = subprocess.run(["ps", "-Ao", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        return {int(pid): int(parent) for pid, parent in (line.split() for line in table.splitlines())}
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # "pid (name) state parent ...", where the name may hold anything
            parents[int(folder.name)] = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    return parents


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _signal(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
