# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a wait reports, and when."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions import progress
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import (
    ApprovalRequest,
    Audience,
    GuardianConfiguration,
    Phase,
    Status,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import NOW

HOUR = 3600


def audience(key: str, window: int | None = None, **fields: Any) -> Audience:
    guardian = None if window is None else GuardianConfiguration(monitoring_window_milliseconds=window * 1000)
    return Audience(f"a-{key}", key.title(), key, release_guardian_configuration=guardian, **fields)


def phase(*audiences: Audience, **fields: Any) -> Phase:
    values = {"started_at": "2026-10-26T07:33:20.000Z", "status_raw": "active", **fields}
    return Phase("p", "Production", 2, Status.ACTIVE, audiences=audiences, **values)


def approval(status: str = "pending", review: str = "pending", link: str = "https://ld/1") -> ApprovalRequest:
    return ApprovalRequest("r1", "production", review, status, link=link)


@pytest.mark.parametrize(
    ("shown", "approvals", "state"),
    [
        (phase(), (), "Production active"),
        (phase(status_raw=None), (), "Production active"),
        (phase(audience("eu"), audience("us")), (), "Production (eu, us) active"),
        (
            phase(audience("eu", status_raw="active"), audience("us", status_raw="waiting")),
            (),
            "Production (eu, us) active, audience Us waiting",
        ),
        (phase(), (approval(),), "Production active, approval in production pending"),
        (phase(), (approval(review="approved"),), "Production active, approval in production not applied"),
        (phase(), (approval("completed", "approved"),), "Production active"),
    ],
)
def test_phase_state_names_what_differs(shown: Phase, approvals: Any, state: str) -> None:
    assert progress.phase_state(shown, approvals) == state


@pytest.mark.parametrize(
    ("shown", "elapsed", "course"),
    [
        (phase(audience("eu", HOUR)), 0, ", 0 %, complete 08:33 UTC"),
        (phase(audience("eu", HOUR)), 0.42 * HOUR, ", 42 %, complete 08:33 UTC"),
        (phase(audience("eu", HOUR), audience("us", 2 * HOUR)), HOUR, ", 50 %, complete 09:33 UTC"),
        (phase(audience("eu", 24 * HOUR)), 0, ", 0 %, complete 2026-10-27 07:33 UTC"),
        # the clock here is behind
        (phase(audience("eu", HOUR)), -60, ", 0 %, complete 08:33 UTC"),
        (phase(audience("eu", HOUR)), 2 * HOUR, ", should be complete"),
        # nothing is known
        (phase(audience("eu")), 60, ""),
        (phase(audience("eu", 0)), 60, ""),
        (phase(audience("eu", -5)), 60, ""),
        (phase(audience("eu", HOUR), started_at=None), 60, ""),
        (phase(audience("eu", HOUR), complete=True), 60, ""),
        # what a server may send
        (phase(audience("eu", 10**30)), 60, ", 0 %, complete at an unknown time"),
        (phase(audience("eu", HOUR), started_at="0001-01-01T00:00:00.001Z"), 60, ", should be complete"),
    ],
)
def test_phase_course_shows_how_far_a_rollout_is(shown: Phase, elapsed: float, course: str) -> None:
    assert progress.phase_course(shown, NOW + elapsed) == course


@pytest.mark.parametrize(
    ("state", "left", "expected"),
    [
        ("Test active", HOUR, "07:33 UTC shop/cart: Test active"),
        ("Test active", 599, "07:33 UTC shop/cart: Test active, time-out in 9m 59s"),
        ("T" * 99, HOUR, "07:33 UTC shop/cart: " + "T" * 76 + "..."),
        ("T" * 99, 60, "07:33 UTC shop/cart: " + "T" * 60 + "..., time-out in 1m"),
    ],
)
def test_line_has_at_most_100_characters(state: str, left: float, expected: str) -> None:
    line = progress.line("shop/cart", state, NOW, left)
    assert line == expected
    assert len(line) <= 100


def test_links_are_whole_or_left_out() -> None:
    assert progress.links([approval(), approval(), approval(link="x" * 99)]) == ["  https://ld/1"]
    assert progress.links([approval("completed", "approved"), approval(link="")]) == []


def test_heartbeat_is_not_due_in_a_short_wait() -> None:
    heartbeat = progress.Heartbeat()
    due = [elapsed for elapsed in (0, 1, 2, 2.9, 3, 4, 5) if heartbeat.is_due("a" if elapsed < 2 else "b", elapsed)]
    assert due == [3]


def test_heartbeat_is_due_at_once_before_a_long_pause() -> None:
    heartbeat = progress.Heartbeat()
    assert [heartbeat.is_due("a", 0, pause) for pause in (2.9, 3, 30)] == [False, True, False]


def test_heartbeat_is_due_on_a_change_and_ever_less_often() -> None:
    heartbeat = progress.Heartbeat()
    due = [elapsed for elapsed in range(0, 6 * HOUR, 10) if heartbeat.is_due("a" if elapsed < 30 else "b", elapsed)]
    assert due[:5] == [10, 30, 90, 180, 320]
    pauses = [later - earlier for earlier, later in zip(due[1:], due[2:])]
    assert pauses == sorted(pauses)
    assert max(pauses) == 900
