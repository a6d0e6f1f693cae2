# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What an event does to the record of a run. Pure; the clock's reading comes with each event.

apply(record, event, now, **facts) names every event; the functions below say which facts each needs.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration, plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions import wait as wait_rules
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import (
    Status,
    environment_keys,
    release_from_result,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.messages import (
    RERUN,
    asked,
    confirmation,
    remedy,
    sentence,
    standing,
    where,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import is_done
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import (
    add_counts,
    change_phase,
    end,
    is_running,
    phase_entry,
    phase_of,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import add_seconds, seconds_between

if t.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Record, Step

# Codes of ld_release_phase for a release that is no longer the one that the plan was made for.
CHANGED_CODES = frozenset(
    {"not_found", "phase_not_found", "phase_not_ready", "phase_paused", "release_canceled", "unknown_status"}
)
# Codes of ld_release for a release that is not the one that the flag is to be attached to.
MOVED_CODES = frozenset({"in_other_pipeline", "other_variation", "release_canceled"})
# Codes for a setting that names something that does not exist.
SETTING_CODES = frozenset({"invalid_option", "environment_not_found", "segment_not_found", "variation_not_found"})
# Codes of ld_release_phase that are reasons of their own: each has another remedy.
OWN_REASONS = ("wait_timeout", "approval_timeout", "approval_declined", "approval_required")

CHECK_MODE = "Check mode: this is what a run would do; nothing was started."


def apply(record: Mapping[str, t.Any], event: str, now: str, **facts: t.Any) -> Record:
    """The record after an event."""
    return _EVENTS[event](dict(record), now, **facts)


def _read(record: Record, _now: str, result: Mapping[str, t.Any]) -> Record:
    """The release was read, or the flag attached to a pipeline."""
    record = add_counts(record, result)
    if result.get("failed"):
        code = result.get("error_code")
        reason = "internal_error" if code is None else "release_changed" if code in MOVED_CODES else "not_readable"
        if code in SETTING_CODES:
            reason = "invalid_settings"
        return end(record, "failed", reason, code or "internal_error", sentence(result.get("msg")))
    if result["exists"]:
        return record
    message = (
        f"The flag {record['project_key']}/{record['flag_key']} has no release that can be read. Check both keys and the token's"
        " rights, or say where to release it with release_environments or release_pipeline_key."
    )
    return end(record, "failed", "not_readable", "no_release", message)


def _planned(record: Record, _now: str, plan: Mapping[str, t.Any]) -> Record:
    """The plan is made: every phase in range appears, also those that nothing is done about."""
    if plan.get("error"):
        code = plan.get("code") or "invalid_option"
        reason = "invalid_settings" if code in SETTING_CODES else "start_failed"
        if code == "changed_by_others":
            reason = "release_changed"
            record = _by_others(record, plain(plan["error"]))
        return end(record, "failed", reason, code, plain(plan["error"]))
    last = plan["steps"][-1]
    goal = {"phase_id": last["phase_id"], "status": last["wait_for"], "canceled_at": plan["canceled_at"]}
    phases = [phase_entry(step) for step in plan["steps"]]
    warnings = [*record["warnings"], *plan.get("warnings", ())]
    about = plan.get("about", {})
    return {**record, **about, "phases": phases, "goal": goal, "on_failure": plan["on_failure"], "warnings": warnings}


def _check_mode_ended(record: Record, _now: str) -> Record:
    return end(record, "planned", None, None, CHECK_MODE)


def _confirmed(record: Record, _now: str, step: Step, answer: str | None) -> Record:
    """A person was asked, or nobody could be: then `answer` is None. Only the name of the phase confirms it."""
    if answer == step["phase"]:
        return record
    message = (
        f"{where(record, step)} needs confirmation. To continue, rerun the same command with"
        f" -e {confirmation(record, step)}."
    )
    return end(record, "stopped", "confirm", None, message, step)


def _start_attempted(record: Record, _now: str, step: Step) -> Record:
    """The start is about to be sent: from here on, this run may have started the phase, whatever becomes of the answer."""
    return {**record, "attempted": [*record["attempted"], step["phase_id"]]}


def _start_answered(record: Record, _now: str, step: Step, result: Mapping[str, t.Any]) -> Record:
    """The phase was started and is yet to be waited for: keep what is known, for notices and an undo."""
    return change_phase(record, step, _done(step, result))


def _rollout_seen(record: Record, _now: str, step: Step, result: Mapping[str, t.Any]) -> Record:
    """The phase was looked at while its steps run."""
    return change_phase(record, step, _seen(result["phase"]))


def _phase_returned(
    record: Record,
    now: str,
    step: Step,
    result: Mapping[str, t.Any],
    plan: Mapping[str, t.Any],
    *,
    watches: bool = False,
) -> Record:
    """The start and the wait are over: keep what they did, and end the run where the phase is not done and nobody waits."""
    phase = result["phase"]
    adopted = step["would"] == "start" and not result["changed"]
    notes = [_adoption_note(phase)] if adopted else []
    record = change_phase(record, step, {**_done(step, result), "waited": result["waited"]}, notes)
    record = _by_others(record, *(f"Phase '{plain(step['phase'])}': {note}" for note in notes))
    if adopted and plan["on_changed_by_others"] == "stop":
        message = f"{where(record, step)}: {notes[0]} No further phase is started because release_on_changed_by_others is stop."
        return end(record, "failed", "release_changed", "changed_by_others", message, step)
    if result["approval_pending"]:
        awaited = f"is still waiting for a person to approve and apply it: {asked(result['approvals'])}"
        return _wait(record, step, "approval", awaited, None)
    # While the steps of the phase run, its checks are measured; the run waits for them there.
    if is_reached(result["release"], step) or watches:
        return record
    goal = {"completed": "completion"}.get(step["wait_for"], f"status {step['wait_for']}")
    awaited = f"is still waiting for {goal}{_approval_hint(step)}"
    if step["options"] is not None:
        return _wait_for_step(record, step, awaited, phase)
    return _wait(record, step, "phase", awaited, _until(phase, step), now)


def _wait_for_step(record: Record, step: Step, awaited: str, phase: Mapping[str, t.Any]) -> Record:
    """The run ends while a variation is rolled out; it has no deadline, but a time at which the next run is worth it."""
    until = phase["waits_until"]
    share = f", at {phase['percent']:g} %" if phase["percent"] is not None else ""
    following = f"; its step ends {until}" if until else ""
    message = f"{where(record, step)} {awaited}{share}{following}. {RERUN}"
    return {**end(record, "waiting", "phase", None, message, step), "waits_until": until}


def _by_others(record: Record, *changes: str) -> Record:
    return {**record, "changes_by_others": [*record["changes_by_others"], *changes]}


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
        # Those of a release in an environment.
        **({"steps": phase["steps"]} if phase.get("steps") else {}),
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


def is_reached(release: Mapping[str, t.Any], step: Step) -> bool:
    """Is the phase where the run needs it?"""
    try:
        progress = wait_rules.assess(release_from_result(release), step["phase_id"], Status(step["wait_for"]))
    except LaunchDarklyError:
        return False
    return isinstance(progress, wait_rules.Met)


def _approval_hint(step: Step) -> str:
    return "; it needs an approval in LaunchDarkly" if step["require_approval"] else ""


def _until(phase: Mapping[str, t.Any], step: Step) -> str | None:
    """The deadline of a phase that was started."""
    return add_seconds(phase.get("started_at"), step["wait_timeout"])


def _wait(record: Record, step: Step, reason: str, awaited: str, until: str | None, now: str | None = None) -> Record:
    """The run ends while it still waits for something; with `now`, the deadline may be over."""
    limit = f" (deadline {until})" if until else ""
    if (seconds_between(until, now) or 0) > 0:
        limit = f" (wait_timeout ended at {until})"
    message = f"{where(record, step)} {awaited}{limit}. {RERUN}"
    return {**end(record, "waiting", reason, None, message, step), "waits_until": until}


def _soak_counted(record: Record, now: str, step: Step, since: str, left: float) -> Record:
    """The phase is done and soaks since `since`, for `left` seconds more."""
    span = {"seconds": step["soak"], "from": since, "to": add_seconds(now, left)}
    return change_phase(record, step, {"soak": span})


def _soak_cut_short(record: Record, now: str, step: Step) -> Record:
    """A person at the terminal ends the soak, not the run."""
    soak = phase_of(record, step["phase_id"])["soak"]
    early = duration(seconds_between(now, soak["to"]) or 0.0)
    notes = [f"A person at the terminal ended the soak {early} early."]
    return change_phase(record, step, {"soak": {**soak, "to": now}}, notes)


def _soak_left(record: Record, now: str, step: Step, left: float, left_in_words: str) -> Record:
    """The soak is not over, and the run does not wait for its end."""
    return _wait(record, step, "soak", f"soaks for {left_in_words} more", add_seconds(now, left))


def _check_decided(
    record: Record, _now: str, step: Step, check: Mapping[str, t.Any], verdict: str, measurements: list[t.Any]
) -> Record:
    """A check has its verdict: any but `passed` ends the run."""
    last = measurements[-1]
    evidence = {
        "name": check["name"],
        "verdict": verdict,
        "detail": last["detail"],
        "at": last["at"],
        "measurements": measurements,
    }
    record = change_phase(record, step, {}, evidence=evidence)
    if verdict == "passed":
        return record
    said = "failed" if verdict == "failed" else "was inconclusive, which counts as a failure"
    message = (
        f"{where(record, step)}: check '{plain(check['name'])}' {said}: {sentence(last['detail'])}{standing(record, step)}"
        " Fix the cause, then rerun the same command; this check runs first."
    )
    return end(record, "failed", f"check_{verdict}", f"check_{verdict}", message, step)


def _task_file_failed(
    record: Record, _now: str, step: Step, part: Mapping[str, t.Any], result: Mapping[str, t.Any]
) -> Record:
    """A `before` or `after` file has failed. Its tasks are the user's: their result may hold anything."""
    record = add_counts(record, result)
    said = f"{part['side']}, {plain(part['file'])}: {_said(result)}"
    cure = " Fix the cause, then rerun the same command to resume."
    return _failed(record, step, f"{part['side']}_failed", result.get("error_code"), said, cure)


def _start_failed(record: Record, _now: str, step: Step, result: Mapping[str, t.Any]) -> Record:
    """The start, or the wait for the phase, has failed."""
    code, said = result.get("error_code"), _said(result)
    reason = "release_changed" if code in CHANGED_CODES else code if code in OWN_REASONS else "start_failed"
    if reason == "release_changed":
        record = _by_others(record, said)
    record = change_phase(record, step, _seen_by_failure(record, step, result))
    return _failed(record, step, reason, code, said, remedy(step, code))


def _seen_by_failure(record: Record, step: Step, result: Mapping[str, t.Any]) -> Record:
    """What a failed start knows of the phase. One that fails while it waits has started, or found, an active phase.

    So may have one whose answer was lost for good: `changed` is true then, whatever was seen last.
    """
    phase = result.get("phase")
    if not phase:
        return {}
    known = phase_of(record, step["phase_id"])["action"]
    entered = step["would"] != "skip" and (phase["started"] or result.get("changed"))
    action = known or ("started" if result.get("changed") else "resumed")
    approvals = {"approvals": result["approvals"]} if result.get("approvals") else {}
    return {**_seen(phase), **approvals, **({"action": action} if entered else {})}


def _aborted(record: Record, _now: str, step: Step) -> Record:
    """A person has ended the run in a pause."""
    return _failed(record, step, "aborted", None, "a person ended the pause.", f" {RERUN}")


def _interrupted(record: Record, _now: str, code: str, said: str, step: Step | None = None) -> Record:
    """The run was ended from outside; `step` is the phase that it was about then."""
    if step is None:
        return end(record, "failed", code, code, f"{said} {RERUN}")
    # What was interrupted has seen nothing since its last look.
    return _failed(record, step, code, code, said, f" {RERUN}", knows_status=False)


def _failed(
    record: Record, step: Step, reason: str, code: str | None, said: str, cure: str, *, knows_status: bool = True
) -> Record:
    message = f"{where(record, step)}: {said}{standing(record, step, knows_status=knows_status)}{cure}"
    return end(record, "failed", reason, code, message, step)


def _said(result: Mapping[str, t.Any]) -> str:
    return sentence(result.get("msg") or result.get("reason") or "the task gave no reason")


def _ended(record: Record, now: str, read: Mapping[str, t.Any] | None = None) -> Record:
    """The run is over; `read` is the result of reading the release once more, None or a failure where there is none."""
    record = add_counts(record, read or {})
    readable = bool(read) and "exists" in (read or {}) and not (read or {}).get("failed")
    release = (read or {}).get("release") if readable else None
    if is_running(record):
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
    phases = [_attributed(record, {**phase, **now_known.get(phase["phase_id"], {})}) for phase in record["phases"]]
    return {**record, "phases": phases, "finished_at": now, "next_phase": _next_phase(release)}


def _attributed(record: Record, phase: Record) -> Record:
    """A phase whose start this run has sent, and that has begun since, counts as started, though no answer said so."""
    begun = phase["phase_id"] in record["attempted"] and phase["started_at"] is not None
    return {**phase, "action": "started"} if begun and phase["action"] is None else phase


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


_EVENTS: dict[str, Callable[..., Record]] = {
    "read": _read,
    "planned": _planned,
    "check_mode_ended": _check_mode_ended,
    "confirmed": _confirmed,
    "start_attempted": _start_attempted,
    "start_answered": _start_answered,
    "phase_returned": _phase_returned,
    "rollout_seen": _rollout_seen,
    "soak_counted": _soak_counted,
    "soak_cut_short": _soak_cut_short,
    "soak_left": _soak_left,
    "check_decided": _check_decided,
    "task_file_failed": _task_file_failed,
    "start_failed": _start_failed,
    "aborted": _aborted,
    "interrupted": _interrupted,
    "ended": _ended,
}
