# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook as a user runs it, against a simulator of the test's own."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.flagops.launchdarkly.tests.playbook.ansible_runs import ANSIBLE

if TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator

PHASES = ("Test", "Staging", "Production")
FLAG = "demo/new-checkout"

# A phase of the demo's state takes a second of the simulator's clock, so this is how long it really takes: 1/20 s.
SPEED = 20.0

_OWN_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""

_START = re.compile(r"/release/phases/(?P<phase>[^/]+)\Z")


@dataclass(frozen=True)
class Played:
    """What a run said, and what it handed on."""

    rc: int
    output: str

    @property
    def artifacts(self) -> dict[str, Any]:
        """What set_stats handed on to the jobs after this one."""
        found = re.search(r"^\s*RUN: (\{.*\})\s*$", self.output, re.MULTILINE)
        return json.loads(found[1]) if found else {}

    @property
    def result(self) -> dict[str, Any]:
        return self.of(FLAG)

    def of(self, flag: str) -> dict[str, Any]:
        return self.artifacts["release_result"][flag]

    @property
    def changed(self) -> int:
        """How many tasks changed something, on all hosts."""
        return sum(int(count) for count in re.findall(r"changed=(\d+)", self.output))

    def phase(self, name: str) -> dict[str, Any]:
        return next(phase for phase in self.result["phases"] if phase["phase"] == name)

    def summary(self) -> str:
        """State and reason, and one word a phase."""
        phases = " ".join(str(phase["action"]) for phase in self.result["phases"])
        return f"{self.result['state']} {self.result['reason'] or '-'}: {phases}"


class Player:
    """Runs playbooks in a folder of its own."""

    def __init__(self, place: Path, environment: Mapping[str, str], service: Simulator) -> None:
        self.place = place
        self.environment = {
            **environment,
            "ANSIBLE_SHOW_CUSTOM_STATS": "true",
            "LAUNCHDARKLY_API_HOST": service.url,
            "LAUNCHDARKLY_ACCESS_TOKEN": service.access_token,
        }
        self.service = service

    def write(self, name: str, content: Any) -> Path:
        """A file in the folder, as JSON (which is YAML as well) unless it is text."""
        path = self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def command(self, *options: str, playbook: str = "release", **variables: Any) -> list[str]:
        """A playbook of the collection's by its name, with the demo's flag, or one of the test's own by its path."""
        program = [*ANSIBLE, "playbook"]
        if "/" in playbook:
            return [*program, playbook, "-e", json.dumps({"release_wait_interval": 0.1, **variables}), *options]
        given = {"release_project_key": "demo", "release_flag_key": "new-checkout", "release_wait_interval": 0.1}
        name = f"flagops.launchdarkly.{playbook}"
        return [*program, "-i", "localhost,", name, "-e", json.dumps({**given, **variables}), *options]

    def start(self, *options: str, playbook: str = "release", **variables: Any) -> subprocess.Popen[str]:
        """In the background."""
        return subprocess.Popen(  # noqa: S603  our own playbook
            self.command(*options, playbook=playbook, **variables),
            cwd=self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def end(self, process: subprocess.Popen[str], rc: int = 0, patience: float = 120) -> Played:
        """`patience` is in seconds."""
        try:
            output = process.communicate(timeout=patience)[0]
        finally:
            process.kill()
        assert process.returncode == rc, output
        assert self.service.access_token not in output
        return Played(rc, output)

    def play_on_terminal(self, prompt: str, answer: str, *more: tuple[str, str], **variables: Any) -> Played:
        """With a person at the terminal, who gives an answer to each prompt, one after the other."""
        terminal, theirs = pty.openpty()
        command = [sys.executable, "-c", _OWN_TERMINAL, *self.command(**variables)]
        process = subprocess.Popen(  # noqa: S603  our own playbook
            command, cwd=self.place, env=self.environment, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        script = [(prompt, answer), *more]
        output = b""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 0.5)[0]:
                # Once it is quiet, and again if need be: what is typed before somebody listens is thrown away.
                shown = output.decode(errors="replace").rstrip()
                for expected, typed in script:
                    if shown.endswith((expected, f"{expected}{typed.strip()}")):
                        os.write(terminal, typed.encode())
                continue
            try:
                output += os.read(terminal, 65536)
            except OSError:  # what Linux says of a terminal that nobody uses any more
                break
        os.close(terminal)
        rc = process.wait(timeout=60)
        return Played(rc, output.decode())

    def play(
        self, *options: str, playbook: str = "release", rc: int = 0, patience: float = 120, **variables: Any
    ) -> Played:
        return self.end(self.start(*options, playbook=playbook, **variables), rc, patience)

    # What the service saw.

    @property
    def release(self) -> dict[str, Any]:
        return self.service.world.state["projects"]["demo"]["releases"]["new-checkout"]

    @property
    def statuses(self) -> list[str]:
        return [phase["status"] for phase in self.release["phases"]]

    @property
    def writes(self) -> list[str]:
        return [entry["method"] for entry in self.service.requests if entry["method"] != "GET"]

    @property
    def starts(self) -> Counter[str]:
        """How often each phase was asked to start, by name."""
        names = {phase["_id"]: phase["_name"] for phase in self.release["phases"]}
        found = [_START.search(entry["path"]) for entry in self.service.requests if entry["method"] == "PUT"]
        return Counter(names[match["phase"]] for match in found if match)

    def forget_requests(self) -> None:
        self.service.world.log.clear()

    def change(self, phase: str, **fields: Any) -> None:
        """Somebody else changes a phase."""
        self.service.world.merge_phase("demo", "new-checkout", phase, fields)

    @property
    def now(self) -> int:
        """The service's time, in milliseconds."""
        return self.service.world.clock.now()

    def log(self, name: str = "log") -> list[str]:
        """What tasks of the test's wrote, line by line."""
        path = self.place / name
        return path.read_text().splitlines() if path.exists() else []

    def note(self, word: str, name: str = "log") -> list[dict[str, Any]]:
        """Tasks that write a line."""
        line = f"{word} {{{{ release_phase.phase }}}}"
        return [{"name": "Note", "ansible.legacy.note": {"path": str(self.place / name), "line": line}}]

    def interfere(self, method: str, path: str, body: Any = None) -> list[dict[str, Any]]:
        """Tasks that change the release behind the run's back, while it runs."""
        request = {
            "url": f"{self.service.url}/__sim__/projects/demo/releases/new-checkout{path}",
            "method": method,
            "status_code": [200, 204],
            **({"body": body, "body_format": "json"} if body else {}),
        }
        return [{"name": "Interfere", "ansible.builtin.uri": request}]
