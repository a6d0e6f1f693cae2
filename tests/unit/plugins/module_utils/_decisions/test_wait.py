# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends a wait, under both public accounts of how a phase completes."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.pipelines.wire import WireRelease
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions import wait as wait_rules
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.approval import PhaseApproval, State
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import Wait
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import (
    ApprovalRequest,
    Audience,
    Phase,
    Status,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    release,
    wire_phase,
    wire_release,
)

A, C = Status.ACTIVE, Status.COMPLETED


def summary(progress: wait_rules.Progress) -> str:
    if isinstance(progress, wait_rules.Met):
        return progress.waited_for
    return progress.error.code if isinstance(progress, wait_rules.Ended) else "pending"


@pytest.mark.parametrize(
    ("words", "until", "expected"),
    [
        # the phase itself (Two), before anything later is ready
        (("completed", "active", "not-started"), C, "pending"),
        (("completed", "active", "not-started"), A, "status"),
        (("completed", "ready-to-start", "not-started"), A, "pending"),
        (("completed", "ready-to-start", "not-started"), C, "pending"),
        (("completed", "not-started", "not-started"), C, "pending"),
        (("completed", "completed", "not-started"), C, "status"),
        (("completed", "complete", "not-started"), C, "status"),
        (("completed", "completed", "not-started"), A, "status"),
        (("completed", "completed", "ready-to-start"), C, "status"),
        # a later phase is granted only after it
        (("completed", "active", "ready-to-start"), C, "next_phase"),
        (("completed", "active", "active"), C, "next_phase"),
        (("completed", "active", "completed"), C, "next_phase"),
        (("completed", "active", "not-started", "ready-to-start"), C, "next_phase"),
        (("active", "active", "Started"), C, "next_phase"),
        # an earlier one, and words that are granted to nobody, prove nothing
        (("ready-to-start", "active", "not-started"), C, "pending"),
        (("completed", "active", "paused"), C, "pending"),
        (("completed", "active", "simmering"), C, "pending"),
        (("completed", "active", None), C, "pending"),
        # nor does a later one prove that this one was ever active
        (("completed", "ready-to-start", "active"), A, "pending"),
        # what ends it without a person
        (("completed", "paused", "not-started"), C, "phase_paused"),
        (("completed", "paused", "not-started"), A, "phase_paused"),
        (("completed", "simmering", "not-started"), C, "unknown_status"),
        (("completed", "simmering", "not-started"), A, "unknown_status"),
    ],
    ids=str,
)
def test_what_a_release_means_for_a_wait(words: tuple[str | None, ...], until: Status, expected: str) -> None:
    assert summary(wait_rules.assess(release(*words), "id-two", until)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("completed", "active"), "release_canceled"),
        (("completed", "ready-to-start"), "release_canceled"),
        (("completed", "active", "ready-to-start"), "release_canceled"),
        (("completed", "completed"), "status"),
    ],
    ids=str,
)
def test_a_canceled_release_ends_a_wait_unless_it_is_over(words: tuple[str, ...], expected: str) -> None:
    assert summary(wait_rules.assess(release(*words, _canceledAt=1793000000000), "id-two", C)) == expected


def test_a_phase_that_is_gone_ends_a_wait() -> None:
    with pytest.raises(LaunchDarklyError) as info:
        wait_rules.assess(release("completed"), "id-two", C)
    assert info.value.code == "phase_not_found"


def test_later_legacy_phase_proves_nothing() -> None:
    document = wire_release(wire_phase("One", None), wire_phase("Two", None, complete=True))
    state = WireRelease.model_validate(document).to_release("shop", "cart")
    assert summary(wait_rules.assess(state, "id-one", C)) == "pending"


def test_a_legacy_phase_that_was_marked_complete_is_done() -> None:
    document = wire_release(wire_phase("One", None, complete=True))
    assert (
        summary(wait_rules.assess(WireRelease.model_validate(document).to_release("s", "c"), "id-one", C)) == "status"
    )


