# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operation behind the inventory plugin: the releases of whole projects, read as lists wherever there is one."""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass

from .._core.errors import LaunchDarklyError, OptionError
from .._core.links import flag_page
from .._decisions.environment_errors import environment_not_found
from .._decisions.release_progress import environment_progress, phase_since
from .._model.desired import EnvironmentTarget, Target
from .._model.flag import FlagFilter
from .._model.release_list import ENVIRONMENTS, FLAGS, PIPELINE, PIPELINES, ListedRelease, Progress

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._backends.base import FlagApi, PipelineDefinitionApi, ReleaseApi
    from .._http.client import Http
    from .._model.flag import Flag
    from .._model.pipeline import Pipeline
    from .._model.progression import Progression
    from .._model.release_list import ReleaseListFilter

# Flags that a warning names.
MAX_NAMED = 10


@dataclass(frozen=True)
class ReleaseListApis:
    definitions: PipelineDefinitionApi
    releases: ReleaseApi
    flags: FlagApi


class ReleaseListOperation:
    """Lists the releases of projects: one request per page, and one per flag only for what no list has."""

    def __init__(self, apis: ReleaseListApis, http: Http, wanted: ReleaseListFilter, api_host: str) -> None:
        self._apis = apis
        self._http = http
        self._wanted = wanted
        self._api_host = api_host
        self._found: dict[tuple[str, str], ListedRelease] = {}
        self._pipeline_keys: set[str] = set()
        self._misfits: list[str] = []
        self.warnings: list[str] = []

    def run(self) -> None:
        for project_key in self._wanted.project_keys:
            if FLAGS in self._wanted.sources:
                self._read_flags(project_key)
            if PIPELINES in self._wanted.sources:
                self._read_pipelines(project_key)
        if PIPELINES in self._wanted.sources:
            self._refuse_unknown_pipelines()
        if self._misfits:
            more = f" and {len(self._misfits) - MAX_NAMED} more" if len(self._misfits) > MAX_NAMED else ""
            self.warnings.append(
                f"These flags cannot be released with the options environments and variation, so their status is null:"
                f" {', '.join(self._misfits[:MAX_NAMED])}{more}."
            )

    # Flags that are released through environments

    def _read_flags(self, project_key: str) -> None:
        wanted = self._wanted
        for pipeline_key in wanted.pipeline_keys or (wanted.flags.pipeline_key,):
            of_pipeline = dataclasses.replace(wanted.flags, pipeline_key=pipeline_key)
            for flag in self._apis.flags.list_flags(project_key, of_pipeline, wanted.environment_keys):
                listed = self._listed_flag(project_key, self._complete(project_key, flag))
                if ("completed" if listed.is_completed else "active") in wanted.statuses:
                    self._keep(listed)

    def _complete(self, project_key: str, flag: Flag) -> Flag:
        """The flag with all environments. LaunchDarkly documents the parameter for several in a list in two ways."""
        if set(self._wanted.environment_keys) <= set(flag.environments):
            return flag
        target = Target(project_key, flag.key)
        found = self._apis.flags.get_flag(target, self._wanted.environment_keys)
        for key in self._wanted.environment_keys:
            if key not in found.environments:
                raise environment_not_found(EnvironmentTarget(project_key, flag.key, key), found)
        return dataclasses.replace(flag, environments=found.environments)

    def _listed_flag(self, project_key: str, flag: Flag) -> ListedRelease:
        wanted = self._wanted
        try:
            progress = environment_progress(
                project_key, flag, wanted.environment_keys, wanted.variation, with_since=wanted.with_since
            )
        except LaunchDarklyError:
            self._misfits.append(f"{project_key}/{flag.key}")
            progress = Progress(None, None, None)
        return ListedRelease(
            project_key, flag.key, ENVIRONMENTS, progress, environments=wanted.environment_keys, **_details(flag)
        )

    # Releases of release pipelines

    def _read_pipelines(self, project_key: str) -> None:
        wanted = self._wanted
        for pipeline in self._apis.definitions.list_pipelines(project_key):
            self._pipeline_keys.add(pipeline.key)
            if not wanted.pipeline_keys or pipeline.key in wanted.pipeline_keys:
                self._read_pipeline(project_key, pipeline)

    def _read_pipeline(self, project_key: str, pipeline: Pipeline) -> None:
        wanted = self._wanted
        status = wanted.statuses[0] if len(wanted.statuses) == 1 else None
        items = self._apis.definitions.list_progressions(project_key, pipeline.key, status=status).items
        flags = self._flags_of(project_key, pipeline.key) if items else {}
        is_filtered = wanted.flags != FlagFilter()
        for item in items:
            flag = flags.get(item.flag_key)
            if flag is not None or not is_filtered:
                self._keep(self._listed_progression(project_key, pipeline, item, flag))

    def _flags_of(self, project_key: str, pipeline_key: str) -> Mapping[str, Flag]:
        """The flags of the pipeline that match, by key; none where nothing needs them."""
        wanted = self._wanted
        if not wanted.with_details and wanted.flags == FlagFilter():
            return {}
        of_pipeline = dataclasses.replace(wanted.flags, pipeline_key=pipeline_key)
        return {flag.key: flag for flag in self._apis.flags.list_flags(project_key, of_pipeline)}

    def _listed_progression(
        self, project_key: str, pipeline: Pipeline, item: Progression, flag: Flag | None
    ) -> ListedRelease:
        by_phase = {
            phase.id: tuple(audience.environment_key for audience in phase.audiences if audience.environment_key)
            for phase in pipeline.phases
        }
        current = by_phase.get(item.phase_id or "", ())
        progress = Progress(
            item.phase or item.phase_id, current[0] if current else None, item.status, item.completed_at
        )
        if self._wanted.with_since and item.completed_at is None:
            progress = self._since(project_key, item, progress)
        return ListedRelease(
            project_key,
            item.flag_key,
            PIPELINE,
            progress if self._wanted.with_since else dataclasses.replace(progress, since=None),
            pipeline_key=pipeline.key,
            environments=tuple(dict.fromkeys(key for keys in by_phase.values() for key in keys)),
            **(_details(flag) if flag else {}),
        )

    def _since(self, project_key: str, item: Progression, progress: Progress) -> Progress:
        """With what only the release itself says."""
        release = self._apis.releases.find_release(Target(project_key, item.flag_key))
        if release is None:
            return progress
        phase = next((phase for phase in release.phases if phase.id == item.phase_id), None)
        # A status without a word of the service's is not known.
        status = progress.status or (phase.status if phase and phase.status_raw else None)
        return dataclasses.replace(progress, status=status, since=phase_since(release, item.phase_id))

    def _refuse_unknown_pipelines(self) -> None:
        unknown = [key for key in self._wanted.pipeline_keys if key not in self._pipeline_keys]
        if unknown:
            projects = ", ".join(self._wanted.project_keys)
            known = ", ".join(sorted(self._pipeline_keys)) or "none"
            raise OptionError(
                f"release_pipeline_keys: {projects} has no release pipeline '{unknown[0]}'. Release pipelines there: {known}."
            )

    def _keep(self, item: ListedRelease) -> None:
        """A release of a pipeline says more than the flag's targeting, and one that runs more than one that is completed."""
        key = (item.project_key, item.flag_key)
        known = self._found.get(key)
        if known is None or known.kind == ENVIRONMENTS or known.is_completed:
            self._found[key] = item

    def to_result(self) -> dict[str, t.Any]:
        return {
            "changed": False,
            "releases": [self._to_result(self._found[key]) for key in sorted(self._found)],
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }

    def _to_result(self, item: ListedRelease) -> dict[str, t.Any]:
        environment_key = item.progress.environment_key or (item.environments[-1] if item.environments else None)
        link = flag_page(self._api_host, item.project_key, environment_key, item.flag_key) if environment_key else None
        return {**item.to_result(), "link": link}


def _details(flag: Flag) -> dict[str, t.Any]:
    return {"name": flag.name, "tags": flag.tags, "maintainer": flag.maintainer}
