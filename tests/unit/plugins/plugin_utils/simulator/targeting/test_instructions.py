# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instructions of a semantic patch: what each does, and that a patch is one change."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.scene import (
    BETA,
    FALSE,
    FLAG,
    NOW,
    OFF,
    ON,
    TRUE,
    UNIT,
    body,
)

SERVE_TRUE = {"kind": "updateFallthroughVariationOrRollout", "variationId": TRUE}
ADD = {"kind": "addRule", "clauses": [UNIT], "variationId": TRUE}
RULE = {"_id": "r1", "clauses": [UNIT], "variation": 1, "description": "All users"}
EXPERIMENT = {
    "rollout": {
        "variations": [{"variation": 0, "weight": 50000}, {"variation": 1, "weight": 50000}],
        "experimentAllocation": {"defaultVariation": 1, "canReshuffle": False},
    }
}


def weights(target, original):
    return {"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": {TRUE: target, FALSE: original}}


def test_patch_is_one_change(shop):
    before = shop.ask("GET", FLAG).body
    shop.wait(5)
    given = shop.patch(OFF, SERVE_TRUE, ADD, comment="all")
    after = given.body["environments"]["production"]
    assert (after["on"], after["fallthrough"], len(after["rules"])) == (False, {"variation": 0}, 1)
    assert after["version"] == before["environments"]["production"]["version"] + 1
    assert (after["lastModified"], given.body["_version"]) == (NOW + 5000, before["_version"] + 1)
    (entry,) = shop.audit()
    assert entry["actions"] == ["updateOn", "updateFallthrough", "updateRules"]
    assert given.body == shop.ask("GET", FLAG).body


def test_patch_applies_completely_or_not_at_all(shop):
    before = shop.targeting()
    assert shop.patch(SERVE_TRUE, {**ADD, "beforeRuleId": "r9"}).status == 400
    assert shop.targeting() == before


def test_patch_without_effect_leaves_no_trace(shop):
    before = shop.targeting()
    shop.wait(5)
    assert shop.patch(ON, {**SERVE_TRUE, "variationId": FALSE}).status == 200
    assert (shop.targeting(), shop.audit()) == (before, [])


def test_other_environments_stay_as_they_are(shop):
    before = shop.ask("GET", FLAG).body["environments"]["staging"]
    shop.patch(OFF)
    assert shop.ask("GET", FLAG).body["environments"]["staging"] == before


def test_default_rule_serves_a_rollout(shop):
    rollout = shop.patch(weights(25000, 75000)).body["environments"]["production"]["fallthrough"]["rollout"]
    assert rollout == {
        "variations": [{"variation": 0, "weight": 25000}, {"variation": 1, "weight": 75000}],
        "contextKind": "user",
    }
    instruction = {**weights(25000, 75000), "rolloutContextKind": "device", "rolloutBucketBy": "country"}
    rollout = shop.patch(instruction).body["environments"]["production"]["fallthrough"]["rollout"]
    assert (rollout["contextKind"], rollout["bucketBy"]) == ("device", "country")
    assert shop.patch(SERVE_TRUE).body["environments"]["production"]["fallthrough"] == {"variation": 0}


def test_off_variation_can_be_changed(shop):
    given = shop.patch({"kind": "updateOffVariation", "variationId": TRUE})
    assert given.body["environments"]["production"]["offVariation"] == 0


def test_rules_are_added_changed_and_removed(open_shop):
    shop = open_shop({"rules": [RULE]})
    clauses = [{"contextKind": "device", "attribute": "os", "op": "in", "values": ["linux"]}]
    shop.patch({**ADD, "clauses": clauses, "beforeRuleId": "r1", "description": "Linux"})
    first, second = shop.rules()
    assert (first["description"], first["variation"], second["_id"]) == ("Linux", 0, "r1")
    assert first["clauses"][0]["negate"] is False
    shop.patch({"kind": "updateRuleVariationOrRollout", "ruleId": "r1", "variationId": TRUE})
    assert shop.rules()[1]["variation"] == 0
    shop.patch({"kind": "removeRule", "ruleId": first["_id"]}, {"kind": "removeRule", "ruleId": "unknown"})
    assert [rule["_id"] for rule in shop.rules()] == ["r1"]


def test_rule_ids_are_never_reused(shop):
    first = shop.patch(ADD).body["environments"]["production"]["rules"][0]["_id"]
    shop.patch({"kind": "removeRule", "ruleId": first})
    assert shop.patch(ADD).body["environments"]["production"]["rules"][0]["_id"] != first


