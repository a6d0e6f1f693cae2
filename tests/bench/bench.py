# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times 50 tasks that find nothing to do, each kind as an ansible-playbook run of its own.

The kinds: ld_release_phase in the controller's own process, the same as a module in a process of its own, the request
behind both through ansible.builtin.uri, and ansible.builtin.debug, which is what a task costs that does nothing.
Nothing is subtracted: the start of Ansible is in every figure.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import processes
import pythons
import simulator
import venvs
from layout import ROOT
from simulator import Simulator
from venvs import Venv

TASKS = 50
RELEASE = "/api/v2/flags/demo/new-checkout/release"

# Measured kind, what it is compared with, and the ratio to stay under.
AIMS = (
    ("in-process", "uri", 0.15),
    ("in-process", "debug", 2.5),
    ("module", "uri", 1.5),
)

Task = Mapping[str, Any]


class BenchError(Exception):
    """A run that was to be timed did not do what it was for."""


@dataclass(frozen=True)
class Bench:
    venv: Venv
    service: Simulator
    folder: Path

    def kinds(self, phase: str) -> dict[str, Task]:
        unchanged = {
            "flagops.launchdarkly.ld_release_phase": {
                "project_key": "demo",
                "flag_key": "new-checkout",
                "phase": phase,
            }
        }
        request = {"url": self.service.url + RELEASE, "headers": self._headers, "return_content": True}
        return {
            "in-process": unchanged,
            "module": {**unchanged, "vars": {"launchdarkly_in_process": False}},
            "uri": {"ansible.builtin.uri": request},
            "debug": {"ansible.builtin.debug": {"msg": "nothing"}},
        }

    def start_first_phase(self) -> str:
        """Afterwards, every task finds it as it should be."""
        request = urllib.request.Request(self.service.url + RELEASE, headers=self._headers)  # noqa: S310  our own simulator
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310  our own simulator
            phase = str(json.load(answer)["phases"][0]["_id"])
        self.seconds(self.kinds(phase)["in-process"], count=1)
        return phase

    def seconds(self, task: Task, count: int = TASKS) -> float:
        """How long a playbook takes in which this task stands so many times."""
        playbook = self.folder / "bench.yml"
        tasks = [{"name": f"Task {number}", **task} for number in range(1, count + 1)]
        play = {"name": "Bench", "hosts": "localhost", "gather_facts": False, "tasks": tasks}
        playbook.write_text(json.dumps([play]))  # JSON is YAML
        environment = {"ANSIBLE_CONFIG": str(venvs.settings(self.venv)), **self.service.environment}
        command = [self.venv.bin / "ansible-playbook", playbook]
        finished = processes.run(command, cwd=ROOT, env=processes.clean_environment(**environment))
        if finished.code or (count == TASKS and f"ok={TASKS} " not in finished.output):
            raise BenchError(finished.output)
        if count == TASKS and "changed=0 " not in finished.output:
            message = f"Something changed, so this is no run of unchanged tasks:\n{finished.output}"
            raise BenchError(message)
        return finished.seconds

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": self.service.access_token, "LD-API-Version": "beta"}


def measure(bench: Bench, repetitions: int) -> dict[str, list[float]]:
    """The kinds take turns, so that a slow minute of the machine hits all of them."""
    kinds = bench.kinds(bench.start_first_phase())
    timed: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(1, repetitions + 1):
        for kind, task in kinds.items():
            timed[kind].append(bench.seconds(task))
            print(f"  run {number}  {kind:<10} {timed[kind][-1]:7.2f} s", flush=True)
    return timed


def conclude(timed: Mapping[str, Sequence[float]]) -> bool:
    """Print the medians and what they come to; whether all aims are met."""
    medians = {kind: statistics.median(times) for kind, times in timed.items()}
    print(f"\n{TASKS} tasks          median    each")
    for kind, median in medians.items():
        print(f"  {kind:<12} {median:8.2f} s {1000 * median / TASKS:5.0f} ms")
    print("\nRatios                 is   aim")
    met = []
    for kind, other, aim in AIMS:
        ratio = medians[kind] / medians[other]
        met.append(ratio <= aim)
        print(f"  {kind + ' / ' + other:<18} {ratio:5.2f}  {aim:4.2f}  {'met' if met[-1] else 'MISSED'}")
    return all(met)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compares both ways a task can run with uri and debug.")
    parser.add_argument("--repetitions", type=int, default=3, help="runs of each kind (default: %(default)s)")
    options = parser.parse_args()
    processes.interrupt_on_signals()
    began = time.monotonic()
    try:
        venv = venvs.runtime(max(pythons.controllers(pythons.find())))
        with simulator.running(venv.python, ROOT) as service, tempfile.TemporaryDirectory() as folder:
            met = conclude(measure(Bench(venv, service, Path(folder)), options.repetitions))
        print(f"\n{time.monotonic() - began:.0f} seconds in all.")
    except (BenchError, simulator.SimulatorError, venvs.VenvError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        processes.stop_all()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
