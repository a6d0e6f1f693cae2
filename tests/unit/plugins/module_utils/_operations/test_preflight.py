# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight names what is in the way: one fault is planted in the simulator at a time, and the checks name it and no other."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.preflight import PREFLIGHT
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module import preflight
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import execute
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_environments import Environment
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.faults import parse
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import Clock

ON, OFF = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2))
BOOLEAN = [{"_id": ON, "name": "On", "value": True}, {"_id": OFF, "name": "Off", "value": False}]
READY: dict[str, Any] = {"on": True, "fallthrough": {"variation": 1}, "offVariation": 1}
GUARDED = {
    "releaseStrategy": "monitored-release",
    "requireApproval": False,
    "releaseGuardianConfiguration": {
        "monitoringWindowMilliseconds": 60000,
        "rolloutWeight": 50000,
        "rollbackOnRegression": True,
    },
}
RULE = {"clauses": [{"attribute": "country", "op": "in", "values": ["de"], "contextKind": "user"}], "variation": 1}
LEFT = {
    "flagKey": "cart",
    "environmentKey": "eu",
    "id": "release-1",
    "status": "reverted",
    "statusReason": "reverted_manual",
    "originalVariationId": OFF,
    "targetVariationId": ON,
    "endedAt": 1792999000000,
}
RUNNING = {**LEFT, "status": "waiting", "statusReason": "waiting_phase_ended"}
del RUNNING["endedAt"]
TURN_ON = {"kind": "turnFlagOn"}


def state(
    targeting: dict[str, Any] | None = None,
    *,
    environment: dict[str, Any] | None = None,
    flag: dict[str, Any] | None = None,
    pipeline: dict[str, Any] | None = None,
    release: dict[str, Any] | None = None,
    **project: Any,
) -> dict[str, Any]:
    """A project with the flag `cart` in the environment `eu`, and, with a release, in the pipeline `standard`."""
    cart = {"variations": BOOLEAN, "environments": {"eu": {**READY, **(targeting or {})}}, **(flag or {})}
    phases = [{"name": "Europe", "audiences": [{"environmentKey": "eu"}]}, {"name": "Rest", "audiences": []}]
    return {
        "projects": {
            "shop": {
                "environments": {"eu": environment or {}, "us": {}},
                "flags": {"cart": cart, "card": {}},
                "pipelines": {"standard": {"phases": phases, **(pipeline or {})}},
                "releases": {"cart": release} if release is not None else {},
                **project,
            }
        }
    }


@dataclass
class Doctor:
    """Runs the preflight on a simulator whose clock stands still."""

    simulator: Simulator
    clock: Clock = field(default_factory=Clock)

    def run(self, **given: Any) -> dict[str, Any]:
        options = {
            "access_token": self.simulator.access_token,
            "api_host": self.simulator.url,
            "project_key": "shop",
            "flag_key": "cart",
            "max_retries": 0,
            "http_timeout": 5,
            **given,
        }
        validation = ArgumentSpecValidator(**PREFLIGHT.spec_arguments).validate(options)
        assert not validation.error_messages, validation.error_messages
        result, warnings = execute(
            PREFLIGHT, dict(validation.validated_parameters), self.clock.runtime(), check_mode=False
        )
        assert result.get("error_code") != "internal_error", result
        assert self.simulator.access_token not in json.dumps([result, warnings])
        return {**result, "warnings": warnings}


@contextmanager
def doctor(document: dict[str, Any], *faults: dict[str, Any]) -> Iterator[Doctor]:
    clock = Clock()
    with Simulator(document, clock=clock.wall) as simulator:
        simulator.world.faults.faults.extend(parse([{"times": None, **fault} for fault in faults]))
        yield Doctor(simulator, clock)


def named(result: dict[str, Any], *statuses: str) -> list[str]:
    """The checks with one of these statuses, in order."""
    found = [item["check"] for item in result["findings"] if item["status"] in statuses]
    return list(dict.fromkeys(found))


def texts(result: dict[str, Any], check: str) -> str:
    return " ".join(
        f"{item['message']} {item['remedy'] or ''}" for item in result["findings"] if item["check"] == check
    )


ENVIRONMENTS: dict[str, Any] = {"environments": ["eu"]}
GATED = {"approvalSettings": {"required": True}}
ENTRY = {"environment": "eu", "name": "Europe", "comment": "ours", "segments": "a, b"}
STEP = {"percent": "5%", "duration": "1h"}
GUARDED_ENTRY = {"environment": "eu", "strategy": "guarded", "steps": [STEP], "metrics": [{"key": "errors"}]}


