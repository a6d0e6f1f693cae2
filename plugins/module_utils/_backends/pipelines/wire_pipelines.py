# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Release pipelines as LaunchDarkly's API writes them (schemas ReleasePipeline, Phase, Audience), and their translation."""

from __future__ import annotations

import typing as t

from ..._core.libraries import Field
from ..._model import pipeline as models
from ..._model.release import time_from_millis, time_from_text
from ..reading import WireModel
from .wire import WireAudienceConfiguration, WireEnvironment


class _Audience(WireModel):
    name: t.Optional[str] = None
    environment: t.Optional[WireEnvironment] = None
    configuration: t.Optional[WireAudienceConfiguration] = None
    segment_keys: t.Optional[list[str]] = Field(default=None, alias="segmentKeys")

    def to_audience(self) -> models.PipelineAudience:
        configuration = self.configuration or WireAudienceConfiguration()
        return models.PipelineAudience(
            name=self.name,
            environment_key=self.environment.key if self.environment else None,
            strategy=configuration.strategy,
            require_approval=configuration.require_approval,
            segment_keys=_tuple(self.segment_keys),
            notify_member_ids=_tuple(configuration.notify_member_ids),
            notify_team_keys=_tuple(configuration.notify_team_keys),
            release_guardian_configuration=configuration.to_guardian(),
        )


class _Phase(WireModel):
    id: str
    name: str
    # A list in the specification; a legacy pipeline may have null there.
    audiences: t.Optional[list[_Audience]] = None

    def to_phase(self) -> models.PipelinePhase:
        return models.PipelinePhase(self.id, self.name, tuple(item.to_audience() for item in self.audiences or ()))


class WirePipeline(WireModel):
    key: str
    name: str
    phases: list[_Phase]
    description: t.Optional[str] = None
    tags: t.Optional[list[str]] = None
    # A date and time by its format, epoch milliseconds by its example.
    created: t.Union[int, str, None] = Field(default=None, alias="createdAt")
    version: t.Optional[int] = Field(default=None, alias="_version")
    is_default: t.Optional[bool] = Field(default=None, alias="isProjectDefault")
    is_legacy: t.Optional[bool] = Field(default=None, alias="_isLegacy")

    def to_pipeline(self) -> models.Pipeline:
        return models.Pipeline(
            key=self.key,
            name=self.name,
            description=self.description or None,
            tags=tuple(self.tags or ()),
            version=self.version,
            created_at=time_from_millis(self.created)
            if isinstance(self.created, int)
            else time_from_text(self.created),
            is_default=self.is_default,
            is_legacy=self.is_legacy,
            phases=tuple(phase.to_phase() for phase in self.phases),
        )


class WirePipelines(WireModel):
    items: list[WirePipeline]
    total: t.Optional[int] = Field(default=None, alias="totalCount")


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
