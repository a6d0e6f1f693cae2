# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ld_environment_release against the simulator over real HTTP: what is sent, believed and refused."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import (
    COLOURS,
    DONE,
    GUARDED,
    MINUTE,
    OFF,
    ON,
    PERCENTAGE,
    PLAN,
    PROGRESSIVE,
    READY,
    START,
    THIRD,
    UNIT,
    Stage,
    Staging,
    summary,
)


@pytest.mark.parametrize(
    ("targeting", "options", "expected", "sent"),
    [
        ({}, {}, (None, True, "start", "completed"), f"{START} PATCH:flag"),
        (READY, {}, (None, True, "start", "completed"), f"{START} PATCH:flag"),
        (DONE, {}, (None, False, "none", "completed"), "GET:flag"),
        (DONE, PROGRESSIVE, (None, False, "none", "completed"), "GET:flag"),
        ({}, PROGRESSIVE, (None, True, "start", "active"), f"{START} PATCH:flag POST:releases"),
        (READY, PROGRESSIVE, (None, True, "start", "active"), f"{START} POST:releases"),
        (READY, GUARDED, (None, True, "start", "active"), f"{START} POST:releases"),
        ({}, PERCENTAGE, (None, True, "start", "active"), f"{START} PATCH:flag"),
        (
            READY,
            {"segments": ["beta"]},
            (None, True, "start", "completed"),
            "GET:flag GET:releases GET:audit GET:segment PATCH:flag",
        ),
        (
            READY,
            {"strategy": "plan", "release_plan_key": "standard"},
            (None, True, "start", "active"),
            f"{START} POST:releases",
        ),
    ],
)
def test_release_takes_these_requests_and_no_second_time(
    stage: Staging, targeting: Any, options: Any, expected: Any, sent: str
) -> None:
    play = stage(targeting, environment={"releasePlans": PLAN})
    assert summary(play.run(**options)) == expected
    assert play.sent() == sent
    again = play.run(**options)
    assert (again["changed"], again["status"]) == (False, expected[3])
    assert "P" not in play.sent().replace("GET", "")


def test_release_of_an_off_flag_serves_the_old_variation(stage: Staging) -> None:
    play = stage()
    play.run(**PROGRESSIVE, comment="Job 4711")
    prepared, started = play.written()
    assert prepared["instructions"] == [
        {"kind": "updateFallthroughVariationOrRollout", "variationId": OFF},
        {"kind": "turnFlagOn"},
    ]
    assert (prepared["comment"], started["comment"]) == ("Job 4711", "Job 4711")
    assert (started["originalVariationId"], started["targetVariationId"]) == (OFF, ON)


def test_result_shows_the_release_and_the_targeting(stage: Staging) -> None:
    play = stage(READY)
    result = play.run(**GUARDED)
    release = result["release"]
    assert (release["kind"], release["status"], release["status_raw"]) == ("guarded", "active", "in_progress")
    assert release["target_variation"] == {"id": ON, "name": "On", "value": True}
    assert release["metrics"] == [{"key": "errors", "auto_rollback": False, "status": "ok"}]
    assert [step["percent"] for step in release["steps"]] == [10.0, 50.0]
    assert (release["percent"], release["next_step_at"]) == (10.0, "2026-10-26T07:43:20.000Z")
    assert result["waits_until"] == "2026-10-26T07:43:20.000Z"
    assert result["previous_status"] == "ready_to_start"
    targeting = result["targeting"]
    assert (targeting["on"], targeting["percent"], targeting["rules_ahead"]) == (True, 0.0, 0)
    assert targeting["default_variation"] == {"id": OFF, "name": "Off", "value": False}
    assert result["diff"]["before"]["status"] == "ready_to_start"
    assert result["diff"]["after"]["status"] == "active"
    assert (result["approvals"], result["approval_pending"], result["undo_recorded"]) == ([], False, False)


