# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Where a release stands: its current phase, since when, and what that waits for. Pure: the time of now is not needed."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._model.release import Status
from . import approval as approval_rules
from .release_progress import phase_since

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from .._model.release import ApprovalRequest, Phase, Release

# Whose turn it is.
PERSON = "person"
LAUNCHDARKLY = "launchdarkly"
NOBODY = "nobody"


@dataclass(frozen=True)
class Standing:
    """`phase` is None once every phase is complete. `turn` is whose turn it is, `waits_for` what has to happen, `link` where."""

    phase: Phase | None
    since: str | None
    turn: str
    waits_for: str
    link: str | None = None


def stand(release: Release, requests: Iterable[ApprovalRequest] = ()) -> Standing:
    """`requests` are the approval requests of the environments that `environments_to_read` names."""
    phase = current_phase(release)
    if release.canceled:
        return Standing(phase, release.canceled_at, PERSON, "a new release")
    if phase is None:
        completed = [item.completed_at for item in release.phases if item.completed_at]
        return Standing(None, max(completed, default=None), NOBODY, "nothing")
    since = phase_since(release, phase.id)
    if release.is_legacy:
        return Standing(phase, since, PERSON, "somebody to mark it as complete")
    turn, waits_for, link = _waits(phase, requests)
    return Standing(phase, since, turn, waits_for, link)


def current_phase(release: Release) -> Phase | None:
    """The first phase that is not complete, started or not."""
    return next((phase for phase in release.phases if not phase.is_completed), None)


def environments_to_read(release: Release) -> tuple[str, ...]:
    """The environments whose approval requests say what the current phase waits for."""
    phase = current_phase(release)
    return approval_rules.environments_to_ask(phase) if phase and not release.canceled else ()


def _waits(phase: Phase, requests: Iterable[ApprovalRequest]) -> tuple[str, str, str | None]:
    if phase.status is Status.ACTIVE:
        needed = approval_rules.environments_of(phase)
        return _active(
            phase, approval_rules.approval_of(phase, [item for item in requests if item.environment_key in needed])
        )
    if phase.status is Status.UNKNOWN:
        return PERSON, f"somebody: '{phase.status_raw}' is unknown", None
    waits = {
        Status.READY_TO_START: (PERSON, "its start"),
        Status.PAUSED: (PERSON, "somebody to resume it"),
    }
    turn, waits_for = waits.get(phase.status, (LAUNCHDARKLY, "LaunchDarkly, to make it ready"))
    return turn, waits_for, None


def _active(phase: Phase, approval: approval_rules.PhaseApproval) -> tuple[str, str, str | None]:
    open_ones = [item for item in approval.requests if item.status != "completed"]
    link = next((item.link for item in open_ones if item.link), None)
    where = ", ".join(item.environment_key for item in open_ones)
    asked = ", ".join(dict.fromkeys(name for item in open_ones for name in item.asked))
    if approval.state is approval_rules.State.DECLINED:
        return PERSON, f"a new request: refused in {where}", link
    if approval.state is approval_rules.State.PENDING:
        return PERSON, f"approval in {where}" + (f" by {asked}" if asked else ""), link
    if approval.state is approval_rules.State.APPROVED:
        return PERSON, f"somebody to apply what was approved in {where}", link
    return LAUNCHDARKLY, "LaunchDarkly (guarded rollout)" if phase.window_seconds else "LaunchDarkly", None