@pytest.mark.parametrize(
    ("document", "given"),
    [
        (state(), ENVIRONMENTS),
        (state(environment={"segments": {"a": {}, "b": {}}}), {"environments": [ENTRY]}),
        (state(release={}), {}),
        (state(), {"release_pipeline_key": "standard"}),
        (state({"on": True, "fallthrough": {"variation": 0}}), ENVIRONMENTS),
        (state(release={"phases": [{"status": "active"}, {}]}), {"variation": "On"}),
        (state(release={"phases": [{"status": "completed"}, {"status": "completed"}]}), {}),
        (state(environment=GATED), {"environments": [{"environment": "eu", "request_approval": True}]}),
    ],
    ids=[
        *("environments", "entries of the role", "pipeline", "pipeline to attach to", "released already"),
        *("active phase", "complete release", "approval requested"),
    ],
)
def test_preflight_finds_nothing_in_the_way(document: dict[str, Any], given: dict[str, Any]) -> None:
    with doctor(document) as play:
        result = play.run(**given)
        assert (named(result, "problem", "warning", "skipped"), named(result, "unknown")) == ([], ["permissions"])
        assert (result["ready"], result["changed"], result["retries"]) == (True, False, 0)
        assert {entry["method"] for entry in play.simulator.requests} == {"GET"}
        assert result["requests"] == len(play.simulator.requests)


def fault(path: str, status: int, **body: Any) -> dict[str, Any]:
    return {"path": path, "status": status, **({"body": body} if body else {})}


