# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All of the core at once, against the simulator over real HTTP, under both accounts of how a phase completes."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_info import RELEASE_INFO
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_phase import RELEASE_PHASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import execute
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.faults import parse
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import Clock, phase_options

GET = "/api/v2/flags/demo/new-checkout/release"
PHASES = ("Test", "Staging", "Production")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
            monkeypatch.delenv(name)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["self", "on_next"])
def simulator(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Simulator]:
    """Its time is the task's: a pause of the task is what lets a phase complete."""
    with Simulator(completion=request.param, clock=clock.wall) as running:
        yield running


def run(simulator: Simulator, clock: Clock, *, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    options = {"api_host": simulator.url, "access_token": simulator.access_token, "http_timeout": 5.0, **given}
    options = phase_options(project_key="demo", flag_key="new-checkout", **options)
    result, _warnings = execute(RELEASE_PHASE, options, clock.runtime(), check_mode=check_mode)
    assert simulator.access_token not in json.dumps(result)
    return result


def summary(result: dict[str, Any]) -> tuple[str | None, bool, str]:
    return result.get("error_code"), result["changed"], result["action"]


def fault(simulator: Simulator, **fields: Any) -> None:
    simulator.world.faults.faults.extend(parse([fields]))


def methods(simulator: Simulator) -> list[str]:
    return [entry["method"] for entry in simulator.requests]


def test_a_release_goes_phase_by_phase_and_once_only(simulator: Simulator, clock: Clock) -> None:
    ends_by = "status" if simulator.world.completion == "self" else "next_phase"
    for phase in PHASES[:2]:
        first = run(simulator, clock, phase=phase, wait=True, wait_timeout=60)
        assert summary(first) == (None, True, "start")
        assert first["waited_for"] == ends_by
        again = run(simulator, clock, phase=phase, wait=True, wait_timeout=60)
        assert summary(again) == (None, False, "none")
        assert (again["requests"], again["waited"], again["waited_for"]) == (1, 0, ends_by)
    last = run(simulator, clock, phase="Production", wait=True, wait_timeout=60)
    # whether a last phase completes without a next one is the question that the accounts answer differently
    assert summary(last) == (None if ends_by == "status" else "wait_timeout", True, "start")
    assert methods(simulator).count("PUT") == 3


def test_phases_out_of_order_are_refused_before_any_request(simulator: Simulator, clock: Clock) -> None:
    for phase in PHASES[1:]:
        assert summary(run(simulator, clock, phase=phase)) == ("phase_not_ready", False, "none")
    assert set(methods(simulator)) == {"GET"}


def test_check_mode_of_every_phase_changes_nothing(simulator: Simulator, clock: Clock) -> None:
    before = json.dumps(simulator.world.state)
    for phase in PHASES:
        assert summary(run(simulator, clock, phase=phase, check_mode=True, wait=True)) == (None, True, "start")
    assert json.dumps(simulator.world.state) == before
    assert methods(simulator) == ["GET"] * 3
    assert clock.sleeps == []


FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"status": 503},
    "taken but answered 502": {"status": 502, "apply": True},
    "cut before": {"cut": "before"},
    "cut after": {"cut": "after"},
    "locked": {"status": 409},
    "limited": {"status": 429, "headers": {"Retry-After": "3"}},
    "answered in HTML": {"status": 200, "body": "<html>", "apply": True},
    "answered with nothing": {"body": "", "apply": True},
}


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_whatever_goes_wrong_on_the_way_one_start_is_made(
    simulator: Simulator, clock: Clock, method: str, kind: str
) -> None:
    if method == "GET" and "answered" in kind:
        return
    fault(simulator, method=method, **FAULTS[kind])
    result = run(simulator, clock, phase="Test", strict=True)
    assert summary(result) == (None, True, "start")
    phase = simulator.world.release("demo", "new-checkout")["phases"][0]
    assert (phase["status"], simulator.world.release("demo", "new-checkout")["_version"]) == ("active", 1)
    assert result["requests"] == len(simulator.requests)
    assert summary(run(simulator, clock, phase="Test")) == (None, False, "none")


def test_a_delay_beyond_the_timeout_is_a_lost_answer(simulator: Simulator, clock: Clock) -> None:
    fault(simulator, method="PUT", delay=2.0)
    result = run(simulator, clock, phase="Test", http_timeout=0.2)
    assert summary(result) == (None, True, "start")
    assert methods(simulator) == ["GET", "PUT", "GET"]


