# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test, with a home folder of its own, and its answers as counts."""

from __future__ import annotations

import ast
import re
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import junit
import processes
import pythons
import tree as trees
from layout import BUNDLED_PIP
from processes import Finished
from pythons import Python
from report import Outcome
from simulator import Simulator
from venvs import Venv

# ansible-test makes virtual environments without pip, then fetches a get-pip script from a host of its own, which a
# network with nothing but a package registry does not reach. It looks for the script under these names first, and gets the one that
# our own environments are made with.
_PIP_VERSIONS = ("23_1_2", "24_2", "25_2")
_SKIPPED = re.compile(r"^WARNING: (Skipping sanity test .*)$", re.MULTILINE)
_SANITY_RUN = re.compile(r'^Running sanity test "([^"]+)"( on Python \S+)?$', re.MULTILINE)
_TARGET_RUN = re.compile(r"^Running (\S+) integration test (?:role|script)$", re.MULTILINE)
_LISTED_FAILURES = re.compile(r"The (\d+) (?:sanity|integration) test\(s\) listed below")

# What pip says while ansible-test installs what each test wants.
_PIP_NOISE = re.compile(
    r"^(?:WARNING: Location |Looking in |Collecting |Processing |Installing |Successfully installed |Using cached pip "
    r"|\s+(?:Downloading|Using cached|━)).*\n",
    re.MULTILINE,
)

# A Python that a sanity test would also like to try, but that this machine does not have, is no gap in the tests.
_NO_SUCH_PYTHON = "because it could not be found"


# Tests mirror the source, so that two folders may each have a test_phase.py.
_UNITS = ("--import-mode=importlib",)


@dataclass(frozen=True)
class AnsibleTest:
    """One ansible-core on one Python, in one copy of the collection."""

    venv: Venv
    python: Python
    tree: Path
    pythons: Sequence[Python]
    only: Sequence[str] = ()  # names of integration targets, or paths of unit tests; all without any

    @property
    def targets(self) -> list[str]:
        """Of integration; the others there are helpers of these."""
        folders = (self.tree / "tests" / "integration" / "targets").iterdir()
        return sorted(folder.name for folder in folders if not folder.name.startswith("setup_"))

    def sanity(self, *, all_pythons: bool) -> Outcome:
        which = [] if all_pythons else ["--python", self.python.number]
        finished = self._run("sanity", *which)
        reasons = sorted({reason for reason in _SKIPPED.findall(finished.output) if _NO_SUCH_PYTHON not in reason})
        skipped = {match for reason in reasons for match in re.findall(r'"([^"]+)"', reason)}
        ran = len({match for match in _SANITY_RUN.findall(finished.output) if match[0] not in skipped})
        return _outcome(finished, ran, left_out=reasons)

    def units(self, *, coverage: bool) -> Outcome:
        """With pytest itself: ansible-test gives each of the thousands a process of its own, which takes several times as long."""
        given = environment(self.tree, PYTHONPATH=str(trees.collections_path(self.tree)))
        if not coverage:
            # What runs ansible-playbook is tried on the ansible-core that coverage is counted on.
            return junit.run(self.venv, self.tree, *_UNITS, "--ignore", "tests/unit/playbooks", "tests/unit", env=given)
        # Named as ansible-test names what it counts itself, so that its report has both.
        data = self.tree / "tests" / "output" / "coverage" / f"units=units=origin=python-{self.python.number}=coverage"
        data.parent.mkdir(parents=True, exist_ok=True)
        return junit.run(
            self.venv,
            self.tree,
            *_UNITS,
            *(self.only or ["tests/unit"]),
            env={**given, "COVERAGE_FILE": str(data)},
            under=("coverage", "run", "--branch", "--parallel-mode", f"--include={self.tree}/plugins/*", "-m"),
        )

    def integration(self, simulator: Simulator, completion: str, *, every_case: bool, coverage: bool) -> Outcome:
        config = self.tree / "tests" / "integration" / "integration_config.yml"
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(
            f"simulator_url: {simulator.url}\n"
            f"simulator_access_token: {simulator.access_token}\n"
            f"simulator_completion: {completion}\n"
            f"every_case: {str(every_case).lower()}\n"
        )
        options = [
            "--python",
            self.python.number,
            "--continue-on-error",
            *(["--coverage"] if coverage else []),
            *self.only,
        ]
        finished = self._run("integration", *options)
        return _outcome(finished, len(set(_TARGET_RUN.findall(finished.output))))

    def coverage(self, floor: float) -> Outcome:
        """How much of what is shipped the units and the integration targets before this went through."""
        finished = self._run("coverage", "xml", "--python", self.python.number, "--requirements")
        results = list(self.tree.glob("tests/output/reports/coverage*.xml"))
        if finished.code or not results:
            return Outcome(failed=1, output=finished.output)
        files = {file.get("filename", ""): file for file in ET.parse(results[0]).getroot().iter("class")}  # noqa: S314  ansible-test wrote it
        lines = [
            (name, hit)
            for name in self._shipped_code()
            for hit in (_hits(files[name]) if name in files else [False] * _statements(self.tree / name))
        ]
        share = 100 * sum(line[1] for line in lines) / max(len(lines), 1)
        remark = f"{share:.1f} % of {len(lines)} lines"
        if share >= floor:
            return Outcome(passed=1, remark=remark)
        missed = Counter(name for name, hit in lines if not hit)
        table = [f"{count:5} lines not run in {name}" for name, count in sorted(missed.items())]
        return Outcome(failed=1, remark=remark, output="\n".join([*table, f"Asked for: {floor:g} %"]))

    def _shipped_code(self) -> list[str]:
        """All but the fragments, which are nothing but documentation."""
        found = sorted(str(path.relative_to(self.tree)) for path in self.tree.glob("plugins/**/*.py"))
        return [name for name in found if not name.startswith("plugins/doc_fragments/")]

    def _run(self, *command: str) -> Finished:
        prepare_home(self.tree, self.venv)
        executable = self.venv.bin / "ansible-test"
        search = pythons.search_path(self.pythons, self.venv.bin)
        finished = processes.run(
            [executable, *command, "--venv", "--color", "no"],
            cwd=self.tree,
            env=environment(self.tree, PATH=search),
            timeout=1800,
        )
        return replace(finished, output=_PIP_NOISE.sub("", finished.output))


