# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An environment release from its start to its end: steps, rules, cleanup, reverts."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.scene import (
    BACK,
    FALSE,
    FORWARD,
    NOW,
    OFF,
    TRUE,
    TWO_STEPS,
    UNIT,
    body,
    guarded,
    phase,
)

LEAVE = "leave_rules_in_place"


def served(rule):
    return rule.get("variation", rule.get("rollout"))


def share(target, original, untracked=0):
    variations = [{"variation": 0, "weight": target}, {"variation": 1, "weight": original}]
    if untracked:
        variations.append({"variation": 1, "weight": untracked, "_untracked": True})
    return {"variations": variations, "contextKind": "user"}


def two_phases(mode="automatic", **changes):
    audience = {"contextKind": "user", "attribute": "group", "op": "in", "values": ["beta"], "negate": False}
    phases = [phase(clauses=[UNIT, audience], description="Beta"), phase(description="Everyone")]
    return body(phases=phases, advancementMode=mode, **changes)


def test_start_answers_the_running_release(shop):
    given = shop.start()
    release = given.body
    assert (given.status, release["status"], release["kind"]) == (201, "in_progress", "progressive")
    assert (release["originalVariationValue"], release["targetVariationValue"]) == (False, True)
    assert (release["currentPhaseIndex"], release["createdAt"], release["startedAt"]) == (0, NOW, NOW)
    found = release["phases"][0]
    assert (found["description"], found["currentStepIndex"]) == ("Release to production", 0)
    assert [step.get("startedAt") for step in found["steps"]] == [NOW, None]
    assert release == shop.release()
    assert not [name for name in release if name.startswith("_") and name != "_links"]


def test_start_adds_a_rule_in_one_change(shop):
    before = shop.targeting()
    shop.wait(5)
    release = shop.start().body
    after = shop.targeting()
    assert (after["version"], after["lastModified"]) == (before["version"] + 1, NOW + 5000)
    (rule,) = after["rules"]
    assert rule["_id"] == release["phases"][0]["ruleId"]
    assert [{**clause, "_id": 0} for clause in rule["clauses"]] == [{**UNIT, "_id": 0}]
    assert served(rule) == share(10000, 90000)
    assert after["fallthrough"] == {"variation": 1}


def test_steps_follow_the_clock(shop):
    shop.start()
    shop.wait(60)
    found = shop.release()["phases"][0]
    assert found["currentStepIndex"] == 1
    assert found["steps"][0]["endedAt"] == found["steps"][1]["startedAt"] == NOW + 60_000
    assert served(shop.rules()[0]) == share(50000, 50000)
    assert shop.targeting()["lastModified"] == NOW + 60_000


@pytest.mark.parametrize(
    ("cleanup", "rules", "default"), [(None, 1, 1), (LEAVE, 1, 1), ("remove_rules_and_update_default_rule", 0, 0)]
)
def test_cleanup_behavior_decides_what_stays(shop, cleanup, rules, default):
    shop.start(body(cleanupBehavior=cleanup))
    shop.wait(3600)
    assert shop.status() == ("completed", "completed_automatic")
    assert [served(rule) for rule in shop.rules()] == [0] * rules
    assert shop.targeting()["fallthrough"] == {"variation": default}
    release = shop.release()
    assert (release["endedAt"], release["currentPhaseIndex"]) == (NOW + 120_000, None)
    assert release["phases"][0]["currentStepIndex"] == 1


def test_cleanup_can_come_later_than_the_end(open_shop):
    shop = open_shop(behavior={"cleanupDelay": 10})
    shop.start()
    shop.wait(120)
    assert (shop.status()[0], served(shop.rules()[0])) == ("completed", 0)
    assert shop.targeting()["fallthrough"] == {"variation": 1}
    shop.wait(10)
    assert (shop.rules(), shop.targeting()["fallthrough"]) == ([], {"variation": 0})


def test_pending_lasts_as_long_as_the_behavior_says(open_shop):
    shop = open_shop(behavior={"pendingFor": 2})
    release = shop.start().body
    assert (release["status"], release["currentPhaseIndex"], "startedAt" in release) == ("pending", None, False)
    assert served(shop.rules()[0]) == 1
    shop.wait(2)
    assert shop.release()["startedAt"] == NOW + 2000
    assert served(shop.rules()[0]) == share(10000, 90000)


def test_guarded_release_measures_a_control_group(shop):
    release = shop.start(guarded()).body
    assert (release["kind"], release["phases"][0]["metricStatuses"]) == ("guarded", {"errors": "ok"})
    assert served(shop.rules()[0]) == share(10000, 10000, 80000)
    shop.wait(60)
    assert served(shop.rules()[0]) == share(50000, 50000)


