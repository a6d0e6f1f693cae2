# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the calls for environment releases refuse, and the choices in how."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.scene import (
    BACK,
    BETA,
    FALSE,
    RELEASES,
    TRUE,
    TWO_STEPS,
    UNIT,
    body,
    guarded,
    phase,
)

APPROVALS = {"approvalSettings": {"required": True}}


def refused(given, status, code):
    assert (given.status, given.body["code"]) == (status, code), given.body
    return given.body["message"]


def test_beta_header_is_required(shop):
    token = {"Authorization": "api-00000000-0000-0000-0000-000000000000"}
    assert shop.ask("GET", RELEASES, headers=token).status == 403


@pytest.mark.parametrize(("place", "other"), [("new-cart", "moon"), ("production", "moon")])
def test_unknown_place_is_not_found(shop, place, other):
    assert shop.ask("GET", RELEASES.replace(place, other)).status == 404


def test_unknown_release_is_not_found(shop):
    assert shop.ask("GET", f"{RELEASES}/{TRUE}").status == 404
    assert shop.ask("PUT", f"{RELEASES}/{TRUE}/stop", {"resolution": BACK}).status == 404


@pytest.mark.parametrize(
    "given",
    [
        {"originalVariationId": None},
        {"originalVariationId": "true"},
        {"targetVariationId": FALSE},
        {"randomizationUnit": None},
        {"randomizationUnit": "moon"},
        {"phases": None},
        {"phases": []},
        {"phases": [{"steps": TWO_STEPS}]},
        {"phases": [phase(ruleId="r1")]},
        {"phases": [{"ruleId": "r1", "steps": TWO_STEPS}]},
        {"phases": [phase(clauses=[])]},
        {"phases": [phase(clauses=[BETA])]},
        {"phases": [phase(clauses=[{**UNIT, "negate": True}])]},
        {"phases": [phase(clauses=[{**UNIT, "values": ["user", "device"]}])]},
        {"phases": [phase(clauses=[UNIT, {**BETA, "values": ["moon"]}])]},
        {"phases": [phase(clauses=[UNIT, {**BETA, "op": "likes"}])]},
        {"phases": [phase(clauses=[UNIT, {**BETA, "values": [None]}])]},
        {"phases": [phase(steps=[])]},
        {"phases": [phase(steps=[{"allocation": 0, "durationMillis": 1}])]},
        {"phases": [phase(steps=[{"allocation": 100001, "durationMillis": 1}])]},
        {"phases": [phase(steps=[{"allocation": 5, "durationMillis": 0}])]},
        {"phases": [phase(steps=TWO_STEPS[::-1])]},
        {"phases": [phase(), phase(description="Other")]},
        {"phases": [phase(), phase(description="Other")], "advancementMode": "sometimes"},
        {"cleanupBehavior": "tidy"},
        {"beforeRuleId": "r1"},
        {"bypassHealthChecks": ["all"]},
        {"metrics": [{}]},
        {"metrics": [{"metricKey": "errors", "autoRollback": "yes"}]},
        {"comment": 5},
    ],
)
def test_start_refuses_an_invalid_body(shop, given):
    refused(shop.start(body(**given)), 400, "invalid_request")
    assert (shop.rules(), shop.releases()["items"]) == ([], [])


def test_start_ignores_unknown_fields(shop):
    assert shop.start(body(advance="now")).status == 201


def test_guarded_steps_are_limited(shop):
    steps = [{"allocation": 50001, "durationMillis": 1}]
    message = refused(shop.start(guarded(phases=[phase(steps=steps)])), 400, "invalid_request")
    assert message == "stage allocation must not exceed 50%"
    assert shop.start(body(phases=[phase(steps=steps)])).status == 201


def test_flag_that_is_off_cannot_be_released(open_shop):
    shop = open_shop({"on": False}, {"errors": {"flagOff": {"code": "conflict", "message": "{flag} sleeps"}}})
    assert refused(shop.start(), 409, "conflict") == "new-cart sleeps"


def test_second_release_is_refused(shop):
    shop.start()
    refused(shop.start(body(phases=[phase(clauses=[UNIT, BETA])])), 409, "release_already_active")


def test_second_release_on_another_rule_is_a_choice(open_shop):
    shop = open_shop(behavior={"oneActiveRelease": "rule"})
    shop.start()
    assert shop.start(body(phases=[phase(clauses=[UNIT, BETA], description="Beta")])).status == 201


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "new rule is exact duplicate of an existing rule at index 0"),
        ({"clauses": [UNIT, BETA]}, "duplicate rule description not allowed"),
    ],
)
def test_rule_of_a_reverted_release_blocks_the_next(shop, changes, message):
    rule_id = shop.start().body["phases"][0]["ruleId"]
    shop.stop(BACK)
    again = body(phases=[phase(**changes)])
    assert refused(shop.start(again), 400, "invalid_request") == message
    shop.patch({"kind": "removeRule", "ruleId": rule_id})
    assert shop.start(again).status == 201


