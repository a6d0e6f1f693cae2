# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Giving a phase its status: what is sent, what is believed, and that `changed` is true to fact. Waiting is tested apart."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    NOW,
    WORDS,
    Clock,
    Reads,
    ScriptedTransport,
    answer,
    by_words,
    cut,
    operate,
    refusal,
    wire_phase,
    wire_release,
)

GET_PATH = "/api/v2/flags/shop/cart/release"
PUT_PATH = "/api/v2/projects/shop/flags/cart/release/phases/id-two"

RESULT_KEYS = {
    "changed",
    "action",
    "previous_status",
    "phase",
    "release",
    "diff",
    "requests",
    "retries",
    "waited",
    "waited_for",
    "approvals",
    "approval_pending",
    "warnings",
}
FAILURE_KEYS = RESULT_KEYS | {"failed", "msg", "error_code", "http_status", "error"}

READY = answer(by_words("completed", "ready-to-start", "not-started"))
STARTED = answer(by_words("completed", "active", "not-started"))
COMPLETED = answer(by_words("completed", "completed", "ready-to-start"))
LAGGING = answer(by_words("completed", "not-started", "not-started"))
PAUSED = answer(by_words("completed", "paused", "not-started"))
CANCELED = answer(by_words("completed", "ready-to-start", _canceledAt=1793000000000))
UNKNOWN = answer(by_words("completed", "simmering"))


def summary(result: dict[str, Any]) -> tuple[str | None, bool, str]:
    """What matters most of a result: error code, changed, action."""
    assert set(result) == (FAILURE_KEYS if result.get("failed") else RESULT_KEYS)
    return result.get("error_code"), result["changed"], result["action"]


def run(*steps: Any, clock: Clock | None = None, **options: Any) -> tuple[dict[str, Any], ScriptedTransport]:
    transport = ScriptedTransport(*steps)
    result = operate(transport, clock or Clock(), **options)
    assert result["requests"] == len(transport.sent)
    return result, transport


@pytest.mark.parametrize(
    ("word", "options"),
    [
        ("active", {}),
        ("completed", {}),
        ("Started", {}),
        ("active", {"strict": True}),
        ("completed", {"status": "completed"}),
        ("complete", {"status": "completed", "strict": True}),
        ("paused", {"status": "paused"}),
        ("ReadyToStart", {"status": "ready_to_start"}),
        ("not_started", {"status": "not_started"}),
    ],
    ids=str,
)
def test_one_read_when_nothing_is_to_do(word: str, options: dict[str, Any]) -> None:
    result, transport = run(answer(by_words("completed", word)), **options)
    assert summary(result) == (None, False, "none")
    assert transport.methods == ["GET"]
    assert result["diff"]["before"] == result["diff"]["after"]
    assert result["phase"]["status_raw"] == word


def test_one_read_and_one_request_when_something_is() -> None:
    result, transport = run(READY, STARTED)
    assert summary(result) == (None, True, "start")
    assert [(sent.method, sent.path, sent.body) for sent in transport.sent] == [
        ("GET", GET_PATH, None),
        ("PUT", PUT_PATH, {"status": "active"}),
    ]
    assert (result["previous_status"], result["phase"]["status"]) == ("ready_to_start", "active")
    assert result["release"]["phases"][1] == result["phase"]
    assert result["diff"] == {
        "before": {
            "project_key": "shop",
            "flag_key": "cart",
            "phase": "Two",
            "status": "ready_to_start",
            "started": False,
            "complete": False,
        },
        "after": {
            "project_key": "shop",
            "flag_key": "cart",
            "phase": "Two",
            "status": "active",
            "started": True,
            "complete": False,
        },
    }
    assert (result["waited"], result["waited_for"]) == (0, None)


def test_start_may_be_answered_by_a_complete_phase() -> None:
    assert summary(run(READY, COMPLETED)[0]) == (None, True, "start")
    assert summary(run(READY, COMPLETED, strict=True)[0]) == (None, True, "start")


@pytest.mark.parametrize("status", ["not_started", "ready_to_start", "paused", "completed"])
def test_other_difference_is_sent_and_its_refusal_shown(status: str) -> None:
    result, transport = run(STARTED, refusal(400, "invalid_request", "Only `Active`."), STARTED, status=status)
    assert summary(result) == ("invalid_request", False, "set_status")
    assert transport.sent[1].body == {"status": status.replace("_", "-")}
    assert (result["http_status"], result["error"]["request_id"]) == (400, "req-1")
    assert "Only `Active`." in result["msg"]


