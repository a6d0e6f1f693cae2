# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""LaunchDarkly's API calls, one function each, speaking the collection's own models."""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from .._core.errors import ApiError, InvalidResponse
from .._core.libraries import ValidationError
from .._http.client import path_of
from .._model.release import Status
from .wire import WORD_BY_STATUS, WireApprovalRequests, WireFlag, WirePipeline, WireRelease

if t.TYPE_CHECKING:
    from .._http.client import Http
    from .._model.desired import AudienceSettings, Target
    from .._model.release import ApprovalRequest, Flag, Phase, Release


# LaunchDarkly's REST API overview, "Updates using semantic patch".
SEMANTIC_PATCH = "application/json; domain-model=launchdarkly.semanticpatch"


class ReleaseApi(t.Protocol):
    """A kind of release behind one set of calls."""

    def get_release(self, target: Target, deadline: float | None = None) -> Release:
        """Read the flag's release; ApiError `not_found` when it has none. `deadline` is in monotonic seconds."""

    def find_release(self, target: Target) -> Release | None:
        """Read the flag's release, None when it has none."""

    def set_phase_status(
        self,
        target: Target,
        phase: Phase,
        status: Status,
        audiences: dict[str, AudienceSettings] | None,
    ) -> Release:
        """Send one request and return the release it answered with. Never repeats; `audiences` is keyed by audience id."""

    def delete_release(self, target: Target) -> None:
        """Remove the flag's release with one request."""


class PipelineApi(t.Protocol):
    """The way into a release that only release pipelines have."""

    def create_release(self, target: Target, pipeline_key: str, variation_id: str | None) -> Release:
        """Attach the flag to a release pipeline with one request, and return the release it answered with."""

    def predict_release(self, target: Target, pipeline_key: str, variation_id: str | None) -> Release:
        """The release that attaching the flag to this pipeline would make. Reads only."""


class FlagApi(t.Protocol):
    def get_flag(self, target: Target, environment_key: str | None = None) -> Flag:
        """Read the flag, with the targeting of one environment if one is named; ApiError `not_found` without a flag."""

    def set_targeting(self, target: Target, environment_key: str, *, enabled: bool, comment: str | None) -> Flag:
        """Turn the flag's targeting on or off in one environment with one request, and return the flag as answered."""


class ApprovalApi(t.Protocol):
    def list_requests(
        self, target: Target, environment_key: str, deadline: float | None = None
    ) -> tuple[ApprovalRequest, ...]:
        """The approval requests of the flag in one environment. `deadline` is in monotonic seconds."""

    def apply_request(self, target: Target, request: ApprovalRequest, comment: str) -> None:
        """Apply an approved request, with one call."""


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
            # Only LaunchDarkly's own word counts: a 404 of a proxy or a wrong host says nothing about the release.
            if error.code == "not_found":
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
        # Whoever starts a phase that another has just started is refused as one who starts it too early.
        outrun = (400,) if status is Status.ACTIVE else ()
        return _read_release(self._http.call("PUT", path, doing, body, outrun=outrun), target, "PUT", path, doing)

    def create_release(self, target: Target, pipeline_key: str, variation_id: str | None) -> Release:
        path = path_of("projects", target.project_key, "flags", target.flag_key, "release")
        doing = f"put {target} into release pipeline '{pipeline_key}'"
        body = {"releasePipelineKey": pipeline_key}
        if variation_id is not None:
            body["releaseVariationId"] = variation_id
        return _read_release(self._http.call("PUT", path, doing, body, outrun=(400, 409)), target, "PUT", path, doing)

    def delete_release(self, target: Target) -> None:
        path = path_of("flags", target.project_key, target.flag_key, "release")
        self._http.call("DELETE", path, f"remove the release of {target}", outrun=(404,))

    def predict_release(self, target: Target, pipeline_key: str, variation_id: str | None) -> Release:
        path = path_of("projects", target.project_key, "release-pipelines", pipeline_key)
        doing = f"read release pipeline '{pipeline_key}' of project {target.project_key}"
        pipeline = _read(WirePipeline, self._http.read(path, doing), "GET", path, doing)
        return pipeline.predict_release(target.project_key, target.flag_key, variation_id)


