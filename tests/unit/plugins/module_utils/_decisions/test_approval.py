# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which approval requests a phase waits for, what they say together, and how that is described."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.approvals.wire import WireApprovalRequest
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions import approval as approval_rules
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.approval import State
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import Target
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import (
    ApprovalRequest,
    Audience,
    Phase,
    Status,
)

STARTED_AT = "2026-10-26T07:00:00.000Z"


def phase(**fields: Any) -> Phase:
    audiences = (Audience("a1", environment_key="eu", require_approval=True),)
    whole = {"status": Status.ACTIVE, "started_at": STARTED_AT, "audiences": audiences, **fields}
    return Phase("id-two", "Two", 1, **whole)


def request(
    review: str = "pending", status: str = "pending", at: str | None = "07:00:01", **fields: Any
) -> ApprovalRequest:
    requested_at = f"2026-10-26T{at}.000Z" if at else None
    whole = {"id": "r1", "environment_key": "eu", "requested_at": requested_at, "link": "https://ld/r1", **fields}
    return ApprovalRequest(review_status=review, status=status, **whole)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ([], State.NONE),
        ([request()], State.PENDING),
        ([request(status="scheduled")], State.PENDING),
        ([request("approved")], State.APPROVED),
        ([request("approved", "scheduled")], State.APPROVED),
        ([request("approved", "completed")], State.DONE),
        # the service may apply what nobody reviewed, for a token that bypasses approvals
        ([request("pending", "completed")], State.DONE),
        ([request("declined")], State.DECLINED),
        ([request("approved", "failed")], State.DECLINED),
        ([request("pending", "failed")], State.DECLINED),
        # words that are not known yet are waited for
        ([request("considered", "parked")], State.PENDING),
        # several environments: a refusal is final, and the slowest counts
        ([request("approved", "completed"), request(environment_key="us")], State.PENDING),
        ([request("approved"), request(environment_key="us")], State.PENDING),
        ([request("approved"), request("approved", "completed", environment_key="us")], State.APPROVED),
        ([request("declined"), request(environment_key="us")], State.DECLINED),
        ([request("approved", "completed"), request("approved", "completed", environment_key="us")], State.DONE),
    ],
)
def test_what_the_requests_say_together(found: list[ApprovalRequest], state: State) -> None:
    assert approval_rules.approval_of(phase(), found).state is state


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        # filed before the phase was started, so about something else
        ([request("declined", at="06:00:00")], []),
        ([request("approved", "completed", at="06:59:49")], []),
        # the two times may have been written in either order
        ([request(at="06:59:55")], ["r1"]),
        # a request that was declined, and the next try
        ([request("declined", at="07:01:00"), request(at="07:02:00", id="r2")], ["r2"]),
        ([request(at="07:02:00", id="r2"), request("declined", at="07:01:00")], ["r2"]),
        ([request("declined"), request("declined", at="07:01:00", id="r2")], ["r2"]),
        # what is filed beside an open one is about something else
        ([request(), request("approved", "completed", at="07:02:00", id="r2")], ["r1"]),
        ([request(), request("declined", at="07:02:00", id="r2")], ["r1"]),
        ([request("approved"), request("approved", at="07:02:00", id="r2")], ["r1"]),
        # and so is what is filed while the phase rolls out
        ([request("approved", "completed"), request("declined", at="07:02:00", id="r2")], ["r1"]),
        ([request("approved", "completed"), request(at="07:02:00", id="r2")], ["r1"]),
        ([request("approved", "completed"), request("approved", at="07:02:00", id="r2")], ["r1"]),
        # the phase before this one, in the same environment, may have ended a moment ago
        ([request("approved", "completed", at="06:59:52"), request("declined", id="r2")], ["r2"]),
        # each environment has its own
        ([request(), request(environment_key="us", id="r2")], ["r1", "r2"]),
        # without times only what is not over can be meant
        ([request(at=None)], ["r1"]),
        ([request("approved", "completed", at=None)], []),
    ],
)
def test_which_request_belongs_to_a_phase(found: list[ApprovalRequest], chosen: list[str]) -> None:
    assert [item.id for item in approval_rules.approval_of(phase(), found).requests] == chosen


