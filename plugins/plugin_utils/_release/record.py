# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The record of a run: what was done about each phase, and how the run ended. Pure; the clock's reading comes with each event.

A record is plain data. `going` says whether the run goes on; everything else is what `release_result` shows.
"""

from __future__ import annotations

import math
import re
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration, plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions import approval as approval_rules
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions import wait as wait_rules
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import (
    Status,
    approval_from_result,
    environment_keys,
    release_from_result,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import checks as check_rules
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import is_done
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.text import escape_templates
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import add_seconds, seconds_between

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Record = dict[str, t.Any]
Step = t.Mapping[str, t.Any]

# What the module says when the release is no longer the one that the plan was made for.
CHANGED_CODES = frozenset(
    {"not_found", "phase_not_found", "phase_not_ready", "phase_paused", "release_canceled", "unknown_status"}
)
# What it says of a release that is not the one that the flag shall be attached to.
MOVED_CODES = frozenset({"in_other_pipeline", "other_variation", "release_canceled"})

# Each measurement of a soak is a task file included by the one before it, and Ansible bears only so many.
LONGEST_SOAK_COUNT = 60

# What only the run itself needs. `again`: the check wants another attempt. `soak`: since when the run soaks, and for how many
# seconds more. `measured`: the measurements of checks that have no verdict yet. `goal`: what the end is measured by. `freeze_pause`:
# seconds until a freeze window is looked at again. `ended_in`: the phase that the run ended in, by its ID. `on_failure`: what the
# plan says about an undo.
INTERNAL = ("going", "again", "soak", "measured", "goal", "freeze_pause", "ended_in", "on_failure")

# What Ansible says when a person ends a pause with Ctrl-C and A.
ABORTED = "user requested abort"

# A name without a character that the shell, Ansible or a list of names would read; any other phase is named by its ID.
_EASY_NAME = re.compile(r"[\w.-]+( [\w.-]+)*")

# Failures of ld_release_phase that are reasons of their own: each has another remedy.
OWN_REASONS = ("wait_timeout", "approval_timeout", "approval_declined", "approval_required")


def aim(project_key: str, flag_key: str, until: t.Any) -> str:
    """What the run is about, for its first line."""
    return plain(f"{project_key}/{flag_key}" + (f", until {until}" if until else ""))


def begin(project_key: str, flag_key: str, now: str) -> Record:
    return {
        "project_key": project_key,
        "flag_key": flag_key,
        "state": "running",
        "reason": None,
        "error_code": None,
        "message": None,
        "next_phase": None,
        "waits_until": None,
        "started_at": now,
        "finished_at": None,
        "phases": [],
        "going": True,
        "again": False,
        "soak": {},
        "measured": {},
        "goal": {},
        "freeze_pause": 0,
        "ended_in": None,
        "on_failure": "stop",
        "freeze": None,
        "undone": [],
        "changes_by_others": [],
        "warnings": [],
        "requests": 0,
        "retries": 0,
        "versions": {},
    }


def update(record: Mapping[str, t.Any], event: str, now: str, **facts: t.Any) -> Record:
    """The record after an event; see the functions below for the facts that each brings."""
    return _EVENTS[event](dict(record), now, **facts)


def _read(record: Record, _now: str, result: Mapping[str, t.Any]) -> Record:
    """The release was read, or the flag attached."""
    record = _count(record, result)
    if result["exists"]:
        return record
    message = (
        f"The flag {record['project_key']}/{record['flag_key']} has no release that can be read. Check both keys and the token's"
        " rights, or name the release pipeline to attach it to with release_pipeline_key."
    )
    return end(record, "failed", "not_readable", "no_release", message)


def _planned(record: Record, _now: str, plan: Mapping[str, t.Any], *, check_mode: bool) -> Record:
    """The plan is made: every phase in range appears, also the ones that nothing is done about."""
    if plan.get("error"):
        return end(record, "failed", "invalid_settings", "invalid_option", plain(plan["error"]))
    phases = [
        {
            "phase": step["phase"],
            "phase_id": step["phase_id"],
            "environments": list(step["environments"]),
            "would": step["would"],
            "action": "none" if step["would"] == "skip" else None,
            "status": step["status"],
            "started_at": None,
            "completed_at": None,
            "completed_by": None,
            "seconds": None,
            "waited": None,
            "soak": None,
            "approvals": [],
            "checks": [],
            "notes": [],
        }
        for step in plan["steps"]
    ]
    last = plan["steps"][-1]
    goal = {"phase_id": last["phase_id"], "status": last["wait_for"], "canceled_at": plan["canceled_at"]}
    warnings = [*record["warnings"], *plan.get("warnings", ())]
    record = {**record, "phases": phases, "goal": goal, "on_failure": plan["on_failure"], "warnings": warnings}
    return _only_planned(record) if check_mode else record


def _only_planned(record: Record) -> Record:
    return end(record, "planned", None, None, "Check mode: this is what a run would do; nothing was started.")


def _confirmed(record: Record, _now: str, step: Step, answer: str | None) -> Record:
    """A person was asked, or not: then `answer` is None. Only the name of the phase is a yes."""
    if answer == step["phase"]:
        return record
    message = (
        f"{where(record, step)} waits for a person's yes. To go on, run the same again with"
        f" -e {_confirmation(record, step)}."
    )
    return end(record, "stopped", "confirm", None, message, step)


def _confirmation(record: Record, step: Step) -> str:
    """As the shell, Ansible's -e and the list of names all take it: Ansible splits at blanks that are not in quotes of its own."""
    is_one = [phase["phase"] for phase in record["phases"]].count(step["phase"]) == 1
    value = step["phase"] if is_one and _EASY_NAME.fullmatch(step["phase"]) else plain(step["phase_id"])
    return f"\"release_confirmed='{value}'\"" if " " in value else f"'release_confirmed={value}'"


