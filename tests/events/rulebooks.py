# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ansible-rulebook that listens, and events to post to it as LaunchDarkly does. All on loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.flagops.launchdarkly.tests.tools import processes
from ansible_collections.flagops.launchdarkly.tests.tools.artifact import Artifact
from ansible_collections.flagops.launchdarkly.tests.tools.simulator import Simulator

PATIENCE = 120.0  # seconds for the engine to come up, or for the runs that an event starts

_SECRET = "for-tests-alone"  # noqa: S105  made up
_CALLBACK = Path(__file__).with_name("callback")
_INVENTORY = "all:\n  hosts:\n    localhost:\n      ansible_connection: local\n"


@dataclass(frozen=True)
class Engine:
    """An ansible-rulebook that listens."""

    port: int
    log: Path
    events: Path

    def post(self, body: dict[str, Any], signature: str | None) -> int:
        """The status of the answer to an event."""
        headers = {"Content-Type": "application/json", **({"X-LD-Signature": signature} if signature else {})}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/endpoint", data=_bytes(body), headers=headers, method="POST"
        )
        try:
            with _open(request) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    @property
    def ended(self) -> list[str]:
        """The events whose runs have come to their end. Runs go one after the other, in the order of the events."""
        return self.events.read_text().split() if self.events.exists() else []

    def until_ended(self, event: str) -> None:
        self.until(lambda: event in self.ended, f"the run that event {event} starts")

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, f"Waited for {what}.\n{self.log.read_text(errors='replace')}"
            time.sleep(0.1)

    def set_webhook(self, service: Simulator) -> None:
        admin(service, "webhook", {"url": f"http://127.0.0.1:{self.port}/endpoint", "secret": _SECRET})


@contextmanager
def engine(artifact: Artifact, rulebook: str, service: Simulator, *options: str) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), _free_port()
        found = Engine(port, folder / "log", folder / "events")
        ours = environment(
            artifact,
            service,
            ANSIBLE_CALLBACK_PLUGINS=str(_CALLBACK),
            ANSIBLE_CALLBACKS_ENABLED="event_of_run",
            EVENTS_OF_RUNS=str(found.events),
        )
        with found.log.open("w") as log:
            words = [*command(rulebook, folder, port), *options]
            process = processes.start(words, env=ours, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
            try:
                found.until(lambda: process.poll() is not None or _listens(port), "ansible-rulebook to listen")
                assert process.poll() is None, found.log.read_text(errors="replace")
                yield found
            finally:
                processes.stop(process)


def command(rulebook: str, folder: Path, port: int | None = None) -> list[str | Path]:
    """What starts a rulebook of the collection, with the files it needs in that folder."""
    (folder / "inventory.yml").write_text(_INVENTORY)
    variables = {
        "release_project_key": "demo",
        "release_flag_key": "new-checkout",
        "webhook_host": "127.0.0.1",
        "webhook_port": port or _free_port(),
    }
    (folder / "new-checkout.yml").write_text(json.dumps(variables))
    name = f"flagops.launchdarkly.{rulebook}"
    options = ("-i", "inventory.yml", "-e", "new-checkout.yml", "-E", "LAUNCHDARKLY_WEBHOOK_SECRET")
    return [processes.BIN / "ansible-rulebook", "-r", name, *options]


def environment(artifact: Artifact, service: Simulator, **extra: str) -> dict[str, str]:
    """The engine finds Java and ansible-playbook on PATH."""
    search = os.pathsep.join([str(processes.BIN), *os.get_exec_path()])
    ours = {"PATH": search, "ANSIBLE_NOCOLOR": "1", "LAUNCHDARKLY_WEBHOOK_SECRET": _SECRET, **service.environment}
    return artifact.environment(**{**ours, **extra})


def event(action: str) -> dict[str, Any]:
    resource = "proj/demo:env/staging:flag/new-checkout"
    return {"_id": action, "kind": "flag", "accesses": [{"action": action, "resource": resource}]}


def signature(body: dict[str, Any], secret: str = _SECRET) -> str:
    return hmac.new(secret.encode(), _bytes(body), hashlib.sha256).hexdigest()


def signed(body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    return body, signature(body)


def admin(service: Simulator, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else _bytes(body)
    method = "GET" if body is None else "PUT"
    request = urllib.request.Request(f"{service.url}/__sim__/{path}", data=data, method=method)  # noqa: S310  on loopback
    with _open(request) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


def _open(request: urllib.request.Request) -> Any:
    """Past any proxy of the machine's."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