def test_requests_of_a_phase_without_a_start_time() -> None:
    found = [request("approved", "completed"), request(at="05:00:00", id="r2"), request(at="06:00:00", id="r3")]
    assert [item.id for item in approval_rules.approval_of(phase(started_at=None), found).requests] == ["r3"]


@pytest.mark.parametrize(
    ("fields", "environments"),
    [
        ({}, ("eu",)),
        ({"status": Status.READY_TO_START}, ()),
        ({"status": Status.PAUSED}, ()),
        ({"status": Status.COMPLETED}, ()),
        ({"complete": True}, ()),
        ({"audiences": None}, ()),
        ({"audiences": (Audience("a1", environment_key="eu"), Audience("a2", require_approval=True))}, ()),
        (
            {
                "audiences": tuple(
                    Audience(key, environment_key=key[:2], require_approval=True) for key in ("eu1", "us1", "eu2")
                )
            },
            ("eu", "us"),
        ),
    ],
)
def test_where_an_approval_may_be_awaited(fields: dict[str, Any], environments: tuple[str, ...]) -> None:
    assert approval_rules.environments_to_ask(phase(**fields)) == environments


def test_only_what_is_approved_and_still_pending_is_applied() -> None:
    found = [
        request("approved", environment_key="a", id="r1"),
        request("approved", "scheduled", environment_key="b", id="r2"),
        request("approved", "completed", environment_key="c", id="r3"),
        request("pending", environment_key="d", id="r4"),
    ]
    assert [item.id for item in approval_rules.to_apply(approval_rules.approval_of(phase(), found))] == ["r1"]


def test_approval_wait_says_who_since_when_and_where() -> None:
    found = [
        request(asked=("m1", "m2")),
        request("approved", environment_key="us", id="r2", link="https://ld/r2"),
        request("approved", environment_key="ca", id="r4", asked=("m1",), answered_by=("m3",), link="https://ld/r4"),
        request("approved", "completed", environment_key="ap", id="r3"),
    ]
    assert approval_rules.describe(found) == (
        "approval in eu pending since 2026-10-26T07:00:01.000Z (asked: m1, m2): https://ld/r1;"
        " approval in us approved but not applied since 2026-10-26T07:00:01.000Z: https://ld/r2;"
        " approval in ca approved by m3 but not applied since 2026-10-26T07:00:01.000Z (asked: m1): https://ld/r4"
    )


def test_the_number_of_an_outside_service_is_told() -> None:
    outside = request(service_kind="servicenow", number="CHG0030052", link="https://snow/CHG0030052")
    described = approval_rules.describe([outside])
    assert described.startswith("approval servicenow CHG0030052 in eu pending since")
    assert described.endswith("https://snow/CHG0030052")


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (request("declined", comment="Not on a Friday."), ["was declined", "The reviewer wrote: Not on a Friday."]),
        (request("approved", "failed"), ["failed", "https://ld/r1"]),
        (request("declined", number="OPS-7", service_kind="jira"), ["approval jira OPS-7 of phase", "was declined"]),
    ],
)
def test_a_refusal_names_its_place_and_the_reviewers_words(refused: ApprovalRequest, words: list[str]) -> None:
    approval = approval_rules.approval_of(phase(), [refused, request(environment_key="us")])
    error = approval_rules.declined(Target("shop", "cart"), phase(), approval)
    assert error.code == "approval_declined"
    for word in ("'Two'", "shop/cart", "in eu", *words):
        assert word in error.message


def wire(**fields: Any) -> ApprovalRequest:
    document = {"_id": "r1", "reviewStatus": "pending", "status": "pending", "creationDate": 1793000000000, **fields}
    return WireApprovalRequest.model_validate(document).to_request(
        "eu", "https://ld", "https://ld/shop/eu/features/cart"
    )


