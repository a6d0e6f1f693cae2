# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a run does about a phase that is complete: it soaks, and its checks are measured. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import checks as check_rules
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import restore, rollouts
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.actions import (
    Measure,
    Operate,
    Pause,
    RunTaskFile,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_phase import (
    answer_pause,
    has_notices,
    phase_line,
    phase_options,
    phase_result,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_state import (
    Advanced,
    Handler,
    Item,
    State,
    changed,
    done,
    notice_items,
    over,
    record_event,
    show,
    step_of,
    with_record,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.soak import soak_left, soak_pause
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import add_seconds

if t.TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Step

Check = dict[str, t.Any]


def _soak(state: State, item: Item, now: str) -> Advanced:
    """Measure each check of the soak, pause, and look at the clock again."""
    step, speed = step_of(state, item), state["speed"]
    item = {**item, "since": item.get("since", now), "measured": item.get("measured", 0)}
    entry = records.phase_of(state["record"], step["phase_id"])
    left = soak_left(step, entry, item["since"], now, speed)
    begun = entry["completed_at"] or step["done_since"] or item["since"]
    state = record_event(changed(state, item), "soak_counted", now, step=step, since=begun, left=left)
    if left <= 0:
        return done(state), None
    checks = _checks_during(step, "soak")
    if item["measured"] < len(checks):
        return state, _measure(step, checks[item["measured"]])
    if not state["plan"]["wait"]:
        return record_event(state, "soak_left", now, step=step, left=left, left_in_words=duration(left)), None
    why = f"{step['title']} soaks until {add_seconds(now, left)}"
    return changed(state, item, pauses=True), Pause(soak_pause(step, left, speed), why)


def _answer_soak(state: State, item: Item, given: t.Any, now: str) -> State:
    step = step_of(state, item)
    if item.get("pauses") and given["cut_short"]:
        return done(record_event(state, "soak_cut_short", now, step=step))
    if item.get("pauses"):
        return answer_pause(state, {**item, "measured": 0}, given, now)
    check = step["checks"][_checks_during(step, "soak")[item["measured"]]]
    state, verdict = _judge(state, step, check, given, now, over=False)
    # While the phase soaks, nothing has passed yet.
    return _decide(state, step, check, verdict, now) if verdict == "failed" else _next_check(state, item)


def _next_check(state: State, item: Item) -> State:
    return changed(state, item, measured=item["measured"] + 1)


def _checks_during(step: Step, what: str) -> list[int]:
    return [number for number, check in enumerate(step["checks"]) if check["during"] == what]


# The checks of a rollout: once before the next step of a phase that is under way; and, where the run waits, before each look at it.
#   pause     until the next measurement, or the next step
#   measure   each check, one after the other
#   look      at the phase, which also takes the step that is due


def _watch(state: State, item: Item, now: str) -> Advanced:
    step = step_of(state, item)
    entry = records.phase_of(state["record"], step["phase_id"])
    is_started = entry["action"] not in (None, "none")
    if is_started and (entry["status"] == "completed" or not state["plan"]["wait"]):
        return done(state), None
    item = {**item, "since": item.get("since", now), "measured": item.get("measured", 0)}
    stage = item.get("stage", "pause" if is_started else "measure")
    if stage == "pause":
        return _pause_rollout(state, {**item, "stage": stage}, now)
    checks = rollouts.checks(step)
    if item["measured"] < len(checks):
        return changed(state, item, stage="measure"), _measure(step, checks[item["measured"]])
    if not is_started:
        return done(state), None
    return changed(state, item, stage="look"), Operate(step["module"], phase_options(state, step, is_begun=True))


def _pause_rollout(state: State, item: Item, now: str) -> Advanced:
    step, speed = step_of(state, item), state["speed"]
    phase = next(phase for phase in state["current"]["phases"] if phase["id"] == step["phase_id"])
    left = rollouts.seconds_left(step, phase, item["since"], now, speed)
    if left <= 0:
        return record_event(state, "start_failed", now, step=step, result=_timed_out(step)), None
    pause = min(left, rollouts.pause(step, phase, item["since"], now, speed))
    return changed(state, item), Pause(pause, f"{step['title']} rolls out")


def _timed_out(step: Step) -> dict[str, t.Any]:
    said = f"The rollout was not complete before wait_timeout ({duration(step['wait_timeout'])}) ended"
    return {"failed": True, "error_code": "wait_timeout", "msg": said}


def _answer_watch(state: State, item: Item, given: t.Any, now: str) -> State:
    step = step_of(state, item)
    if item["stage"] == "look":
        return _answer_look(state, item, phase_result(state, step, given), now)
    if item["stage"] == "pause":
        if given["aborted"]:
            return record_event(state, "aborted", now, step=step)
        return changed(state, item, stage="measure")
    check = step["checks"][rollouts.checks(step)[item["measured"]]]
    state, verdict = _judge(state, step, check, given, now, over=False)
    if verdict == "failed" or _measurements(state, step, check)[-1]["ok"] is None:
        return _decide(state, step, check, "failed" if verdict == "failed" else "inconclusive", now)
    return _next_check(state, item)


def _answer_look(state: State, item: Item, given: dict[str, t.Any], now: str) -> State:
    step = step_of(state, item)
    state = with_record(with_record(state, records.add_counts, given), restore.left, step, given)
    if given.get("failed"):
        return record_event(state, "start_failed", now, step=step, result=given)
    state = record_event({**state, "current": given["release"]}, "rollout_seen", now, step=step, result=given)
    if records.phase_of(state["record"], step["phase_id"])["status"] != "completed":
        return changed(state, item, stage="pause", measured=0)
    due = notice_items(state, "completed", now, step) if has_notices(state, step) else []
    return done(state, show(phase_line(state["record"], step), timed=True), *due)


def _check(state: State, item: Item, _now: str) -> Advanced:
    step, number = step_of(state, item), item["part"]["check"]
    check = step["checks"][number]
    if item.get("pauses"):
        return state, Pause(check["interval"] / state["speed"], f"Next attempt of check {check['name']}")
    return state, _measure(step, number)


def _answer_check(state: State, item: Item, given: t.Any, now: str) -> State:
    if item.get("pauses"):
        return answer_pause(state, item, given, now)
    step = step_of(state, item)
    check = step["checks"][item["part"]["check"]]
    state, verdict = _judge(state, step, check, given, now, over=True)
    return changed(state, item, pauses=True) if verdict == "again" else _decide(state, step, check, verdict, now)


def _measure(step: Step, number: int) -> Measure | RunTaskFile:
    check = step["checks"][number]
    if check["kind"] == "tasks":
        return RunTaskFile(check["path"], check["file"], f"check after {step['title']}", dict(step))
    return Measure(step["index"], number)


def _judge(state: State, step: Step, check: Check, given: t.Any, now: str, *, over: bool) -> tuple[State, str]:
    """Keep a measurement, and say what all of them mean. Those of a soak count at its end."""
    measurement = check_rules.measure("tasks", {}, given) if check["kind"] == "tasks" else given
    kept = [*_measurements(state, step, check), {**measurement, "at": now}]
    state = {**state, "measured": {**state["measured"], _key(step, check): kept}}
    return state, check_rules.verdict(kept, check, over=over)


def _measurements(state: State, step: Step, check: Check) -> list[t.Any]:
    found: list[t.Any] = state["measured"].get(_key(step, check), [])
    return found


def _key(step: Step, check: Check) -> str:
    return f"{step['phase_id']} {check['name']}"


def _decide(state: State, step: Step, check: Check, verdict: str, now: str) -> State:
    measurements = _measurements(state, step, check)
    state = record_event(
        state, "check_decided", now, step=step, check=check, verdict=verdict, measurements=measurements
    )
    due = notice_items(state, "check_passed" if verdict == "passed" else "check_failed", now, step)
    return done(state, *due) if records.is_running(state["record"]) else over(state, *due)


HANDLERS: dict[str, Handler] = {
    "rollout": (_watch, _answer_watch),
    "soak": (_soak, _answer_soak),
    "check": (_check, _answer_check),
}
