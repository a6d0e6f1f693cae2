# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image with the collection is made from, tried without a container engine: every step but the image itself."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.tests.tools import processes, simulator
from ansible_collections.flagops.launchdarkly.tests.tools.artifact import Artifact
from ansible_collections.flagops.launchdarkly.tests.tools.checkout import ROOT

DEFINITION = "execution-environment.yml"
GUIDE = Path("docs", "execution-environment.md")
NAME = "flagops.launchdarkly"

# The Python libraries and the system package that the collection says it needs.
NEEDS = {"pydantic", "requests", "tzdata"}

FLAG = ("-e", "release_project_key=demo", "-e", "release_flag_key=new-checkout")


def run(artifact: Artifact, folder: Path, tool: str, *arguments: str | Path, **extra: str) -> str:
    # What lies beside a tool of a virtual environment is what it calls.
    search = f"{processes.BIN}:/usr/local/bin:/usr/bin:/bin"
    environment = artifact.environment(PATH=search, NO_COLOR="1", **extra)
    finished = processes.run([processes.BIN / tool, *arguments], cwd=folder, env=environment)
    assert finished.code == 0, finished.output
    return finished.output


def lines(path: Path) -> list[str]:
    """Without what the builder adds to each line about where it comes from."""
    stripped = [line.partition("#")[0].strip() for line in path.read_text().splitlines()]
    return [line for line in stripped if line]


@pytest.fixture(scope="module")
def lists(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What the builder finds in the installed collection to install with it: for Python, and for the system."""
    folder = tmp_path_factory.mktemp("lists")
    python, system = folder / "python.txt", folder / "system.txt"
    options = ("--write-pip", python, "--write-bindep", system)
    run(artifact, folder, "ansible-builder", "introspect", *options, artifact.place)
    return python, system


@pytest.mark.parametrize("folder", [ROOT, ROOT / "examples" / "awx-project"], ids=["collection", "awx-project"])
def test_image_definition_makes_a_build_context(artifact: Artifact, tmp_path: Path, folder: Path) -> None:
    """As it stands, from Galaxy; the base is an argument of the build."""
    run(artifact, folder, "ansible-builder", "create", "-f", DEFINITION, "-c", tmp_path)
    # Its name depends on the container engine that the builder finds.
    (recipe,) = tmp_path.glob("*file")
    assert "ARG EE_BASE_IMAGE=" in recipe.read_text()
    assert "FROM $EE_BASE_IMAGE" in recipe.read_text()
    assert NAME in (tmp_path / "_build" / "requirements.yml").read_text()


def test_image_from_a_file_installs_the_collection(artifact: Artifact, tmp_path: Path) -> None:
    """With what the guide puts in, the context holds the collection, and its Galaxy stage installs that."""
    (entries,) = re.findall(r"^```yaml\n(.*?)^```", (ROOT / GUIDE).read_text(), re.MULTILINE | re.DOTALL)
    entries = re.sub(r"flagops-launchdarkly-\S+?\.tar\.gz", artifact.file.name, entries)
    # The guide has the file in dist/, beside the definition.
    (tmp_path / "dist").symlink_to(artifact.dist)
    head = (ROOT / DEFINITION).read_text().partition("\ndependencies:\n")[0]
    (tmp_path / DEFINITION).write_text(f"{head}\n{entries}")
    run(artifact, tmp_path, "ansible-builder", "create", "-f", DEFINITION, "-c", tmp_path / "context")
    # As the Dockerfile of the context has it, but without Galaxy, which is not needed.
    command = ("collection", "install", "--offline", "-r", "requirements.yml", "-p", tmp_path / "from-file")
    run(artifact, tmp_path / "context" / "_build", "ansible-galaxy", *command)


def test_image_needs_what_the_collection_names(lists: tuple[Path, Path]) -> None:
    named = {re.split(r"[^\w-]", line)[0] for path in lists for line in lines(path)}
    assert named == NEEDS


def test_image_needs_are_enough_for_the_demo(artifact: Artifact, lists: tuple[Path, Path], tmp_path: Path) -> None:
    """With ansible-core and the list that the builder made, and nothing else."""
    python = tmp_path / "venv" / "bin" / "python"
    uv = os.environ["UV"]
    install = [uv, "pip", "install", "--quiet", "--python", python, "ansible-core>=2.16", *lines(lists[0])]
    for command in ([uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv"], install):
        finished = processes.run(command)
        assert finished.code == 0, finished.output
    with simulator.running(artifact.collection) as service:
        command = [python.with_name("ansible-playbook"), "flagops.launchdarkly.demo"]
        environment = artifact.environment(**service.environment)
        finished = processes.run(command, cwd=artifact.place, env=environment)
    assert finished.code == 0, finished.output


def test_navigator_runs_a_playbook_by_its_name(artifact: Artifact) -> None:
    options = ("--ee", "false", "-m", "stdout", "--pas", "navigator.json", "--lf", "navigator.log")
    with simulator.running(artifact.collection) as service:
        command = ("run", "flagops.launchdarkly.release", *options, *FLAG, "-e", "release_until=Test")
        output = run(artifact, artifact.place, "ansible-navigator", *command, **service.environment)
    assert "Test (test): started, completed" in output
