# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A release as this collection speaks of it, whichever API it was read from.

Everything above the API layer knows these values only. They are immutable, hold plain JSON types, and never render for people.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import typing as t
from dataclasses import dataclass

from .._core.data import to_builtin
from .._core.times import moment

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
# 0001-01-01T00:00:00Z: how a program written in Go sends a time that was never set.
GO_ZERO_MILLIS = -62_135_596_800_000


class Status(str, enum.Enum):
    """The status of a phase, an audience or an environment release.

    UNKNOWN is a word that this version has not learned yet. REVERTED and BLOCKED are for releases in environments only: the variation
    was released and taken back, or something else is in the way.
    """

    NOT_STARTED = "not_started"
    READY_TO_START = "ready_to_start"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    REVERTED = "reverted"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return self.value


def time_from_millis(millis: int | None) -> str | None:
    """Epoch milliseconds as ISO 8601 UTC, for example 2026-10-26T06:13:20.000Z; null for none and outside the calendar."""
    if millis is None or millis == GO_ZERO_MILLIS:
        return None
    try:
        at = EPOCH + datetime.timedelta(milliseconds=millis)
    except OverflowError:
        return None
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def time_from_text(text: str | None) -> str | None:
    """A date and time as `time_from_millis` writes it; null for anything else. Without an offset it is UTC."""
    try:
        found = moment(text or "")
        since = (found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)) - EPOCH
    except (ValueError, OverflowError):
        return None
    return time_from_millis(since // datetime.timedelta(milliseconds=1))


@dataclass(frozen=True)
class GuardianConfiguration:
    """Settings of a guarded rollout; `rollout_weight` is in thousandths of a percent."""

    monitoring_window_milliseconds: int | None = None
    rollout_weight: int | None = None
    rollback_on_regression: bool | None = None
    randomization_unit: str | None = None


@dataclass(frozen=True)
class Actor:
    """Who did something: `kind` is `member` or `token`."""

    kind: str
    id: str | None = None
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Audience:
    id: str
    name: str | None = None
    environment_key: str | None = None
    status: Status | None = None
    status_raw: str | None = None
    strategy: str | None = None
    require_approval: bool | None = None
    segment_keys: tuple[str, ...] | None = None
    release_guardian_configuration: GuardianConfiguration | None = None


@dataclass(frozen=True)
class Phase:
    """`status_raw` is the service's own word; null when it sent none and `status` was read from the two booleans."""

    id: str
    name: str
    index: int
    status: Status
    status_raw: str | None = None
    started: bool | None = None
    complete: bool = False
    created_at: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    completed_by: Actor | None = None
    audiences: tuple[Audience, ...] | None = None

    @property
    def is_completed(self) -> bool:
        return self.complete or self.status is Status.COMPLETED

    @property
    def window_seconds(self) -> float:
        """The longest monitoring window of its guarded rollouts; 0 without any."""
        guardians = (item.release_guardian_configuration for item in self.audiences or ())
        return max((item.monitoring_window_milliseconds or 0 for item in guardians if item), default=0) / 1000


@dataclass(frozen=True)
class Release:
    """`canceled` is the fact, `canceled_at` its time; the time alone would miss one outside the calendar.

    `is_legacy`: its phases have no status words, and people mark them as complete. None where that is not known.
    """

    project_key: str
    flag_key: str
    pipeline_key: str | None = None
    pipeline_name: str | None = None
    version: int | None = None
    variation_id: str | None = None
    canceled: bool = False
    canceled_at: str | None = None
    is_legacy: bool | None = None
    phases: tuple[Phase, ...] = ()

    @property
    def complete(self) -> bool:
        return bool(self.phases) and all(phase.is_completed for phase in self.phases)

    def with_phase(self, changed: Phase) -> Release:
        """This release with one phase replaced."""
        phases = tuple(changed if phase.index == changed.index else phase for phase in self.phases)
        return dataclasses.replace(self, phases=phases)

    def to_result(self) -> dict[str, t.Any]:
        """The normalised shape that every module returns."""
        result = to_builtin(self)
        del result["canceled"]
        phases = result.pop("phases")
        return {**result, "complete": self.complete, "phases": phases}


@dataclass(frozen=True)
class ApprovalRequest:
    """A request for approval of a change of a flag in one environment.

    `review_status` is approved, declined or pending, `status` pending, completed, failed or scheduled, each as LaunchDarkly writes
    it; `asked` are the member IDs that were asked, `answered_by` those who approved or declined, `comment` is the last reviewer's.
    `number` is what an outside service calls it, for messages; `description` names it to people and carries our marker. Neither is part
    of a result.
    """

    id: str
    environment_key: str
    review_status: str
    status: str
    asked: tuple[str, ...] = ()
    answered_by: tuple[str, ...] = ()
    requested_at: str | None = None
    answered_at: str | None = None
    comment: str | None = None
    service_kind: str | None = None
    link: str | None = None
    number: str | None = None
    description: str = ""

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Who approved or declined it; while it is pending, who was asked to."""
        return self.asked if self.review_status == "pending" else self.answered_by or self.asked

    def to_result(self) -> dict[str, t.Any]:
        names = ("requested_at", "answered_at", "comment", "service_kind", "link")
        return {
            "id": self.id,
            "environment_key": self.environment_key,
            "review_status": self.review_status,
            "status": self.status,
            "reviewers": list(self.reviewers),
            **{name: getattr(self, name) for name in names},
        }


def environment_keys(audiences: Iterable[Audience | Mapping[str, t.Any]] | None) -> list[str]:
    """The environments of a phase's audiences, each once and in order. An audience may also be one of a module's result."""
    found = (
        item.environment_key if isinstance(item, Audience) else item.get("environment_key") for item in audiences or ()
    )
    return list(dict.fromkeys(key for key in found if key))


def release_from_result(result: Mapping[str, t.Any]) -> Release:
    """The inverse of `Release.to_result`, for what a playbook hands back. Tolerates the keys of later versions."""
    return Release(
        canceled=result.get("canceled_at") is not None,
        phases=tuple(phase_from_result(phase) for phase in result.get("phases") or ()),
        **_plain_fields(Release, result, but=("canceled", "phases")),
    )


def phase_from_result(result: Mapping[str, t.Any]) -> Phase:
    actor = result.get("completed_by")
    audiences = result.get("audiences")
    return Phase(
        status=Status(result["status"]),
        completed_by=Actor(**_plain_fields(Actor, actor)) if actor else None,
        audiences=None if audiences is None else tuple(_audience_from_result(item) for item in audiences),
        **_plain_fields(Phase, result, but=("status", "completed_by", "audiences")),
    )


def _audience_from_result(result: Mapping[str, t.Any]) -> Audience:
    status, guardian, segments = (
        result.get(name) for name in ("status", "release_guardian_configuration", "segment_keys")
    )
    return Audience(
        status=Status(status) if status else None,
        segment_keys=None if segments is None else tuple(segments),
        release_guardian_configuration=(
            GuardianConfiguration(**_plain_fields(GuardianConfiguration, guardian)) if guardian else None
        ),
        **_plain_fields(Audience, result, but=("status", "segment_keys", "release_guardian_configuration")),
    )


def approval_from_result(result: Mapping[str, t.Any]) -> ApprovalRequest:
    """The inverse of `ApprovalRequest.to_result`, but for what that leaves out."""
    is_open = result["review_status"] == "pending"
    reviewers = tuple(result["reviewers"])
    return ApprovalRequest(
        asked=reviewers if is_open else (),
        answered_by=() if is_open else reviewers,
        **_plain_fields(ApprovalRequest, result),
    )


def _plain_fields(kind: type, result: Mapping[str, t.Any], but: tuple[str, ...] = ()) -> dict[str, t.Any]:
    names = [field.name for field in dataclasses.fields(kind)]
    return {name: result[name] for name in names if name in result and name not in but}
