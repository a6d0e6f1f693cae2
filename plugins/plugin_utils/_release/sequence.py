# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The walk through a release, as a state machine. Pure: what acts is done elsewhere, and answers.

A state is plain data. Its `agenda` lists what is left to do, in order: each item has `do`, which names the functions below that
say what to do about it (`advance`) and what its answer means (`answer`). When the run is over, for whatever reason, the rest of
the agenda gives way to the ending: read once more, undo, report, last notices.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration, plain
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import checks as check_rules
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import (
    environments,
    events,
    freeze,
    notices,
    undo,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.actions import (
    Action,
    Ask,
    Done,
    MakePlan,
    Measure,
    Operate,
    Pause,
    Planned,
    Read,
    RunTaskFile,
    Send,
    Show,
    WriteReport,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.phase_results import merge_results
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.soak import soak_left, soak_pause
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import add_seconds, seconds_between
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.tree import tree

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Record, Step

State = dict[str, t.Any]
Item = dict[str, t.Any]

ENDING = ("read_again", "undo", "close", "report", "last_notices")
NO_REPORT: dict[str, t.Any] = {"paths": {}, "publish": [], "approvals": [], "warnings": []}


def begin(
    run: dict[str, t.Any],
    now: str,
    *,
    attach: bool = False,
    notify: Iterable[dict[str, t.Any]] = (),
    check_mode: bool = False,
    report: bool = False,
    speed: float = 1.0,
    published: int = 0,
) -> State:
    """A run that has done nothing yet.

    `run` names it: `host`, `project_key`, `flag_key`, `number`. `attach`: attach the flag to a release pipeline first.
    `notify`: the notices that can be sent where there is no plan. `report`: write the files of a report at the end; `published`: for
    how many task files of the user's. `speed`: how much faster than ours the clock of a rehearsal runs.
    """
    return {
        "run": run,
        "record": records.begin(run["project_key"], run["flag_key"], now),
        "agenda": [{"do": "read"}, {"do": "plan"}],
        "attach": attach,
        "notify": list(notify),
        "check_mode": check_mode,
        "report": report and not check_mode,
        "speed": speed,
        "published": published,
        "is_ending": False,
        "plan": {},
        "current": None,
        "last_read": None,
    }


def advance(state: State, now: str) -> tuple[State, Action]:
    """The next action, and the state that its answer belongs to."""
    while state["agenda"]:
        item = state["agenda"][0]
        state, action = _ADVANCE[item["do"]](state, item, now)
        state = _ending(state)
        if action is not None:
            return state, action
    return state, Done()


def answer(state: State, given: t.Any, now: str) -> State:
    """The state after the answer to the action that `advance` has returned."""
    item = state["agenda"][0]
    return _ending(_ANSWER[item["do"]](state, item, given, now))


def interrupt(state: State, code: str, said: str, now: str) -> State:
    """Something from outside has ended the action at hand: a task timeout, or a bug. The run is over, and its ending is left.

    An ending goes on without what was interrupted.
    """
    item = state["agenda"][0] if state["agenda"] else {}
    if not state["is_ending"]:
        return _ending(_record(state, "interrupted", now, code=code, said=said, step=_step_of(state, item)))
    failure = {"failed": True, "error_code": code, "msg": said}
    if item.get("do") in ("notice", "publish", "read_again") or item.get("left"):
        return answer(state, failure, now)
    if item.get("do") == "report":
        return answer(state, {**NO_REPORT, "warnings": [f"The report could not be written. {said}"]}, now)
    if records.is_running(state["record"]):
        state = _record(state, "interrupted", now, code=code, said=said)
        return _pop({**state, "record": {**state["record"], "finished_at": now}})
    return _pop({**state, "record": records.warn(state["record"], said)})


def _ending(state: State) -> State:
    if records.is_running(state["record"]) or state["is_ending"]:
        return state
    return {**state, "is_ending": True, "agenda": [{"do": name} for name in ENDING]}


# Helpers


def _record(state: State, event: str, now: str, **facts: t.Any) -> State:
    return {**state, "record": events.apply(state["record"], event, now, **facts)}


def _pop(state: State, *first: Item) -> State:
    """Without the item at hand, and with others in its place."""
    return {**state, "agenda": [*first, *state["agenda"][1:]]}


def _again(state: State, item: Item, **changes: t.Any) -> State:
    """With the item at hand changed."""
    return _pop(state, {**item, **changes})


def _first(state: State, *items: Item) -> State:
    """With items before the one at hand."""
    return {**state, "agenda": [*items, *state["agenda"]]}


def _step(state: State, item: Item) -> Step:
    step: Step = state["plan"]["steps"][item["part"]["step"]]
    return step


def _step_of(state: State, item: Item) -> Step | None:
    """The phase that an item is about, None if it is about the run."""
    return _step(state, item) if "part" in item else item.get("phase")


def _notices(state: State, name: str, now: str, step: Step | None = None) -> list[Item]:
    event = notices.event(state["record"], name, now, step)
    return [{"do": "notice", "notice": notice, "event": event, "phase": step} for notice in state["notify"]]


Advanced = tuple[State, t.Optional[Action]]


# Before the first phase


def _advance_read(state: State, _item: Item, _now: str) -> Advanced:
    return state, Read(attach=state["attach"])


def _answer_read(state: State, _item: Item, given: t.Any, now: str) -> State:
    state = _record(state, "read", now, result=given)
    return _pop({**state, "current": given.get("release")})


def _advance_plan(state: State, _item: Item, _now: str) -> Advanced:
    return state, MakePlan()


def _answer_plan(state: State, _item: Item, given: t.Any, now: str) -> State:
    state = _record(state, "planned", now, plan=given)
    if given.get("error"):
        return _pop(state)
    state = {**state, "plan": given, "notify": given["notify"]}
    warnings = [f"Warning: {plain(warning)}" for warning in given.get("warnings", ())]
    shown = {"do": "show", "lines": [*tree(state["current"], given), *warnings]}
    if state["check_mode"]:
        return _pop(state, shown, {"do": "end_check_mode"})
    parts = [{"do": part["kind"], "part": part} for part in given["parts"]]
    return _pop(state, shown, {"do": "planned"}, *_notices(state, "planned", now), *parts, {"do": "all_done"})


def _advance_planned(state: State, _item: Item, _now: str) -> Advanced:
    return _pop(state), Planned()


def _advance_end_check_mode(state: State, _item: Item, now: str) -> Advanced:
    return _pop(_record(state, "check_mode_ended", now)), None


def _advance_all_done(state: State, _item: Item, _now: str) -> Advanced:
    return {**state, "is_ending": True, "agenda": [{"do": name} for name in ENDING]}, None


def _advance_show(state: State, item: Item, _now: str) -> Advanced:
    return state, Show(tuple(item["lines"]), timed=item.get("timed", False))


def _answer_nothing(state: State, _item: Item, _given: t.Any, _now: str) -> State:
    return _pop(state)


# Notices


def _advance_notice(state: State, item: Item, _now: str) -> Advanced:
    notice, event = item["notice"], item["event"]
    if notice["is_ours"]:
        return state, Send(notice["name"], event)
    purpose = f"notice {event['event']}" + (f" of {event['phase']}" if event["phase"] else "")
    return state, RunTaskFile(notice["path"], notice["name"], purpose, item["phase"], event, is_aside=True)


def _answer_notice(state: State, item: Item, given: t.Any, _now: str) -> State:
    if not given.get("failed"):
        return _pop(state)
    said = f"The notice {item['notice']['name']} of {item['event']['event']} could not be sent: {given.get('msg')}"
    return _pop({**state, "record": records.warn(state["record"], said)})


# The parts of a phase


def _advance_freeze(state: State, item: Item, now: str) -> Advanced:
    step = _step(state, item)
    record, pause = freeze.hold(state["record"], now, step, state["plan"], state["current"])
    state = {**state, "record": record}
    if not pause:
        return (_pop(state) if records.is_running(record) else state), None
    if not item.get("notified"):
        return _first(_again(state, item, notified=True), *_notices(state, "waiting", now, step)), None
    return state, Pause(pause, f"Waiting for the end of the freeze window: {record['message']}")


def _answer_pause(state: State, item: Item, given: t.Any, now: str) -> State:
    """A pause that a person ended by hand ends the run; after any other, the item is looked at again."""
    if given["aborted"]:
        return _record(state, "aborted", now, step=_step(state, item))
    return _again(state, {name: value for name, value in item.items() if name != "pauses"})


def _advance_confirm(state: State, item: Item, now: str) -> Advanced:
    if state["plan"]["ask"]:
        return state, Ask(_step(state, item)["title"])
    return _answer_confirm(state, item, None, now), None


def _answer_confirm(state: State, item: Item, given: t.Any, now: str) -> State:
    return _pop(_record(state, "confirmed", now, step=_step(state, item), answer=given))


def _advance_hook(state: State, item: Item, _now: str) -> Advanced:
    part, step = item["part"], _step(state, item)
    return state, RunTaskFile(part["path"], part["file"], f"{part['side']} {step['title']}", dict(step))


def _answer_hook(state: State, item: Item, given: t.Any, now: str) -> State:
    if not given.get("failed"):
        return _pop(state)
    return _record(state, "task_file_failed", now, step=_step(state, item), part=item["part"], result=given)


def _advance_start(state: State, item: Item, now: str) -> Advanced:
    """Start and wait in one call; or, where somebody is to be notified, in up to three, so that notices are sent in between."""
    step, plan = _step(state, item), state["plan"]
    stage = item.get("stage", "start")
    options = _phase_options(state, step)
    waits = plan["wait"] and not _watches(step)
    if stage == "start":
        if step["audiences"]:
            options["audiences"] = step["audiences"]
        if step["would"] == "start":
            state = _record(state, "start_attempted", now, step=step)
        if waits and not _notifies(state, step):
            options.update(_wait_options(plan, step, 0.0))
    else:
        options.update(_wait_options(plan, step, item.get("waited", 0.0)))
        if stage == "until_asked":
            options["on_approval"] = "return"
    return state, Operate(step["module"], options)


def _phase_options(state: State, step: Step) -> dict[str, t.Any]:
    """What names the phase for the module that starts it and looks at it."""
    keys = {name: state["run"][name] for name in ("project_key", "flag_key")}
    return {**keys, **(step["options"] if step["options"] is not None else {"phase": step["phase_id"]})}


def _wait_options(plan: dict[str, t.Any], step: Step, waited: float) -> dict[str, t.Any]:
    options = {
        "wait": True,
        "wait_interval": step["wait_interval"],
        "on_approval": plan["on_approval"],
        "approval_timeout": plan["approval_timeout"],
    }
    if not step["module_decides_timeout"]:
        options["wait_timeout"] = max(0.0, step["wait_timeout"] - waited)
    # An environment has one goal; a phase of a pipeline may also be left active.
    return options if step["options"] is not None else {**options, "wait_for": step["wait_for"]}


def _watches(step: Step) -> bool:
    """Is a check measured while the steps of the phase run?"""
    return any(check["during"] == "rollout" for check in step["checks"])


def _notifies(state: State, step: Step) -> bool:
    return bool(state["notify"]) and step["would"] != "skip"


def _answer_start(state: State, item: Item, given: t.Any, now: str) -> State:
    step, plan = _step(state, item), state["plan"]
    given = _of_phase(state, step, given)
    state = {**state, "record": records.add_counts(state["record"], given)}
    results = [*item.get("results", ()), given]
    if given.get("failed"):
        given = {**given, "changed": any(result.get("changed") for result in results)}
        return _record(state, "start_failed", now, step=step, result=given)
    merged = merge_results(results)
    state = {**state, "current": merged["release"]}
    following = _following(state, item, merged)
    if following is None or not plan["wait"] or _watches(step) or not _notifies(state, step):
        return _phase_returned(state, item, merged, now)
    state = _record(state, "start_answered", now, step=step, result=merged)
    told = item.get("told", [])
    due = [name for name in following["notices"] if name not in told]
    kept = {"results": results, "stage": following["stage"], "waited": merged["waited"], "told": [*told, *due]}
    state = _again(state, item, **kept)
    return _first(state, *(notice for name in due for notice in _notices(state, name, now, step)))


def _of_phase(state: State, step: Step, given: dict[str, t.Any]) -> dict[str, t.Any]:
    """A module's result with `phase` and `release`, which that of an environment does not have."""
    if step["options"] is None:
        return given
    return environments.as_phase_result(state["current"], step["phase_id"], given)


def _following(state: State, item: Item, merged: dict[str, t.Any]) -> Item | None:
    """What comes after a call that did not fail: the next stage, with the notices due before it; None when all is done."""
    stage = item.get("stage", "start")
    started = ["started"] if merged["started"] else []
    pending = ["approval_pending"] if merged["approval_pending"] else []
    if stage == "until_asked" and (not pending or state["plan"]["on_approval"] == "return"):
        return None
    if stage == "until_answered" or (stage == "start" and not state["notify"]):
        return None
    if stage == "start" and not pending:
        return {"stage": "until_asked", "notices": started}
    return {"stage": "until_answered", "notices": [*started, *pending]}


def _phase_returned(state: State, item: Item, merged: dict[str, t.Any], now: str) -> State:
    """The start and the wait are over; send what is still to be sent, and show how it went."""
    step, told = _step(state, item), item.get("told", [])
    notifies = _notifies(state, step)
    state = _record(state, "start_answered", now, step=step, result=merged)
    started = notifies and merged["started"] and "started" not in told
    pending = notifies and merged["approval_pending"] and "approval_pending" not in told
    due = [*(_notices(state, "started", now, step) if started else ())]
    due += _notices(state, "approval_pending", now, step) if pending else []
    watches = state["plan"]["wait"] and _watches(step)
    state = _record(state, "phase_returned", now, step=step, result=merged, plan=state["plan"], watches=watches)
    if not records.is_running(state["record"]):
        return _with_ending(state, due)
    shown = {"do": "show", "lines": [_line(state["record"], step)], "timed": True}
    rolls_out = watches and records.phase_of(state["record"], step["phase_id"])["status"] != "completed"
    done = _notices(state, "completed", now, step) if notifies and not rolls_out else []
    return _pop(state, *due, *([shown] if step["would"] != "skip" else []), *done)


def _with_ending(state: State, due: list[Item]) -> State:
    """The run is over; what was due before that is still sent, first of all."""
    state = _ending(state)
    return {**state, "agenda": [*due, *state["agenda"]]}


def _line(record: Record, step: Step) -> str:
    phase = records.phase_of(record, step["phase_id"])
    environments = f" ({', '.join(phase['environments'])})" if phase["environments"] else ""
    took = f" in {duration(phase['seconds'])}" if phase["seconds"] is not None else ""
    return plain(f"{phase['phase']}{environments}: {phase['action']}, {phase['status']}{took}")


def _advance_rollout(state: State, item: Item, now: str) -> Advanced:
    """Measure the checks of a rollout, then let its next step come: before a start once, after it until the phase is done."""
    step = _step(state, item)
    if item.get("stage") == "look":
        return state, Operate(step["module"], _phase_options(state, step))
    entry = records.phase_of(state["record"], step["phase_id"])
    is_after = entry["action"] not in (None, "none")
    if is_after and entry["status"] == "completed":
        return _pop(state), None
    checks = [number for number, check in enumerate(step["checks"]) if check["during"] == "rollout"]
    done = item.get("measured", 0)
    if done < len(checks):
        return _measure(state, step, checks[done])
    if not is_after or not state["plan"]["wait"]:
        return _pop(state), None
    since = item.get("since", now)
    state = _again(state, item, since=since)
    if (seconds_between(since, now) or 0.0) * state["speed"] > step["wait_timeout"]:
        return _timed_out(state, item, now), None
    phase = next(phase for phase in state["current"]["phases"] if phase["id"] == step["phase_id"])
    until_step = seconds_between(now, phase.get("waits_until"))
    pauses = [step["checks"][number]["interval"] / state["speed"] for number in checks]
    pause = min([*pauses, *([max(until_step, 0.1)] if until_step is not None else [])])
    return _again(state, item, since=since, stage="pause"), Pause(pause, f"{step['title']} rolls out")


def _timed_out(state: State, item: Item, now: str) -> State:
    step = _step(state, item)
    result = {
        "failed": True,
        "error_code": "wait_timeout",
        "msg": f"The rollout was not complete before wait_timeout ({duration(step['wait_timeout'])}) ended",
    }
    return _record(state, "start_failed", now, step=step, result=result)


def _answer_rollout(state: State, item: Item, given: t.Any, now: str) -> State:
    step = _step(state, item)
    if item.get("stage") == "pause":
        if given["aborted"]:
            return _record(state, "aborted", now, step=step)
        # The look also takes the step that is due.
        return _again(state, item, stage="look")
    if item.get("stage") == "look":
        return _seen_in_rollout(state, item, _of_phase(state, step, given), now)
    checks = [check for check in step["checks"] if check["during"] == "rollout"]
    done = item.get("measured", 0)
    state, verdict = _judge(state, step, checks[done], given, now, over=False)
    last = state["record"]["measured"][_key(step, checks[done])][-1]
    if verdict != "failed" and last["ok"] is not None:
        return _again(state, item, measured=done + 1)
    return _decide(state, step, checks[done], "failed" if verdict == "failed" else "inconclusive", now)


def _seen_in_rollout(state: State, item: Item, given: dict[str, t.Any], now: str) -> State:
    step = _step(state, item)
    if given.get("failed"):
        state = {**state, "record": records.add_counts(state["record"], given)}
        return _record(state, "start_failed", now, step=step, result=given)
    state = _record({**state, "current": given["release"]}, "rollout_seen", now, step=step, result=given)
    state = _again(state, {"do": "rollout", "part": item["part"], "since": item["since"]})
    if records.phase_of(state["record"], step["phase_id"])["status"] != "completed":
        return state
    shown = {"do": "show", "lines": [_line(state["record"], step)], "timed": True}
    done = _notices(state, "completed", now, step) if _notifies(state, step) else []
    return _pop(state, shown, *done)


def _advance_soak(state: State, item: Item, now: str) -> Advanced:
    step = _step(state, item)
    since = item.get("since", now)
    item = {**item, "since": since}
    state = _again(state, item)
    entry = records.phase_of(state["record"], step["phase_id"])
    left = soak_left(step, entry, since, now, state["speed"])
    begun = entry["completed_at"] or step["done_since"] or since
    state = _record(state, "soak_counted", now, step=step, since=begun, left=left)
    if left <= 0:
        return _pop(state), None
    checks = [number for number, check in enumerate(step["checks"]) if check["during"] == "soak"]
    done = item.get("measured", 0)
    if done < len(checks):
        return _measure(state, step, checks[done])
    if not state["plan"]["wait"]:
        return _record(state, "soak_left", now, step=step, left=left, left_in_words=duration(left)), None
    pause = soak_pause(step, left, state["speed"])
    end = add_seconds(now, left)
    return _again(state, item, pauses=True), Pause(pause, f"{step['title']} soaks until {end}")


def _measure(state: State, step: Step, number: int) -> Advanced:
    check = step["checks"][number]
    if check["kind"] == "tasks":
        purpose = f"check after {step['title']}"
        return state, RunTaskFile(check["path"], check["file"], purpose, dict(step))
    return state, Measure(step["index"], number)


def _answer_soak(state: State, item: Item, given: t.Any, now: str) -> State:
    if item.get("pauses"):
        return _answer_pause(_again(state, item, measured=0), {**item, "measured": 0}, given, now)
    step = _step(state, item)
    checks = [check for check in step["checks"] if check["during"] == "soak"]
    done = item.get("measured", 0)
    state, verdict = _judge(state, step, checks[done], given, now, over=False)
    state = _again(state, item, measured=done + 1)
    if verdict != "failed":
        # While the phase soaks, nothing has passed yet.
        return state
    return _decide(state, step, checks[done], verdict, now)


def _advance_check(state: State, item: Item, _now: str) -> Advanced:
    step = _step(state, item)
    check = step["checks"][item["part"]["check"]]
    if item.get("pauses"):
        return state, Pause(check["interval"] / state["speed"], f"Next attempt of check {check['name']}")
    return _measure(state, step, item["part"]["check"])


def _answer_check(state: State, item: Item, given: t.Any, now: str) -> State:
    if item.get("pauses"):
        return _answer_pause(state, item, given, now)
    step = _step(state, item)
    check = step["checks"][item["part"]["check"]]
    state, verdict = _judge(state, step, check, given, now, over=True)
    if verdict == "again":
        return _again(state, item, pauses=True)
    return _decide(_pop(state), step, check, verdict, now)


def _judge(
    state: State, step: Step, check: dict[str, t.Any], given: t.Any, now: str, *, over: bool
) -> tuple[State, str]:
    """Keep a measurement, and say what all of them mean."""
    measurement = {**given, "at": now} if "ok" in given else {**_of_tasks(given), "at": now}
    key = _key(step, check)
    kept = state["record"]["measured"]
    measurements = [*kept.get(key, ()), measurement]
    record = {**state["record"], "measured": {**kept, key: measurements}}
    return {**state, "record": record}, check_rules.verdict(measurements, check, over=over)


def _key(step: Step, check: dict[str, t.Any]) -> str:
    return f"{step['phase_id']} {check['name']}"


def _of_tasks(given: dict[str, t.Any]) -> dict[str, t.Any]:
    """How a task file of the user's ended, as a measurement."""
    return check_rules.measure("tasks", {}, given)


def _decide(state: State, step: Step, check: dict[str, t.Any], verdict: str, now: str) -> State:
    measurements = state["record"]["measured"][_key(step, check)]
    state = _record(state, "check_decided", now, step=step, check=check, verdict=verdict, measurements=measurements)
    due = _notices(state, "check_passed" if verdict == "passed" else "check_failed", now, step)
    if records.is_running(state["record"]):
        return _first(state, *due)
    return _with_ending(state, due)


# The ending


def _advance_read_again(state: State, _item: Item, _now: str) -> Advanced:
    if state["check_mode"] or not state["record"]["phases"]:
        return _pop(state), None
    return state, Read()


def _answer_read_again(state: State, _item: Item, given: t.Any, _now: str) -> State:
    return _pop({**state, "last_read": given})


def seen_last(state: State) -> dict[str, t.Any] | None:
    """The release as read at the end, None where it could not be."""
    read = state["last_read"] or {}
    return None if read.get("failed") else read.get("release")


def _advance_undo(state: State, item: Item, now: str) -> Advanced:
    left = item.get("left")
    if left is None:
        left = undo.environments_to_turn_off(state["record"], seen_last(state))
        state = _again(state, item, left=left)
        if not left:
            return _pop(state), None
    if left:
        return state, _undo_of(state, left[0])
    state = {**state, "record": undo.explain(state["record"])}
    # That it could not be done is said with the failure.
    done = any(entry["ok"] for entry in state["record"]["undone"])
    return _pop(state, *(_notices(state, "undone", now) if done else ())), None


def _undo_of(state: State, environment_key: str) -> Operate:
    """Turn the flag off in an environment, or bring back what it served before the release."""
    keys = {name: state["run"][name] for name in ("project_key", "flag_key")}
    said = {"comment": undo.comment(state["record"])}
    if state["record"]["on_failure"] == "roll_back":
        steps = [step for step in state["plan"]["steps"] if step["phase_id"] == state["record"]["ended_in"]]
        return Operate("ld_environment_release", {**keys, **steps[0]["options"], **said, "state": "rolled_back"})
    return Operate("ld_flag_targeting", {**keys, **said, "environment_key": environment_key, "enabled": False})


def _answer_undo(state: State, item: Item, given: t.Any, now: str) -> State:
    record = undo.turned_off(state["record"], now, item["left"][0], given)
    return _again({**state, "record": record}, item, left=item["left"][1:])


def _advance_close(state: State, _item: Item, now: str) -> Advanced:
    state = _record(state, "ended", now, read=state["last_read"])
    lines = [state["record"]["message"]]
    release = seen_last(state) or state["current"]
    if release and state["record"]["state"] in ("failed", "waiting", "stopped"):
        lines += tree(release)
    return _pop(state, {"do": "show", "lines": lines}), None


def _advance_report(state: State, _item: Item, _now: str) -> Advanced:
    if not state["report"]:
        return _pop(state), None
    return state, WriteReport(seen_last(state) or state["current"])


def _answer_report(state: State, _item: Item, given: t.Any, _now: str) -> State:
    state = {**state, "report_paths": given["paths"], "approvals": given["approvals"]}
    for warning in given["warnings"]:
        state = {**state, "record": records.warn(state["record"], warning)}
    shown = [{"do": "show", "lines": [f"Warning: {plain(warning)}" for warning in given["warnings"]]}]
    publish = [{"do": "publish", "file": file} for file in given["publish"]]
    return _pop(state, *(shown if given["warnings"] else ()), *publish)


def _advance_publish(state: State, item: Item, now: str) -> Advanced:
    file = item["file"]
    if file["problem"]:
        return _answer_publish(state, item, {"failed": True, "msg": file["problem"]}, now), None
    task_file = RunTaskFile(
        file["path"], file["name"], "publishes the report", report_paths=state["report_paths"], is_aside=True
    )
    return state, task_file


def _answer_publish(state: State, item: Item, given: t.Any, _now: str) -> State:
    if not given.get("failed"):
        return _pop(state)
    said = f"The report was not published with {item['file']['name']}: {given.get('msg')}"
    state = {**state, "record": records.warn(state["record"], said)}
    return _pop(state, {"do": "show", "lines": [f"Warning: {plain(said)}"]})


def _advance_last_notices(state: State, _item: Item, now: str) -> Advanced:
    if state["check_mode"]:
        return _pop(state), None
    return _pop(state, *_notices(state, state["record"]["state"], now)), None


_ADVANCE: dict[str, Callable[[State, Item, str], Advanced]] = {
    "read": _advance_read,
    "plan": _advance_plan,
    "planned": _advance_planned,
    "show": _advance_show,
    "end_check_mode": _advance_end_check_mode,
    "all_done": _advance_all_done,
    "notice": _advance_notice,
    "freeze": _advance_freeze,
    "confirm": _advance_confirm,
    "hook": _advance_hook,
    "start": _advance_start,
    "rollout": _advance_rollout,
    "soak": _advance_soak,
    "check": _advance_check,
    "read_again": _advance_read_again,
    "undo": _advance_undo,
    "close": _advance_close,
    "report": _advance_report,
    "publish": _advance_publish,
    "last_notices": _advance_last_notices,
}

_ANSWER: dict[str, Callable[[State, Item, t.Any, str], State]] = {
    "read": _answer_read,
    "plan": _answer_plan,
    "show": _answer_nothing,
    "notice": _answer_notice,
    "freeze": _answer_pause,
    "confirm": _answer_confirm,
    "hook": _answer_hook,
    "start": _answer_start,
    "rollout": _answer_rollout,
    "soak": _answer_soak,
    "check": _answer_check,
    "read_again": _answer_read_again,
    "undo": _answer_undo,
    "report": _answer_report,
    "publish": _answer_publish,
}
