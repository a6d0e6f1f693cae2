# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""How long a request waits for room in LaunchDarkly's rate limits, as plain functions of what the headers said and the time.

A limit counts the requests of a window of some seconds. Answers say how many are left in it, and when it ends.
"""

from __future__ import annotations

import typing as t

from . import retry
from .headers import seconds_ahead

if t.TYPE_CHECKING:
    from collections.abc import Mapping

# Seconds of a window whose end no header says (LaunchDarkly's REST API overview, "Rate limiting").
WINDOW = 10.0
# After a window that was used up, one request looks whether the next one has begun; after these seconds, another one.
PROBE = 1.0
# While no answer has shown a window, requests that wait for it look again after these seconds.
NAP = 0.1
# Two ends that differ by less (seconds) are of the same window.
SAME = 0.05
# Seconds. What would end later than this, or ended longer ago, is not believed: it is old, or a clock was set.
HORIZON = 60.0
# Reads leave the last tenth of a window to writes, so that what was decided is done before it is out of date: half of it once half of
# the window has passed, and nothing in its last quarter, so that all of it is used. In steps, as all tasks that wait wake up for each.
KEPT_FOR_WRITES = 10
KEPT_WHILE = ((0.5, 1.0), (0.25, 0.5), (0.0, 0.0))  # (share of the window that is left, share of the tenth)

# The words of paths. All other parts are keys and IDs: LaunchDarkly limits a URL pattern, and no key gets into a file.
WORDS = frozenset(
    {
        *("api", "v2", "flags", "projects", "environments", "segments", "auditlog", "members", "me", "teams", "tokens"),
        *("release", "phases", "audiences", "release-pipelines", "releases", "stop", "release-plans"),
        *("approval-requests", "reviews", "apply", "metrics", "versions", "caller-identity", "flag-statuses"),
        "scheduled-changes",
    }
)


class Window(t.NamedTuple):
    """What is known of one limit. Times are seconds since the epoch, by the clock here.

    limit    requests in a window, by its header, else the most that were ever seen to be left; 0 while unknown
    left     of these, those that may still be sent; less than 0 counts what was sent while `limit` is unknown
    until    its end, or until when it is believed
    after    the end of the window before, as long as no answer has shown this one; None once one has
    probing  one request is looking whether this window has begun
    """

    limit: int
    left: int
    until: float
    after: float | None = None
    probing: bool = False

    @property
    def is_used_up(self) -> bool:
        """Are no more requests left than reads leave to writes in a new window?"""
        return self.probing or (self.limit > 0 and self.left <= self.limit // KEPT_FOR_WRITES)

    def opens(self, now: float, *, is_write: bool) -> float:
        """Seconds until it has room, or until it is worth asking again."""
        rest = self.until - now
        wait = 0.0
        if self.probing or (self.limit and self.left <= 0):
            wait = rest
        elif self.limit and not is_write:
            wait = self._opens_to_reads(rest)
        return min(wait, HORIZON if self.after is None else NAP)

    def _opens_to_reads(self, rest: float) -> float:
        """The first step that keeps less than what is left began, or begins, where the one before ends."""
        begins = float("inf")
        for share_left, share_kept in KEPT_WHILE:
            if self.left > self.limit // KEPT_FOR_WRITES * share_kept:
                break
            begins = share_left * WINDOW
        return max(0.0, rest - begins)

    def take(self) -> Window:
        return self._replace(left=self.left - 1)


class Seen(t.NamedTuple):
    """What an answer says about one limit: `limit` is None where only the rest is known."""

    limit: int | None
    left: int
    until: float


class Scope(t.NamedTuple):
    """One limit that LaunchDarkly documents, and its headers."""

    name: str
    remaining: str
    limit: str
    reset: str


GLOBAL = Scope("account", "X-Ratelimit-Global-Remaining", "X-Ratelimit-Global-Limit", "X-Ratelimit-Reset")
ROUTE = Scope("route", "X-Ratelimit-Route-Remaining", "X-Ratelimit-Route-Limit", "X-Ratelimit-Reset")
TOKEN = Scope(
    "token", "X-Ratelimit-Auth-Token-Remaining", "X-Ratelimit-Auth-Token-Limit", "X-Ratelimit-Auth-Token-Reset"
)

Windows = dict[str, Window]


def route_of(method: str, path: str) -> str:
    """The verb and the URL pattern of a request."""
    parts = path.partition("?")[0].strip("/").split("/")
    return f"{method} /{'/'.join(part if part in WORDS else '*' for part in parts)}"


def scopes_of(route: str) -> dict[str, Scope]:
    """The limits that count a request of this route, by the names of their windows."""
    return {GLOBAL.name: GLOBAL, TOKEN.name: TOKEN, f"{ROUTE.name} {route}": ROUTE}


def _hold_of(route: str) -> str:
    """The name of a window of ours: LaunchDarkly refused this route, and asked to wait."""
    return f"hold {route}"


def believed(windows: Windows, now: float) -> Windows:
    return {name: window for name, window in windows.items() if now - HORIZON <= window.until <= now + HORIZON}


def admit(windows: Windows, route: str, now: float, *, is_write: bool) -> tuple[Windows, float]:
    """Count a request if it may be sent now; else the seconds after which to ask again.

    Returns the windows as they are then, and 0 or those seconds.
    """
    windows = believed(windows, now)
    current = {name: _current(windows[name], now) for name in (*scopes_of(route), _hold_of(route)) if name in windows}
    wait = max((window.opens(now, is_write=is_write) for window in current.values()), default=0.0)
    if wait:
        return windows, wait
    for name in scopes_of(route):
        current.setdefault(name, Window(0, 0, now + WINDOW, after=0.0))
    return {**windows, **{name: _counted(window, windows.get(name), now) for name, window in current.items()}}, 0.0


def _current(window: Window, now: float) -> Window:
    """The window that it is now: after its end the next one, of which nothing is seen yet."""
    if now < window.until:
        return window
    after = window.until if window.after is None else window.after
    return Window(window.limit, window.limit, now + WINDOW, after)


def _counted(window: Window, before: Window | None, now: float) -> Window:
    """With one more request. The first one after a window that was used up is a probe."""
    if before is not None and now >= before.until and before.is_used_up:
        window = window._replace(until=now + PROBE, probing=True)
    return window.take()


def learn(windows: Windows, route: str, status: int, headers: Mapping[str, str], wall: float) -> Windows:
    """The windows after an answer. What it does not mention keeps what is known of it, if an answer has shown that."""
    learnt = believed(windows, wall)
    for name, scope in scopes_of(route).items():
        seen, known = _seen(headers, scope, wall), learnt.get(name)
        if seen is not None:
            learnt[name] = _merged(known, seen, wall)
        elif known is not None and known.after is not None and 200 <= status < 300:
            # The limit does not apply (any longer).
            del learnt[name]
    hint = retry.hinted_pause(headers, wall) if status == 429 else None
    if hint:
        learnt[_hold_of(route)] = Window(1, 0, wall + hint)
    elif status != 429:
        learnt.pop(_hold_of(route), None)
    return believed(learnt, wall)


def _merged(known: Window | None, seen: Seen, now: float) -> Window:
    if known is None:
        return Window(seen.limit or seen.left + 1, seen.left, seen.until)
    limit = seen.limit or max(known.limit, seen.left + 1)
    ended = known.after if known.after is not None else known.until if now >= known.until else None
    if ended is not None and seen.until <= ended + SAME:
        # A late answer, of the window before.
        return known
    if known.after is None and ended is not None:
        return Window(limit, seen.left, seen.until)
    # Requests under way are not counted in what the answer says, so that the lower of both numbers is right. Two limits share
    # a header for their ends, which has the later one, so that the earlier of two ends is right.
    left = min(known.left + limit - known.limit, seen.left)
    return Window(limit, left, seen.until if known.after is not None else min(known.until, seen.until))


def _seen(headers: Mapping[str, str], scope: Scope, wall: float) -> Seen | None:
    left, limit = _number(headers.get(scope.remaining)), _number(headers.get(scope.limit))
    ends = retry.reset_time(headers.get(scope.reset))
    if left is None or ends is None:
        return None
    return Seen(max(limit, left) if limit else None, left, ends + seconds_ahead(headers, wall))


def _number(value: str | None) -> int | None:
    text = (value or "").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else None


class Remaining(t.NamedTuple):
    """For people: what is left of one limit, and in how many seconds it starts over."""

    scope: str
    left: int
    limit: int
    seconds: float


def remaining(windows: Windows, now: float) -> list[Remaining]:
    """What answers have said about the limits whose windows have not ended."""
    return [
        Remaining(name, max(0, window.left), window.limit, window.until - now)
        for name, window in sorted(windows.items())
        if window.after is None and now < window.until and not name.startswith("hold ")
    ]
