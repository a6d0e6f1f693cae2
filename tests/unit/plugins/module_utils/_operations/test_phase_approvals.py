# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a phase that a person has to approve, on a clock that only sleeping moves."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.transport import JSON, Response
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    NOW,
    Clock,
    ScriptedTransport,
    Sent,
    answer,
    cut,
    operate,
    refusal,
    wire_phase,
    wire_release,
)

REQUESTS = "/api/v2/projects/shop/flags/cart/environments/{}/approval-requests"
LOST = cut()


class Service(ScriptedTransport):
    """A LaunchDarkly whose phase Two needs an approval: `plan` maps seconds on the clock to what happens then.

    What happens is a change of the request of an environment, or `complete`. Every request takes `latency` seconds.
    """

    def __init__(
        self, clock: Clock, plan: dict[float, Any], environments: tuple[str, ...] = ("eu",), latency: float = 0
    ) -> None:
        super().__init__()
        self.clock = clock
        self.plan = dict(plan)
        self.latency = latency
        self.complete = False
        self.requests: dict[str, dict[str, Any]] = {key: {} for key in environments}
        self.on_list: Callable[[], Response | None] = lambda: None
        self.on_apply: list[Any] = []

    def send(self, method: str, path: str, body: bytes | None, content_type: str = JSON, limit: float = 0) -> Response:
        self.limits.append(limit)
        self.sent.append(Sent(method, path, body, content_type))
        self.clock.slept += self.latency
        for due in [due for due in self.plan if due <= self.clock.slept]:
            self._happen(self.plan.pop(due))
        if "/approval-requests" not in path:
            return answer(self.release())
        environment = path.split("/")[8]
        if method == "POST":
            return self._apply(environment)
        replaced = self.on_list()
        document = self.requests[environment]
        items = [{"_id": f"r-{environment}", "creationDate": int(NOW * 1000), **document}] if document else []
        return replaced or answer({"items": items})

    def _happen(self, what: Any) -> None:
        if what == "complete":
            self.complete = True
        else:
            for environment, change in what.items():
                self.requests[environment].update(change)

    def _apply(self, environment: str) -> Response:
        step = self.on_apply.pop(0) if self.on_apply else "apply"
        if isinstance(step, Response):
            return step
        if step != "lose before":
            self.requests[environment]["status"] = "completed"
            self.plan[self.clock.slept + 5] = "complete"
        if step != "apply":
            raise LOST
        return answer({})

    def release(self) -> dict[str, Any]:
        audiences = [
            {"_id": f"a-{key}", "environment": {"key": key}, "configuration": {"requireApproval": True}}
            for key in self.requests
        ]
        two = wire_phase(
            "Two", "completed" if self.complete else "active", _audiences=audiences, _startedDate=int(NOW * 1000)
        )
        return wire_release(wire_phase("One", "completed"), two)

    def count(self, method: str, part: str) -> int:
        return sum(1 for sent in self.sent if sent.method == method and part in sent.path)


PENDING = {"reviewStatus": "pending", "status": "pending", "notifyMemberIds": ["m1"]}
APPROVED = {
    "reviewStatus": "approved",
    "allReviews": [{"_id": "x", "kind": "approve", "creationDate": int(NOW * 1000)}],
}
APPLIED = {**APPROVED, "status": "completed"}
DECLINED = {
    "reviewStatus": "declined",
    "allReviews": [{"_id": "x", "kind": "decline", "creationDate": int(NOW * 1000), "comment": "Not on a Friday."}],
}


def run(service: Service, **options: Any) -> dict[str, Any]:
    sent_before = len(service.sent)
    result = operate(service, service.clock, **{"wait": True, **options})
    assert result["requests"] == len(service.sent) - sent_before
    return result


def summary(result: dict[str, Any]) -> tuple[str | None, str | None, bool]:
    return result.get("error_code"), result["waited_for"], result["approval_pending"]


def reviews(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(item["environment_key"], item["review_status"], item["status"]) for item in result["approvals"]]


def test_the_phase_goes_on_when_it_was_approved_and_applied() -> None:
    clock = Clock()
    service = Service(clock, {0: {"eu": PENDING}, 7200: {"eu": APPROVED}, 7300: {"eu": APPLIED}, 7310: "complete"})
    result = run(service)
    assert summary(result) == (None, "status", False)
    assert reviews(result) == [("eu", "approved", "completed")]
    assert clock.slept < 7340
    assert service.count("POST", "") == 0


def test_approval_answered_at_completion_is_shown() -> None:
    """Between two polls it may be approved, applied and done."""
    service = Service(Clock(), {0: {"eu": PENDING}, 60: {"eu": APPLIED}, 60.1: "complete"})
    result = run(service)
    assert summary(result) == (None, "status", False)
    assert reviews(result) == [("eu", "approved", "completed")]
    assert result["approvals"][0]["answered_at"] is not None


