# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a wait does next: pure functions of a release and of its approvals."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._model.release import Status
from . import approval as approval_rules
from . import phase as phase_rules

if t.TYPE_CHECKING:
    from .._core.errors import ReleaseError
    from .._model.desired import Wait
    from .._model.release import ApprovalRequest, Phase, Release

# The service grants these to a phase only after every earlier one is complete.
_GRANTED_AFTER_PREDECESSORS = frozenset({Status.READY_TO_START, Status.ACTIVE, Status.COMPLETED})


@dataclass(frozen=True)
class Met:
    """The wait is over. `waited_for` is `status`, or `next_phase` where a later phase proves it."""

    phase: Phase
    waited_for: str


@dataclass(frozen=True)
class Pending:
    phase: Phase


@dataclass(frozen=True)
class Ended:
    """The phase cannot get the status without a person."""

    phase: Phase
    error: ReleaseError


Progress = t.Union[Met, Pending, Ended]


def assess(release: Release, phase_id: str, until: Status) -> Progress:
    """Has the phase the status that the wait is for?

    Public accounts of completion differ: a phase completes by itself, or only when the next one is started. So a later
    phase that is ready, active or completed counts as proof as well. Raises ReleaseError `phase_not_found` when the phase is
    gone, as after a move to another pipeline.
    """
    phase = phase_rules.find_phase(release, phase_id)
    if phase_rules.satisfies(phase, until):
        return Met(phase, "status")
    if release.canceled:
        return Ended(phase, phase_rules.release_canceled(release))
    if phase.status is Status.UNKNOWN:
        return Ended(phase, phase_rules.unknown_status(phase, release))
    if phase.status is Status.PAUSED:
        return Ended(phase, phase_rules.phase_paused(phase, release))
    if until is Status.COMPLETED and any(_proves_completion(phase, other) for other in release.phases):
        return Met(phase, "next_phase")
    return Pending(phase)


def _proves_completion(phase: Phase, other: Phase) -> bool:
    # The order is enforced where the service speaks in status words; a legacy phase can be marked complete in any order.
    is_later = other.index > phase.index
    return is_later and other.status_raw is not None and other.status in _GRANTED_AFTER_PREDECESSORS


@dataclass(frozen=True)
class Finish:
    """`waited_for` is what ended the wait: `status`, `next_phase` or `approval`."""

    waited_for: str


@dataclass(frozen=True)
class Apply:
    """These approval requests are approved, and the task applies them."""

    requests: tuple[ApprovalRequest, ...]


@dataclass(frozen=True)
class Continue:
    """Sleep and read again."""


Step = t.Union[Finish, Apply, Continue]


def needs_no_approval(progress: Progress, until: Status) -> bool:
    """A phase that is done needs no approval any more; an active one that nobody has approved has changed nothing yet."""
    is_gated = progress.phase.status is Status.ACTIVE and until is Status.ACTIVE
    return isinstance(progress, Met) and not is_gated


def environments_to_read(
    progress: Progress, until: Status, approval: approval_rules.PhaseApproval, *, is_new: bool
) -> tuple[str, ...]:
    """The environments whose approval requests are worth a read now.

    Where the phase needs no approval any more, a last read shows who approved. That includes requests that were never seen pending,
    for a phase that was not complete when the task began (`is_new`).
    """
    if not needs_no_approval(progress, until):
        return approval_rules.environments_to_ask(progress.phase)
    is_unseen = is_new and approval.state is approval_rules.State.NONE
    return approval_rules.environments_of(progress.phase) if approval.waits or is_unseen else ()


def next_step(
    progress: Progress, wait: Wait, approval: approval_rules.PhaseApproval, *, may_yet_be_filed: bool
) -> Step:
    """`may_yet_be_filed`: the phase is so young that the approval request it needs may not be there yet."""
    if isinstance(progress, Met) and needs_no_approval(progress, wait.until):
        return Finish(progress.waited_for)
    if approval.waits and wait.on_approval == "return":
        return Finish("approval")
    to_apply = approval_rules.to_apply(approval)
    if to_apply and wait.on_approval == "apply":
        return Apply(to_apply)
    if isinstance(progress, Met) and not approval.waits and not may_yet_be_filed:
        return Finish(progress.waited_for)
    return Continue()
