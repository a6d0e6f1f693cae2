# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operation behind ld_release_pipeline_info: read, and no more."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .._backends.base import PipelineDefinitionApi
    from .._http.client import Http
    from .._model.pipeline import Pipeline, PipelineFilter


class PipelineInfoOperation:
    """Reads one release pipeline of a project, or lists them."""

    def __init__(self, api: PipelineDefinitionApi, http: Http, wanted: PipelineFilter) -> None:
        self._api = api
        self._http = http
        self._wanted = wanted
        self._found: tuple[Pipeline, ...] = ()
        self.warnings: list[str] = []

    def run(self) -> None:
        wanted = self._wanted
        if wanted.pipeline_key is None:
            self._found = self._api.list_pipelines(
                wanted.project_key, query=wanted.query, environment_key=wanted.environment_key
            )
        else:
            found = self._api.find_pipeline(wanted.project_key, wanted.pipeline_key)
            self._found = () if found is None else (found,)

    def to_result(self) -> dict[str, t.Any]:
        return {
            "changed": False,
            "pipelines": [pipeline.to_result() for pipeline in self._found],
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }
