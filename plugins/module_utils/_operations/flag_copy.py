# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Reads a flag as plain data: its targeting in all environments, or in some of them with all that a rehearsal copies."""

from __future__ import annotations

import typing as t

from .._core.data import to_builtin
from .._decisions import environment_errors as errors
from .._model.desired import EnvironmentTarget

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from .._http.client import Http
    from .._model.desired import Target
    from .._model.flag import Flag
    from .environment_facts import EnvironmentApis


class FlagCopyOperation:
    """Without keys, all environments. `deep`: with releases, approval settings and the context kinds seen."""

    def __init__(self, apis: EnvironmentApis, http: Http, target: Target, keys: Sequence[str], *, deep: bool) -> None:
        self._apis = apis
        self._http = http
        self._target = target
        self._keys = tuple(keys)
        self._deep = deep
        self._flag: Flag | None = None
        self._more: dict[str, dict[str, t.Any]] = {}
        self.warnings: list[str] = []

    def run(self) -> None:
        flag = self._apis.flags.get_flag(self._target, self._keys, with_context_kinds=self._deep)
        for key in self._keys if self._deep else ():
            place = EnvironmentTarget(self._target.project_key, self._target.flag_key, key)
            if key not in flag.environments:
                raise errors.environment_not_found(place, flag)
            self._more[key] = {
                "approval_settings": to_builtin(self._apis.releases.get_approval_settings(place)),
                "releases": to_builtin(self._apis.releases.list_releases(place)),
            }
        self._flag = flag

    def to_result(self) -> dict[str, t.Any]:
        flag = to_builtin(self._flag) if self._flag else None
        if flag:
            flag["environments"] = {
                key: {**item, **self._more.get(key, {})} for key, item in flag["environments"].items()
            }
        return {
            "changed": False,
            "flag": flag,
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }
