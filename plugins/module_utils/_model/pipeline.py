# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A release pipeline as this collection speaks of it: the definition that the releases of its flags follow."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._core.data import to_builtin
from .release import Audience, GuardianConfiguration, Phase, Release, Status


@dataclass(frozen=True)
class PipelineAudience:
    """`environment_key` is None where the environment was deleted."""

    name: str | None = None
    environment_key: str | None = None
    strategy: str | None = None
    require_approval: bool | None = None
    segment_keys: tuple[str, ...] | None = None
    notify_member_ids: tuple[str, ...] | None = None
    notify_team_keys: tuple[str, ...] | None = None
    release_guardian_configuration: GuardianConfiguration | None = None


@dataclass(frozen=True)
class PipelinePhase:
    id: str
    name: str
    audiences: tuple[PipelineAudience, ...] = ()


@dataclass(frozen=True)
class Pipeline:
    """`is_legacy`: its phases have no status, and people do what they stand for. `is_default` and `is_legacy` None where unknown."""

    key: str
    name: str
    description: str | None = None
    tags: tuple[str, ...] = ()
    version: int | None = None
    created_at: str | None = None
    is_default: bool | None = None
    is_legacy: bool | None = None
    phases: tuple[PipelinePhase, ...] = ()

    def to_result(self) -> dict[str, t.Any]:
        return t.cast("dict[str, t.Any]", to_builtin(self))

    def predict_release(self, project_key: str, flag_key: str, variation_id: str | None) -> Release:
        """The release that a flag will have once it is attached to this pipeline."""
        return Release(
            project_key=project_key,
            flag_key=flag_key,
            pipeline_key=self.key,
            pipeline_name=self.name,
            version=0,
            variation_id=variation_id,
            is_legacy=self.is_legacy,
            phases=tuple(_predict_phase(index, phase) for index, phase in enumerate(self.phases)),
        )


@dataclass(frozen=True)
class PipelineFilter:
    """Which release pipelines are wanted: the one with this key, else those that match; None stands for all."""

    project_key: str
    pipeline_key: str | None = None
    query: str | None = None
    environment_key: str | None = None


@dataclass(frozen=True)
class OverviewFilter:
    """The flags with these keys, else those of one pipeline, else all that are in a pipeline of the project.

    `with_completed` also lists the keys of flags whose releases are completed.
    """

    project_key: str
    pipeline_key: str | None = None
    flag_keys: tuple[str, ...] = ()
    with_completed: bool = False


def _predict_phase(index: int, phase: PipelinePhase) -> Phase:
    # A new release has its first phase ready and the others waiting; its phases carry the IDs of the pipeline's.
    return Phase(
        id=phase.id,
        name=phase.name,
        index=index,
        status=Status.NOT_STARTED if index else Status.READY_TO_START,
        started=False,
        audiences=tuple(_predict_audience(item) for item in phase.audiences),
    )


def _predict_audience(audience: PipelineAudience) -> Audience:
    """An audience of a release that does not exist yet, so that it has no ID either."""
    return Audience(
        id="",
        name=audience.name,
        environment_key=audience.environment_key,
        strategy=audience.strategy,
        require_approval=audience.require_approval,
        segment_keys=audience.segment_keys,
        release_guardian_configuration=audience.release_guardian_configuration,
    )
