# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a phase spent its time on, and what is still planned for it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import report
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.timeline import remaining
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report.report_support import Json


def kinds(phase: Json) -> list[tuple[str, str, str, bool]]:
    return [(item["kind"], item["from"][11:16], item["to"][11:16], item["open"]) for item in phase["timeline"]]


def test_segments_of_a_whole_run() -> None:
    staging, canary, everyone, partners = report(support.whole_run())["phases"]
    assert kinds(staging) == [
        ("rollout", "08:30", "08:41", False),
        ("soak", "08:41", "08:56", False),
        ("checks", "08:56", "08:56", False),
    ]
    assert kinds(canary) == [
        ("approval", "08:57", "11:20", False),
        ("rollout", "11:20", "15:04", False),
        ("soak", "15:04", "17:04", False),
    ]
    assert [item[0] for item in kinds(everyone)] == ["rollout", "soak", "checks"]
    assert kinds(partners) == []


def test_segments_that_have_not_ended_are_open() -> None:
    (phase,) = report(support.waiting_run())["phases"]
    assert kinds(phase) == [("approval", "08:31", "08:31", True)]
    production = report(support.reading(), support.under_way())["phases"][1]
    assert kinds(production) == [("rollout", "08:00", "09:30", True)]


def test_segments_of_a_completed_phase_without_time_end() -> None:
    phase = support.phase("One", "e", started_at="2026-10-26T08:31:00.000Z")
    assert kinds(report(support.record(phase))["phases"][0]) == [("rollout", "08:31", "08:31", False)]


def test_segments_have_an_open_soak() -> None:
    times = {"started_at": "2026-10-26T08:30:00.000Z", "completed_at": "2026-10-26T08:40:00.000Z"}
    phase = support.phase("Staging", "staging", **times, soak={"seconds": 3600.0, "from": None, "to": None})
    run = support.record(phase, state="waiting", finished_at="2026-10-26T09:00:00.000000Z")
    assert kinds(report(run)["phases"][0])[-1] == ("soak", "08:40", "09:00", True)


def test_checks_of_an_earlier_phase_begin_with_this_run() -> None:
    phase = support.phase(
        "Staging",
        "staging",
        would="skip",
        action="none",
        started_at="2026-09-01T08:00:00.000Z",
        completed_at="2026-09-01T08:10:00.000Z",
        checks=[support.check("smoke", [{"ok": True, "detail": "yes", "at": "2026-10-26T08:31:00.000000Z"}])],
    )
    assert kinds(report(support.record(phase))["phases"][0])[-1] == ("checks", "08:30", "08:31", False)


def test_checks_are_drawn_where_our_clock_is_behind() -> None:
    times = {"started_at": "2026-10-26T08:30:00.000Z", "completed_at": "2026-10-26T08:40:10.000Z"}
    smoke = support.check("smoke", [{"ok": True, "detail": "yes", "at": "2026-10-26T08:40:05.000000Z"}])
    document = report(support.record(support.phase("Staging", "staging", **times, checks=[smoke])))
    assert kinds(document["phases"][0])[-1][0] == "checks"


def test_segments_never_end_before_they_begin() -> None:
    phase = support.phase("One", "e", status="active", started_at="2026-10-26T10:00:00.000Z")
    run = support.record(phase, state="waiting", finished_at="2026-10-26T09:59:59.000000Z")
    (span,) = report(run)["phases"][0]["timeline"]
    assert span["from"] == span["to"] == "2026-10-26T10:00:00.000Z"


def test_approvals_at_the_same_time_are_one_segment() -> None:
    run = support.waiting_run()
    first = {**run["phases"][0]["approvals"][0], "answered_at": "2026-10-26T09:00:00.000Z"}
    second = {**first, "requested_at": "2026-10-26T08:40:00.000Z", "answered_at": "2026-10-26T09:30:00.000Z"}
    run["phases"][0].update(approvals=[first, second], completed_at="2026-10-26T10:00:00.000Z", status="completed")
    assert kinds(report(run)["phases"][0]) == [
        ("approval", "08:31", "09:30", False),
        ("rollout", "09:30", "10:00", False),
    ]


ANSWERED = {"review_status": "approved", "answered_at": "2026-10-26T08:40:00.000Z"}


@pytest.mark.parametrize(
    ("request_", "phase", "expected"),
    [
        # Approved but not applied: the rollout has not begun.
        (ANSWERED, {}, [("approval", "08:31", "09:00", True)]),
        ({**ANSWERED, "status": "scheduled"}, {}, [("approval", "08:31", "09:00", True)]),
        (
            {**ANSWERED, "status": "completed"},
            {},
            [("approval", "08:31", "08:40", False), ("rollout", "08:40", "09:00", True)],
        ),
        # After a refusal nothing rolls out.
        ({**ANSWERED, "review_status": "declined"}, {}, [("approval", "08:31", "08:40", False)]),
        ({**ANSWERED, "status": "failed"}, {}, [("approval", "08:31", "08:40", False)]),
        # LaunchDarkly filed it a moment after the start, and nothing rolled out before.
        (
            {**ANSWERED, "status": "completed", "requested_at": "2026-10-26T08:31:40.000Z"},
            {"completed_at": "2026-10-26T08:50:00.000Z"},
            [("approval", "08:31", "08:40", False), ("rollout", "08:40", "08:50", False)],
        ),
        # Without the time of the answer, the phase did not wait all the time.
        (
            {"review_status": "approved", "status": "completed"},
            {"completed_at": "2026-10-26T08:50:00.000Z"},
            [("approval", "08:31", "08:31", False), ("rollout", "08:31", "08:50", False)],
        ),
    ],
    ids=["approved", "scheduled", "applied", "declined", "failed", "filed late", "no answer known"],
)
def test_approval_lasts_until_it_is_applied(request_: Json, phase: Json, expected: Any) -> None:
    run = {**support.waiting_run(), "finished_at": "2026-10-26T09:00:00.000000Z"}
    run["phases"][0]["approvals"][0].update(request_)
    run["phases"][0].update(phase)
    assert kinds(report(run)["phases"][0]) == expected


