# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the checks of the collection and counts them.

    python3 tests/tools/run_tests.py            everything, on the ansible-cores that matter most
    python3 tests/tools/run_tests.py --all      everything, on every ansible-core that the Pythons here can run
    python3 tests/tools/run_tests.py GROUP ...  some of it, on one ansible-core

A lane is a row of steps that share one copy of the collection. Lanes know nothing of each other, so some run at a time.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import awx
import junit
import processes
import pythons
import simulator
import tree as trees
import venvs
from ansible_test import AnsibleTest
from artifact import Artifact
from awx import AwxTests
from events import Events
from execution_environment import ExecutionEnvironment
from layout import ROOT, TOOLS
from lint import Lint
from notebook import Notebook
from pythons import Python
from report import Outcome, Report, one_test
from site_pages import Site
from venvs import Venv, VenvError

GROUPS = (
    "lint",
    "docs-lint",
    "docs",
    "unit",
    "playbooks",
    "integration",
    "sanity",
    "build",
    "demo",
    "ee",
    "events",
    "notebook",
    "awx",
)

# The ansible-core that most is tried on, the newest, and the oldest that meta/runtime.yml promises, which the Automation
# Platform still has: on that one the contract alone is held, unless all is asked for.
CORES = ((2, 19), (2, 21), (2, 16))
OTHER_CORES = ((2, 17), (2, 18), (2, 20))
OLDEST = (2, 16)

# The integration target that holds what ld_release_phase promises, as a table, through both doors.
CONTRACT = ("ld_release_phase",)

# The integration targets that take long. Those are the ones that wait, or walk from phase to phase, so they must hold under the
# second account of how a phase completes too; and they run hardly a line that the units and the other targets do not, so that
# coverage, which doubles what a task takes, is not counted on them.
LONG = ("ld_release_phase", "ld_release_phase_approvals", "role_release", "role_release_operators")

# Of the lines under plugins/, how many the units and the integration targets together must run, in percent.
COVERAGE_FLOOR = 95.0


@dataclass(frozen=True)
class Leg:
    """One ansible-core on one Python."""

    core: tuple[int, int]
    python: Python
    targets: Sequence[str] = ()  # the integration targets, and nothing else, that are run on it; all without any
    every_case: bool = True  # of these targets; else the cases that their tables say matter on each ansible-core

    def __str__(self) -> str:
        return "ansible-core {}.{} on {}".format(*self.core, self.python)


