# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading where the releases of a project stand, against the simulator over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.project_overview import PROJECT_OVERVIEW
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import execute
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.faults import parse
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import Clock, options_of

NOW = 1_793_000_000_000
APPROVAL = {"requireApproval": True}
PHASES = [
    {"name": "Test", "audiences": [{"environmentKey": "test"}]},
    {"name": "Production", "audiences": [{"environmentKey": "production", "configuration": APPROVAL}]},
]
WAITING = [{"status": "completed", "_completionDate": NOW}, {"status": "active", "_startedDate": NOW}]
DONE = [{"status": "completed", "_completionDate": NOW}, {"status": "completed", "_completionDate": NOW}]
STATE = {
    "projects": {
        "shop": {
            "pipelines": {
                "standard": {"name": "Standard", "phases": PHASES},
                "old": {"name": "Old", "isLegacy": True, "phases": PHASES},
            },
            "flags": {"free": {}},
            "releases": {
                "cart": {"releasePipelineKey": "standard"},
                "asked": {"releasePipelineKey": "standard", "phases": WAITING},
                "done": {"releasePipelineKey": "standard", "phases": DONE},
                "before": {"releasePipelineKey": "old", "phases": [{"complete": True}, {"complete": False}]},
            },
            "approvalRequests": [
                {"flagKey": "asked", "environmentKey": "production", "creationDate": NOW, "notifyMemberIds": ["ada"]}
            ],
        }
    }
}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(STATE, clock=lambda: NOW / 1000) as running:
        yield running


def run(simulator: Simulator, **given: Any) -> dict[str, Any]:
    connection = {"api_host": simulator.url, "access_token": simulator.access_token, "max_retries": 0}
    options = options_of(PROJECT_OVERVIEW, **{"project_key": "shop", **connection, **given})
    result, _warnings = execute(PROJECT_OVERVIEW, options, Clock().runtime(), check_mode=False)
    assert simulator.access_token not in json.dumps(result)
    return result


def stands(result: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(item["flag_key"], item["phase"], item["status"], item["waits_for"]) for item in result["flags"]]


CART = ("cart", "Test", "ready_to_start", "its start")
ASKED = ("asked", "Production", "active", "approval in production by ada")
BEFORE = ("before", "Production", "legacy", "somebody to mark it as complete")


def test_overview_reads_a_whole_project(simulator: Simulator) -> None:
    for _time in range(2):
        result = run(simulator)
        assert stands(result) == [CART, ASKED, BEFORE]
        # The list of pipelines, two lists of releases, three releases, and the requests of one of them.
        assert result["requests"] == 7
    standard, old = result["pipelines"]
    assert (standard["name"], standard["active_count"], standard["completed_count"]) == ("Standard", 2, 1)
    assert (old["is_legacy"], [phase["releases"] for phase in old["phases"]]) == (True, [0, 1])
    asked = result["flags"][1]
    assert (asked["since"], asked["environment_key"], asked["turn"]) == (
        "2026-10-26T07:33:20.000Z",
        "production",
        "person",
    )
    assert asked["approval_link"].startswith(simulator.url)
    assert {entry["method"] for entry in simulator.requests} == {"GET"}


def test_overview_names_what_is_completed_where_it_is_asked(simulator: Simulator) -> None:
    assert run(simulator)["completed_flags"] == []
    result = run(simulator, with_completed=True)
    assert (result["completed_flags"], stands(result)) == (["done"], [CART, ASKED, BEFORE])


def test_overview_reads_one_pipeline(simulator: Simulator) -> None:
    assert stands(run(simulator, release_pipeline_key="old")) == [BEFORE]


def test_overview_reads_the_flags_that_are_named(simulator: Simulator) -> None:
    result = run(simulator, flag_keys=["done", "free", "cart", "done"])
    assert stands(result) == [("done", None, "completed", "nothing"), ("free", None, None, None), CART]
    assert [(item["exists"], item["problem"]) for item in result["flags"]] == [
        (True, None),
        (False, None),
        (True, None),
    ]
    assert (result["pipelines"], result["requests"]) == ([], 3)


def test_overview_shows_what_one_release_could_not_be_read_for(simulator: Simulator) -> None:
    simulator.world.faults.faults.extend(parse([{"path": "/cart/release", "status": 403, "times": None}]))
    result = run(simulator)
    cart = result["flags"][0]
    assert (cart["phase"], cart["status"], cart["since"]) == ("Test", "ready_to_start", None)
    assert "release of shop/cart" in cart["problem"]
    assert stands(result)[1:] == [ASKED, BEFORE]


@pytest.mark.parametrize(
    ("given", "fault", "code"),
    [
        ({"release_pipeline_key": "moon"}, {}, "not_found"),
        ({"project_key": "moon"}, {}, "not_found"),
        ({"release_pipeline_key": ".."}, {}, "invalid_option"),
        ({"flag_keys": ["cart", ""]}, {}, "invalid_option"),
        ({}, {"path": "/cart/release", "status": 503, "times": None}, "service_unavailable"),
        ({}, {"path": "/cart/release", "status": 401, "times": None}, "unauthorized"),
    ],
    ids=str,
)
def test_overview_fails(simulator: Simulator, given: dict[str, Any], fault: dict[str, Any], code: str) -> None:
    simulator.world.faults.faults.extend(parse([fault] if fault else []))
    assert run(simulator, **given)["error_code"] == code