def _acted(record: Record, now: str, step: Step, result: Mapping[str, t.Any], plan: Mapping[str, t.Any]) -> Record:
    """`ld_release_phase` has returned: keep what it did, and end the run where the phase is not done and nobody waits."""
    phase = result["phase"]
    adopted = step["would"] == "start" and not result["changed"]
    notes = [_adoption_note(phase)] if adopted else []
    record = _change_phase(record, step, {**_done(step, result), "waited": result["waited"]}, notes)
    record = _by_others(_count(record, result), *(f"Phase '{plain(step['phase'])}': {note}" for note in notes))
    if adopted and plan["on_changed_by_others"] == "stop":
        message = (
            f"{where(record, step)}: {notes[0]} No further phase is started, as release_on_changed_by_others is stop."
        )
        return end(record, "failed", "release_changed", "changed_by_others", message, step)
    if result["approval_pending"]:
        awaited = f"to be approved and applied by a person: {asked(result['approvals'])}"
        return _wait(record, step, "approval", awaited, None)
    if _is_reached(result["release"], step):
        return {**record, "soak": {}}
    if plan["wait"]:
        # A wait that ends with neither what it was for nor a failure was none: the play has the role in check mode by a keyword,
        # which is in no variable.
        return _only_planned(record)
    return _wait(record, step, "phase", f"to be {step['wait_for']}{_needs_approval(step)}", _until(phase, step), now)


def asked(approvals: Iterable[Mapping[str, t.Any]]) -> str:
    """Who was asked, since when, and where a person answers, in the modules' words."""
    return plain(approval_rules.describe(approval_from_result(item) for item in approvals))


def _by_others(record: Record, *changes: str) -> Record:
    return {**record, "changes_by_others": [*record["changes_by_others"], *changes]}


def _count(record: Record, result: Mapping[str, t.Any]) -> Record:
    """Add what a task of this collection has counted; a result of the user's tasks may hold anything of these names."""
    counts = {name: result.get(name) for name in ("requests", "retries")}
    whole = {name: count for name, count in counts.items() if isinstance(count, int) and not isinstance(count, bool)}
    return {**record, **{name: record[name] + count for name, count in whole.items()}}


def _entered(record: Record, _now: str, step: Step, result: Mapping[str, t.Any]) -> Record:
    """`ld_release_phase` has returned, and is to be called again: keep what is known so far, for notices and an undo."""
    return _change_phase(record, step, _done(step, result))


def _done(step: Step, result: Mapping[str, t.Any]) -> Record:
    """What was done about a phase, and what it is like now."""
    adopted = step["would"] == "start" and not result["changed"]
    action = "adopted" if adopted else {"skip": "none", "resume": "resumed", "start": "started"}[step["would"]]
    return {"action": action, **_seen(result["phase"]), "approvals": result["approvals"]}


