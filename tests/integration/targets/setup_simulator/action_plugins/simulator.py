# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets the simulator's scene for one task and judges what came of it, by the simulator's own admin view.

It knows nothing of the collection's code: what a result must be like is written down here once more. And it runs inside of
the worker, since a table of cases asks hundreds of times and a process each would cost minutes.
"""

from __future__ import annotations

import http.client
import json
import re
from typing import Any
from urllib.parse import urlsplit

from ansible.plugins.action import ActionBase

PROJECT, FLAG = "shop", "cart"
NAMES = ("One", "Two", "Three", "Four")
CREATED = 1793000000000

# Unless a case is about completion, no phase shall complete before it was looked at.
IMMEDIATE = {"releaseStrategy": "immediate-rollout"}
GUARDED = {"monitoringWindowMilliseconds": 3600000, "rolloutWeight": 50000, "rollbackOnRegression": True}
SLOW = {"releaseStrategy": "monitored-release", "releaseGuardianConfiguration": GUARDED}

SUCCESS = {
    "ld_release_phase": {
        "changed",
        "action",
        "previous_status",
        "phase",
        "release",
        "diff",
        "requests",
        "retries",
        "waited",
        "waited_for",
        "approval_pending",
        "approvals",
    },
    "ld_environment_release": {
        *("changed", "action", "status", "previous_status", "release", "targeting", "approvals", "approval_pending"),
        *("waits_until", "undo_recorded", "diff", "requests", "retries", "waited", "waited_for"),
    },
    "ld_environment_release_info": {"changed", "releases", "targeting", "requests", "retries"},
    "ld_release_info": {"changed", "exists", "release", "current_phase", "next_phase", "requests", "retries"},
    "ld_preflight": {"changed", "ready", "findings", "page", "summary", "record", "requests", "retries"},
    "ld_release_pipeline_info": {"changed", "pipelines", "requests", "retries"},
    "ld_release_progression_info": {
        *("changed", "progressions", "phases", "active_count", "completed_count", "is_legacy"),
        *("requests", "retries"),
    },
}
FAILURE = {"msg", "error_code", "http_status", "error"}
ERROR = {"kind", "code", "message", "status", "method", "path", "request_id"}

# What stands between the message of a failure and its code.
ADDRESS = " See https://github.com/flagops/flagops.launchdarkly/blob/main/docs/errors.md#"

# What Ansible itself adds, according to its version and to how the module was run.
ANSIBLES_OWN = {
    "failed",
    "invocation",
    "warnings",
    "deprecations",
    "exception",
    "_ansible_no_log",
    "failed_when_result",
}

# What differs from run to run: moments, the id of a failed request, and how many reads fit into a while.
VOLATILE = {"started_at", "completed_at", "waited", "request_id", "requests"}
# What more differs with releases in environments, which the simulator gives ids and times.
VOLATILE_RELEASE = {
    *("id", "created_at", "changed_at", "ended_at", "next_step_at", "requested_at", "answered_at", "waits_until"),
}
VOLATILE_WORDS = re.compile(
    r"(?<=request id )[0-9a-f-]{36}|(?<=come back after )\S+|(?<=[( ]id )[0-9a-f-]{36}|(?<= at )\d{4}-\d\d-\d\dT[\d:.]+Z"
)


class ActionModule(ActionBase):
    """`scene` sets one; `expect` judges the `result` of a task, which `keep` keeps; `left` and `right` are compared."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        given = self._task.args
        self._host = urlsplit(task_vars["simulator_url"]).netloc
        self._token = task_vars["simulator_access_token"]
        wrong: list[str] = []
        if "scene" in given:
            self._set(given["scene"], goes_on=given.get("goes_on", False))
        elif "left" in given:
            volatile = VOLATILE | (VOLATILE_RELEASE if given.get("of_environment") else set())
            # Ansible adds it to a success, unless the module ran in this process.
            sides = ({"failed": False, **given[side]} for side in ("left", "right"))
            wrong = differences(*(settled(side, volatile) for side in sides))
        else:
            unmoved = {"words": words(project(given["scene_was"]))} if given.get("unmoved") else {}
            wrong = self._judge(given["module"], given["result"], {**unmoved, **given["expect"]})
        if wrong:
            return {"failed": True, "msg": "Not as it should be", "wrong": wrong, "given": given}
        if given.get("keep"):
            kept = {**task_vars.get("kept", {}), given["keep"]: given["result"]}
            return {"changed": False, "ansible_facts": {"kept": kept}}
        return {"changed": False}

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = http.client.HTTPConnection(self._host, timeout=10)
        connection.request(method, f"/__sim__/{path}", None if body is None else json.dumps(body))
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status >= 300:
            raise ValueError(f"{method} {path}: {answer.status} {text}")
        return json.loads(text) if text else None

    def _set(self, scene: dict[str, Any], *, goes_on: bool) -> None:
        """A second run goes on from what the first one left, with nothing going wrong any more."""
        self._ask("DELETE", "faults")
        if not goes_on:
            self._ask("PUT", "state", {"projects": {PROJECT: project(scene)}})
            self._ask("PUT", "limits", scene.get("limits", {}))
            self._ask("POST", "faults", [with_place(fault) for fault in scene.get("faults", [])])
        self._ask("DELETE", "requests")

    def _judge(self, module: str, result: dict[str, Any], expect: dict[str, Any]) -> list[str]:
        log = self._ask("GET", "requests")["items"]
        body = next((entry["body"] for entry in log if entry["method"] == "PUT"), None)
        state = self._ask("GET", "state")["projects"][PROJECT]
        seen = {
            "sent": " ".join(entry["method"] for entry in log),
            "body": body,
            # the ids are the service's, so a case cannot know them
            "body_audiences": [
                {key: value for key, value in item.items() if key != "audienceId"}
                for item in (body or {}).get("audiences", [])
            ],
            "words": words(state),
            "served": served(state),
        }
        wrong = [
            f"the simulator's {name}: {seen[name]!r}, not {expect[name]!r}"
            for name in seen
            if name in expect and not agrees(seen[name], expect[name])
        ]
        wrong += wrong_shape(module, result)
        wrong += self._wrong_requests(log, result, expect)
        wrong += wrong_words(result, expect)
        for name, value in expect.get("result", {}).items():
            found = dig(result, name)
            if found != value or isinstance(found, bool) is not isinstance(value, bool):
                wrong.append(f"{name}: {found!r}, not {value!r}")
        problems = [item["check"] for item in result.get("findings", []) if item["status"] == "problem"]
        if problems != expect.get("problems", problems):
            wrong.append(f"problems: {problems}, not {expect['problems']}")
        if self._token in json.dumps(result):
            wrong.append("the token is in the result")
        return wrong

    def _wrong_requests(self, log: list[dict[str, Any]], result: dict[str, Any], expect: dict[str, Any]) -> list[str]:
        counted = expect.get("requests", len(log))
        wrong = [] if result.get("requests", 0) == counted else [f"requests: {result.get('requests')}, not {counted}"]
        for entry in log:
            headers = {name.lower(): value for name, value in entry["headers"].items()}
            if headers.get("ld-api-version") != "beta":
                wrong.append("a request without LD-API-Version: beta")
            if not headers.get("user-agent", "").startswith("ansible-collection-flagops.launchdarkly/"):
                wrong.append(f"a request of {headers.get('user-agent')}")
            if not (entry["authorized"] or expect.get("unauthorized")):
                wrong.append("a request without the token")
        return wrong