def test_limits_of_the_service_are_waited_for_as_its_headers_say(simulator: Simulator, clock: Clock) -> None:
    simulator.world.limits.configure({"token": {"limit": 2, "window": 10}})
    assert summary(run(simulator, clock, phase="Test")) == (None, True, "start")
    assert clock.sleeps == []
    assert summary(run(simulator, clock, phase="Test")) == (None, False, "none")
    assert clock.sleeps == [pytest.approx(10)]


@pytest.mark.parametrize(
    "words", list(itertools.product(["not-started", "ready-to-start", "active", "completed"], repeat=2)), ids=str
)
def test_a_start_is_made_when_the_service_takes_it_and_only_then(clock: Clock, words: tuple[str, str]) -> None:
    with Simulator(clock=clock.wall) as simulator:
        for name, word in zip(PHASES, words):
            simulator.world.merge_phase("demo", "new-checkout", name, {"status": word, "complete": word == "completed"})
        result = run(simulator, clock, phase="Staging")
        if words[1] == "not-started":
            assert summary(result) == ("phase_not_ready", False, "none")
        else:
            assert summary(result)[:2] == (None, words[1] == "ready-to-start")
        assert methods(simulator).count("PUT") == (words[1] == "ready-to-start")


def test_a_wrong_token_is_refused_once(simulator: Simulator, clock: Clock) -> None:
    result = run(simulator, clock, phase="Test", access_token="api-wrong")  # noqa: S106  made up
    assert summary(result) == ("unauthorized", False, "none")
    assert (result["http_status"], len(simulator.requests)) == (401, 1)
    assert result["error"]["path"] == GET


def test_a_legacy_release_is_read_and_not_started(clock: Clock) -> None:
    state = {
        "projects": {
            "demo": {
                "pipelines": {"old": {"isLegacy": True, "phases": [{"name": "Test"}, {"name": "Staging"}]}},
                "releases": {"new-checkout": {"phases": [{"complete": True}, {}]}},
            }
        }
    }
    with Simulator(state, clock=clock.wall) as simulator:
        assert summary(run(simulator, clock, phase="Test")) == (None, False, "none")
        for check_mode in (True, False):
            refused = run(simulator, clock, phase="Staging", check_mode=check_mode)
            assert (summary(refused), "legacy" in refused["msg"]) == (("phase_not_ready", False, "none"), True)
        assert clock.sleeps == []


def test_info_reads_what_is_there(simulator: Simulator, clock: Clock) -> None:
    options = {"api_host": simulator.url, "access_token": simulator.access_token, "project_key": "demo"}
    for flag, exists in (("new-checkout", True), ("dark-mode", False), ("no-such-flag", False)):
        given = {key: value for key, value in phase_options(**options, flag_key=flag).items() if key != "phase"}
        result, _warnings = execute(RELEASE_INFO, given, clock.runtime(), check_mode=True)
        assert (result["exists"], result["changed"], result["requests"]) == (exists, False, 1)


def test_token_is_read_before_each_request(simulator: Simulator, clock: Clock) -> None:
    """So that it may be renewed while a phase is waited for."""
    tokens = (f"api-{number}-of-many" for number in itertools.count())

    def renewed() -> str:
        simulator.world.access_token = next(tokens)
        return simulator.world.access_token

    options = phase_options(
        project_key="demo",
        flag_key="new-checkout",
        phase="Test",
        wait=True,
        api_host=simulator.url,
        access_token="api-outdated",  # noqa: S106  made up
    )
    result, _warnings = execute(RELEASE_PHASE, options, clock.runtime(), check_mode=False, read_token=renewed)
    assert summary(result) == (None, True, "start")
    assert {entry["status"] for entry in simulator.requests} == {200}
    assert next(tokens) == f"api-{len(simulator.requests)}-of-many"


def test_token_that_cannot_be_used_ends_the_operation(simulator: Simulator, clock: Clock) -> None:
    options = phase_options(api_host=simulator.url, access_token="api-first")  # noqa: S106  made up
    result, _warnings = execute(
        RELEASE_PHASE, options, clock.runtime(), check_mode=False, read_token=lambda: "api-second\nline"
    )
    assert result["error_code"] == "invalid_option"
    assert "api-second" not in json.dumps(result)
    assert simulator.requests == []
