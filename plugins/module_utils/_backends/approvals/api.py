# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""LaunchDarkly's calls for approval requests of flags."""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from ..._http.client import path_of
from ..reading import read
from .wire import WireApprovalRequests

if t.TYPE_CHECKING:
    from ..._http.client import Http
    from ..._model.desired import Target
    from ..._model.release import ApprovalRequest


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
        found = read(WireApprovalRequests, self._http.read(path, doing, deadline), "GET", path, doing)
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
