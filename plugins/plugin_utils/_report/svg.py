# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The timeline of a report as SVG. Pure.

Places are shares of the width and sizes are pixels, so that it is as wide as the page and its text keeps its size.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import timeline as axis_layout
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.markup import Markup, element, visible
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.sections import badge, name, time, took
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import seconds_between

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.timeline import Axis, Segment, Stretch

Document = t.Mapping[str, t.Any]

LABELS = {
    "approval": "Waiting for approval",
    "rollout": "Rolling out",
    "soak": "Soak",
    "checks": "Checks",
}
_SHORT = {"approval": "Approval", "rollout": "Rollout", "soak": "Soak", "checks": "Checks"}

_ROW = 64
_BAR_TOP = 24
_BAR = 20
_AXIS = 46
# A bar at least this wide, of the whole, has room for its word at the width of a phone.
_ROOM_FOR_WORD = 18.0
_LONGEST_NAME = 40
_MOST_MARKS = 60


def timeline(document: Document) -> Markup:
    """All phases, one below the other, on one axis."""
    phases, axis = document["phases"], _axis(document)
    rows = len(phases) * _ROW
    height = rows + (_AXIS if axis else 4)
    return element(
        "svg",
        element("title", f"Timeline of the phases of {name(document)}", id="timeline-title"),
        element("desc", " ".join(_spoken(phase) for phase in phases), id="timeline-desc"),
        _grid(axis, rows) if axis else None,
        *(_row(phase, index * _ROW, axis) for index, phase in enumerate(phases)),
        role="img",
        aria_labelledby="timeline-title timeline-desc",
        width="100%",
        height=height,
        class_="timeline",
    )


def _axis(document: Document) -> Axis | None:
    phases = document["phases"]
    return axis_layout.axis(
        [
            *((span["from"], span["to"]) for phase in phases for span in phase["timeline"]),
            *((item["at"], item["at"]) for phase in phases for item in _measurements(phase)),
        ]
    )


def _spoken(phase: Mapping[str, t.Any]) -> str:
    spans = [
        f"{LABELS[span['kind']].lower()} {'since' if span['open'] else 'for'} "
        f"{' '.join(time(span['from'])) if span['open'] else took(_length(span))}"
        for span in phase["timeline"]
    ]
    return f"{visible(phase['phase'])}: {badge(phase['status']).text.lower()}" + (
        f", {', '.join(spans)}." if spans else "."
    )


def _length(span: Segment) -> float:
    return seconds_between(span["from"], span["to"]) or 0.0


def _grid(axis: Axis, rows: int) -> Markup:
    """Times, and where time was cut short."""
    shown: list[Markup] = []
    day = ""
    for tick in axis.ticks():
        shown.append(_line(tick.place, 0, rows + (8 if tick.labelled else 0), "grid"))
        if tick.labelled:
            at = axis_layout.clock(tick.at)
            today = at.strftime("%d %b %Y").lstrip("0")
            shown.append(
                _text(tick.place, rows + 20, at.strftime("%H:%M:%S" if tick.with_seconds else "%H:%M"), "tick")
            )
            if today != day:
                shown.append(_text(tick.place, rows + 36, today, "day"))
            day = today
    return element("g", *shown, *(_pause(pause, rows) for pause in axis.pauses), aria_hidden="true")


def _pause(pause: Stretch, height: int) -> Markup:
    return element(
        "rect",
        element("title", f"{took(pause.end - pause.begin)} in which nothing happened, cut short"),
        x=_share(pause.left),
        y=0,
        width=_share(pause.right - pause.left),
        height=height,
        class_="pause",
    )


def _row(phase: Mapping[str, t.Any], top: int, axis: Axis | None) -> Markup:
    shown = visible(phase["phase"])
    label = shown if len(shown) <= _LONGEST_NAME else f"{shown[:_LONGEST_NAME].rstrip()}…"
    spans: Sequence[Segment] = phase["timeline"]
    parts: list[Markup] = []
    if axis:
        places = axis_layout.widths(axis, spans)
        parts = [_bar(span, place, top) for span, place in zip(spans, places)]
        parts += [_mark(item, axis.place(item["at"]), top) for item in _measurements(phase)]
    track = element(
        "rect", x=0, y=top + _BAR_TOP + _BAR // 2 - 1, width="100%", height=2, class_="track" if spans else "track idle"
    )
    return element(
        "g",
        # An SVG of its own cuts a name off that is wider than its share.
        element("svg", _text(0, 16, label, "name"), x=0, y=top, width="58%", height=_BAR_TOP),
        _text(100, top + 16, _aside(phase), "aside"),
        track,
        *parts,
    )


def _aside(phase: Mapping[str, t.Any]) -> str:
    status = badge(phase["status"]).text.lower()
    if phase["seconds"] is not None:
        return f"{status} in {took(phase['seconds'])}"
    spans = phase["timeline"]
    if spans and spans[-1]["open"]:
        return f"{status}, {took(seconds_between(spans[0]['from'], spans[-1]['to']) or 0.0)} so far"
    return status