def _seen(phase: Mapping[str, t.Any]) -> Record:
    # A phase may list its audiences only when it is ready, which may be after the plan was made.
    found = environment_keys(phase["audiences"])
    return {
        **({"environments": found} if found else {}),
        "status": phase["status"],
        "started_at": phase["started_at"],
        "completed_at": phase["completed_at"],
        "completed_by": phase.get("completed_by"),
        "seconds": seconds_between(phase["started_at"], phase["completed_at"]),
    }


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
        progress = wait_rules.assess(release_from_result(release), step["phase_id"], Status(step["wait_for"]))
    except LaunchDarklyError:
        return False
    return isinstance(progress, wait_rules.Met)


def _needs_approval(step: Step) -> str:
    return ", which needs an approval in LaunchDarkly" if step["require_approval"] else ""


def _until(phase: Mapping[str, t.Any], step: Step) -> str | None:
    """When a phase that was started will have had its longest wait."""
    return add_seconds(phase.get("started_at"), step["wait_timeout"])


def _wait(record: Record, step: Step, reason: str, awaited: str, until: str | None, now: str | None = None) -> Record:
    """The run ends while something is still awaited; with `now`, it may be so for longer than it should."""
    limit = f" until {until}" if until else ""
    if (seconds_between(until, now) or 0) > 0:
        limit = f"; its longest wait (wait_timeout) was over at {until}"
    message = f"{where(record, step)} is awaited {awaited}{limit}. Run the same again to go on from there."
    return {**end(record, "waiting", reason, None, message, step), "waits_until": until}


def _soaking(record: Record, now: str, step: Step, phase: Mapping[str, t.Any], speed: float = 1.0) -> Record:
    """The phase is done and soaks: count what is left of that."""
    since = record["soak"].get("since") or now
    left = _soak_left(step, phase, since, now, speed)
    begun = phase.get("completed_at") or step["done_since"] or since
    span = {"seconds": step["soak"], "from": begun, "to": add_seconds(now, left)}
    record = _change_phase(record, step, {"soak": span})
    return {**record, "soak": {"since": since, "left": left, "pause": _soak_pause(step, left, speed)}}


def _soak_left(step: Step, phase: Mapping[str, t.Any], since: str, now: str, speed: float) -> float:
    """Seconds of the soak that are left, counted from LaunchDarkly's completion time.

    Or from `since`, when this run came to the soak, where LaunchDarkly gives no time or one that our clock has not reached: no
    soak waits longer than itself because two clocks differ.
    """
    moments = (phase.get("completed_at"), step["done_since"], since)
    passed = [seconds_between(moment, now) or 0.0 for moment in moments]
    soak: float = step["soak"]
    return max(0.0, soak / speed - max(passed))


def _soak_pause(step: Step, left: float, speed: float) -> int:
    """Seconds until something is to be done in a soak: its end, or the next measurement of a check.

    Measurements are spread so that there are at most LONGEST_SOAK_COUNT of them.
    """
    intervals = [check["interval"] for check in step["checks"] if check["during"] == "soak"]
    spread = [max(interval, step["soak"] / LONGEST_SOAK_COUNT) / speed for interval in intervals]
    return whole_seconds(min([left, *spread]))


def whole_seconds(seconds: float, speed: float = 1.0) -> int:
    """As many as `pause` knows, on a clock that runs `speed` times as fast."""
    return math.ceil(seconds / speed)


def _left(record: Record, now: str, step: Step) -> Record:
    """The soak is not over, and nobody waits."""
    left = record["soak"]["left"]
    return _wait(record, step, "soak", f"to soak for {duration(left)} more", add_seconds(now, left))


def _measured(
    record: Record,
    now: str,
    step: Step,
    check: Mapping[str, t.Any],
    answer: Mapping[str, t.Any],
    *,
    soaking: bool = False,
) -> Record:
    """A check was measured once; any verdict but `passed` ends the run. While the phase soaks, nothing has passed yet."""
    if not record["going"]:
        return record
    key = f"{step['phase_id']} {check['name']}"
    measurement = check_rules.measure(check["kind"], check["arguments"], answer)
    measurements = [*record["measured"].get(key, ()), {**measurement, "at": now}]
    record = {**record, "measured": {**record["measured"], key: measurements}}
    verdict = check_rules.verdict(measurements, check, over=not soaking)
    record["again"] = verdict == "again" and not soaking
    if record["again"] or (soaking and verdict != "failed"):
        return record
    return _checked(record, step, check, verdict, measurements)