def test_duplicate_may_depend_on_what_is_served(open_shop):
    shop = open_shop(behavior={"duplicateRules": "everything", "revertedRuleServes": "rollout"})
    shop.start()
    shop.stop(BACK)
    assert shop.start(body(phases=[phase(description="Again")])).status == 201


@pytest.mark.parametrize(
    ("targeting", "environment", "kinds"),
    [
        ({"contextKinds": []}, {}, ["flag_evaluations_any", "flag_evaluations_with_context"]),
        ({"contextKinds": ["device"]}, {}, ["flag_evaluations_with_context"]),
        ({}, {"failingHealthChecks": ["metric_events_any"]}, ["metric_events_any"]),
        ({}, {"failingHealthChecks": ["flag_evaluations_any"]}, ["flag_evaluations_any"]),
    ],
)
def test_health_checks_refuse_a_start(open_shop, targeting, environment, kinds):
    shop = open_shop(targeting, environment=environment)
    given = shop.start(guarded())
    refused(given, 400, "health_checks_failed")
    assert [check["kind"] for check in given.body["failingChecks"]] == kinds
    assert shop.rules() == []
    assert shop.start(guarded(bypassHealthChecks=kinds)).status == 201


def test_health_checks_look_at_each_metric(open_shop):
    shop = open_shop(metrics={"errors": {"contextKinds": ["device"]}, "latency": {"contextKinds": []}})
    metrics = [{"metricKey": "errors"}, {"metricKey": "latency"}]
    failing = shop.start(body(metrics=metrics)).body["failingChecks"]
    assert [(check["kind"], check["metricKey"]) for check in failing] == [
        ("metric_events_with_context", "errors"),
        ("metric_events_any", "latency"),
        ("metric_events_with_context", "latency"),
    ]
    refused(shop.start(body(metrics=[{"metricKey": "moon"}])), 400, "invalid_request")


def test_approvals_refuse_start_and_stop(open_shop):
    shop = open_shop(environment=APPROVALS)
    message = refused(shop.start(), 405, "method_not_allowed")
    assert message == "Flag configuration updates require approval: action 'updateRules' not allowed"
    shop.ask("PUT", "/__sim__/projects/shop/behavior", {"tokenBypassesApprovals": True})
    assert shop.start().status == 201
    shop.ask("PUT", "/__sim__/projects/shop/behavior", {})
    refused(shop.stop(BACK), 405, "method_not_allowed")


@pytest.mark.parametrize(("tags", "status"), [([], 405), (["checkout"], 405), (["payment"], 201)])
def test_approvals_can_depend_on_tags(open_shop, tags, status):
    shop = open_shop(environment={"approvalSettings": {"required": True, "requiredApprovalTags": tags}})
    assert shop.start().status == status


@pytest.mark.parametrize("resolution", [None, "stop", 5])
def test_stop_needs_a_known_resolution(shop, resolution):
    shop.start()
    refused(shop.stop(resolution), 400, "invalid_request")


PLAN = {"randomizationUnit": "user", "phases": [phase(description="Plan")], "cleanupBehavior": "leave_rules_in_place"}


def planned(**changes):
    without = dict.fromkeys(("randomizationUnit", "phases", "cleanupBehavior"))
    return body(releasePlanKey="standard", **{**without, **changes})


def test_plan_supplies_the_release(open_shop):
    group = {"key": "health", "isGroup": True, "autoRollback": True}
    shop = open_shop(
        environment={"releasePlans": {"standard": {**PLAN, "metrics": [group]}}},
        metricGroups={"health": ["errors", "latency"]},
    )
    release = shop.start(planned()).body
    assert [metric["metricKey"] for metric in release["metrics"]] == ["errors", "latency"]
    assert (release["cleanupBehavior"], release["phases"][0]["description"]) == ("leave_rules_in_place", "Plan")


def test_plan_descriptions_are_a_choice(open_shop):
    shop = open_shop(behavior={"planDescriptions": False}, environment={"releasePlans": {"standard": PLAN}})
    assert "description" not in shop.start(planned()).body["phases"][0]


@pytest.mark.parametrize(
    ("plans", "behavior", "changes", "status"),
    [
        ({}, {}, {}, 400),
        ({"standard": {}}, {}, {}, 400),
        ({"standard": PLAN}, {}, {"randomizationUnit": "user"}, 400),
        ({"standard": PLAN}, {"plansAvailable": False}, {}, 422),
    ],
)
def test_plan_that_cannot_be_used_is_refused(open_shop, plans, behavior, changes, status):
    shop = open_shop(behavior=behavior, environment={"releasePlans": plans})
    assert shop.start(planned(**changes)).status == status
