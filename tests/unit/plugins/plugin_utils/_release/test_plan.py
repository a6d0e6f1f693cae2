# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which phases a run starts, resumes or skips, what it does for each, and for how long."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.role_support import (
    COMPLETED,
    STARTED,
    guarded,
    phase,
    release,
)

N, R, A, P, C, U = "not_started", "ready_to_start", "active", "paused", "completed", "unknown"


def steps(given: dict[str, Any], **settings: Any) -> list[dict[str, Any]]:
    return list(plan_steps(given, settings)["steps"])


def summary(given: dict[str, Any], **settings: Any) -> str:
    """One word a phase: what would happen, with a ! where a skipped phase is checked again."""
    found = steps(given, **{"checks": ["check.yml"], **settings})
    return " ".join(step["would"] + ("!" if step["verify"] else "") for step in found)


def parts(given: dict[str, Any], **settings: Any) -> list[str]:
    return [part["label"] for part in plan_steps(given, settings)["parts"]]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        # phases that complete by themselves
        ((R, N, N), "start start start"),
        ((A, N, N), "resume start start"),
        ((C, R, N), "skip! start start"),
        ((C, N, N), "skip! start start"),
        ((C, A, N), "skip resume start"),
        ((C, C, R), "skip skip! start"),
        ((C, C, A), "skip skip resume"),
        ((C, C, C), "skip skip skip!"),
        # phases that complete when the next one is started: the next one's being ready tells that they are done
        ((A, R, N), "skip! start start"),
        ((C, A, R), "skip skip! start"),
        # what a person has to look at is neither skipped nor started: the module says what is the matter
        ((P, N, N), "resume start start"),
        ((C, P, N), "skip resume start"),
        ((C, C, P), "skip skip resume"),
        ((U, N, N), "resume start start"),
        ((C, U, N), "skip! resume start"),
        # orders that LaunchDarkly should not come to: what was never started is not done, whatever a later phase shows
        ((C, N, A), "skip start resume"),
        ((C, R, R), "skip! start start"),
        ((N, N, R), "start start start"),
        ((N, N, N), "start start start"),
    ],
)
def test_a_run_goes_on_from_where_the_release_stands(statuses: tuple[str, ...], expected: str) -> None:
    assert summary(release(*statuses)) == expected


@pytest.mark.parametrize("statuses", list(itertools.product((N, R, A, P, C, U), repeat=3)))
def test_laws_that_hold_wherever_a_release_stands(statuses: tuple[str, ...]) -> None:
    plan = steps(release(*statuses), checks=["check.yml"])
    assert [step["phase"] for step in plan] == ["Test", "Staging", "Production"]
    for status, step in zip(statuses, plan):
        if status == C:
            assert step["would"] == "skip", "a completed phase is never touched again"
        if step["would"] == "start":
            assert status in (N, R), "only what was not started yet is started"
        assert step["runs"] == (step["would"] != "skip" or step["verify"])
        assert step["why"]
    verified = [index for index, step in enumerate(plan) if step["verify"]]
    assert len(verified) <= 1, "one phase at the most guards what comes next"
    for index in verified:
        entered = [later["status"] in (A, P, C) for later in plan[index + 1 :]]
        assert not any(entered), "its checks are over once a later phase is started"


@pytest.mark.parametrize(
    ("statuses", "until", "expected"),
    [
        ((R, N, N), "Test", "start"),
        ((R, N, N), "Staging", "start start"),
        ((R, N, N), "id-staging", "start start"),
        ((C, R, N), "Test", "skip!"),
        # a later phase was started, though it is not in range
        ((C, A, N), "Test", "skip"),
        ((A, R, N), "Test", "skip!"),
        ((C, C, C), "Staging", "skip skip"),
    ],
)
def test_a_run_ends_with_the_last_phase_asked_for(statuses: tuple[str, ...], until: str, expected: str) -> None:
    assert summary(release(*statuses), until=until) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["completed", "completed", "completed"]),
        ({"final_status": "active"}, ["completed", "completed", "active"]),
        ({"final_status": "active", "until": "Staging"}, ["completed", "active"]),
    ],
)
def test_only_the_last_phase_in_range_may_stay_active(settings: dict[str, Any], expected: list[str]) -> None:
    assert [step["wait_for"] for step in steps(release(R, N, N), **settings)] == expected


SETTINGS: dict[str, Any] = {
    "checks": [{"command": "true", "name": "every"}],
    "phases": [
        {
            "phase": "Test",
            "before": ["b1.yml", "b2.yml"],
            "after": ["a.yml"],
            "soak": "90s",
            "checks": ["own.yml"],
            "confirm": True,
        }
    ],
}


def test_a_phase_that_is_started_has_all_its_parts_in_order() -> None:
    assert parts(release(R, N, N), until="Test", **SETTINGS) == [
        "Test: confirm",
        "Test: before, b1.yml",
        "Test: before, b2.yml",
        "Test: start",
        "Test: soak 1m 30s",
        "Test: check every",
        "Test: check own.yml",
        "Test: after, a.yml",
    ]


