# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook, as an operator has it beside the installed collection, run from top to bottom against the simulator."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import ansible_test
import processes
import simulator
from artifact import Artifact
from report import Outcome
from venvs import Venv

_RUNBOOK = Path("docs", "runbook.ipynb")

# By the text of an output: it stood there, it was rehearsed, it was released so far and no further, and it was planned.
_SHOWN = (
    "0 of 3 phases complete",
    "Rehearsed on a simulator",
    "2 of 3 phases complete",
    "'completed'",
    "would be started",
)

# Of the release as it stands, of the plan, and of what was done; each is a page in a frame.
_PICTURES = 3


@dataclass(frozen=True)
class Notebook:
    venv: Venv
    artifact: Artifact

    def empty(self) -> Outcome:
        """What is stored tells of nobody's release."""
        cells = json.loads((self.artifact.tree / _RUNBOOK).read_text())["cells"]
        full = [cell["id"] for cell in cells if cell.get("outputs") or cell.get("execution_count")]
        return Outcome(failed=1, output=f"Output is stored in {full}") if full else Outcome(passed=1)

    def run(self) -> Outcome:
        made = self.artifact.tree / "runbook-that-ran.ipynb"
        with simulator.running(self.venv.python, self.artifact.collection) as service:
            search = f"{self.venv.bin}:/usr/local/bin:/usr/bin:/bin"
            environment = ansible_test.environment(
                self.artifact.tree,
                ANSIBLE_COLLECTIONS_PATH=str(self.artifact.place),
                PATH=search,
                **service.environment,
            )
            # The kernel of this environment, not one that a user has made known by the same name.
            options = ("-k", "python3", "--no-progress-bar", "-p", "go", "True")
            runbook = self.artifact.collection / _RUNBOOK
            command: list[str | Path] = [self.venv.bin / "papermill", runbook, made, *options]
            finished = processes.run(command, cwd=self.artifact.tree, env=environment)
        if finished.code:
            return Outcome(failed=1, output=finished.output)
        text = made.read_text()
        shown = json.dumps([cell.get("outputs") for cell in json.loads(text)["cells"]], ensure_ascii=False)
        missing = [part for part in _SHOWN if part not in shown]
        if (pictures := shown.count("class=&quot;timeline&quot;")) != _PICTURES:
            missing.append(f"({_PICTURES} pictures, but {pictures})")
        if service.access_token in text:
            missing.append("(without the token)")
        return Outcome(failed=1, output=f"Not shown: {missing}\n{shown}") if missing else Outcome(passed=1)
