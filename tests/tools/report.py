# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a step found, and how it is shown: one line a step, everything only where something failed."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from layout import CACHE, ROOT
from processes import Finished
from simulator import SimulatorError

# How Ansible, pytest and ansible-test begin the lines about what went wrong.
_FAILURE = re.compile(r"^(?:fatal: |E  |FAILED |ERROR|FATAL)")
_AROUND = 20
_MOST_LINES = 300


@dataclass(frozen=True)
class Outcome:
    """Counts of tests, and what to show."""

    passed: int = 0
    failed: int = 0
    output: str = ""
    left_out: Sequence[str] = ()  # each is one skipped test, and says which and why
    remark: str = ""


def shortened(output: str, where: str) -> str:
    """What a person looks for in a long output: the surroundings of each failure, and the end."""
    lines = output.splitlines()
    if len(lines) <= _MOST_LINES:
        return output
    wanted = set(range(len(lines) - _AROUND, len(lines)))
    for number, line in enumerate(lines):
        if _FAILURE.search(line) and lines[number + 1 : number + 2] != ["...ignoring"]:
            wanted.update(range(max(number - _AROUND, 0), min(number + _AROUND, len(lines))))
    chosen = sorted(wanted)
    parts = [
        lines[number] if before == number - 1 else f"[...]\n{lines[number]}"
        for before, number in zip([-1, *chosen], chosen)
    ]
    return "\n".join([*parts[-_MOST_LINES:], f"All of it is in {where}"])


def _kept(name: str, output: str) -> str:
    """The whole output, in a file."""
    path = CACHE / "failures" / (re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-") + ".txt")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(output)
    return str(path.relative_to(ROOT))


def one_test(finished: Finished) -> Outcome:
    """A tool that answers for one test with its exit code."""
    return Outcome(failed=1, output=finished.output) if finished.code else Outcome(passed=1)


@dataclass
class Report:
    """Collects the outcomes of steps that may end at the same time."""

    began: float = field(default_factory=time.monotonic)
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    _failures: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def step(self, name: str, run: Callable[[], Outcome]) -> bool:
        """Run a step and show what came of it; whether it went well."""
        began = time.monotonic()
        try:
            outcome = run()
        except SimulatorError as error:
            outcome = Outcome(failed=1, output=str(error))
        self.add(name, outcome, time.monotonic() - began)
        return not outcome.failed

    def add(self, name: str, outcome: Outcome, seconds: float) -> None:
        with self._lock:
            self.passed += outcome.passed
            self.failed += outcome.failed
            self.skipped += len(outcome.left_out)
            word = "FAILED" if outcome.failed else "ok" if outcome.passed else "skipped"
            remark = f"  ({outcome.remark})" if outcome.remark else ""
            print(f"{word:7} {seconds:6.1f} s  {name}{remark}", flush=True)
            for reason in outcome.left_out:
                print(f"          left out: {reason}", flush=True)
            if outcome.failed:
                self._failures.append(name)
                print("\n" + shortened(outcome.output.strip(), _kept(name, outcome.output)) + "\n", flush=True)

    def note(self, line: str) -> None:
        with self._lock:
            print(line, flush=True)

    def close(self) -> int:
        """Print what it comes to, the count alone on the last line, and return the exit code."""
        print(f"\n{time.monotonic() - self.began:.0f} seconds in all.")
        for name in self._failures:
            print(f"Failed: {name}")
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        return 1 if self.failed or not self.passed else 0
