# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The state of a sequence, and its agenda. Pure.

A state is plain data. Its `agenda` lists what is left to do, in order. Each item has `do`, which names what it is; an item of a phase
has the `part` of the plan that it comes from.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import events, notices

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.actions import Action
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Record, Step

State = dict[str, t.Any]
Item = dict[str, t.Any]

# What to do about an item: the next action, None where the agenda itself says what comes next. And what the answer to it means; an
# item without actions has none.
Advanced = tuple[State, t.Optional["Action"]]
Advance = t.Callable[[State, Item, str], Advanced]
Answer = t.Callable[[State, Item, t.Any, str], State]
Handler = tuple[Advance, t.Optional[Answer]]

# What is done at the end of every run.
ENDING = ("read_again", "undo", "close", "report", "last_notices")


def with_record(state: State, change: Callable[..., Record], *arguments: t.Any) -> State:
    return {**state, "record": change(state["record"], *arguments)}


def record_event(state: State, event: str, now: str, **facts: t.Any) -> State:
    return {**state, "record": events.apply(state["record"], event, now, **facts)}


def done(state: State, *then: Item) -> State:
    """The item at hand is done, and others come in its place."""
    return {**state, "agenda": [*then, *state["agenda"][1:]]}


def changed(state: State, item: Item, **changes: t.Any) -> State:
    """The item at hand is not done yet, and has changed."""
    return done(state, {**item, **changes})


def preceded(state: State, *items: Item) -> State:
    """Others come before the item at hand."""
    return {**state, "agenda": [*items, *state["agenda"]]}


def over(state: State, *due: Item) -> State:
    """The run is over: after what is due, the ending takes the place of what was left."""
    return {**state, "is_ending": True, "agenda": [*due, *({"do": name} for name in ENDING)]}


def step_of(state: State, item: Item) -> Step:
    """The step of the plan that an item of a phase belongs to."""
    step: Step = state["plan"]["steps"][item["part"]["step"]]
    return step


def show(*lines: str, timed: bool = False) -> Item:
    return {"do": "show", "lines": list(lines), "timed": timed}


def notice_items(state: State, name: str, now: str, step: Step | None = None) -> list[Item]:
    """The notices of an event: what they say is what is known now. Without a plan, nobody knows which events are wanted."""
    wanted = state["plan"].get("notify_events")
    if wanted and name not in wanted:
        return []
    event = notices.event(state["record"], name, now, step)
    return [{"do": "notice", "notice": notice, "event": event, "phase": step} for notice in state["notify"]]


def seen_last(state: State) -> dict[str, t.Any] | None:
    """The release as read at the end, None where it could not be."""
    read = state["last_read"] or {}
    return None if read.get("failed") else read.get("release")