def review(kind: str, created: int | None, comment: str | None = None, **by: str) -> dict[str, Any]:
    return {"_id": "x", "kind": kind, "creationDate": created, "comment": comment, **by}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"requested_at": "2026-10-26T07:33:20.000Z", "reviewers": [], "service_kind": None, "comment": None}),
        (
            {"notifyMemberIds": ["m1"], "serviceKind": "launchdarkly"},
            {"reviewers": ["m1"], "service_kind": "launchdarkly"},
        ),
        # the flag's own page, LaunchDarkly's page of the request, the outside service's page
        ({}, {"link": "https://ld/shop/eu/features/cart"}),
        ({"_links": {"site": {"href": "/shop/eu/r1"}, "odd": ["x"]}}, {"link": "https://ld/shop/eu/r1"}),
        ({"_links": {"site": {"href": "https://elsewhere"}}}, {"link": "https://ld/shop/eu/features/cart"}),
        ({"_links": {"site": "odd"}}, {"link": "https://ld/shop/eu/features/cart"}),
        (
            {
                "serviceKind": "jira",
                "integrationMetadata": {"externalId": "OPS-7", "externalUrl": "https://jira/OPS-7"},
            },
            {"link": "https://jira/OPS-7", "service_kind": "jira"},
        ),
        ({"integrationMetadata": {"externalId": "", "externalUrl": ""}}, {"link": "https://ld/shop/eu/features/cart"}),
        # the last answer, not the talk around it
        (
            {"allReviews": [review("decline", 1793000001000, "No."), review("comment", 1793000002000, "Why?")]},
            {"comment": "No.", "answered_at": "2026-10-26T07:33:21.000Z"},
        ),
        (
            {"allReviews": [review("approve", 1793000003000, "Yes."), review("decline", 1793000001000, "No.")]},
            {"comment": "Yes.", "answered_at": "2026-10-26T07:33:23.000Z"},
        ),
        ({"allReviews": [review("approve", None)]}, {"comment": None, "answered_at": None}),
        # talk is no answer
        (
            {"notifyMemberIds": ["m1"], "allReviews": [review("comment", 1793000002000, "Why?", memberId="m9")]},
            {"comment": "Why?", "answered_at": None, "reviewers": ["m1"]},
        ),
        # who answered, a member or a token, instead of who was asked
        (
            {
                "reviewStatus": "approved",
                "notifyMemberIds": ["m1", "m2"],
                "allReviews": [
                    review("approve", 1793000001000, memberId="m3"),
                    review("approve", 1793000002000, serviceTokenId="t1"),
                    review("comment", 1793000003000, memberId="m4"),
                ],
            },
            {"reviewers": ["m3", "t1"]},
        ),
        # one of two that are needed has answered
        (
            {"notifyMemberIds": ["m1", "m2"], "allReviews": [review("approve", 1793000001000, memberId="m1")]},
            {"reviewers": ["m1", "m2"]},
        ),
        # an outside service may leave no review
        (
            {"reviewStatus": "approved", "notifyMemberIds": ["m1"], "appliedDate": 1793000002000},
            {"reviewers": ["m1"], "answered_at": "2026-10-26T07:33:22.000Z"},
        ),
    ],
)
def test_what_is_read_of_a_request(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    result = wire(**fields).to_result()
    assert set(result) == {
        *("id", "environment_key", "review_status", "status", "reviewers"),
        *("requested_at", "answered_at", "comment", "service_kind", "link"),
    }
    assert {name: result[name] for name in expected} == expected


def test_a_request_keeps_the_number_of_an_outside_service() -> None:
    assert wire(integrationMetadata={"externalId": "CHG1", "externalUrl": "https://snow"}).number == "CHG1"
    assert wire(integrationMetadata={"externalId": ""}).number is None