def environment(tree: Path, **extra: str) -> dict[str, str]:
    """What tools that look for collections get: this copy of ours, and nothing of the user's."""
    ours = {"HOME": str(home(tree)), "ANSIBLE_COLLECTIONS_PATH": str(trees.collections_path(tree))}
    return processes.clean_environment(**{**ours, **extra})


def home(tree: Path) -> Path:
    """One for each copy: two ansible-tests that make the keys of one home folder at the same time fail."""
    return trees.collections_path(tree) / "home"


def prepare_home(tree: Path, venv: Venv) -> None:
    cache = home(tree) / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in _PIP_VERSIONS:
        (cache / f"get_pip_{version}.py").write_text(BUNDLED_PIP.read_text())
    settings = home(tree) / ".config" / "pip" / "pip.conf"
    if not settings.exists():
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(_pip_settings(venv))


def _pip_settings(venv: Venv) -> str:
    """How this machine reaches its package registry, as a pip.conf: ansible-test hands down no environment."""
    command: list[str | Path] = [venv.python, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    pairs = [line.split("=", 1) for line in listed.stdout.splitlines() if "=" in line]
    values = {key.removeprefix("global.").removeprefix(":env:."): ast.literal_eval(value) for key, value in pairs}
    return "[global]\n" + "".join(f"{key} = {value}\n" for key, value in values.items() if "." not in key)


def _outcome(finished: Finished, ran: int, left_out: Sequence[str] = ()) -> Outcome:
    listed = _LISTED_FAILURES.search(finished.output)
    if finished.code or not ran:
        failed = int(listed.group(1)) if listed else 1
        return Outcome(max(ran - failed, 0), failed, finished.output, left_out)
    return Outcome(ran, left_out=left_out, remark=f"{ran} tests")


def _hits(file: ET.Element) -> list[bool]:
    return [line.get("hits") != "0" for line in file.iter("line")]


def _statements(path: Path) -> int:
    """How many lines a file would count for, had it been imported once: a report leaves out what never was."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return len({node.lineno for node in nodes if isinstance(node, ast.stmt)})