@pytest.mark.parametrize(
    ("behavior", "serves"),
    [({}, 1), ({"revertedRuleServes": "rollout"}, share(0, 100_000))],
)
def test_regression_reverts_and_leaves_the_rule(open_shop, behavior, serves):
    shop = open_shop({"releaseScript": {"regressAfter": 30}}, behavior)
    shop.start(guarded())
    shop.wait(60)
    assert shop.status() == ("reverted", "reverted_regression_detected")
    release = shop.release()
    assert (release["endedAt"], release["phases"][0]["metricStatuses"]) == (NOW + 30_000, {"errors": "regressed"})
    assert [served(rule) for rule in shop.rules()] == [serves]
    assert (shop.targeting()["on"], shop.targeting()["fallthrough"]) == (True, {"variation": 1})


def test_regression_without_auto_rollback_waits(shop):
    shop.start(guarded(auto=False))
    shop.wait(30)
    shop.admin(regress=True)
    shop.wait(3600)
    assert shop.status() == ("waiting", "waiting_regression_detected")
    assert shop.release()["phases"][0]["status"] == "waiting"
    assert served(shop.rules()[0]) == share(10000, 10000, 80000)


def test_dismissed_regression_continues_the_step(shop):
    shop.start(guarded(auto=False))
    shop.wait(30)
    shop.admin(regress="errors")
    shop.wait(100)
    assert shop.admin(dismiss=True).body["status"] == "in_progress"
    assert shop.release()["phases"][0]["metricStatuses"] == {"errors": "regression_dismissed"}
    shop.wait(29)
    assert shop.release()["phases"][0]["currentStepIndex"] == 0
    shop.wait(1)
    assert shop.release()["phases"][0]["currentStepIndex"] == 1


@pytest.mark.parametrize("how", ["script", "admin"])
def test_insufficient_data_reverts(open_shop, how):
    shop = open_shop({"releaseScript": {"insufficientDataAfter": 20}} if how == "script" else None)
    shop.start(guarded())
    shop.wait(20)
    if how == "admin":
        shop.admin(insufficientData=True)
    assert shop.status() == ("reverted", "reverted_insufficient_data")


def test_waiting_can_have_no_reason(open_shop):
    shop = open_shop({"releaseScript": {"waitAfter": 10}})
    shop.start()
    shop.wait(15)
    assert shop.status() == ("waiting", None)
    shop.admin(resume=True)
    assert shop.status() == ("in_progress", None)


@pytest.mark.parametrize(
    ("resolution", "status", "default", "rules"), [(BACK, "reverted", 1, [1]), (FORWARD, "completed", 0, [])]
)
def test_stop_ends_the_release(shop, resolution, status, default, rules):
    shop.start()
    shop.wait(10)
    given = shop.stop(resolution, comment="job 7")
    assert (given.status, given.body["status"], given.body["statusReason"]) == (200, status, f"{status}_manual")
    assert [served(rule) for rule in shop.rules()] == rules
    assert shop.targeting()["fallthrough"] == {"variation": default}
    assert (shop.audit()[-1]["comment"], shop.audit()[-1]["resolution"]) == ("job 7", resolution)


def test_stop_of_an_ended_release_changes_nothing(shop):
    shop.start()
    shop.wait(3600)
    before = shop.release()
    given = shop.stop(BACK)
    assert (given.status, given.body) == (200, before)


def test_stop_of_a_pending_release_rolls_it_back(open_shop):
    shop = open_shop(behavior={"pendingFor": 60})
    shop.start()
    assert shop.stop(BACK).body["statusReason"] == "reverted_manual"
    assert [served(rule) for rule in shop.rules()] == [1]


def test_flag_off_discards_the_release(shop):
    shop.start()
    shop.wait(10)
    given = shop.patch(OFF)
    assert given.body["environments"]["production"]["on"] is False
    assert shop.status() == ("reverted", "reverted_discarded")
    assert [served(rule) for rule in shop.rules()] == [1]


def test_lost_rule_discards_the_release(shop):
    rule_id = shop.start().body["phases"][0]["ruleId"]
    shop.patch({"kind": "removeRule", "ruleId": rule_id})
    assert (shop.status(), shop.rules()) == (("reverted", "reverted_discarded"), [])


@pytest.mark.parametrize(("discarded_by", "status"), [(["turnFlagOff"], "in_progress"), (["addRule"], "reverted")])
def test_discarding_changes_are_a_choice(open_shop, discarded_by, status):
    shop = open_shop(behavior={"discardedBy": discarded_by})
    shop.start()
    clauses = [{"contextKind": "user", "attribute": "country", "op": "in", "values": ["de"]}]
    assert shop.patch({"kind": "addRule", "clauses": clauses, "variationId": TRUE}).status == 200
    assert shop.status()[0] == status


