# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook with tasks of a test's own, and the tasks that tests share."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator

# And the name of a program: playbook, inventory.
ANSIBLE = (sys.executable, "-m", "ansible")
WAYS = ("in_process", "module")


@dataclass(frozen=True)
class Finished:
    code: int
    output: str
    results: list[dict[str, Any]]

    @property
    def used_a_module(self) -> bool:
        """Did a module process run? Told at -vvv."""
        return "Using module file" in self.output

    @property
    def task_outputs(self) -> list[str]:
        """What each task showed, in turn."""
        play = self.output.partition("\nPLAY RECAP")[0]
        return re.split(r"^TASK \[.*\] \*+$", play, flags=re.MULTILINE)[1:]


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
    def started(
        self, playbook: Path, *arguments: str, stderr: int = subprocess.STDOUT, **environment: str
    ) -> Iterator[subprocess.Popen[str]]:
        """ansible-playbook, in a process group of its own, ended with all its children when the block ends."""
        command = [*ANSIBLE, "playbook", "-i", "here,", "-c", "local", str(playbook), *arguments]
        process = subprocess.Popen(  # noqa: S603  our own playbook
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=stderr,
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


def read(simulator: Simulator, **options: Any) -> dict[str, Any]:
    """A task that reads the release."""
    return {"flagops.launchdarkly.ld_release_info": {**release(simulator), **options}}


def start(simulator: Simulator, phase: str = "Test", **options: Any) -> dict[str, Any]:
    """A task that starts a phase."""
    return {"flagops.launchdarkly.ld_release_phase": {**release(simulator), "phase": phase, **options}}


def release(simulator: Simulator) -> dict[str, Any]:
    connection = {"access_token": simulator.access_token, "api_host": simulator.url}
    return {**connection, "project_key": "demo", "flag_key": "new-checkout"}


def through(way: str) -> dict[str, Any]:
    return {"vars": {"launchdarkly_in_process": way == "in_process"}}