@pytest.mark.parametrize("status", ["not_started", "ready_to_start", "paused", "completed"])
def test_a_service_that_takes_it_is_believed(status: str) -> None:
    after = answer(by_words("completed", status.replace("_", "-")))
    result, _transport = run(STARTED, after, status=status)
    assert summary(result) == (None, True, "set_status")
    assert result["phase"]["status"] == status


def test_audiences_send_only_what_was_given() -> None:
    guardian = {
        "monitoring_window_milliseconds": 3600000,
        "rollout_weight": 50000,
        "rollback_on_regression": False,
        "randomization_unit": "user",
    }
    audiences = [{"audience": "two", "release_guardian_configuration": guardian, "notify_team_keys": ["product"]}]
    _result, transport = run(READY, STARTED, audiences=audiences)
    assert transport.sent[1].body == {
        "status": "active",
        "audiences": [
            {
                "audienceId": "audience-two",
                "releaseGuardianConfiguration": {
                    "monitoringWindowMilliseconds": 3600000,
                    "rolloutWeight": 50000,
                    "rollbackOnRegression": False,
                    "randomizationUnit": "user",
                },
                "notifyTeamKeys": ["product"],
            }
        ],
    }
    _result, transport = run(READY, STARTED, audiences=[{"audience": "Two", "notify_member_ids": []}])
    assert transport.sent[1].body["audiences"] == [{"audienceId": "audience-two", "notifyMemberIds": []}]
    _result, transport = run(READY, STARTED, audiences=[])
    assert transport.sent[1].body == {"status": "active", "audiences": []}


REFUSED = [
    # the release as it is, options, error code
    (answer(by_words("active", "not-started")), {}, "phase_not_ready"),
    (answer(by_words(None, None)), {}, "phase_not_ready"),
    (PAUSED, {}, "phase_paused"),
    (CANCELED, {}, "release_canceled"),
    (CANCELED, {"status": "paused"}, "release_canceled"),
    (UNKNOWN, {}, "unknown_status"),
    (UNKNOWN, {"status": "completed"}, "unknown_status"),
    (UNKNOWN, {"strict": True}, "unknown_status"),
    (READY, {"phase": "Twoo"}, "phase_not_found"),
    (
        answer(by_words("ready-to-start", "ready-to-start", _x=1)),
        {"audiences": [{"audience": "x"}]},
        "audience_not_found",
    ),
    (answer(wire_release(wire_phase("Two", "active"), wire_phase("Two", "active", _id="x"))), {}, "phase_ambiguous"),
    (refusal(401, "unauthorized"), {}, "unauthorized"),
    (refusal(403, "forbidden"), {}, "forbidden"),
    (answer(b"<html>"), {}, "invalid_response"),
    (answer(None), {}, "invalid_response"),
    (answer({"phases": 3}), {}, "invalid_response"),
]


@pytest.mark.parametrize(("state", "options", "code"), REFUSED)
@pytest.mark.parametrize("check_mode", [False, True])
def test_what_is_refused_is_refused_before_any_request(
    state: Any, options: dict[str, Any], code: str, check_mode: bool
) -> None:
    result, transport = run(state, check_mode=check_mode, **options)
    if check_mode and code == "phase_not_ready" and not result["release"]["is_legacy"]:
        assert summary(result) == (None, True, "start")
    else:
        assert summary(result) == (code, False, "none")
        assert result["error"]["code"] == code
        assert result["error"]["message"] == result["msg"]
    assert transport.methods == ["GET"]


FLAG = answer({"key": "cart", "variations": []})


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        (FLAG, "The flag shop/cart has no release. Attach it"),
        (refusal(404, "not_found"), "There is no flag shop/cart that can be read. Check project_key and flag_key"),
        # it cannot be known
        (refusal(403, "forbidden"), "Could not read the release of shop/cart: LaunchDarkly answered 404"),
        (refusal(404), "Could not read the release of shop/cart: LaunchDarkly answered 404"),
    ],
    ids=["no release", "no flag", "forbidden", "proxy"],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_unknown_flag_and_flag_without_release_differ(flag: Any, text: str, check_mode: bool) -> None:
    result, transport = run(refusal(404, "not_found"), flag, check_mode=check_mode)
    assert summary(result) == ("not_found", False, "none")
    assert result["msg"].startswith(text)
    assert (result["http_status"], result["error"]["path"]) == (404, GET_PATH)
    assert transport.methods == ["GET", "GET"]


