# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users get: the collection as it is built, installed where nothing else of ours is."""

from __future__ import annotations

import io
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
    "MAINTAINERS",
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

# The settings of galaxy-importer that are checks, except for ansible-test, which wants a container.
CERTIFICATION = (
    "CHECK_CHANGELOG",
    "CHECK_REQUIRED_TAGS",
    "REQUIRE_V1_OR_GREATER",
    "RUN_ANSIBLE_DOC",
    "RUN_ANSIBLE_LINT",
    "RUN_FLAKE8",
)
TOO_EARLY = "Invalid collection metadata. Config is enabled that requires version to be 1.0.0 or greater."


def test_artifact_holds_what_users_need_only(artifact: Artifact) -> None:
    with tarfile.open(artifact.file) as packed:
        names = [Path(name).parts for name in packed.getnames()]
    found = {parts[0] for parts in names}
    assert found == ESSENTIAL | FOR_USERS | {"tests"}, sorted(found ^ (ESSENTIAL | FOR_USERS | {"tests"}))
    # ansible-test reads it, whoever runs that on an installed collection.
    assert [parts for parts in names if parts[0] == "tests"] == [("tests",), ("tests", "config.yml")]
    hidden = {part for parts in names for part in parts if part.startswith((".", "__pycache__")) and part != ".keep"}
    assert not hidden


def import_as_certified(file: Path, artifact: Artifact, folder: Path) -> processes.Finished:
    """With all that Automation Hub asks of certified content, ansible-lint's production profile and flake8 included."""
    environment = artifact.environment(
        PATH=os.pathsep.join([str(processes.BIN), *os.get_exec_path()]),
        **dict.fromkeys((f"GALAXY_IMPORTER_{setting}" for setting in CERTIFICATION), "true"),
    )
    return processes.run([sys.executable, "-m", "galaxy_importer.main", file], cwd=folder, env=environment)


def as_version(version: str, packed: Path, folder: Path) -> Path:
    """The same artifact under another version, which is only in its manifest and its name."""
    made = folder / f"flagops-launchdarkly-{version}.tar.gz"
    with tarfile.open(packed) as source, tarfile.open(made, "w:gz") as target:
        for member in source:
            data = source.extractfile(member)
            if member.name == "MANIFEST.json":
                assert data
                manifest = json.load(data)
                manifest["collection_info"]["version"] = version
                text = json.dumps(manifest).encode()
                member.size, data = len(text), io.BytesIO(text)
            target.addfile(member, data)
    return made


def test_artifact_lacks_only_the_version_of_certified_content(artifact: Artifact, tmp_path: Path) -> None:
    """As it is, the importer refuses its version. As 1.0.0, the importer finds nothing.

    It exits with 0 whatever ansible-lint and flake8 find, so its log is read.
    """
    refused = import_as_certified(artifact.file, artifact, tmp_path)
    assert refused.code != 0, refused.output
    assert complaints(refused.output) == [f"ERROR: The import failed for the following reason: {TOO_EARLY}"]
    finished = import_as_certified(as_version("1.0.0", artifact.file, tmp_path), artifact, tmp_path)
    assert finished.code == 0, finished.output
    assert complaints(finished.output) == [], finished.output
    assert "...ansible-lint run complete" in finished.output, finished.output
    assert "via flake8" in finished.output, finished.output


def complaints(output: str) -> list[str]:
    return re.findall(r"^(?:WARNING|ERROR): .*", output, re.MULTILINE)


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