def _checked(record: Record, step: Step, check: Mapping[str, t.Any], verdict: str, measurements: list[t.Any]) -> Record:
    """A check has come to its verdict."""
    last = measurements[-1]
    evidence = {
        "name": check["name"],
        "verdict": verdict,
        "detail": last["detail"],
        "at": last["at"],
        "measurements": measurements,
    }
    record = _change_phase(record, step, {}, evidence=evidence)
    if verdict == "passed":
        return record
    said = "failed" if verdict == "failed" else "could not be measured, which counts as no"
    message = (
        f"{where(record, step)}: check '{plain(check['name'])}' {said}: {_sentence(last['detail'])}{_standing(record, step)}"
        " Mend the cause and run the same again: the check runs first."
    )
    return end(record, "failed", f"check_{verdict}", f"check_{verdict}", message, step)


def _failed(
    record: Record,
    _now: str,
    result: Mapping[str, t.Any],
    step: Step | None = None,
    part: Mapping[str, t.Any] | None = None,
) -> Record:
    """A task of the run has failed; `result` is its result, and `part` what it belongs to, if it is part of a phase."""
    record = _count(record, result)
    code = result.get("error_code")
    said = _sentence(result.get("msg") or result.get("reason") or "the task gave no reason")
    if step is None or part is None:
        return end(record, "failed", _reason_before_phases(record, code), code or "internal_error", said)
    reason = _reason(part, code, said)
    if reason == "release_changed":
        record = _by_others(record, said)
    what = f"{part['side']}, {plain(part['file'])}: " if part["kind"] == "hook" else ""
    record = _change_phase(record, step, _seen_by_failure(record, step, part, result))
    if reason == "aborted":
        said = "a person ended the pause."
    remedy = _remedy(step, reason, code if part["kind"] == "start" else None)
    message = f"{where(record, step)}: {what}{said}{_standing(record, step)}{remedy}"
    return end(record, "failed", reason, code, message, step)