@pytest.mark.parametrize(
    ("options", "requests", "waited"),
    [
        # the end of each step, and at the latest after a minute
        (PROGRESSIVE, 10 + 20, 30 * MINUTE),
        ({**PROGRESSIVE, "wait_interval": "5m"}, 2 + 4, 30 * MINUTE),
        ({**PROGRESSIVE, "wait_interval": "1d"}, 2, 30 * MINUTE),
        # a guarded release may be rolled back at any time
        ({**GUARDED, "wait_interval": "1m"}, 10 + 20, 30 * MINUTE),
        (GUARDED, 60 + 120, 30 * MINUTE),
    ],
)
def test_wait_looks_at_the_end_of_each_step(stage: Staging, options: Any, requests: int, waited: float) -> None:
    play = stage(READY)
    result = play.run(**options, wait=True)
    assert summary(result) == (None, True, "start", "completed")
    assert (result["waited"], result["waited_for"]) == (waited, "status")
    assert play.sent().count("GET:release ") == requests
    assert play.flag["fallthrough"] == {"variation": 0}
    assert play.flag["rules"] == []
    assert result["release"]["ended_at"] is not None


def test_wait_reports_progress_in_short_lines(stage: Staging) -> None:
    play = stage(READY)
    play.run(**PROGRESSIVE, wait=True)
    assert play.reported[0] == "07:33 UTC shop/cart in eu: 10 % (in_progress), step ends 07:43 UTC, done 08:03 UTC"
    assert any("50 % (in_progress), step ends 08:03 UTC" in line for line in play.reported)
    assert max(map(len, play.reported)) <= 100


def test_wait_for_a_release_from_a_plan(stage: Staging) -> None:
    play = stage(READY, environment={"releasePlans": PLAN})
    result = play.run(strategy="plan", release_plan_key="standard", wait=True)
    assert summary(result) == (None, True, "start", "completed")


@pytest.mark.parametrize("options", [{}, PERCENTAGE, PROGRESSIVE])
def test_running_release_is_adopted_whoever_started_it(stage: Staging, options: Any) -> None:
    play = stage(READY)
    play.start_by_hand()
    result = play.run(**options)
    assert summary(result) == (None, False, "adopted", "active")
    assert play.sent() == "GET:flag GET:releases"
    assert summary(play.run(**options, wait=True)) == (None, False, "adopted", "completed")


def test_running_release_with_other_steps_is_adopted(stage: Staging) -> None:
    play = stage(READY)
    play.start_by_hand()
    result = play.run(**PROGRESSIVE)
    assert [warning for warning in result["warnings"] if "other steps" in warning]
    assert len(result["warnings"]) == 1


def test_running_release_of_another_variation_is_refused(stage: Staging) -> None:
    play = stage(DONE)
    play.start_by_hand(originalVariationId=ON, targetVariationId=OFF)
    result = play.run(**PROGRESSIVE)
    assert summary(result) == ("other_release_active", False, "none", "blocked")
    assert "'Off'" in result["msg"]
    assert result["error"]["kind"] == "release"


def test_somebody_is_faster_with_the_same_release(stage: Staging) -> None:
    play = stage(READY)
    phase = {"clauses": [UNIT], "description": "By hand", "steps": [{"allocation": 20000, "durationMillis": 600000}]}
    start = {"originalVariationId": OFF, "targetVariationId": ON, "randomizationUnit": "user", "phases": [phase]}
    merge = [{"project": "shop", "flag": "cart", "environment": "eu", "release": "new", "fields": start}]
    play.fault(method="POST", merge=merge)
    assert summary(play.run(**PROGRESSIVE)) == (None, False, "adopted", "active")
    assert len(play.releases) == 1


def test_somebody_is_faster_with_another_release(stage: Staging) -> None:
    play = stage({"on": True, "fallthrough": {"variation": 1}}, variations=COLOURS)
    phase = {"clauses": [UNIT], "description": "By hand", "steps": [{"allocation": 20000, "durationMillis": 600000}]}
    start = {"originalVariationId": OFF, "targetVariationId": THIRD, "randomizationUnit": "user", "phases": [phase]}
    merge = [{"project": "shop", "flag": "cart", "environment": "eu", "release": "new", "fields": start}]
    play.fault(method="POST", merge=merge)
    result = play.run(**PROGRESSIVE, variation="red")
    assert summary(result) == ("other_release_active", False, "start", "blocked")
    assert "'Green'" in result["msg"]


@pytest.mark.parametrize("cut", ["before", "after"])
@pytest.mark.parametrize(
    ("method", "options", "releases"),
    [("POST", PROGRESSIVE, 1), ("PATCH", PROGRESSIVE, 1), ("PATCH", {}, 0), ("PATCH", PERCENTAGE, 0)],
)
def test_lost_answer_starts_one_release(stage: Staging, cut: str, method: str, options: Any, releases: int) -> None:
    play = stage()
    play.fault(method=method, cut=cut)
    result = play.run(**options)
    assert summary(result)[:3] == (None, True, "start")
    assert len(play.releases) == releases
    assert result["retries"] <= 1
    assert play.run(**options)["changed"] is False