def agrees(seen: Any, expected: Any) -> bool:
    """`GET+` in what is expected stands for one read or more: how many fit into ten seconds depends on the machine."""
    if not isinstance(expected, str):
        return bool(seen == expected)
    return re.fullmatch(re.escape(expected).replace(r"GET\+", "GET( GET)*"), seen) is not None


def project(scene: dict[str, Any]) -> dict[str, Any]:
    """A project with one pipeline, and the flag's release with the phases that the scene names.

    With `place`, the flag's fields in the environment production, a project without a pipeline; `environment` has fields of that
    environment, `project` more of the project.
    """
    if "place" in scene:
        return {
            "environments": {"production": {"segments": {"beta": {}}, **scene.get("environment", {})}},
            "flags": {FLAG: {"environments": {"production": scene["place"]}}},
            **scene.get("project", {}),
        }
    phases = scene.get("phases", ["ready-to-start", "not-started"])
    legacy = bool(scene.get("legacy"))
    pipeline = {
        "name": "Standard",
        "createdAt": CREATED,
        "isLegacy": legacy,
        "phases": [
            {
                "id": f"id-{name.lower()}",
                "name": name,
                "audiences": scene.get("audiences")
                or [
                    {
                        "environmentKey": name.lower(),
                        "name": name,
                        "configuration": IMMEDIATE if scene.get("quick") else SLOW,
                    }
                ],
            }
            for name, _phase in zip(NAMES, phases)
        ],
    }
    release = {
        "phases": [
            {"_creationDate": CREATED, **(phase if isinstance(phase, dict) else {"status": phase})} for phase in phases
        ],
        **scene.get("release", {}),
    }
    return {
        "flags": {FLAG: {}},
        "pipelines": {"standard": pipeline, **scene.get("pipelines", {})},
        "releases": {} if scene.get("no_release") else {FLAG: release},
    }


