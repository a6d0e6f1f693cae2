# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operation of ld_release_info: read a flag's release."""

from __future__ import annotations

import typing as t

from .._core.data import to_builtin
from .._model.release import Status

if t.TYPE_CHECKING:
    from .._backends.base import ReleaseApi
    from .._http.client import Http
    from .._model.desired import Target
    from .._model.release import Release


class InfoOperation:
    """Reads a flag's release."""

    def __init__(self, api: ReleaseApi, http: Http, target: Target) -> None:
        self._api = api
        self._http = http
        self._target = target
        self._release: Release | None = None
        self.warnings: list[str] = []

    def run(self) -> None:
        self._release = self._api.find_release(self._target)

    def to_result(self) -> dict[str, t.Any]:
        phases = self._release.phases if self._release else ()
        current = (phase for phase in phases if phase.status in (Status.ACTIVE, Status.PAUSED) and not phase.complete)
        upcoming = (
            phase
            for phase in phases
            if not (phase.is_completed or phase.started or phase.status in (Status.ACTIVE, Status.PAUSED))
        )
        return {
            "changed": False,
            "exists": self._release is not None,
            "release": self._release.to_result() if self._release else None,
            "current_phase": to_builtin(next(current, None)),
            "next_phase": to_builtin(next(upcoming, None)),
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }
