# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rate limits: their headers, and what happens beyond them."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.errors import ApiError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.http.rate_limits import RateLimits

RELEASE = "/api/v2/flags/demo/new-checkout/release"
NOW = 1_793_000_000_000
NONE = {"global": None, "route": None, "token": None, "ip": None}
WHO = {"global": "", "route": "GET /release", "token": "t", "ip": "127.0.0.1"}


def limits(**scopes):
    made = RateLimits()
    made.configure({**NONE, **scopes})
    return made


def test_rate_limit_headers_are_in_every_answer(ask):
    for path, headers in ((RELEASE, None), ("/api/v2/nothing", None), (RELEASE, {})):
        names = set(ask("GET", path, headers=headers).headers)
        assert {"X-Ratelimit-Global-Limit", "X-Ratelimit-Global-Remaining", "X-Ratelimit-Reset"} <= names
    assert {
        "X-Ratelimit-Route-Limit",
        "X-Ratelimit-Route-Remaining",
        "X-Ratelimit-Auth-Token-Limit",
        "X-Ratelimit-Auth-Token-Remaining",
        "X-Ratelimit-Auth-Token-Reset",
    } <= set(ask("GET", RELEASE).headers)


@pytest.mark.parametrize(
    ("scope", "headers"),
    [
        (
            "global",
            {"X-Ratelimit-Global-Limit": "1", "X-Ratelimit-Global-Remaining": "0", "X-Ratelimit-Reset": "reset"},
        ),
        ("route", {"X-Ratelimit-Route-Limit": "1", "X-Ratelimit-Route-Remaining": "0", "X-Ratelimit-Reset": "reset"}),
        (
            "token",
            {
                "X-Ratelimit-Auth-Token-Limit": "1",
                "X-Ratelimit-Auth-Token-Remaining": "0",
                "X-Ratelimit-Auth-Token-Reset": "reset",
            },
        ),
        ("ip", {"Retry-After": "10"}),
    ],
)
def test_rate_limit_holds_until_its_window_ends(scope, headers):
    made = limits(**{scope: {"limit": 1, "window": 10}})
    assert made.count(WHO, NOW)[0]
    wanted = {name: str(NOW + 10_000) if value == "reset" else value for name, value in headers.items()}
    assert made.count(WHO, NOW + 1) == (False, wanted)
    assert not made.count(WHO, NOW + 9999)[0]
    assert made.count(WHO, NOW + 10_000)[0]


@pytest.mark.parametrize("scope", ["route", "token", "ip"])
def test_rate_limit_windows_are_separate(scope):
    made = limits(**{scope: {"limit": 1}})
    assert made.count(WHO, NOW)[0]
    assert made.count({**WHO, scope: "another"}, NOW)[0]
    assert not made.count(WHO, NOW)[0]


def test_reset_header_belongs_to_the_full_window():
    made = limits(**{"global": {"limit": 5, "window": 60}, "route": {"limit": 1, "window": 10}})
    assert made.count(WHO, NOW)[1]["X-Ratelimit-Reset"] == str(NOW + 60_000)
    assert made.count(WHO, NOW)[1]["X-Ratelimit-Reset"] == str(NOW + 10_000)


def test_rate_limited_request_changes_nothing(ask):
    phase_id = ask.release()["phases"][0]["_id"]
    ask("PUT", "/__sim__/limits", {"route": {"limit": 0, "window": 10}})
    given = ask("PUT", f"/api/v2/projects/demo/flags/new-checkout/release/phases/{phase_id}", {"status": "active"})
    assert (given.status, given.body["code"]) == (429, "rate_limited")
    assert given.headers["X-Ratelimit-Route-Remaining"] == "0"
    ask("PUT", "/__sim__/limits", {})
    assert ask.statuses()[0] == "ready-to-start"


def test_rate_limits_have_defaults_and_null_disables(ask):
    shown = ask("PUT", "/__sim__/limits", {"global": None, "ip": {"limit": 3}}).body
    assert shown["global"] is None
    assert shown["ip"] == {"limit": 3, "window": 10}
    assert shown["route"]["limit"] > 1000
    assert ask("GET", "/__sim__/limits").body == shown
    assert "X-Ratelimit-Global-Limit" not in ask("GET", RELEASE).headers


@pytest.mark.parametrize(
    "raw",
    [
        [],
        {"account": {"limit": 5}},
        {"route": 5},
        {"route": {}},
        {"route": {"limit": True}},
        {"route": {"limit": -1}},
        {"route": {"limit": 1, "window": 0}},
        {"route": {"limit": 1, "window": "10"}},
        {"route": {"limit": 1, "window": float("nan")}},
    ],
)
def test_rate_limits_with_mistakes_are_refused(raw):
    with pytest.raises(ApiError):
        RateLimits().configure(raw)