def test_active_phase_skips_what_comes_before_a_start() -> None:
    assert parts(release(A, N, N), until="Test", **SETTINGS) == [
        "Test: wait",
        "Test: soak 1m 30s",
        "Test: check every",
        "Test: check own.yml",
        "Test: after, a.yml",
    ]


def test_last_completed_phase_is_proven_again() -> None:
    assert parts(release(C, R, N), until="Staging", **SETTINGS) == [
        "Test: look again",
        "Test: soak 1m 30s",
        "Test: check every",
        "Test: check own.yml",
        "Test: after, a.yml",
        "Staging: start",
        "Staging: check every",
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, []),
        ({"soak": "1h"}, ["Test: look again", "Test: soak 1h"]),
        ({"checks": ["c.yml"]}, ["Test: look again", "Test: check c.yml"]),
        ({"after": ["a.yml"]}, ["Test: look again", "Test: after, a.yml"]),
        ({"before": ["b.yml"], "confirm": True, "wait_timeout": 5}, []),
    ],
)
def test_completed_phase_without_checks_is_skipped(settings: dict[str, Any], expected: list[str]) -> None:
    assert parts(release(C, R), until="Test", phases=[{"phase": "Test", **settings}]) == expected


def test_phase_before_a_started_one_is_skipped() -> None:
    assert parts(release(C, A, N), until="Staging", **SETTINGS) == ["Staging: wait", "Staging: check every"]


def test_parts_say_which_step_they_belong_to() -> None:
    plan = plan_steps(release(C, R, N), SETTINGS)
    assert [plan["steps"][part["step"]]["phase"] for part in plan["parts"]] == (
        ["Test"] * 5 + ["Staging"] * 2 + ["Production"] * 2
    )
    checks = [part for part in plan["parts"] if part["kind"] == "check"]
    assert [plan["steps"][part["step"]]["checks"][part["check"]]["name"] for part in checks] == [
        "every",
        "own.yml",
        "every",
        "every",
    ]


@pytest.mark.parametrize(
    ("statuses", "confirmed", "expected"),
    [
        ((R, N, N), [], True),
        ((R, N, N), "Test", False),
        ((R, N, N), ["id-test"], False),
        ((R, N, N), "Staging", True),
        # a phase that was started needs no yes any more
        ((A, N, N), [], False),
        ((C, R, N), [], False),
    ],
)
def test_a_phase_to_confirm_waits_for_its_name(statuses: tuple[str, ...], confirmed: Any, expected: bool) -> None:
    plan = steps(release(*statuses), confirmed=confirmed, phases=[{"phase": "Test", "confirm": "true"}])
    assert plan[0]["confirm"] is expected


@pytest.mark.parametrize(
    ("skip", "expected"),
    [
        (["hooks"], ["Test: start", "Test: check every"]),
        (["checks"], ["Test: before, b.yml", "Test: start", "Test: after, a.yml"]),
        ("hooks,checks", ["Test: start"]),
    ],
)
def test_a_rehearsal_leaves_out_what_acts_on_real_things(skip: Any, expected: list[str]) -> None:
    phases = [{"phase": "Test", "before": "b.yml", "after": "a.yml"}]
    assert parts(release(R), skip=skip, phases=phases, checks=SETTINGS["checks"]) == expected


def test_checks_of_one_name_are_told_apart() -> None:
    checks = [{"command": "a"}, {"command": "b"}]
    plan = steps(release(R), checks=checks, phases=[{"phase": "Test", "checks": [{"command": "c"}, "d.yml"]}])
    assert [check["name"] for check in plan[0]["checks"]] == ["command", "command (2)", "command (3)", "d.yml"]


HOUR = 3600.0
GUARDED = release(phase("Test", R, audiences=[guarded("Test", 2 * 3_600_000), guarded("Other", 60_000)]))


@pytest.mark.parametrize(
    ("given", "settings", "expected"),
    [
        (release(R), {}, HOUR),
        (release(R), {"wait_timeout": "15m"}, 900),
        (release(R), {"wait_timeout": "15m", "phases": [{"phase": "Test", "wait_timeout": "2d"}]}, 2 * 86400),
        (release(R), {"phases": [{"phase": "Test", "wait_timeout": 0}]}, 0),
        # a monitoring window is waited for, and an hour more
        (GUARDED, {}, 3 * HOUR),
        (GUARDED, {"wait_timeout": 60}, 60),
        # also one that comes with the start
        (
            release(R),
            {
                "phases": [
                    {
                        "phase": "Test",
                        "audiences": [
                            {
                                "audience": "test",
                                "release_guardian_configuration": {"monitoring_window_milliseconds": "7200000"},
                            }
                        ],
                    }
                ]
            },
            3 * HOUR,
        ),
        (release(phase("Test", R, audiences=None)), {}, HOUR),
    ],
)
def test_wait_timeout_is_set_or_fits_the_window(
    given: dict[str, Any], settings: dict[str, Any], expected: float
) -> None:
    assert steps(given, **settings)[0]["wait_timeout"] == expected


