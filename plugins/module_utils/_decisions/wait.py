# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a wait looks at: pure predicates over a release."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._model.release import Status
from . import phase as phase_rules

if t.TYPE_CHECKING:
    from .._core.errors import ReleaseError
    from .._model.release import Phase, Release

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
    """What is waited for cannot come any more without a person."""

    phase: Phase
    error: ReleaseError


Progress = t.Union[Met, Pending, Ended]


def assess(release: Release, phase_id: str, until: Status) -> Progress:
    """Is the phase where the wait wants it?

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
