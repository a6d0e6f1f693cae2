# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The admin view around environments: other people, settings, behavior, and what happens to releases."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.scene import (
    ADMIN,
    NOW,
    OFF,
    ON,
    TRUE,
    UNIT,
    body,
    guarded,
)

PROJECT = "/__sim__/projects/shop"
APPROVALS = {"approvalSettings": {"required": True}}


def test_person_changes_targeting_without_approval(open_shop):
    shop = open_shop(environment=APPROVALS)
    add = {"kind": "addRule", "clauses": [UNIT], "variationId": TRUE}
    given = shop.admin("", instructions=[OFF, add], comment="by hand")
    assert (given.status, given.body["on"], len(shop.rules())) == (200, False, 1)
    (entry,) = shop.audit()
    assert (entry["by"], entry["comment"], entry["actions"]) == ("member", "by hand", ["updateOn", "updateRules"])
    served = shop.ask("GET", "/api/v2/auditlog").body["items"][0]
    assert ("member" in served, "token" in served) == (True, False)


def test_targeting_fields_are_merged_silently(shop):
    given = shop.admin("", on=False, contextKinds=["device"])
    assert (given.status, shop.targeting()["on"], shop.targeting()["fallthrough"]) == (200, False, {"variation": 1})
    assert shop.audit() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"instructions": [{"kind": "moon"}]},
        {"instructions": [ON], "comment": 5},
        {"on": "yes"},
        {"rules": [{"clauses": []}]},
        {"rules": [{"clauses": [{}], "variation": 0}]},
        {"fallthrough": {"variation": 2}},
        {"fallthrough": {"rollout": {}}},
        {"offVariation": 2},
        {"releaseScript": {"after": 5}},
    ],
)
def test_targeting_with_mistakes_is_refused(shop, fields):
    before = shop.targeting()
    assert shop.admin("", **fields).status == 400
    assert shop.targeting() == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", ADMIN.replace("production", "moon")),
        ("PUT", ADMIN.replace("new-cart", "moon")),
        ("PUT", f"{ADMIN}/releases/latest"),
        ("DELETE", f"{ADMIN}/releases/latest"),
        ("PUT", f"{PROJECT}/environments/moon"),
        ("GET", "/__sim__/projects/moon/behavior"),
    ],
)
def test_unknown_place_is_not_found(shop, method, path):
    assert shop.ask(method, path, {}).status == 404


def test_person_starts_a_release_without_checks(open_shop):
    shop = open_shop({"contextKinds": []}, environment=APPROVALS)
    given = shop.admin("/releases", "POST", **body(comment="by hand"))
    assert (given.status, given.body["status"]) == (200, "in_progress")
    assert shop.admin("/releases", "POST", **body()).status == 409
    assert [(entry["by"], entry["comment"]) for entry in shop.audit()] == [("member", "by hand")]


def test_person_stops_a_release(shop):
    shop.start()
    given = shop.admin(stop="roll_forward_all_phases", comment="enough")
    assert (given.body["statusReason"], shop.rules()) == ("completed_manual", [])
    assert (shop.audit()[-1]["by"], shop.audit()[-1]["comment"]) == ("member", "enough")


def test_release_fields_are_merged_and_stay(shop):
    release_id = shop.start().body["id"]
    shop.admin(f"/releases/{release_id}", status="moonwalking")
    shop.wait(3600)
    assert shop.status() == ("moonwalking", None)
    shop.admin(status="in_progress")
    assert shop.status() == ("completed", "completed_automatic")


@pytest.mark.parametrize("fields", [{"stop": "now"}, {"regress": "latency"}, {"dismiss": 5}, {"phases": [5]}])
def test_release_with_mistakes_is_refused(shop, fields):
    shop.start(guarded())
    before = shop.release()
    assert shop.admin(**fields).status == 400
    assert shop.release() == before


def test_ended_release_cannot_be_moved(shop):
    shop.start(guarded())
    shop.wait(3600)
    before = shop.release()
    assert shop.admin(regress=True).body == before


def test_release_can_be_deleted_from_the_history(shop):
    shop.start()
    assert shop.admin(method="DELETE").status == 204
    assert (shop.releases()["totalCount"], len(shop.rules())) == (0, 1)


def test_environment_fields_are_merged(shop):
    given = shop.ask("PUT", f"{PROJECT}/environments/production", {"failingHealthChecks": ["flag_evaluations_any"]})
    assert (given.status, list(given.body["segments"])) == (200, ["beta"])
    assert shop.start().body["code"] == "health_checks_failed"


@pytest.mark.parametrize(
    "fields",
    [
        {"failingHealthChecks": ["moon"]},
        {"approvalSettings": {"required": "yes"}},
        {"releasePlans": {"p": {"metrics": [{}]}}},
        {"colour": "blue"},
    ],
)
def test_environment_with_mistakes_is_refused(shop, fields):
    assert shop.ask("PUT", f"{PROJECT}/environments/production", fields).status == 400


def test_behavior_is_replaced(shop):
    path = f"{PROJECT}/behavior"
    shop.ask("PUT", path, {"pendingFor": 5, "errors": {"flagOff": {"code": "off"}}})
    given = shop.ask("PUT", path, {"phaseGap": 1.5}).body
    assert (given["pendingFor"], given["phaseGap"], given["errors"]["flagOff"]["code"]) == (0, 1.5, "flag_off")
    assert shop.ask("GET", path).body == given


@pytest.mark.parametrize(
    "fields",
    [
        {"moon": 1},
        {"pendingFor": -1},
        {"pendingFor": "long"},
        {"oneActiveRelease": "none"},
        {"discardedBy": [5]},
        {"errors": {"moon": {}}},
        {"errors": {"flagOff": {"status": "409"}}},
    ],
)
def test_behavior_with_mistakes_is_refused(shop, fields):
    assert shop.ask("PUT", f"{PROJECT}/behavior", fields).status == 400


@pytest.mark.parametrize(
    ("release", "says"),
    [
        ({}, "needs a flagKey and an environmentKey"),
        ({"flagKey": "new-cart", "environmentKey": "production", "targetVariationId": "x"}, "is not a variation"),
        ({"flagKey": "new-cart", "environmentKey": "production", "metrics": [{}]}, "has no metricKey"),
    ],
)
def test_state_names_mistakes_in_releases(shop, release, says):
    state = shop.ask("GET", "/__sim__/state").body
    state["projects"]["shop"]["environmentReleases"] = [release]
    given = shop.ask("PUT", "/__sim__/state", state)
    assert (given.status, says in given.body["message"]) == (400, True)


def test_state_fills_in_a_release(open_shop):
    given = {"flagKey": "new-cart", "environmentKey": "production", "status": "reverted"}
    release = open_shop(environmentReleases=[{**given, "statusReason": "reverted_manual"}]).release()
    assert (release["targetVariationId"], release["endedAt"], release["currentPhaseIndex"]) == (TRUE, NOW, None)
    phase = release["phases"][0]
    assert (phase["statusReason"], phase["ruleId"], phase["steps"][0]["allocation"]) == (
        "reverted_manual",
        None,
        100000,
    )
