# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Environments as the phases of a run: which of them stop it, and what the module's result says of a phase. Pure.

A release through environments has the shape of a release of a pipeline, so that planning, waiting, notices and the report need not
know the difference. Its `kind` is `environments`, and a phase has `percent`, `waits_until` and `problem` besides.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import Settings
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_environments import (
        EnvironmentSettings,
    )

Result = dict[str, t.Any]

BEGUN = ("active", "paused", "completed")


class ReleaseChanged(SettingsError):
    """What LaunchDarkly shows does not let the run begin; `code` is the error code."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def as_release(overview: Mapping[str, t.Any], keys: Mapping[str, str], settings: Settings) -> Result:
    """The result of an overview of all entries, in their order, as a release. `keys` are those of project and flag."""
    found = zip(settings.environments, overview["environments"])
    phases = _with_order([_phase(index, entry, state) for index, (entry, state) in enumerate(found)])
    return {
        **keys,
        "kind": "environments",
        "pipeline_key": None,
        "pipeline_name": None,
        "version": None,
        "canceled_at": None,
        "variation": overview["environments"][0]["target_variation"],
        "variation_id": overview["environments"][0]["target_variation"]["id"],
        "complete": all(phase["complete"] for phase in phases),
        "phases": phases,
    }


def _phase(index: int, entry: EnvironmentSettings, state: Mapping[str, t.Any]) -> Result:
    status, release = state["status"], state["release"] or {}
    begun = status in BEGUN
    audience = {
        "id": entry.environment,
        "name": entry.name,
        "environment_key": entry.environment,
        "status": None,
        "status_raw": None,
        "strategy": entry.strategy,
        "require_approval": state["requires_approval"],
        "segment_keys": entry.options.get("segments"),
        "release_guardian_configuration": None,
    }
    return {
        "id": entry.id,
        "name": entry.name,
        "index": index,
        "status": status,
        # No later environment proves that an earlier one is complete.
        "status_raw": None,
        "started": begun,
        "complete": status == "completed",
        "created_at": None,
        "started_at": (release.get("started_at") or release.get("created_at")) if begun else None,
        "completed_at": state["ended_at"] if status == "completed" else None,
        "completed_by": None,
        "audiences": [audience],
        "percent": state["percent"],
        "waits_until": state["next_step_at"],
        "problem": state["error"],
        "rules_ahead": state["rules_ahead"],
    }


def refuse_what_stops_a_run(release: Mapping[str, t.Any], settings: Settings, until: int) -> None:
    """Raises ReleaseChanged for what somebody has reverted, undone or changed in the environments up to `until`."""
    phases: list[Mapping[str, t.Any]] = release["phases"][: until + 1]
    flag = f"{release['project_key']}/{release['flag_key']}"
    for index, phase in enumerate(phases):
        if is_retried(phase, settings):
            continue
        if phase.get("problem"):
            retry = f" To release it again, set release_retry={phase['name']}." if _may_retry(phase) else ""
            raise ReleaseChanged(f"{phase['problem']['message']}{retry}", phase["problem"]["code"])
        later = [other["name"] for other in phases[index + 1 :] if other["status"] in BEGUN]
        if phase["status"] != "completed" and later and phase["status"] not in ("active", "paused"):
            raise ReleaseChanged(
                f"Release {flag}: {phase['name']} is {phase['status']} although {' and '.join(later)} was released after it, so"
                " somebody else has changed the flag there. Nothing was sent. Look at the flag in LaunchDarkly; to release"
                f" {phase['name']} again, set release_retry={phase['name']}.",
                "changed_by_others",
            )


def is_retried(phase: Mapping[str, t.Any], settings: Settings) -> bool:
    return phase["name"] in settings.retry or phase["id"] in settings.retry


def _may_retry(phase: Mapping[str, t.Any]) -> bool:
    return phase["problem"]["code"] in ("release_reverted", "release_undone")


def entry_options(settings: Settings, phase_id: str, *, retry: bool) -> Result:
    """The options of ld_environment_release for a phase."""
    entry = next(item for item in settings.environments if item.id == phase_id)
    return {**entry.options, **({"retry_reverted": True} if retry else {})}


def is_last_audience(settings: Settings, phase_id: str) -> bool:
    """Is it the last entry for its environment, and not the only one?"""
    entry = next(item for item in settings.environments if item.id == phase_id)
    same = [item.id for item in settings.environments if item.environment == entry.environment]
    return len(same) > 1 and same[-1] == phase_id


def as_phase_result(release: Mapping[str, t.Any], phase_id: str, result: Mapping[str, t.Any]) -> Result:
    """A result of ld_environment_release with the keys that one of ld_release_phase has: `phase` and `release`."""
    phases = [_updated(phase, result) if phase["id"] == phase_id else phase for phase in release["phases"]]
    phases = _with_order(phases)
    phase = next(item for item in phases if item["id"] == phase_id)
    changed = {**release, "phases": phases, "complete": all(item["complete"] for item in phases)}
    missing = {"waited": 0.0, "approvals": [], "approval_pending": False, "action": "none", "changed": False}
    # A failure that has seen nothing says nothing about the phase.
    seen = {"phase": phase if result.get("status") else None, "environment_release": result.get("release")}
    return {**missing, **result, **seen, "release": changed}


def _updated(phase: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> Result:
    status = result.get("status") or phase["status"]
    found = result.get("release") or {}
    targeting = result.get("targeting") or {}
    begun = status in BEGUN
    started_at = (
        found.get("started_at") or found.get("created_at") or phase["started_at"] or targeting.get("changed_at")
    )
    completed_at = found.get("ended_at") or targeting.get("changed_at") or phase["completed_at"]
    return {
        **phase,
        "status": status,
        "started": begun,
        "complete": status == "completed",
        "started_at": started_at if begun else None,
        "completed_at": completed_at if status == "completed" else None,
        "percent": found.get("percent", targeting.get("percent", phase.get("percent"))),
        "waits_until": result.get("waits_until") or found.get("next_step_at"),
        "problem": None,
    }


def _with_order(phases: Sequence[Mapping[str, t.Any]]) -> list[Result]:
    """Each phase is ready when all before it are complete."""
    ordered: list[Result] = []
    for phase in phases:
        is_next = all(before["complete"] for before in ordered)
        word = {"ready_to_start": is_next, "not_started": is_next}.get(phase["status"])
        ordered.append({**phase} if word is None else {**phase, "status": "ready_to_start" if word else "not_started"})
    return ordered