def test_without_a_release_there_is_nothing_to_show() -> None:
    result, _transport = run(refusal(404, "not_found"), FLAG)
    assert result["previous_status"] is result["phase"] is result["release"] is None
    assert result["diff"] == {"before": {}, "after": {}}


def test_strict_resumes_what_is_paused() -> None:
    assert summary(run(PAUSED, STARTED, strict=True)[0]) == (None, True, "start")


def test_an_unknown_word_of_another_phase_only_warns() -> None:
    result, _transport = run(answer(by_words("simmering", "ready-to-start")), answer(by_words("simmering", "active")))
    assert summary(result) == (None, True, "start")
    assert [warning for warning in result["warnings"] if "'simmering'" in warning]


@pytest.mark.parametrize("word", ["ready-to-start", "not-started", "active", "completed", "paused"])
@pytest.mark.parametrize("status", ["active", "paused", "completed"])
@pytest.mark.parametrize("wait", [False, True])
def test_check_mode_sends_nothing_and_predicts(word: str, status: str, wait: bool) -> None:
    if wait and status == "paused":
        return
    state = answer(by_words("completed", word))
    result, transport = run(state, check_mode=True, status=status, wait=wait, strict=True)
    assert transport.methods == ["GET"]
    same = WORDS[next(item for item in WORDS if item.value == status)] == word
    assert summary(result) == (None, not same, "none" if same else "start" if status == "active" else "set_status")
    assert result["phase"]["status"] == result["diff"]["after"]["status"] == status
    assert result["release"]["phases"][1] == result["phase"]
    assert result["phase"]["status_raw"] == (word if same else None)


def test_check_mode_warns_of_a_phase_that_waits_for_others() -> None:
    state = answer(by_words("active", "paused", "not-started"))
    result, _transport = run(state, check_mode=True, phase="Three")
    assert summary(result) == (None, True, "start")
    (warning,) = result["warnings"]
    assert "'One' (active)" in warning
    assert "'Two' (paused)" in warning


def test_a_prediction_has_the_same_keys_as_the_real_thing() -> None:
    predicted, real = run(READY, check_mode=True)[0], run(READY, STARTED)[0]
    assert set(predicted) == set(real)
    assert set(predicted["phase"]) == set(real["phase"])
    assert predicted["diff"] == real["diff"]


# After a PUT

NOT_TAKEN = [
    # the answer to the PUT, what a read shows then, outcome
    (READY, STARTED, (None, True, "start")),
    (READY, COMPLETED, (None, True, "start")),
    (READY, READY, ("not_applied", False, "start")),
    (READY, PAUSED, ("not_applied", True, "start")),
    (PAUSED, PAUSED, ("not_applied", True, "start")),
    (answer(wire_release()), STARTED, (None, True, "start")),
    (answer(wire_release()), READY, ("not_applied", False, "start")),
    # a success without a usable answer
    (answer(None), STARTED, (None, True, "start")),
    (answer(None, 204), STARTED, (None, True, "start")),
    (answer(b"<html>"), COMPLETED, (None, True, "start")),
    (answer({"ok": True}), STARTED, (None, True, "start")),
    (answer(None), READY, ("invalid_response", False, "start")),
    (answer(b"<html>"), PAUSED, ("invalid_response", True, "start")),
]


@pytest.mark.parametrize(("put", "then", "expected"), NOT_TAKEN)
def test_answer_without_the_status_is_followed_by_a_read(
    put: Any, then: Any, expected: tuple[str | None, bool, str]
) -> None:
    clock = Clock()
    result, transport = run(READY, put, Reads(then), clock=clock)
    assert summary(result) == expected
    assert transport.phases == "GET PUT GET"
    # what the service shows may be a moment old
    assert clock.slept == (0 if expected[0] is None else 10)


def test_not_applied_says_what_was_asked_and_answered() -> None:
    message = run(READY, READY, Reads(READY))[0]["msg"]
    assert "set Phase 'Two' of shop/cart to active" in message
    assert "'ready-to-start'" in message


@pytest.mark.parametrize("then", [refusal(404, "not_found"), answer(b"<html>")])
def test_a_read_that_fails_after_a_success_reports_the_change(then: Any) -> None:
    result, _transport = run(READY, READY, Reads(then))
    assert (result["failed"], result["changed"]) == (True, True)