@pytest.mark.parametrize("ahead", [3600.0, -3600.0], ids=["ahead", "behind"])
def test_lost_answer_of_a_plan_with_a_wrong_clock(stage: Staging, ahead: float) -> None:
    """A release from a plan bears no mark: that it is our own is seen by its time."""
    play = stage(READY, environment={"releasePlans": PLAN})
    play.clock.sleep(100)
    play.fault(method="POST", cut="after")
    assert summary(play.run(strategy="plan", release_plan_key="standard", ahead=ahead))[:3] == (None, True, "start")
    assert summary(play.run(strategy="plan", release_plan_key="standard", ahead=ahead))[1] is False


def test_lost_answers_again_and_again_start_one_release(stage: Staging) -> None:
    play = stage()
    play.fault(method="POST", cut="before")
    play.fault(method="POST", cut="after")
    play.fault(method="PATCH", cut="after")
    assert summary(play.run(**PROGRESSIVE)) == (None, True, "start", "active")
    assert len(play.releases) == 1


def test_lost_start_that_the_list_hides_for_a_while(stage: Staging) -> None:
    """The second try is refused because of the first one, which is recognised by its mark."""
    play = stage(READY)
    play.fault(method="POST", cut="after")
    play.fault(method="GET", path="/releases", after=1, times=4, status=200, body={"items": [], "totalCount": 0})
    result = play.run(**PROGRESSIVE)
    assert summary(result) == (None, True, "start", "active")
    assert len(play.releases) == 1


def test_lost_start_that_the_list_never_shows(stage: Staging) -> None:
    """Its rule is on the flag, and to start another release would discard it."""
    play = stage(READY)
    play.fault(method="POST", cut="after")
    play.fault(method="GET", path="/releases", times=None, status=200, body={"items": [], "totalCount": 0})
    result = play.run(**PROGRESSIVE)
    assert summary(result) == ("other_release_active", True, "start", "blocked")
    assert "does not list" in result["msg"]
    assert [item["status"] for item in play.releases] == ["in_progress"]
    for options in ({}, PROGRESSIVE):
        assert summary(play.run(**options)) == ("other_release_active", False, "none", "blocked")


def test_lost_start_and_somebody_elses_release(stage: Staging) -> None:
    play = stage(READY)
    phase = {"clauses": [UNIT], "description": "By hand", "steps": [{"allocation": 20000, "durationMillis": 600000}]}
    start = {"originalVariationId": OFF, "targetVariationId": ON, "randomizationUnit": "user", "phases": [phase]}
    merge = [{"project": "shop", "flag": "cart", "environment": "eu", "release": "new", "fields": start}]
    play.fault(method="POST", cut="before", merge=merge)
    assert summary(play.run(**PROGRESSIVE)) == (None, False, "adopted", "active")


