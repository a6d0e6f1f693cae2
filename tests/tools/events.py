# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebooks: ansible-rulebook listens, the simulator or this file posts to it as LaunchDarkly does. All on loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
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

import ansible_test
import processes
import simulator
from artifact import Artifact
from report import Outcome, one_test
from simulator import Simulator, SimulatorError
from venvs import Venv

_SECRET = "not-telling"  # noqa: S105  of the tests alone
_PATIENCE = 120.0  # seconds for the engine to come up, or for the runs that an event starts

_CALLBACK = Path(__file__).with_name("callback")

_RULEBOOKS = ("release", "release_phase", "release_approval", "release_job")

# What those that listen to one kind of event go by.
_HEARD = {"release_phase": "updateReleasePhaseStatus", "release_approval": "applyApprovalRequest"}

_VALIDATE = """
import sys, yaml
from ansible_rulebook.rules_parser import parse_rule_sets
from ansible_rulebook.validators import Validate
for path in sys.argv[1:]:
    with open(path) as file:
        data = yaml.safe_load(file)
    Validate.rulebook(data)
    parse_rule_sets(data)
"""

# The second phase is next, and needs an approval, which is given and applied two seconds after it was asked for.
_STATE = {
    "projects": {
        "demo": {
            "pipelines": {
                "standard": {
                    "phases": [
                        {"name": "Test", "audiences": [{"environmentKey": "test"}]},
                        {
                            "name": "Staging",
                            "audiences": [{"environmentKey": "staging", "configuration": {"requireApproval": True}}],
                        },
                        {"name": "Production", "audiences": [{"environmentKey": "production"}]},
                    ]
                }
            },
            "releases": {
                "new-checkout": {
                    "phases": [{"status": "completed"}, {"status": "ready-to-start"}, {"status": "not-started"}]
                }
            },
            "reviewer": {"verdict": "approve", "after": 2, "apply": True},
        }
    }
}

_INVENTORY = "all:\n  hosts:\n    localhost:\n      ansible_connection: local\n"


class EventsError(SimulatorError):
    """What was waited for did not come."""


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
        until(lambda: event in self.ended, self, f"the run that event {event} starts")


