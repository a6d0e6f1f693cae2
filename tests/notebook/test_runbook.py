# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook, as an operator has it beside the installed collection, run from top to bottom against the simulator."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.flagops.launchdarkly.tests.tools import processes, simulator
from ansible_collections.flagops.launchdarkly.tests.tools.artifact import Artifact
from ansible_collections.flagops.launchdarkly.tests.tools.checkout import ROOT

RUNBOOK = Path("docs", "runbook.ipynb")

# By the text of an output: where it stands, what would be started, the rehearsal, what was released, and the result.
SHOWN = (
    "0 of 3 phases complete",
    "Rehearsed on a simulator",
    "Staging (staging): started, completed",
    "'completed'",
    "would be started",
)

# Of the release as it stands, of the plan, and of what was done; each is a page in a frame.
PICTURES = 3


def test_runbook_has_no_output_stored() -> None:
    cells = json.loads((ROOT / RUNBOOK).read_text())["cells"]
    assert [cell["id"] for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []


def test_runbook_runs_from_top_to_bottom(artifact: Artifact, tmp_path: Path) -> None:
    made = tmp_path / "made.ipynb"
    with simulator.running(artifact.collection) as service:
        search = f"{processes.BIN}:/usr/local/bin:/usr/bin:/bin"
        # The kernel of this environment, not one that a user has made known by the same name.
        options = ("-k", "python3", "--no-progress-bar", "-p", "go", "True")
        command = [processes.BIN / "papermill", artifact.collection / RUNBOOK, made, *options]
        finished = processes.run(command, cwd=tmp_path, env=artifact.environment(PATH=search, **service.environment))
    assert finished.code == 0, finished.output
    text = made.read_text()
    shown = json.dumps([cell.get("outputs") for cell in json.loads(text)["cells"]], ensure_ascii=False)
    assert [part for part in SHOWN if part not in shown] == [], shown
    assert shown.count("class=&quot;timeline&quot;") == PICTURES
    assert service.access_token not in text
