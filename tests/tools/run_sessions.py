# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the sessions of nox that have a tag, some at a time, and counts their tests.

    .venv/bin/python tests/tools/run_sessions.py TAG     "test", "test-all", or "core-2.19", as "nox --list" shows them

The count is on the last line.
"""

from __future__ import annotations

import json
import runpy
import shutil
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# It lets the next import find the checkout.
runpy.run_path(str(ROOT / "conftest.py"))

from ansible_collections.flagops.launchdarkly.tests.tools import checkout, processes  # noqa: E402  as above

# On two cores, one of three sessions waits for something else most of the time.
AT_A_TIME = 3

# ansible-test lists tests of file types that the collection does not have.
_NOTHING_TO_TEST = "No tests applicable."

_REPORT = checkout.RESULTS / "report.json"


def main() -> int:
    began = time.monotonic()
    shutil.rmtree(checkout.RESULTS, ignore_errors=True)
    checkout.RESULTS.mkdir(parents=True)
    processes.own_the_descendants()
    command = ["nox", "--non-interactive", "--parallel", str(AT_A_TIME), "--report", _REPORT, "--tags", sys.argv[1]]
    process = processes.start([sys.executable, "-m", *command], cwd=ROOT)
    try:
        process.wait()
    except KeyboardInterrupt:
        print("Interrupted.", flush=True)
        return 130
    finally:
        processes.stop(process)
        processes.stop_all()
    count = counted(json.loads(_REPORT.read_text())["sessions"]) if _REPORT.exists() else Counter(failed=1)
    print(f"\n{time.monotonic() - began:.0f} seconds in all.")
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped", flush=True)
    return 1 if count["failed"] or not count["passed"] or process.returncode else 0


def counted(sessions: list[dict[str, Any]]) -> Counter[str]:
    """By pytest's and ansible-test's own results. A session that left none is one test, and one that failed a failure at least."""
    total: Counter[str] = Counter()
    for session in sessions:
        count = Counter(outcome for path in results_of(session["name"]) for outcome in outcomes(path))
        result = {"success": "passed", "skipped": "skipped"}.get(session["result"], "failed")
        if not count or (result == "failed" and not count["failed"]):
            count[result] += 1
        total += count
    return total


def results_of(name: str) -> Iterator[Path]:
    return (checkout.RESULTS / name).glob("*.xml")


def outcomes(path: Path) -> Iterator[str]:
    for case in ET.parse(path).getroot().iter("testcase"):  # noqa: S314  our own tools wrote it
        skipped = case.find("skipped")
        if skipped is None:
            yield "passed" if case.find("failure") is None and case.find("error") is None else "failed"
        elif skipped.text != _NOTHING_TO_TEST:
            print(f"left out: {case.get('name')}: {skipped.get('message')}")
            yield "skipped"


if __name__ == "__main__":
    sys.exit(main())
