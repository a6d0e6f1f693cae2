# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Environments as the phases of a run: which of them stop it, and what the module's result says of a phase. Pure.

A release through environments has the shape of a release of a pipeline, so that planning, waiting, notices and the report need not
know the difference. Its `kind` is `environments`, and its phases have more keys, which `_phase` lists.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import Strategy
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import add_seconds

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import Settings
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_environments import (
        EnvironmentSettings,
    )

Result = dict[str, t.Any]

KIND = "environments"
BEGUN = ("active", "paused", "completed")
# These change the flag's targeting; the others start an environment release.
PATCHES = (Strategy.IMMEDIATE.value, Strategy.PERCENTAGE.value)


class ReleaseChanged(SettingsError):
    """What LaunchDarkly shows does not let the run begin; `code` is the error code."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def entries(settings: Settings) -> list[Result]:
    """What an overview of all entries takes."""
    return [step_options(settings, entry.id) for entry in settings.environments]


def step_options(settings: Settings, phase_id: str) -> Result:
    """The options of ld_environment_release for a phase. `is_last`: it is the last of several audiences of its environment."""
    entry = find_entry(settings, phase_id)
    same = [item.id for item in settings.environments if item.environment == entry.environment]
    return {
        **entry.options,
        "retry_reverted": is_retried(entry, settings),
        "is_last": len(same) > 1 and same[-1] == phase_id,
    }


def find_entry(settings: Settings, phase_id: str) -> EnvironmentSettings:
    return next(item for item in settings.environments if item.id == phase_id)


def is_retried(entry: EnvironmentSettings, settings: Settings) -> bool:
    is_named = entry.name in settings.retry or entry.id in settings.retry
    return is_named or bool(entry.options.get("retry_reverted"))


def as_release(overview: Mapping[str, t.Any], keys: Mapping[str, str], settings: Settings) -> Result:
    """The result of an overview of all entries, in their order, as a release. `keys` are those of project and flag."""
    found = zip(settings.environments, overview["environments"])
    phases = _with_order([_phase(index, entry, state) for index, (entry, state) in enumerate(found)])
    return {
        **keys,
        "kind": KIND,
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
    """`problem` is why nothing may be started, `is_unfinished` says that rules of earlier audiences are left."""
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
        "started_at": state["started_at"] if begun else None,
        "completed_at": state["ended_at"],
        "completed_by": None,
        "audiences": [audience],
        "percent": state["percent"],
        "window": state["window"],
        "waits_until": state["next_step_at"],
        "waits_for_other": state["waits_for_other"],
        "is_unfinished": state["is_unfinished"],
        "problem": state["error"],
        "undo_mark": state["undo_mark"],
        "audit_problem": state["audit_problem"],
        "rules_ahead": state["rules_ahead"],
        "found": state["found"],
        "target_id": state["target_variation"]["id"],
        "steps": _steps(release) if begun and entry.strategy not in PATCHES else [],
    }


def refuse_what_stops_a_run(release: Mapping[str, t.Any], settings: Settings, until: int) -> None:
    """Raises ReleaseChanged for what somebody has reverted, undone or changed in the environments up to `until`."""
    phases: list[Mapping[str, t.Any]] = release["phases"][: until + 1]
    for phase, entry in zip(phases, settings.environments):
        retry = is_retried(entry, settings)
        if phase["problem"]:
            may_help = not retry and phase["problem"]["code"] in RETRIED
            hint = f" In a run of the role, set release_retry={phase['name']} instead." if may_help else ""
            raise ReleaseChanged(f"{phase['problem']['message']}{hint}", phase["problem"]["code"])
        later = [other["name"] for other in phases[phase["index"] + 1 :] if _is_ahead(other, phase)]
        if later and not retry:
            raise ReleaseChanged(_changed(release, phase, later), "changed_by_others")


# What release_retry is for.
RETRIED = ("release_reverted", "release_undone", "approval_declined")


def _is_ahead(later: Mapping[str, t.Any], phase: Mapping[str, t.Any]) -> bool:
    """Was a later environment released, although this one is not complete?"""
    if phase["complete"] or later["status"] not in BEGUN:
        return False
    # One release may be for several audiences of an environment.
    is_same = later["audiences"][0]["environment_key"] == phase["audiences"][0]["environment_key"]
    return not (is_same and phase["status"] in BEGUN)


def _changed(release: Mapping[str, t.Any], phase: Mapping[str, t.Any], later: Sequence[str]) -> str:
    name = phase["name"]
    return (
        f"Release {release['project_key']}/{release['flag_key']}: {name} is {phase['status']} although {' and '.join(later)} after it"
        f" {'was' if len(later) == 1 else 'were'} released. Somebody else changed the flag. Nothing was sent. Look at the flag in"
        f" LaunchDarkly. To release in {name} again, set release_retry={name}."
    )


def audit_warnings(release: Mapping[str, t.Any], settings: Settings, until: int) -> list[str]:
    """An undo can only be remembered where the audit log can be read, so a run that may undo warns before it starts."""
    if settings.on_failure == "stop":
        return []
    found = [phase["audit_problem"] for phase in release["phases"][: until + 1] if phase["audit_problem"]]
    return list(dict.fromkeys(found))


def as_phase_result(release: Mapping[str, t.Any], phase_id: str, result: Mapping[str, t.Any]) -> Result:
    """A result of ld_environment_release with the keys that one of ld_release_phase has: `phase` and `release`."""
    before = next(item for item in release["phases"] if item["id"] == phase_id)
    updated = _updated(before, result)
    phases = _with_order([updated if item is before else item for item in release["phases"]])
    phase = phases[before["index"]]
    changed = {**release, "phases": phases, "complete": all(item["complete"] for item in phases)}
    missing = {"waited": 0.0, "approvals": [], "approval_pending": False, "action": "none", "changed": False}
    # A failure that has seen nothing says nothing about the phase.
    seen = {"phase": phase if result.get("status") else None, "environment_release": result.get("release")}
    # What is done about a complete phase starts nothing.
    action = {"action": "none"} if before["complete"] else {}
    return {**missing, **result, **action, **seen, "release": changed}


def _updated(phase: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> Result:
    status = result.get("status") or phase["status"]
    begun, complete = status in BEGUN, status == "completed"
    found, targeting = _own_release(phase, result), result.get("targeting") or {}
    # Most strategies leave their times in a release; that of a patch is the last change of the flag.
    began = found.get("started_at") or found.get("created_at") or _asked_at(result) or _patched_at(phase, result)
    ended = phase["completed_at"] or found.get("ended_at") or targeting.get("changed_at")
    return {
        **phase,
        "status": status,
        "started": begun,
        "complete": complete,
        "started_at": (phase["started_at"] or began) if begun else None,
        "completed_at": ended if complete else None,
        "percent": found.get("percent", targeting.get("percent", phase["percent"])),
        "window": sum(step["duration"] for step in found.get("steps", ())) or phase["window"],
        "waits_until": result.get("waits_until"),
        "is_unfinished": phase["is_unfinished"] and not complete,
        "steps": _steps(found) or phase["steps"],
        "problem": None,
    }


def _steps(release: Mapping[str, t.Any]) -> list[Result]:
    """The steps of a release that have begun."""
    names = ("percent", "started_at", "ended_at")
    return [{name: step[name] for name in names} for step in release.get("steps", ()) if step["started_at"]]


def _own_release(phase: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> Mapping[str, t.Any]:
    """The environment release that the phase consists of; a result also shows one of long ago."""
    found: Mapping[str, t.Any] = result.get("release") or {}
    is_patch = phase["audiences"][0]["strategy"] in PATCHES
    return {} if is_patch and found.get("status") not in ("active", "paused") else found


def _asked_at(result: Mapping[str, t.Any]) -> str | None:
    """Since when a person has to approve what would release."""
    times = [item["requested_at"] for item in result.get("approvals") or ()]
    return next(iter(times), None) if result.get("approval_pending") else None


def _patched_at(phase: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> str | None:
    """When a patch released. The last change of the flag ended the steps of a percentage, for which this call has waited."""
    changed: str | None = (result.get("targeting") or {}).get("changed_at")
    if phase["audiences"][0]["strategy"] == Strategy.IMMEDIATE.value:
        return changed
    return None if phase["started"] else add_seconds(changed, -result.get("waited", 0.0))


def with_times(release: Mapping[str, t.Any], known: Mapping[str, t.Any] | None) -> Result:
    """A release as read again, with the times that this run has seen: LaunchDarkly does not always show them later."""
    seen = {phase["id"]: phase for phase in (known or {}).get("phases", ())}
    phases = [{**phase, **_kept_times(phase, seen.get(phase["id"], {}))} for phase in release["phases"]]
    return {**release, "phases": phases}


def with_undone(release: Mapping[str, t.Any], record: Mapping[str, t.Any]) -> Result:
    """A release that was read before the undo of `record`, as it is after it. Rolling an audience back leaves the others."""
    undone = {item["environment_key"]: item["action"] for item in record["undone"] if item["ok"] and item["changed"]}
    ended_in = next((phase for phase in release["phases"] if phase["id"] == record["ended_in"]), None)
    is_audience = bool(ended_in and ended_in["audiences"][0]["segment_keys"])
    phases = []
    for phase in release["phases"]:
        action = undone.get(phase["audiences"][0]["environment_key"])
        is_other = action == "rolled_back" and is_audience and phase is not ended_in
        is_reverted = action is not None and not is_other and phase["status"] in BEGUN
        phases.append({**phase, "status": "reverted", "complete": False} if is_reverted else phase)
    return {**release, "phases": phases}


def _kept_times(phase: Mapping[str, t.Any], seen: Mapping[str, t.Any]) -> Result:
    names = (("started_at", "started"), ("completed_at", "complete"), ("steps", "started"))
    return {name: seen[name] for name, fact in names if phase[fact] and seen.get(fact) and seen[name]}


def _with_order(phases: Sequence[Mapping[str, t.Any]]) -> list[Result]:
    """Each phase is ready when all before it are complete."""
    ordered: list[Result] = []
    for phase in phases:
        is_next = all(before["complete"] for before in ordered)
        word = {"ready_to_start": is_next, "not_started": is_next}.get(phase["status"])
        ordered.append({**phase} if word is None else {**phase, "status": "ready_to_start" if word else "not_started"})
    return ordered
