# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the simulator's admin view, inside of the worker: a table of cases asks often, and a process each would cost minutes.

`scene` sets a whole state (see `project`) and forgets faults and requests; `ask` is one request to the admin view. Either answers
with `state`, the flag's part of it afterwards: `targeting` (the environments where it is on), `served` (by default, in each environment)
and `rules` (their number), `words`, `sent` (the requests that change something), `audit`, `comments` (those in it, of people and runs).
"""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from ansible.plugins.action import ActionBase

PROJECT, FLAG = "shop", "cart"
ENVIRONMENTS = {"Test": "test", "Staging": "staging", "Production": "production"}
ID = "id-{}"


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        self._host = urlsplit(task_vars["simulator_url"]).netloc
        given = self._task.args
        answer = None
        if "scene" in given:
            scene = given["scene"] or {}
            self._ask("DELETE", "faults")
            self._ask("PUT", "limits", {})
            self._ask("PUT", "state", {"projects": {PROJECT: project(scene)}})
            self._ask("POST", "faults", scene.get("faults", []))
            self._ask("PUT", f"projects/{PROJECT}/reviewer", scene.get("reviewer", {}))
            self._ask("DELETE", "requests")
        if "ask" in given:
            method, path = given["ask"].split(" ", 1)
            answer = self._ask(method, path, given.get("body"))
        return {"changed": False, "answer": answer, "state": self._state()}

    def _state(self) -> dict[str, Any]:
        kept = self._ask("GET", "state")["projects"][PROJECT]
        log = self._ask("GET", "requests")["items"]
        release = kept["releases"].get(FLAG)
        environments = kept["flags"][FLAG]["environments"]
        audit = kept.get("audit", [])
        return {
            "targeting": sorted(key for key, item in environments.items() if item["on"]),
            "served": [served(item) for item in environments.values()],
            "rules": sum(len(item["rules"]) for item in environments.values()),
            "words": [phase.get("status") for phase in release["phases"]] if release else None,
            "sent": [
                f"{entry['method']} {entry['path'].rsplit('/', 1)[-1]}" for entry in log if entry["method"] != "GET"
            ],
            "read": sum(1 for entry in log if entry["method"] == "GET"),
            "audit": audit,
            "comments": [entry["comment"] for entry in audit if entry.get("comment")],
        }

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection(self._host, timeout=10)
        connection.request(method, f"/__sim__/{path}", None if body is None else json.dumps(body))
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status >= 300:
            raise ValueError(f"{method} {path}: {answer.status} {text}")
        return json.loads(text) if text else None


def project(scene: dict[str, Any]) -> dict[str, Any]:
    """A project of one flag.

    `phases`: the status word of each, or its fields, in whose `_name` << and >> stand for braces, which Ansible would not let
    through; `approve`: the phases that need an approval; `targeting` (on) and `guarded`: environments. `places`: fields of the
    flag in an environment, `about`: fields of an environment.
    """
    words = scene.get("phases", ["ready-to-start", "not-started"])
    names = list(ENVIRONMENTS)[: len(words)]
    pipeline = {"name": "Standard", "phases": [phase(name, name in scene.get("approve", [])) for name in names]}
    release = {
        "phases": [braced(item) if isinstance(item, dict) else {"status": item} for item in words],
        **scene.get("release", {}),
    }
    flag = {
        "environments": {
            key: {
                "on": key in scene.get("targeting", []),
                "requireApproval": key in scene.get("guarded", []),
                **scene.get("places", {}).get(key, {}),
            }
            for key in ENVIRONMENTS.values()
        }
    }
    return {
        "environments": {
            key: {"segments": {"beta": {}}, **scene.get("about", {}).get(key, {})} for key in ENVIRONMENTS.values()
        },
        "flags": {FLAG: flag},
        "pipelines": {"standard": pipeline, "other": {**pipeline, "phases": [phase("Test", False)]}},
        "defaultReleasePipelineKey": "standard",
        "releases": {} if scene.get("no_release") else {FLAG: release},
    }


def served(environment: dict[str, Any]) -> Any:
    """The place of the variation that is served by default, the percentage of the first one, or None where the flag is off."""
    if not environment["on"]:
        return None
    default = environment["fallthrough"]
    return default["rollout"]["variations"][0]["weight"] / 1000 if "rollout" in default else default["variation"]


def phase(name: str, approve: bool) -> dict[str, Any]:
    configuration = {
        "releaseStrategy": "immediate-rollout",
        "requireApproval": approve,
        "notifyMemberIds": ["member-1"],
    }
    audience = {"environmentKey": ENVIRONMENTS[name], "name": name, "configuration": configuration}
    return {"id": ID.format(name.lower()), "name": name, "audiences": [audience]}


def braced(fields: dict[str, Any]) -> dict[str, Any]:
    name = fields.get("_name")
    return {**fields, "_name": name.replace("<<", "{{").replace(">>", "}}")} if name else fields
