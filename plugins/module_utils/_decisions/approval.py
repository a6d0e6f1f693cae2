# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Which approval requests belong to a phase, and whether they are approved. Pure."""

from __future__ import annotations

import datetime
import enum
import typing as t
from dataclasses import dataclass

from .._core.errors import ReleaseError
from .._core.times import moment
from .._model.release import Status, environment_keys

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from .._model.desired import Target
    from .._model.release import ApprovalRequest, Phase

# The service may write the time of a request and that of the start that filed it in either order.
FILED_BEFORE_START = datetime.timedelta(seconds=10)


class State(enum.Enum):
    """NONE: no request is known. PENDING: a review is missing. APPROVED: a request has to be applied. DONE: all are applied."""

    NONE = "none"
    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    DONE = "done"


@dataclass(frozen=True)
class PhaseApproval:
    """Where the approval of a phase stands, by the requests that belong to the phase."""

    state: State
    requests: tuple[ApprovalRequest, ...]

    @property
    def waits(self) -> bool:
        return self.state in (State.PENDING, State.APPROVED)


def environments_to_ask(phase: Phase) -> tuple[str, ...]:
    """The environments in which the phase may wait for an approval; none unless it is active."""
    return environments_of(phase) if phase.status is Status.ACTIVE and not phase.is_completed else ()


def environments_of(phase: Phase) -> tuple[str, ...]:
    """The environments in which the phase needs an approval, whatever its status."""
    return tuple(environment_keys(item for item in phase.audiences or () if item.require_approval))


def approval_of(phase: Phase, found: Iterable[ApprovalRequest]) -> PhaseApproval:
    """The request of the phase in each environment, and what they say together.

    Nothing that LaunchDarkly documents links a phase to its request. The start files it, so it is the one nearest to that time. What
    is filed later is the next try after a refusal; else it is about something else, and must not be waited for or applied.
    """
    by_environment: dict[str, list[ApprovalRequest]] = {}
    for request in sorted(found, key=lambda item: item.requested_at or ""):
        if _belongs(request, phase):
            by_environment.setdefault(request.environment_key, []).append(request)
    requests = tuple(_choose(items, phase.started_at) for items in by_environment.values())
    return PhaseApproval(_state(requests), requests)


def _choose(filed: list[ApprovalRequest], started_at: str | None) -> ApprovalRequest:
    """`filed` is in the order of their times."""
    # Without a time of the start, the newest is the best guess.
    tries = filed[-1:]
    if started_at is not None:
        distances = [abs(moment(item.requested_at or started_at) - moment(started_at)) for item in filed]
        nearest = distances.index(min(distances))
        tries = filed[nearest:]
    return next((item for item in tries if not is_refused(item)), tries[-1])


def _state(requests: tuple[ApprovalRequest, ...]) -> State:
    if not requests:
        return State.NONE
    if any(is_refused(item) for item in requests):
        return State.DECLINED
    if any(item.review_status != "approved" and item.status != "completed" for item in requests):
        return State.PENDING
    return State.DONE if all(item.status == "completed" for item in requests) else State.APPROVED


def is_refused(request: ApprovalRequest) -> bool:
    return request.review_status == "declined" or request.status == "failed"


def _belongs(request: ApprovalRequest, phase: Phase) -> bool:
    if phase.started_at is None or request.requested_at is None:
        return request.status != "completed"
    # The difference of two times is always a number; a time minus ten seconds may leave the calendar.
    return moment(phase.started_at) - moment(request.requested_at) <= FILED_BEFORE_START


def to_apply(approval: PhaseApproval) -> tuple[ApprovalRequest, ...]:
    return tuple(item for item in approval.requests if item.review_status == "approved" and item.status == "pending")


def describe(requests: Iterable[ApprovalRequest]) -> str:
    """Who was asked to approve, since when, and where to answer."""
    return "; ".join(_describe(item) for item in requests if item.status != "completed")


def _describe(request: ApprovalRequest) -> str:
    asked = f" (asked: {', '.join(request.asked)})" if request.asked else ""
    since = f" since {request.requested_at}" if request.requested_at else ""
    by = f" by {', '.join(request.answered_by)}" if request.answered_by else ""
    state = f"approved{by} but not applied" if request.review_status == "approved" else request.review_status
    return f"approval{_name(request)} in {request.environment_key} {state}{since}{asked}: {request.link}"


def _name(request: ApprovalRequest) -> str:
    """The name that an approval service outside of LaunchDarkly gives it: the number of a change or the key of a ticket."""
    return f" {request.service_kind or ''} {request.number}".replace("  ", " ") if request.number else ""


def declined(target: Target, phase: Phase, approval: PhaseApproval) -> ReleaseError:
    refused = next(item for item in approval.requests if is_refused(item))
    word = "was declined" if refused.review_status == "declined" else "failed"
    comment = f" The reviewer wrote: {refused.comment.rstrip('. ')}." if refused.comment else ""
    return ReleaseError(
        f"The approval{_name(refused)} of phase '{phase.name}' of {target} in {refused.environment_key} {word}.{comment}"
        f" The phase did not change; see {refused.link}",
        "approval_declined",
    )
