# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the picture of a timeline shows, and where; the page's template draws it. Pure.

Places and widths are hundredths of the width of the page.
"""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import axis as axis_layout
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.words import badge, clock, took
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import add_seconds, seconds_between

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.axis import Axis

Document = t.Mapping[str, t.Any]
Segment = t.Mapping[str, t.Any]
Phase = t.Mapping[str, t.Any]

LABELS = {
    "approval": "Waiting for approval",
    "rollout": "Rolling out",
    "soak": "Soak",
    "checks": "Checks",
}
_WORDS = {"approval": "Approval", "rollout": "Rollout", "soak": "Soak", "checks": "Checks"}

# A bar of this width has room for its word at the width of a phone.
_ROOM_FOR_WORD = 18.0
_MAX_NAME = 40
_MAX_MARKS = 60
# A planned span of unknown length is drawn this long (seconds, and a share of all that is known).
_UNKNOWN_SECONDS = 60.0
_UNKNOWN_SHARE = 0.05
# A planned span is drawn for at most a year.
_MAX_PLANNED = 366 * 86400.0


@dataclass(frozen=True)
class Bar:
    """`state` is done, open or planned; `word` is empty where it has no room."""

    kind: str
    state: str
    left: float
    width: float
    title: str
    word: str


@dataclass(frozen=True)
class Mark:
    passed: bool
    left: float
    title: str


@dataclass(frozen=True)
class Row:
    name: str
    aside: str
    bars: list[Bar]
    marks: list[Mark]


@dataclass(frozen=True)
class Tick:
    """A line in the grid; `label` is empty where it has no room, `day` where it is that of the tick before."""

    left: float
    label: str
    day: str


@dataclass(frozen=True)
class Pause:
    left: float
    width: float
    title: str


@dataclass(frozen=True)
class Chart:
    title: str
    description: str
    rows: list[Row]
    ticks: list[Tick]
    pauses: list[Pause]

    @property
    def kinds(self) -> dict[str, str]:
        """The kinds of bars that occur, with their labels."""
        shown = {span.kind for row in self.rows for span in row.bars}
        return {kind: label for kind, label in LABELS.items() if kind in shown}

    @property
    def verdicts(self) -> set[bool]:
        return {mark.passed for row in self.rows for mark in row.marks}

    @property
    def is_planned(self) -> bool:
        return any(span.state == "planned" for row in self.rows for span in row.bars)


def chart(document: Document) -> Chart | None:
    """All phases, one below the other, on one axis of time. None without phases."""
    phases = document["phases"]
    if not phases:
        return None
    plans = _plans(document)
    axis = axis_layout.axis(_times(phases, plans))
    return Chart(
        title=f"Timeline of the phases of {document['project_key']}/{document['flag_key']}",
        description=" ".join(_spoken(phase) for phase in phases),
        rows=[_row(phase, plan, axis) for phase, plan in zip(phases, plans)],
        ticks=list(_ticks(axis)) if axis else [],
        pauses=[_pause(item) for item in axis.pauses] if axis else [],
    )


def _plans(document: Document) -> list[list[Segment]]:
    """When the planned spans of each phase are, if the first begins now and no phase waits for a person."""
    known = sum(_length(span) for phase in document["phases"] for span in phase["timeline"])
    known += sum(_drawn(item, 0.0) for phase in document["phases"] for item in phase["planned"])
    unknown = max(_UNKNOWN_SECONDS, _UNKNOWN_SHARE * known)
    now: str | None = document["finished_at"] or document["started_at"]
    plans: list[list[Segment]] = []
    for phase in document["phases"]:
        spans: list[Segment] = []
        for item in phase["planned"]:
            end = add_seconds(now, _drawn(item, unknown))
            # Without a time, or outside of the calendar, nothing can be drawn.
            if end is None:
                break
            spans.append({**item, "from": now, "to": end})
            now = end
        plans.append(spans)
    return plans


def _drawn(item: Segment, unknown: float) -> float:
    return unknown if item["seconds"] is None else min(item["seconds"], _MAX_PLANNED)


def _times(phases: list[Phase], plans: list[list[Segment]]) -> Iterator[tuple[str, str]]:
    for phase, plan in zip(phases, plans):
        yield from ((span["from"], span["to"]) for span in (*phase["timeline"], *plan))
        yield from ((item["at"], item["at"]) for item in _measurements(phase))


def label(span: Segment) -> str:
    """What a span is, for a step of a rollout with its share."""
    share = f" at {span['percent']:g} %" if span.get("percent") is not None else ""
    return f"{LABELS[span['kind']]}{share}"


def _spoken(phase: Phase) -> str:
    spans = [_said(span) for span in phase["timeline"]]
    planned = [_said_of_plan(item) for item in phase["planned"]]
    said = ", ".join([badge(phase["status"]).text.lower(), *spans, *planned])
    return f"{phase['phase']}: {said}."


def _said(span: Segment) -> str:
    length = f"since {clock(span['from'])}" if span["open"] else f"for {took(_length(span))}"
    return f"{label(span).lower()} {length}"


def _said_of_plan(item: Segment) -> str:
    length = "" if item["seconds"] is None else f" for {took(item['seconds'])}"
    return f"planned: {label(item).lower()}{length}"


def _length(span: Segment) -> float:
    return seconds_between(span["from"], span["to"]) or 0.0


def _ticks(axis: Axis) -> Iterator[Tick]:
    day = ""
    for tick in axis.ticks():
        if not tick.labelled:
            yield Tick(_share(tick.place), "", "")
            continue
        at = datetime.datetime.fromtimestamp(tick.at, datetime.timezone.utc)
        today = at.strftime("%d %b %Y").lstrip("0")
        label = at.strftime("%H:%M:%S" if tick.with_seconds else "%H:%M")
        yield Tick(_share(tick.place), label, "" if today == day else today)
        day = today


def _pause(item: axis_layout.Stretch) -> Pause:
    title = f"{took(item.end - item.begin)} without activity, shortened"
    return Pause(_share(item.left), _share(item.right - item.left), title)


def _row(phase: Phase, plan: list[Segment], axis: Axis | None) -> Row:
    name = phase["phase"]
    shown = name if len(name) <= _MAX_NAME else f"{name[:_MAX_NAME].rstrip()}…"
    spans = [*phase["timeline"], *plan]
    places = axis_layout.places(axis, [(span["from"], span["to"]) for span in spans]) if axis else []
    return Row(
        name=shown,
        aside=_aside(phase),
        bars=[_bar(span, *place) for span, place in zip(spans, places)],
        marks=[_mark(item, axis.place(item["at"])) for item in _measurements(phase)] if axis else [],
    )


def _aside(phase: Phase) -> str:
    status = badge(phase["status"]).text.lower()
    if phase["seconds"] is not None:
        return f"{status} in {took(phase['seconds'])}"
    spans = phase["timeline"]
    if spans and spans[-1]["open"]:
        return f"{status}, {took(seconds_between(spans[0]['from'], spans[-1]['to']) or 0.0)} so far"
    return status


def _bar(span: Segment, left: float, right: float) -> Bar:
    kind = span["kind"]
    word = _WORDS[kind] if right - left >= _ROOM_FOR_WORD else ""
    if "seconds" in span:
        length = "length unknown" if span["seconds"] is None else took(span["seconds"])
        return Bar(kind, "planned", _share(left), _share(right - left), f"{label(span)}, planned: {length}", word)
    length = took(_length(span))
    if span["open"]:
        title = f"{label(span)}, since {clock(span['from'])}, {length} so far"
        return Bar(kind, "open", _share(left), _share(right - left), title, word)
    title = f"{label(span)}, from {clock(span['from'])} to {clock(span['to'])}, {length}"
    return Bar(kind, "done", _share(left), _share(right - left), title, word)


def _measurements(phase: Phase) -> list[dict[str, t.Any]]:
    """Those with a time. Of very many, the failed ones and the newest others."""
    timed = [item for check in phase["checks"] for item in check["measurements"] if item["at"]]
    if len(timed) <= _MAX_MARKS:
        return timed
    failed = [item for item in timed if item["ok"] is not True][-_MAX_MARKS:]
    passed = [item for item in timed if item["ok"] is True]
    return failed + passed[len(passed) - (_MAX_MARKS - len(failed)) :]


def _mark(item: Mapping[str, t.Any], place: float) -> Mark:
    verdict = {True: "passed", False: "failed"}.get(item["ok"], "inconclusive")
    title = f"Measurement {verdict}, {clock(item['at'])}: {item['detail']}"
    # At an edge, half of it would be cut off.
    return Mark(item["ok"] is True, _share(min(max(place, 0.6), 99.4)), title)


def _share(value: float) -> float:
    return round(value, 3)