def test_approver_is_shown_also_between_two_looks() -> None:
    service = Service(Clock(), {0.1: {"eu": {**PENDING, **APPLIED}}, 0.2: "complete"})
    result = run(service)
    assert summary(result) == (None, "status", False)
    assert reviews(result) == [("eu", "approved", "completed")]


def test_a_request_that_is_filed_late_is_seen() -> None:
    service = Service(Clock(), {20: {"eu": PENDING}, 40: {"eu": APPLIED}, 50: "complete"})
    assert summary(run(service)) == (None, "status", False)


def test_wait_timeout_stops_while_a_person_answers() -> None:
    plan = {0: {"eu": PENDING}, 80000: {"eu": APPLIED}, 80040: "complete"}
    assert summary(run(Service(Clock(), plan), wait_timeout=60)) == (None, "status", False)


def test_wait_timeout_ignores_slow_answers_meanwhile() -> None:
    """A thousand looks of a second each are longer than the wait's own clock."""
    plan = {0: {"eu": PENDING}, 20000: {"eu": APPLIED}, 20040: "complete"}
    assert summary(run(Service(Clock(), plan, latency=1), wait_timeout=120)) == (None, "status", False)


def test_wait_timeout_runs_after_the_approval() -> None:
    clock = Clock()
    result = run(Service(clock, {0: {"eu": PENDING}, 1000: {"eu": APPLIED}}), wait_timeout=60)
    assert summary(result) == ("wait_timeout", None, False)
    assert 1000 < clock.slept < 1100


def test_nobody_answers() -> None:
    clock = Clock()
    result = run(Service(clock, {0: {"eu": PENDING}}), wait_timeout=10, approval_timeout=600)
    assert summary(result) == ("approval_timeout", None, True)
    assert clock.slept == pytest.approx(600, abs=1)
    for words in ("approval_timeout (10m)", "(asked: m1)", "in eu", "rerun the task"):
        assert words in result["msg"]


@pytest.mark.parametrize("change", [DECLINED, {**APPROVED, "status": "failed"}])
@pytest.mark.parametrize("on_approval", ["wait", "return", "apply"])
def test_a_refusal_ends_the_wait_at_once(change: dict[str, Any], on_approval: str) -> None:
    clock = Clock()
    service = Service(clock, {0: {"eu": {**PENDING, **change}}})
    result = run(service, on_approval=on_approval)
    assert summary(result) == ("approval_declined", None, False)
    assert clock.slept == 0
    if "comment" in result["approvals"][0] and result["approvals"][0]["comment"]:
        assert "The reviewer wrote: Not on a Friday." in result["msg"]


def test_refusal_ends_the_wait_with_the_next_look() -> None:
    clock = Clock()
    result = run(Service(clock, {0: {"eu": PENDING}, 100: {"eu": DECLINED}}))
    assert summary(result) == ("approval_declined", None, False)
    assert clock.slept < 120
    assert "Not on a Friday." in result["msg"]


def test_on_approval_return_ends_and_a_second_run_resumes() -> None:
    clock = Clock()
    service = Service(clock, {0: {"eu": PENDING}})
    first = run(service, on_approval="return")
    assert summary(first) == (None, "approval", True)
    assert (first["changed"], clock.slept) == (False, 0)
    service.plan = {0: {"eu": APPLIED}, 10: "complete"}
    assert summary(run(service, on_approval="return")) == (None, "status", False)


def test_without_waiting_a_pending_approval_is_reported() -> None:
    result = run(Service(Clock(), {0: {"eu": PENDING}}), wait=False)
    assert summary(result) == (None, None, True)
    assert reviews(result) == [("eu", "pending", "pending")]


def test_without_waiting_a_refusal_fails_all_the_same() -> None:
    """It will not change: a schedule that starts a run now and then would report a pending phase for ever."""
    result = run(Service(Clock(), {0: {"eu": {**PENDING, **DECLINED}}}), wait=False)
    assert summary(result) == ("approval_declined", None, False)
    assert result["changed"] is False


def test_apply_applies_once_what_was_approved() -> None:
    service = Service(Clock(), {0: {"eu": PENDING}, 30: {"eu": APPROVED}})
    result = run(service, on_approval="apply")
    assert summary(result) == (None, "status", False)
    assert service.count("POST", "/r-eu/apply") == 1
    assert reviews(result) == [("eu", "approved", "completed")]
    assert result["changed"] is True


