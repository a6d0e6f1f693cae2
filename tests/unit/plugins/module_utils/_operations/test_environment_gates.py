# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a release from starting: health checks, approvals, plans."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import (
    DONE,
    ON,
    PERCENTAGE,
    PROGRESSIVE,
    READY,
    Stage,
    Staging,
    during,
    summary,
)


def test_health_checks_are_named(stage: Staging) -> None:
    play = stage({**READY, "contextKinds": []})
    result = play.run(**PROGRESSIVE)
    assert summary(result) == ("health_checks_failed", False, "start", "ready_to_start")
    assert result["http_status"] == 400
    for word in (
        "flag_evaluations_any",
        "flag_evaluations_with_context",
        "has not been evaluated",
        "bypass_health_checks",
    ):
        assert word in result["msg"]
    bypass = ["flag_evaluations_any", "flag_evaluations_with_context"]
    assert summary(play.run(**PROGRESSIVE, bypass_health_checks=bypass)) == (None, True, "start", "active")


def test_health_checks_are_tried_again_for_a_while(stage: Staging) -> None:
    play = stage({**READY, "contextKinds": []})
    during(play, 100, lambda: play.merge(contextKinds=["user"]))
    result = play.run(**PROGRESSIVE, health_check_timeout="5m", wait_interval="30s")
    assert summary(result) == (None, True, "start", "active")
    play = stage({**READY, "contextKinds": []})
    assert summary(play.run(**PROGRESSIVE, health_check_timeout="5m"))[0] == "health_checks_failed"
    assert play.clock.slept == 300


@pytest.mark.parametrize("options", [{}, PROGRESSIVE, PERCENTAGE, {"state": "rolled_back"}])
def test_approvals_are_required(stage: Staging, options: Any) -> None:
    play = stage(DONE if options else READY, environment={"approvalSettings": {"required": True}})
    if options in (PROGRESSIVE, PERCENTAGE):
        play = stage(READY, environment={"approvalSettings": {"required": True}})
    result = play.run(**options)
    assert summary(result)[:2] == ("approval_required", False)
    assert result["http_status"] == 405
    for word in ("bypassRequiredApproval", "request_approval"):
        assert word in result["msg"]
    play = stage(
        DONE if options.get("state") else READY,
        environment={"approvalSettings": {"required": True}},
        behavior={"tokenBypassesApprovals": True},
    )
    assert summary(play.run(**options))[:2] == (None, True)


def test_plans_that_are_not_available(stage: Staging) -> None:
    play = stage(READY, behavior={"plansAvailable": False})
    result = play.run(strategy="plan", release_plan_key="standard")
    assert summary(result) == ("plans_not_available", False, "start", "ready_to_start")
    assert result["http_status"] == 422


def test_approval_is_requested_once(gated: Stage) -> None:
    first = gated.run(request_approval=True, notify_member_ids=["m1"], comment="4711")
    assert summary(first) == (None, True, "request_approval", "active")
    assert (first["approval_pending"], len(first["approvals"])) == (True, 1)
    body = gated.written()[-1]
    assert body["instructions"] == [{"kind": "updateFallthroughVariationOrRollout", "variationId": ON}]
    assert (body["notifyMemberIds"], body["comment"]) == (["m1"], "4711")
    gated.sent()
    again = gated.run(request_approval=True)
    assert summary(again) == (None, False, "none", "active")
    assert again["approval_pending"]
    assert gated.sent() == "GET:flag GET:releases GET:audit GET:approvals"


@pytest.mark.parametrize("cut", ["before", "after"])
def test_approval_request_whose_answer_is_lost(gated: Stage, cut: str) -> None:
    gated.fault(method="POST", path="/approval-requests", cut=cut)
    result = gated.run(request_approval=True)
    assert summary(result) == (None, True, "request_approval", "active")
    with gated.simulator._lock:
        assert len(gated.simulator.world.state["projects"]["shop"]["approvalRequests"]) == 1


