# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When to repeat, and how long to wait before."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._http import retry as retry_policy
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import NOW, Headers


def millis(seconds_from_now: float) -> str:
    return str(round((NOW + seconds_from_now) * 1000))


HINTS = [
    ({}, None),
    ({"Retry_After": "7"}, 7),
    ({"Retry_After": " 7 "}, 7),
    ({"Retry_After": "0"}, 0),
    ({"Retry_After": "Mon, 26 Oct 2026 07:33:50 GMT"}, 30),
    ({"Retry_After": "Mon, 26 Oct 2026 07:33:00 GMT"}, 0),
    ({"Retry_After": "Mon, 26 Oct 2026 09:33:50 +0200"}, 30),
    ({"Retry_After": "soon"}, None),
    ({"Retry_After": "-5"}, None),
    ({"Retry_After": ""}, None),
    ({"X_Ratelimit_Reset": millis(4)}, 4),
    ({"X_Ratelimit_Reset": millis(-4)}, 0),
    ({"X_Ratelimit_Reset": "later"}, None),
    ({"X_Ratelimit_Auth_Token_Reset": millis(9)}, 9),
    # the longest counts
    ({"X_Ratelimit_Reset": millis(4), "X_Ratelimit_Auth_Token_Reset": millis(9)}, 9),
    ({"Retry_After": "2", "X_Ratelimit_Reset": millis(4)}, 4),
    ({"Retry_After": "20", "X_Ratelimit_Reset": millis(4), "X_Ratelimit_Auth_Token_Reset": millis(-9)}, 20),
    ({"Retry_After": "soon", "X_Ratelimit_Reset": millis(4)}, 4),
    # what is outside the calendar is no hint
    ({"Retry_After": "Wed, 21 Oct 99999999999 07:28:00 GMT"}, None),
    ({"Retry_After": "Wed, 21 Oct 2026 07:28:00 +99999999999999"}, None),
    ({"Retry_After": "Wed, 21 Oct 2026 07:28:00 -0000"}, 0),
    ({"Retry_After": "Mon, 01 Jan 0001 00:00:00 +2300"}, 0),
    ({"Retry_After": "9" * 20}, None),
    ({"Retry_After": "9" * 310}, None),
    ({"X_Ratelimit_Reset": "9" * 320}, None),
    ({"X_Ratelimit_Reset": "9" * 320, "Retry_After": "3"}, 3),
    ({"X_Ratelimit_Reset": "-62135596800000"}, None),
    ({"Retry_After": "\u0663"}, 3),
    ({"Retry_After": "\u00b2"}, None),
    # a clock that is wrong here: the answer says what time it was
    ({"X_Ratelimit_Reset": millis(4), "Date": "Mon, 26 Oct 2026 07:33:20 GMT"}, 4),
    ({"X_Ratelimit_Reset": millis(3604), "Date": "Mon, 26 Oct 2026 08:33:20 GMT"}, 4),
    ({"X_Ratelimit_Auth_Token_Reset": millis(-3596), "Date": "Mon, 26 Oct 2026 06:33:20 GMT"}, 4),
    ({"Retry_After": "Mon, 26 Oct 2026 08:33:50 GMT", "Date": "Mon, 26 Oct 2026 08:33:20 GMT"}, 30),
    ({"Retry_After": "7", "Date": "Mon, 26 Oct 2026 08:33:20 GMT"}, 7),
    ({"X_Ratelimit_Reset": millis(4), "Date": "today"}, 4),
    ({"X_Ratelimit_Reset": millis(4), "Date": "Wed, 21 Oct 99999999999 07:28:00 GMT"}, 4),
    # other headers of the limits are no hints
    ({"X_Ratelimit_Route_Remaining": "0", "X_Ratelimit_Global_Limit": "5"}, None),
]


@pytest.mark.parametrize(("headers", "seconds"), HINTS, ids=str)
def test_the_longest_hint_counts(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_policy.hinted_pause(Headers(**headers), NOW) == (None if seconds is None else pytest.approx(seconds))


def test_backoff_doubles_up_to_a_bound() -> None:
    assert [retry_policy.backoff(index) for index in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert retry_policy.backoff(10**6) == 30


@pytest.mark.parametrize(
    ("repetition", "hint", "pause"), [(0, None, 0.5), (0, 0.0, 0.5), (0, 0.2, 0.5), (0, 7.0, 7.0), (5, 7.0, 16.0)]
)
def test_a_pause_is_the_hint_or_the_backoff_whichever_is_longer(
    repetition: int, hint: float | None, pause: float
) -> None:
    assert retry_policy.shortest_pause(repetition, hint) == pause


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (429, "rate_limited", True),
        (429, None, True),
        *[(status, None, True) for status in (500, 502, 503, 504, 520, 522, 524, 529, 599)],
        (503, "service_unavailable", True),
        (409, "optimistic_locking_error", True),
        (409, "conflict", False),
        (409, None, False),
        (412, "optimistic_locking_error", False),
        *[(status, None, False) for status in (301, 307, 400, 401, 403, 404, 405, 408, 422)],
    ],
)
def test_which_answers_may_pass_by_asking_again(status: int, code: str | None, expected: bool) -> None:
    assert retry_policy.is_repeatable(status, code) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, False), (409, False), (429, False), (499, False), (500, True), (503, True), (599, True)],
)
def test_only_a_5xx_leaves_open_what_happened(status: int, expected: bool) -> None:
    assert retry_policy.may_have_been_applied(status) is expected


def test_a_budget_ends_with_its_repetitions() -> None:
    budget = retry_policy.Budget(deadline=1000.0, repetitions_left=3)
    assert [budget.spend(None, 0.0, 0.0) for _turn in range(5)] == [0.5, 1, 2, None, None]
    assert budget.repetitions == 3


def test_a_budget_without_repetitions_gives_none() -> None:
    assert retry_policy.Budget(deadline=1000.0, repetitions_left=0).spend(None, 0.0, 0.0) is None


@pytest.mark.parametrize(
    ("now", "hint", "pause"),
    [
        (0.0, 9.0, 9.0),
        (0.0, 10.0, 10.0),
        # a hint that ends after the budget is no use
        (0.0, 10.1, None),
        (9.5, None, 0.5),
        (9.6, None, None),
        (11.0, None, None),
    ],
)
def test_a_budget_ends_with_its_time(now: float, hint: float | None, pause: float | None) -> None:
    assert retry_policy.Budget(deadline=10.0, repetitions_left=6).spend(hint, now, 0.0) == (
        None if pause is None else pytest.approx(pause)
    )


@pytest.mark.parametrize(("chance", "pause"), [(0.0, 4.0), (0.5, 4.5), (1.0, 5.0)])
def test_jitter_stretches_a_pause_and_never_shortens_it(chance: float, pause: float) -> None:
    assert retry_policy.Budget(deadline=100.0, repetitions_left=6).spend(4.0, 0.0, chance) == pause


def test_jitter_stays_within_the_budget() -> None:
    assert retry_policy.Budget(deadline=104.2, repetitions_left=6).spend(4.0, 100.0, 1.0) == pytest.approx(4.2)