@pytest.mark.parametrize("on_approval", ["wait", "return"])
def test_nothing_is_applied_without_being_told_to(on_approval: str) -> None:
    service = Service(Clock(), {0: {"eu": {**PENDING, **APPROVED}}, 30: {"eu": APPLIED}, 40: "complete"})
    assert run(service, on_approval=on_approval).get("failed") is None
    assert service.count("POST", "") == 0


@pytest.mark.parametrize(("lost", "posts"), [("lose after", 1), ("lose before", 2)])
def test_the_lost_answer_of_an_apply_is_looked_after(lost: str, posts: int) -> None:
    service = Service(Clock(), {0: {"eu": {**PENDING, **APPROVED}}})
    service.on_apply = [lost]
    result = run(service, on_approval="apply")
    assert (summary(result), result["changed"]) == ((None, "status", False), True)
    assert service.count("POST", "/apply") == posts


def test_lost_answer_needs_a_read_before_resending() -> None:
    clock = Clock()
    service = Service(clock, {0: {"eu": {**PENDING, **APPROVED}}})
    service.on_apply = ["lose after"]
    service.on_list = lambda: refusal(503) if 0 < clock.slept < 60 else None
    assert summary(run(service, on_approval="apply")) == (None, "status", False)
    assert service.count("POST", "/apply") == 1


@pytest.mark.parametrize(
    "passing", [refusal(429, "rate_limited"), refusal(503), refusal(409, "optimistic_locking_error")]
)
def test_an_apply_that_fails_for_now_is_tried_again(passing: Response) -> None:
    service = Service(Clock(), {0: {"eu": {**PENDING, **APPROVED}}})
    service.on_apply = [passing, passing]
    assert summary(run(service, on_approval="apply")) == (None, "status", False)
    assert service.count("POST", "/apply") == 3


def test_a_token_that_may_not_apply_says_so() -> None:
    service = Service(Clock(), {0: {"eu": {**PENDING, **APPROVED}}})
    service.on_apply = [refusal(403, "forbidden", "action 'applyApprovalRequest' not allowed")]
    result = run(service, on_approval="apply")
    assert summary(result) == ("forbidden", None, True)
    for words in ("apply approval request r-eu", "applyApprovalRequest", "role"):
        assert words in result["msg"]
    assert result["http_status"] == 403


@pytest.mark.parametrize(
    ("step", "readable", "changed"),
    [
        # LaunchDarkly's own word is believed; nobody else's is, unless a look shows the request open
        (refusal(403, "forbidden"), False, False),
        (refusal(403), False, True),
        (refusal(403), True, False),
        ("lose before", False, True),
        ("lose after", False, True),
    ],
)
def test_apply_counts_as_changed_unless_seen_open(step: Any, readable: bool, changed: bool) -> None:
    service = Service(Clock(), {0: {"eu": {**PENDING, **APPROVED}}})
    service.on_apply = [step]
    service.on_list = lambda: refusal(401, "unauthorized") if service.on_apply == [] and not readable else None
    result = run(service, on_approval="apply", wait_timeout=1, approval_timeout=1)
    assert (result["failed"], result["changed"]) == (True, changed)


def test_somebody_else_may_apply_first() -> None:
    service = Service(Clock(), {0: {"eu": {**PENDING, **APPROVED}}, 10: "complete"})

    def meanwhile() -> Response | None:
        # between the look and the apply
        if service.count("POST", "/apply"):
            service.requests["eu"]["status"] = "completed"
        return None

    service.on_list = meanwhile
    service.on_apply = [refusal(400, "invalid_request", "already applied")]
    assert summary(run(service, on_approval="apply")) == (None, "status", False)
    assert service.count("POST", "/apply") == 1


@pytest.mark.parametrize(
    "failure", [refusal(403, "forbidden", "No. action 'viewApprovals'"), refusal(404, "not_found")]
)
def test_approvals_that_cannot_be_read_are_one_warning(failure: Response) -> None:
    service = Service(Clock(), {100: "complete"})
    numbers = iter(range(1000))

    def refuse() -> Response:
        body = failure.body.replace(b"req-1", b"req-%d" % next(numbers))
        return Response(failure.status, failure.headers, body)

    service.on_list = refuse
    result = run(service)
    assert summary(result) == (None, "status", False)
    assert len(result["warnings"]) == 1
    assert "without its approvals" in result["warnings"][0]
    assert "approval_required" not in result["warnings"][0]
    assert "bypassRequiredApproval" not in result["warnings"][0]


def test_unreadable_approvals_for_a_while_are_no_warning() -> None:
    clock = Clock()
    service = Service(clock, {0: {"eu": PENDING}, 100: {"eu": APPLIED}, 110: "complete"})
    service.on_list = lambda: refusal(503) if 20 < clock.slept < 60 else None
    result = run(service)
    assert summary(result) == (None, "status", False)
    assert result["warnings"] == []


