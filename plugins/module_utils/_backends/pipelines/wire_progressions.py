# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Release progressions as LaunchDarkly's API writes them, and their translation.

Field names: LaunchDarkly's OpenAPI document (schemas ReleaseProgressionCollection, ReleaseProgression, PhaseInfo). `activePhaseStatus`
is in later versions of it only, and a legacy pipeline has no status words.
"""

from __future__ import annotations

import typing as t

from ..._core.libraries import Field
from ..._model import progression as models
from ..._model.release import Status, time_from_millis
from ..reading import WireModel
from .wire import status_from_word


class _PhaseInfo(WireModel):
    id: str = Field(alias="_id")
    name: str
    releases: int = Field(alias="releaseCount")

    def to_count(self) -> models.PhaseCount:
        return models.PhaseCount(self.id, self.name, self.releases)


class _Progression(WireModel):
    flag_key: str = Field(alias="flagKey")
    created: t.Optional[int] = Field(default=None, alias="_createdAt")
    completed: t.Optional[int] = Field(default=None, alias="_completedAt")
    phase_id: t.Optional[str] = Field(default=None, alias="activePhaseId")
    status: t.Optional[str] = Field(default=None, alias="activePhaseStatus")

    def to_progression(self, names: dict[str, str]) -> models.Progression:
        """`names` are those of the pipeline's phases by their IDs; a phase that is not among them has no name."""
        completed_at = _time(self.completed)
        if completed_at is not None:
            return models.Progression(
                self.flag_key,
                status=Status.COMPLETED,
                created_at=_time(self.created),
                completed_at=completed_at,
            )
        return models.Progression(
            self.flag_key,
            phase=names.get(self.phase_id or ""),
            phase_id=self.phase_id or None,
            status=status_from_word(self.status) if self.status else None,
            status_raw=self.status or None,
            created_at=_time(self.created),
        )


def _time(millis: int | None) -> str | None:
    # 0 is how a server writes that there is no time.
    return time_from_millis(millis or None)


class WireProgressions(WireModel):
    items: list[_Progression]
    phases: list[_PhaseInfo]
    total: int = Field(alias="totalCount")
    active: int = Field(alias="activeCount")
    completed: int = Field(alias="completedCount")

    def to_progressions(self) -> models.Progressions:
        names = {phase.id: phase.name for phase in self.phases}
        return models.Progressions(
            tuple(item.to_progression(names) for item in self.items),
            tuple(phase.to_count() for phase in self.phases),
            active=self.active,
            completed=self.completed,
        )
