# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rate limits as LaunchDarkly documents them: four scopes, fixed windows, each with its own headers.

LaunchDarkly publishes no numbers; the defaults are far above what a playbook needs. Windows run on real time even when
the simulator's clock is sped up, since a client compares ``X-Ratelimit-Reset`` with its own clock.
"""

from __future__ import annotations

import math
from typing import Any

from ..core.documents import JsonObject, is_kind
from ..core.errors import invalid_request

SCOPES = ("global", "route", "token", "ip")

DEFAULTS: dict[str, JsonObject | None] = {
    "global": {"limit": 100000, "window": 10},
    "route": {"limit": 50000, "window": 10},
    "token": {"limit": 100000, "window": 10},
    "ip": None,
}

_DAY = 24 * 3600

_HEADERS = {"global": "X-Ratelimit-Global", "route": "X-Ratelimit-Route", "token": "X-Ratelimit-Auth-Token"}


class RateLimits:
    """Counts requests, and gives the headers for the state of each window."""

    def __init__(self) -> None:
        """Start with the default limits."""
        self.configure({})

    def configure(self, raw: Any) -> None:
        """Set limits and restart all windows: a missing scope gets its default, null disables it."""
        if not isinstance(raw, dict) or not set(raw) <= set(SCOPES):
            raise invalid_request(f"limits must be an object with any of {', '.join(SCOPES)}")
        self.scopes = {scope: _checked(scope, raw.get(scope, DEFAULTS[scope])) for scope in SCOPES}
        self._windows: dict[tuple[str, str], list[int]] = {}

    def count(self, who: dict[str, str], now: int) -> tuple[bool, dict[str, str]]:
        """Count one request; return whether it may pass, and the headers of its answer.

        ``who`` names the request in each scope that applies to it: its route, its token, its address.
        """
        headers: dict[str, str] = {}
        resets: list[tuple[bool, int]] = []
        passes = True
        for scope, name in who.items():
            limit = self.scopes[scope]
            if limit is None:
                continue
            remaining, reset = self._take(scope, name, limit, now)
            passes = passes and remaining >= 0
            headers.update(_scope_headers(scope, limit["limit"], remaining, reset, now))
            if scope in ("global", "route"):
                resets.append((remaining < 0, reset))
        if resets:
            # Both scopes share one header: a full window comes first, then the later reset.
            headers["X-Ratelimit-Reset"] = str(max(resets)[1])
        return passes, headers

    def _take(self, scope: str, name: str, limit: JsonObject, now: int) -> tuple[int, int]:
        window = self._windows.get((scope, name))
        if window is None or now >= window[1]:
            window = self._windows[(scope, name)] = [0, now + round(limit["window"] * 1000)]
        window[0] += 1
        return limit["limit"] - window[0], window[1]


def _scope_headers(scope: str, limit: int, remaining: int, reset: int, now: int) -> dict[str, str]:
    if scope == "ip":
        # Documented: this scope has only Retry-After, in seconds.
        return {"Retry-After": str(math.ceil((reset - now) / 1000))} if remaining < 0 else {}
    headers = {f"{_HEADERS[scope]}-Limit": str(limit), f"{_HEADERS[scope]}-Remaining": str(max(remaining, 0))}
    if scope == "token":
        headers["X-Ratelimit-Auth-Token-Reset"] = str(reset)
    return headers


def _checked(scope: str, raw: Any) -> JsonObject | None:
    if raw is None:
        return None
    given: JsonObject = raw if isinstance(raw, dict) else {}
    limit: Any = given.get("limit")
    window: Any = given.get("window", 10)
    if not is_kind(limit, int) or not is_kind(window, int, float) or limit < 0 or not 0 < window <= _DAY:
        raise invalid_request(f'{scope} must be null or an object like {{"limit": 5, "window": 10}}')
    return {"limit": limit, "window": window}
