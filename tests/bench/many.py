# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases many flags under a rate limit, and prints what that took beside the least that it can take.

The simulator enforces the limit for the account, in windows that may be shorter than LaunchDarkly's. The least is the larger of two
times: the requests of the flags, each counted for a flag that is released alone, at the rate of the limit; and the CPU time of plain
loops of the module over the same flags, on all cores.

Then it measures what flags cost that only wait: a task with a wait, beside the same task that gives up at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.flagops.launchdarkly.tests.bench.bench import BenchError, admin, cpu_seconds
from ansible_collections.flagops.launchdarkly.tests.tools import checkout, processes, simulator

PHASES = ("test", "staging", "production")
LIMIT_OF_TIME = 1.25
LIMIT_OF_REFUSALS = 0.01
# Requests of a limit that nobody reaches.
PLENTY = 1_000_000
# Seconds between two looks at the memory.
LOOK = 1.0
# How much faster the simulator's clock is.
SPEED = 1000
MINUTE = 60
# Seconds before the end of a wait in which each flag is read itself, those included in which the flags begin.
LAST_LOOKS = 20

Play = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One way to release: its module, its options for one phase, and the settings of the role."""

    name: str
    module: str
    options: dict[str, Any]
    settings: dict[str, Any]
    is_done: Callable[[Any], bool]
    release: dict[str, Any] | None = None  # of each flag, where it is in a pipeline
    configuration: dict[str, Any] = field(default_factory=lambda: {"releaseStrategy": "immediate-rollout"})


@dataclass(frozen=True)
class Limit:
    requests: int
    window: float

    @property
    def rate(self) -> float:
        return self.requests / self.window


@dataclass(frozen=True)
class Run:
    flags: int
    requests: int
    refused: int
    failed: int
    seconds: float
    cpu: float
    own_cpu: float  # of that, Ansible's own loop
    memory: float  # MiB
    by_route: dict[str, int]
    times: tuple[float, ...]  # of each request, in seconds since the epoch
    began: float


def phases_are_complete(project: Any) -> bool:
    phases = [phase for release in project["releases"].values() for phase in release["phases"]]
    return bool(phases) and all(phase["status"] == "completed" for phase in phases)


def flags_are_on(project: Any) -> bool:
    return all(flag["environments"][key]["on"] for flag in project["flags"].values() for key in PHASES)


KINDS = (
    Kind(
        "pipelines",
        "flagops.launchdarkly.ld_release_phase",
        {"phase": "{{ item }}", "wait": True},
        {},
        phases_are_complete,
        {},
    ),
    Kind(
        "environments",
        "flagops.launchdarkly.ld_environment_release",
        {"environment_key": "{{ item }}", "variation": "true"},
        {"release_environments": list(PHASES)},
        flags_are_on,
    ),
)


# A guarded rollout of a hundred days, by the simulator's clock.
GUARDED = {
    "monitoringWindowMilliseconds": 100 * 86_400_000,
    "rolloutWeight": 50000,
    "rollbackOnRegression": True,
    "randomizationUnit": "user",
}
WAITING = {
    "pipelines": Kind(
        "a guarded phase of a pipeline",
        "flagops.launchdarkly.ld_release_phase",
        {"phase": "test", "wait": True},
        {},
        lambda _project: True,
        {"phases": [{"status": "active"}]},
        {"releaseStrategy": "monitored-release", "releaseGuardianConfiguration": GUARDED},
    ),
    "environments": Kind(
        "a guarded release in an environment",
        "flagops.launchdarkly.ld_environment_release",
        {
            "environment_key": "test",
            "variation": "true",
            "strategy": "guarded",
            "steps": [{"percent": 10, "duration": "100d"}],
            "metrics": [{"key": "errors"}],
            "bypass_health_checks": ["metric_events_any", "metric_events_with_context"],
            "wait": True,
        },
        {},
        lambda _project: True,
    ),
}


def role(kind: Kind) -> Play:
    return {"roles": ["flagops.launchdarkly.release"], "vars": kind.settings}


def loop(kind: Kind) -> Play:
    options = {"project_key": "demo", "flag_key": "{{ release_flag_key }}", **kind.options}
    return {"tasks": [{"name": "Release", kind.module: options, "loop": list(PHASES)}]}


def wait(kind: Kind, seconds: int) -> Play:
    options = {"project_key": "demo", "flag_key": "{{ release_flag_key }}", **kind.options, "wait_timeout": seconds}
    return {"tasks": [{"name": "Wait", kind.module: options, "ignore_errors": True}]}


def state(kind: Kind, names: list[str]) -> Any:
    project: dict[str, Any] = {
        "environments": {key: {} for key in PHASES},
        "flags": {name: {"environments": {key: {"on": False} for key in PHASES}} for name in names},
    }
    if kind.release is not None:
        audience = {"configuration": kind.configuration}
        phases = [{"name": key, "audiences": [{"environmentKey": key, **audience}]} for key in PHASES]
        project.update(pipelines={"standard": {"phases": phases}}, releases=dict.fromkeys(names, kind.release))
    return {"projects": {"demo": project}}


@contextmanager
def served(kind: Kind, names: list[str], limit: Limit | None) -> Iterator[simulator.Simulator]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(state(kind, names), file)
        file.flush()
        with simulator.running(checkout.ROOT, "--state", file.name, "--speed", str(SPEED)) as service:
            if limit:
                scopes = {"global": limit.requests, "route": PLENTY, "token": PLENTY}
                put(service, "limits", {name: {"limit": most, "window": limit.window} for name, most in scopes.items()})
            yield service


def put(service: simulator.Simulator, path: str, body: Any) -> None:
    """To the simulator's own admin view, past any proxy of the machine's."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"{service.url}/__sim__/{path}", json.dumps(body).encode(), method="PUT")  # noqa: S310  our own
    opener.open(request, timeout=20).close()


