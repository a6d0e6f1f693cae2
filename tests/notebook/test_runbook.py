# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook, as an operator copies it out of the installed collection, run from top to bottom against the simulator."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.notebook import watched
from ansible_collections.flagops.launchdarkly.tests.tools import processes, simulator
from ansible_collections.flagops.launchdarkly.tests.tools.artifact import Artifact
from ansible_collections.flagops.launchdarkly.tests.tools.checkout import CACHE, ROOT

FOLDER = Path("examples", "notebook")
# As it ran once, for the documentation site.
STORED = ROOT / "docs" / "site" / "runbook.ipynb"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def place(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(artifact.collection / FOLDER, tmp_path_factory.mktemp("runbook") / "new-checkout"))


@pytest.fixture(scope="module")
def ran(artifact: Artifact, place: Path) -> dict[str, list[Json]]:
    """What the cells showed while they ran; the notebook itself is done.ipynb."""
    with simulator.running(artifact.collection) as service:
        environment = artifact.environment(PATH=f"{processes.BIN}:/usr/local/bin:/usr/bin:/bin", **service.environment)
        seen = watched.run(place / "runbook.ipynb", place / "done.ipynb", environment, {"go": True})
        token = service.access_token.encode()
        assert [path for path in place.rglob("*") if path.is_file() and token in path.read_bytes()] == []
    keep(place / "done.ipynb", CACHE / "runbook.ipynb")
    return seen


def keep(made: Path, kept: Path) -> None:
    """Without what papermill notes about this machine."""
    notebook = json.loads(made.read_text())
    for part in (notebook, *notebook["cells"]):
        part["metadata"].pop("papermill", None)
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


def cells(notebook: Path) -> dict[str, Json]:
    return {cell["id"]: cell for cell in json.loads(notebook.read_text())["cells"]}


def sources(notebook: Path) -> dict[str, str]:
    """papermill adds a cell with the parameters."""
    found = cells(notebook).items()
    return {
        name: "".join(cell["source"])
        for name, cell in found
        if "injected-parameters" not in cell["metadata"].get("tags", ())
    }


def data(place: Path, name: str) -> list[Json]:
    """What a cell shows in the end."""
    outputs = cells(place / "done.ipynb")[name]["outputs"]
    return [{kind: "".join(text) for kind, text in output.get("data", {}).items()} for output in outputs]


def test_runbook_has_no_output_stored() -> None:
    found = cells(ROOT / FOLDER / "runbook.ipynb")
    assert [name for name, cell in found.items() if cell.get("outputs") or cell.get("execution_count")] == []


def test_site_shows_the_runbook_as_it_is() -> None:
    """After a change of the runbook, `make notebook` and `cp .cache/runbook.ipynb docs/site/` store it again."""
    assert sources(STORED) == sources(ROOT / FOLDER / "runbook.ipynb")
    assert "api-" not in json.dumps([cell.get("outputs") for cell in cells(STORED).values()])


def test_runbook_draws_the_timeline_while_the_release_runs(ran: dict[str, list[Json]]) -> None:
    drawn = [watched.phases(picture) for shown in ran["release"] for picture in watched.pictures(shown)]
    assert drawn[0] == {"Test": "ready to start", "Staging": "not started"}
    asides = [(stand["Test"].split()[0], stand["Staging"].split()[0]) for stand in drawn]
    assert ("completed", "not") in asides or ("completed", "active") in asides
    assert asides[-1] == ("completed", "completed")


def test_runbook_shows_planned_bars(ran: dict[str, list[Json]]) -> None:
    (picture,) = watched.pictures(ran["plan"][-1])
    assert "Planned, at the earliest" in picture
    assert set(watched.phases(picture)) == {"Test", "Staging"}


@pytest.mark.usefixtures("ran")
def test_runbook_keeps_what_it_showed(place: Path) -> None:
    (status,), (rehearsal,) = data(place, "status"), data(place, "rehearse")
    assert "0 of 3 phases complete" in status["text/plain"]
    assert "Rehearsed on a simulator" in rehearsal["text/plain"]
    timeline, state = data(place, "release")
    assert "Staging (staging): started, completed" in timeline["text/plain"]
    assert state["text/plain"] == "'completed'"
    picture, report = data(place, "report")
    assert [*watched.phases(*watched.pictures(picture))] == ["Test", "Staging", "Production"]
    assert "## Phases" in report["text/markdown"]
    assert "<iframe" not in (place / "done.ipynb").read_text()


@pytest.mark.usefixtures("ran")
def test_runbook_has_no_buttons_without_a_front_end(place: Path) -> None:
    (output,) = cells(place / "done.ipynb")["controls"]["outputs"]
    assert output["output_type"] == "stream"
    assert "widget" not in json.dumps(json.loads((place / "done.ipynb").read_text())["metadata"])