@dataclass(frozen=True)
class Checks:
    groups: frozenset[str]
    pythons: Sequence[Python]
    report: Report
    only: Sequence[str] = ()

    def lanes(self, legs: Sequence[Leg]) -> dict[str, Callable[[], None]]:
        """By name, those that take longest first."""
        main = legs[0]
        lanes: Sequence[tuple[str, set[str], Callable[[], None]]] = (
            ("playbooks", {"playbooks"}, partial(self._playbooks, main)),
            *((str(leg), {"unit", "integration", "sanity"}, partial(self._core, leg)) for leg in legs[1:]),
            ("integration", {"integration"}, partial(self._uncounted, main)),
            (str(main), {"unit", "integration"}, partial(self._counted, main)),
            ("automation", {"ee", "events", "notebook"}, self._automation),
            ("sanity", {"sanity"}, partial(self._sanity, main)),
            ("awx", {"awx"}, self._awx),
            ("use", {"build", "demo"}, self._use),
            ("lint", {"lint", "docs-lint"}, self._lint),
            ("docs", {"docs"}, self._docs),
        )
        return {name: lane for name, groups, lane in lanes if groups & self.groups}

    def _counted(self, leg: Leg) -> None:
        """What coverage is counted on."""
        venv = self._core_venv(leg)
        with trees.copied(venv.path.name) as tree:
            tester = AnsibleTest(venv, leg.python, tree, self.pythons, self.only)
            if "unit" in self.groups:
                self.report.step(f"units, {leg}", partial(tester.units, coverage=True))
            if "integration" in self.groups and not self.only:
                counted = [name for name in tester.targets if name not in LONG]
                self._integration(replace(tester, only=counted), "self", leg, coverage=True)
            if self.groups >= {"unit", "integration"}:
                self.report.step("coverage", partial(tester.coverage, COVERAGE_FLOOR))

    def _uncounted(self, leg: Leg) -> None:
        """What takes long, under both accounts of completion."""
        venv = self._core_venv(leg)
        with trees.copied("integration") as tree:
            tester = AnsibleTest(venv, leg.python, tree, self.pythons, self.only)
            for completion in ("self", "on_next"):
                self._integration(replace(tester, only=self.only or LONG), completion, leg, coverage=False)

    def _core(self, leg: Leg) -> None:
        venv = self._core_venv(leg)
        with trees.copied(venv.path.name) as tree:
            tester = AnsibleTest(venv, leg.python, tree, self.pythons, leg.targets)
            if "unit" in self.groups and not leg.targets:
                self.report.step(f"units, {leg}", partial(tester.units, coverage=False))
            if "integration" in self.groups:
                self._integration(tester, "self", leg, coverage=False)
            if "sanity" in self.groups and not leg.targets:
                self.report.step(f"sanity, {leg}", partial(tester.sanity, all_pythons=False))

    def _integration(self, tester: AnsibleTest, completion: str, leg: Leg, *, coverage: bool) -> None:
        def run() -> Outcome:
            with simulator.running(tester.venv.python, tester.tree, "--completion", completion) as service:
                return tester.integration(service, completion, every_case=leg.every_case, coverage=coverage)

        what = f"integration ({', '.join(tester.only)})" if tester.only else "integration"
        self.report.step(f"{what}, --completion {completion}, {leg}", run)

    def _sanity(self, leg: Leg) -> None:
        venv = self._core_venv(leg)
        with trees.copied("sanity") as tree:
            tester = AnsibleTest(venv, leg.python, tree, self.pythons)
            self.report.step(f"sanity, {leg}", partial(tester.sanity, all_pythons=True))

    def _playbooks(self, leg: Leg) -> None:
        """Tests that start ansible-playbook themselves, to see what only a whole run shows."""
        venv = self._core_venv(leg)
        with trees.copied("playbooks") as tree:
            arguments = [*("--durations", "5"), *(self.only or ["tests/playbook"])]
            run = partial(junit.run, venv, tree, *arguments, env=processes.clean_environment())
            self.report.step(f"whole runs, {leg}", run)

    def _lint(self) -> None:
        venv = self._linters()
        with trees.copied("lint") as tree:
            lint = Lint(venv, tree, self.pythons)
            if "lint" in self.groups:
                self.report.step("ruff check", lint.ruff_check)
                self.report.step("ruff format", lint.ruff_format)
                self.report.step("mypy --strict, plugins", lint.mypy_plugins)
                self.report.step("mypy --strict, tools", lint.mypy_tools)
                self.report.step("yamllint", lint.yamllint)
                self.report.step("ansible-lint, production profile", lint.ansible_lint)
                self.report.step("shellcheck", lint.shellcheck)
                self.report.step("reuse", lint.reuse)
                self.report.step("no sanity ignore file", lint.no_sanity_ignores)
            if "docs-lint" in self.groups:
                self.report.step("antsibull-docs", lint.collection_docs)
                self.report.step("antsibull-changelog", lint.changelog)

    def _docs(self) -> None:
        venv = self._made(partial(venvs.site, self._newest))
        with trees.copied("docs") as tree:
            site = Site(venv, tree)
            if self.report.step("documentation site", site.build):
                self.report.step("a page for each module, filter and role", site.complete)
                self.report.step("pages that fetch nothing", site.nothing_fetched)
                self.report.step("pages in a browser, wide and narrow", site.looked_at)

    def _automation(self) -> None:
        """From what was built and installed, as an operator has it."""
        venv = self._made(partial(venvs.automation, self._newest))
        with trees.copied("automation") as tree:
            artifact = Artifact(venv, tree, place=tree / "installed", dist=tree / "dist")
            for name, step in (("build", artifact.build), ("install", artifact.install)):
                if not self.report.step(f"{name}, for automation", step):
                    return
            if "ee" in self.groups:
                self._ee(ExecutionEnvironment(venv, self._newest, artifact))
            if "events" in self.groups:
                self._events(Events(venv, artifact))
            if "notebook" in self.groups:
                notebook = Notebook(venv, artifact)
                self.report.step("no output in the runbook", notebook.empty)
                self.report.step("the runbook from top to bottom", notebook.run)

    def _ee(self, image: ExecutionEnvironment) -> None:
        self.report.step("build context, from Galaxy", image.from_galaxy)
        self.report.step("build context, from a file", image.from_file)
        if self.report.step("what an image needs", image.needs):
            self.report.step("the demo with what an image needs", image.demo)
        self.report.step("ansible-navigator", image.navigator)

    def _events(self, events: Events) -> None:
        self.report.step("rulebooks, as the engine reads them", events.valid)
        self.report.step("a release carried to its end by events", events.to_the_end)
        self.report.step("events of phases only", partial(events.variant, "release_phase"))
        self.report.step("events of approvals only", partial(events.variant, "release_approval"))
        self.report.step("no events without a secret", events.no_secret)

    def _awx(self) -> None:
        venv = self._made(partial(awx.venv, self.pythons))
        with trees.copied("awx") as tree:
            tests = AwxTests(venv, tree)
            fetched = self.report.step("the modules for AWX", tests.fetch_modules)
            built = self.report.step("build, for AWX", tests.artifact.build)
            if fetched and built and self.report.step("install, for AWX", tests.bare):
                self.report.step("AWX: configured, launched, jobs run", tests.run)

    def _use(self) -> None:
        """As a user does."""
        venv = self._made(partial(venvs.runtime, self._newest))
        if "build" in self.groups:
            with trees.copied("build") as tree:
                artifact = Artifact(venv, tree)
                built = self.report.step("build", artifact.build)
                if built:
                    self.report.step("galaxy-importer", partial(artifact.imported, self._linters()))
                if built and self.report.step("install what was built", artifact.install):
                    self.report.step("a play from what was installed", artifact.play)
        if "demo" in self.groups:
            self.report.step("make demo", self._demo)

    def _demo(self) -> Outcome:
        environment = processes.clean_environment()
        return one_test(processes.run([sys.executable, ROOT / TOOLS / "demo.py"], cwd=ROOT, env=environment))

    def _linters(self) -> Venv:
        return self._made(partial(venvs.linters, self._newest))

    def _core_venv(self, leg: Leg) -> Venv:
        return self._made(partial(venvs.core, leg.core, leg.python))

    @property
    def _newest(self) -> Python:
        return max(pythons.controllers(self.pythons))

    def _made(self, make: Callable[[], Venv]) -> Venv:
        began = time.monotonic()
        venv = make()
        seconds = time.monotonic() - began
        if seconds > 1:
            self.report.note(f"        {seconds:6.1f} s  (made {venv.path.relative_to(ROOT)})")
        return venv


