# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a release stands, since when, and what that waits for."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.pipelines.wire import WireRelease
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.standing import (
    LAUNCHDARKLY,
    NOBODY,
    PERSON,
    environments_to_read,
    stand,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import ApprovalRequest, Release
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    release,
    wire_phase,
    wire_release,
)

T0, T1 = 1_793_000_000_000, 1_793_003_600_000
AT_T0, AT_T1 = "2026-10-26T07:33:20.000Z", "2026-10-26T08:33:20.000Z"


def read(*phases: dict[str, Any], **fields: Any) -> Release:
    return WireRelease.model_validate(wire_release(*phases, **fields)).to_release("shop", "cart")


def audience(*, approval: bool = False, guarded: bool = False) -> dict[str, Any]:
    guardian = {"releaseGuardianConfiguration": {"monitoringWindowMilliseconds": 1000}} if guarded else {}
    return {
        "_id": "a",
        "name": "A",
        "environment": {"key": "eu"},
        "configuration": {"requireApproval": approval, **guardian},
    }


def asked(review_status: str = "pending", status: str = "pending", **more: Any) -> ApprovalRequest:
    return ApprovalRequest("r1", "eu", review_status, status, requested_at=AT_T0, link="https://ld/r1", **more)


APPROVAL = read(wire_phase("One", "active", _startedDate=T0, _audiences=[audience(approval=True)]))


@pytest.mark.parametrize(
    ("given", "phase", "turn", "waits_for"),
    [
        (release("ready-to-start", "not-started"), "One", PERSON, "its start"),
        (release("completed", "ready-to-start"), "Two", PERSON, "its start"),
        (release("completed", "not-started"), "Two", LAUNCHDARKLY, "LaunchDarkly, to make it ready"),
        (release("active", "not-started"), "One", LAUNCHDARKLY, "LaunchDarkly"),
        (release("paused", "not-started"), "One", PERSON, "somebody to resume it"),
        (release("simmering", "not-started"), "One", PERSON, "somebody: 'simmering' is unknown"),
        (release("completed", "completed"), None, NOBODY, "nothing"),
        (release(None, None), "One", PERSON, "somebody to mark it as complete"),
        (dataclasses.replace(release("active"), canceled=True), "One", PERSON, "a new release"),
        (
            read(wire_phase("One", "active", _audiences=[audience(guarded=True)])),
            "One",
            LAUNCHDARKLY,
            "LaunchDarkly (guarded rollout)",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_standing_of_a_release(given: Release, phase: str | None, turn: str, waits_for: str) -> None:
    found = stand(given)
    assert (found.phase.name if found.phase else None, found.turn, found.waits_for) == (phase, turn, waits_for)


@pytest.mark.parametrize(
    ("request_", "turn", "waits_for"),
    [
        (asked(asked=("ada", "bob")), PERSON, "approval in eu by ada, bob"),
        (asked(), PERSON, "approval in eu"),
        (asked("approved", answered_by=("ada",)), PERSON, "somebody to apply what was approved in eu"),
        (asked("declined"), PERSON, "a new request: refused in eu"),
        (asked("approved", "failed"), PERSON, "a new request: refused in eu"),
        (asked("approved", "completed"), LAUNCHDARKLY, "LaunchDarkly"),
        (None, LAUNCHDARKLY, "LaunchDarkly"),
        (dataclasses.replace(asked(), environment_key="us"), LAUNCHDARKLY, "LaunchDarkly"),
    ],
)
def test_standing_of_a_phase_with_approval(request_: ApprovalRequest | None, turn: str, waits_for: str) -> None:
    found = stand(APPROVAL, [request_] if request_ else [])
    assert (found.turn, found.waits_for) == (turn, waits_for)
    assert found.link == ("https://ld/r1" if turn == PERSON else None)


@pytest.mark.parametrize(
    ("phases", "since"),
    [
        ([wire_phase("One", "active", _startedDate=T1, _creationDate=T0)], AT_T1),
        ([wire_phase("One", "ready-to-start", _creationDate=T0)], AT_T0),
        (
            [wire_phase("One", "completed", _completionDate=T1), wire_phase("Two", "ready-to-start", _creationDate=T0)],
            AT_T1,
        ),
        ([wire_phase("One", "completed"), wire_phase("Two", "ready-to-start")], None),
        # Phases that were completed in another order: the last of them counts.
        (
            [
                wire_phase("One", "completed", _completionDate=T1),
                wire_phase("Two", "completed", _completionDate=T0),
                wire_phase("Three", "ready-to-start"),
            ],
            AT_T1,
        ),
        ([wire_phase("One", "completed", _completionDate=T0)], AT_T0),
        ([], None),
    ],
)
def test_standing_since(phases: list[dict[str, Any]], since: str | None) -> None:
    assert stand(read(*phases)).since == since


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        (APPROVAL, ("eu",)),
        (read(wire_phase("One", "ready-to-start", _audiences=[audience(approval=True)])), ()),
        (read(wire_phase("One", "active", _audiences=[audience()])), ()),
        (dataclasses.replace(APPROVAL, canceled=True), ()),
        (release("completed"), ()),
    ],
)
def test_standing_reads_approvals_only_where_one_may_be_open(given: Release, keys: tuple[str, ...]) -> None:
    assert environments_to_read(given) == keys
