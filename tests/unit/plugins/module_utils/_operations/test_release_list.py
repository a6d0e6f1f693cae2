# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listing releases for an inventory, against the simulator over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_list import RELEASE_LIST
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import execute
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import Clock, options_of

PHASES = [
    {"name": "Test", "audiences": [{"environmentKey": "test"}]},
    {"name": "Production", "audiences": [{"environmentKey": "production"}, {"environmentKey": "eu"}]},
]
DONE = {"status": "completed", "_completionDate": 1_792_990_000_000}
ON = {"on": True, "lastModified": 1_792_980_000_000}
STATE = {
    "projects": {
        "shop": {
            "environments": {"test": {}, "production": {}, "eu": {}},
            "flags": {
                "cart": {"name": "New cart", "tags": ["payment"], "_maintainer": {"email": "jo@example.com"}},
                "menu": {"tags": ["payment"], "environments": {"test": ON}},
                "colour": {"variations": [{"value": "red"}, {"value": "blue"}]},
                "released": {"environments": {"test": ON, "production": ON}},
                "guarded": {},
            },
            "pipelines": {"standard": {"phases": PHASES}, "hotfix": {"phases": PHASES[1:]}},
            "releases": {
                "cart": {"phases": [DONE, {"status": "ready-to-start"}]},
                "search": {"phases": [{"status": "active", "_startedDate": 1_792_995_200_000}]},
                "done": {"phases": [DONE, DONE]},
                "urgent": {"releasePipelineKey": "hotfix", "phases": [{"status": None}]},
            },
            "environmentReleases": [{"flagKey": "guarded", "environmentKey": "eu", "kind": "guarded"}],
        },
        "web": {"pipelines": {"slow": {"phases": PHASES}}, "releases": {"cart": {}}},
        "large": {"flags": {f"flag-{number:02}": {} for number in range(21)}, "environments": {"test": {}}},
    }
}
FLAGS = {"sources": ["flags"], "environments": ["test", "production"]}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(STATE, clock=lambda: 1_793_000_000.0) as running:
        yield running


def run(simulator: Simulator, **given: Any) -> tuple[dict[str, Any], list[str]]:
    options = {"project_keys": ["shop"], "api_host": simulator.url, "access_token": simulator.access_token}
    options = options_of(RELEASE_LIST, max_retries=0, **{**options, **given})
    result, warnings = execute(RELEASE_LIST, options, Clock().runtime(), check_mode=False)
    assert simulator.access_token not in json.dumps(result)
    return result, warnings


def listed(simulator: Simulator, **given: Any) -> dict[str, Any]:
    return {item["flag_key"]: item for item in run(simulator, **given)[0]["releases"]}


@pytest.mark.parametrize(
    ("given", "keys", "requests"),
    [
        # The pipelines, then the releases and the flags of each.
        ({}, ["cart", "search", "urgent"], 5),
        ({"details": False}, ["cart", "search", "urgent"], 3),
        ({"release_pipeline_keys": ["standard"], "details": False}, ["cart", "search"], 2),
        ({"release_status": ["completed"], "details": False}, ["done"], 3),
        ({"release_status": ["active", "completed"], "details": False}, ["cart", "done", "search", "urgent"], 3),
        ({"tags": ["payment"], "details": False}, ["cart"], 5),
        ({"query": "sea"}, ["search"], 5),
        ({"project_keys": ["web"]}, ["cart"], 3),
    ],
    ids=str,
)
def test_release_list_of_pipelines(simulator: Simulator, given: dict[str, Any], keys: list[str], requests: int) -> None:
    result, warnings = run(simulator, **given)
    assert [item["flag_key"] for item in result["releases"]] == keys
    assert (result["requests"], warnings, result["changed"]) == (requests, [], False)


def test_release_list_shows_a_release(simulator: Simulator) -> None:
    assert listed(simulator)["cart"] == {
        "project_key": "shop",
        "flag_key": "cart",
        "kind": "pipeline",
        "pipeline_key": "standard",
        "phase": "Production",
        "environment_key": "production",
        "status": "ready_to_start",
        "since": None,
        "environments": ["test", "production", "eu"],
        "name": "New cart",
        "tags": ["payment"],
        "maintainer": "jo@example.com",
        "link": f"{simulator.url}/shop/production/features/cart",
    }


def test_release_list_without_details(simulator: Simulator) -> None:
    cart = listed(simulator, details=False)["cart"]
    assert (cart["name"], cart["tags"], cart["maintainer"]) == (None, None, None)


