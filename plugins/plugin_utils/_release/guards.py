# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What stands around a run: freeze windows, the undo, and notices. Pure; each takes a record and returns one."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.times import moment
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import environment_keys
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as run_record
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.freeze_windows import (
    Frozen,
    frozen,
    read_windows,
)

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Record, Step

# A pause is looked up from now and then, since somebody may change the clock or the machine may sleep: after a part of what is
# left, so that a long window has no more looks than Ansible bears, each of which is a task file included by the one before.
SHORTEST_LOOK_AGAIN = 3600
PART_OF_THE_REST = 4

# A phase in one of these has been entered.
ENTERED = ("active", "paused", "completed")


def freeze(
    record: Mapping[str, t.Any], now: str, step: Step, plan: Mapping[str, t.Any], release: Mapping[str, t.Any]
) -> Record:
    """Before a phase is started: end the run, or say how long to pause, where a freeze window is in force.

    `release` is as it was seen last: a phase may list its environments only when it is ready, which may be after the plan was made.
    """
    step = {**step, "environments": step["environments"] or _environments(release, step["phase_id"])}
    record = {**record, "freeze_pause": 0, "waits_until": None, "reason": None, "message": None}
    at = moment(now)
    found = frozen(read_windows("release_freeze", plan["freeze"]), at, step["environments"])
    if found is None:
        return record
    until, name = _until(found), _name(found)
    if plan["freeze_override"]:
        return _overridden(record, step, name, until, plain(plan["freeze_override"]))
    frozen_until = f"{run_record.where(record, step)}: no phase may be started in the freeze window {name}, which lasts until {until}."
    if plan["freeze_action"] == "wait" and plan["wait"]:
        left = (found.until - at).total_seconds()
        pause = run_record.whole_seconds(min(left, max(SHORTEST_LOOK_AGAIN, left / PART_OF_THE_REST)))
        said = {"reason": "freeze", "message": f"{frozen_until} The run waits for its end."}
        return {**record, **said, "freeze_pause": pause, "waits_until": until}
    message = f"{frozen_until} Run the same again after that; release_freeze_override with a reason passes it, and is recorded."
    state = "waiting" if plan["freeze_action"] == "wait" else "stopped"
    return {**run_record.end(record, state, "freeze", None, message, step), "waits_until": until}


def foresee(plan: dict[str, t.Any], now: str) -> dict[str, t.Any]:
    """The plan, in which the step that would be the first to start says what a window that is in force now means for it.

    When later ones would be started, nobody knows.
    """
    step = next((step for step in plan["steps"] if step["runs"]), None)
    if not plan["freeze"] or step is None or step["would"] != "start":
        return plan
    found = frozen(read_windows("release_freeze", plan["freeze"]), moment(now), step["environments"])
    if found is None:
        return plan
    until, name = _until(found), _name(found)
    if plan["freeze_override"]:
        meaning = f"in spite of the freeze window {name}"
    elif plan["freeze_action"] == "wait":
        meaning = f"not before {until}, when the freeze window {name} ends"
    else:
        meaning = f"not in this run, but after {until}, when the freeze window {name} ends"
    changed = {**step, "frozen": meaning}
    return {**plan, "steps": [changed if other is step else other for other in plan["steps"]]}


def _until(found: Frozen) -> str:
    return found.until.strftime("%Y-%m-%dT%H:%M:%SZ")


def _name(found: Frozen) -> str:
    return plain(f"{found.window.name} ({found.window.reason})")


def _environments(release: Mapping[str, t.Any], phase_id: str) -> list[str]:
    audiences = [item for phase in release["phases"] if phase["id"] == phase_id for item in phase["audiences"] or ()]
    return environment_keys(audiences)


def _overridden(record: Record, step: Step, window: str, until: str, why: str) -> Record:
    """The last window that was passed, the reason, and all phases that were let through; each of these has a note of its own."""
    text = f"Started in the freeze window {window}, which lasts until {until}: {why}"
    noted = run_record.note(record, step, text)
    if noted is record:
        return record
    before = f"{record['freeze']['phase']}, " if record["freeze"] else ""
    overridden = {"window": window, "until": until, "overridden": why, "phase": f"{before}{plain(step['phase'])}"}
    return {**noted, "freeze": overridden}


def environments_to_undo(record: Mapping[str, t.Any]) -> list[str]:
    """Where targeting has to be turned off: in environments that the release had entered, and nowhere else."""
    # Whoever ends a pause by hand wants the run to end, and nothing more to be sent.
    if record["state"] != "failed" or record["reason"] == "aborted" or record["on_failure"] == "stop":
        return []
    chosen = [phase for phase in record["phases"] if _is_reached(phase, record["ended_in"])]
    if record["on_failure"] == "turn_off":
        chosen = [phase for phase in chosen if phase["phase_id"] == record["ended_in"]]
    return list(dict.fromkeys(key for phase in chosen for key in phase["environments"]))


def _is_reached(phase: Mapping[str, t.Any], ended_in: str | None) -> bool:
    """Has the run done something about the phase, or looked at it again and failed there?"""
    if phase["action"] not in (None, "none") or phase["checks"]:
        return True
    return phase["phase_id"] == ended_in and phase["status"] in ENTERED


def entered(release: Mapping[str, t.Any]) -> list[str]:
    """The environments of the phases of a release that were started, in their order."""
    phases = release.get("phases") or ()
    audiences = [item for phase in phases if phase["started"] or phase["complete"] for item in phase["audiences"] or ()]
    return environment_keys(audiences)


