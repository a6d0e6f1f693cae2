# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: which requests they match, and what they do."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.scene import BACK, body

RELEASE = "/api/v2/flags/demo/new-checkout/release"
FAULTS = "/__sim__/faults"


def log(ask):
    return [(entry["method"], entry["status"]) for entry in ask("GET", "/__sim__/requests").body["items"]]


def test_fault_replaces_the_answer_once(ask):
    ask("POST", FAULTS, {"method": "GET", "path": "/release$", "status": 503})
    given = ask("GET", RELEASE)
    assert (given.status, given.body["code"]) == (503, "service_unavailable")
    assert ask("GET", RELEASE).status == 200
    (shown,) = ask("GET", FAULTS).body["items"]
    assert (shown["times"], shown["fired"]) == (0, 1)


def test_fault_answer_has_only_its_own_headers(ask):
    ask("POST", FAULTS, {"status": 429, "headers": {"Retry-After": 3}})
    assert ask("GET", RELEASE).headers == {"Content-Type": "application/json", "Retry-After": "3"}


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (
            {"status": 502, "body": "<html>Bad Gateway</html>", "headers": {"Content-Type": "text/html"}},
            502,
            "<html>Bad Gateway</html>",
        ),
        (
            {"status": 409, "body": {"code": "optimistic_locking_error", "message": "m"}},
            409,
            {"code": "optimistic_locking_error", "message": "m"},
        ),
        ({"status": 200, "body": ""}, 200, None),
        ({"status": 200, "body": None}, 200, None),
        ({"status": 204}, 204, None),
        ({"body": {"phases": "none"}}, 200, {"phases": "none"}),
        ({"body": []}, 200, []),
    ],
)
def test_fault_answer_is_as_given(ask, fault, status, body):
    ask("POST", FAULTS, fault)
    given = ask("GET", RELEASE)
    assert (given.status, given.body) == (status, body)


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ({"times": 2}, [503, 503, 200, 200]),
        ({"after": 2}, [200, 200, 503, 200]),
        ({"after": 1, "times": 2}, [200, 503, 503, 200]),
        ({"times": None}, [503, 503, 503, 503]),
        ({"times": 0}, [200, 200, 200, 200]),
        ({"method": "PUT"}, [200, 200, 200, 200]),
        ({"path": "new-checkout"}, [503, 200, 200, 200]),
        ({"path": "^/release"}, [200, 200, 200, 200]),
    ],
)
def test_fault_counts_after_and_times(ask, fault, statuses):
    ask("POST", FAULTS, {"status": 503, **fault})
    assert [ask("GET", RELEASE).status for _count in statuses] == statuses


def test_fault_order_decides_between_several(ask):
    ask("POST", FAULTS, [{"status": 500, "after": 1}, {"status": 502}, {"status": 503}])
    assert [ask("GET", RELEASE).status for _count in range(4)] == [502, 500, 503, 200]


@pytest.mark.parametrize(
    ("fault", "applied"),
    [
        ({"status": 503}, False),
        ({"status": 503, "apply": True}, True),
        ({"body": "", "apply": True}, True),
        ({"cut": "before"}, False),
        ({"cut": "after"}, True),
        ({"delay": 5}, True),
        ({"headers": {"X-Extra": "1"}}, True),
    ],
)
def test_fault_applies_the_request_as_given(ask, fault, applied):
    ask("POST", FAULTS, {"method": "PUT", **fault})
    ask.start(0)
    assert ask.statuses()[0] == ("active" if applied else "ready-to-start")


@pytest.mark.parametrize("cut", ["before", "after"])
def test_fault_cut_has_no_status_in_the_log(ask, cut):
    ask("POST", FAULTS, {"cut": cut, "delay": 0.5})
    given = ask("GET", RELEASE)
    assert given.answer.cut
    assert given.answer.delay == 0.5
    assert log(ask) == [("GET", None)]


def test_fault_delay_alone_keeps_the_true_answer(ask):
    ask("POST", FAULTS, {"delay": 2.5, "headers": {"X-Extra": "1"}})
    given = ask("GET", RELEASE)
    assert given.answer.delay == 2.5
    assert given.body["releasePipelineKey"] == "standard"
    assert given.headers["X-Extra"] == "1"
    assert "X-Ratelimit-Reset" in given.headers


def test_fault_merge_changes_the_state_before_a_request(ask):
    somebody_else = {"status": "paused", "started": True}
    ask(
        "POST",
        FAULTS,
        {
            "method": "PUT",
            "merge": [
                {"project": "demo", "flag": "new-checkout", "phase": "Test", "fields": somebody_else},
                {"project": "demo", "flag": "new-checkout", "fields": {"_version": 7}},
            ],
        },
    )
    assert ask.start(0).status == 400
    assert ask.statuses()[0] == "paused"
    assert ask.release()["_version"] == 7


def test_fault_merge_with_mistakes_answers_500(ask):
    ask("POST", FAULTS, {"merge": [{"project": "demo", "flag": "new-checkout", "phase": "Moon", "fields": {}}]})
    given = ask("GET", RELEASE)
    assert given.status == 500
    assert "Moon" in given.body["message"]


@pytest.mark.parametrize(
    "fault",
    [
        5,
        ["cut"],
        {"stat": 503},
        {"status": "503"},
        {"status": True},
        {"apply": 1},
        {"times": "ever"},
        {"times": -1},
        {"after": -1},
        {"delay": -0.5},
        {"delay": 1e9},
        {"status": 100},
        {"status": 600},
        {"path": "("},
        {"path": None},
        {"cut": "during"},
        {"headers": []},
        {"delay": "long"},
        {"merge": {}},
        {"merge": [{"project": "demo"}]},
        {"merge": [{"project": "demo", "flag": "f", "fields": {}, "field": 1}]},
    ],
)
def test_fault_with_mistakes_is_refused(ask, fault):
    assert ask("POST", FAULTS, fault).status == 400
    assert ask("GET", FAULTS).body == {"items": []}


def test_faults_can_be_cleared_and_added_again(ask):
    ask("POST", FAULTS, [{"status": 503, "times": None}, {"body": "x"}])
    shown = ask("GET", FAULTS).body["items"]
    assert ask("DELETE", FAULTS).status == 204
    assert ask("GET", RELEASE).status == 200
    assert ask("POST", FAULTS, shown).body["items"] == shown


def test_fault_merge_changes_targeting_and_releases(shop):
    place = {"project": "shop", "flag": "new-cart", "environment": "production"}
    off = {"instructions": [{"kind": "turnFlagOff"}]}
    faults = [
        {"method": "POST", "merge": [{**place, "release": "new", "fields": body()}]},
        {"method": "GET", "path": "/releases$", "merge": [{**place, "release": "latest", "fields": {"wait": True}}]},
        {"method": "PUT", "merge": [{**place, "fields": off}]},
    ]
    shop.ask("POST", FAULTS, faults)
    assert shop.start().body["code"] == "release_already_active"
    assert shop.status() == ("waiting", None)
    assert shop.stop(BACK).body["statusReason"] == "reverted_discarded"