@dataclass(frozen=True)
class Events:
    venv: Venv
    artifact: Artifact

    def valid(self) -> Outcome:
        """By the engine's own schema and its parser of conditions."""
        folder = self.artifact.collection / "extensions" / "eda" / "rulebooks"
        found = sorted(path.stem for path in folder.iterdir())
        if found != sorted(_RULEBOOKS):
            return Outcome(failed=1, output=f"There are {found}")
        command: list[str | Path] = [self.venv.python, "-c", _VALIDATE, *sorted(folder.iterdir())]
        return one_test(processes.run(command, cwd=self.artifact.place, env=self._environment()))

    def to_the_end(self) -> Outcome:
        """One run by hand, and the events of what it did carry the release through an approval to its end."""
        if not shutil.which("java"):
            return _without_java()
        with self._service() as service, self.engine("release", service) as engine:
            _set_webhook(service, engine.port)
            self._release(service)
            until(lambda: _statuses(service) == ["completed"] * 3, engine, "the release to be complete")
            return self._harmless(service, engine)

    def _harmless(self, service: Simulator, engine: Engine) -> Outcome:
        """What was heard before, or is not LaunchDarkly's, changes nothing; a fresh event of a complete release neither."""
        starts = _starts(service)
        letters = [item["body"] for item in _admin(service, "webhook")["deliveries"]]
        body = next(item for item in letters if item["accesses"][0]["action"] == "updateReleasePhaseStatus")
        answers = {
            "sent again": engine.post(body, _signature(body)),
            "unsigned": engine.post({**body, "_id": "1"}, None),
            "signed by somebody else": engine.post({**body, "_id": "2"}, _signature(body, secret="a guess")),  # noqa: S106  made up
            "signed for another body": engine.post({**body, "_id": "3"}, _signature(body)),
            "of another flag": engine.post(*signed({**body, "_id": "4", "accesses": _of_another_flag(body)})),
            "of another kind": engine.post(*signed({**body, "_id": "5", "accesses": [{"action": "updateOn"}]})),
            "of no kind": engine.post(*signed({"_id": "7"})),
            "new": engine.post(*signed({**body, "_id": "6"})),
        }
        wanted = {
            "sent again": 200,
            "unsigned": 400,
            "signed by somebody else": 401,
            "signed for another body": 401,
            "of another flag": 200,
            "of another kind": 200,
            "of no kind": 200,
            "new": 200,
        }
        # Only this one is news, so it is the only one that something is run for.
        engine.until_ended("6")
        ours = [name for name in engine.ended if name in {body["_id"], *"1234567"}]
        found = {"answers": answers, "runs for": ours, "starts": (starts, _starts(service))}
        good = {"answers": wanted, "runs for": [body["_id"], "6"], "starts": (2, 2)}
        if found != good:
            return Outcome(failed=1, output=f"{found}\nnot\n{good}")
        return Outcome(passed=len(answers), remark=f"{len(engine.ended)} runs")

    def variant(self, rulebook: str) -> Outcome:
        """A rulebook that listens to one kind of event, and gets one of each."""
        if not shutil.which("java"):
            return _without_java()
        heard = _HEARD[rulebook]
        actions = ("applyApprovalRequest", "addReleasePipeline", "updateReleasePhaseStatus")
        with self._service() as service, self.engine(rulebook, service) as engine:
            # Its own comes last, so whatever another one started would have ended before.
            for action in sorted(actions, key=lambda action: action == heard):
                engine.post(*signed(event(action)))
            engine.until_ended(heard)
            good = engine.ended == [heard]
            return Outcome(passed=1) if good else Outcome(failed=1, output=engine.log.read_text(errors="replace"))

    def no_secret(self) -> Outcome:
        """An empty secret is one that everybody knows, so nothing listens with it."""
        if not shutil.which("java"):
            return _without_java()
        with self._service() as service, tempfile.TemporaryDirectory() as folder:
            command = self._command("release", Path(folder), _free_port())
            environment = self._environment(**service.environment, LAUNCHDARKLY_WEBHOOK_SECRET="")
            finished = processes.run(command, cwd=Path(folder), env=environment, timeout=_PATIENCE)
        return Outcome(passed=1) if finished.code == 1 else Outcome(failed=1, output=finished.output)

    def _release(self, service: Simulator) -> None:
        """The first step, by hand."""
        variables = ("release_project_key=demo", "release_flag_key=new-checkout", "release_wait=false")
        options = [part for variable in variables for part in ("-e", variable)]
        command: list[str | Path] = [self.venv.bin / "ansible-playbook", "flagops.launchdarkly.release", *options]
        environment = self._environment(**service.environment)
        finished = processes.run(command, cwd=self.artifact.place, env=environment)
        if finished.code:
            raise EventsError(finished.output)

    @contextmanager
    def _service(self) -> Iterator[Simulator]:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as state:
            json.dump(_STATE, state)
            state.flush()
            with simulator.running(self.venv.python, self.artifact.collection, "--state", state.name) as service:
                yield service

    @contextmanager
    def engine(self, rulebook: str, service: Simulator, *options: str) -> Iterator[Engine]:
        with tempfile.TemporaryDirectory() as name:
            folder, port = Path(name), _free_port()
            engine = Engine(port, folder / "log", folder / "events")
            environment = self._environment(
                **service.environment,
                LAUNCHDARKLY_WEBHOOK_SECRET=_SECRET,
                ANSIBLE_CALLBACK_PLUGINS=str(_CALLBACK),
                ANSIBLE_CALLBACKS_ENABLED="event_of_run",
                EVENTS_OF_RUNS=str(engine.events),
            )
            with engine.log.open("w") as log:
                command = [*self._command(rulebook, folder, port), *options]
                process = processes.start(command, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
                try:
                    until(lambda: _listens(port, process), engine, "ansible-rulebook to listen")
                    yield engine
                finally:
                    processes.stop(process)

    def _command(self, rulebook: str, folder: Path, port: int) -> list[str | Path]:
        (folder / "inventory.yml").write_text(_INVENTORY)
        variables = {
            "release_project_key": "demo",
            "release_flag_key": "new-checkout",
            "webhook_host": "127.0.0.1",
            "webhook_port": port,
        }
        (folder / "new-checkout.yml").write_text(json.dumps(variables))
        name = f"flagops.launchdarkly.{rulebook}"
        options = ("-i", "inventory.yml", "-e", "new-checkout.yml", "-E", "LAUNCHDARKLY_WEBHOOK_SECRET")
        return [self.venv.bin / "ansible-rulebook", "-r", name, *options]

    def _environment(self, **extra: str) -> dict[str, str]:
        """The engine finds Java and ansible-playbook on PATH."""
        search = os.pathsep.join([str(self.venv.bin), *os.get_exec_path()])
        place = str(self.artifact.place)
        return ansible_test.environment(
            self.artifact.tree, ANSIBLE_COLLECTIONS_PATH=place, PATH=search, ANSIBLE_NOCOLOR="1", **extra
        )


def _without_java() -> Outcome:
    return Outcome(left_out=["the system has no Java, which ansible-rulebook runs on"])


def event(action: str) -> dict[str, Any]:
    resource = "proj/demo:env/staging:flag/new-checkout"
    return {"_id": action, "kind": "flag", "accesses": [{"action": action, "resource": resource}]}


def _of_another_flag(body: dict[str, Any]) -> list[dict[str, str]]:
    return [{**access, "resource": "proj/demo:env/test:flag/dark-mode"} for access in body["accesses"]]


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


def _signature(body: dict[str, Any], secret: str = _SECRET) -> str:
    return hmac.new(secret.encode(), _bytes(body), hashlib.sha256).hexdigest()


def signed(body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    return body, _signature(body)


def _set_webhook(service: Simulator, port: int) -> None:
    _admin(service, "webhook", {"url": f"http://127.0.0.1:{port}/endpoint", "secret": _SECRET})


def _statuses(service: Simulator) -> list[str]:
    release = _admin(service, "state")["projects"]["demo"]["releases"]["new-checkout"]
    return [phase["status"] for phase in release["phases"]]


def _starts(service: Simulator) -> int:
    return len(_admin(service, "requests?method=PUT&path=/phases/")["items"])


def _admin(service: Simulator, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else _bytes(body)
    method = "GET" if body is None else "PUT"
    request = urllib.request.Request(f"{service.url}/__sim__/{path}", data=data, method=method)  # noqa: S310  on loopback
    with _open(request) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def _open(request: urllib.request.Request) -> Any:
    """Past any proxy of the machine's."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int, process: subprocess.Popen[str]) -> bool:
    if process.poll() is not None:
        message = "ansible-rulebook ended by itself"
        raise EventsError(message)
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(is_so: Callable[[], bool], engine: Engine, what: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if is_so():
            return
        time.sleep(0.1)
    message = f"Waited for {what}, in vain.\n{engine.log.read_text(errors='replace')}"
    raise EventsError(message)
