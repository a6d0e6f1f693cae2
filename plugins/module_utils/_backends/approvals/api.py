# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""LaunchDarkly's calls for approval requests of flags."""

from __future__ import annotations

import typing as t

from ..._core.links import flag_page
from ..._http.client import path_of
from ..flags.wire import write_instruction
from ..reading import read
from .wire import WireApprovalRequest, WireApprovalRequests

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from ..._http.client import Http
    from ..._model.desired import EnvironmentTarget, Target
    from ..._model.flag import Change
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
        return tuple(self._to_request(item, target, environment_key) for item in found.items)

    def create_request(
        self,
        target: EnvironmentTarget,
        changes: Sequence[Change],
        description: str,
        *,
        comment: str | None,
        notify_member_ids: Sequence[str],
        notify_team_keys: Sequence[str],
    ) -> ApprovalRequest:
        path = self._path(target.flag, target.environment_key)
        doing = f"request an approval for {target}"
        body: dict[str, t.Any] = {
            "description": description,
            "instructions": [write_instruction(change) for change in changes],
        }
        optional = {
            "comment": comment,
            "notifyMemberIds": list(notify_member_ids) or None,
            "notifyTeamKeys": list(notify_team_keys) or None,
        }
        body.update({name: value for name, value in optional.items() if value is not None})
        answer = read(WireApprovalRequest, self._http.call("POST", path, doing, body), "POST", path, doing)
        return self._to_request(answer, target.flag, target.environment_key)

    def apply_request(self, target: Target, request: ApprovalRequest, comment: str) -> None:
        path = self._path(target, request.environment_key, request.id, "apply")
        doing = f"apply approval request {request.id} of {target} in {request.environment_key}"
        self._http.call("POST", path, doing, {"comment": comment})

    def _to_request(self, item: WireApprovalRequest, target: Target, environment_key: str) -> ApprovalRequest:
        page = flag_page(self._api_host, target.project_key, environment_key, target.flag_key)
        return item.to_request(environment_key, self._api_host, page)

    def _path(self, target: Target, environment_key: str, *rest: str) -> str:
        return path_of(
            *("projects", target.project_key, "flags", target.flag_key),
            *("environments", environment_key, "approval-requests", *rest),
        )
