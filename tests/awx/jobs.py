# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does with a job what AWX does: makes a private data directory out of its template, and has ansible-runner run it.

AWX always goes through transmit, worker and process; a job here goes that way or directly.
"""

from __future__ import annotations

import importlib
import json
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx import surveys
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.server import Awx
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.variables import parse
from ansible_collections.flagops.launchdarkly.tests.awx.place import Place
from ansible_collections.flagops.launchdarkly.tests.tools.checkout import COLLECTION

Item = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One that has run."""

    given: Item
    code: int
    status: str
    events: list[Item]
    folder: Path

    @property
    def stats(self) -> Any:
        """The event that ends a run; what set_stats has left is in it, and from there AWX takes its artifacts."""
        (found,) = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        return found

    @property
    def artifacts(self) -> Any:
        return self.stats.get("artifact_data", {})

    @property
    def stdout(self) -> str:
        return "\n".join(event["stdout"] for event in self.events)

    def counted_flags(self, queries: Mapping[str, Mapping[str, str]]) -> set[str]:
        """The names of the nodes that the Automation Platform counts, by the queries of extensions/audit."""
        jq = importlib.import_module("jq")
        results = [event["event_data"] for event in self.events if "res" in event["event_data"]]
        return {
            node["name"]
            for data in results
            if data.get("resolved_action") in queries
            for node in jq.compile(queries[data["resolved_action"]]["query"]).input_value(data["res"]).all()
        }

    def files_with(self, secret: str) -> list[str]:
        """Which of the files that a run has left hold it. What was sent there for the run is none of them."""
        return sorted(
            path.name
            for path in self.folder.rglob("*")
            if path.is_file() and secret in path.read_text(errors="replace")
        )


class Runner:
    """`files` are what the project has besides what the guide puts there, by their names."""

    def __init__(self, place: Place, awx: Awx, folder: Path, files: Mapping[str, str] | None = None) -> None:
        self.place = place
        self.awx = awx
        self.folder = folder
        self.files = files or {}
        self.count = 0

    def run(self, template: str, given: Mapping[str, Any], *, split: bool = False) -> Job:
        """A job of that template, launched with these variables."""
        self.count += 1
        found = self.awx.named("job_templates", template)
        data = self.folder / f"{self.count}-{'split' if split else 'direct'}"
        variables = surveys.variables_of_job(found, self.awx.surveys.get(found["id"], {}), given)
        self._prepare(data, found, variables)
        artifacts = self._split(data, found) if split else self._direct(data, found)
        return Job(variables, *_left_in(artifacts), artifacts)

    def _prepare(self, data: Path, template: Item, variables: Item) -> None:
        for folder in ("env", "inventory"):
            (data / folder).mkdir(parents=True)
        shutil.copytree(self.place.project, data / "project")
        for name, content in self.files.items():
            (data / "project" / name).parent.mkdir(exist_ok=True)
            (data / "project" / name).write_text(content)
        # Where AWX puts what the project requires; it goes through the split with everything else.
        shutil.copytree(self.place.collection, data / "requirements_collections" / COLLECTION)
        hosts = {
            host["name"]: parse(host["variables"])
            for host in self.awx.items["hosts"].values()
            if host["inventory"] == template["inventory"]
        }
        (data / "inventory" / "hosts.yml").write_text(json.dumps({"all": {"hosts": hosts}}))
        (data / "env" / "extravars").write_text(self._extra_vars(template, variables))
        (data / "env" / "envvars").write_text(json.dumps(self._environment(template)))
        if template["job_type"] == "check":
            (data / "env" / "cmdline").write_text("--check")

    def _environment(self, template: Item) -> dict[str, str]:
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": "../requirements_collections",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
        for id_ in self.awx.listed("job_templates", template["id"], "credentials"):
            credential = self.awx.items["credentials"][id_]
            injectors = self.awx.items["credential_types"][credential["credential_type"]]["injectors"]
            # What is empty is not there, and what is not there is empty.
            inputs = {name: value for name, value in credential["inputs"].items() if value}
            for name, value in injectors["env"].items():
                environment[name] = ImmutableSandboxedEnvironment().from_string(value).render(inputs)
        return environment

    @staticmethod
    def _extra_vars(template: Item, variables: Item) -> str:
        """Ansible fills in what a job template says, and nothing that comes from anywhere else."""
        trusted = parse(template["extra_vars"])
        lines = [
            f"{name}: {json.dumps(value) if trusted.get(name) == value else _unsafe(value)}"
            for name, value in variables.items()
        ]
        return "\n".join(lines) + "\n"

    def _direct(self, data: Path, template: Item) -> Path:
        finished = self.place.run(
            "ansible-runner", "run", str(data), "-p", template["playbook"], "--ident", "job", "--quiet"
        )
        artifacts = data / "artifacts" / "job"
        assert finished.code == int((artifacts / "rc").read_text()), finished.output
        return artifacts

    def _split(self, data: Path, template: Item) -> Path:
        """On three machines, as it were: only the streams go from one to the next."""
        worker, home = (self.folder / f"{self.count}-{name}" for name in ("worker", "process"))
        home.mkdir()
        steps = (
            ("transmit", data, "-p", template["playbook"], "--ident", "job"),
            ("worker", "--private-data-dir", worker),
            ("process", home, "--ident", "job"),
        )
        finished = self.place.run(
            "sh", "-c", " | ".join(shlex.join(["ansible-runner", *map(str, step)]) for step in steps)
        )
        assert finished.code == 0, finished.output
        return home / "artifacts" / "job"


def _left_in(folder: Path) -> tuple[int, str, list[Item]]:
    paths = [path for path in folder.glob("job_events/*.json") if "partial" not in path.name]
    events = sorted((json.loads(path.read_text()) for path in paths), key=lambda event: event["counter"])
    return int((folder / "rc").read_text()), (folder / "status").read_text(), events


def _unsafe(value: Any) -> str:
    if isinstance(value, str):
        return f"!unsafe {json.dumps(value)}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(name)}: {_unsafe(entry)}" for name, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_unsafe, value)) + "]"
    return json.dumps(value)