def undo_comment(record: Mapping[str, t.Any]) -> str:
    """For LaunchDarkly's audit log."""
    phase = _phase(record, record["ended_in"])
    return plain(
        f"Turned off by the run of {record['started_at']} that released {record['project_key']}/{record['flag_key']}:"
        f" phase '{phase.get('phase')}', {record['reason']}"
    )


def undone(record: Mapping[str, t.Any], now: str, results: Sequence[Mapping[str, t.Any]]) -> Record:
    """What came of the undo, one result of ld_flag_targeting an environment. The run's own failure stays the first."""
    entries = [
        {
            "environment_key": result["_release_environment"],
            "ok": not result.get("failed", False),
            "changed": bool(result.get("changed")),
            "comment": undo_comment(record),
            "error_code": result.get("error_code"),
            "message": plain(result.get("msg")) if result.get("failed") else None,
            "at": now,
        }
        for result in results
    ]
    said = [_tell_undone(entry) for entry in entries]
    if any(entry["ok"] for entry in entries):
        said.append(
            "The release itself stays where it is, and a later run turns nothing on: when the cause is mended, turn targeting on"
            " again with ld_flag_targeting before you run the same again."
        )
    counted = {name: record[name] + sum(item.get(name, 0) for item in results) for name in ("requests", "retries")}
    return {**record, **counted, "undone": entries, "message": " ".join([record["message"], *said])}


def _tell_undone(entry: Mapping[str, t.Any]) -> str:
    key = entry["environment_key"]
    if not entry["ok"]:
        return f"Targeting could NOT be turned off in {key}: {entry['message']}"
    return f"Targeting was turned off in {key}." if entry["changed"] else f"Targeting was off in {key} already."


def _phase(record: Mapping[str, t.Any], phase_id: str | None) -> Mapping[str, t.Any]:
    phases: Sequence[Mapping[str, t.Any]] = record["phases"]
    return next((item for item in phases if item["phase_id"] == phase_id), {})


def event(record: Mapping[str, t.Any], name: str, now: str, step: Step | None = None) -> dict[str, t.Any]:
    """What a notice is called with; without a step it is about the phase that the run ended in, if it ended in one."""
    phase = _phase(record, step["phase_id"] if step else record["ended_in"])
    undone_in = [entry["environment_key"] for entry in record["undone"] if entry["ok"]]
    # The run itself has nothing to say yet.
    asked = (
        {"reason": "approval", "message": run_record.asked(phase["approvals"])} if name == "approval_pending" else {}
    )
    return {
        "event": name,
        "at": now,
        "project_key": record["project_key"],
        "flag_key": record["flag_key"],
        "phase": phase.get("phase"),
        "environments": undone_in if name == "undone" else list(phase.get("environments", ())),
        "status": phase.get("status"),
        "started_at": phase.get("started_at"),
        "completed_at": phase.get("completed_at"),
        "waits_until": record["waits_until"],
        "state": record["state"],
        "reason": record["reason"],
        "error_code": record["error_code"],
        "message": record["message"],
        "check": _last_check(phase) if name in ("check_passed", "check_failed") else None,
        "links": list(dict.fromkeys(item["link"] for item in phase.get("approvals", ()) if item.get("link"))),
        **asked,
    }


def _last_check(phase: Mapping[str, t.Any]) -> dict[str, t.Any]:
    last = phase["checks"][-1]
    return {name: last[name] for name in ("name", "verdict", "detail")}


def event_of_end(record: Mapping[str, t.Any]) -> str:
    """`completed`, `waiting`, `stopped` or `failed`."""
    return str(record["state"])


def chat_text(event: Mapping[str, t.Any]) -> str:
    """A notice as one line of chat."""
    where = f", phase {event['phase']}" if event["phase"] else ""
    environments = f" ({', '.join(event['environments'])})" if event["environments"] else ""
    check = f", check {event['check']['name']}: {event['check']['detail']}" if event["check"] else ""
    said = f": {event['message']}" if event["message"] else ""
    links = "".join(f" {link}" for link in event["links"] if link not in said)
    word = event["event"].replace("_", " ")
    return _chat_safe(
        plain(f"{event['project_key']}/{event['flag_key']}{where}{environments}: {word}{check}{said}{links}")
    )


def _chat_safe(text: str) -> str:
    """Slack reads these three: a name with <!channel> in it would call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def check_event(record: Mapping[str, t.Any], step: Step, check: Mapping[str, t.Any]) -> str | None:
    """The event of a check that has come to its verdict with this measurement, None while it has not."""
    checks = _phase(record, step["phase_id"])["checks"]
    if not checks or checks[-1]["name"] != check["name"]:
        return None
    return "check_passed" if checks[-1]["verdict"] == "passed" else "check_failed"


def joined(results: Sequence[Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """One result of what took several calls of ld_release_phase: the last, and what any of them changed."""
    made = [item for item in results if "changed" in item and not item.get("skipped")]
    approvals: list[t.Any] = next((item["approvals"] for item in reversed(made) if item["approvals"]), [])
    return {
        **made[-1],
        # A call that finds the phase done has no reason to look at them.
        "approvals": approvals,
        "changed": any(item["changed"] for item in made),
        "requests": sum(item["requests"] for item in made),
        "retries": sum(item["retries"] for item in made),
        "waited": round(sum(item["waited"] for item in made), 3),
    }


def noticed(record: Mapping[str, t.Any], problem: str, secrets: Sequence[str] = ()) -> Record:
    """Something beside the release went wrong: that is a warning, and never more. The address of a webhook is a secret."""
    for secret in (secret for secret in secrets if secret):
        problem = problem.replace(secret, "(its address)")
    return {**record, "warnings": [*record.get("warnings", ()), plain(problem)]}