def choose_legs(found: Sequence[Python], *, every: bool) -> tuple[list[Leg], list[str]]:
    """What to test on, and what not, for want of a Python.

    Each ansible-core runs on the oldest Python it knows, but the newest one on the newest: the corners.
    """
    legs: list[Leg] = []
    missing: list[str] = []
    for core in (*CORES, *OTHER_CORES) if every else CORES:
        fitting = [python for python in found if pythons.runs(core, python)]
        if fitting:
            targets = () if every or core != OLDEST or not legs else CONTRACT
            python = fitting[-1 if core == max(CORES) else 0]
            legs.append(Leg(core, python, targets, every_case=every or not legs))
        else:
            missing.append("ansible-core {}.{}: no Python here that it runs on".format(*core))
    return legs, missing


def run_lane(name: str, lane: Callable[[], None], report: Report) -> None:
    """A lane that breaks is a failed test like any other: the rest goes on, and the count still comes."""
    try:
        lane()
    except VenvError as error:
        report.add(name, Outcome(failed=1, output=str(error)), 0)
    except Exception:
        report.add(name, Outcome(failed=1, output=traceback.format_exc()), 0)


def run_lanes(lanes: Mapping[str, Callable[[], None]], jobs: int, report: Report) -> None:
    executor = ThreadPoolExecutor(jobs)
    try:
        for future in [executor.submit(run_lane, name, lane, report) for name, lane in lanes.items()]:
            future.result()
    finally:
        # After an interruption, nothing is left to wait for but what is still to be stopped.
        processes.stop_all()
        executor.shutdown(cancel_futures=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the checks of the collection and counts them.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; everything without one")
    parser.add_argument("--all", action="store_true", help="on every ansible-core, and all of it there")
    parser.add_argument("--only", action="append", default=[], help="path of a test, or name of an integration target")
    parser.add_argument(
        "--jobs",
        type=int,
        default=3,
        help="how many lanes run at a time (default: %(default)s, since on two cores one waits)",
    )
    options = parser.parse_args()
    unknown = sorted(set(options.groups) - set(GROUPS))
    if unknown:
        parser.error(f"there is no group {', '.join(unknown)}; there are {', '.join(GROUPS)}")

    processes.interrupt_on_signals()
    report = Report()
    found = pythons.find()
    legs, missing = choose_legs(found, every=options.all)
    if not legs:
        parser.error("no Python here that ansible-core runs on: 3.10 or newer, with the venv module")
    if options.groups:
        legs, missing = legs[:1], []
    for reason in missing:
        report.add("other versions", Outcome(left_out=[reason]), 0)
    checks = Checks(frozenset(options.groups or GROUPS), found, report, options.only)
    try:
        run_lanes(checks.lanes(legs), options.jobs, report)
    except KeyboardInterrupt:
        report.note("Interrupted.")
        return 130
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
