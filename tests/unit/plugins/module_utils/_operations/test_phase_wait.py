# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for what comes of a phase."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_phase import RELEASE_PHASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    NOW,
    Clock,
    Reads,
    ScriptedTransport,
    answer,
    by_words,
    cut,
    operate,
    phase_options,
    refusal,
    wire_phase,
    wire_release,
)

READY = answer(by_words("completed", "ready-to-start", "not-started"))
STARTED = answer(by_words("completed", "active", "not-started"))
COMPLETED = answer(by_words("completed", "completed", "ready-to-start"))
NEXT_READY = answer(by_words("completed", "active", "ready-to-start"))

CUT = cut()


def run(*steps: Any, clock: Clock | None = None, **options: Any) -> dict[str, Any]:
    transport = ScriptedTransport(*steps)
    result = operate(transport, clock or Clock(), **{"wait": True, **options})
    assert result["requests"] == len(transport.sent)
    return result


def summary(result: dict[str, Any]) -> tuple[str | None, bool, str, str | None]:
    return result.get("error_code"), result["changed"], result["action"], result["waited_for"]


def test_polling_starts_quick_and_slows_down_to_the_interval() -> None:
    clock = Clock()
    result = run(READY, *[STARTED] * 9, COMPLETED, clock=clock, wait_interval=4)
    assert summary(result) == (None, True, "start", "status")
    assert clock.sleeps == pytest.approx([0.5, 0.75, 1.125, 1.6875, 2.53125, 3.796875, 4, 4, 4])
    assert result["waited"] == pytest.approx(clock.slept, abs=0.001)
    assert result["phase"]["status"] == "completed"


@pytest.mark.parametrize(
    ("steps", "options", "expected"),
    [
        # met by the answer to the request, or by the first read, without a poll
        ((READY, COMPLETED), {}, (None, True, "start", "status")),
        ((READY, NEXT_READY), {}, (None, True, "start", "next_phase")),
        ((COMPLETED,), {}, (None, False, "none", "status")),
        ((NEXT_READY,), {}, (None, False, "none", "next_phase")),
        ((COMPLETED,), {"status": "completed"}, (None, False, "none", "status")),
        ((READY, STARTED), {"wait_for": "active"}, (None, True, "start", "status")),
        # met after polls, by either account of completion
        ((READY, STARTED, STARTED, COMPLETED), {}, (None, True, "start", "status")),
        ((READY, STARTED, STARTED, NEXT_READY), {}, (None, True, "start", "next_phase")),
        # a task that has nothing to do goes on waiting
        ((STARTED, STARTED, COMPLETED), {}, (None, False, "none", "status")),
        # so does one that somebody was faster than
        ((READY, refusal(400, "invalid_request"), STARTED, COMPLETED), {}, (None, False, "adopted", "status")),
    ],
)
def test_what_ends_a_wait_well(steps: tuple[Any, ...], options: dict[str, Any], expected: tuple[Any, ...]) -> None:
    assert summary(run(*steps, **options)) == expected


ENDS = {
    "phase_paused": answer(by_words("completed", "paused", "not-started")),
    "unknown_status": answer(by_words("completed", "simmering")),
    "release_canceled": answer(by_words("completed", "active", _canceledAt=1793000000000)),
    "phase_not_found": answer(wire_release(wire_phase("One", "completed"))),
    "not_found": refusal(404, "not_found"),
    "unauthorized": refusal(401, "unauthorized"),
    "forbidden": refusal(403, "forbidden"),
    "tls_failed": cut(code="tls_failed", sent=False, repeatable=False),
}


@pytest.mark.parametrize("code", ENDS)
def test_what_ends_a_wait_at_once(code: str) -> None:
    clock = Clock()
    result = run(READY, STARTED, STARTED, ENDS[code], clock=clock)
    # what was done before stays done
    assert summary(result) == (code, True, "start", None)
    assert clock.slept < 2
    assert result["waited"] == pytest.approx(clock.slept)


UNEXPECTED = {
    "html": answer(b"<html>Sign in</html>"),
    "empty": answer(None),
    "other json": answer({"ok": True}),
    "403 without a code": answer(b"<html>", 403),
    "404 without a code": refusal(404),
    "redirect": refusal(302),
    "broken encoding": cut(repeatable=False, unexpected=True),
}


@pytest.mark.parametrize("kind", UNEXPECTED)
@pytest.mark.parametrize("times", [1, 3])
def test_wait_continues_after_unexpected_answers(kind: str, times: int) -> None:
    result = run(READY, STARTED, *[UNEXPECTED[kind]] * times, STARTED, COMPLETED, max_retries=0, retry_timeout=0)
    assert summary(result) == (None, True, "start", "status")
    assert result["retries"] == times


@pytest.mark.parametrize("kind", UNEXPECTED)
def test_wait_ends_when_unexpected_answers_persist(kind: str) -> None:
    clock = Clock()
    result = run(READY, STARTED, *[UNEXPECTED[kind]] * 7, clock=clock)
    assert result["error_code"] in ("invalid_response", "http_error", "connection_failed")
    assert (result["changed"], result["waited_for"]) == (True, None)
    assert 30 < clock.slept < 90


def test_wait_that_runs_out_quotes_an_unexpected_answer() -> None:
    clock = Clock()
    result = run(READY, STARTED, Reads(answer(b"<html>Sign in</html>")), clock=clock, wait_timeout=10)
    assert summary(result) == ("wait_timeout", True, "start", None)
    assert "Sign in" in result["msg"]
    assert clock.slept <= 10


def test_wait_limits_each_read_to_what_is_left() -> None:
    transport = ScriptedTransport(STARTED, *[STARTED] * 5, COMPLETED)
    operate(transport, Clock(), wait=True, wait_timeout=10)
    first, *polls = transport.limits
    assert first == float("inf")
    assert polls == pytest.approx([9.5, 8.75, 7.625, 5.9375, 3.40625, 1])


