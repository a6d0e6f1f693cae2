# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a failed run undoes, by release_on_failure. Pure: decided from what LaunchDarkly shows after the failure."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import environment_keys
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import restore
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import add_counts, phase_of

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Record

# Statuses of a phase that has begun, and of one that has not. A word that is not known may be either.
ENTERED = ("active", "paused", "completed")
NOT_ENTERED = ("not_started", "ready_to_start")


def environments_to_undo(record: Mapping[str, t.Any], release: Mapping[str, t.Any] | None) -> list[str]:
    """Where targeting has to be turned off, or rolled back: in environments that the release has entered, and nowhere else.

    `release` is as read after the failure, None where it could not be read: then a phase whose start was sent counts as entered.
    """
    # Whoever ends a pause by hand wants the run to end, and nothing more to be sent.
    if record["state"] != "failed" or record["reason"] == "aborted" or record["on_failure"] == "stop":
        return []
    seen = {phase["id"]: phase for phase in (release or {}).get("phases") or ()}
    chosen = [phase for phase in record["phases"] if _is_entered(record, phase, seen.get(phase["phase_id"]), release)]
    if record["on_failure"] in ("turn_off", "roll_back"):
        chosen = [phase for phase in chosen if phase["phase_id"] == record["ended_in"]]
    if record["on_failure"] == "restore":
        # First where the release has come last: that is where it does the most damage.
        chosen = [phase for phase in reversed(chosen) if _is_restored(record, phase)]
    keys = [key for phase in chosen for key in _environments(phase, seen.get(phase["phase_id"]))]
    return list(dict.fromkeys(keys))


def _is_restored(record: Mapping[str, t.Any], phase: Mapping[str, t.Any]) -> bool:
    """What this run has changed, and the phase that failed, which may have been released before."""
    is_changed = any(restore.is_changed(record, key) for key in phase["environments"])
    return is_changed or bool(phase["phase_id"] == record["ended_in"])


def _is_entered(
    record: Mapping[str, t.Any],
    phase: Mapping[str, t.Any],
    seen: Mapping[str, t.Any] | None,
    release: Mapping[str, t.Any] | None,
) -> bool:
    """Has the run done something about the phase, may it have started it, or did it look at it again and fail there?"""
    if phase["checks"] or (phase["action"] not in (None, "none") and phase["status"] not in NOT_ENTERED):
        return True
    if phase["phase_id"] in record["attempted"]:
        return release is None or (seen is not None and (seen["started"] or seen["status"] in ENTERED))
    status = seen["status"] if seen else phase["status"]
    return bool(phase["phase_id"] == record["ended_in"] and status in ENTERED)


def _environments(phase: Mapping[str, t.Any], seen: Mapping[str, t.Any] | None) -> list[str]:
    return environment_keys((seen or {}).get("audiences")) or list(phase["environments"])


def entered(release: Mapping[str, t.Any]) -> list[str]:
    """The environments of the phases of a release that were started, in their order."""
    phases = release.get("phases") or ()
    audiences = [item for phase in phases if phase["started"] or phase["complete"] for item in phase["audiences"] or ()]
    return environment_keys(audiences)


# What became of an environment, by the `action` of its entry: done, nothing to do, and not done.
_SAID = {
    "turned_off": (
        "Targeting was turned off in {}.",
        "Targeting was already off in {}.",
        "Targeting could NOT be turned off in {}: {}",
    ),
    "restored": (
        "{} was restored to what this run found.",
        "{} was already as this run found it.",
        "{} could NOT be restored: {}",
    ),
    "rolled_back": (
        "{} was rolled back.",
        "{} had nothing to roll back.",
        "{} could NOT be rolled back: {}",
    ),
}


def comment(record: Mapping[str, t.Any], environment_key: str) -> str:
    """For LaunchDarkly's audit log."""
    phase = phase_of(record, record["ended_in"])
    done = _action(record, environment_key).replace("_", " ").capitalize()
    return plain(
        f"{done} by the run of {record['started_at']} that released {record['project_key']}/{record['flag_key']}:"
        f" phase '{phase.get('phase')}', {record['reason']}"
    )


def _action(record: Mapping[str, t.Any], environment_key: str) -> str:
    if record["on_failure"] == "restore":
        return "restored" if restore.entry_of(record, environment_key) else "rolled_back"
    return "rolled_back" if record["on_failure"] == "roll_back" else "turned_off"


def phase_to_roll_back(record: Mapping[str, t.Any], environment_key: str) -> str:
    """The ID of the phase by which an environment is rolled back: the one that failed, else the last one there."""
    same = [phase for phase in record["phases"] if environment_key in phase["environments"] and phase["action"]]
    failed = [phase for phase in same if phase["phase_id"] == record["ended_in"]]
    chosen = failed or same
    return str(chosen[-1]["phase_id"] if chosen else record["ended_in"])


def undone(record: Record, now: str, environment_key: str, result: Mapping[str, t.Any]) -> Record:
    """One environment was to be turned off, rolled back or restored, with this result. The run's own failure stays the first."""
    failed = bool(result.get("failed"))
    entry = {
        "environment_key": environment_key,
        "action": _action(record, environment_key),
        "ok": not failed,
        "changed": bool(result.get("changed")),
        "comment": comment(record, environment_key),
        "error_code": result.get("error_code"),
        "message": plain(result.get("msg")) if failed else None,
        "at": now,
    }
    others = [entry["message"]] if entry["error_code"] == "changed_by_others" else []
    changes = [*record["changes_by_others"], *others]
    return {**add_counts(record, result), "undone": [*record["undone"], entry], "changes_by_others": changes}


def explain(record: Record, through_environments: bool = False) -> Record:
    """Add to the message what was undone, once all of it is done."""
    said = [_said(entry) for entry in record["undone"]]
    done = any(entry["ok"] for entry in record["undone"])
    if through_environments:
        said += _remembered(record)
    elif done:
        said.append(
            "The release itself stays where it is, and a later run does not turn the flag on. After fixing the cause, turn"
            " targeting on with ld_flag_targeting, then rerun the same command."
        )
    return {**record, "message": " ".join([record["message"], *said])}


def _remembered(record: Record) -> list[str]:
    """An undo that changed something is remembered, as is a release that LaunchDarkly has reverted."""
    changed = {entry["environment_key"] for entry in record["undone"] if entry["ok"] and entry["changed"]}
    names = [
        phase["phase"]
        for phase in record["phases"]
        if phase["status"] == "reverted" or (phase["action"] and changed & set(phase["environments"]))
    ]
    return [f"After fixing the cause, release again with release_retry={','.join(names)}."] if names else []


def _said(entry: Mapping[str, t.Any]) -> str:
    done, nothing, failed = _SAID[entry["action"]]
    if not entry["ok"]:
        return failed.format(entry["environment_key"], entry["message"])
    return (done if entry["changed"] else nothing).format(entry["environment_key"])
