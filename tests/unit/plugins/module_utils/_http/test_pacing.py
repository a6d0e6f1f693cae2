# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a request waits for room in the rate limits, given what the headers said and the time."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._http import pacing
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.pacing import Window, admit, learn
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    NOW,
    Clock,
    Headers,
    ScriptedTransport,
    answer,
    refusal,
)

PATH = "/api/v2/flags/shop/cart/release"
ROUTE = "GET /api/v2/flags/*/*/release"


def limits(left: int, ends: float = 10.0, limit: int | None = None, **more: str) -> dict[str, str]:
    """The headers of the account's limit; `ends` counts from NOW."""
    given = {"X_Ratelimit_Global_Remaining": str(left), "X_Ratelimit_Reset": str(round((NOW + ends) * 1000)), **more}
    return given if limit is None else {**given, "X_Ratelimit_Global_Limit": str(limit)}


def after(*answers: dict[str, str], status: int = 200, at: float = NOW) -> pacing.Windows:
    """What is known after requests that were counted and answered one by one."""
    windows: pacing.Windows = {}
    for headers in answers:
        windows, _wait = admit(windows, ROUTE, at, is_write=True)
        windows = learn(windows, ROUTE, status, Headers(**headers), at)
    return windows


def wait(windows: pacing.Windows, *, at: float = NOW, route: str = ROUTE, is_write: bool = False) -> float:
    return admit(windows, route, at, is_write=is_write)[1]


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", PATH, ROUTE),
        ("GET", "/api/v2/flags/shop/cart?env=a&env=b", "GET /api/v2/flags/*/*"),
        (
            "PUT",
            "/api/v2/projects/shop/flags/cart/release/phases/4e2a",
            "PUT /api/v2/projects/*/flags/*/release/phases/*",
        ),
        ("GET", "/api/v2/auditlog?limit=20", "GET /api/v2/auditlog"),
        ("GET", "/api/v2/flags/a%2Fb/cart", "GET /api/v2/flags/*/*"),
    ],
)
def test_route_has_no_keys_and_ids(method: str, path: str, route: str) -> None:
    assert pacing.route_of(method, path) == route


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Ratelimit_Reset": str(round((NOW + 9) * 1000))},
        {"X_Ratelimit_Global_Remaining": "0"},
        {"X_Ratelimit_Global_Remaining": "none", "X_Ratelimit_Reset": str(round((NOW + 9) * 1000))},
        {"X_Ratelimit_Global_Remaining": "0", "X_Ratelimit_Reset": "soon"},
        {"X_Ratelimit_Global_Remaining": "0", "X_Ratelimit_Reset": "9" * 400},
        {"X_Ratelimit_Global_Remaining": "9" * 5000, "X_Ratelimit_Reset": str(round((NOW + 9) * 1000))},
        # ended long ago, and too far ahead to be a window
        limits(0, ends=-4000.0),
        limits(0, ends=4000.0),
        # a hint of an answer that is no refusal
        {"Retry_After": "30"},
    ],
    ids=lambda headers: str(sorted(headers)),
)
def test_pacing_needs_headers_of_a_limit(headers: dict[str, str]) -> None:
    windows = after(*[headers] * 200)
    assert [wait(windows, at=NOW + seconds) for seconds in (0, 1, 9, 11)] == [0.0] * 4