def words(document: dict[str, Any]) -> list[str | None] | None:
    """The status words of the phases, None without a release."""
    release = document.get("releases", {}).get(FLAG)
    return [phase.get("status") for phase in release["phases"]] if release else None


def served(document: dict[str, Any]) -> str:
    """What the flag serves in production, in words; variations by their place in the list."""
    place = document["flags"][FLAG]["environments"].get("production")
    if place is None:
        return ""
    rules = "".join(f", rule {_serves(rule)}" for rule in place["rules"])
    return f"{'on' if place['on'] else 'off'} {_serves(place['fallthrough'])}{rules}"


def _serves(serving: dict[str, Any]) -> str:
    if "variation" in serving:
        return str(serving["variation"])
    return "/".join(f"{item['weight'] / 1000:g}" for item in serving["rollout"]["variations"])


def with_place(fault: dict[str, Any]) -> dict[str, Any]:
    """Say of what a fault changes on the way where it is."""
    merge = [{"project": PROJECT, "flag": FLAG, **item} for item in fault.get("merge", [])]
    return {**fault, "merge": merge}


def dig(value: Any, name: str) -> Any:
    for step in name.split("."):
        value = value[int(step)] if isinstance(value, list) else (value or {}).get(step, "(absent)")
    return value


def wrong_shape(module: str, result: dict[str, Any]) -> list[str]:
    """The same keys every time, and what one of them says agrees with the others."""
    failed = bool(result.get("failed"))
    keys = set(result) - ANSIBLES_OWN
    full = SUCCESS[module] | (FAILURE if failed else set())
    # options that cannot be used end before there is anything to tell
    allowed = (full, FAILURE | {"changed"}) if failed else (full,)
    wrong = [] if keys in allowed else [f"keys: {sorted(keys ^ full)} too many or missing"]
    if failed:
        error = result.get("error") or {}
        said = (error.get("code"), error.get("status"))
        message, found, code = str(result["msg"]).rpartition(ADDRESS)
        if set(error) != ERROR or said != (result["error_code"], result["http_status"]):
            wrong.append(f"error: {error}")
        if not found or code != error["code"] or message.rstrip(".") != str(error["message"]).rstrip("."):
            wrong.append(f"error: {error}")
    diff = result.get("diff")
    if diff and not failed and (diff["before"] != diff["after"]) is not result["changed"]:
        wrong.append(f"diff of changed {result['changed']}: {diff}")
    return wrong


def wrong_words(result: dict[str, Any], expect: dict[str, Any]) -> list[str]:
    warnings = " ".join(map(str, result.get("warnings") or []))
    wrong = [
        f"msg lacks {text!r}: {result.get('msg')}"
        for text in expect.get("says", [])
        if text not in str(result.get("msg"))
    ]
    wrong += [f"warnings lack {text!r}: {warnings}" for text in expect.get("warns", []) if text not in warnings]
    return wrong + ([f"warnings: {warnings}"] if warnings and not expect.get("warns") else [])


def settled(value: Any, volatile: set[str]) -> Any:
    """A result without what differs from run to run and from way to way."""
    if isinstance(value, dict):
        left_out = ANSIBLES_OWN - {"failed"} | volatile
        return {key: settled(item, volatile) for key, item in value.items() if key not in left_out}
    if isinstance(value, list):
        return [settled(item, volatile) for item in value]
    return VOLATILE_WORDS.sub("...", value) if isinstance(value, str) else value


def differences(left: Any, right: Any, where: str = "") -> list[str]:
    if isinstance(left, dict) and isinstance(right, dict):
        both = sorted(set(left) | set(right))
        return [
            text
            for key in both
            for text in differences(left.get(key, "(absent)"), right.get(key, "(absent)"), f"{where}.{key}")
        ]
    same = left == right and isinstance(left, bool) is isinstance(right, bool)
    return [] if same else [f"{where}: {left!r} and {right!r}"]
