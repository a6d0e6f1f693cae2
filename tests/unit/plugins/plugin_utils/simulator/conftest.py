# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulator whose clock stands still until a test moves it. Most tests use no HTTP."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import launchdarkly_api
import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control import admin
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.world import World
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.clock import Clock
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.http.messages import Answer, Request
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service import api
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.state.seed import seed
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.scene import Shop, scene
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.vendor import Caller

TOKEN = f"api-{uuid.UUID(int=0)}"
NOW = 1_793_000_000
RELEASE = "/api/v2/flags/demo/new-checkout/release"


@dataclass
class Given:
    """An answer, its body read."""

    status: int
    body: Any
    headers: dict[str, str]
    answer: Answer


class Asker:
    """Asks a simulator as its HTTP layer does."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Given:
        path, _mark, query = path.partition("?")
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        given = {"Authorization": TOKEN, "LD-API-Version": "beta"} if headers is None else headers
        request = Request(method, path, query, given, sent)
        part = admin if path.startswith(admin.PREFIX) else api
        answer = part.answer(self.world, request)
        try:
            read = json.loads(answer.body) if answer.body else None
        except ValueError:
            read = answer.body.decode()
        return Given(answer.status, read, answer.headers, answer)

    def release(self) -> Any:
        return self("GET", RELEASE).body

    def statuses(self) -> list[str]:
        return [phase["status"] for phase in self.release()["phases"]]

    def start(self, index: int, **fields: Any) -> Given:
        phase_id = self.release()["phases"][index]["_id"]
        path = f"/api/v2/projects/demo/flags/new-checkout/release/phases/{phase_id}"
        return self("PUT", path, {"status": "active", **fields})

    def wait(self, seconds: float) -> None:
        self.world.clock.advance(seconds)


@pytest.fixture
def build() -> Callable[..., Asker]:
    """Make an asker of a simulator with a state and a completion of the test's own."""

    def _build(state: Any = None, completion: str = "self") -> Asker:
        clock = Clock(1.0, lambda: float(NOW))
        return Asker(World(seed() if state is None else state, clock, completion, TOKEN))

    return _build


@pytest.fixture
def ask(build: Callable[..., Asker]) -> Asker:
    """Make an asker of a simulator as it starts without any option."""
    return build()


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """Serve over HTTP."""
    with Simulator(clock=lambda: float(NOW)) as running:
        yield running


@pytest.fixture
def call(sim: Simulator) -> Iterator[Caller]:
    """Call an operation by the client's name for it, and see that the client knows all that came back."""
    configuration = launchdarkly_api.Configuration(host=sim.url, api_key={"ApiKey": sim.access_token})
    with launchdarkly_api.ApiClient(configuration) as client:
        client.set_default_header("LD-API-Version", "beta")
        yield Caller(client)
        client.rest_client.pool_manager.clear()


@pytest.fixture
def open_shop(build: Callable[..., Any]) -> Callable[..., Shop]:
    def _open(*given: Any, **fields: Any) -> Shop:
        return Shop(build(scene(*given, **fields)))

    return _open


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()