# What is planted, what the task asks for, the check that names it with which status, and words of the finding.
PLANTED: dict[str, tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any], str, str, list[str]]] = {
    "SDK key": (state(), [], {"access_token": "sdk-1b2c"}, "token", "problem", ["SDK key", "api-"]),
    "mobile key": (state(), [], {"access_token": "mob-1b2c"}, "token", "problem", ["mobile key"]),
    "client-side ID": (state(), [], {"access_token": "a" * 24}, "token", "problem", ["client-side ID"]),
    "wrong token": (state(), [], {"access_token": "api-wrong"}, "token", "problem", ["401", "eu.launchdarkly.com"]),
    "SDK key by its owner's word": (
        state(),
        [{"path": "/caller-identity$", "status": 200, "body": {"tokenKind": "sdk"}}],
        ENVIRONMENTS,
        "token",
        "problem",
        ["sdk"],
    ),
    "sign-in page": (
        state(),
        [{"path": "", "status": 200, "body": "<html>"}],
        ENVIRONMENTS,
        "connection",
        "problem",
        ["does not answer like LaunchDarkly", "proxy"],
    ),
    "outage": (state(), [fault("", 503)], ENVIRONMENTS, "connection", "problem", ["503", "status page"]),
    "rate limit": (state(), [fault("", 429)], ENVIRONMENTS, "budget", "problem", ["429"]),
    "mistyped project": (state(), [], {"project_key": "shpo"}, "project", "problem", ["404", "Did you mean 'shop'?"]),
    "project not viewed": (
        state(),
        [fault("/projects/shop$", 403)],
        ENVIRONMENTS,
        "project",
        "problem",
        ["403", "viewProject"],
    ),
    "mistyped flag": (
        state(),
        [],
        {"flag_key": "crat"},
        "flag",
        "problem",
        ["404", "Did you mean 'cart'?"],
    ),
    "flag not viewed": (state(), [fault("/flags/shop/cart$", 403)], ENVIRONMENTS, "flag", "problem", ["403"]),
    "archived flag": (state(flag={"archived": True}), [], ENVIRONMENTS, "archived", "problem", ["Restore"]),
    "variation not there": (state(), [], {**ENVIRONMENTS, "variation": "blue"}, "variation", "problem", ["blue", "On"]),
    "no boolean flag in a pipeline": (
        state(flag={"variations": [{"value": "red"}, {"value": "blue"}]}),
        [],
        {"release_pipeline_key": "standard"},
        "variation",
        "problem",
        ["boolean", "environments"],
    ),
    "neither pipeline nor environments": (state(), [], {}, "release", "problem", ["release_pipeline_key"]),
    "mistyped pipeline": (
        state(),
        [],
        {"release_pipeline_key": "standart"},
        "pipeline",
        "problem",
        ["Did you mean 'standard'?"],
    ),
    "other pipeline": (
        state(release={}, pipelines={"standard": {"phases": [{"name": "A"}]}, "other": {"phases": [{"name": "B"}]}}),
        [],
        {"release_pipeline_key": "other"},
        "release",
        "problem",
        ["'standard'", "replace"],
    ),
    "legacy pipeline": (
        state(pipeline={"isLegacy": True}, release={"phases": [{"complete": True}, {}]}),
        [],
        {},
        "pipeline",
        "problem",
        ["legacy"],
    ),
    "paused phase": (state(release={"phases": [{"status": "paused"}, {}]}), [], {}, "phases", "problem", ["paused"]),
    "unknown status": (
        state(release={"phases": [{"status": "simmering"}, {}]}),
        [],
        {},
        "phases",
        "problem",
        ["simmering"],
    ),
    "canceled release": (state(release={"_canceledAt": 1792999000000}), [], {}, "release", "problem", ["canceled"]),
    "account without pipelines": (state(), [fault("/release$", 403)], {}, "beta", "problem", ["403", "account"]),
    "phase that needs an approval": (
        state(
            pipeline={
                "phases": [
                    {
                        "name": "Europe",
                        "audiences": [{"environmentKey": "eu", "configuration": {"requireApproval": True}}],
                    }
                ]
            },
            release={},
        ),
        [],
        {},
        "approvals",
        "warning",
        ["Europe", "eu"],
    ),
    "guarded phase without contexts": (
        state(
            {"contextKinds": ["device"]},
            pipeline={"phases": [{"name": "E", "audiences": [{"environmentKey": "eu", "configuration": GUARDED}]}]},
            release={},
        ),
        [],
        {},
        "contexts",
        "warning",
        ["'user'"],
    ),
    "deleted environment in a pipeline": (
        state(pipeline={"phases": [{"name": "Moon", "audiences": [{"environmentKey": "moon"}]}]}, release={}),
        [],
        {},
        "pipeline",
        "warning",
        ["Moon", "deleted"],
    ),
    "mistyped environment": (
        state(),
        [],
        {"environments": ["EU"]},
        "environments",
        "problem",
        ["'EU'", "Did you mean 'eu'?"],
    ),
    "account without environment releases": (
        state({"on": False}),
        [fault("/environments/eu/releases$", 403)],
        ENVIRONMENTS,
        "beta",
        "problem",
        ["403", "account"],
    ),
    "release of another variation": (
        state(release={"_releaseVariationId": ON}),
        [],
        {"variation": False},
        "release",
        "problem",
        ["another variation", "replace"],
    ),
    "pipeline without phases": (
        state(pipeline={"phases": []}),
        [],
        {"release_pipeline_key": "standard"},
        "pipeline",
        "problem",
        ["no phases"],
    ),
    "first phase not ready": (
        state(release={"phases": [{"status": "not-started"}, {}]}),
        [],
        {},
        "phases",
        "problem",
        ["not ready"],
    ),
    "rules where a phase releases": (state({"rules": [RULE]}, release={}), [], {}, "rules", "warning", ["enabled: 1"]),
    "segments not viewed": (
        state(),
        [fault("/segments/", 403)],
        {"environments": [ENTRY]},
        "release",
        "problem",
        ["403", "segments"],
    ),
    "experiment on the flag": (
        state(),
        [{**fault("/flags/shop/cart$", 409, code="conflict", message="The rule is in use."), "method": "PATCH"}],
        {**ENVIRONMENTS, "dry_run": True},
        "permissions",
        "problem",
        ["The rule is in use."],
    ),
    "missing segment": (
        state(),
        [],
        {"environments": [ENTRY]},
        "release",
        "problem",
        ["no segment 'a'"],
    ),
    "reverted release": (state(environmentReleases=[LEFT]), [], ENVIRONMENTS, "release", "problem", ["release-1"]),
    "other release running": (
        state(
            {"fallthrough": {"variation": 0}},
            environmentReleases=[RUNNING],
        ),
        [],
        {**ENVIRONMENTS, "variation": False},
        "release",
        "problem",
        ["Another release is running"],
    ),
    "approvals required": (
        state(environment={"approvalSettings": {"required": True}}),
        [],
        ENVIRONMENTS,
        "approvals",
        "warning",
        ["bypassRequiredApproval"],
    ),
    "approvals required of this token": (
        state(environment={"approvalSettings": {"required": True}}),
        [],
        {**ENVIRONMENTS, "dry_run": True},
        "approvals",
        "problem",
        ["refuses", "bypassRequiredApproval"],
    ),
    "rules ahead": (
        state({"rules": [RULE]}),
        [],
        ENVIRONMENTS,
        "rules",
        "warning",
        ["Rules take precedence", "before_rule_id"],
    ),
    "no contexts for a guarded release": (
        state({"contextKinds": ["device"]}),
        [],
        {"environments": [GUARDED_ENTRY]},
        "contexts",
        "problem",
        ["'user'", "device", "bypass_health_checks"],
    ),
    "open approval request": (
        state(approvalRequests=[{"flagKey": "cart", "environmentKey": "eu", "instructions": [TURN_ON]}]),
        [],
        ENVIRONMENTS,
        "requests",
        "warning",
        ["pending"],
    ),
    "scheduled change": (
        state(scheduledChanges=[{"flagKey": "cart", "environmentKey": "eu", "executionDate": 1793003600000}]),
        [],
        ENVIRONMENTS,
        "scheduled",
        "warning",
        ["2026-10-26T08:33:20"],
    ),
    "token that may only read": (
        state(),
        [{**fault("/flags/shop/cart$", 403), "method": "PATCH"}],
        {**ENVIRONMENTS, "dry_run": True},
        "permissions",
        "problem",
        ["403", "updateFallthrough"],
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_preflight_names_a_planted_fault(name: str) -> None:
    document, faults, given, check, status, words = PLANTED[name]
    with doctor(document, *faults) as play:
        result = play.run(**given)
        found = [
            (item["check"], item["status"]) for item in result["findings"] if item["status"] in ("problem", "warning")
        ]
        assert set(found) == {(check, status)}
        assert result["ready"] is (status == "warning")
        assert [word for word in words if word not in texts(result, check)] == []
        assert [
            item["check"] for item in result["findings"] if item["status"] == "problem" and not item["remedy"]
        ] == []
        methods = {entry["method"] for entry in play.simulator.requests}
        assert methods <= ({"GET", "PATCH"} if given.get("dry_run") else {"GET"})
        assert max(len(line) for line in result["page"]) <= 100


def test_preflight_names_a_host_without_a_server() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with doctor(state()) as play:
            result = play.run(api_host=f"http://127.0.0.1:{taken.getsockname()[1]}", **ENVIRONMENTS)
    assert named(result, "problem") == ["connection"]
    assert "No connection" in texts(result, "connection")


def test_preflight_names_a_proxy_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("HTTPS_PROXY", f"http://jo:hunter2@{place}")
        with doctor(state()) as play:
            result = play.run(api_host="https://app.launchdarkly.com", **ENVIRONMENTS)
    assert named(result, "problem") == ["connection"]
    assert f"through the proxy http://{place}" in texts(result, "connection")
    assert "hunter2" not in json.dumps(result)


@pytest.mark.parametrize(("seconds", "status"), [(30, "ok"), (90, "warning"), (-400, "problem")])
def test_preflight_compares_clocks(seconds: float, status: str) -> None:
    with doctor(state()) as play:
        play.clock = Clock(slept=seconds)
        result = play.run(**ENVIRONMENTS)
    assert {item["status"] for item in result["findings"] if item["check"] == "clock"} == {status}


def test_preflight_shows_what_is_left_of_the_limits() -> None:
    with doctor(state()) as play:
        play.simulator.world.limits.configure({"route": {"limit": 5, "window": 10}})
        result = play.run(**ENVIRONMENTS)
    assert named(result, "warning") == ["budget"]
    assert "4 of 5 for the route" in texts(result, "budget")


@pytest.mark.parametrize(
    ("caller", "word"),
    [
        ({"serviceToken": True, "tokenKind": "auth"}, "service token"),
        ({"memberId": "5f0c", "serviceToken": False}, "personal token"),
        ({}, "accepts it"),
    ],
)
def test_preflight_names_the_kind_of_token(caller: dict[str, Any], word: str) -> None:
    with doctor(state(), {"path": "/caller-identity$", "status": 200, "body": caller}) as play:
        assert word in texts(play.run(**ENVIRONMENTS), "token")


@pytest.mark.parametrize("status", [403, 404, 405])
def test_preflight_goes_on_where_the_caller_is_not_shown(status: int) -> None:
    with doctor(state(), fault("/caller-identity$", status)) as play:
        result = play.run(**ENVIRONMENTS)
    assert (named(result, "problem", "skipped"), "token" in named(result, "unknown")) == ([], True)


@pytest.mark.parametrize("status", [401, 403, 404, 405])
@pytest.mark.parametrize(
    "path",
    ["/caller-identity$", "/projects/shop$", "/flags/shop/cart$", "/release$", "/approval-requests$", "/scheduled"],
)
def test_preflight_turns_every_refusal_into_advice(path: str, status: int) -> None:
    with doctor(state(release={}), fault(path, status)) as play:
        result = play.run()
    answered = [item for item in result["findings"] if f"({status})" in item["message"]]
    if (path, status) == ("/release$", 404):
        # The flag is in no pipeline.
        assert named(result, "problem") == ["release"]
    else:
        assert answered
        assert all(item["remedy"] or item["status"] == "unknown" for item in answered)
    assert "error_code" not in result


@pytest.mark.parametrize("status", [403, 404, 405])
@pytest.mark.parametrize(
    ("path", "check"),
    [
        ("/environments/eu$", "approvals"),
        ("/approval-requests$", "requests"),
        ("/scheduled-changes$", "scheduled"),
    ],
)
def test_preflight_turns_refusals_in_environments_into_advice(path: str, check: str, status: int) -> None:
    with doctor(state({"on": False}), fault(path, status)) as play:
        result = play.run(**ENVIRONMENTS)
    assert f"({status})" in texts(result, check)
    assert named(result, "problem") == []


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_preflight_says_what_needs_environment_releases(status: int) -> None:
    with doctor(state({"on": False}), fault("/environments/eu/releases$", status)) as play:
        immediate, guarded = play.run(**ENVIRONMENTS), play.run(environments=[GUARDED_ENTRY])
    assert (named(guarded, "problem"), f"({status})" in texts(guarded, "beta")) == (["beta"], True)
    # A change of targeting does without them where LaunchDarkly has no such call.
    assert named(immediate, "problem") == ([] if status == 404 else ["beta"])
    assert ("404" in texts(immediate, "release")) is (status == 404)
    assert immediate["warnings"] == []


def test_preflight_sees_that_a_token_may_bypass_approvals() -> None:
    with doctor(state(environment=GATED, behavior={"tokenBypassesApprovals": True})) as play:
        result = play.run(dry_run=True, **ENVIRONMENTS)
    assert "the token may bypass them" in texts(result, "approvals")
    assert named(result, "problem", "warning", "unknown") == []


def test_preflight_says_that_a_clock_cannot_be_compared() -> None:
    # The answer of a fault has no Date of its own.
    with doctor(state(), {"path": "/caller-identity$", "status": 200, "body": {}, "headers": {"Date": "soon"}}) as play:
        assert named(play.run(**ENVIRONMENTS), "unknown") == ["clock", "permissions"]


def test_preflight_sends_a_dry_run_only_if_asked() -> None:
    with doctor(state()) as play:
        before = json.dumps(play.simulator.world.state)
        result = play.run(dry_run=True, **ENVIRONMENTS)
        sent = [(entry["method"], entry["query"]) for entry in play.simulator.requests if entry["method"] != "GET"]
        assert sent == [("PATCH", "dryRun=true")]
        assert named(result, "problem", "warning", "unknown", "skipped") == []
        assert json.dumps(play.simulator.world.state) == before


def test_preflight_refuses_two_kinds_of_release() -> None:
    with doctor(state()) as play:
        result = play.run(release_pipeline_key="standard", **ENVIRONMENTS)
        assert (result["error_code"], play.simulator.requests) == ("invalid_option", [])


@pytest.mark.parametrize(
    "entry",
    [
        {"strategy": "guarded"},
        {"environment": ".."},
        {"environment": "eu", "strategy": "slow"},
        {"environment": "eu", "strategy": "percentage", "steps": [{"percent": "many", "duration": "1h"}]},
        {"environment": "eu", "strategy": "percentage", "steps": [{"percent": 5, "duration": "long"}]},
        {"environment": "eu", "strategy": "percentage", "steps": [{"percent": 120, "duration": "1h"}]},
        {"environment": "eu", "strategy": "percentage", "steps": [STEP, STEP]},
        {"environment": "eu", "strategy": "percentage"},
        {"environment": "eu", "strategy": "guarded", "steps": [STEP], "metrics": []},
        {"environment": "eu", "strategy": "percentage", "steps": [STEP], "segments": ["a"]},
        {"environment": "eu", "strategy": "percentage", "steps": [STEP], "request_approval": "on"},
        {"environment": "eu", "stratgy": "percentage"},
        {"environment": "eu", "wait": True},
        {"environment": "eu", "on_approval": "apply"},
        {"environment": "eu", "state": "rolled_back"},
        {"environment": "eu", "flag_key": "other"},
        {"environment": "eu", "environment_key": "us"},
    ],
    ids=str,
)
def test_preflight_refuses_an_entry_that_the_role_refuses(entry: dict[str, Any]) -> None:
    with doctor(state()) as play:
        result = play.run(environments=[entry])
        assert result["error_code"] == "invalid_option"
        assert "environments" in result["msg"]


def test_preflight_takes_the_keys_that_the_role_takes() -> None:
    assert {*preflight.ENTRY, "environment", "name"} == set(Environment.model_fields)