class FeatureFlagApi:
    """Feature flags (LaunchDarkly's API tag "Feature flags")."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def get_flag(self, target: Target, environment_key: str | None = None) -> Flag:
        query = {"env": environment_key} if environment_key else None
        path = path_of("flags", target.project_key, target.flag_key, query=query)
        doing = f"read the flag {target}"
        return _read(WireFlag, self._http.read(path, doing), "GET", path, doing).to_flag()

    def set_targeting(self, target: Target, environment_key: str, *, enabled: bool, comment: str | None) -> Flag:
        # LaunchDarkly refuses a change that an open approval request or a scheduled change conflicts with. An emergency brake
        # has to work just then; turning on can wait until a person has looked.
        query = None if enabled else {"ignoreConflicts": "true"}
        path = path_of("flags", target.project_key, target.flag_key, query=query)
        doing = f"turn the targeting of {target} {'on' if enabled else 'off'} in {environment_key}"
        body: dict[str, t.Any] = {
            "environmentKey": environment_key,
            "instructions": [{"kind": "turnFlagOn" if enabled else "turnFlagOff"}],
        }
        if comment is not None:
            body["comment"] = comment
        # A conflict says that somebody else is at it, perhaps to the same end.
        document = self._http.call("PATCH", path, doing, body, content_type=SEMANTIC_PATCH, outrun=(409,))
        return _read(WireFlag, document, "PATCH", path, doing).to_flag()


class ApprovalRequestApi:
    """Approval requests of flags (LaunchDarkly's API tag "Approvals"). `api_host` is what its pages are under."""

    def __init__(self, http: Http, api_host: str) -> None:
        self._http = http
        self._api_host = api_host

    def list_requests(
        self, target: Target, environment_key: str, deadline: float | None = None
    ) -> tuple[ApprovalRequest, ...]:
        path = self._path(target, environment_key)
        doing = f"read the approval requests of {target} in {environment_key}"
        found = _read(WireApprovalRequests, self._http.read(path, doing, deadline), "GET", path, doing)
        project, environment, flag = (
            quote(part, safe="") for part in (target.project_key, environment_key, target.flag_key)
        )
        # The address at which LaunchDarkly's web application has long shown a flag in an environment.
        page = f"{self._api_host}/{project}/{environment}/features/{flag}"
        return tuple(item.to_request(environment_key, self._api_host, page) for item in found.items)

    def apply_request(self, target: Target, request: ApprovalRequest, comment: str) -> None:
        path = self._path(target, request.environment_key, request.id, "apply")
        doing = f"apply approval request {request.id} of {target} in {request.environment_key}"
        self._http.call("POST", path, doing, {"comment": comment})

    def _path(self, target: Target, environment_key: str, *rest: str) -> str:
        return path_of(
            *("projects", target.project_key, "flags", target.flag_key),
            *("environments", environment_key, "approval-requests", *rest),
        )


def _read_release(document: t.Any, target: Target, method: str, path: str, doing: str) -> Release:
    return _read(WireRelease, document, method, path, doing).to_release(target.project_key, target.flag_key)


W = t.TypeVar("W", WireRelease, WirePipeline, WireFlag, WireApprovalRequests)


def _read(kind: type[W], document: t.Any, method: str, path: str, doing: str) -> W:
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        fields = ", ".join(".".join(str(step) for step in item["loc"]) or "body" for item in error.errors()[:5])
        raise InvalidResponse(
            f"Could not {doing}: the answer to {method} {path} is not what LaunchDarkly answers there; unexpected: {fields}."
            " Something else may have answered, or the API has changed.",
            method=method,
            path=path,
            status=200,
            answer_lost=method != "GET",
        ) from None


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
