# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a run does about one phase, up to its completion: freeze windows, confirmation, the user's task files, start and wait. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration, plain
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import environments, freeze, restore
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.actions import (
    Ask,
    Operate,
    Pause,
    RunTaskFile,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.phase_results import add_result
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_state import (
    Advanced,
    Handler,
    Item,
    State,
    changed,
    done,
    notice_items,
    over,
    preceded,
    record_event,
    show,
    step_of,
    with_record,
)

if t.TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Record, Step

Result = dict[str, t.Any]

# The reason with which a freeze window is passed whose wait a person has cut short.
CUT_SHORT = "a person at the terminal cut the wait for its end short"


def _look_for_freeze(state: State, item: Item, now: str) -> Advanced:
    step = step_of(state, item)
    plan = {**state["plan"], "freeze_override": CUT_SHORT} if item.get("cut_short") else state["plan"]
    record, pause = freeze.hold(state["record"], now, step, plan, state["current"])
    state = {**state, "record": record}
    if not pause:
        return done(state), None
    if not item.get("is_notified"):
        return preceded(changed(state, item, is_notified=True), *notice_items(state, "waiting", now, step)), None
    return state, Pause(pause, f"Waiting for the end of the freeze window: {record['message']}")


def _answer_freeze(state: State, item: Item, given: t.Any, now: str) -> State:
    """Who cuts the wait short passes the window, for all that is left to do before this phase is started."""
    if not given["cut_short"]:
        return answer_pause(state, item, given, now)
    phase = item["part"]["step"]
    passed = [
        {**other, "cut_short": True} if other["do"] == "freeze" and other["part"]["step"] == phase else other
        for other in state["agenda"]
    ]
    return {**state, "agenda": passed}


def answer_pause(state: State, item: Item, given: t.Any, now: str) -> State:
    """A pause that a person ended by hand ends the run; after any other, the item is looked at again."""
    if given["aborted"]:
        return record_event(state, "aborted", now, step=step_of(state, item))
    return changed(state, item, pauses=False)


def _ask(state: State, item: Item, now: str) -> Advanced:
    if state["plan"]["ask"]:
        return state, Ask(step_of(state, item)["title"])
    return _answer_ask(state, item, None, now), None


def _answer_ask(state: State, item: Item, given: t.Any, now: str) -> State:
    return done(record_event(state, "confirmed", now, step=step_of(state, item), answer=given))


def _run_hook(state: State, item: Item, _now: str) -> Advanced:
    part, step = item["part"], step_of(state, item)
    return state, RunTaskFile(part["path"], part["file"], f"{part['side']} {step['title']}", dict(step))


def _answer_hook(state: State, item: Item, given: t.Any, now: str) -> State:
    if not given.get("failed"):
        return done(state)
    return record_event(state, "task_file_failed", now, step=step_of(state, item), part=item["part"], result=given)


# The start and the wait: one call; or up to three, where somebody is to be notified in between. Each continues the one before.
#   start           send the start (and wait, where nobody is to be notified)
#   until_asked     wait until an approval is pending, or the phase is done
#   until_answered  wait until the phase is done


def _start(state: State, item: Item, now: str) -> Advanced:
    step, stage = step_of(state, item), item.get("stage", "start")
    options = phase_options(state, step, is_begun=bool(item.get("so_far", {}).get("changed")))
    if stage == "start" and step["audiences"]:
        options["audiences"] = step["audiences"]
    if stage == "start" and step["would"] == "start":
        state = record_event(state, "start_attempted", now, step=step)
        state = with_record(state, restore.attempted, step)
    if stage != "start" or (_waits(state, step) and not has_notices(state, step)):
        options.update(_wait_options(state["plan"], step, item))
    return state, Operate(step["module"], options)


def phase_options(state: State, step: Step, *, is_begun: bool) -> Result:
    """What names a phase for the module that starts it and looks at it. `is_begun`: this run has started it."""
    keys = {name: state["run"][name] for name in ("project_key", "flag_key")}
    if step["options"] is None:
        return {**keys, "phase": step["phase_id"]}
    # What the plan did not mean to start is not started, however it has changed since.
    return {**keys, **step["options"], "is_begun": is_begun or step["would"] != "start"}


def phase_result(state: State, step: Step, given: Result) -> Result:
    """A module's result with `phase` and `release`, which one of an environment does not have."""
    if step["options"] is None:
        return given
    return environments.as_phase_result(state["current"], step["phase_id"], given)


def _waits(state: State, step: Step) -> bool:
    """Does the module wait? In an environment whose checks are measured meanwhile, the part `rollout` does."""
    return bool(state["plan"]["wait"]) and not (step["watches"] and step["options"] is not None)


def has_notices(state: State, step: Step) -> bool:
    return bool(state["notify"]) and step["would"] != "skip"


def _wait_options(plan: t.Mapping[str, t.Any], step: Step, item: Item) -> Result:
    options = {
        "wait": True,
        "wait_interval": step["wait_interval"],
        "on_approval": "return" if item.get("stage") == "until_asked" else plan["on_approval"],
        "approval_timeout": plan["approval_timeout"],
    }
    if not step["module_decides_timeout"]:
        # A call before may have taken a part of it; the time of the user's task files does not count.
        options["wait_timeout"] = max(0.0, step["wait_timeout"] - item.get("so_far", {}).get("waited", 0.0))
    if step["options"] is not None:
        return options
    # Where checks are measured during the rollout, the module only waits until it begins, which may take an approval.
    return {**options, "wait_for": "active" if step["watches"] else step["wait_for"]}


def _answer_start(state: State, item: Item, given: t.Any, now: str) -> State:
    step = step_of(state, item)
    given = phase_result(state, step, given)
    state = with_record(with_record(state, records.add_counts, given), restore.left, step, given)
    result, so_far = add_result(item.get("so_far", {}), given)
    if given.get("failed"):
        return record_event(state, "start_failed", now, step=step, result=result)
    state = record_event({**state, "current": given["release"]}, "start_answered", now, step=step, result=result)
    events = _events_due(state, step, item, result)
    due = [notice for name in events for notice in notice_items(state, name, now, step)]
    stage = _next_stage(state, step, item, result)
    if stage is None:
        return _end_of_wait(state, step, result, due, now)
    sent = [*item.get("sent", ()), *events]
    return preceded(changed(state, item, stage=stage, so_far=so_far, sent=sent), *due)


def _events_due(state: State, step: Step, item: Item, result: Result) -> list[str]:
    """The notices of what a call has brought about, apart from those that were sent after an earlier one."""
    if not has_notices(state, step):
        return []
    return [name for name in ("started", "approval_pending") if result[name] and name not in item.get("sent", ())]


def _next_stage(state: State, step: Step, item: Item, result: Result) -> str | None:
    """What comes after a call; None when the last one was made."""
    plan, stage = state["plan"], item.get("stage", "start")
    if not _waits(state, step) or not has_notices(state, step) or stage == "until_answered":
        return None
    if result["approval_pending"]:
        return None if plan["on_approval"] == "return" else "until_answered"
    return "until_asked" if stage == "start" else None


def _end_of_wait(state: State, step: Step, result: Result, due: list[Item], now: str) -> State:
    goes_on = state["plan"]["wait"] and step["watches"]
    facts = {"result": result, "plan": state["plan"], "watches": goes_on}
    state = record_event(state, "phase_returned", now, step=step, **facts)
    if not records.is_running(state["record"]):
        return over(state, *due)
    if step["would"] == "skip":
        return done(state)
    shown = show(phase_line(state["record"], step), timed=True)
    is_done = records.phase_of(state["record"], step["phase_id"])["status"] == "completed" or not goes_on
    return done(state, *due, shown, *(notice_items(state, "completed", now, step) if is_done else ()))


def phase_line(record: Record, step: Step) -> str:
    phase = records.phase_of(record, step["phase_id"])
    environments = f" ({', '.join(phase['environments'])})" if phase["environments"] else ""
    took = f" in {duration(phase['seconds'])}" if phase["seconds"] is not None else ""
    return plain(f"{phase['phase']}{environments}: {phase['action']}, {phase['status']}{took}")


HANDLERS: dict[str, Handler] = {
    "freeze": (_look_for_freeze, _answer_freeze),
    "confirm": (_ask, _answer_ask),
    "hook": (_run_hook, _answer_hook),
    "start": (_start, _answer_start),
}
