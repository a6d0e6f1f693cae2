# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ld_environment_release against the simulator over real HTTP. One clock for both, which only sleeping moves."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_release import (
    ENVIRONMENT_RELEASE,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import Definition, execute
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.faults import parse
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import Clock

ON, OFF, THIRD = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
BOOLEAN = [{"_id": ON, "name": "On", "value": True}, {"_id": OFF, "name": "Off", "value": False}]
COLOURS = [
    {"_id": ON, "name": "Red", "value": "red"},
    {"_id": OFF, "name": "Blue", "value": "blue"},
    {"_id": THIRD, "name": "Green", "value": "green"},
]
UNIT = {"contextKind": "user", "attribute": "kind", "op": "in", "values": ["user"], "negate": False}
STEPS = [{"percent": 10, "duration": "10m"}, {"percent": 50, "duration": "20m"}]
METRICS = [{"key": "errors"}]
PROGRESSIVE: dict[str, Any] = {"strategy": "progressive", "steps": STEPS}
GUARDED: dict[str, Any] = {"strategy": "guarded", "steps": STEPS, "metrics": METRICS}
PERCENTAGE: dict[str, Any] = {"strategy": "percentage", "steps": STEPS}
READY: dict[str, Any] = {"on": True, "fallthrough": {"variation": 1}}
DONE: dict[str, Any] = {"on": True, "fallthrough": {"variation": 0}}
PLAN = {
    "standard": {
        "randomizationUnit": "user",
        "cleanupBehavior": "remove_rules_and_update_default_rule",
        "phases": [
            {"clauses": [UNIT], "description": "Plan", "steps": [{"allocation": 5000, "durationMillis": 60000}]}
        ],
    }
}
START = "GET:flag GET:releases GET:audit"
MINUTE = 60.0


def state_of_stage(
    targeting: dict[str, Any] | None = None,
    *,
    behavior: dict[str, Any] | None = None,
    environment: dict[str, Any] | None = None,
    variations: list[dict[str, Any]] | None = None,
    **flag: Any,
) -> dict[str, Any]:
    """The simulator's state with the one flag."""
    place = {"on": False, "fallthrough": {"variation": 0}, "offVariation": 1, **(targeting or {})}
    cart = {"variations": variations or BOOLEAN, "environments": {"eu": place}, **flag}
    segments = {"segments": {"beta": {}, "staff": {}}, **(environment or {})}
    return {
        "projects": {"shop": {"environments": {"eu": segments}, "flags": {"cart": cart}, "behavior": behavior or {}}}
    }


