# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""LaunchDarkly's calls that read release pipelines. None that writes: pipelines are being retired."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._core.errors import ApiError
from ..._http.client import path_of
from ..paging import read_pages
from ..reading import read
from .wire_pipelines import WirePipeline, WirePipelines
from .wire_progressions import WireProgressions

if t.TYPE_CHECKING:
    from ..._http.client import Http
    from ..._model.pipeline import Pipeline
    from ..._model.progression import Progression, Progressions

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

    def list_progressions(
        self, project_key: str, pipeline_key: str, *, status: str | None = None, phase_id: str | None = None
    ) -> Progressions:
        wanted = _progression_filter(status, phase_id)
        doing = f"list the releases of release pipeline '{pipeline_key}' of project {project_key}"
        pages: list[Progressions] = []

        def read_page(offset: int) -> tuple[tuple[Progression, ...], int | None]:
            page = self._read_progressions(project_key, pipeline_key, wanted, offset, doing)
            pages.append(page.to_progressions())
            # The counts are those of the whole pipeline. None is known to be that of a phase.
            lengths = {None: page.total, "active": page.active, "completed": page.completed}
            return pages[-1].items, None if phase_id is not None else lengths[status]

        found = read_pages(doing, read_page, lambda item: item.flag_key)
        return dataclasses.replace(pages[-1], items=found)

    def list_phase(
        self, project_key: str, pipeline_key: str, phase_id: str, *, most_pages: int, deadline: float
    ) -> tuple[tuple[Progression, ...], int]:
        wanted = _progression_filter(None, phase_id)
        doing = f"list the releases in a phase of release pipeline '{pipeline_key}' of project {project_key}"
        found: dict[str, Progression] = {}
        number, pages = 0, 1
        while number < pages <= most_pages:
            document = self._read_progressions(project_key, pipeline_key, wanted, number * PAGE, doing, deadline)
            page = document.to_progressions()
            count = next((phase.releases for phase in page.phases if phase.id == phase_id), 0)
            number, pages = number + 1, max(1, -(-count // PAGE))
            found.update((item.flag_key, item) for item in page.items)
        return tuple(found.values()), pages

    def _read_progressions(
        self,
        project_key: str,
        pipeline_key: str,
        wanted: str,
        offset: int,
        doing: str,
        deadline: float | None = None,
    ) -> WireProgressions:
        query = {"limit": str(PAGE), "offset": str(offset), **({"filter": wanted} if wanted else {})}
        path = path_of("projects", project_key, "release-pipelines", pipeline_key, "releases", query=query)
        return read(WireProgressions, self._http.read(path, doing, deadline), "GET", path, doing)


def _progression_filter(status: str | None, phase_id: str | None) -> str:
    """LaunchDarkly refuses completed together with a phase, and takes active for granted with one."""
    filters = {"status": status if phase_id is None else None, "activePhaseId": phase_id}
    return ",".join(f'{name} equals "{value}"' for name, value in filters.items() if value is not None)
