# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The release of a release pipeline as LaunchDarkly's API writes it, and its translation.

Field names: LaunchDarkly's OpenAPI document (schemas Release, ReleasePhase, ReleaseAudience). Fields are optional where real answers
omit them: a legacy release has no `status` and no `started`, an unstarted phase may lack `_audiences`.
"""

from __future__ import annotations

import typing as t

from ..._core.libraries import Field
from ..._model import release as models
from ..._model.release import GO_ZERO_MILLIS, Status, time_from_millis
from ..reading import WireModel

# Words of the real traffic; the spec's own enum was never seen to be accepted. Only `active` is known to be.
WORD_BY_STATUS = {
    Status.NOT_STARTED: "not-started",
    Status.READY_TO_START: "ready-to-start",
    Status.ACTIVE: "active",
    Status.PAUSED: "paused",
    Status.COMPLETED: "completed",
}

# The spec's enum (NotStarted, ReadyToStart, Started, Paused, Complete), the words seen in real traffic (not-started,
# ready-to-start, active, completed) and the error texts (Active) are all one of these once lower-cased and joined.
_STATUS_BY_WORD = {
    "notstarted": Status.NOT_STARTED,
    "readytostart": Status.READY_TO_START,
    "active": Status.ACTIVE,
    "started": Status.ACTIVE,
    "paused": Status.PAUSED,
    "complete": Status.COMPLETED,
    "completed": Status.COMPLETED,
}


def status_from_word(word: str) -> Status:
    """Read any spelling that LaunchDarkly is known to use; anything else is `Status.UNKNOWN`."""
    joined = word.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    return _STATUS_BY_WORD.get(joined, Status.UNKNOWN)


class WireEnvironment(WireModel):
    key: str


class WireGuardian(WireModel):
    monitoring_window_milliseconds: t.Optional[int] = Field(default=None, alias="monitoringWindowMilliseconds")
    rollout_weight: t.Optional[int] = Field(default=None, alias="rolloutWeight")
    rollback_on_regression: t.Optional[bool] = Field(default=None, alias="rollbackOnRegression")
    randomization_unit: t.Optional[str] = Field(default=None, alias="randomizationUnit")


class WireAudienceConfiguration(WireModel):
    strategy: t.Optional[str] = Field(default=None, alias="releaseStrategy")
    require_approval: t.Optional[bool] = Field(default=None, alias="requireApproval")
    notify_member_ids: t.Optional[list[str]] = Field(default=None, alias="notifyMemberIds")
    notify_team_keys: t.Optional[list[str]] = Field(default=None, alias="notifyTeamKeys")
    guardian: t.Optional[WireGuardian] = Field(default=None, alias="releaseGuardianConfiguration")

    def to_guardian(self) -> models.GuardianConfiguration | None:
        return models.GuardianConfiguration(**self.guardian.model_dump()) if self.guardian else None


class _Audience(WireModel):
    id: str = Field(alias="_id")
    name: t.Optional[str] = None
    environment: t.Optional[WireEnvironment] = None
    configuration: t.Optional[WireAudienceConfiguration] = None
    segment_keys: t.Optional[list[str]] = Field(default=None, alias="segmentKeys")
    status: t.Optional[str] = None

    def to_audience(self) -> models.Audience:
        configuration = self.configuration or WireAudienceConfiguration()
        return models.Audience(
            id=self.id,
            name=self.name,
            environment_key=self.environment.key if self.environment else None,
            status=status_from_word(self.status) if self.status else None,
            status_raw=self.status or None,
            strategy=configuration.strategy,
            require_approval=configuration.require_approval,
            segment_keys=None if self.segment_keys is None else tuple(self.segment_keys),
            release_guardian_configuration=configuration.to_guardian(),
        )


class _Member(WireModel):
    id: t.Optional[str] = Field(default=None, alias="_id")
    first_name: t.Optional[str] = Field(default=None, alias="firstName")
    last_name: t.Optional[str] = Field(default=None, alias="lastName")
    email: t.Optional[str] = None

    def to_actor(self) -> models.Actor:
        name = " ".join(part for part in (self.first_name, self.last_name) if part)
        return models.Actor(kind="member", id=self.id, name=name or None, email=self.email)


class _Token(WireModel):
    id: t.Optional[str] = Field(default=None, alias="_id")
    name: t.Optional[str] = None

    def to_actor(self) -> models.Actor:
        return models.Actor(kind="token", id=self.id, name=self.name)


class _CompletedBy(WireModel):
    member: t.Optional[_Member] = None
    token: t.Optional[_Token] = None

    def to_actor(self) -> models.Actor | None:
        actor = self.member or self.token
        return actor.to_actor() if actor else None


class _Phase(WireModel):
    id: str = Field(alias="_id")
    name: str = Field(alias="_name")
    status: t.Optional[str] = None
    started: t.Optional[bool] = None
    complete: t.Optional[bool] = None
    created: t.Optional[int] = Field(default=None, alias="_creationDate")
    started_date: t.Optional[int] = Field(default=None, alias="_startedDate")
    completed: t.Optional[int] = Field(default=None, alias="_completionDate")
    completed_by: t.Optional[_CompletedBy] = Field(default=None, alias="_completedBy")
    audiences: t.Optional[list[_Audience]] = Field(default=None, alias="_audiences")

    def read_status(self) -> Status:
        """The service's word, else what the two booleans of a legacy release say."""
        if self.status:
            return status_from_word(self.status)
        if self.complete:
            return Status.COMPLETED
        return Status.ACTIVE if self.started else Status.NOT_STARTED

    def to_phase(self, index: int) -> models.Phase:
        return models.Phase(
            id=self.id,
            name=self.name,
            index=index,
            status=self.read_status(),
            status_raw=self.status or None,
            started=self.started,
            complete=bool(self.complete),
            created_at=time_from_millis(self.created),
            started_at=time_from_millis(self.started_date),
            completed_at=time_from_millis(self.completed),
            completed_by=self.completed_by.to_actor() if self.completed_by else None,
            audiences=None if self.audiences is None else tuple(audience.to_audience() for audience in self.audiences),
        )


class WireRelease(WireModel):
    """`Release` of the OpenAPI document."""

    name: t.Optional[str] = None
    pipeline_key: t.Optional[str] = Field(default=None, alias="releasePipelineKey")
    phases: list[_Phase]
    version: t.Optional[int] = Field(default=None, alias="_version")
    variation_id: t.Optional[str] = Field(default=None, alias="_releaseVariationId")
    canceled: t.Optional[int] = Field(default=None, alias="_canceledAt")

    def to_release(self, project_key: str, flag_key: str) -> models.Release:
        # 0 and Go's zero time are how a server writes that there is no time.
        is_canceled = self.canceled not in (None, 0, GO_ZERO_MILLIS)
        return models.Release(
            project_key=project_key,
            flag_key=flag_key,
            pipeline_key=self.pipeline_key,
            pipeline_name=self.name,
            version=self.version,
            variation_id=self.variation_id,
            canceled=is_canceled,
            canceled_at=time_from_millis(self.canceled) if is_canceled else None,
            # Only the pipeline itself says so in a word.
            is_legacy=not any(phase.status for phase in self.phases) if self.phases else None,
            phases=tuple(phase.to_phase(index) for index, phase in enumerate(self.phases)),
        )
