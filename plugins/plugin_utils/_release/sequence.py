# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The walk through a release, as a state machine. Pure: what acts is done elsewhere, and answers.

`advance` says what to do next, and `answer` takes what came of it. The order of a run is that of the agenda: read, plan, show the
plan, the parts of each phase as the plan lists them (plan.py), and the ending, which takes the place of whatever is left when
the run is over. What each item does is below, and in sequence_phase, sequence_checks and sequence_ending.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import (
    restore,
    sequence_checks,
    sequence_ending,
    sequence_phase,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.actions import (
    Action,
    Done,
    MakePlan,
    Planned,
    Read,
    RunTaskFile,
    Send,
    Show,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_state import (
    Advanced,
    Handler,
    Item,
    State,
    done,
    notice_items,
    over,
    record_event,
    show,
    step_of,
    with_record,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.tree import tree

if t.TYPE_CHECKING:
    from collections.abc import Iterable


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
        "measured": {},
    }


def began_at(state: State, moment: str) -> State:
    """The state of a run that began at another moment than its first clock said."""
    return {**state, "record": {**state["record"], "started_at": moment}}


def refused(run: dict[str, t.Any], now: str, code: str, said: str) -> State:
    """A run that fails before it reads anything: how its task was called cannot be used."""
    state = begin(run, now)
    state = with_record(state, records.end, "failed", "invalid_settings", code, said)
    return {**record_event(state, "ended", now), "is_ending": True, "is_refused": True, "agenda": []}


def advance(state: State, now: str) -> tuple[State, Action]:
    """The next action, and the state that its answer belongs to."""
    while state["agenda"]:
        item = state["agenda"][0]
        to_do, _to_answer = HANDLERS[item["do"]]
        state, action = to_do(state, item, now)
        state = _checked(state)
        if action is not None:
            return state, action
    return state, Done()


def answer(state: State, given: t.Any, now: str) -> State:
    """The state after the answer to the action that `advance` has returned."""
    item = state["agenda"][0]
    _to_do, to_answer = HANDLERS[item["do"]]
    if to_answer is None:
        raise ValueError(f"{item['do']} asks for nothing")
    return _checked(to_answer(state, item, given, now))


def interrupt(state: State, code: str, said: str, now: str) -> State:
    """Something from outside has ended the action at hand: a task timeout, or a bug. The run is over, and its ending is left."""
    item = state["agenda"][0] if state["agenda"] else {"do": "nothing"}
    if not state["is_ending"]:
        step = step_of(state, item) if "part" in item else item.get("phase")
        return _checked(record_event(state, "interrupted", now, code=code, said=said, step=step))
    if item["do"] == "notice":
        return _answer_notice(state, item, {"failed": True, "msg": said}, now)
    return sequence_ending.interrupted(state, item, code, said, now)


def _checked(state: State) -> State:
    """Whatever has ended the run: only its ending is left."""
    return state if records.is_running(state["record"]) or state["is_ending"] else over(state)


def _read(state: State, _item: Item, _now: str) -> Advanced:
    return state, Read(attach=state["attach"])


def _answer_read(state: State, _item: Item, given: t.Any, now: str) -> State:
    state = record_event(state, "read", now, result=given)
    return done({**state, "current": given.get("release")})


def _make_plan(state: State, _item: Item, _now: str) -> Advanced:
    return state, MakePlan()


def _answer_plan(state: State, _item: Item, given: t.Any, now: str) -> State:
    state = record_event(state, "planned", now, plan=given)
    if given.get("error"):
        return state
    state = with_record({**state, "plan": given, "notify": given["notify"]}, restore.found, state["current"])
    warnings = [f"Warning: {plain(warning)}" for warning in given.get("warnings", ())]
    shown = show(*tree(state["current"], given), *warnings)
    if state["check_mode"]:
        return done(state, shown, {"do": "end_check_mode"})
    parts = [{"do": part["kind"], "part": part} for part in given["parts"]]
    # Without parts there is nothing to do: the run ends right after its plan.
    pause = [{"do": "planned"}] if parts else []
    return done(state, shown, *pause, *notice_items(state, "planned", now), *parts, {"do": "all_done"})


def _pause_after_plan(state: State, _item: Item, _now: str) -> Advanced:
    return done(state), Planned()


def _end_check_mode(state: State, _item: Item, now: str) -> Advanced:
    return record_event(state, "check_mode_ended", now), None


def _end_run(state: State, _item: Item, _now: str) -> Advanced:
    return over(state), None


def _show(state: State, item: Item, _now: str) -> Advanced:
    return state, Show(tuple(item["lines"]), timed=item["timed"])


def _answer_show(state: State, _item: Item, _given: t.Any, _now: str) -> State:
    return done(state)


def _send_notice(state: State, item: Item, _now: str) -> Advanced:
    notice, event = item["notice"], item["event"]
    if notice["is_ours"]:
        return state, Send(notice["name"], event)
    purpose = f"notice {event['event']}" + (f" of {event['phase']}" if event["phase"] else "")
    return state, RunTaskFile(notice["path"], notice["name"], purpose, item["phase"], event, is_aside=True)


def _answer_notice(state: State, item: Item, given: t.Any, _now: str) -> State:
    if not given.get("failed"):
        return done(state)
    said = f"The notice {item['notice']['name']} of {item['event']['event']} could not be sent: {given.get('msg')}"
    return done(with_record(state, records.warn, said))


HANDLERS: dict[str, Handler] = {
    "read": (_read, _answer_read),
    "plan": (_make_plan, _answer_plan),
    "show": (_show, _answer_show),
    "planned": (_pause_after_plan, None),
    "end_check_mode": (_end_check_mode, None),
    "notice": (_send_notice, _answer_notice),
    "all_done": (_end_run, None),
    **sequence_phase.HANDLERS,
    **sequence_checks.HANDLERS,
    **sequence_ending.HANDLERS,
}
