# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on environments and segments, driven by LaunchDarkly's own client."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator

STATE = {
    "projects": {
        "shop": {
            "environments": {
                "test": {},
                "production": {
                    "segments": {"beta": {"name": "Beta customers"}},
                    "approvalSettings": {"required": True, "requiredApprovalTags": ["payment"]},
                },
            }
        }
    }
}


@pytest.fixture
def sim():
    with Simulator(STATE) as running:
        yield running


def test_client_reads_environments(call):
    settings = call("get_environment", "shop", "production").data.approval_settings
    assert (settings.required, settings.required_approval_tags, settings.min_num_approvals) == (True, ["payment"], 1)
    listed = call("get_environments_by_project", "shop").data
    assert [item.key for item in listed.items] == ["test", "production"]


def test_client_reads_segments(call):
    assert call("get_segment", "shop", "production", "beta").data.name == "Beta customers"
    assert [item.key for item in call("get_segments", "shop", "production").data.items] == ["beta"]
    assert call("get_segments", "shop", "test").data.items == []