def measured(kind: Kind, content: Play, flags: int, forks: int, limit: Limit | None = None) -> Run:
    names = [f"flag-{number}" for number in range(1, flags + 1)]
    variables = {"ansible_connection": "local", "release_project_key": "demo"}
    hosts = {name: {**variables, "release_flag_key": name} for name in names}
    play = {"name": "Bench", "hosts": "all", "gather_facts": False, "strategy": "free", **content}
    play["vars"] = {"ansible_python_interpreter": "{{ ansible_playbook_python }}", **play.get("vars", {})}
    with tempfile.TemporaryDirectory() as folder, served(kind, names, limit) as service:
        Path(folder, "play.yml").write_text(json.dumps([play]))  # JSON is YAML
        Path(folder, "inventory.yml").write_text(json.dumps({"all": {"hosts": hosts}}))
        before, began, wall = cpu_seconds(), time.monotonic(), time.time()
        code, memory, own_cpu, output = run(folder, service, forks)
        seconds, cpu = time.monotonic() - began, cpu_seconds() - before
        requests = admin(service, "requests")["items"]
        done = kind.is_done(admin(service, "state")["projects"]["demo"])
    failed = sum("failed=0" not in line or "unreachable=0" not in line for line in recap(output))
    if code not in (0, 2) or (not code and not done):
        raise BenchError(output[-5000:])
    return Run(
        flags,
        requests[-1]["number"],
        sum(request["status"] == 429 for request in requests),
        failed,
        seconds,
        cpu,
        own_cpu,
        memory,
        Counter(f"{request['method']} {pattern(request['path'])}" for request in requests),
        tuple(request["at"] / 1000 for request in requests),
        wall,
    )


def pattern(path: str) -> str:
    return "/".join("*" if any(character.isdigit() for character in part) else part for part in path.split("/")[3:])


def run(folder: str, service: simulator.Simulator, forks: int) -> tuple[int, float, float, str]:
    """Run the play; its exit code, the most memory that it had, the CPU seconds without its workers, and what it printed."""
    environment = processes.clean_environment(
        ANSIBLE_COLLECTIONS_PATH=str(checkout.collections_path()),
        HOME=folder,
        XDG_RUNTIME_DIR=folder,
        **service.environment,
    )
    command = [processes.BIN / "ansible-playbook", "-i", "inventory.yml", "--forks", str(forks), "play.yml"]
    with tempfile.TemporaryFile("w+") as output:
        process = processes.start(
            command, cwd=Path(folder), env=environment, stdout=output.fileno(), stderr=output.fileno()
        )
        most = own_cpu = 0.0
        try:
            while process.poll() is None:
                most, own_cpu = max(most, memory_of(process.pid)), max(own_cpu, cpu_of(process.pid))
                with suppress(Exception):
                    process.wait(LOOK)
        finally:
            processes.stop(process)
        output.seek(0)
        return process.returncode, most, own_cpu, output.read()


def memory_of(pid: int) -> float:
    """MiB of a program and its workers, what they share counted once. 0 where the system does not say."""
    pids = [str(pid)]
    with suppress(OSError):
        for listing in Path(f"/proc/{pid}/task").glob("*/children"):
            pids += listing.read_text().split()
    total = 0
    for each in pids:
        with suppress(OSError):
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def cpu_of(pid: int) -> float:
    """CPU seconds of a program, without those of its workers."""
    with suppress(OSError):
        # "pid (name) state ...", where the name may hold anything
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def recap(output: str) -> list[str]:
    return [line for line in output.partition("PLAY RECAP")[2].splitlines() if "unreachable=" in line]


def print_run(run: Run, alone: Run, loops: Run, limit: Limit) -> bool:
    """One line beside the least that it can take; whether the targets are met."""
    least = alone.requests * run.flags
    cores = os.cpu_count() or 1
    by_limit, by_cpu = least / limit.rate, loops.cpu / loops.flags * run.flags / cores
    ratio, refused = run.seconds / max(by_limit, by_cpu), run.refused / run.requests
    met = not run.failed and refused < LIMIT_OF_REFUSALS and ratio <= LIMIT_OF_TIME
    print(
        f"  {run.flags:6} {run.requests:9} {least:8} {run.refused:6} {refused:6.1%} {run.failed:7} {run.seconds:8.1f} s"
        f" {by_limit:8.1f} s {by_cpu:7.1f} s {ratio:6.2f} {run.cpu:8.1f} s {run.memory:7.0f} MiB  {'met' if met else 'MISSED'}",
        flush=True,
    )
    if len(run.times) == run.requests:  # the simulator forgets the first ones of very many
        print_course(run, limit)
    return met


