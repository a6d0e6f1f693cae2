# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of a project's flags: its filters, and what it leaves out of each flag. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..core.documents import JsonObject
from ..core.errors import invalid_request
from ..environment_releases import releases
from ..flags import document

# Documented words of `guardedRollout`. Which releases each stands for is an assumption, and so is that `archived` finds none here.
_GUARDED: dict[str, Callable[[JsonObject], bool]] = {
    "any": lambda _release: True,
    "monitoring": lambda release: release["status"] == releases.IN_PROGRESS,
    "regressed": lambda release: release["status"] == releases.WAITING,
    "rolledBack": lambda release: release["status"] == releases.REVERTED,
    "completed": lambda release: release["status"] == releases.COMPLETED,
    "archived": lambda _release: False,
}
_STATES = ("live", "deprecated", "archived")
_FIELDS = ("filterEnv", "guardedRollout", "query", "releasePipeline", "state", "tags")


def parse_filter(given: str) -> dict[str, str]:
    """Read the filter of a list request: ``field:value``, separated by commas. The other documented fields are not supported."""
    wanted: dict[str, str] = {}
    for part in filter(None, given.split(",")):
        field, colon, value = part.partition(":")
        if not colon or field not in _FIELDS:
            raise invalid_request(f"Invalid filter: {part!r}.")
        wanted[field] = value
    if wanted.get("guardedRollout", "any") not in _GUARDED or wanted.get("state", "live") not in _STATES:
        raise invalid_request(f"Invalid filter: {given!r}.")
    return wanted


def matching(project: JsonObject, wanted: dict[str, str]) -> list[JsonObject]:
    """Return the flags that pass every filter. Documented: archived ones only if asked for."""
    state = wanted.get("state")
    flags = [flag for flag in project["flags"].values() if flag["archived"] is (state == "archived")]
    # The simulator knows no deprecated flags.
    flags = [] if state == "deprecated" else flags
    return [flag for flag in flags if all(_passes(project, flag, wanted, field) for field in wanted)]


def _passes(project: JsonObject, flag: JsonObject, wanted: dict[str, str], field: str) -> bool:
    value = wanted[field]
    if field == "query":
        return any(value.lower() in flag[name].lower() for name in ("key", "name"))
    if field == "tags":
        return set(value.split("+")) <= set(flag["tags"])
    if field == "releasePipeline":
        release = project["releases"].get(flag["key"]) or {}
        # Assumption: a canceled release is in no pipeline, as in the list of progressions.
        return release.get("releasePipelineKey") == value and release.get("_canceledAt") is None
    if field == "guardedRollout":
        return _is_guarded(project, flag, value, wanted.get("filterEnv"))
    return True


def _is_guarded(project: JsonObject, flag: JsonObject, word: str, environment_key: str | None) -> bool:
    # Documented: filters by environment need filterEnv. That this one goes without, for all environments, is an assumption.
    found = [
        item
        for item in project["environmentReleases"]
        if item["flagKey"] == flag["key"] and environment_key in (None, item["environmentKey"])
    ]
    return any(item["kind"] == "guarded" and _GUARDED[word](item) for item in found)


def served(flag: JsonObject, project: JsonObject, environment_keys: Sequence[str], summary: bool) -> JsonObject:
    """Return a flag as the list shows it. Documented: environments and their rules only if asked for."""
    shown = document.served(flag, project, environment_keys)
    if not environment_keys:
        return {**shown, "environments": {}}
    if summary:
        left_out = ("targets", "contextTargets", "rules", "prerequisites")
        for environment in shown["environments"].values():
            for name in left_out:
                del environment[name]
    return shown
