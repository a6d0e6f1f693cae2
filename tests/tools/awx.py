# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection in AWX: the modules of awx.awx and the command line on a fake of its API, and ansible-runner for jobs.

Everything runs from the collection as it is built, installed where nothing else of ours is.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import junit
import processes
import pythons
import venvs
from artifact import Artifact
from layout import CACHE, ROOT
from processes import Finished
from pythons import Python
from report import Outcome, one_test
from venvs import Venv

TESTS = Path("tests", "awx")

_OF_AWX = Path("ansible_collections", "awx", "awx")
# Their name in the Automation Platform.
_OF_PLATFORM = Path("ansible_collections", "ansible", "controller")


@dataclass(frozen=True)
class AwxTests:
    venv: Venv
    tree: Path
    place: Path = CACHE / "awx"

    @property
    def artifact(self) -> Artifact:
        return Artifact(self.venv, self.tree, place=self.place / "installed", dist=self.place / "dist")

    @property
    def modules(self) -> Path:
        return self.place / "modules"

    def bare(self) -> Outcome:
        """Install what was built, and leave nothing but the folders that a collection in use needs, and its rulebooks."""
        installed = self.artifact.install()
        for path in self.artifact.collection.iterdir():
            if path.is_dir() and path.name not in {"meta", "plugins", "roles", "playbooks", "extensions"}:
                shutil.rmtree(path)
        return installed

    def fetch_modules(self) -> Outcome:
        """The collection awx.awx, out of a package that is fetched once."""
        wanted = ROOT / TESTS / "modules.txt"
        stamp = self.modules / "made-from"
        with venvs.locked(self.place / ".modules.lock"):
            if not (stamp.is_file() and stamp.read_bytes() == wanted.read_bytes()):
                finished = self._fetch(wanted)
                if finished.code:
                    return one_test(finished)
                stamp.write_bytes(wanted.read_bytes())
        return Outcome(passed=1)

    def _fetch(self, wanted: Path) -> Finished:
        wheels = self.place / "wheels"
        for folder in (wheels, self.modules):
            shutil.rmtree(folder, ignore_errors=True)
        command = ("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", wheels)
        finished = processes.run([self.venv.python, *command, "-r", wanted])
        for wheel in wheels.glob("*.whl"):
            with zipfile.ZipFile(wheel) as packed:
                names = [name for name in packed.namelist() if name.startswith(f"{_OF_AWX.as_posix()}/")]
                packed.extractall(self.modules, names)
        # Most of what was fetched is of no use here.
        shutil.rmtree(wheels, ignore_errors=True)
        if not finished.code:
            shutil.copytree(self.modules / _OF_AWX, self.modules / _OF_PLATFORM)
        return finished

    def run(self) -> Outcome:
        environment = processes.clean_environment(
            AWX_INSTALLED=str(self.artifact.place),
            AWX_MODULES=str(self.modules),
            AWX_OLDEST=str(self._oldest().bin),
        )
        return junit.run(self.venv, self.tree, "--durations", "10", TESTS, env=environment)

    def _oldest(self) -> Venv:
        """The oldest ansible-core that runs here: whoever configures AWX may have that one."""
        core = min(pythons.SUPPORTED)
        fitting = [python for python in pythons.find() if pythons.runs(core, python)]
        return venvs.core(core, fitting[0]) if fitting else self.venv


def venv(found: Sequence[Python]) -> Venv:
    """What the other automation runs in has all of it."""
    return venvs.automation(max(pythons.controllers(found)))