@pytest.mark.parametrize(
    ("headers", "read", "write"),
    [
        (limits(100), 0.0, 0.0),
        (limits(11, limit=100), 0.0, 0.0),
        # reads leave a tenth, half of it in the second half, and nothing in the last quarter
        (limits(10, limit=100), 5.0, 0.0),
        (limits(6, limit=100, ends=5.1), 0.1, 0.0),
        (limits(6, limit=100, ends=5.0), 0.0, 0.0),
        (limits(5, limit=100), 7.5, 0.0),
        (limits(5, limit=100, ends=2.6), 0.1, 0.0),
        (limits(1, limit=100, ends=2.5), 0.0, 0.0),
        (limits(0, limit=100), 10.0, 10.0),
        (limits(1, limit=5), 0.0, 0.0),
        (limits(0, limit=5, ends=0.5), 0.5, 0.5),
        # without the header of the limit, the most that were ever left stand for it
        (limits(4), 0.0, 0.0),
        (limits(0), 10.0, 10.0),
        (
            {
                "X_Ratelimit_Auth_Token_Remaining": "0",
                "X_Ratelimit_Auth_Token_Reset": str(round((NOW + 3) * 1000)),
                "X_Ratelimit_Reset": str(round((NOW + 9) * 1000)),
            },
            3.0,
            3.0,
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, float) else str(sorted(value)),
)
def test_pacing_waits_for_the_end_of_a_window(headers: dict[str, str], read: float, write: float) -> None:
    windows = after(headers)
    assert wait(windows) == pytest.approx(read)
    assert wait(windows, is_write=True) == pytest.approx(write)


def test_pacing_counts_what_is_under_way() -> None:
    windows: pacing.Windows = {}
    for _request in range(5):
        windows, waits = admit(windows, ROUTE, NOW, is_write=True)
        assert not waits
    windows = learn(windows, ROUTE, 200, Headers(**limits(7, limit=8)), NOW)
    assert windows["account"].left == 3


def test_pacing_of_a_route_leaves_others_alone() -> None:
    ended = {"X_Ratelimit_Route_Remaining": "0", "X_Ratelimit_Reset": str(round((NOW + 9) * 1000))}
    windows = after(ended)
    assert wait(windows) == pytest.approx(9)
    assert wait(windows, route="PUT /api/v2/flags/*") == 0.0


@pytest.mark.parametrize(
    "headers", [{"Retry_After": "7"}, {"X_Ratelimit_Reset": str(round((NOW + 7) * 1000))}], ids=str
)
def test_pacing_holds_a_route_after_its_refusal(headers: dict[str, str]) -> None:
    windows = after(headers, status=429)
    assert wait(windows) == pytest.approx(7)
    assert wait(windows, route="PUT /api/v2/flags/*") == 0.0
    assert wait(learn(windows, ROUTE, 200, Headers(), NOW)) == 0.0


def test_pacing_ignores_a_pause_longer_than_a_minute() -> None:
    """The retry policy says when to come back."""
    assert wait(after({"Retry_After": "600"}, status=429)) == 0.0


def test_pacing_lets_one_request_look_for_a_new_window() -> None:
    windows = after(limits(0, limit=50, ends=10.0))
    at = NOW + 10.1
    windows, first = admit(windows, ROUTE, at, is_write=False)
    assert first == 0.0
    assert wait(windows, at=at) == pytest.approx(pacing.NAP)
    # its answer is lost: another one looks
    assert wait(windows, at=at + pacing.PROBE + 0.1) == 0.0
    # a late answer of the window before shows nothing
    assert wait(learn(windows, ROUTE, 200, Headers(**limits(0, limit=50, ends=10.0)), at), at=at) > 0
    windows = learn(windows, ROUTE, 200, Headers(**limits(49, limit=50, ends=20.1)), at)
    assert windows["account"] == Window(50, 49, pytest.approx(NOW + 20.1))
    assert wait(windows, at=at) == 0.0


def test_pacing_ends_where_limits_are_no_longer_mentioned() -> None:
    windows, _wait = admit(after(limits(0, limit=50)), ROUTE, NOW + 11, is_write=False)
    windows = learn(windows, ROUTE, 200, Headers(), NOW + 11)
    assert [wait(windows, at=NOW + 11), "account" in windows] == [0.0, False]


def test_pacing_starts_afresh_where_a_window_was_not_used_up() -> None:
    windows = after(limits(30, limit=50))
    waits = []
    for _request in range(46):
        windows, seconds = admit(windows, ROUTE, NOW + 11, is_write=False)
        waits.append(seconds)
    assert waits == [0.0] * 45 + [pytest.approx(pacing.NAP)]


@pytest.mark.parametrize("set_by", [-7200.0, 7200.0])
def test_pacing_survives_a_clock_that_is_set(set_by: float) -> None:
    assert wait(after(limits(0, limit=50)), at=NOW + set_by) == 0.0


@pytest.mark.parametrize("wrong", [-300.0, -3.0, 3.0, 300.0])
def test_pacing_compares_ends_with_the_date_of_the_answer(wrong: float) -> None:
    """The clock here is wrong by so many seconds."""
    windows = after(limits(0, limit=50, Date=formatdate(NOW, usegmt=True)), at=NOW + wrong)
    assert wait(windows, at=NOW + wrong) == pytest.approx(10)


def test_pacing_shows_what_is_left_to_people() -> None:
    windows = after(limits(0, limit=50), limits(4, limit=50, ends=3))
    assert pacing.remaining(windows, NOW) == [("account", 0, 50, pytest.approx(3))]
    assert pacing.remaining(windows, NOW + 20) == []


# The caller.


def client(clock: Clock, *steps: Any, retry_timeout: float = 120.0) -> Http:
    return Http(ScriptedTransport(*steps), clock.runtime(), 6, retry_timeout)


def test_http_waits_before_a_limit_is_reached() -> None:
    clock = Clock()
    http = client(clock, answer({}, **limits(0, limit=5)), answer({}, **limits(4, limit=5, ends=20)), answer({}))
    for _request in range(3):
        http.read(PATH, "read")
    assert clock.sleeps == [pytest.approx(10)]
    assert http.retries_made == 0


def test_http_sends_at_once_without_limits() -> None:
    clock = Clock()
    http = client(clock, *[answer({})] * 300)
    for _request in range(300):
        http.read(PATH, "read")
    assert clock.sleeps == []


@pytest.mark.parametrize("left", [0.0, 0.5, 4.0])
def test_http_waits_for_room_until_its_deadline_only(left: float) -> None:
    clock = Clock()
    http = client(clock, answer({}, **limits(0, limit=5)), answer({}))
    http.read(PATH, "read")
    http.read(PATH, "read", deadline=clock.monotonic() + left)
    assert clock.slept == pytest.approx(left)


def test_http_takes_the_wait_for_room_from_the_answer() -> None:
    """A deadline is for the wait and the answer together."""
    clock, transport = Clock(), ScriptedTransport(answer({}, **limits(0, limit=5)), answer({}))
    http = Http(transport, clock.runtime(), 6, 120.0)
    http.read(PATH, "read")
    http.read(PATH, "read", deadline=clock.monotonic() + 30)
    assert transport.limits[-1] == pytest.approx(20)


@pytest.mark.parametrize(("retry_timeout", "slept"), [(0.0, 0.0), (4.0, 4.0), (60.0, 10.0)])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_http_waits_for_room_within_retry_timeout(method: str, retry_timeout: float, slept: float) -> None:
    clock = Clock()
    http = client(clock, answer({}, **limits(0, limit=5)), answer({}), retry_timeout=retry_timeout)
    http.read(PATH, "read")
    http.call(method, PATH, "do it")
    assert clock.slept == pytest.approx(slept)


def test_http_spends_one_budget_on_room_and_repetitions() -> None:
    clock = Clock()
    refused = refusal(429, "rate_limited", **limits(0, limit=5, ends=30))
    http = client(clock, answer({}, **limits(0, limit=5)), refused, answer({}, **limits(4, limit=5, ends=40)))
    http.read(PATH, "read")
    http.read(PATH, "read")
    assert clock.slept == pytest.approx(30)


# A whole fleet on one limit.


@dataclass
class Service:
    """One limit of LaunchDarkly, fixed windows."""

    limit: int
    window: float
    says_limit: bool
    aligned: bool
    others: int = 0  # requests of other people, at the start of a window
    used: int = 0
    ends: float = 0.0
    refused: int = 0
    answered: list[float] = field(default_factory=list)

    def answer(self, now: float) -> tuple[int, Headers]:
        if now >= self.ends:
            self.ends = (now // self.window + 1) * self.window if self.aligned else now + self.window
            self.used = self.others
        self.used += 1
        status = 200 if self.used <= self.limit else 429
        self.refused += status == 429
        if status == 200:
            self.answered.append(now)
        left = max(0, self.limit - self.used)
        headers = {"X_Ratelimit_Global_Remaining": str(left), "X_Ratelimit_Reset": str(round(self.ends * 1000))}
        return status, Headers(**headers, **({"X_Ratelimit_Global_Limit": str(self.limit)} if self.says_limit else {}))


def play(
    service: Service, *, forks: int, requests: int, chance: random.Random, is_write: Callable[[int], bool]
) -> float:
    """Forks that share their windows; how long they take together. A refused request is sent again."""
    windows: pacing.Windows = {}
    events: list[tuple[float, int, str, Any]] = [(NOW + fork / 1000, fork, "send", None) for fork in range(forks)]
    left = requests - forks
    now = NOW
    while events:
        now, fork, kind, carried = heapq.heappop(events)
        if kind == "send":
            windows, seconds = admit(windows, ROUTE, now, is_write=is_write(fork))
            if seconds:
                heapq.heappush(events, (now + seconds + chance.random() * pacing.NAP, fork, "send", None))
                continue
            arrival = now + 0.01 + chance.random() * 0.1
            heapq.heappush(events, (arrival, fork, "arrive", None))
        elif kind == "arrive":
            heapq.heappush(events, (now + 0.01 + chance.random() * 0.1, fork, "learn", service.answer(now)))
        else:
            status, headers = carried
            windows = learn(windows, ROUTE, status, headers, now)
            if status == 429:
                heapq.heappush(events, (max(now, service.ends) + chance.random(), fork, "send", None))
            elif left > 0:
                left -= 1
                heapq.heappush(events, (now + 0.01, fork, "send", None))
    return now - NOW


@pytest.mark.parametrize("says_limit", [True, False], ids=["limit", "remaining"])
@pytest.mark.parametrize("aligned", [True, False], ids=["aligned", "from-first"])
@pytest.mark.parametrize(("limit", "others"), [(20, 0), (60, 0), (200, 0), (200, 100)])
def test_pacing_of_a_fleet_is_quick_and_seldom_refused(
    *, says_limit: bool, aligned: bool, limit: int, others: int
) -> None:
    service = Service(limit, 10.0, says_limit, aligned, others)
    requests = 10 * (limit - others)
    chance = random.Random(limit)  # noqa: S311  repeatable
    took = play(service, forks=50, requests=requests, chance=chance, is_write=lambda fork: fork % 2 == 0)
    assert len(service.answered) == requests
    # Fifty forks start at once, while nothing is known of the limit. Other people's requests show in later answers only.
    unknown = max(0, 50 - (limit - others))
    assert service.refused <= unknown + requests * (3 if others else 1) // 100
    assert took <= 1.25 * requests / (limit - others) * 10.0


def test_pacing_of_a_fleet_that_only_reads_uses_whole_windows() -> None:
    service = Service(200, 10.0, says_limit=True, aligned=False)
    chance = random.Random(1)  # noqa: S311  repeatable
    took = play(service, forks=50, requests=2000, chance=chance, is_write=lambda _fork: False)
    assert service.refused == 0
    assert took <= 1.02 * 100