EU = (Audience("a", environment_key="eu", require_approval=True),)
ACTIVE = Phase("p", "Two", 1, Status.ACTIVE, audiences=EU)
DONE = Phase("p", "Two", 1, Status.COMPLETED, complete=True, audiences=EU)
READY = Phase("p", "Two", 1, Status.READY_TO_START, audiences=EU)
MET, MET_ACTIVE = wait_rules.Met(DONE, "status"), wait_rules.Met(ACTIVE, "status")


def approval(state: State, review: str = "pending", status: str = "pending") -> PhaseApproval:
    requests = () if state is State.NONE else (ApprovalRequest("r", "eu", review, status),)
    return PhaseApproval(state, requests)


NONE, PENDING = approval(State.NONE), approval(State.PENDING)
APPROVED, APPLIED = approval(State.APPROVED, "approved"), approval(State.DONE, "approved", "completed")


@pytest.mark.parametrize(
    ("progress", "until", "known", "is_new", "environments"),
    [
        (wait_rules.Pending(ACTIVE), C, NONE, True, ("eu",)),
        (wait_rules.Pending(READY), C, NONE, True, ()),
        # gated: active, but not yet approved
        (MET_ACTIVE, A, NONE, True, ("eu",)),
        # once more at the end, for who answered
        (MET, C, PENDING, True, ("eu",)),
        (MET, C, APPROVED, False, ("eu",)),
        (MET, C, NONE, True, ("eu",)),
        (MET, C, NONE, False, ()),
        (MET, C, APPLIED, True, ()),
        (wait_rules.Met(ACTIVE, "next_phase"), C, PENDING, True, ("eu",)),
    ],
)
def test_environments_to_read(
    progress: wait_rules.Progress, until: Status, known: PhaseApproval, is_new: bool, environments: tuple[str, ...]
) -> None:
    assert wait_rules.environments_to_read(progress, until, known, is_new=is_new) == environments


@pytest.mark.parametrize(
    ("progress", "until", "on_approval", "known", "may_be_filed", "expected"),
    [
        (MET, C, "wait", NONE, False, "status"),
        (MET, C, "return", PENDING, False, "status"),
        (wait_rules.Pending(ACTIVE), C, "wait", NONE, False, "continue"),
        (wait_rules.Pending(ACTIVE), C, "wait", PENDING, False, "continue"),
        (wait_rules.Pending(ACTIVE), C, "return", PENDING, False, "approval"),
        (wait_rules.Pending(ACTIVE), C, "return", APPROVED, False, "approval"),
        (wait_rules.Pending(ACTIVE), C, "apply", PENDING, False, "continue"),
        (wait_rules.Pending(ACTIVE), C, "apply", APPROVED, False, "apply r"),
        (wait_rules.Pending(ACTIVE), C, "wait", APPROVED, False, "continue"),
        (wait_rules.Pending(ACTIVE), C, "apply", APPLIED, False, "continue"),
        # until active, an approval that is missing or may still be filed holds the wait
        (MET_ACTIVE, A, "wait", NONE, True, "continue"),
        (MET_ACTIVE, A, "wait", NONE, False, "status"),
        (MET_ACTIVE, A, "wait", PENDING, False, "continue"),
        (MET_ACTIVE, A, "apply", APPROVED, False, "apply r"),
        (MET_ACTIVE, A, "wait", APPLIED, False, "status"),
    ],
)
def test_next_step(
    progress: wait_rules.Progress,
    until: Status,
    on_approval: str,
    known: PhaseApproval,
    may_be_filed: bool,
    expected: str,
) -> None:
    wait = Wait(until, 60, 10, on_approval=on_approval)
    step = wait_rules.next_step(progress, wait, known, may_yet_be_filed=may_be_filed)
    if isinstance(step, wait_rules.Finish):
        assert step.waited_for == expected
    elif isinstance(step, wait_rules.Apply):
        assert expected == "apply " + " ".join(item.id for item in step.requests)
    else:
        assert expected == "continue"