def _seen_by_failure(record: Record, step: Step, part: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> Record:
    """What a failed start knows of the phase. One that fails while it waits has started, or found, an active phase.

    So may have one whose answer was lost for good: `changed` is true then, whatever was seen last. A task of the user's may
    return anything under these names.
    """
    phase = result.get("phase") if part["kind"] == "start" else None
    if not phase:
        return {}
    known = _phase_of(record, step)["action"]
    entered = step["would"] != "skip" and (phase["started"] or result.get("changed"))
    action = known or ("started" if result.get("changed") else "resumed")
    approvals = {"approvals": result["approvals"]} if result.get("approvals") else {}
    return {**_seen(phase), **approvals, **({"action": action} if entered else {})}


def _reason_before_phases(record: Record, code: str | None) -> str:
    if record["phases"] or code is None:
        return "internal_error"
    return "release_changed" if code in MOVED_CODES else "not_readable"


def _reason(part: Mapping[str, t.Any], code: str | None, said: str) -> str:
    if part["kind"] == "hook":
        return f"{part['side']}_failed"
    if part["kind"] != "start":
        return "aborted" if ABORTED in said else "internal_error"
    if code in CHANGED_CODES:
        return "release_changed"
    return code if code in OWN_REASONS else "start_failed"


def _remedy(step: Step, reason: str, code: str | None) -> str:
    if reason == "aborted":
        return " Run the same again: it goes on from there."
    if code in ("approval_declined", "approval_required"):
        return " Run the same again when that is settled: it goes on from there."
    if code == "approval_timeout":
        return " Run the same again to go on waiting."
    if code != "wait_timeout":
        return " Mend the cause and run the same again: it goes on from there."
    hint = " If the last phase stays active in this account, set release_final_status: active."
    is_shown = step["is_last"] and step["wait_for"] == "completed"
    return " Run the same again to go on waiting." + (hint if is_shown else "")


def _standing(record: Record, step: Step) -> str:
    """Where a stopped run leaves things; what an undo does is told when it is done."""
    left = ", and LaunchDarkly is left as it is" if record["on_failure"] == "stop" else ""
    return f" The phase is {_phase_of(record, step)['status']}. No further phase is started{left}."


def _sentence(text: t.Any) -> str:
    said = plain(text).strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _ended(record: Record, now: str, read: Mapping[str, t.Any] | None = None) -> Record:
    """The run is over; `read` is the result of reading the release once more, None or a failure where there is none."""
    record = _count(record, read or {})
    readable = bool(read) and "exists" in (read or {}) and not (read or {}).get("failed")
    release = (read or {}).get("release") if readable else None
    if record["state"] == "running":
        changed = _changed_since(record, release) if readable else None
        if changed:
            message = (
                f"Release {record['project_key']}/{record['flag_key']} has changed while this run worked on it: {changed[1]}"
                " Every phase in range was done before that. Look at the release in LaunchDarkly before anything else."
            )
            record = end(_by_others(record, changed[1]), "failed", "release_changed", changed[0], message)
        else:
            record = end(record, "completed", None, None, "Every phase in range is where it should be.")
    now_known = {phase["id"]: _seen(phase) for phase in (release or {}).get("phases", ())}
    phases = [{**phase, **now_known.get(phase["phase_id"], {})} for phase in record["phases"]]
    return {**record, "phases": phases, "finished_at": now, "next_phase": _next_phase(release)}


def _changed_since(record: Record, release: Mapping[str, t.Any] | None) -> tuple[str, str] | None:
    """An error code and a sentence where the release is not as this run left it."""
    if release is None:
        return "not_found", "the flag has no release any more."
    current = release_from_result(release)
    if current.canceled and current.canceled_at != record["goal"]["canceled_at"]:
        return "release_canceled", f"it was canceled at {current.canceled_at}."
    try:
        progress = wait_rules.assess(current, record["goal"]["phase_id"], Status(record["goal"]["status"]))
    except LaunchDarklyError as error:
        return error.code, error.message
    if isinstance(progress, wait_rules.Ended):
        return progress.error.code, progress.error.message
    if isinstance(progress, wait_rules.Pending):
        return "changed_by_others", f"phase '{plain(progress.phase.name)}' is {progress.phase.status} again."
    return None


def _next_phase(release: Mapping[str, t.Any] | None) -> str | None:
    """The first phase that is not done, by the rule that waits use."""
    if not release:
        return None
    current = release_from_result(release)
    return next((phase.name for phase in current.phases if not is_done(current, phase)), None)


def public(record: Mapping[str, t.Any], versions: Mapping[str, t.Any] | None = None) -> Record:
    """The record as `release_result` holds it; `versions` are those of all that took part."""
    record = {**record, "versions": dict(versions or {})}
    return {name: escape_templates(value) for name, value in record.items() if name not in INTERNAL}


def tell(record: Mapping[str, t.Any]) -> list[str]:
    """What was done, one line a phase, for people."""
    lines = []
    for phase in record["phases"]:
        took = f" in {duration(phase['seconds'])}" if phase["seconds"] is not None else ""
        checks = "".join(f"; check {check['name']} {check['verdict']}" for check in phase["checks"])
        done = "skipped" if phase["would"] == "skip" else phase["action"] or "not reached"
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


def end(
    record: Record, state: str, reason: str | None, code: str | None, message: str, step: Step | None = None
) -> Record:
    """The run does not go on; `step` is the one that it ended in, if it did in one."""
    ended_in = step["phase_id"] if step else None
    outcome = {"state": state, "reason": reason, "error_code": code, "message": message}
    return {**record, **outcome, "ended_in": ended_in, "going": False}


def _phase_of(record: Mapping[str, t.Any], step: Step) -> Mapping[str, t.Any]:
    found: Mapping[str, t.Any] = next(item for item in record["phases"] if item["phase_id"] == step["phase_id"])
    return found


def note(record: Record, step: Step, text: str) -> Record:
    """Leave a note about a phase, once."""
    return record if text in _phase_of(record, step)["notes"] else _change_phase(record, step, {}, [text])


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


def where(record: Record, step: Step) -> str:
    environments = f" ({', '.join(step['environments'])})" if step["environments"] else ""
    return plain(f"Release {record['project_key']}/{record['flag_key']}, phase '{step['phase']}'{environments}")


_EVENTS: dict[str, Callable[..., Record]] = {
    "read": _read,
    "planned": _planned,
    "confirmed": _confirmed,
    "acted": _acted,
    "entered": _entered,
    "soaking": _soaking,
    "left": _left,
    "measured": _measured,
    "failed": _failed,
    "ended": _ended,
}
