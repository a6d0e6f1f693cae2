# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-playbook as a user does, against a simulator in this process.

    python -m pytest tests/playbook

with a Python that has ansible-core and what requirements.txt names.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
COLLECTION = Path("ansible_collections", "flagops", "launchdarkly")
DOORS = ("in_process", "module")

sys.path.insert(0, str(ROOT / "plugins" / "plugin_utils"))

from plays import SPEED, Player  # noqa: E402  it needs the simulator too
from simulator.service.simulator import Simulator  # noqa: E402  by its folder, since no collection loader is at work here


@dataclass(frozen=True)
class Finished:
    code: int
    output: str
    results: list[dict[str, Any]]

    @property
    def used_a_module(self) -> bool:
        """Did a module process run? Told at -vvv."""
        return "Using module file" in self.output


@dataclass(frozen=True)
class Ansible:
    """A playbook's folder and its environment."""

    folder: Path
    environment: dict[str, str]

    def write(self, tasks: list[dict[str, Any]], **play: Any) -> Path:
        variables = {"ansible_python_interpreter": sys.executable, **play.pop("vars", {})}
        plays = [{"hosts": "all", "gather_facts": False, "vars": variables, "tasks": tasks, **play}]
        path = self.folder / "play.yml"
        path.write_text(json.dumps(plays, indent=1))
        return path

    @contextmanager
    def started(self, playbook: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
        """ansible-playbook, in a process group of its own, ended with all its children when the block ends."""
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "here,", "-c", "local", str(playbook), *arguments]
        process = subprocess.Popen(  # noqa: S603  our own playbook
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()

    def run(
        self, tasks: list[dict[str, Any]], *arguments: str, environment: dict[str, str] | None = None, **play: Any
    ) -> Finished:
        record = Path(self.environment["RECORDER_FILE"])
        record.unlink(missing_ok=True)
        with self.started(self.write(tasks, **play), *arguments, **(environment or {})) as process:
            output = process.communicate(timeout=120)[0]
        lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
        return Finished(process.returncode, output, [json.loads(line) for line in lines])


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which this checkout lies where Ansible looks for it."""
    if ROOT.parts[-3:] == COLLECTION.parts:
        return ROOT.parents[2]
    folder = tmp_path_factory.mktemp("collections")
    (folder / COLLECTION).parent.mkdir(parents=True)
    (folder / COLLECTION).symlink_to(ROOT)
    return folder


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture
def ansible(tmp_path: Path, collections: Path) -> Ansible:
    """Nothing of this machine's settings: no configuration, no proxies, no credentials."""
    unwanted = ("ANSIBLE_", "LAUNCHDARKLY_", "LD_ACCESS_TOKEN", "PYTHON", "REQUESTS_", "SSL_CERT_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(unwanted) and not name.lower().endswith("_proxy")
    }
    own = {
        "HOME": str(tmp_path),
        # both are else looked for in the home folder that the system knows of
        "ANSIBLE_ASYNC_DIR": str(tmp_path / "async"),
        "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote"),
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "plugins" / "callback"),
        "ANSIBLE_CONNECTION_PLUGINS": str(HERE / "plugins" / "connection"),
        "ANSIBLE_BECOME_PLUGINS": str(HERE / "plugins" / "become"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder",
        "RECORDER_FILE": str(tmp_path / "results"),
        "ANSIBLE_NOCOLOR": "1",
        # since 2.21 they are left out else
        "ANSIBLE_INJECT_INVOCATION": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }
    return Ansible(tmp_path, {**kept, **own})


def read(simulator: Simulator, **options: Any) -> dict[str, Any]:
    """A task that reads the release."""
    return {"flagops.launchdarkly.ld_release_info": {**release(simulator), **options}}


def start(simulator: Simulator, phase: str = "Test", **options: Any) -> dict[str, Any]:
    """A task that starts a phase."""
    return {"flagops.launchdarkly.ld_release_phase": {**release(simulator), "phase": phase, **options}}


def release(simulator: Simulator) -> dict[str, Any]:
    connection = {"access_token": simulator.access_token, "api_host": simulator.url}
    return {**connection, "project_key": "demo", "flag_key": "new-checkout"}


def through(door: str) -> dict[str, Any]:
    return {"vars": {"launchdarkly_in_process": door == "in_process"}}


@pytest.fixture
def completion() -> str:
    """How phases complete; a test that holds for both parametrizes it."""
    return "self"


@pytest.fixture
def speed() -> float:
    """How fast the simulator's clock runs."""
    return SPEED


@pytest.fixture
def player(ansible: Ansible, completion: str, speed: float) -> Iterator[Player]:
    with Simulator(speed=speed, completion=completion) as running:
        yield Player(ansible.folder, ansible.environment, running)
