# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers with odd values in them: no bug, no second release, and a change that is reported where one may have been made."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_release import (
    ENVIRONMENT_RELEASE,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_release_info import (
    ENVIRONMENT_RELEASE_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.transport import JSON, Response
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.world import World
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.clock import Clock as SimulatedClock
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.http.messages import Request
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service import api
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import (
    GUARDED,
    PERCENTAGE,
    PROGRESSIVE,
    state_of_stage,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    TOKEN,
    Clock,
    Headers,
    run_definition,
)

CASES, PARTS = 500, 4
ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.5, 10**30, -(10**30), 253402300800000),
    *("", ".", "..", "/", "\ufffd", "\x00", "\x1b[2J", "%2e%2e", "simmering", "completed", "reverted"),
    *([], {}, [None], {"key": None}, [[[[]]]]),
]
OPTIONS: list[dict[str, Any]] = [
    {},
    PROGRESSIVE,
    GUARDED,
    PERCENTAGE,
    {"segments": ["beta"]},
    {"state": "rolled_back"},
    {"state": "rolled_forward"},
    {"request_approval": True},
]


class OddTransport:
    """Asks the simulator without a network, and changes a value in some of its answers."""

    def __init__(self, world: World, chance: random.Random, odd: set[int]) -> None:
        self._world = world
        self._chance = chance
        self._odd = odd
        self.count = 0

    def send(
        self, method: str, path: str, body: bytes | None, content_type: str = JSON, limit: float = float("inf")
    ) -> Response:
        assert "/.." not in path
        assert limit > 0
        path, _mark, query = path.partition("?")
        headers = {"Authorization": TOKEN, "LD-API-Version": "beta", "Content-Type": content_type}
        answer = api.answer(self._world, Request(method, path, query, headers, body or b""))
        self.count += 1
        raw = answer.body
        if self.count in self._odd and raw:
            raw = json.dumps(self._with_odd_value(json.loads(raw))).encode()
        return Response(answer.status, Headers(**answer.headers), raw)

    def _with_odd_value(self, document: Any) -> Any:
        """The document with one value, somewhere in it, replaced."""
        if not isinstance(document, (dict, list)) or not document or self._chance.random() < 0.05:
            return self._chance.choice(ODD)
        if isinstance(document, list):
            place = self._chance.randrange(len(document))
            return [self._with_odd_value(item) if index == place else item for index, item in enumerate(document)]
        name = self._chance.choice(list(document))
        return {**document, name: self._with_odd_value(document[name])}


def world_of(clock: Clock, chance: random.Random) -> World:
    targeting = {"on": chance.random() < 0.5, "fallthrough": {"variation": chance.randrange(2)}}
    environment = {"approvalSettings": {"required": chance.random() < 0.2}}
    return World(state_of_stage(targeting, environment=environment), SimulatedClock(1.0, clock.wall), "self", TOKEN)


@pytest.mark.parametrize("part", range(PARTS))
def test_odd_answers_are_no_bug(part: int) -> None:
    for seed in range(part * CASES, (part + 1) * CASES):
        chance = random.Random(seed)  # noqa: S311  the same cases every time
        clock = Clock()
        world = world_of(clock, chance)
        results = []
        for odd in (set(), {chance.randrange(1, 8) for _number in range(2)}):
            transport = OddTransport(world, chance, odd)
            wait = {"wait": chance.random() < 0.3, "wait_interval": "1d"}
            options = {"environment_key": "eu", **wait, **chance.choice(OPTIONS)}
            results.append(
                run_definition(ENVIRONMENT_RELEASE, transport, clock, check_mode=chance.random() < 0.1, **options)
            )
            json.dumps(results[-1], allow_nan=False)
        run_definition(
            ENVIRONMENT_RELEASE_INFO, OddTransport(world, chance, {1, 2}), clock, environment_key="eu", metrics=True
        )
        project = world.state["projects"]["shop"]
        running = [item for item in project["environmentReleases"] if item["status"] not in ("completed", "reverted")]
        assert len(running) <= 1
