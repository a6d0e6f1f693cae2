# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patches that conflict with pending approval requests, and requests that can no longer be applied."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.scene import (
    FALSE,
    OFF,
    TRUE,
    UNIT,
)

CHANGE = {"kind": "updateRuleVariationOrRollout", "ruleId": "r1", "variationId": TRUE}
REMOVE = {"kind": "removeRule", "ruleId": "r1"}
SERVE_TRUE = {"kind": "updateFallthroughVariationOrRollout", "variationId": TRUE}


@pytest.fixture
def ruled(open_shop):
    def _open(**behavior):
        return open_shop({"rules": [{"_id": "r1", "clauses": [UNIT], "variation": 1}]}, behavior)

    return _open


def test_patch_that_breaks_a_request_conflicts(ruled):
    shop = ruled()
    request_id = shop.request(CHANGE).body["_id"]
    given = shop.patch(REMOVE)
    assert (given.status, request_id in given.body["message"], len(shop.rules())) == (400, True, 1)
    assert shop.patch(SERVE_TRUE).status == 200
    assert shop.patch(REMOVE, query="?ignoreConflicts=true").status == 200


@pytest.mark.parametrize(("choice", "status"), [("failing", 200), ("any", 400)])
def test_every_pending_request_may_conflict(ruled, choice, status):
    shop = ruled(conflicts=choice)
    shop.request(CHANGE)
    assert shop.patch(OFF).status == status
    assert shop.patch(OFF, query="?ignoreConflicts=true").status == 200


def test_dry_run_reports_conflicts(ruled):
    shop = ruled()
    shop.request(CHANGE)
    assert shop.patch(REMOVE, query="?dryRun=true").status == 400


def test_broken_request_fails_when_applied(ruled):
    shop = ruled()
    shop.request(CHANGE)
    shop.patch(REMOVE, query="?ignoreConflicts=true")
    given = shop.approve().body
    assert (given["status"], given["conflicts"][0]["instruction"]) == ("failed", CHANGE)
    assert given["conflicts"][0]["reason"] == "ruleId is not a rule of the flag."


def test_request_that_cannot_be_applied_is_refused(ruled):
    assert ruled().request({**CHANGE, "ruleId": "r9"}).status == 400


def test_applied_request_carries_out_its_instructions(open_shop):
    shop = open_shop({"on": False}, environment={"approvalSettings": {"required": True, "serviceKind": "servicenow"}})
    prepare = {"kind": "updateFallthroughVariationOrRollout", "variationId": FALSE}
    given = shop.request(prepare, SERVE_TRUE, {"kind": "turnFlagOn"}, notifyTeamKeys=["release"], comment="why")
    assert (given.status, given.body["serviceKind"], given.body["notifyTeamKeys"]) == (201, "servicenow", ["release"])
    version = shop.targeting()["version"]
    shop.approve(comment="Go ahead")
    after = shop.targeting()
    assert (after["on"], after["fallthrough"], after["version"]) == (True, {"variation": 0}, version + 1)
    assert [(entry["action"], entry["by"]) for entry in shop.audit()] == [
        ("createApprovalRequest", "token"),
        ("reviewApprovalRequest", "reviewer"),
        ("applyApprovalRequest", "reviewer"),
        ("updateFallthrough", "reviewer"),
    ]


def test_applied_turn_off_discards_a_release(shop):
    shop.start()
    shop.request(OFF)
    shop.approve()
    assert shop.status() == ("reverted", "reverted_discarded")


def test_environment_says_how_many_approvals_are_needed(open_shop):
    shop = open_shop(environment={"approvalSettings": {"required": True, "minNumApprovals": 2}})
    shop.request(OFF)
    assert shop.approve(apply=False).body["reviewStatus"] == "pending"
    assert shop.approve(apply=False).body["reviewStatus"] == "pending"
    assert shop.approve(apply=False, member="someone-else").body["reviewStatus"] == "approved"