@pytest.mark.parametrize("cut", ["before", "after"])
def test_lost_stop_is_looked_at(stage: Staging, cut: str) -> None:
    play = stage(READY)
    play.run(**PROGRESSIVE)
    play.fault(method="PUT", path="/stop", cut=cut)
    result = play.run(state="rolled_back")
    assert summary(result) == (None, True, "stop", "reverted")
    assert result["undo_recorded"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_failures_that_pass_are_repeated(stage: Staging, status: int) -> None:
    play = stage()
    for method in ("GET", "PATCH", "POST"):
        play.fault(method=method, status=status)
    assert summary(play.run(**PROGRESSIVE)) == (None, True, "start", "active")
    assert len(play.releases) == 1


def test_change_is_reported_where_the_start_was_refused(stage: Staging) -> None:
    play = stage(environment={"failingHealthChecks": ["flag_evaluations_any"]})
    result = play.run(**PROGRESSIVE)
    assert summary(result) == ("health_checks_failed", True, "start", "ready_to_start")
    assert (result["diff"]["before"]["on"], result["diff"]["after"]["on"]) == (False, True)
    assert play.flag["fallthrough"] == {"variation": 1}
    # the next run only starts
    play.admin("PUT", "environments/eu", {"failingHealthChecks": []})
    play.sent()
    assert summary(play.run(**PROGRESSIVE)) == (None, True, "start", "active")
    assert play.sent() == f"{START} POST:releases"


@pytest.mark.parametrize(
    ("targeting", "options", "code"),
    [
        ({}, {"environment_key": "moon"}, "environment_not_found"),
        ({}, {"variation": "purple"}, "variation_not_found"),
        ({}, {**PROGRESSIVE, "from_variation": "purple"}, "variation_not_found"),
        ({}, {"variation": True, "from_variation": "On"}, "invalid_option"),
        ({"offVariation": 0}, PROGRESSIVE, "invalid_option"),
        (
            {
                "fallthrough": {
                    "rollout": {"variations": [{"variation": 0, "weight": 33000}, {"variation": 1, "weight": 67000}]}
                }
            },
            {},
            "default_rule_in_use",
        ),
        ({}, {"flag_key": "moon"}, "not_found"),
    ],
)
def test_refused_before_anything_is_sent(stage: Staging, targeting: Any, options: Any, code: str) -> None:
    play = stage(targeting)
    result = play.run(**options)
    assert (result["error_code"], result["changed"], result["action"]) == (code, False, "none")
    assert play.written() == []
    assert play.run(**options, check_mode=True)["error_code"] == code


def test_archived_flag_is_refused(stage: Staging) -> None:
    result = stage(archived=True).run()
    assert summary(result) == ("flag_archived", False, "none", None)
    assert result["targeting"]["on"] is False


@pytest.mark.parametrize(
    ("targeting", "options"),
    [
        ({}, {}),
        (READY, {}),
        (DONE, {}),
        ({}, PROGRESSIVE),
        (READY, GUARDED),
        ({}, PERCENTAGE),
        ({}, {"segments": ["beta"]}),
        (DONE, {"state": "rolled_back"}),
        ({}, {"state": "rolled_back"}),
        (READY, {"state": "rolled_forward"}),
        (READY, {"strategy": "plan", "release_plan_key": "standard"}),
    ],
)
def test_check_mode_predicts_and_sends_nothing(stage: Staging, targeting: Any, options: Any) -> None:
    play = stage(targeting, environment={"releasePlans": PLAN})
    predicted = play.run(check_mode=True, **options)
    assert play.written() == []
    done = play.run(**options)
    same = ("changed", "action", "status", "previous_status", "diff", "error_code", "approvals")
    assert [predicted.get(name) for name in same] == [done.get(name) for name in same]
    assert (predicted["release"] is None) is (done["release"] is None)


def test_check_mode_predicts_a_stop(stage: Staging) -> None:
    play = stage(READY)
    play.run(**PROGRESSIVE)
    for state, status in (("rolled_back", "reverted"), ("rolled_forward", "completed")):
        result = play.run(check_mode=True, state=state)
        assert summary(result) == (None, True, "stop", status)
    assert summary(play.run(check_mode=True, **PROGRESSIVE)) == (None, False, "adopted", "active")


def test_check_mode_warns_about_what_will_be_in_the_way(stage: Staging) -> None:
    clause = {"contextKind": "user", "attribute": "country", "op": "in", "values": ["nl"], "negate": False}
    play = stage(
        {"rules": [{"clauses": [clause], "variation": 1, "description": "Dutch"}], "contextKinds": ["device"]},
        environment={"approvalSettings": {"required": True}},
    )
    warnings = " ".join(play.run(check_mode=True, **PROGRESSIVE)["warnings"])
    for word in ("'Dutch'", "flag_evaluations_with_context", "requires approvals", "bypassRequiredApproval", "device"):
        assert word in warnings
    bypassed = play.run(check_mode=True, **PROGRESSIVE, bypass_health_checks=["flag_evaluations_with_context"])
    assert "flag_evaluations_with_context" not in " ".join(bypassed["warnings"])
    assert play.run(check_mode=True, state="rolled_back")["warnings"] == []


def test_check_mode_predicts_an_approval_request(gated: Stage) -> None:
    result = gated.run(check_mode=True, request_approval=True)
    assert summary(result) == (None, True, "request_approval", "active")
    assert "approval request" in " ".join(result["warnings"])
    assert gated.written() == []
    assert summary(gated.run(check_mode=True)) == (None, True, "start", "completed")


def test_turning_on_that_people_notice_is_a_warning(stage: Staging) -> None:
    play = stage({"offVariation": 2}, variations=COLOURS)
    result = play.run(**PROGRESSIVE, variation="red", from_variation="blue")
    assert "'Green'" in " ".join(result["warnings"])
    assert "'Blue'" in " ".join(result["warnings"])
