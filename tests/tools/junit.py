# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pytest, and its answers as counts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path

import processes
from processes import Finished
from report import Outcome
from venvs import Venv


def run(
    venv: Venv,
    tree: Path,
    *arguments: str | Path,
    env: Mapping[str, str],
    under: Sequence[str] = (),
    timeout: float = 1800,
) -> Outcome:
    """Run pytest in a copy of the checkout. `arguments` are its options, and paths of tests; `under` is a module that runs it."""
    results = tree / "tests" / "output" / "pytest.xml"
    results.parent.mkdir(parents=True, exist_ok=True)
    results.unlink(missing_ok=True)
    options = ("-q", "-p", "no:cacheprovider", "--color", "no", f"--junit-xml={results}")
    finished = processes.run(
        [venv.python, "-m", *under, "pytest", *options, *arguments],
        cwd=tree,
        env=env,
        timeout=timeout,
    )
    return outcome(finished, [results] if results.exists() else [])


def outcome(finished: Finished, results: Sequence[Path]) -> Outcome:
    """What pytest wrote about its tests; a run that failed, or wrote of none, is at least one failure."""
    roots = [ET.parse(path).getroot() for path in results]  # noqa: S314  pytest wrote it
    suites = [suite for root in roots for suite in root.iter("testsuite")]

    def total(*names: str) -> int:
        return sum(int(suite.get(name, "0")) for suite in suites for name in names)

    failed = total("failures", "errors")
    passed = total("tests") - failed - total("skipped")
    cases = [case for suite in suites for case in suite.iter("testcase")]
    left_out = [f"{case.get('name')}: {why.get('message')}" for case in cases for why in case.iter("skipped")]
    if finished.code or not passed:
        return Outcome(passed, max(failed, 1), finished.output, left_out)
    return Outcome(passed, left_out=left_out, remark=f"{passed} tests")
