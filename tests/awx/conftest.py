# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One AWX (a fake), one LaunchDarkly (the simulator), and the collection as it was built, for all tests here."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tools")]

import fake_awx  # noqa: E402  found from here on
import guide  # noqa: E402  as above
import processes  # noqa: E402  as above
import simulator  # noqa: E402  as above
from fake_awx import Awx  # noqa: E402  as above
from layout import COLLECTION  # noqa: E402  as above
from processes import Finished  # noqa: E402  as above
from simulator import Simulator  # noqa: E402  as above


@dataclass(frozen=True)
class Place:
    """Where everything is; tests/tools/awx.py says so."""

    installed: Path = Path(os.environ["AWX_INSTALLED"])
    modules: Path = Path(os.environ["AWX_MODULES"])
    bin: Path = Path(sys.executable).parent
    # What runs on the oldest ansible-core.
    oldest: Path = Path(os.environ["AWX_OLDEST"])

    @property
    def collection(self) -> Path:
        return self.installed / COLLECTION

    @property
    def project(self) -> Path:
        """The user's own, as the guide has it made."""
        return self.installed / "project"

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
            "PATH": self.search(self.bin),
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
class Configured:
    """AWX after the playbook, and how its runs went."""

    awx: Awx
    checked: Finished
    writes_of_check: list[str]
    first: Finished
    again: Finished
    writes_of_again: list[str]


@pytest.fixture(scope="session")
def place() -> Place:
    place = Place()
    (place.installed / "awx.yml").write_text(guide.SETTINGS)
    place.project.mkdir(exist_ok=True)
    made = place.run("sh", "-c", f"cd project\n{guide.MAKE_PROJECT}")
    assert made.code == 0, made.output
    return place


@pytest.fixture(scope="session")
def launchdarkly(place: Place) -> Iterator[Simulator]:
    with simulator.running(Path(sys.executable), place.collection, "--speed", "20") as service:
        yield service


@pytest.fixture
def awx() -> Iterator[Awx]:
    """One with nothing in it."""
    with fake_awx.serving({guide.URL: list(guide.PLAYBOOKS)}) as fake:
        yield fake


@pytest.fixture(scope="session")
def configured(place: Place, launchdarkly: Simulator) -> Iterator[Configured]:
    with fake_awx.serving({guide.URL: list(guide.PLAYBOOKS)}) as awx:
        checked = configure(place, awx, launchdarkly, guide.CHECK)
        writes_of_check = awx.writes()
        # What the oldest ansible-core makes of it is what the newest finds there.
        first = configure(place, awx, launchdarkly, PATH=place.search(place.oldest))
        before = len(awx.writes())
        # The modules under the name they have in the Automation Platform.
        again = configure(place, awx, launchdarkly, [*guide.CONFIGURE, "-e", "awx_collection=ansible.controller"])
        yield Configured(awx, checked, writes_of_check, first, again, awx.writes()[before:])


def configure(
    place: Place, awx: Awx, launchdarkly: Simulator, command: Sequence[str] = tuple(guide.CONFIGURE), **environment: str
) -> Finished:
    return place.run(
        *command,
        CONTROLLER_HOST=awx.url,
        CONTROLLER_OAUTH_TOKEN=awx.token,
        **launchdarkly.environment,
        **environment,
    )


def client(place: Place, awx: Awx, command: Sequence[str]) -> tuple[int, Any]:
    """The command line of AWX: its exit code and its answer, as data where it is."""
    # A job here never has anything to watch.
    words = [word for word in command if word != "--monitor"]
    finished = place.run(*words, CONTROLLER_HOST=awx.url, CONTROLLER_OAUTH_TOKEN=awx.token)
    try:
        return finished.code, json.loads(finished.output)
    except ValueError:
        return finished.code, finished.output
