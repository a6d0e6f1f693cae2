# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that start ansible-playbook themselves, to see what only a whole run shows."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import processes
import venvs
from layout import ROOT
from pythons import Python
from report import Outcome
from venvs import Venv

TESTS = Path("tests", "playbook")


@dataclass(frozen=True)
class Playbooks:
    venv: Venv
    tree: Path

    def run(self) -> Outcome:
        results = self.tree / "tests" / "output" / "playbook.xml"
        results.parent.mkdir(parents=True, exist_ok=True)
        options = ("-q", "-p", "no:cacheprovider", "--color", "no", "--durations", "5", f"--junit-xml={results}")
        finished = processes.run(
            [self.venv.python, "-m", "pytest", *options, TESTS],
            cwd=self.tree,
            env=processes.clean_environment(PYTHONDONTWRITEBYTECODE="1"),
        )
        if not results.exists():
            return Outcome(failed=1, output=finished.output)
        suites = list(ET.parse(results).getroot().iter("testsuite"))  # noqa: S314  pytest wrote it
        counts = {name: sum(int(suite.get(name, "0")) for suite in suites) for name in ("tests", "failures", "errors")}
        failed = counts["failures"] + counts["errors"]
        if finished.code or not counts["tests"]:
            return Outcome(counts["tests"] - failed, max(failed, 1), finished.output)
        return Outcome(counts["tests"], remark=f"{counts['tests']} tests")


def venv(core: tuple[int, int], python: Python) -> Venv:
    number = "{}.{}".format(*core)
    files = ["-r", str(ROOT / TESTS / "requirements.txt")]
    return venvs.ensure(f"playbook-{number}", python, [f"ansible-core~={number}.0", *files])
