# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Where all releases of a project, of a pipeline, or of some flags stand; for the collection's own playbooks."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._core.errors import ApiError, InvalidResponse
from .._decisions.standing import environments_to_read, stand
from .._model.desired import Target

if t.TYPE_CHECKING:
    from .._backends.base import ApprovalApi, PipelineDefinitionApi, ReleaseApi
    from .._decisions.standing import Standing
    from .._http.client import Http
    from .._model.pipeline import OverviewFilter, Pipeline
    from .._model.progression import Progression, Progressions
    from .._model.release import Release


@dataclass
class _Place:
    """One flag. `problem` is why it could not be read."""

    flag_key: str
    pipeline_key: str | None = None
    progression: Progression | None = None
    release: Release | None = None
    standing: Standing | None = None
    problem: str | None = None

    def to_result(self) -> dict[str, t.Any]:
        standing, given, release = self.standing, self.progression, self.release
        phase = standing.phase if standing else None
        audiences = (phase.audiences if phase else None) or (
            release.phases[0].audiences if release and release.phases else None
        )
        return {
            "flag_key": self.flag_key,
            "list_key": self.pipeline_key,
            "pipeline_key": release.pipeline_key if release else self.pipeline_key,
            "pipeline_name": release.pipeline_name if release else None,
            "exists": release is not None or given is not None,
            "complete": release.complete if release else False,
            "phase": phase.name if phase else given.phase if given else None,
            "phase_index": phase.index if phase else None,
            "status": _status(self),
            "environment_key": next((item.environment_key for item in audiences or () if item.environment_key), None),
            "since": standing.since if standing else None,
            "turn": standing.turn if standing else None,
            "waits_for": standing.waits_for if standing else None,
            "approval_link": standing.link if standing else None,
            "problem": self.problem,
        }


def _status(place: _Place) -> str | None:
    """In the words of people: a legacy phase has no status of its own."""
    if place.release is None or place.standing is None:
        status = place.progression.status if place.progression else None
        return status.value if status else None
    if place.release.canceled:
        return "canceled"
    phase = place.standing.phase
    if phase is None:
        return "completed"
    return "legacy" if place.release.is_legacy else phase.status.value


@dataclass
class _Listed:
    pipeline: Pipeline
    progressions: Progressions

    def to_result(self) -> dict[str, t.Any]:
        result = self.progressions.to_result()
        del result["progressions"]
        return {"key": self.pipeline.key, "name": self.pipeline.name, "is_legacy": self.pipeline.is_legacy, **result}


@dataclass
class ProjectOverviewOperation:
    """Reads the lists, then each release that is not completed, then the approval requests that a phase may wait for."""

    definitions: PipelineDefinitionApi
    releases: ReleaseApi
    approvals: ApprovalApi
    http: Http
    wanted: OverviewFilter
    warnings: list[str] = field(default_factory=list, init=False)
    _pipelines: list[_Listed] = field(default_factory=list, init=False)
    _places: list[_Place] = field(default_factory=list, init=False)
    _completed: list[str] = field(default_factory=list, init=False)

    def run(self) -> None:
        if self.wanted.flag_keys:
            self._places = [_Place(key) for key in dict.fromkeys(self.wanted.flag_keys)]
        else:
            self._list()
        for place in self._places:
            self._read(place)

    def _list(self) -> None:
        project_key = self.wanted.project_key
        for pipeline in self._wanted_pipelines():
            # Completed releases are counted only, where they may be: there are more of them every day.
            status = None if self.wanted.with_completed else "active"
            found = self.definitions.list_progressions(project_key, pipeline.key, status=status)
            self._pipelines.append(_Listed(pipeline, found))
            active = [item for item in found.items if item.completed_at is None]
            self._places += [_Place(item.flag_key, pipeline.key, item) for item in active]
            self._completed += [item.flag_key for item in found.items if item.completed_at is not None]

    def _wanted_pipelines(self) -> tuple[Pipeline, ...]:
        project_key, pipeline_key = self.wanted.project_key, self.wanted.pipeline_key
        if pipeline_key is None:
            return self.definitions.list_pipelines(project_key)
        found = self.definitions.find_pipeline(project_key, pipeline_key)
        if found is None:
            # The list fails, in LaunchDarkly's own words.
            self.definitions.list_progressions(project_key, pipeline_key)
        return () if found is None else (found,)

    def _read(self, place: _Place) -> None:
        """What stops one release from being read is a fact about it; what stops every one ends the task."""
        target = Target(self.wanted.project_key, place.flag_key)
        try:
            release = self.releases.find_release(target)
            if release is not None:
                place.release = release
                requests = [
                    request
                    for key in environments_to_read(release)
                    for request in self.approvals.list_requests(target, key)
                ]
                place.standing = stand(release, requests)
        except InvalidResponse as error:
            place.problem = error.message
        except ApiError as error:
            if error.status not in (403, 404):
                raise
            place.problem = error.message

    def to_result(self) -> dict[str, t.Any]:
        return {
            "changed": False,
            "project_key": self.wanted.project_key,
            "pipelines": [listed.to_result() for listed in self._pipelines],
            "flags": [place.to_result() for place in self._places],
            "completed_flags": self._completed,
            "requests": self.http.requests_made,
            "retries": self.http.retries_made,
        }
