# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit log, read by LaunchDarkly's own client."""

from __future__ import annotations

import launchdarkly_api
import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.scene import NOW, body, scene
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.vendor import (
    SEMANTIC_PATCH,
    semantic_patch,
)

SPEC = "proj/shop:env/production:flag/new-cart"


@pytest.fixture
def sim():
    with Simulator(scene(), clock=lambda: NOW / 1000) as running:
        yield running


@pytest.fixture
def patch(call, sim):
    def _patch(*kinds, comment, environment="production"):
        body = semantic_patch(
            environmentKey=environment, instructions=[{"kind": kind} for kind in kinds], comment=comment
        )
        call("patch_feature_flag", "shop", "new-cart", body, _content_type=SEMANTIC_PATCH)
        sim.advance(1)

    return _patch


def comments(call, **query):
    return [entry.comment for entry in call("get_audit_log_entries", **query).data.items]


def test_entry_shows_who_did_what_and_why(call, patch):
    patch("turnFlagOff", comment="job 7")
    (entry,) = call("get_audit_log_entries", spec=SPEC, after=NOW - 1, limit=20).data.items
    assert [(access.action, access.resource) for access in entry.accesses] == [("updateOn", SPEC)]
    assert (entry.comment, entry.token.service_token, entry.title_verb) == ("job 7", True, "turned off the flag")


def test_entries_come_newest_first(call, patch):
    for number in range(12):
        patch("turnFlagOn" if number % 2 else "turnFlagOff", comment=str(number))
    assert comments(call) == [str(number) for number in range(11, 1, -1)]
    assert comments(call, limit=2) == ["11", "10"]


def test_entries_can_be_filtered(call, patch):
    patch("turnFlagOff", comment="first")
    patch("turnFlagOn", comment="second")
    patch("turnFlagOn", comment="staging", environment="staging")
    assert comments(call, spec=SPEC) == ["second", "first"]
    assert comments(call, spec="proj/*:env/*:flag/new-*") == ["staging", "second", "first"]
    assert comments(call, spec="proj/shop:env/production:flag/other") == []
    assert comments(call, after=NOW) == ["staging", "second"]
    assert comments(call, before=NOW + 1000) == ["first"]
    assert comments(call, q="cart", spec=SPEC) == ["second", "first"]
    assert comments(call, q="moon") == []


def test_client_reads_the_entries_of_a_release(call, sim):
    request = launchdarkly_api.StartEnvironmentReleaseRequest.from_dict(body(comment="job 7"))
    call("start_environment_release", "beta", "shop", "new-cart", "production", request)
    sim.advance(3600)
    entries = call("get_audit_log_entries", spec=SPEC).data.items
    assert [[access.action for access in entry.accesses] for entry in entries] == [
        ["updateRules", "updateFallthrough"],
        ["updateRules"],
        ["updateRules"],
        ["updateRules"],
    ]
    assert [entry.comment for entry in entries] == ["", "", "", "job 7"]


@pytest.mark.parametrize("query", [{"limit": 21}, {"limit": 0}, {"spec": "all"}])
def test_wrong_queries_are_refused(call, query):
    with pytest.raises(launchdarkly_api.exceptions.BadRequestException):
        call("get_audit_log_entries", **query)