LOST = {"cut": cut(), "500": refusal(500), "503": refusal(503, "service_unavailable"), "524": refusal(524)}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("now", [STARTED, COMPLETED], ids=["active", "completed"])
def test_lost_answer_that_took_effect_is_not_sent_twice(lost: Any, now: Any, strict: bool) -> None:
    result, transport = run(READY, lost, now, strict=strict)
    assert summary(result) == (None, True, "start")
    assert transport.methods == ["GET", "PUT", "GET"]


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_a_lost_request_that_did_not_take_effect_is_sent_again(lost: Any) -> None:
    clock = Clock()
    result, transport = run(READY, lost, Reads(READY), lost, Reads(READY), STARTED, clock=clock)
    assert summary(result) == (None, True, "start")
    assert transport.phases == "GET PUT GET PUT GET PUT"
    assert clock.slept == 20


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (READY, ("server_error", False, "start")),
        (PAUSED, ("server_error", True, "start")),
        (STARTED, (None, True, "start")),
        (COMPLETED, (None, True, "start")),
    ],
)
def test_without_repetitions_a_lost_answer_is_still_looked_after(
    now: Any, expected: tuple[str | None, bool, str]
) -> None:
    result, transport = run(READY, refusal(502), Reads(now), max_retries=0)
    assert summary(result) == expected
    assert transport.phases == "GET PUT GET"


def test_a_lost_request_that_is_carried_out_late_is_ours() -> None:
    result, transport = run(READY, cut(), Reads(READY), refusal(400, "invalid_request"), STARTED)
    assert summary(result) == (None, True, "adopted")
    assert transport.phases == "GET PUT GET PUT GET"


@pytest.mark.parametrize(
    ("then", "code"),
    [
        (refusal(401, "unauthorized"), "unauthorized"),
        (refusal(404, "not_found"), "not_found"),
        (answer(b"<html>"), "invalid_response"),
        (answer(wire_release(wire_phase("One", "completed"))), "phase_not_found"),
    ],
)
def test_failed_read_after_a_lost_answer_counts_as_changed(then: Any, code: str) -> None:
    result, _transport = run(READY, cut(), Reads(then))
    assert summary(result) == (code, True, "start")
    assert result["error"]["message"] == result["msg"]
    assert "a request to set Phase 'Two' of shop/cart to active was sent and its answer was lost" in result["msg"]


@pytest.mark.parametrize(
    ("now", "code", "changed"),
    [(PAUSED, "phase_paused", True), (CANCELED, "release_canceled", False), (UNKNOWN, "unknown_status", True)],
)
def test_what_a_read_shows_after_a_lost_answer_is_judged_anew(now: Any, code: str, changed: bool) -> None:
    assert summary(run(READY, cut(), Reads(now))[0])[:2] == (code, changed)


def test_a_request_that_was_never_sent_is_sent_again() -> None:
    result, transport = run(READY, cut(sent=False), READY, STARTED)
    assert summary(result) == (None, True, "start")
    assert transport.methods == ["GET", "PUT", "GET", "PUT"]


@pytest.mark.parametrize(
    "error",
    [cut(sent=False), refusal(429, "rate_limited"), refusal(401, "unauthorized")],
    ids=["refused", "429", "401"],
)
def test_nothing_is_looked_after_when_nothing_can_have_happened(error: Any) -> None:
    result, transport = run(READY, error, max_retries=0)
    assert result["changed"] is False
    assert transport.methods == ["GET", "PUT"]


def test_a_lock_is_read_again_and_retried() -> None:
    clock = Clock()
    result, transport = run(READY, refusal(409, "optimistic_locking_error"), READY, STARTED, clock=clock)
    assert summary(result) == (None, True, "start")
    assert transport.methods == ["GET", "PUT", "GET", "PUT"]
    assert clock.sleeps == [0.5]


def test_a_lock_held_by_who_did_the_same_is_no_change() -> None:
    assert summary(run(READY, refusal(409, "optimistic_locking_error"), STARTED)[0]) == (None, False, "adopted")


def test_a_lock_held_by_who_did_something_else_is_judged_anew() -> None:
    assert summary(run(READY, refusal(409, "optimistic_locking_error"), PAUSED)[0])[:2] == ("phase_paused", False)


