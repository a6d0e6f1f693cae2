# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as users get it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ansible_collections.flagops.launchdarkly.tests.tools import processes
from ansible_collections.flagops.launchdarkly.tests.tools.checkout import COLLECTION


@dataclass(frozen=True)
class Artifact:
    """The folder that it is installed in, as COLLECTIONS_PATH wants it, and the folder of the file that was built."""

    place: Path
    dist: Path

    @property
    def collection(self) -> Path:
        return self.place / COLLECTION

    @property
    def file(self) -> Path:
        (file,) = self.dist.glob("*.tar.gz")
        return file

    def build(self, tree: Path) -> None:
        self._galaxy("build", tree, "--output-path", self.dist)

    def install(self) -> None:
        """Install it, and compare what is there with its own list of files."""
        self._galaxy("install", "--offline", self.file, "-p", self.place)
        self._galaxy("verify", "--offline", "-p", self.place, ".".join(COLLECTION.parts[1:]))

    def environment(self, **extra: str) -> dict[str, str]:
        """Neither the checkout nor what the user has installed is in sight."""
        ours = {"HOME": str(self.place / "home"), "ANSIBLE_COLLECTIONS_PATH": str(self.place)}
        return processes.clean_environment(**{**ours, **extra})

    def _galaxy(self, command: str, *arguments: str | Path) -> None:
        self.place.mkdir(parents=True, exist_ok=True)
        galaxy = [processes.BIN / "ansible-galaxy", "collection", command, *arguments]
        finished = processes.run(galaxy, cwd=self.place, env=self.environment())
        assert finished.code == 0, finished.output
