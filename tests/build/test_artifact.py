# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users get: the collection as it is built, installed where nothing else of ours is."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tarfile
from pathlib import Path

from ansible_collections.flagops.launchdarkly.tests.tools import processes, simulator
from ansible_collections.flagops.launchdarkly.tests.tools.artifact import Artifact
from ansible_collections.flagops.launchdarkly.tests.tools.checkout import ROOT

HERE = Path(__file__).resolve().parent

# All that a collection in use needs; the two files are ansible-galaxy's own.
ESSENTIAL = {"MANIFEST.json", "FILES.json", "meta", "plugins", "roles", "playbooks"}

# What else users read, or build execution environments from.
FOR_USERS = {
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "LICENSES",
    "README.md",
    "REUSE.toml",
    "bindep.txt",
    "changelogs",
    "docs",
    "examples",
    "execution-environment.yml",
    "extensions",
    "requirements.txt",
}


def test_artifact_holds_what_users_need_only(artifact: Artifact) -> None:
    with tarfile.open(artifact.file) as packed:
        names = [Path(name).parts for name in packed.getnames()]
    found = {parts[0] for parts in names}
    assert found == ESSENTIAL | FOR_USERS | {"tests"}, sorted(found ^ (ESSENTIAL | FOR_USERS | {"tests"}))
    # ansible-test reads it, whoever runs that on an installed collection.
    assert [parts for parts in names if parts[0] == "tests"] == [("tests",), ("tests", "config.yml")]
    hidden = {part for parts in names for part in parts if part.startswith((".", "__pycache__")) and part != ".keep"}
    assert not hidden


def test_artifact_passes_the_importer(artifact: Artifact, tmp_path: Path) -> None:
    """As Galaxy and Automation Hub take it in, with ansible-lint's production profile and flake8.

    The importer exits with 0 whatever these two find, so its log is read.
    """
    environment = artifact.environment(
        GALAXY_IMPORTER_RUN_FLAKE8="true",
        GALAXY_IMPORTER_CHECK_REQUIRED_TAGS="true",
        PATH=os.pathsep.join([str(processes.BIN), *os.get_exec_path()]),
    )
    command = [sys.executable, "-m", "galaxy_importer.main", artifact.file]
    finished = processes.run(command, cwd=tmp_path, env=environment)
    assert finished.code == 0, finished.output
    assert not re.findall(r"^(?:WARNING|ERROR): ", finished.output, re.MULTILINE), finished.output
    assert "...ansible-lint run complete" in finished.output, finished.output
    assert "via flake8" in finished.output, finished.output


def test_artifact_names_the_version_of_the_checkout(artifact: Artifact) -> None:
    manifest = json.loads((artifact.collection / "MANIFEST.json").read_text())
    assert f"version: {manifest['collection_info']['version']}\n" in (ROOT / "galaxy.yml").read_text()


def test_artifact_starts_a_phase(artifact: Artifact, tmp_path: Path) -> None:
    """With nothing but the folders that a collection in use needs, against the simulator that came with it."""
    bare = Artifact(tmp_path, artifact.dist)
    shutil.copytree(artifact.collection, bare.collection)
    for path in bare.collection.iterdir():
        if path.name not in ESSENTIAL:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    with simulator.running(bare.collection) as service:
        command = [processes.BIN / "ansible-playbook", "-i", "localhost,", HERE / "artifact.yml"]
        finished = processes.run(command, cwd=tmp_path, env=bare.environment(**service.environment))
    assert finished.code == 0, finished.output
