# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a failed run turns off again, by release_on_failure. Pure: decided from what LaunchDarkly shows after the failure."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import environment_keys
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import add_counts, phase_of

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Record

# Statuses of a phase that has begun, and of one that has not. A word that is not known may be either.
ENTERED = ("active", "paused", "completed")
NOT_ENTERED = ("not_started", "ready_to_start")


def environments_to_turn_off(record: Mapping[str, t.Any], release: Mapping[str, t.Any] | None) -> list[str]:
    """Where targeting has to be turned off: in environments that the release has entered, and nowhere else.

    `release` is as read after the failure, None where it could not be read: then a phase whose start was sent counts as entered.
    """
    # Whoever ends a pause by hand wants the run to end, and nothing more to be sent.
    if record["state"] != "failed" or record["reason"] == "aborted" or record["on_failure"] == "stop":
        return []
    seen = {phase["id"]: phase for phase in (release or {}).get("phases") or ()}
    chosen = [phase for phase in record["phases"] if _is_entered(record, phase, seen.get(phase["phase_id"]), release)]
    if record["on_failure"] in ("turn_off", "roll_back"):
        chosen = [phase for phase in chosen if phase["phase_id"] == record["ended_in"]]
    keys = [key for phase in chosen for key in _environments(phase, seen.get(phase["phase_id"]))]
    return list(dict.fromkeys(keys))


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


def comment(record: Mapping[str, t.Any]) -> str:
    """For LaunchDarkly's audit log."""
    phase = phase_of(record, record["ended_in"])
    return plain(
        f"Turned off by the run of {record['started_at']} that released {record['project_key']}/{record['flag_key']}:"
        f" phase '{phase.get('phase')}', {record['reason']}"
    )


def turned_off(record: Record, now: str, environment_key: str, result: Mapping[str, t.Any]) -> Record:
    """One environment was to be turned off; `result` is that of ld_flag_targeting. The run's own failure stays the first."""
    failed = bool(result.get("failed"))
    entry = {
        "environment_key": environment_key,
        "ok": not failed,
        "changed": bool(result.get("changed")),
        "comment": comment(record),
        "error_code": result.get("error_code"),
        "message": plain(result.get("msg")) if failed else None,
        "at": now,
    }
    return {**add_counts(record, result), "undone": [*record["undone"], entry]}


def explain(record: Record) -> Record:
    """Add to the message what was turned off, once all of it is done."""
    said = [_said(entry) for entry in record["undone"]]
    if any(entry["ok"] for entry in record["undone"]):
        said.append(
            "The release itself stays where it is, and a later run does not turn the flag on. After fixing the cause, turn"
            " targeting on with ld_flag_targeting, then rerun the same command."
        )
    return {**record, "message": " ".join([record["message"], *said])}


def _said(entry: Mapping[str, t.Any]) -> str:
    key = entry["environment_key"]
    if not entry["ok"]:
        return f"Targeting could NOT be turned off in {key}: {entry['message']}"
    return f"Targeting was turned off in {key}." if entry["changed"] else f"Targeting was already off in {key}."