def print_course(run: Run, limit: Limit) -> None:
    span = run.times[-1] - run.times[0]
    print(
        f"         {'first request':>18} {run.times[0] - run.began:5.1f} s after the start, last one"
        f" {run.began + run.seconds - run.times[-1]:.1f} s before the end,"
        f" {len(run.times) / (span * limit.rate):.0%} of the limit in between",
        flush=True,
    )


HEADING = (
    f"  {'flags':>6} {'requests':>9} {'(least)':>8} {'429':>6} {'':>6} {'failed':>7} {'makespan':>10}"
    f" {'by limit':>10} {'by CPU':>9} {'ratio':>6} {'CPU':>10} {'memory':>11}"
)


def conclude(kind: Kind, series: list[int], forks: int, limit: Limit) -> bool:
    print(f"\nReleases in {kind.name}: {forks} forks, {limit.requests} requests in {limit.window:g} s")
    alone = measured(kind, role(kind), 1, 1)
    print(
        f"  One flag alone: {', '.join(f'{number} x {route}' for route, number in alone.by_route.items())}", flush=True
    )
    loops = measured(kind, loop(kind), series[0], forks)
    print(f"  Plain loops of the module over {series[0]} flags: {loops.cpu:.1f} s of CPU, {loops.requests} requests")
    print(HEADING, flush=True)
    runs = [measured_and_shown(kind, flags, forks, limit, alone, loops) for flags in series]
    per_flag = [run.seconds / run.flags for run, _met in runs]
    growth = per_flag[-1] / per_flag[0]
    print(f"  Seconds per flag: {', '.join(f'{seconds:.2f}' for seconds in per_flag)}", flush=True)
    if len(series) > 1:
        word = "met" if growth <= LIMIT_OF_TIME else "MISSED"
        print(
            f"  Linear: {series[-1]} flags take {growth:.2f} times as long for each as {series[0]}  {word}", flush=True
        )
    return all(met for _run, met in runs) and growth <= LIMIT_OF_TIME


def measured_and_shown(kind: Kind, flags: int, forks: int, limit: Limit, alone: Run, loops: Run) -> tuple[Run, bool]:
    run = measured(kind, role(kind), flags, forks, limit)
    return run, print_run(run, alone, loops, limit)


def conclude_waiting(kind: Kind, flags: int, seconds: int) -> None:
    """What waiting flags cost, and how many requests they make: in their first minute, and later until shortly before their time is up."""
    gives_up, waits = (measured(kind, wait(kind, each), flags, flags) for each in (0, seconds))
    cpu, own_cpu = waits.cpu - gives_up.cpu, waits.own_cpu - gives_up.own_cpu
    later = seconds - LAST_LOOKS - MINUTE
    print(
        f"\n{flags} flags that wait for {kind.name}, {flags} forks, {seconds} s:"
        f" {(between(waits, 0, MINUTE) - gives_up.requests) / MINUTE:.1f} requests per second in the first minute,"
        f" {between(waits, MINUTE, MINUTE + later) / later if later > 0 else 0:.1f} later,"
        f" {(cpu - own_cpu) / seconds:.1%} of a core and {own_cpu / seconds:.1%} for Ansible's own loop, {waits.memory:.0f} MiB"
    )
    for route, number in waits.by_route.items():
        print(f"  {number} x {route}")


def between(run: Run, start: float, end: float) -> int:
    return sum(start <= time - run.times[0] < end for time in run.times)


def main() -> int:
    parser = argparse.ArgumentParser(description="Releases many flags under a rate limit.")
    parser.add_argument("--flags", type=int, nargs="+", default=[100, 300, 1000], help="default: 100 300 1000")
    parser.add_argument("--forks", type=int, default=50, help="default: %(default)s")
    parser.add_argument("--limit", type=int, default=200, help="requests in a window (default: %(default)s)")
    parser.add_argument("--window", type=float, default=10.0, help="seconds of a window (default: %(default)s)")
    parser.add_argument("--waiting", type=int, default=100, help="flags that wait; 0 for none (default: %(default)s)")
    parser.add_argument("--wait", type=int, default=180, help="seconds that they wait (default: %(default)s)")
    parser.add_argument(
        "--kinds", nargs="*", choices=[kind.name for kind in KINDS], default=[kind.name for kind in KINDS]
    )
    options = parser.parse_args()
    processes.own_the_descendants()
    limit = Limit(options.limit, options.window)
    began = time.monotonic()
    try:
        chosen = [kind for kind in KINDS if kind.name in options.kinds]
        met = [conclude(kind, options.flags, options.forks, limit) for kind in chosen]
        for kind in WAITING.values() if options.waiting else ():
            conclude_waiting(kind, options.waiting, options.wait)
        print(f"\n{time.monotonic() - began:.0f} seconds in all.")
    except (BenchError, simulator.SimulatorError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    finally:
        processes.stop_all()
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