def test_automatic_phases_follow_each_other(shop):
    shop.start(two_phases())
    first, second = shop.rules()
    assert (first.get("disabled"), second["disabled"], served(second)) == (None, True, 1)
    shop.wait(120)
    assert [item["status"] for item in shop.release()["phases"]] == ["completed", "in_progress"]
    assert shop.release()["currentPhaseIndex"] == 1
    assert [served(rule) for rule in shop.rules()] == [0, share(10000, 90000)]
    shop.wait(120)
    assert (shop.status()[0], shop.rules()) == ("completed", [])


def test_gap_between_phases_shows_waiting(open_shop):
    shop = open_shop(behavior={"phaseGap": 5})
    shop.start(two_phases())
    shop.wait(120)
    assert (shop.status(), shop.release()["currentPhaseIndex"]) == (("waiting", None), None)
    assert shop.stop("roll_back_current_phase_and_remove_pending_phases").status == 400
    shop.wait(5)
    assert shop.status() == ("in_progress", None)


def test_manual_phases_wait_for_a_person(shop):
    shop.start(two_phases("manual"))
    shop.wait(3600)
    assert shop.status() == ("waiting", "waiting_phase_ended")
    shop.admin(advance=True)
    assert shop.release()["currentPhaseIndex"] == 1


@pytest.mark.parametrize(
    ("resolution", "statuses", "serves"),
    [
        (BACK, ["reverted", "reverted"], [1]),
        (FORWARD, ["completed", "completed"], [0, 0]),
        ("roll_forward_current_phase_and_remove_pending_phases", ["completed", "reverted"], [0]),
        ("roll_back_current_phase_and_remove_pending_phases", ["reverted", "reverted"], [1]),
    ],
)
def test_stop_resolves_pending_phases(shop, resolution, statuses, serves):
    shop.start(two_phases())
    assert [item["status"] for item in shop.stop(resolution).body["phases"]] == statuses
    assert [served(rule) for rule in shop.rules()] == serves
    assert shop.targeting()["fallthrough"] == {"variation": 1}


def test_existing_rule_can_be_released_on(open_shop):
    shop = open_shop({"rules": [{"_id": "r1", "clauses": [UNIT], "variation": 1, "description": "All users"}]})
    release = shop.start(body(phases=[{"ruleId": "r1", "steps": TWO_STEPS}])).body
    assert (release["phases"][0]["ruleId"], release["phases"][0]["description"]) == ("r1", "All users")
    assert served(shop.rules()[0]) == share(10000, 90000)
    shop.wait(120)
    assert (shop.rules(), shop.targeting()["fallthrough"]) == ([], {"variation": 0})


def test_rule_goes_before_the_given_one(open_shop):
    other = {"_id": "r1", "clauses": [{**UNIT, "attribute": "country", "values": ["de"]}], "variation": 0}
    shop = open_shop({"rules": [other]})
    rule_id = shop.start(body(beforeRuleId="r1")).body["phases"][0]["ruleId"]
    assert [rule["_id"] for rule in shop.rules()] == [rule_id, "r1"]


def test_history_shows_who_was_served_what(shop):
    shop.start()
    shop.wait(3600)
    shop.patch(OFF)
    kept = shop.admin("").body
    assert [(entry["version"], entry["shares"]) for entry in kept["history"]] == [
        (2, {"0": 10000, "1": 100000}),
        (3, {"0": 50000, "1": 100000}),
        (4, {"0": 100000}),
        (5, {"1": 100000}),
    ]


@pytest.mark.parametrize(("choice", "count"), [(True, 3), (False, 1)])
def test_audit_of_automatic_changes_is_a_choice(open_shop, choice, count):
    shop = open_shop(behavior={"releasesInAudit": choice})
    shop.start(body(comment="job 7"))
    shop.wait(3600)
    entries = shop.audit()
    assert (entries[0]["action"], entries[0]["comment"], entries[0]["by"]) == ("updateRules", "job 7", "token")
    assert len([entry for entry in entries if entry["by"] == "release"]) == (3 if choice else 0)
    assert len(entries) == 1 + (count if choice else 0)


def test_released_variation_can_be_any_value(build):
    given = [{"_id": FALSE, "value": "red"}, {"_id": TRUE, "value": "blue"}]
    flag = {"variations": given, "environments": {"production": {"on": True}}}
    ask = build({"projects": {"shop": {"flags": {"new-cart": flag}}}})
    release = ask("POST", "/api/v2/projects/shop/flags/new-cart/environments/production/releases", body()).body
    assert (release["originalVariationValue"], release["targetVariationValue"]) == ("red", "blue")