REFUSALS = {
    # what LaunchDarkly itself refuses with a code, and what something in between may have made up
    "documented": [
        refusal(403, "forbidden"),
        refusal(404, "not_found"),
        refusal(405, "method_not_allowed"),
        refusal(409, "conflict"),
    ],
    "undocumented": [refusal(302), refusal(303), refusal(400), refusal(403), refusal(404), refusal(409), refusal(418)],
}


@pytest.mark.parametrize("kind", REFUSALS)
@pytest.mark.parametrize(
    ("then", "changed"),
    [
        # the failure stays, and a read tells whether anything changed
        (READY, {"documented": False, "undocumented": False}),
        (STARTED, {"documented": True, "undocumented": True}),
        (COMPLETED, {"documented": True, "undocumented": True}),
        (PAUSED, {"documented": False, "undocumented": True}),
        # it cannot be read: LaunchDarkly's own word is believed
        (refusal(401, "unauthorized"), {"documented": False, "undocumented": True}),
        (refusal(404, "not_found"), {"documented": False, "undocumented": True}),
        (answer(b"<html>"), {"documented": False, "undocumented": True}),
    ],
)
def test_refusal_of_a_start_is_verified_by_one_read(kind: str, then: Any, changed: dict[str, bool]) -> None:
    for error in REFUSALS[kind]:
        clock = Clock()
        result, transport = run(READY, error, then, clock=clock)
        assert (result["http_status"], result["changed"], result["action"]) == (error.status, changed[kind], "start")
        assert f"answered {error.status}" in result["msg"]
        assert transport.methods == ["GET", "PUT", "GET"]
        assert clock.sleeps == []


@pytest.mark.parametrize(
    ("then", "expected"),
    [(STARTED, (None, False, "adopted")), (READY, ("optimistic_locking_error", False, "start"))],
)
def test_refusal_by_a_lock_is_verified_when_retries_are_used_up(then: Any, expected: Any) -> None:
    result, transport = run(READY, refusal(409, "optimistic_locking_error"), then, max_retries=0)
    assert summary(result) == expected
    assert transport.methods == ["GET", "PUT", "GET"]


def test_lost_start_is_not_sent_again_after_retry_timeout() -> None:
    result, transport = run(READY, refusal(503), Reads(READY), retry_timeout=5)
    assert summary(result) == ("server_error", False, "start")
    assert transport.phases == "GET PUT GET"


def test_lost_start_that_shows_late_is_not_sent_again() -> None:
    clock = Clock()

    def read(_sent: Any) -> Any:
        return STARTED if clock.slept > 9 else READY

    result, transport = run(READY, cut(), *[read] * 6, clock=clock)
    assert summary(result) == (None, True, "start")
    assert transport.phases == "GET PUT GET"


def test_accepted_start_that_shows_late_is_applied() -> None:
    clock = Clock()

    def read(_sent: Any) -> Any:
        return STARTED if clock.slept > 9 else READY

    result, transport = run(READY, READY, *[read] * 6, clock=clock)
    assert summary(result) == (None, True, "start")
    assert transport.phases == "GET PUT GET"


@pytest.mark.parametrize("noise", [answer(b"<html>"), refusal(403), refusal(502), cut()], ids=repr)
@pytest.mark.parametrize("put", [cut(), READY], ids=["lost", "accepted"])
def test_verification_reads_on_after_an_unexpected_answer(put: Any, noise: Any) -> None:
    result, _transport = run(READY, put, noise, STARTED)
    assert summary(result) == (None, True, "start")


def test_a_rate_limit_is_waited_for() -> None:
    clock = Clock()
    reset = str(round((NOW + 7) * 1000))
    limited = refusal(429, "rate_limited", X_Ratelimit_Reset=reset)
    result, transport = run(READY, limited, READY, STARTED, clock=clock)
    assert summary(result) == (None, True, "start")
    assert transport.methods == ["GET", "PUT", "GET", "PUT"]
    assert clock.sleeps == [pytest.approx(7)]


def test_a_rate_limit_longer_than_the_budget_fails_at_once() -> None:
    clock = Clock()
    result, transport = run(READY, refusal(429, "rate_limited", Retry_After="121"), clock=clock)
    assert summary(result) == ("rate_limited", False, "start")
    assert transport.methods == ["GET", "PUT"]
    assert clock.sleeps == []
    assert "come back after 2026-10-26T07:35:21.000Z" in result["msg"]


