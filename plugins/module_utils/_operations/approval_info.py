# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operation of ld_approval_request_info: list the approval requests of a flag in one environment."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .._backends.base import ApprovalApi
    from .._http.client import Http
    from .._model.desired import ApprovalFilter
    from .._model.release import ApprovalRequest


class ApprovalInfoOperation:
    """Lists the approval requests of a flag in one environment."""

    def __init__(self, approvals: ApprovalApi, http: Http, wanted: ApprovalFilter) -> None:
        self._approvals = approvals
        self._http = http
        self._wanted = wanted
        self._found: tuple[ApprovalRequest, ...] = ()
        self.warnings: list[str] = []

    def run(self) -> None:
        wanted = self._wanted
        self._found = tuple(
            request
            for request in self._approvals.list_requests(wanted.target, wanted.environment_key)
            if wanted.review_status is None or request.review_status in wanted.review_status
            if wanted.status is None or request.status in wanted.status
        )

    def to_result(self) -> dict[str, t.Any]:
        return {
            "changed": False,
            "approvals": [request.to_result() for request in self._found],
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }
