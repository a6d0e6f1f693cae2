# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""LaunchDarkly's calls that read release pipelines. None that writes: pipelines are being retired."""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError
from ..._http.client import path_of
from ..paging import read_pages
from ..reading import read
from .wire_pipelines import WirePipeline, WirePipelines

if t.TYPE_CHECKING:
    from ..._http.client import Http
    from ..._model.pipeline import Pipeline

# LaunchDarkly's default; it documents no larger page.
PAGE = 20


class ReleasePipelineApi:
    """Release pipelines (LaunchDarkly's API tag "Release pipelines (beta)", deprecated since October 2026)."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def find_pipeline(self, project_key: str, pipeline_key: str) -> Pipeline | None:
        path = path_of("projects", project_key, "release-pipelines", pipeline_key)
        doing = f"read release pipeline '{pipeline_key}' of project {project_key}"
        try:
            document = self._http.read(path, doing)
        except ApiError as error:
            # Both have to say so, as for a release.
            if (error.status, error.code) == (404, "not_found"):
                return None
            raise
        return read(WirePipeline, document, "GET", path, doing).to_pipeline()

    def list_pipelines(
        self, project_key: str, *, query: str | None = None, environment_key: str | None = None
    ) -> tuple[Pipeline, ...]:
        filters = {"query": query, "env": environment_key}
        wanted = ",".join(f"{name}:{value}" for name, value in filters.items() if value is not None)
        doing = f"list the release pipelines of project {project_key}"

        def read_page(offset: int) -> tuple[list[Pipeline], int | None]:
            query = {"limit": str(PAGE), "offset": str(offset), **({"filter": wanted} if wanted else {})}
            path = path_of("projects", project_key, "release-pipelines", query=query)
            page = read(WirePipelines, self._http.read(path, doing), "GET", path, doing)
            return [item.to_pipeline() for item in page.items], page.total

        return read_pages(doing, read_page, lambda pipeline: pipeline.key)
