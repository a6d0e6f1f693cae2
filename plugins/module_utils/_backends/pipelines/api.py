# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""LaunchDarkly's calls for releases of release pipelines, one function each, speaking the collection's own models."""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError
from ..._http.client import path_of
from ..._model.release import Status
from ..reading import read
from .wire import WORD_BY_STATUS, WireRelease
from .wire_pipelines import WirePipeline

if t.TYPE_CHECKING:
    from ..._http.client import Http
    from ..._model.desired import AudienceSettings, Target
    from ..._model.release import Phase, Release


class PipelineReleaseApi:
    """Releases of release pipelines (LaunchDarkly's API tag "Releases (beta)", deprecated since October 2026)."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def get_release(self, target: Target, deadline: float | None = None) -> Release:
        path = path_of("flags", target.project_key, target.flag_key, "release")
        doing = f"read the release of {target}"
        return _read_release(self._http.read(path, doing, deadline), target, "GET", path, doing)

    def find_release(self, target: Target) -> Release | None:
        try:
            return self.get_release(target)
        except ApiError as error:
            # A 404 of a proxy has no such code, and the code with another status means something else.
            if (error.status, error.code) == (404, "not_found"):
                return None
            raise

    def set_phase_status(
        self,
        target: Target,
        phase: Phase,
        status: Status,
        audiences: dict[str, AudienceSettings] | None,
    ) -> Release:
        path = path_of("projects", target.project_key, "flags", target.flag_key, "release", "phases", phase.id)
        doing = f"set phase '{phase.name}' of {target} to {status}"
        body: dict[str, t.Any] = {"status": WORD_BY_STATUS[status]}
        if audiences is not None:
            body["audiences"] = [_write_audience(id_, settings) for id_, settings in audiences.items()]
        # Starting a phase that somebody else has just started is refused in the same way as starting it too early.
        conflicts = (400,) if status is Status.ACTIVE else ()
        document = self._http.call("PUT", path, doing, body, conflict_statuses=conflicts)
        return _read_release(document, target, "PUT", path, doing)

    def create_release(self, target: Target, pipeline_key: str, variation_id: str | None) -> Release:
        path = path_of("projects", target.project_key, "flags", target.flag_key, "release")
        doing = f"put {target} into release pipeline '{pipeline_key}'"
        body = {"releasePipelineKey": pipeline_key}
        if variation_id is not None:
            body["releaseVariationId"] = variation_id
        document = self._http.call("PUT", path, doing, body, conflict_statuses=(400, 409))
        return _read_release(document, target, "PUT", path, doing)

    def delete_release(self, target: Target) -> None:
        path = path_of("flags", target.project_key, target.flag_key, "release")
        self._http.call("DELETE", path, f"remove the release of {target}", conflict_statuses=(404,))

    def predict_release(self, target: Target, pipeline_key: str, variation_id: str | None) -> Release:
        path = path_of("projects", target.project_key, "release-pipelines", pipeline_key)
        doing = f"read release pipeline '{pipeline_key}' of project {target.project_key}"
        pipeline = read(WirePipeline, self._http.read(path, doing), "GET", path, doing)
        return pipeline.to_pipeline().predict_release(target.project_key, target.flag_key, variation_id)


def _read_release(document: t.Any, target: Target, method: str, path: str, doing: str) -> Release:
    return read(WireRelease, document, method, path, doing).to_release(target.project_key, target.flag_key)


# The request's names of what AudienceSettings holds (schema ReleaserAudienceConfigInput of LaunchDarkly's OpenAPI document).
_GUARDIAN_NAMES = {
    "monitoring_window_milliseconds": "monitoringWindowMilliseconds",
    "rollout_weight": "rolloutWeight",
    "rollback_on_regression": "rollbackOnRegression",
    "randomization_unit": "randomizationUnit",
}


def _write_audience(audience_id: str, settings: AudienceSettings) -> dict[str, t.Any]:
    """Only what was given is sent: LaunchDarkly fills the rest from the pipeline's configuration."""
    body: dict[str, t.Any] = {"audienceId": audience_id}
    guardian = settings.release_guardian_configuration
    if guardian is not None:
        body["releaseGuardianConfiguration"] = {_GUARDIAN_NAMES[name]: value for name, value in guardian.items()}
    if settings.notify_member_ids is not None:
        body["notifyMemberIds"] = list(settings.notify_member_ids)
    if settings.notify_team_keys is not None:
        body["notifyTeamKeys"] = list(settings.notify_team_keys)
    return body
