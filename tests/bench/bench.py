# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times what tasks and releases cost, and prints each figure beside its target.

Figures are medians of the CPU seconds of a whole ansible-playbook and all its processes, its start included. Only ratios count,
since seconds depend on the machine. What is compared runs one after the other, so that a slow minute of the machine hits both, and a
ratio is the median of those of all such pairs. Short runs are repeated more often.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ansible_collections.flagops.launchdarkly.tests.tools import checkout, processes, simulator

TASKS = 50
FLAGS = 60
# Of a short run, for each one of a long run.
ROUNDS = 10
PHASES = ("Test", "Staging", "Production")

Play = dict[str, Any]


class BenchError(Exception):
    """A run that was to be measured did not do what it was for."""


@dataclass(frozen=True)
class Scene:
    """A playbook and what it is played on."""

    play: Play
    flags: int = 1  # each is a host
    completed: bool = False  # from the start
    options: tuple[str, ...] = ()
    playbook: str = "play.yml"

    @property
    def is_short(self) -> bool:
        return self.flags == 1 and len(self.play.get("tasks", ())) <= 1


@dataclass(frozen=True)
class Ratio:
    name: str
    measured: str
    compared: str
    target: float


def task(name: str, module: str, options: Mapping[str, Any], **keywords: Any) -> Play:
    return {"name": name, module: {"project_key": "demo", "flag_key": "{{ release_flag_key }}", **options}, **keywords}


def play(*tasks: Play, **keywords: Any) -> Play:
    variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}", "release_project_key": "demo"}
    given = {"tasks": list(tasks)} if tasks else {"roles": ["flagops.launchdarkly.release"]}
    return {"name": "Bench", "hosts": "all", "gather_facts": False, "vars": variables, **given, **keywords}


def many(module: str, options: Mapping[str, Any], **keywords: Any) -> Play:
    return play(*(task(f"Task {number}", module, options, **keywords) for number in range(1, TASKS + 1)))


def scenes() -> dict[str, Scene]:
    release_phase, info = "flagops.launchdarkly.ld_release_phase", "flagops.launchdarkly.ld_release_info"
    unchanged = (release_phase, {"phase": "Test"})
    loop = task("Start", release_phase, {"phase": "{{ item }}", "wait": True}, loop=list(PHASES))
    request = {
        "name": "Read",
        "ansible.builtin.uri": {
            "url": "{{ lookup('env', 'LAUNCHDARKLY_API_HOST') }}/api/v2/flags/demo/flag-1/release",
            "headers": {
                "Authorization": "{{ lookup('env', 'LAUNCHDARKLY_ACCESS_TOKEN') }}",
                "LD-API-Version": "beta",
            },
            "return_content": True,
        },
    }
    nothing = {"name": "Nothing", "ansible.builtin.debug": {"msg": "nothing"}}
    free = {"strategy": "free"}
    forks = ("--forks", "20")
    keys = ("-e", "release_project_key=demo", "-e", "release_flag_key=flag-1")
    return {
        "role": Scene(play()),
        "loop": Scene(play(loop)),
        "role, nothing to do": Scene(play(), completed=True),
        "info": Scene(play(task("Read", info, {})), completed=True),
        f"role, {FLAGS} flags": Scene(play(**free), flags=FLAGS, options=forks),
        f"loop, {FLAGS} flags": Scene(play(loop, **free), flags=FLAGS, options=forks),
        "in-process": Scene(many(*unchanged), completed=True),
        "module": Scene(many(*unchanged, vars={"launchdarkly_in_process": False}), completed=True),
        "uri": Scene(play(*[request] * TASKS), completed=True),
        "debug": Scene(play(*[nothing] * TASKS), completed=True),
        "playbook": Scene({}, options=keys, playbook="flagops.launchdarkly.release"),
    }


RATIOS = (
    Ratio("three immediate phases / one task looping ld_release_phase", "role", "loop", 1.5),
    Ratio("nothing to do / one ld_release_info task", "role, nothing to do", "info", 1.3),
    Ratio(f"{FLAGS} flags as hosts / the module loop", f"role, {FLAGS} flags", f"loop, {FLAGS} flags", 4.0),
    Ratio(f"{TASKS} ld_release_phase in-process / {TASKS} uri", "in-process", "uri", 0.15),
    Ratio(f"{TASKS} ld_release_phase in-process / {TASKS} debug", "in-process", "debug", 2.5),
    Ratio(f"{TASKS} ld_release_phase as a module / {TASKS} uri", "module", "uri", 1.5),
)


@dataclass(frozen=True)
class Run:
    seconds: float
    output: str


