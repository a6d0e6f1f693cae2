# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operation of ld_release_progression_info: where the flags of a release pipeline stand."""

from __future__ import annotations

import typing as t

from .._decisions.phase import find_pipeline_phase
from .._model.progression import Progressions

if t.TYPE_CHECKING:
    from .._backends.base import PipelineDefinitionApi
    from .._http.client import Http
    from .._model.pipeline import Pipeline
    from .._model.progression import ProgressionFilter


class ProgressionInfoOperation:
    """Reads a release pipeline, and lists the releases of its flags."""

    def __init__(self, api: PipelineDefinitionApi, http: Http, wanted: ProgressionFilter) -> None:
        self._api = api
        self._http = http
        self._wanted = wanted
        self._pipeline: Pipeline | None = None
        self._found = Progressions()
        self.warnings: list[str] = []

    def run(self) -> None:
        wanted = self._wanted
        # A pipeline that is not there fails in the list, in LaunchDarkly's own words.
        self._pipeline = self._api.find_pipeline(wanted.project_key, wanted.pipeline_key)
        phase_id = None
        if wanted.phase is not None and self._pipeline is not None:
            phase_id = find_pipeline_phase(self._pipeline, wanted.project_key, wanted.phase).id
        self._found = self._api.list_progressions(
            wanted.project_key, wanted.pipeline_key, status=wanted.status, phase_id=phase_id
        )

    def to_result(self) -> dict[str, t.Any]:
        return {
            "changed": False,
            **self._found.to_result(),
            "is_legacy": self._pipeline.is_legacy if self._pipeline else None,
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }
