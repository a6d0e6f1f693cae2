# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where everything is, and the programs of a user: awx_configure.yml and AWX's command line."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.flagops.launchdarkly.tests.awx import guide
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx, Log, writes
from ansible_collections.flagops.launchdarkly.tests.tools import processes
from ansible_collections.flagops.launchdarkly.tests.tools.artifact import Artifact
from ansible_collections.flagops.launchdarkly.tests.tools.processes import Finished


@dataclass(frozen=True)
class Place:
    """Where everything is."""

    artifact: Artifact
    modules: Path  # the collections of AWX and the Automation Platform
    oldest: Path  # the tools of the oldest ansible-core that runs here

    @property
    def installed(self) -> Path:
        return self.artifact.place

    @property
    def collection(self) -> Path:
        return self.artifact.collection

    @property
    def project(self) -> Path:
        """The user's own, as the guide has it made."""
        return self.installed / "releases"

    @staticmethod
    def search(first: Path) -> str:
        return os.pathsep.join([str(first), *os.get_exec_path()])

    def run(self, *command: str, **environment: str) -> Finished:
        ours = {
            "ANSIBLE_COLLECTIONS_PATH": f"{self.installed}:{self.modules}",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PIPELINING": "true",
            "HOME": str(self.installed / "home"),
            "PATH": self.search(processes.BIN),
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
        return processes.run(
            # All of them come from the environment that the tests run in, and find each other by name.
            ["env", *command],
            cwd=self.installed,
            env=processes.clean_environment(**{**ours, **environment}),
        )


@dataclass(frozen=True)
class Run:
    """One run of the playbook, and its requests."""

    finished: Finished
    log: Log

    @property
    def writes(self) -> list[str]:
        return writes(self.log)

    @property
    def refused(self) -> list[str]:
        return [f"{method} {path}: {status}" for method, path, status in self.log if status >= 400]

    @property
    def changed(self) -> int:
        return changed(self.finished)


@dataclass(frozen=True)
class Configured:
    """AWX after the playbook, and how its runs went. The first one that makes everything comes after one that failed."""

    awx: Awx
    checked: Run
    failed: Run
    predicted: Run
    first: Run

    @property
    def runs(self) -> tuple[Run, ...]:
        return (self.checked, self.failed, self.predicted, self.first)


@dataclass(frozen=True)
class Second:
    """AWX after two runs with the settings of a second set."""

    awx: Awx
    first: Run
    again: Run


@dataclass(frozen=True)
class EverySetting:
    """AWX after a run with all settings of the guide, and with those that name what exists."""

    awx: Awx
    command: list[str]
    secrets: Mapping[str, str]
    credential_type: Mapping[str, Any]
    first: Run


def configure(place: Place, awx: Awx, command: Sequence[str] = tuple(guide.CONFIGURE), **environment: str) -> Finished:
    return place.run(*command, CONTROLLER_HOST=awx.url, CONTROLLER_OAUTH_TOKEN=awx.token, **environment)


def recorded(place: Place, awx: Awx, command: Sequence[str] = tuple(guide.CONFIGURE), **environment: str) -> Run:
    before = len(awx.log)
    return Run(configure(place, awx, command, **environment), awx.log[before:])


def changed(finished: Finished) -> int:
    assert finished.code == 0, finished.output
    return int(finished.output.rpartition("changed=")[2].split()[0])


def client(place: Place, awx: Awx, command: Sequence[str]) -> tuple[int, Any]:
    """The command line of AWX: its exit code and its answer, as data where it is."""
    # A job here never has anything to watch.
    words = [word for word in command if word != "--monitor"]
    finished = place.run(*words, CONTROLLER_HOST=awx.url, CONTROLLER_OAUTH_TOKEN=awx.token)
    try:
        return finished.code, json.loads(finished.output)
    except ValueError:
        return finished.code, finished.output
