# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""LaunchDarkly's calls for releases in an environment, and for what has to be known about the environment before one."""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError
from ..._http.client import path_of
from ..reading import read
from .wire import (
    WireAuditLog,
    WireEnvironment,
    WireEnvironmentRelease,
    WireEnvironmentReleases,
    WireSegment,
    write_release,
)

if t.TYPE_CHECKING:
    from ..._http.client import Http
    from ..._model.desired import EnvironmentTarget
    from ..._model.environment_release import ApprovalSettings, EnvironmentRelease, NewRelease
    from ..._model.flag import AuditEntry

# The largest page that LaunchDarkly serves, of releases and of the audit log.
PAGE = 100
AUDIT_PAGE = 20
# Ten thousand releases of one flag in 90 days: more pages are a fault of the service.
MAX_PAGES = 100

ROLL_FORWARD = "roll_forward_all_phases"
ROLL_BACK = "roll_back_all_phases_and_remove_pending_phases"


class EnvironmentReleasesApi:
    """Releases in an environment (LaunchDarkly's API tag "Environment releases (beta)")."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def list_releases(
        self, target: EnvironmentTarget, *, kind: str | None = None, deadline: float | None = None
    ) -> tuple[EnvironmentRelease, ...]:
        doing = f"read the releases of {target}"
        query: dict[str, str] = {"limit": str(PAGE)}
        if kind is not None:
            query["filter"] = f"kind equals {kind}"
        # By its id: a release that starts while pages are read moves the others to the next page.
        found: dict[str, EnvironmentRelease] = {}
        for number in range(MAX_PAGES):
            path = _path(target, query={**query, "offset": str(number * PAGE)} if number else query)
            page = read(WireEnvironmentReleases, self._http.read(path, doing, deadline), "GET", path, doing)
            found.update({item.id: item.to_release() for item in page.items})
            if len(page.items) < PAGE:
                break
        return tuple(found.values())

    def get_release(
        self,
        target: EnvironmentTarget,
        release_id: str,
        *,
        with_metrics: bool = False,
        deadline: float | None = None,
    ) -> EnvironmentRelease:
        path = _path(target, release_id, query={"expand": "metrics"} if with_metrics else None)
        doing = f"read release {release_id} of {target}"
        return read(WireEnvironmentRelease, self._http.read(path, doing, deadline), "GET", path, doing).to_release()

    def start_release(self, target: EnvironmentTarget, release: NewRelease) -> EnvironmentRelease:
        path = _path(target)
        doing = f"start a release of {target}"
        document = self._http.call("POST", path, doing, write_release(release), conflict_statuses=(409,))
        return read(WireEnvironmentRelease, document, "POST", path, doing).to_release()

    def stop_release(
        self, target: EnvironmentTarget, release_id: str, *, roll_forward: bool, comment: str
    ) -> EnvironmentRelease:
        path = _path(target, release_id, "stop")
        doing = f"stop release {release_id} of {target}"
        body = {"resolution": ROLL_FORWARD if roll_forward else ROLL_BACK, "comment": comment}
        document = self._http.call("PUT", path, doing, body, conflict_statuses=(409,))
        return read(WireEnvironmentRelease, document, "PUT", path, doing).to_release()

    def list_changes(self, target: EnvironmentTarget, before: int | None = None) -> tuple[AuditEntry, ...]:
        query = {
            "spec": f"proj/{target.project_key}:env/{target.environment_key}:flag/{target.flag_key}",
            "limit": str(AUDIT_PAGE),
        }
        if before is not None:
            query["before"] = str(before)
        path = path_of("auditlog", query=query)
        doing = f"read the audit log of {target}"
        return read(WireAuditLog, self._http.read(path, doing), "GET", path, doing).to_entries()

    def has_segment(self, target: EnvironmentTarget, segment_key: str) -> bool:
        path = path_of("segments", target.project_key, target.environment_key, segment_key)
        doing = f"read segment '{segment_key}' of {target.project_key} in {target.environment_key}"
        try:
            read(WireSegment, self._http.read(path, doing), "GET", path, doing)
        except ApiError as error:
            if error.status == 404 and error.code == "not_found":
                return False
            raise
        return True

    def get_approval_settings(self, target: EnvironmentTarget) -> ApprovalSettings:
        path = path_of("projects", target.project_key, "environments", target.environment_key)
        doing = f"read environment {target.environment_key} of project {target.project_key}"
        document = self._http.read(path, doing)
        return read(WireEnvironment, document, "GET", path, doing).to_approval_settings()


def _path(target: EnvironmentTarget, *rest: str, query: dict[str, str] | None = None) -> str:
    return path_of(
        *("projects", target.project_key, "flags", target.flag_key),
        *("environments", target.environment_key, "releases", *rest),
        query=query,
    )
