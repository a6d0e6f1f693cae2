# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What stands around a run: freeze windows, the undo, and notices. Pure; each takes a record and returns one."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils import _run
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._freeze import frozen, read_windows
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._tree import plain

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._run import Record, Step

# A pause is looked up from now and then, since somebody may change the clock or the machine may sleep.
LONGEST_FREEZE_PAUSE = 3600


def freeze(record: Mapping[str, t.Any], now: str, step: Step, plan: Mapping[str, t.Any]) -> Record:
    """Before a phase is started: end the run, or say how long to pause, where a freeze window is in force."""
    record = {**record, "freeze_pause": 0}
    moment = datetime.datetime.fromisoformat(now.replace("Z", "+00:00"))
    found = frozen(read_windows("release_freeze", plan["freeze"]), moment, step["environments"])
    if found is None:
        return record
    until = found.until.strftime("%Y-%m-%dT%H:%M:%SZ")
    name = f"{found.window.name} ({found.window.reason})"
    if plan["freeze_override"]:
        return {
            **record,
            "freeze": {"window": name, "until": until, "overridden": plan["freeze_override"], "phase": step["phase"]},
        }
    if plan["freeze_action"] == "wait" and plan["wait"]:
        left = (found.until - moment).total_seconds()
        return {**record, "freeze_pause": _run.whole_seconds(min(left, LONGEST_FREEZE_PAUSE))}
    message = (
        f"{_run.where(record, step)}: no phase may be started in the freeze window {plain(name)}, which lasts until {until}."
        " Run the same again after that; release_freeze_override with a reason passes it, and is recorded."
    )
    state = "waiting" if plan["freeze_action"] == "wait" else "stopped"
    return {**_run.end(record, state, "freeze", None, message), "waits_until": until}


def environments_to_undo(record: Mapping[str, t.Any], on_failure: str) -> list[str]:
    """Where targeting has to be turned off: in environments that the release had entered, and nowhere else."""
    if record["state"] != "failed" or on_failure == "stop":
        return []
    reached = [phase for phase in record["phases"] if phase["action"] not in (None, "none") or phase["checks"]]
    chosen = (
        reached
        if on_failure == "turn_off_all"
        else [item for item in reached if item["phase"] == record["failed_phase"]]
    )
    return list(dict.fromkeys(key for phase in chosen for key in phase["environments"]))


def entered(release: Mapping[str, t.Any]) -> list[str]:
    """The environments of the phases of a release that were started, in their order."""
    phases = release.get("phases") or ()
    audiences = [item for phase in phases if phase["started"] or phase["complete"] for item in phase["audiences"] or ()]
    return list(dict.fromkeys(item["environment_key"] for item in audiences if item["environment_key"]))


def undo_comment(record: Mapping[str, t.Any]) -> str:
    """For LaunchDarkly's audit log."""
    return plain(
        f"Turned off by the run of {record['started_at']} that released {record['project_key']}/{record['flag_key']}:"
        f" phase '{record['failed_phase']}', {record['reason']}"
    )


def undone(record: Mapping[str, t.Any], now: str, results: Sequence[Mapping[str, t.Any]]) -> Record:
    """What came of the undo, one result of ld_flag_targeting an environment. The run's own failure stays the first."""
    entries = [
        {
            "environment_key": result["item"],
            "ok": not result.get("failed", False),
            "changed": bool(result.get("changed")),
            "error_code": result.get("error_code"),
            "message": plain(result["msg"]) if result.get("failed") else None,
            "at": now,
        }
        for result in results
    ]
    said = " ".join(_tell_undone(entry) for entry in entries)
    return {**record, "undone": entries, "message": f"{record['message']} {said}".strip()}


def _tell_undone(entry: Mapping[str, t.Any]) -> str:
    key = entry["environment_key"]
    if not entry["ok"]:
        return f"Targeting could NOT be turned off in {key}: {entry['message']}"
    return f"Targeting was turned off in {key}." if entry["changed"] else f"Targeting was off in {key} already."


def event(
    record: Mapping[str, t.Any], name: str, now: str, step: Step | None = None, **more: t.Any
) -> dict[str, t.Any]:
    """What a notice is called with."""
    phases: Sequence[Mapping[str, t.Any]] = record["phases"]
    phase = next((item for item in phases if step and item["phase_id"] == step["phase_id"]), {})
    return {
        "event": name,
        "at": now,
        "project_key": record["project_key"],
        "flag_key": record["flag_key"],
        "phase": step["phase"] if step else None,
        "environments": list(step["environments"]) if step else [],
        "status": phase.get("status"),
        "started_at": phase.get("started_at"),
        "completed_at": phase.get("completed_at"),
        "state": record["state"],
        "reason": record["reason"],
        "message": record["message"],
        "links": [item["link"] for item in phase.get("approvals", ()) if item.get("link")],
        **more,
    }


def event_of_end(record: Mapping[str, t.Any]) -> str:
    return "completed" if record["state"] == "completed" else str(record["state"])


def chat_text(event: Mapping[str, t.Any]) -> str:
    """A notice as one line of chat."""
    where = f" {event['phase']}" if event["phase"] else ""
    environments = f" ({', '.join(event['environments'])})" if event["environments"] else ""
    said = f": {event['message']}" if event["message"] else ""
    links = "".join(f" {link}" for link in event["links"])
    word = event["event"].replace("_", " ")
    return plain(f"{event['project_key']}/{event['flag_key']}{where}{environments} {word}{said}{links}")


def check_event(record: Mapping[str, t.Any], step: Step, check: Mapping[str, t.Any]) -> str | None:
    """The event of a check that has come to its verdict, None while it has not."""
    phase = next(item for item in record["phases"] if item["phase_id"] == step["phase_id"])
    verdicts = [item["verdict"] for item in phase["checks"] if item["name"] == check["name"]]
    if not verdicts:
        return None
    return "check_passed" if verdicts[-1] == "passed" else "check_failed"


def joined(results: Sequence[Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """One result of what took several calls of ld_release_phase: the last, and what any of them changed."""
    made = [item for item in results if "changed" in item and not item.get("skipped")]
    return {
        **made[-1],
        "changed": any(item["changed"] for item in made),
        "requests": sum(item["requests"] for item in made),
        "retries": sum(item["retries"] for item in made),
        "waited": round(sum(item["waited"] for item in made), 3),
    }


def noticed(record: Mapping[str, t.Any], problem: str) -> Record:
    """A notice could not be sent: that is a warning, and never more."""
    return {**record, "warnings": [*record.get("warnings", ()), plain(problem)]}
