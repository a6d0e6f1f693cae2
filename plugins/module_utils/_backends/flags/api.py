# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""LaunchDarkly's calls for feature flags."""

from __future__ import annotations

import typing as t

from ..._http.client import path_of
from ..._model.desired_environment import EnvironmentTarget
from ..._model.flag import SwitchTargeting
from ..reading import read
from .wire import WireFlag, write_instruction

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from ..._http.client import Http
    from ..._model.desired import Target
    from ..._model.flag import Change, Flag

# LaunchDarkly's REST API overview, "Updates using semantic patch".
SEMANTIC_PATCH = "application/json; domain-model=launchdarkly.semanticpatch"


class FeatureFlagApi:
    """Feature flags (LaunchDarkly's API tag "Feature flags")."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def get_flag(
        self,
        target: Target,
        environment_keys: Sequence[str] = (),
        *,
        with_context_kinds: bool = False,
        deadline: float | None = None,
    ) -> Flag:
        query: dict[str, str | Sequence[str]] = {"env": environment_keys} if environment_keys else {}
        if with_context_kinds:
            query["expand"] = "evaluation"
        path = path_of("flags", target.project_key, target.flag_key, query=query)
        doing = f"read the flag {target}"
        return read(WireFlag, self._http.read(path, doing, deadline), "GET", path, doing).to_flag()

    def set_targeting(self, target: Target, environment_key: str, *, enabled: bool, comment: str | None) -> Flag:
        # An emergency brake has to work also where something conflicts; turning on can wait until a person has looked.
        return self.change(
            EnvironmentTarget(target.project_key, target.flag_key, environment_key),
            [SwitchTargeting(enabled)],
            f"turn the targeting of {target} {'on' if enabled else 'off'} in {environment_key}",
            comment=comment,
            ignore_conflicts=not enabled,
        )

    def change(
        self,
        target: EnvironmentTarget,
        changes: Sequence[Change],
        doing: str,
        *,
        comment: str | None,
        ignore_conflicts: bool = False,
    ) -> Flag:
        # LaunchDarkly refuses a change that an open approval request or a scheduled change conflicts with.
        query = {"ignoreConflicts": "true"} if ignore_conflicts else None
        path = path_of("flags", target.project_key, target.flag_key, query=query)
        body: dict[str, t.Any] = {
            "environmentKey": target.environment_key,
            "instructions": [write_instruction(change) for change in changes],
        }
        if comment is not None:
            body["comment"] = comment
        # A conflict: somebody else changes the flag, perhaps in the same way.
        document = self._http.call("PATCH", path, doing, body, content_type=SEMANTIC_PATCH, conflict_statuses=(409,))
        return read(WireFlag, document, "PATCH", path, doing).to_flag()