def test_approval_is_waited_for(gated: Stage) -> None:
    during(gated, 600, lambda: gated.review(review="approve", apply=True))
    result = gated.run(request_approval=True, wait=True)
    assert summary(result) == (None, True, "request_approval", "completed")
    assert (result["approval_pending"], result["approvals"][0]["status"]) == (False, "completed")
    assert gated.flag["fallthrough"] == {"variation": 0}


@pytest.mark.parametrize("after", range(2, 5))
def test_approval_wait_survives_an_unexpected_answer(gated: Stage, after: int) -> None:
    during(gated, 100, lambda: gated.review(review="approve"))
    gated.fault(method="GET", path="/approval-requests", after=after, status=200, body="<html>")
    assert summary(gated.run(request_approval=True, wait=True, on_approval="apply"))[0] is None


def test_approval_is_applied(gated: Stage) -> None:
    during(gated, 600, lambda: gated.review(review="approve"))
    result = gated.run(request_approval=True, wait=True, on_approval="apply")
    assert summary(result) == (None, True, "apply", "completed")
    assert gated.flag["fallthrough"] == {"variation": 0}


def test_approval_is_left_to_somebody_else(gated: Stage) -> None:
    result = gated.run(request_approval=True, wait=True, on_approval="return")
    assert summary(result) == (None, True, "request_approval", "active")
    assert (result["waited_for"], result["waited"]) == ("approval", 0)


def test_approval_that_is_declined(gated: Stage) -> None:
    during(gated, 60, lambda: gated.review(review="decline", comment="Not on a Friday."))
    result = gated.run(request_approval=True, wait=True, retry_reverted=True)
    assert summary(result)[:3] == ("approval_declined", True, "request_approval")
    assert "Not on a Friday." in result["msg"]
    assert summary(gated.run(request_approval=True))[:3] == ("approval_declined", False, "none")
    assert summary(gated.run(request_approval=True, retry_reverted=True)) == (None, True, "request_approval", "active")


def test_approval_that_nobody_gives(gated: Stage) -> None:
    result = gated.run(request_approval=True, wait=True, approval_timeout=300)
    assert summary(result) == ("approval_timeout", True, "request_approval", "active")
    assert result["waited"] == 300


def test_approval_is_not_requested_where_the_token_may_bypass_it(stage: Staging) -> None:
    environment = {"approvalSettings": {"required": True}}
    play = stage(READY, environment=environment, behavior={"tokenBypassesApprovals": True})
    assert summary(play.run(request_approval=True)) == (None, True, "start", "completed")


@pytest.mark.parametrize("options", [{}, {**PERCENTAGE, "wait": True}, {"segments": ["beta"]}])
def test_instance_without_environment_releases_takes_patches(stage: Staging, options: Any) -> None:
    """What only changes targeting works there, and can be undone."""
    play = stage(READY)
    missing = {"status": 404, "body": {"code": "not_found", "message": "Invalid resource identifier"}}
    play.fault(method="GET", path="/releases", times=None, **missing)
    result = play.run(**options)
    assert summary(result) == (None, True, "step" if options.get("wait") else "start", "completed")
    (warning,) = result["warnings"]
    assert "no environment releases" in warning
    assert summary(play.run(**options)) == (None, False, "none", "completed")
    assert summary(play.run(**{**options, "state": "rolled_back"}))[:3] == (None, True, "roll_back")
    assert summary(play.run(**options))[0] == "release_undone"


@pytest.mark.parametrize(("status", "options"), [(404, PROGRESSIVE), (403, {})])
def test_releases_that_cannot_be_read_stop_the_task(stage: Staging, status: int, options: Any) -> None:
    """A token that may not view them is no instance without them."""
    play = stage(READY)
    play.fault(method="GET", path="/releases", times=None, status=status, body={"code": "nope", "message": "No."})
    result = play.run(**options)
    assert summary(result)[:3] == ("nope", False, "none")
    assert play.written() == []