def _bar(span: Segment, place: tuple[float, float], top: int) -> Markup:
    left, right = place
    kind, length = span["kind"], took(_length(span))
    said = f"{LABELS[kind]}, {'since' if span['open'] else 'from'} {' '.join(time(span['from']))}"
    ending = f", {length} so far" if span["open"] else f" to {' '.join(time(span['to']))}, {length}"
    box = {"x": _share(left), "y": top + _BAR_TOP, "width": _share(right - left), "height": _BAR}
    word = _SHORT[kind] if right - left >= _ROOM_FOR_WORD else None
    return element(
        "g",
        element("title", said + ending),
        element("rect", **box, rx=3, class_=f"bar {kind}{' open' if span['open'] else ''}"),
        element("rect", **box, rx=3, class_="pattern", fill=f"url(#pattern-{kind})") if kind != "rollout" else None,
        element("text", word, x=_share(left), y=top + _BAR_TOP + 14, dx=8, class_="word") if word else None,
    )


def _measurements(phase: Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Those with a time; of very many, the ones that did not go well and the last others."""
    timed = [item for check in phase["checks"] for item in check["measurements"] if item["at"]]
    if len(timed) <= _MOST_MARKS:
        return timed
    wrong = [item for item in timed if item["ok"] is not True][-_MOST_MARKS:]
    right = [item for item in timed if item["ok"] is True]
    return wrong + right[len(right) - (_MOST_MARKS - len(wrong)) :]


def _mark(item: Mapping[str, t.Any], place: float, top: int) -> Markup:
    """A dot for a measurement that went well, a cross for any other, below the bar."""
    middle = top + _BAR_TOP + _BAR + 7
    word = {True: "passed", False: "failed"}.get(item["ok"], "could not be measured")
    title = element("title", f"Measurement {word}, {' '.join(time(item['at']))}: {visible(item['detail'])}")
    share = _share(min(max(place, 0.6), 99.4))
    if item["ok"] is True:
        return element("circle", title, cx=share, cy=middle, r=2.5, class_="mark good")
    cross = element("path", title, d="M-3.5 -3.5L3.5 3.5M3.5 -3.5L-3.5 3.5", class_="mark bad")
    return element("svg", cross, x=share, y=middle, overflow="visible", width=1, height=1)


def _line(place: float, top: int, bottom: int, class_: str) -> Markup:
    # Half a pixel inside, or the line at the left edge is cut.
    return element("line", x1=_share(place), x2=_share(place), y1=top, y2=bottom, class_=class_)


def _text(place: float, y: int, words: str, class_: str) -> Markup:
    return element("text", words, x=_share(place), y=y, class_=class_)


def _share(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


def patterns() -> Markup:
    """What tells the kinds apart where colours do not; other drawings of the page use them too."""
    return element(
        "svg",
        element(
            "defs",
            _pattern("approval", 8, element("path", d="M-2 2L2 -2M0 8L8 0M6 10L10 6")),
            _pattern("soak", 7, element("circle", cx=3.5, cy=3.5, r=1.3)),
            _pattern("checks", 5, element("path", d="M2.5 0V5")),
        ),
        width=0,
        height=0,
        aria_hidden="true",
        class_="patterns",
    )


def _pattern(kind: str, size: int, drawing: Markup) -> Markup:
    return element(
        "pattern", drawing, id=f"pattern-{kind}", width=size, height=size, patternUnits="userSpaceOnUse", class_=kind
    )


def legend(document: Document) -> Markup:
    items = [element("li", _swatch(kind), label) for kind, label in LABELS.items()]
    dot = element("circle", cx=5, cy=8, r=2.5, class_="mark good")
    cross = element("path", d="M14.5 4.5L21.5 11.5M21.5 4.5L14.5 11.5", class_="mark bad")
    items.append(element("li", _picture(dot, cross), "Measurement passed, or not"))
    axis = _axis(document)
    if axis and axis.pauses:
        cut = element("rect", x=8, y=0, width=10, height=16, class_="pause")
        items.append(element("li", _picture(cut), "A pause, cut short"))
    return element("ul", *items, class_="legend")


def _swatch(kind: str) -> Markup:
    box = {"x": 0, "y": 2, "width": 26, "height": 12, "rx": 2}
    return _picture(
        element("rect", **box, class_=f"bar {kind}"),
        element("rect", **box, class_="pattern", fill=f"url(#pattern-{kind})") if kind != "rollout" else None,
    )


def _picture(*parts: Markup | None) -> Markup:
    return element("svg", *parts, width=26, height=16, aria_hidden="true")


def strip(verdicts: Sequence[bool | None]) -> Markup:
    """The measurements of a check, one stroke each, a short one for each that did not go well."""
    shown = verdicts[-_MOST_MARKS:]
    strokes = [
        element(
            "rect",
            x=index * 4,
            y=2 if verdict is True else 8,
            width=2.5,
            height=12 if verdict is True else 6,
            class_=f"stroke {'good' if verdict is True else 'bad'}",
        )
        for index, verdict in enumerate(shown)
    ]
    width = max(4, len(shown) * 4)
    # A narrow page squeezes the strokes.
    box = {"viewBox": f"0 0 {width} 16", "preserveAspectRatio": "none", "width": width, "height": 16}
    return element("svg", *strokes, **box, aria_hidden="true", class_="strip")
