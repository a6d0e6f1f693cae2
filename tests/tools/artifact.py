# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users get: the collection as it is built, installed where nothing else of ours is."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import ansible_test
import processes
import simulator
from layout import CACHE, COLLECTION, DIST, ROOT, TOOLS
from processes import Finished
from report import Outcome, one_test
from venvs import Venv

# All that is promised to matter to a collection in use; the two files are ansible-galaxy's own.
_ESSENTIAL = {"MANIFEST.json", "FILES.json", "meta", "plugins", "roles", "playbooks"}

# What a release may hold at its top.
_EXPECTED = _ESSENTIAL | {
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
    "execution-environment.yml",
    "extensions",
    "requirements.txt",
    "tests",
}


@dataclass(frozen=True)
class Artifact:
    venv: Venv
    tree: Path
    place: Path = CACHE / "installed"
    dist: Path = DIST

    @property
    def built(self) -> Path:
        (file,) = self.dist.glob("*.tar.gz")
        return file

    @property
    def collection(self) -> Path:
        return self.place / COLLECTION

    def build(self) -> Outcome:
        shutil.rmtree(self.dist, ignore_errors=True)
        return one_test(self._galaxy("build", "--output-path", self.dist))

    def install(self) -> Outcome:
        """Into an empty folder, then compared with its own list of files."""
        shutil.rmtree(self.place, ignore_errors=True)
        installed = self._galaxy("install", "--offline", self.built, "-p", self.place)
        if installed.code:
            return one_test(installed)
        verified = self._galaxy("verify", "--offline", "-p", self.place, ".".join(COLLECTION.parts[1:]))
        strange = sorted(path.name for path in self.collection.iterdir() if path.name not in _EXPECTED)
        if strange:
            return Outcome(failed=1, output="Not for users, or new here: " + ", ".join(strange))
        return one_test(verified)

    def imported(self, linters: Venv) -> Outcome:
        """As Galaxy and Automation Hub take it in, with ansible-lint's production profile and flake8.

        The importer ends well whatever these two find; its log tells.
        """
        with tempfile.TemporaryDirectory() as folder:
            environment = self._environment(
                GALAXY_IMPORTER_RUN_FLAKE8="true",
                GALAXY_IMPORTER_CHECK_REQUIRED_TAGS="true",
                PATH=os.pathsep.join([str(linters.bin), *os.get_exec_path()]),
            )
            command: list[str | Path] = [linters.python, "-m", "galaxy_importer.main", self.built.resolve()]
            finished = processes.run(command, cwd=Path(folder), env=environment)
        complaints = re.findall(r"^(?:WARNING|ERROR): ", finished.output, re.MULTILINE)
        ran = "...ansible-lint run complete" in finished.output and "via flake8" in finished.output
        if complaints or not ran:
            return Outcome(failed=1, output=finished.output)
        return one_test(finished)

    def play(self) -> Outcome:
        """With nothing but the folders that a collection in use needs, against the simulator that came with it."""
        for path in self.collection.iterdir():
            if path.name not in _ESSENTIAL:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        with simulator.running(self.venv.python, self.collection) as service:
            environment = self._environment(**service.environment)
            command: list[str | Path] = [
                self.venv.bin / "ansible-playbook",
                "-i",
                "localhost,",
                ROOT / TOOLS / "artifact.yml",
            ]
            return one_test(processes.run(command, cwd=self.place, env=environment))

    def _galaxy(self, command: str, *arguments: str | Path) -> Finished:
        executable = self.venv.bin / "ansible-galaxy"
        return processes.run([executable, "collection", command, *arguments], cwd=self.tree, env=self._environment())

    def _environment(self, **extra: str) -> dict[str, str]:
        """Neither the copy of the checkout nor what the user has installed is in sight."""
        return ansible_test.environment(self.tree, ANSIBLE_COLLECTIONS_PATH=str(self.place), **extra)