def test_each_environment_has_to_be_approved() -> None:
    both = {"eu": PENDING, "us": PENDING}
    plan = {0: both, 100: {"eu": APPLIED}, 200: {"us": APPLIED}, 210: "complete"}
    service = Service(Clock(), plan, ("eu", "us"))
    result = run(service, wait_timeout=60)
    assert summary(result) == (None, "status", False)
    assert reviews(result) == [("eu", "approved", "completed"), ("us", "approved", "completed")]


def test_one_environment_that_says_no_is_enough() -> None:
    result = run(Service(Clock(), {0: {"eu": PENDING, "us": PENDING}, 100: {"us": DECLINED}}, ("eu", "us")))
    assert summary(result) == ("approval_declined", None, False)
    assert "in us" in result["msg"]


def test_approved_requests_are_applied_in_each_environment() -> None:
    both = {"eu": {**PENDING, **APPROVED}, "us": {**PENDING, **APPROVED}}
    service = Service(Clock(), {0: both}, ("eu", "us"))
    assert summary(run(service, on_approval="apply")) == (None, "status", False)
    assert service.count("POST", "/r-eu/apply") == service.count("POST", "/r-us/apply") == 1


def test_a_phase_that_needs_no_approval_is_never_asked_about() -> None:
    service = Service(Clock(), {20: "complete"}, ())
    assert summary(run(service)) == (None, "status", False)
    assert service.count("GET", "approval-requests") == 0


def test_a_phase_that_is_done_costs_no_look_at_approvals() -> None:
    service = Service(Clock(), {0: "complete"})
    assert summary(run(service)) == (None, "status", False)
    assert len(service.sent) == 1


@pytest.mark.parametrize(
    ("plan", "options", "expected"),
    [
        # started, and nobody has said yes: that is not there yet
        ({0: {"eu": PENDING}, 100: {"eu": APPLIED}}, {}, (None, "status", False)),
        ({0: {"eu": PENDING}}, {"on_approval": "return"}, (None, "approval", True)),
        ({0: {"eu": {**PENDING, **APPROVED}}}, {"on_approval": "apply"}, (None, "status", False)),
        ({0: {"eu": PENDING}, 50: {"eu": DECLINED}}, {}, ("approval_declined", None, False)),
        ({0: {"eu": PENDING}}, {"approval_timeout": 60}, ("approval_timeout", None, True)),
        # filed a moment after the start
        ({3: {"eu": PENDING}}, {"on_approval": "return"}, (None, "approval", True)),
        ({3: {"eu": PENDING}, 50: {"eu": DECLINED}}, {}, ("approval_declined", None, False)),
        # approved, or never asked
        ({0: {"eu": APPLIED}}, {}, (None, "status", False)),
        ({}, {}, (None, "status", False)),
        ({}, {"wait_timeout": 5}, (None, "status", False)),
        ({}, {"wait_timeout": 0}, (None, "status", False)),
    ],
)
def test_an_active_phase_is_not_there_before_it_was_approved(
    plan: dict[float, Any], options: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    assert summary(run(Service(Clock(), plan), wait_for="active", **options)) == expected


def test_approval_that_is_never_filed_is_not_waited_for() -> None:
    never, done = Clock(), Clock()
    run(Service(never, {}), wait_for="active")
    run(Service(done, {0: {"eu": APPLIED}}), wait_for="active")
    run(Service(done, {}, ()), wait_for="active")
    assert (round(never.slept), done.slept) == (10, 0)


def test_check_mode_looks_at_no_approvals() -> None:
    service = Service(Clock(), {0: {"eu": PENDING}})
    assert operate(service, service.clock, check_mode=True, wait=True)["approvals"] == []
    assert service.count("GET", "approval-requests") == 0


@pytest.mark.parametrize("status", [403, 405])
def test_a_start_that_needs_an_approval_says_what_to_do(status: int) -> None:
    message = "Flag configuration updates require approval: action 'updateOn' not allowed"
    transport = ScriptedTransport(
        answer(wire_release(wire_phase("One", "completed"), wire_phase("Two", "ready-to-start"))),
        refusal(status, "forbidden" if status == 403 else "method_not_allowed", message),
        answer(wire_release(wire_phase("One", "completed"), wire_phase("Two", "ready-to-start"))),
    )
    result = operate(transport, Clock())
    assert (result["error_code"], result["http_status"], result["changed"]) == ("approval_required", status, False)
    for words in (message, "Request it in LaunchDarkly", "bypassRequiredApproval"):
        assert words in result["msg"]