def test_release_list_reads_since_of_each_release(simulator: Simulator) -> None:
    result, _warnings = run(simulator, since=True, details=False, release_status=["active", "completed"])
    assert {item["flag_key"]: item["since"] for item in result["releases"]} == {
        "cart": "2026-10-26T04:46:40.000Z",
        "done": "2026-10-26T04:46:40.000Z",
        "search": "2026-10-26T06:13:20.000Z",
        "urgent": "2026-10-26T07:33:20.000Z",
    }
    # One for each that is not completed.
    assert result["requests"] == 3 + 3


def test_release_list_of_flags(simulator: Simulator) -> None:
    result, warnings = run(simulator, **FLAGS, tags=["payment"], since=True)
    assert {item["flag_key"]: (item["phase"], item["status"], item["since"]) for item in result["releases"]} == {
        "cart": ("test", "ready_to_start", None),
        "menu": ("production", "ready_to_start", "2026-10-26T02:00:00.000Z"),
    }
    menu = result["releases"][1]
    assert (menu["kind"], menu["pipeline_key"], menu["environments"]) == ("environments", None, FLAGS["environments"])
    assert (result["requests"], warnings) == (1, [])


def test_release_list_of_flags_by_their_guarded_rollout(simulator: Simulator) -> None:
    for environment_key, keys in (("eu", ["guarded"]), ("test", [])):
        found = listed(simulator, **FLAGS, guarded_rollout="any", guarded_rollout_environment_key=environment_key)
        assert list(found) == keys


def test_release_list_of_flags_by_their_status(simulator: Simulator) -> None:
    assert list(listed(simulator, **FLAGS, query="released", release_status=["completed"])) == ["released"]
    assert list(listed(simulator, **FLAGS, query="released")) == []


def test_release_list_of_flags_in_a_pipeline(simulator: Simulator) -> None:
    assert list(listed(simulator, **FLAGS, release_pipeline_keys=["hotfix"])) == ["urgent"]


def test_release_list_warns_of_flags_that_do_not_fit(simulator: Simulator) -> None:
    result, warnings = run(simulator, **FLAGS, query="colour")
    (colour,) = result["releases"]
    assert (colour["phase"], colour["status"]) == (None, None)
    assert "shop/colour" in warnings[0]
    assert run(simulator, **FLAGS, query="colour", variation="red")[1] == []


def test_release_list_names_ten_flags_that_do_not_fit(simulator: Simulator) -> None:
    options = {**FLAGS, "environments": ["test"], "variation": "none"}
    (warning,) = run(simulator, project_keys=["large"], **options)[1]
    assert warning.endswith("large/flag-09 and 11 more.")


def test_release_list_prefers_the_release_of_a_pipeline(simulator: Simulator) -> None:
    found = listed(simulator, **{**FLAGS, "sources": ["flags", "pipelines"]})
    assert (found["cart"]["kind"], found["menu"]["kind"]) == ("pipeline", "environments")


def test_release_list_of_several_projects(simulator: Simulator) -> None:
    result, _warnings = run(simulator, project_keys=["web", "shop"], query="cart")
    assert [(item["project_key"], item["flag_key"]) for item in result["releases"]] == [
        ("shop", "cart"),
        ("web", "cart"),
    ]


@pytest.mark.parametrize(
    ("given", "code", "text"),
    [
        ({"sources": ["flags"]}, "invalid_option", "environments"),
        ({"environments": ["test"]}, "invalid_option", "add flags to sources"),
        ({"project_keys": []}, "invalid_option", "project_keys is empty"),
        ({"project_keys": [".."]}, "invalid_option", "which is not a key"),
        ({"query": "a,b"}, "invalid_option", "comma"),
        ({"tags": ["a+b"]}, "invalid_option", "plus sign"),
        ({"release_pipeline_keys": ["moon"]}, "invalid_option", "Release pipelines there: hotfix, standard."),
        ({"project_keys": ["moon"]}, "not_found", "moon"),
        ({**FLAGS, "environments": ["moon"]}, "environment_not_found", "moon"),
    ],
    ids=str,
)
def test_release_list_refuses(simulator: Simulator, given: dict[str, Any], code: str, text: str) -> None:
    result, _warnings = run(simulator, **given)
    assert (result["failed"], result["error_code"]) == (True, code)
    assert text in result["msg"]