@contextmanager
def served(scene: Scene) -> Iterator[simulator.Simulator]:
    """Flags whose three phases are immediate and complete at once."""
    names = [f"flag-{number}" for number in range(1, scene.flags + 1)]
    immediate = {"releaseStrategy": "immediate-rollout"}
    phases = [
        {"name": name, "audiences": [{"environmentKey": name.lower(), "configuration": immediate}]} for name in PHASES
    ]
    release = {"phases": [{"status": "completed"}] * len(PHASES)} if scene.completed else {}
    project = {
        "pipelines": {"standard": {"phases": phases}},
        "flags": {name: {} for name in names},
        "releases": dict.fromkeys(names, release),
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as state:
        json.dump({"projects": {"demo": project}}, state)
        state.flush()
        with simulator.running(checkout.ROOT, "--state", state.name, "--speed", "1000") as service:
            yield service


def measured(scene: Scene) -> Run:
    hosts = {
        f"flag-{number}": {"ansible_connection": "local", "release_flag_key": f"flag-{number}"}
        for number in range(1, scene.flags + 1)
    }
    with tempfile.TemporaryDirectory() as name, served(scene) as service:
        folder = Path(name)
        (folder / "play.yml").write_text(json.dumps([scene.play]))  # JSON is YAML
        (folder / "inventory.yml").write_text(json.dumps({"all": {"hosts": hosts}}))
        environment = processes.clean_environment(
            ANSIBLE_COLLECTIONS_PATH=str(checkout.collections_path()), HOME=name, **service.environment
        )
        command = [processes.BIN / "ansible-playbook", "-i", "inventory.yml", *scene.options, scene.playbook]
        before = cpu_seconds()
        finished = processes.run(command, cwd=folder, env=environment)
        seconds = cpu_seconds() - before
        writes = admin(service, "requests?method=PUT")["items"]
        done = all(phase["status"] == "completed" for phase in phases_of(admin(service, "state")))
    if finished.code or not done or bool(writes) is scene.completed:
        raise BenchError(finished.output)
    return Run(seconds, finished.output)


def admin(service: simulator.Simulator, path: str) -> Any:
    """From the simulator's own admin view, past any proxy of the machine's."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{service.url}/__sim__/{path}", timeout=20) as answer:
        return json.load(answer)


def phases_of(state: Any) -> Iterator[Any]:
    for release in state["projects"]["demo"]["releases"].values():
        yield from release["phases"]


def cpu_seconds() -> float:
    """Of all descendants that have ended and were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(repetitions: int) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {name: [] for name in scenes()}
    for number in range(1, repetitions * ROUNDS + 1):
        for name, scene in scenes().items():
            if scene.is_short or number <= repetitions:
                runs[name].append(measured(scene))
                print(f"  run {number:2}  {name:<20} {runs[name][-1].seconds:7.2f} s", flush=True)
    return runs


def demo_lines() -> int:
    """What a visitor sees of a demo whose environment is made already."""

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(["make", "demo"], cwd=checkout.ROOT, capture_output=True, text=True, check=False)

    run()
    shown = run()
    if shown.returncode:
        raise BenchError(shown.stdout + shown.stderr)
    return len((shown.stdout + shown.stderr).splitlines())


def print_row(name: str, figure: str, target: str, *, met: bool) -> bool:
    print(f"  {name:<62} {figure:>7}  {target:>7}  {'met' if met else 'MISSED'}")
    return met


def conclude(runs: Mapping[str, list[Run]]) -> bool:
    """Print the medians and the ratios; whether all targets are met."""
    medians = {name: statistics.median(run.seconds for run in found) for name, found in runs.items()}
    print(
        f"\nMedians, CPU seconds of all processes, ansible-core {version('ansible-core')}, Python {platform.python_version()}"
    )
    for name, median in medians.items():
        print(f"  {name:<20} {median:8.2f}")
    print(f"\n  {'':<62} {'is':>7}  {'target':>7}")
    met = []
    for ratio in RATIOS:
        pairs = zip(runs[ratio.measured], runs[ratio.compared], strict=True)
        value = statistics.median(run.seconds / other.seconds for run, other in pairs)
        met.append(print_row(ratio.name, f"{value:.2f}", f"<= {ratio.target:g}", met=value <= ratio.target))
    # As a user runs it. Where a play of one's own names the role, Ansible adds a task that validates its arguments.
    output = runs["playbook"][0].output.partition("\nPLAY RECAP")[0]
    counts: tuple[tuple[str, Callable[[], int], int], ...] = (
        (
            "plain release: TASK and PLAY headings",
            lambda: len(re.findall(r"^(?:TASK|PLAY) \[", output, re.MULTILINE)),
            8,
        ),
        ("plain release: lines without the recap", lambda: len(output.splitlines()), 25),
        (
            "plain release: lines with skipping or included",
            lambda: len(re.findall(r"^(?:skipping|included): ", output, re.MULTILINE)),
            2,
        ),
        ("make demo: lines", demo_lines, 150),
    )
    for name, count, target in counts:
        number = count()
        met.append(print_row(name, str(number), f"<= {target}", met=number <= target))
    return all(met)


def main() -> int:
    parser = argparse.ArgumentParser(description="Times what tasks and releases cost.")
    parser.add_argument("--repetitions", type=int, default=3, help="runs of each long kind (default: %(default)s)")
    options = parser.parse_args()
    processes.own_the_descendants()
    began = time.monotonic()
    try:
        met = conclude(measure(options.repetitions))
        print(f"\n{time.monotonic() - began:.0f} seconds in all.")
    except (BenchError, simulator.SimulatorError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        processes.stop_all()
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