@pytest.mark.parametrize(
    ("given", "settings", "expected"),
    [
        (release(R, N), {}, None),
        (release(A, N), {}, None),
        (release(C, R), {}, COMPLETED),
        # done without a time: at the earliest when its monitoring window was over
        (release(A, R), {}, "2026-10-26T07:00:00Z"),
        (release(phase("Test", A, audiences=[guarded("Test", 3_600_000)]), R), {}, "2026-10-26T08:00:00Z"),
        (release(phase("Test", A, started_at=None), R), {}, None),
        # when being active is all that is asked for, its start is what counts
        (release(A), {"final_status": "active"}, STARTED),
        (release(C), {"final_status": "active"}, STARTED),
        (release(R), {"final_status": "active"}, None),
    ],
)
def test_a_soak_counts_from_when_the_phase_was_done(
    given: dict[str, Any], settings: dict[str, Any], expected: str | None
) -> None:
    assert steps(given, **settings)[0]["done_since"] == expected


def test_a_step_shows_what_a_person_wants_to_know_of_it() -> None:
    audiences = [guarded("Test", 60_000, require_approval=True), guarded("Other", 60_000, environment_key="test")]
    step = steps(release(phase("Test", R, audiences=audiences)))[0]
    assert (step["environments"], step["strategies"], step["require_approval"]) == (
        ("test",),
        ("monitored-release",),
        True,
    )
    assert steps(release(R))[0]["require_approval"] is False


@pytest.mark.parametrize(
    ("statuses", "why"),
    [
        ((R,), ["ready to start"]),
        ((N,), ["when the phase before it is done"]),
        ((A,), ["active already"]),
        ((C, R), ["completed", "ready to start"]),
        ((C, A), ["a later phase was started", "active already"]),
        (
            (A, R),
            [
                "done, since the next phase is ready",
                "ready to start",
            ],
        ),
    ],
)
def test_each_step_says_why(statuses: tuple[str, ...], why: list[str]) -> None:
    assert [step["why"] for step in steps(release(*statuses))] == why


@pytest.mark.parametrize(("status", "said"), [(P, "is paused"), (U, "does not know")])
def test_what_stops_the_run_is_in_the_plan_already(status: str, said: str) -> None:
    assert said in steps(release(status))[0]["why"]


def test_plan_of_a_legacy_release_says_that_nothing_starts_it() -> None:
    first, second = steps(release(C, phase("Staging", "not_started", status_raw=None), is_legacy=True))
    assert (first["would"], second["would"]) == ("skip", "resume")
    assert "cannot be started: its release has no status words" in second["why"]


def test_a_canceled_release_says_so_in_its_plan() -> None:
    plan = plan_steps(release(C, R, canceled_at=STARTED), {})
    assert [step["would"] for step in plan["steps"]] == ["skip", "resume"]
    assert "was canceled" in plan["steps"][1]["why"]
    assert plan["canceled_at"] == STARTED


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"until": "Nowhere"}, "There is no phase 'Nowhere' in the release of shop/cart"),
        ({"phases": [{"phase": "Prodution"}]}, "There is no phase 'Prodution' in the release of shop/cart"),
        ({"confirmed": "Prodution"}, "There is no phase 'Prodution' in the release of shop/cart"),
        ({"phases": [{"phase": "Test"}, {"phase": "id-test"}]}, "release_phases names a phase twice."),
        (
            {"phases": [{"phase": "Test", "audiences": [{"audience": "prod"}]}]},
            "audiences: Phase 'Test'",
        ),
        ({"wait": "maybe"}, "release_wait must be true or false"),
    ],
)
def test_what_does_not_fit_the_release_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        plan_steps(release(R, N, N), settings)
    assert said in str(refused.value)


def test_two_phases_of_one_name_are_told_apart_by_their_ids() -> None:
    twins = release(phase("Test", C), phase("Test", R, id="id-twin"))
    assert summary(twins, until="id-twin") == "skip! start"
    with pytest.raises(SettingsError, match="Give its id: id-test, id-twin"):
        plan_steps(twins, {"until": "Test"})


def test_audiences_that_are_not_listed_yet_are_believed() -> None:
    settings = {"phases": [{"phase": "Test", "audiences": [{"audience": "prod"}]}]}
    assert steps(release(phase("Test", N, audiences=[])), **settings)[0]["audiences"] == [{"audience": "prod"}]


def test_a_release_without_phases_is_refused() -> None:
    with pytest.raises(SettingsError, match="has no phases"):
        plan_steps(release(), {})


def test_a_plan_is_plain_data_and_the_same_each_time() -> None:
    given = release(C, R, N)
    assert json.loads(json.dumps(plan_steps(given, SETTINGS))) == json.loads(json.dumps(plan_steps(given, SETTINGS)))
    assert given == release(C, R, N), "planning changes nothing"
