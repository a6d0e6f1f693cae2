# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The record of a run: what was done about each phase, and how the run ended. Pure; the clock's reading comes with each event.

A record is plain data. `going` says whether the run goes on; everything else is what `release_result` shows.
"""

from __future__ import annotations

import datetime
import math
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils import _conditions
from ansible_collections.flagops.launchdarkly.plugins.module_utils._errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._models import Status, release_from_result
from ansible_collections.flagops.launchdarkly.plugins.module_utils._narrate import duration
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._tree import plain

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Record = dict[str, t.Any]
Step = t.Mapping[str, t.Any]

# What the module says when the release is no longer the one that the plan was made for.
CHANGED_CODES = frozenset(
    {
        "not_found",
        "phase_not_found",
        "phase_not_ready",
        "phase_paused",
        "release_canceled",
        "unknown_status",
        "in_other_pipeline",
        "other_variation",
    }
)
# Each measurement of a soak is a task file included by the one before it, and Ansible bears only so many.
LONGEST_SOAK_COUNT = 60
INTERNAL = ("going", "part", "now")


def begin(project_key: str, flag_key: str, now: str) -> Record:
    return {
        "project_key": project_key,
        "flag_key": flag_key,
        "state": "running",
        "reason": None,
        "error_code": None,
        "message": None,
        "next_phase": None,
        "started_at": now,
        "finished_at": None,
        "phases": [],
        "going": True,
        "part": {"phase": None, "phase_id": None, "part": "read"},
        "now": now,
    }


def update(record: Mapping[str, t.Any], event: str, now: str, **facts: t.Any) -> Record:
    """The record after an event; see the functions below for the facts that each brings."""
    return _EVENTS[event]({**record, "now": now}, **facts)


def _read(record: Record) -> Record:
    """The release was read; the plan comes next."""
    return {**record, "part": {"phase": None, "phase_id": None, "part": "plan"}}


def _planned(record: Record, plan: Mapping[str, t.Any]) -> Record:
    """The plan is made: every phase in range appears, also the ones that nothing is done about."""
    phases = [
        {
            "phase": step["phase"],
            "phase_id": step["phase_id"],
            "environments": list(step["environments"]),
            "would": step["would"],
            "action": None,
            "status": step["status"],
            "started_at": None,
            "completed_at": None,
            "seconds": None,
            "checks": [],
            "notes": [],
        }
        for step in plan["steps"]
    ]
    return {**record, "phases": phases}


def _entered(record: Record, step: Step, part: str) -> Record:
    """The run has come to a part of a phase."""
    return {
        **record,
        "part": {"phase": step["phase"], "phase_id": step["phase_id"], "part": part, "since": record["now"]},
    }


def _acted(record: Record, step: Step, result: Mapping[str, t.Any], plan: Mapping[str, t.Any]) -> Record:
    """`ld_release_phase` has returned: keep what it did, and end the run where the phase is not done and nobody waits."""
    phase = result["phase"]
    adopted = step["would"] == "start" and not result["changed"]
    action = "adopted" if adopted else {"skip": "none", "resume": "resumed", "start": "started"}[step["would"]]
    notes = [_adoption_note(phase)] if adopted else []
    changes = {
        "action": action,
        "status": phase["status"],
        "started_at": phase["started_at"],
        "completed_at": phase["completed_at"],
        "seconds": _seconds_between(phase["started_at"], phase["completed_at"]),
        "waited": result["waited"],
    }
    record = _change_phase(record, step, changes, notes)
    if adopted and plan["on_changed_by_others"] == "stop":
        message = f"{_where(record, step)} was started by somebody else. {notes[0]} Nothing more was started."
        return _end(record, "failed", "release_changed", "changed_by_others", message)
    if not _is_reached(result["release"], step):
        return _wait(record, step, _until(phase, step))
    return record


def _adoption_note(phase: Mapping[str, t.Any]) -> str:
    actor = phase.get("completed_by") or {}
    who = (
        f", completed by {actor['kind']} {actor.get('name') or actor.get('email') or actor.get('id')}" if actor else ""
    )
    when = f" at {phase['started_at']}" if phase.get("started_at") else ""
    return plain(
        f"Started{when} by somebody else, or by another run{who}; LaunchDarkly does not say who started a phase."
    )


def _is_reached(release: Mapping[str, t.Any], step: Step) -> bool:
    try:
        progress = _conditions.assess(release_from_result(release), step["phase_id"], Status(step["wait_for"]))
    except LaunchDarklyError:
        return False
    return isinstance(progress, _conditions.Met)


def _until(phase: Mapping[str, t.Any], step: Step) -> str | None:
    """When a phase that was started will have had its longest wait."""
    return _add(phase.get("started_at"), step["wait_timeout"])


def _wait(record: Record, step: Step, until: str | None, what: str = "") -> Record:
    """The run ends while something is still awaited."""
    awaited = what or f"to be {step['wait_for']}"
    limit = f" until {until}" if until else ""
    message = f"{_where(record, step)} is awaited {awaited}{limit}. Run the same again to go on from there."
    return _end(record, "waiting", "waiting", None, message)


def _soaking(record: Record, step: Step, left: float) -> Record:
    """The phase is done, and its soak is not over, and nobody waits."""
    return _wait(record, step, _add(record["now"], left), f"to soak for {duration(left)} more")


def _checked(record: Record, step: Step, check: Mapping[str, t.Any], verdict: str, measurements: list[t.Any]) -> Record:
    """A check has come to its verdict; anything but `passed` ends the run."""
    detail = measurements[-1]["detail"] if measurements else "nothing was measured"
    evidence = {
        "name": check["name"],
        "verdict": verdict,
        "detail": detail,
        "measurements": list(measurements),
        "at": record["now"],
    }
    record = _change_phase(record, step, {}, evidence=evidence)
    if verdict == "passed":
        return record
    said = "failed" if verdict == "failed" else "could not be measured, which counts as no"
    message = (
        f"{_where(record, step)}: check '{check['name']}' {said}: {plain(detail)}. Status of the phase: {_status(record, step)}."
        " No further phase is started, and LaunchDarkly is left as it is. Mend the cause and run the same again: the check runs first."
    )
    return _end(record, "failed", f"check_{verdict}", f"check_{verdict}", message)


def _stopped(record: Record, step: Step) -> Record:
    """A person has to confirm the phase first."""
    message = (
        f"{_where(record, step)} waits for a person's yes. To go on, run the same again with"
        f" -e 'release_confirmed={step['phase']}'."
    )
    return _end(record, "stopped", "confirm", None, message)


def _failed(record: Record, result: Mapping[str, t.Any]) -> Record:
    """A task of the run has failed; `result` is its result."""
    part = record["part"]
    code = result.get("error_code")
    said = plain(result.get("msg") or "the task gave no reason")
    if part["part"] == "read":
        return _end(record, "failed", "not_readable", code or "no_release", said)
    if part["part"] == "plan":
        return _end(record, "failed", "invalid_settings", code or "invalid_option", said)
    reason = _reason(part["part"], code)
    where = (
        f"Release {record['project_key']}/{record['flag_key']}, phase '{part['phase']}'{_environments(record, part)}"
    )
    message = (
        f"{where}, {part['part']}: {said} No further phase is started, and LaunchDarkly is left as it is."
        f"{_remedy(record, part, code)}"
    )
    return _end(record, "failed", reason, code, message)


def _reason(part: str, code: str | None) -> str:
    if part == "start":
        if code in CHANGED_CODES:
            return "release_changed"
        return code if code == "wait_timeout" else "start_failed"
    return f"{part.partition(' ')[0]}_failed"


def _remedy(record: Record, part: Mapping[str, t.Any], code: str | None) -> str:
    if code == "wait_timeout" and record["phases"] and record["phases"][-1]["phase_id"] == part["phase_id"]:
        return " If the last phase stays active in this account, set release_final_status: active."
    return " Mend the cause and run the same again: it goes on from there."


def _ended(record: Record, release: Mapping[str, t.Any] | None, *, check_mode: bool) -> Record:
    """The run is over; `release` is the last that was read. In check mode nothing but the plan was made."""
    if record["state"] == "running" and check_mode:
        record = _end(record, "planned", None, None, "Check mode: this is what a run would do; nothing was started.")
    elif record["state"] == "running":
        record = _end(record, "completed", None, None, "Every phase in range is where it should be.")
    return {**record, "finished_at": record["now"], "next_phase": _next_phase(release), "part": None}


def _next_phase(release: Mapping[str, t.Any] | None) -> str | None:
    """The first phase that is not done, by the rule that waits use."""
    if not release:
        return None
    current = release_from_result(release)
    for phase in current.phases:
        if not isinstance(_conditions.assess(current, phase.id, Status.COMPLETED), _conditions.Met):
            return phase.name
    return None


def public(record: Mapping[str, t.Any]) -> Record:
    """The record as `release_result` holds it."""
    return {name: value for name, value in record.items() if name not in INTERNAL}


def tell(record: Mapping[str, t.Any]) -> list[str]:
    """What was done, one line a phase, for people."""
    lines = []
    for phase in record["phases"]:
        took = f" in {duration(phase['seconds'])}" if phase["seconds"] is not None else ""
        checks = "".join(f"; check {check['name']} {check['verdict']}" for check in phase["checks"])
        done = phase["action"] or ("skipped" if phase["would"] == "skip" else "not reached")
        lines.append(plain(f"{phase['phase']}: {done}, now {phase['status']}{took}{checks}"))
    return lines


def sum_up(record: Mapping[str, t.Any]) -> str:
    """A run in one line: how it ended, and which phases it did something about."""
    if not record:
        return "not needed"
    reason = f" ({record['reason']})" if record["reason"] else ""
    done = [
        f"{phase['phase']} {phase['action']}" for phase in record["phases"] if phase["action"] not in (None, "none")
    ]
    return plain(f"{record['state']}{reason}; {', '.join(done) or 'nothing changed'}")


def soak_left(phase: Mapping[str, t.Any], soak: float, since: str, now: str, speed: float = 1.0) -> float:
    """Seconds of the soak that are left, counted from LaunchDarkly's completion time.

    Or from `since`, when this run came to the soak, where LaunchDarkly gives no time or one that our clock has not reached: no
    soak waits longer than itself because two clocks differ.
    """
    passed = [_seconds_between(moment, now) or 0.0 for moment in (phase.get("completed_at"), since)]
    return max(0.0, soak / speed - max(passed))


def soak_pause(step: Step, left: float) -> int:
    """Seconds until something is to be done in a soak: its end, or the next measurement of a check.

    Measurements are spread so that there are at most LONGEST_SOAK_COUNT of them.
    """
    intervals = [check["interval"] for check in step["checks"] if check["during"] == "soak"]
    # Whole seconds, since that is what a pause knows.
    shortest: float = min([left, *(max(interval, step["soak"] / LONGEST_SOAK_COUNT) for interval in intervals)])
    return math.ceil(shortest)


def _end(record: Record, state: str, reason: str | None, code: str | None, message: str) -> Record:
    return {**record, "state": state, "reason": reason, "error_code": code, "message": message, "going": False}


def _change_phase(
    record: Record, step: Step, changes: Mapping[str, t.Any], notes: list[str] | None = None, evidence: t.Any = None
) -> Record:
    phases = [
        {
            **phase,
            **changes,
            "notes": phase["notes"] + (notes or []),
            "checks": phase["checks"] + ([evidence] if evidence else []),
        }
        if phase["phase_id"] == step["phase_id"]
        else phase
        for phase in record["phases"]
    ]
    return {**record, "phases": phases}


def _where(record: Record, step: Step) -> str:
    return f"Release {record['project_key']}/{record['flag_key']}, phase '{plain(step['phase'])}'{_environments(record, step)}"


def _environments(record: Record, step: Step) -> str:
    found = next((phase for phase in record["phases"] if phase["phase_id"] == step["phase_id"]), None)
    return f" ({', '.join(found['environments'])})" if found and found["environments"] else ""


def _status(record: Record, step: Step) -> str:
    return next((phase["status"] for phase in record["phases"] if phase["phase_id"] == step["phase_id"]), "unknown")


def _moment(iso: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(iso.replace("Z", "+00:00"))


def _seconds_between(earlier: str | None, later: str | None) -> float | None:
    if not earlier or not later:
        return None
    return round((_moment(later) - _moment(earlier)).total_seconds(), 3)


def _add(iso: str | None, seconds: float) -> str | None:
    if not iso:
        return None
    return (_moment(iso) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


_EVENTS: dict[str, Callable[..., Record]] = {
    "read": _read,
    "planned": _planned,
    "entered": _entered,
    "acted": _acted,
    "soaking": _soaking,
    "checked": _checked,
    "stopped": _stopped,
    "failed": _failed,
    "ended": _ended,
}