@pytest.mark.parametrize(("kind", "found"), [(None, {}), ("", {"contextKind": ""}), ("user", {"contextKind": "user"})])
def test_context_kind_of_segments_is_a_choice(open_shop, kind, found):
    shop = open_shop(behavior={"segmentContextKind": kind})
    (rule,) = shop.patch({**ADD, "clauses": [BETA]}).body["environments"]["production"]["rules"]
    assert [{**clause, "_id": 0} for clause in rule["clauses"]] == [{**BETA, "_id": 0, **found}]


@pytest.mark.parametrize(
    "instruction",
    [
        {**SERVE_TRUE, "variationId": "true"},
        {**SERVE_TRUE, "variationId": None},
        weights(1, 2),
        weights(-1, 100001),
        {**SERVE_TRUE, "rolloutWeights": "all"},
        {**SERVE_TRUE, "rolloutWeights": {"true": 100000}},
        {**weights(100000, 0), "rolloutContextKind": 5},
        {"kind": "updateRuleVariationOrRollout", "ruleId": "r9", "variationId": TRUE},
        {**ADD, "clauses": "all"},
        {**ADD, "clauses": [{**UNIT, "contextKind": 5}]},
        {**ADD, "clauses": [{**UNIT, "negate": "no"}]},
        {**ADD, "variationId": None},
        ADD,
    ],
)
def test_invalid_instruction_is_refused(open_shop, instruction):
    shop = open_shop({"rules": [RULE]})
    assert shop.patch(instruction).status == 400


@pytest.mark.parametrize(("refuses", "status"), [(True, 405), (False, 200)])
def test_dry_run_previews_and_may_refuse(open_shop, refuses, status):
    shop = open_shop(behavior={"dryRunRefuses": refuses}, environment={"approvalSettings": {"required": True}})
    before = shop.targeting()
    given = shop.patch(SERVE_TRUE, query="?dryRun=true")
    assert given.status == status
    assert status == 405 or given.body["environments"]["production"]["fallthrough"] == {"variation": 0}
    assert (shop.targeting(), shop.audit()) == (before, [])


def test_refusal_names_the_action(open_shop):
    shop = open_shop(environment={"approvalSettings": {"required": True}})
    given = shop.patch(SERVE_TRUE, ON)
    assert given.body["message"].endswith("action 'updateFallthrough' not allowed")
    shop.ask("PUT", "/__sim__/projects/shop/behavior", {"tokenBypassesApprovals": True})
    assert shop.patch(SERVE_TRUE, ON).status == 200


def test_experiment_protects_its_rule(open_shop):
    shop = open_shop({"fallthrough": EXPERIMENT, "rules": [{"_id": "r1", "clauses": [UNIT], **EXPERIMENT}]})
    assert shop.patch(SERVE_TRUE).status == 409
    assert shop.patch({"kind": "removeRule", "ruleId": "r1"}).status == 409
    assert shop.patch(OFF).status == 200


@pytest.mark.parametrize(
    ("choice", "metrics", "status"), [("refuse", True, 409), ("allow", True, 200), ("refuse", False, 200)]
)
def test_guarded_release_protects_the_default_rule(open_shop, choice, metrics, status):
    shop = open_shop(behavior={"fallthroughDuringGuarded": choice})
    fields = {"metrics": [{"metricKey": "errors"}]} if metrics else {}
    shop.start(body(**fields))
    assert shop.patch(SERVE_TRUE).status == status


def test_removal_of_a_running_rule_can_be_refused(open_shop):
    shop = open_shop(behavior={"removeRunningRule": "refuse"})
    rule_id = shop.start().body["phases"][0]["ruleId"]
    remove = {"kind": "removeRule", "ruleId": rule_id}
    assert (shop.patch(remove).status, shop.status()[0]) == (409, "in_progress")
    shop.wait(3600)
    assert shop.patch(remove).status == 200


def test_change_can_fail_for_a_while_after_a_release(open_shop):
    shop = open_shop(behavior={"patchFailsAfterRelease": 30})
    shop.start()
    shop.wait(149)
    assert (shop.patch(weights(5, 99995)).status, shop.patch(ADD).status) == (500, 200)
    shop.wait(1)
    assert shop.patch(weights(5, 99995)).status == 200