@pytest.mark.parametrize("strict", [False, True])
def test_a_start_that_somebody_else_made_first_is_adopted(strict: bool) -> None:
    result, transport = run(READY, refusal(400, "invalid_request"), STARTED, strict=strict)
    assert summary(result) == (None, False, "adopted")
    assert transport.methods == ["GET", "PUT", "GET"]
    assert result["phase"]["status"] == "active"
    assert result["diff"]["before"] == result["diff"]["after"]


@pytest.mark.parametrize(
    ("now", "strict", "expected"),
    [
        (COMPLETED, False, (None, False, "adopted")),
        (COMPLETED, True, ("invalid_request", False, "start")),
        (READY, False, ("invalid_request", False, "start")),
        (PAUSED, False, ("invalid_request", False, "start")),
        (UNKNOWN, False, ("invalid_request", False, "start")),
    ],
)
def test_a_refused_start_is_followed_by_one_read(
    now: Any, strict: bool, expected: tuple[str | None, bool, str]
) -> None:
    result, transport = run(READY, refusal(400, "invalid_request", "Must be ready."), now, strict=strict)
    assert summary(result) == expected
    assert transport.methods == ["GET", "PUT", "GET"]


@pytest.mark.parametrize(
    ("then", "text"),
    [
        ((refusal(401, "unauthorized"),), "401 unauthorized"),
        ((refusal(404, "not_found"),), "404 not_found"),
        ((answer(b"<html>"),), "not JSON"),
        ((answer(wire_release(wire_phase("One", "completed"))),), "There is no phase"),
        ((refusal(503), refusal(503)), "503"),
    ],
)
def test_a_refused_start_stands_when_the_read_fails(then: tuple[Any, ...], text: str) -> None:
    result, _transport = run(READY, refusal(400, "invalid_request", "Must be ready."), *then, max_retries=1)
    assert summary(result) == ("invalid_request", False, "start")
    assert result["http_status"] == 400
    assert "Must be ready." in result["msg"]
    assert text in result["warnings"][0]


def test_strict_hands_on_the_refusal_to_start_a_completed_phase() -> None:
    result, transport = run(COMPLETED, refusal(400, "invalid_request"), COMPLETED, strict=True)
    assert summary(result) == ("invalid_request", False, "start")
    assert transport.methods == ["GET", "PUT", "GET"]


# The service's own lag


def test_a_short_lag_of_the_service_is_polled_through() -> None:
    clock = Clock()
    result, transport = run(LAGGING, LAGGING, LAGGING, READY, STARTED, clock=clock)
    assert summary(result) == (None, True, "start")
    assert result["previous_status"] == "not_started"
    assert transport.methods == ["GET", "GET", "GET", "GET", "PUT"]
    assert clock.sleeps == [0.5, 1.0, 2.0]


def test_a_lag_is_polled_for_a_bounded_while() -> None:
    clock = Clock()
    result, transport = run(*[LAGGING] * 13, clock=clock)
    assert summary(result) == ("phase_not_ready", False, "none")
    assert set(transport.methods) == {"GET"}
    assert 30 <= clock.slept < 35


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (STARTED, (None, False, "adopted")),
        (COMPLETED, (None, False, "adopted")),
        (PAUSED, ("phase_paused", False, "none")),
        (CANCELED, ("release_canceled", False, "none")),
        (UNKNOWN, ("unknown_status", False, "none")),
        (answer(by_words("active", "not-started")), ("phase_not_ready", False, "none")),
        (refusal(404, "not_found"), ("not_found", False, "none")),
        (answer(wire_release(wire_phase("One", "completed"))), ("phase_not_found", False, "none")),
    ],
)
def test_a_lag_may_end_otherwise(now: Any, expected: tuple[str | None, bool, str]) -> None:
    result, transport = run(LAGGING, now)
    assert summary(result) == expected
    assert transport.methods == ["GET", "GET"]


def test_a_phase_is_followed_by_its_id_when_its_name_moves() -> None:
    renamed = wire_release(
        wire_phase("One", "completed", _name="Two"), wire_phase("Two", "ready-to-start", _name="Zwei")
    )
    started = wire_release(wire_phase("One", "completed", _name="Two"), wire_phase("Two", "active", _name="Zwei"))
    result, transport = run(LAGGING, answer(renamed), answer(started))
    assert summary(result) == (None, True, "start")
    assert transport.sent[2].path == PUT_PATH
