# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""LaunchDarkly's calls for feature flags."""

from __future__ import annotations

import typing as t

from ..._http.client import path_of
from ..._model.desired import EnvironmentTarget
from ..._model.flag import SwitchTargeting
from ..paging import read_pages
from ..reading import read
from .wire import WireFlag, WireFlags, WireScheduledChanges, write_instruction

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from ..._http.client import Http
    from ..._model.desired import Target
    from ..._model.flag import Change, Flag, FlagFilter, ScheduledChange

# LaunchDarkly's default; it documents no larger page.
PAGE = 20
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

    def list_flags(
        self, project_key: str, wanted: FlagFilter, environment_keys: Sequence[str] = ()
    ) -> tuple[Flag, ...]:
        doing = f"list the flags of project {project_key}"
        query: dict[str, str | Sequence[str]] = {"limit": str(PAGE)}
        filters = _filters(wanted)
        if filters:
            query["filter"] = filters
        if environment_keys:
            # Without summary=0 the list leaves the rules out.
            query |= {"env": environment_keys, "summary": "0"}

        def read_page(offset: int) -> tuple[list[Flag], int | None]:
            path = path_of("flags", project_key, query={**query, "offset": str(offset)})
            page = read(WireFlags, self._http.read(path, doing), "GET", path, doing)
            return [item.to_flag() for item in page.items], page.total

        return read_pages(doing, read_page, lambda flag: flag.key)

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
        dry_run: bool = False,
    ) -> Flag:
        # LaunchDarkly refuses a change that an open approval request or a scheduled change conflicts with.
        given = {"ignoreConflicts": ignore_conflicts, "dryRun": dry_run}
        query = {name: "true" for name, wanted in given.items() if wanted} or None
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

    def list_scheduled_changes(self, target: EnvironmentTarget) -> tuple[ScheduledChange, ...]:
        path = path_of(
            *("projects", target.project_key, "flags", target.flag_key),
            *("environments", target.environment_key, "scheduled-changes"),
        )
        doing = f"read the scheduled changes of {target}"
        return read(WireScheduledChanges, self._http.read(path, doing), "GET", path, doing).to_changes()


def _filters(wanted: FlagFilter) -> str:
    """LaunchDarkly's own form: field and value of each filter, separated by commas."""
    filters = {
        "query": wanted.query,
        "tags": "+".join(wanted.tags),
        "releasePipeline": wanted.pipeline_key,
        "guardedRollout": wanted.guarded_rollout,
        "filterEnv": wanted.guarded_environment_key if wanted.guarded_rollout else None,
    }
    return ",".join(f"{field}:{value}" for field, value in filters.items() if value)