class Stage:
    """One flag, `shop/cart` in `eu`. Off, and serving true by default, as LaunchDarkly makes a boolean flag."""

    def __init__(
        self,
        targeting: dict[str, Any] | None = None,
        *,
        behavior: dict[str, Any] | None = None,
        environment: dict[str, Any] | None = None,
        variations: list[dict[str, Any]] | None = None,
        **flag: Any,
    ) -> None:
        self.clock = Clock()
        state = state_of_stage(targeting, behavior=behavior, environment=environment, variations=variations, **flag)
        self.simulator = Simulator(state, clock=self.clock.wall)
        self.reported: list[str] = []

    def close(self) -> None:
        self.simulator.stop()

    def run(
        self,
        *,
        check_mode: bool = False,
        definition: Definition = ENVIRONMENT_RELEASE,
        still_wanted: Callable[[], None] = lambda: None,
        counted: bool = True,
        ahead: float = 0.0,
        **given: Any,
    ) -> dict[str, Any]:
        """The task's result, with its warnings. `still_wanted` is called before each request.

        `ahead`: by how many seconds the clock of the task's machine is ahead of LaunchDarkly's.
        """
        options = {
            "access_token": self.simulator.access_token,
            "api_host": self.simulator.url,
            "http_timeout": 5.0,
            "project_key": "shop",
            "flag_key": "cart",
            "environment_key": "eu",
            **given,
        }
        if "environment_key" not in definition.argument_spec:
            del options["environment_key"]
        validation = ArgumentSpecValidator(**definition.spec_arguments).validate(options)
        assert not validation.error_messages, validation.error_messages
        before = len(self.simulator.requests)
        clocks = {"wall": lambda: self.clock.wall() + ahead}
        runtime = self.clock.runtime(report=self.reported.append, still_wanted=still_wanted, **clocks)
        result, warnings = execute(definition, dict(validation.validated_parameters), runtime, check_mode=check_mode)
        assert result.get("error_code") != "internal_error", result
        assert self.simulator.access_token not in json.dumps(result)
        # An answer that is cut is a request too.
        assert not counted or result.get("requests", 0) == len(self.simulator.requests) - before
        return {**result, "warnings": warnings}

    def fault(self, **fields: Any) -> None:
        self.simulator.world.faults.faults.extend(parse([fields]))

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  loopback
            f"{self.simulator.url}/__sim__/projects/shop/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310  loopback
            text = answer.read().decode()
        return json.loads(text) if text else None

    def by_hand(self, *instructions: dict[str, Any], comment: str = "by hand") -> None:
        """Another person changes targeting."""
        body = {"instructions": list(instructions), "comment": comment}
        self.admin("PUT", "flags/cart/environments/eu", body)

    def merge(self, **fields: Any) -> None:
        self.admin("PUT", "flags/cart/environments/eu", fields)

    def release_event(self, **fields: Any) -> None:
        self.admin("PUT", "flags/cart/environments/eu/releases/latest", fields)

    def start_by_hand(self, **changes: Any) -> None:
        """Another person starts a release."""
        phase = {
            "clauses": [UNIT],
            "description": "By hand",
            "steps": [{"allocation": 20000, "durationMillis": 600000}],
        }
        body = {
            "originalVariationId": OFF,
            "targetVariationId": ON,
            "randomizationUnit": "user",
            "cleanupBehavior": "remove_rules_and_update_default_rule",
            "phases": [{**phase, **changes.pop("phase", {})}],
            **changes,
        }
        self.admin("POST", "flags/cart/environments/eu/releases", body)

    def review(self, **fields: Any) -> None:
        self.admin("PUT", "flags/cart/environments/eu/approval-requests/latest", fields)

    @property
    def flag(self) -> dict[str, Any]:
        """The flag in the environment, as the simulator holds it."""
        with self.simulator._lock:
            found: dict[str, Any] = self.simulator.world.state["projects"]["shop"]["flags"]["cart"]["environments"][
                "eu"
            ]
            return json.loads(json.dumps(found))  # type: ignore[no-any-return]  # a copy of the same shape

    @property
    def releases(self) -> list[dict[str, Any]]:
        with self.simulator._lock:
            found = self.simulator.world.state["projects"]["shop"]["environmentReleases"]
            return json.loads(json.dumps(found))  # type: ignore[no-any-return]  # a copy of the same shape

    def sent(self) -> str:
        """The requests so far, a word each; the log is emptied."""
        words = " ".join(_word(entry) for entry in self.simulator.requests)
        self.simulator.world.log.clear()
        return words

    def written(self) -> list[Any]:
        """The bodies of the writes so far."""
        return [entry["body"] for entry in self.simulator.requests if entry["method"] != "GET"]


def _word(entry: dict[str, Any]) -> str:
    path = urlsplit(entry["path"]).path
    places = {"auditlog": "audit", "approval-requests": "approvals", "segments": "segment", "releases": "releases"}
    parts = path.split("/")
    name = next((word for part, word in places.items() if part in parts), "flag")
    if name == "flag" and "flags" not in parts:
        name = "environment"
    if name == "releases" and parts[-1] != "releases":
        name = "stop" if parts[-1] == "stop" else "release"
    if parts[-1] == "apply":
        name = "apply"
    return f"{entry['method']}:{name}"


def summary(result: dict[str, Any]) -> tuple[str | None, bool, str, str | None]:
    return result.get("error_code"), result["changed"], result["action"], result["status"]


def during(play: Stage, after: float, event: Callable[[], None]) -> None:
    """Let something happen when the clock has come that far."""
    start, sleep = play.clock.slept, play.clock.sleep
    due = [event]

    def sleeping(seconds: float) -> None:
        sleep(seconds)
        if due and play.clock.slept >= start + after:
            due.pop()()

    play.clock.sleep = sleeping  # type: ignore[method-assign]  # the clock is the test's own


Staging = Callable[..., Stage]
