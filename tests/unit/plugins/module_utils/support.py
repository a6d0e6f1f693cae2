# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the core share: a clock that only sleeping moves, transports without a network, and documents."""

from __future__ import annotations

import copy
import itertools
import json
from dataclasses import dataclass, field
from typing import Any, Callable, Union

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.pipelines.wire import WireRelease
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import Runtime
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_phase import RELEASE_PHASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.transport import (
    JSON,
    Response,
    TransportError,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Release, Status
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import Definition

TOKEN = "api-0d9c5d6e-1b7a-4a52-9d1c-7c1f3d5e9b42"  # noqa: S105  made up
NOW = 1_793_000_000.0  # seconds since the epoch: 2026-10-26T07:33:20Z


@dataclass
class Clock:
    """Both clocks of a Runtime. They differ, so that one taken for the other shows, and only `sleep` moves them."""

    slept: float = 0.0
    sleeps: list[float] = field(default_factory=list)

    def wall(self) -> float:
        return NOW + self.slept

    def monotonic(self) -> float:
        return 1000.0 + self.slept

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.sleeps.append(seconds)
        self.slept += seconds

    def runtime(self, **changes: Any) -> Runtime:
        parts: dict[str, Any] = {
            "monotonic": self.monotonic,
            "wall": self.wall,
            "sleep": self.sleep,
            "chance": lambda: 0.0,
        }
        return Runtime(**{**parts, **changes})


@dataclass
class Sent:
    method: str
    path: str
    body: Any
    content_type: str = JSON


@dataclass(frozen=True)
class Reads:
    """Answers reads alike, however many come, until something else is sent."""

    answer: Response


Step = Union[Response, Exception, Reads, Callable[[Sent], Response]]


class ScriptedTransport:
    """Plays the given answers in turn, and keeps what was sent. An exception is raised, a function asked."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)
        self._reads: Reads | None = None
        self.sent: list[Sent] = []
        self.limits: list[float] = []

    def send(
        self, method: str, path: str, body: bytes | None, content_type: str = JSON, limit: float = float("inf")
    ) -> Response:
        sent = Sent(method, path, None if body is None else json.loads(body), content_type)
        self.sent.append(sent)
        self.limits.append(limit)
        if self._reads and method == "GET":
            return self._reads.answer
        assert self._steps, f"an answer too few for {method} {path}"
        step = self._steps.pop(0)
        self._reads = step if isinstance(step, Reads) else None
        if isinstance(step, Reads):
            return step.answer
        if isinstance(step, Exception):
            raise step
        return step(sent) if callable(step) else step

    @property
    def methods(self) -> list[str]:
        return [sent.method for sent in self.sent]

    @property
    def phases(self) -> str:
        """The methods in order, reads that follow each other as one: GET PUT GET."""
        return " ".join(method for method, _group in itertools.groupby(self.methods))

    @property
    def left(self) -> int:
        return len(self._steps)


def cut(*, sent: bool = True, **fields: Any) -> TransportError:
    """A connection that was cut, after the request went out or before."""
    return TransportError("it was cut", sent=sent, **fields)


class Headers(dict):  # type: ignore[type-arg]  # the tests run on Python 3.9 too
    """As requests has them: looked up without regard to case."""

    def __init__(self, **values: str) -> None:
        super().__init__({name.lower().replace("_", "-"): value for name, value in values.items()})

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


def answer(body: Any = None, status: int = 200, **headers: str) -> Response:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Response(status, Headers(**headers), raw)


def refusal(status: int, code: str = "", message: str = "No.", **headers: str) -> Response:
    return answer({"code": code, "message": message, "id": "req-1"} if code else None, status, **headers)


def wire_phase(name: str, status: str | None, **fields: Any) -> dict[str, Any]:
    """A phase as LaunchDarkly writes it, its booleans as its word implies."""
    word = (status or "").lower().replace("-", "").replace("_", "")
    document = {
        "_id": f"id-{name.lower()}",
        "_name": name,
        "status": status,
        "started": word not in ("", "notstarted", "readytostart"),
        "complete": word in ("complete", "completed"),
        "_audiences": [{"_id": f"audience-{name.lower()}", "name": name, "environment": {"key": name.lower()}}],
        **fields,
    }
    return {key: value for key, value in document.items() if value is not None}


def wire_release(*phases: dict[str, Any], **fields: Any) -> dict[str, Any]:
    document = {"name": "Standard", "releasePipelineKey": "standard", "phases": list(phases), "_version": 1}
    return copy.deepcopy({**document, **fields})


def by_words(*words: str | None, **fields: Any) -> dict[str, Any]:
    """A release of phases One, Two, Three ... with these status words."""
    return wire_release(
        *(wire_phase(name, word) for name, word in zip(("One", "Two", "Three", "Four"), words)), **fields
    )


def release(*words: str | None, **fields: Any) -> Release:
    return WireRelease.model_validate(by_words(*words, **fields)).to_release("shop", "cart")


WORDS = {
    Status.NOT_STARTED: "not-started",
    Status.READY_TO_START: "ready-to-start",
    Status.ACTIVE: "active",
    Status.PAUSED: "paused",
    Status.COMPLETED: "completed",
    Status.UNKNOWN: "simmering",
}


def options_of(definition: Definition, **given: Any) -> dict[str, Any]:
    """The options of a module as they reach its operation, defaults filled in."""
    common = {"access_token": TOKEN, "project_key": "shop", "flag_key": "cart"}
    options = {**{name: value for name, value in common.items() if name in definition.argument_spec}, **given}
    validation = ArgumentSpecValidator(**definition.spec_arguments).validate(options)
    assert not validation.error_messages
    return dict(validation.validated_parameters)


def phase_options(**given: Any) -> dict[str, Any]:
    return options_of(RELEASE_PHASE, **{"phase": "Two", **given})


def operate(transport: ScriptedTransport, clock: Clock, *, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    """Run ld_release_phase over a transport; its result, with the warnings."""
    result = run_definition(RELEASE_PHASE, transport, clock, check_mode=check_mode, **{"phase": "Two", **given})
    assert transport.left == 0, "an answer too many"
    return result


def run_definition(
    definition: Definition, transport: ScriptedTransport, clock: Clock, *, check_mode: bool = False, **given: Any
) -> dict[str, Any]:
    """Run a module's operation over a transport, as `execute` does; its result, with the warnings."""
    options = options_of(definition, **given)
    http = Http(transport, clock.runtime(), options["max_retries"], options["retry_timeout"])
    try:
        operation = definition.build(options, http, check_mode)
    except LaunchDarklyError as error:
        return {"changed": False, "warnings": [], "requests": http.requests_made, **error.to_result()}
    failure: dict[str, Any] = {}
    try:
        operation.run()
    except LaunchDarklyError as error:
        failure = error.to_result()
    return {**operation.to_result(), **failure, "warnings": operation.warnings}