def test_time_runs_out() -> None:
    clock = Clock()
    audiences = [{"_id": "a", "name": "EU", "environment": {"key": "eu"}, "status": "waiting-for-approval"}]
    pending = answer(wire_release(wire_phase("One", "completed"), wire_phase("Two", "active", _audiences=audiences)))
    result = run(READY, *[pending] * 7, clock=clock, wait_timeout=10)
    assert summary(result) == ("wait_timeout", True, "start", None)
    assert clock.slept == pytest.approx(10)
    assert result["waited"] == pytest.approx(10)
    for text in ("'Two'", "completed", "10 s", "'active'", "'EU' (eu): waiting-for-approval"):
        assert text in result["msg"]


def used_up(document: Any, ends: float) -> Any:
    """An answer with which a rate limit is used up; `ends` counts from NOW."""
    return answer(
        document,
        X_Ratelimit_Global_Limit="50",
        X_Ratelimit_Global_Remaining="0",
        X_Ratelimit_Reset=str(round((NOW + ends) * 1000)),
    )


@pytest.mark.parametrize(("timeout", "slept"), [(0.25, 0.25), (4, 4), (30, 30)])
def test_wait_for_room_in_a_rate_limit_counts_as_waiting(timeout: float, slept: float) -> None:
    clock = Clock()
    active = by_words("completed", "active", "not-started")
    answers = [used_up(active, ends) for ends in range(9, 99, 10)]
    result = operate_until_timeout(clock, answers, timeout)
    assert summary(result)[0] == "wait_timeout"
    assert clock.slept == pytest.approx(slept)
    assert result["waited"] == pytest.approx(slept, abs=0.001)


def operate_until_timeout(clock: Clock, answers: list[Any], timeout: float) -> dict[str, Any]:
    transport = ScriptedTransport(*answers)
    http = Http(transport, clock.runtime(), 6, 120.0)
    operation = RELEASE_PHASE.build(phase_options(wait=True, wait_timeout=timeout), http, False)
    with pytest.raises(LaunchDarklyError) as info:
        operation.run()
    return {**operation.to_result(), **info.value.to_result()}


def test_start_that_waited_for_room_is_verified() -> None:
    clock = Clock()
    ready, active = (by_words("completed", word, "not-started") for word in ("ready-to-start", "active"))
    # The answer to the start does not show it; the read that does comes after the end of the window.
    result = operate(ScriptedTransport(used_up(ready, 9), used_up(ready, 18), used_up(active, 27)), clock)
    assert summary(result) == (None, True, "start", None)
    assert clock.slept == pytest.approx(18)


def test_without_time_there_is_one_look() -> None:
    result = run(STARTED, wait_timeout=0)
    assert summary(result) == ("wait_timeout", False, "none", None)
    assert run(COMPLETED, wait_timeout=0)["waited_for"] == "status"


@pytest.mark.parametrize(
    "failure",
    [
        refusal(503),
        refusal(429, "rate_limited"),
        refusal(409, "optimistic_locking_error"),
        CUT,
    ],
    ids=["503", "429", "409", "cut"],
)
def test_failures_that_pass_count_against_the_wait_alone(failure: Any) -> None:
    clock = Clock()
    result = run(READY, STARTED, *[failure] * 20, COMPLETED, clock=clock, max_retries=0, retry_timeout=0)
    assert summary(result) == (None, True, "start", "status")
    assert clock.slept > 300


def test_lasting_failures_end_as_a_quoting_timeout() -> None:
    clock = Clock()
    result = run(READY, STARTED, *[refusal(503, "service_unavailable", "Back soon.")] * 5, clock=clock, wait_timeout=10)
    assert summary(result) == ("wait_timeout", True, "start", None)
    assert clock.slept <= 10
    assert "Back soon." in result["msg"]
    assert "'active'" in result["msg"]


def test_a_rate_limit_within_the_wait_is_waited_for() -> None:
    clock = Clock()
    result = run(
        READY, STARTED, refusal(429, "rate_limited", Retry_After="200"), COMPLETED, clock=clock, retry_timeout=1
    )
    assert summary(result) == (None, True, "start", "status")
    assert clock.sleeps == [0.5, 200]


@pytest.mark.parametrize(
    ("sent", "code"), [("rate_limited", "rate_limited"), ("", "rate_limited"), ("slow_down", "slow_down")]
)
def test_rate_limit_beyond_the_wait_fails_at_once(sent: str, code: str) -> None:
    """Whatever the service calls it."""
    clock = Clock()
    result = run(READY, STARTED, refusal(429, sent, Retry_After="60"), clock=clock, wait_timeout=60)
    assert summary(result) == (code, True, "start", None)
    assert clock.slept == 0.5
    assert "come back after" in result["msg"]


def test_rate_limit_within_the_wait_is_a_timeout() -> None:
    result = run(STARTED, refusal(429, "rate_limited", X_Ratelimit_Reset="1000"), wait_timeout=0.5)
    assert summary(result) == ("wait_timeout", False, "none", None)


def test_a_wait_ends_when_its_run_is_gone() -> None:
    clock = Clock()
    transport = ScriptedTransport(READY, STARTED, STARTED)

    def still_wanted() -> None:
        if clock.slept > 1:
            raise SystemExit

    options = phase_options(wait=True)
    http = Http(transport, clock.runtime(still_wanted=still_wanted), 6, 120)
    operation = RELEASE_PHASE.build(options, http, False)
    with pytest.raises(SystemExit):
        operation.run()
    assert transport.methods == ["GET", "PUT", "GET"]
