# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""LaunchDarkly's calls for feature flags."""

from __future__ import annotations

import typing as t

from ..._http.client import path_of
from ..reading import read
from .wire import WireFlag

if t.TYPE_CHECKING:
    from ..._http.client import Http
    from ..._model.desired import Target
    from ..._model.release import Flag

# LaunchDarkly's REST API overview, "Updates using semantic patch".
SEMANTIC_PATCH = "application/json; domain-model=launchdarkly.semanticpatch"


class FeatureFlagApi:
    """Feature flags (LaunchDarkly's API tag "Feature flags")."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def get_flag(self, target: Target, environment_key: str | None = None) -> Flag:
        query = {"env": environment_key} if environment_key else None
        path = path_of("flags", target.project_key, target.flag_key, query=query)
        doing = f"read the flag {target}"
        return read(WireFlag, self._http.read(path, doing), "GET", path, doing).to_flag()

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
        return read(WireFlag, document, "PATCH", path, doing).to_flag()