def spent(status: str, *spans: tuple[str, int, bool]) -> Json:
    """A phase with spans of as many minutes, one after the other."""
    timeline, minute = [], 0
    for kind, minutes, is_open in spans:
        begin, minute = minute, minute + minutes
        times = {"from": f"2026-10-26T08:{begin:02}:00Z", "to": f"2026-10-26T08:{minute:02}:00Z"}
        timeline.append({"kind": kind, **times, "open": is_open})
    return {"status": status, "timeline": timeline}


PLANNED = [
    {"kind": "approval", "seconds": None},
    {"kind": "rollout", "seconds": 3600.0},
    {"kind": "soak", "seconds": 900.0},
]


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (spent("ready_to_start"), [("approval", None), ("rollout", 3600.0), ("soak", 900.0)]),
        (spent("active", ("approval", 5, True)), [("rollout", 3600.0), ("soak", 900.0)]),
        (spent("active", ("approval", 5, False), ("rollout", 10, True)), [("rollout", 3000.0), ("soak", 900.0)]),
        (spent("completed", ("rollout", 10, False), ("soak", 5, True)), [("soak", 600.0)]),
        (spent("completed", ("rollout", 10, False), ("soak", 20, True)), []),
        (spent("completed", ("rollout", 10, False)), []),
        (spent("completed"), []),
        (spent("paused", ("rollout", 10, True)), []),
    ],
    ids=["ahead", "waiting", "rolling out", "soaking", "late", "done", "skipped", "paused"],
)
def test_remaining_is_planned_less_what_has_passed(phase: Json, expected: Any) -> None:
    assert [(item["kind"], item["seconds"]) for item in remaining(phase, PLANNED)] == expected


def planned(document: Json) -> list[list[tuple[str, float | None]]]:
    return [[(item["kind"], item["seconds"]) for item in phase["planned"]] for phase in document["phases"]]


def test_planned_comes_from_the_plan_of_the_run() -> None:
    assert planned(report(support.planned_run())) == [
        [("rollout", None), ("soak", 900.0)],
        [("approval", None), ("rollout", 7200.0), ("soak", 3600.0)],
        [("rollout", 14400.0)],
    ]


def test_planned_comes_from_the_release_without_a_run() -> None:
    guardian = {"monitoring_window_milliseconds": 5_400_000}
    guarded = {"release_guardian_configuration": guardian, "require_approval": True}
    release = support.release(
        support.release_phase("Test", "test", "completed"),
        support.release_phase("Canary", "production", "ready_to_start", audience=guarded),
        support.release_phase("Everyone", "production", "not_started"),
    )
    assert planned(report(support.reading(), release)) == [
        [],
        [("approval", None), ("rollout", 5400.0)],
        [("rollout", None)],
    ]


@pytest.mark.parametrize("state", ["failed", "completed"])
def test_planned_is_empty_when_the_run_does_not_continue(state: str) -> None:
    assert planned(report({**support.planned_run(), "state": state})) == [[], [], []]


def test_planned_is_empty_for_phases_outside_of_the_run() -> None:
    run = support.record(
        support.phase("Production", "production", status="ready_to_start", action=None), state="stopped"
    )
    statuses = {"Staging": "completed", "Production": "ready_to_start", "Partners": "not_started"}
    release = support.release(*(support.release_phase(name, "e", status) for name, status in statuses.items()))
    assert planned(report(run, release)) == [[], [("rollout", None)], []]


STEPS = [
    {"percent": 10.0, "started_at": "2026-10-26T08:30:00.000Z", "ended_at": "2026-10-26T08:40:00.000Z"},
    {"percent": 50.0, "started_at": "2026-10-26T08:40:00.000Z", "ended_at": None},
]


@pytest.mark.parametrize("status", ["active", "completed"])
def test_segments_of_a_rollout_are_its_steps(status: str) -> None:
    ended = "2026-10-26T08:55:00.000Z" if status == "completed" else None
    times = {"started_at": "2026-10-26T08:30:00.000Z", "completed_at": ended}
    phase = support.phase("production", "production", status=status, **times, steps=STEPS)
    (shown,) = report(support.record(phase, state="waiting", finished_at="2026-10-26T09:00:00.000000Z"))["phases"]
    spans = [(item["percent"], item["from"][11:16], item["to"][11:16], item["open"]) for item in shown["timeline"]]
    assert spans == [
        (10.0, "08:30", "08:40", False),
        (50.0, "08:40", "08:55" if ended else "09:00", not ended),
    ]
    assert [step["percent"] for step in shown["steps"]] == [10.0, 50.0]


def test_remaining_of_a_rollout_counts_all_of_its_steps() -> None:
    span = {"kind": "rollout", "to": "2026-10-26T08:40:00.000Z", "open": True}
    first = {**span, "from": "2026-10-26T08:30:00.000Z", "open": False}
    last = {**span, "from": "2026-10-26T08:40:00.000Z", "to": "2026-10-26T08:50:00.000Z"}
    planned = [{"kind": "rollout", "seconds": 3600.0}]
    assert remaining({"timeline": [first, last], "status": "active"}, planned) == [
        {"kind": "rollout", "seconds": 2400.0}
    ]
