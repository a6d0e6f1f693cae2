# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""An environment release as LaunchDarkly's API writes it, and its translation in both directions.

Shapes: `EnvironmentRelease` and `StartEnvironmentReleaseRequest` of LaunchDarkly's client launchdarkly-api 25.0.1.
"""

from __future__ import annotations

import typing as t

from ..._core.libraries import Field
from ..._model import environment_release as models
from ..._model.flag import AuditEntry
from ..._model.release import Status
from ..flags.wire import write_clause
from ..reading import WireModel

STATUS_BY_WORD = {
    "pending": Status.ACTIVE,
    "in_progress": Status.ACTIVE,
    "waiting": Status.PAUSED,
    "completed": Status.COMPLETED,
    "reverted": Status.REVERTED,
}


class _Step(WireModel):
    allocation: int
    duration: int = Field(alias="durationMillis")
    started: t.Optional[int] = Field(default=None, alias="startedAt")
    ended: t.Optional[int] = Field(default=None, alias="endedAt")

    def to_step(self) -> models.RunStep:
        return models.RunStep(self.allocation, self.duration, self.started, self.ended)


class _Phase(WireModel):
    index: int = Field(alias="phaseIndex")
    status: str
    steps: list[_Step]
    rule_id: t.Optional[str] = Field(default=None, alias="ruleId")
    description: t.Optional[str] = None
    current_step: t.Optional[int] = Field(default=None, alias="currentStepIndex")
    metric_statuses: t.Optional[dict[str, str]] = Field(default=None, alias="metricStatuses")

    def to_phase(self) -> models.ReleasePhase:
        return models.ReleasePhase(
            index=self.index,
            status=_status(self.status),
            steps=tuple(step.to_step() for step in self.steps),
            rule_id=self.rule_id,
            description=self.description,
            current_step=self.current_step,
            metric_statuses=tuple((self.metric_statuses or {}).items()),
        )


class _Metric(WireModel):
    key: str = Field(alias="metricKey")
    auto_rollback: bool = Field(default=False, alias="autoRollback")
    definition: t.Optional[dict[str, t.Any]] = None


class WireEnvironmentRelease(WireModel):
    id: str
    status: str
    reason: t.Optional[str] = Field(default=None, alias="statusReason")
    original: str = Field(alias="originalVariationId")
    target: str = Field(alias="targetVariationId")
    unit: t.Optional[str] = Field(default=None, alias="randomizationUnit")
    cleanup: str = Field(alias="cleanupBehavior")
    kind: str
    metrics: list[_Metric]
    phases: list[_Phase]
    current_phase: t.Optional[int] = Field(default=None, alias="currentPhaseIndex")
    created: t.Optional[int] = Field(default=None, alias="createdAt")
    started: t.Optional[int] = Field(default=None, alias="startedAt")
    ended: t.Optional[int] = Field(default=None, alias="endedAt")

    def to_release(self) -> models.EnvironmentRelease:
        return models.EnvironmentRelease(
            id=self.id,
            status=_status(self.status),
            status_raw=self.status,
            reason=self.reason,
            original_variation_id=self.original,
            target_variation_id=self.target,
            kind=self.kind,
            cleanup=self.cleanup,
            randomization_unit=self.unit,
            metrics=tuple(models.Metric(item.key, item.auto_rollback, item.definition) for item in self.metrics),
            phases=tuple(phase.to_phase() for phase in self.phases),
            current_phase=self.current_phase,
            created_at=self.created,
            started_at=self.started,
            ended_at=self.ended,
        )


class WireEnvironmentReleases(WireModel):
    """One page."""

    items: list[WireEnvironmentRelease]
    total: t.Optional[int] = Field(default=None, alias="totalCount")


class _Access(WireModel):
    action: t.Optional[str] = None


class _AuditEntry(WireModel):
    at: int = Field(alias="date")
    accesses: t.Optional[list[_Access]] = None
    comment: t.Optional[str] = None

    def to_entry(self) -> AuditEntry:
        return AuditEntry(
            at=self.at,
            actions=tuple(access.action for access in self.accesses or () if access.action),
            comment=self.comment or "",
        )


class WireAuditLog(WireModel):
    """`AuditLogEntryListingRepCollection`, one page."""

    items: list[_AuditEntry]

    def to_entries(self) -> tuple[AuditEntry, ...]:
        return tuple(item.to_entry() for item in self.items)


class _ApprovalSettings(WireModel):
    required: bool = False
    tags: t.Optional[list[str]] = Field(default=None, alias="requiredApprovalTags")


class WireEnvironment(WireModel):
    """`Environment`; without the approvals feature there are no settings."""

    settings: t.Optional[_ApprovalSettings] = Field(default=None, alias="approvalSettings")

    def to_approval_settings(self) -> models.ApprovalSettings:
        if self.settings is None:
            return models.ApprovalSettings(required=False)
        return models.ApprovalSettings(self.settings.required, tuple(self.settings.tags or ()))


class WireSegment(WireModel):
    key: str


def write_release(release: models.NewRelease) -> dict[str, t.Any]:
    """The body of a start; what a plan supplies may not stand beside the plan."""
    given: dict[str, t.Any] = {
        "originalVariationId": release.original_variation_id,
        "targetVariationId": release.target_variation_id,
        "beforeRuleId": release.before_rule_id,
        "bypassHealthChecks": list(release.bypass_health_checks) or None,
        "comment": release.comment,
    }
    if release.plan_key is not None:
        given["releasePlanKey"] = release.plan_key
    else:
        given["randomizationUnit"] = release.randomization_unit
        given["cleanupBehavior"] = release.cleanup
        given["phases"] = [_write_phase(release)]
        given["metrics"] = [
            {"metricKey": item.key, "autoRollback": item.auto_rollback} for item in release.metrics
        ] or None
    return {name: value for name, value in given.items() if value is not None}


def _write_phase(release: models.NewRelease) -> dict[str, t.Any]:
    return {
        "clauses": [write_clause(clause) for clause in release.clauses],
        "description": release.description,
        "steps": [{"allocation": step.allocation, "durationMillis": step.duration} for step in release.steps],
    }


def _status(word: str) -> Status:
    return STATUS_BY_WORD.get(word, Status.UNKNOWN)
