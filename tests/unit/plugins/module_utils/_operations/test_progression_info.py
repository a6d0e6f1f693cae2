# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listing the releases of a pipeline, against the simulator over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_progression_info import (
    RELEASE_PROGRESSION_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import execute
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import Clock, options_of

PHASES = [
    {"id": "t", "name": "Test", "audiences": [{"environmentKey": "test"}]},
    {"id": "p", "name": "Production", "audiences": [{"environmentKey": "production"}]},
]
COMPLETED = {"phases": [{"status": "completed"}, {"status": "completed", "_completionDate": 1792995200000}]}
AHEAD = {"phases": [{"status": "completed"}, {"status": "ready-to-start"}]}
RELEASES = {
    **{f"flag-{number:02}": {"releasePipelineKey": "standard"} for number in range(21)},
    "ahead": {"releasePipelineKey": "standard", **AHEAD},
    "done": {"releasePipelineKey": "standard", **COMPLETED},
    "elsewhere": {"releasePipelineKey": "old", "phases": [{"complete": True}, {"complete": False}]},
}
STATE = {
    "projects": {
        "shop": {
            "pipelines": {"standard": {"phases": PHASES}, "old": {"isLegacy": True, "phases": PHASES}, "new": {}},
            "releases": RELEASES,
        }
    }
}
FIRST = [f"flag-{number:02}" for number in range(21)]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(STATE, clock=lambda: 1_793_000_000.0) as running:
        yield running


def run(simulator: Simulator, **given: Any) -> dict[str, Any]:
    options = {"release_pipeline_key": "standard", "api_host": simulator.url, "access_token": simulator.access_token}
    options = options_of(RELEASE_PROGRESSION_INFO, project_key="shop", max_retries=0, **{**options, **given})
    options.pop("flag_key", None)
    result, warnings = execute(RELEASE_PROGRESSION_INFO, options, Clock().runtime(), check_mode=False)
    assert simulator.access_token not in json.dumps(result)
    assert (warnings, result["changed"]) == ([], False)
    return result


@pytest.mark.parametrize(
    ("given", "keys", "requests"),
    [
        ({}, [*FIRST, "ahead", "done"], 3),
        ({"status": "active"}, [*FIRST, "ahead"], 3),
        ({"status": "completed"}, ["done"], 2),
        ({"phase": "Production"}, ["ahead"], 3),
        ({"phase": "t"}, FIRST, 4),
        ({"release_pipeline_key": "new"}, [], 2),
    ],
    ids=str,
)
def test_progression_info_lists(simulator: Simulator, given: dict[str, Any], keys: list[str], requests: int) -> None:
    for _time in range(2):
        result = run(simulator, **given)
        assert [item["flag_key"] for item in result["progressions"]] == keys
        assert (result["requests"], result["retries"], result["is_legacy"]) == (requests, 0, False)


def test_progression_info_counts_the_whole_pipeline(simulator: Simulator) -> None:
    result = run(simulator, status="completed")
    assert (result["active_count"], result["completed_count"]) == (22, 1)
    assert result["phases"] == [
        {"id": "t", "name": "Test", "releases": 21},
        {"id": "p", "name": "Production", "releases": 1},
    ]


def test_progression_info_shows_where_a_flag_is(simulator: Simulator) -> None:
    ahead = run(simulator, phase="Production")["progressions"][0]
    assert (ahead["phase"], ahead["phase_id"], ahead["status"]) == ("Production", "p", "ready_to_start")
    done = run(simulator, status="completed")["progressions"][0]
    assert (done["phase"], done["status"], done["completed_at"]) == (None, "completed", "2026-10-26T06:13:20.000Z")


def test_progression_info_shows_a_legacy_pipeline(simulator: Simulator) -> None:
    result = run(simulator, release_pipeline_key="old")
    assert result["is_legacy"] is True
    assert [(item["phase"], item["status"]) for item in result["progressions"]] == [("Production", None)]


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"release_pipeline_key": "moon"}, "not_found", "release pipeline 'moon' of project shop"),
        (
            {"phase": "Moon"},
            "phase_not_found",
            "'Moon' in release pipeline 'standard' of project shop. Available: 'Test'",
        ),
        ({"phase": " "}, "invalid_option", "phase is empty"),
        ({"phase": "Test", "status": "completed"}, "invalid_option", "in no phase"),
        ({"release_pipeline_key": ".."}, "invalid_option", "release_pipeline_key"),
    ],
    ids=str,
)
def test_progression_info_failures(simulator: Simulator, given: dict[str, Any], code: str, said: str) -> None:
    result = run(simulator, **given)
    assert (result["error_code"], result.get("progressions", [])) == (code, [])
    assert said in result["msg"]
