# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on the caller, projects and scheduled changes, driven by LaunchDarkly's own client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator

SCHEDULED = {"flagKey": "cart", "environmentKey": "eu", "executionDate": 1793003600000}
STATE = {
    "projects": {
        "shop": {
            "environments": {"eu": {}, "us": {}},
            "flags": {"cart": {}},
            "scheduledChanges": [SCHEDULED, {**SCHEDULED, "environmentKey": "us", "executionDate": 1}],
        },
        "site": {},
    }
}


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(STATE) as running:
        yield running


def test_client_reads_the_caller(call: Any) -> None:
    caller = call("get_caller_identity").data
    assert (caller.service_token, caller.member_id, caller.auth_kind) == (True, None, "token")


def test_client_reads_projects(call: Any) -> None:
    assert call("get_project", "shop").data.key == "shop"
    found = call("get_projects", limit=1).data
    assert ([item.key for item in found.items], found.total_count) == (["shop"], 2)


def test_client_reads_scheduled_changes(call: Any) -> None:
    found = call("get_flag_config_scheduled_changes", "shop", "cart", "eu").data.items
    assert [item.execution_date for item in found] == [1793003600000]


@pytest.mark.parametrize("path", ["projects/moon", "projects/shop/flags/moon/environments/eu/scheduled-changes"])
def test_missing_projects_and_flags_are_not_found(ask: Any, path: str) -> None:
    assert ask("GET", f"/api/v2/{path}").status == 404


@pytest.mark.parametrize("change", [{}, {"flagKey": "cart"}, {**SCHEDULED, "executionDate": "soon"}], ids=str)
def test_scheduled_change_in_a_state_is_checked(ask: Any, change: dict[str, Any]) -> None:
    state = {"projects": {"shop": {"flags": {"cart": {}}, "scheduledChanges": [change]}}}
    answer = ask("PUT", "/__sim__/state", state)
    assert (answer.status, "scheduledChanges" in answer.body["message"]) == (400, True)


def test_record_in_a_state_moves_its_times_to_now(ask: Any) -> None:
    projects = {
        "shop": {
            "flags": {"cart": {}},
            "environments": {"eu": {}},
            "scheduledChanges": [{**SCHEDULED, "executionDate": 60000}],
        }
    }
    assert ask("PUT", "/__sim__/state", {"record": {"format": 1}, "projects": projects}).status == 200
    now = ask("GET", "/__sim__/time").body["now"]
    (found,) = ask("GET", "/api/v2/projects/shop/flags/cart/environments/eu/scheduled-changes").body["items"]
    assert found["executionDate"] == now + 60000
