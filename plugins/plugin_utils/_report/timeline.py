# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a phase spent its time on, and where that is on an axis of time. Pure."""

from __future__ import annotations

import datetime
import typing as t
from dataclasses import dataclass

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.times import moment
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import add_seconds

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Segment = dict[str, t.Any]

# A request that came so soon was filed by the start; nothing rolled out before it.
FILED_WITH_START = datetime.timedelta(seconds=60)

KINDS = ("approval", "rollout", "soak", "checks")


def segments(phase: Mapping[str, t.Any], run_began: str | None, as_of: str | None) -> list[Segment]:
    """The spans of a phase in their order; one is `open` when it had not ended at `as_of`.

    What is not spent waiting for an approval, between the start of a phase and its completion, is its rollout. Nothing rolls out
    after a refusal.
    """
    started = phase["started_at"]
    if not started:
        return []
    # One that is done goes on no more, also where nobody knows since when.
    completed = phase["completed_at"] or (started if phase["status"] == "completed" else None)
    end = completed or as_of or started
    waits = _merged(_wait(item, started, completed, end) for item in phase["approvals"] if item["requested_at"])
    refused = any(_is_refused(item) for item in phase["approvals"]) and not completed
    rollouts = [
        _segment("rollout", begin, None if finish == end and not completed else finish, end)
        for begin, finish in _between(waits, started, waits[-1]["to"] if refused and waits else end)
    ]
    spans = sorted([*waits, *rollouts], key=lambda item: moment(item["from"]))
    if completed:
        spans += _after(phase, completed, run_began, as_of)
    return spans


def _wait(item: Mapping[str, t.Any], started: str, completed: str | None, end: str) -> Segment:
    """Until it was answered, or, since what is approved still has to be applied, for as long as the phase goes on."""
    begin = item["requested_at"]
    if moment(started) <= moment(begin) <= moment(started) + FILED_WITH_START:
        begin = started
    is_over = item["status"] == "completed" or _is_refused(item) or completed
    return _segment("approval", begin, (item["answered_at"] or begin) if is_over else None, end)


def _is_refused(item: Mapping[str, t.Any]) -> bool:
    return bool(item["review_status"] == "declined" or item["status"] == "failed")


def _after(phase: Mapping[str, t.Any], completed: str, run_began: str | None, as_of: str | None) -> list[Segment]:
    """The soak and the checks of a phase that is complete."""
    soak = phase["soak"] or {}
    spans = []
    since = completed
    if soak.get("from") or soak.get("seconds"):
        begin = soak.get("from") or completed
        due = soak.get("to") or add_seconds(begin, soak.get("seconds") or 0)
        is_over = not as_of or not due or moment(due) <= moment(as_of)
        span = _segment("soak", begin, due if is_over else None, as_of or begin)
        spans.append(span)
        since = span["to"]
    # What was measured in the soak is drawn there. Without one, all came after the completion, even if by our clock it did not.
    measured = [at for check in phase["checks"] for at in _times(check) if not spans or moment(at) > moment(since)]
    if measured:
        # Checks of an earlier run's phase began when this run did, not when the phase was completed.
        begin = max([since, *([run_began] if run_began else [])], key=moment)
        first = min(measured, key=moment)
        spans.append(_segment("checks", min(begin, first, key=moment), max(measured, key=moment), first))
    return spans


def _times(check: Mapping[str, t.Any]) -> list[str]:
    return [at for at in (check["at"], *(item["at"] for item in check["measurements"])) if at]


def _segment(kind: str, begin: str, end: str | None, as_of: str) -> Segment:
    """Two clocks may differ, but no span ends before it begins."""
    finish = end or as_of
    return {"kind": kind, "from": begin, "to": max(begin, finish, key=moment), "open": end is None}


def _merged(spans: Iterable[Segment]) -> list[Segment]:
    """Approvals in several environments are waited for at the same time."""
    merged: list[Segment] = []
    for span in sorted(spans, key=lambda item: moment(item["from"])):
        if merged and moment(span["from"]) <= moment(merged[-1]["to"]):
            last = merged[-1]
            longer = max(last, span, key=lambda item: moment(item["to"]))
            merged[-1] = {**last, "to": longer["to"], "open": longer["open"]}
        else:
            merged.append(span)
    return merged


def _between(taken: Sequence[Segment], begin: str, end: str) -> list[tuple[str, str]]:
    """What is left of a time when these are taken out of it."""
    free = []
    for span in taken:
        if moment(span["from"]) > moment(begin):
            free.append((begin, min(span["from"], end, key=moment)))
        begin = max(begin, span["to"], key=moment)
    if moment(begin) < moment(end) or not (taken or free):
        free.append((begin, end))
    return [(first, last) for first, last in free if first != last or not taken]


# Of an axis from 0 to 100: a stretch in which nothing happens, the least for one in which something does, the least for a span.
_PAUSE = 4.0
_LEAST_STRETCH = 6.0
_LEAST_SPAN = 1.0
# Labels are as wide as this at the width of a phone, and stand to the right of their place.
_LABEL = 21.0
# A pause is cut short when it is longer than this share of the time in which something happens.
_PAUSE_SHARE = 0.15
_SHORTEST_PAUSE = 60.0
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(60 * count for count in (1, 2, 5, 10, 15, 30)),
    *(3600 * count for count in (1, 2, 3, 6, 12)),
    *(86400 * count for count in (1, 2, 7, 14, 28, 91, 182, 364)),
)


@dataclass(frozen=True)
class Stretch:
    """Seconds since the epoch, and where they are on the axis; `pause` when nothing happens in it."""

    begin: float
    end: float
    left: float
    right: float
    pause: bool = False


@dataclass(frozen=True)
class Tick:
    at: float
    place: float
    labelled: bool
    with_seconds: bool


@dataclass(frozen=True)
class Axis:
    """Time from left to right in hundredths of its width. Long pauses are cut short, since they would squeeze all else."""

    stretches: tuple[Stretch, ...]

    def place(self, iso: str) -> float:
        at = moment(iso).timestamp()
        for item in self.stretches:
            if at <= item.end:
                length = item.end - item.begin
                share = (at - item.begin) / length if length else 0.0
                return item.left + max(0.0, share) * (item.right - item.left)
        return 100.0

    @property
    def pauses(self) -> list[Stretch]:
        return [item for item in self.stretches if item.pause]

    def ticks(self) -> list[Tick]:
        """The beginning of each stretch, and round times, with labels where there is room for them."""
        busy = [item for item in self.stretches if not item.pause]
        # Less than three minutes wide, and hours and minutes would all look alike.
        places = {place: (at, item.end - item.begin < 180) for item in busy for at, place in _rounded(item)}
        labelled: list[float] = []
        # The day of a stretch is told at its beginning, so that comes first.
        for place in [*(item.left for item in busy), *places]:
            if all(abs(place - other) >= _LABEL for other in labelled) and place <= 100.0 - _LABEL:
                labelled.append(place)
        return [Tick(at, place, place in labelled, seconds) for place, (at, seconds) in sorted(places.items())]


def axis(spans: Iterable[tuple[str, str]]) -> Axis | None:
    """An axis for these times, None without any."""
    merged = _busy(sorted((moment(begin).timestamp(), moment(end).timestamp()) for begin, end in spans))
    if not merged:
        return None
    count = len(merged)
    pause = min(_PAUSE, 30.0 / count)
    least = min(_LEAST_STRETCH, 50.0 / count)
    total = sum(end - begin for begin, end in merged)
    rest = 100.0 - pause * (count - 1) - least * count
    stretches: list[Stretch] = []
    left = 0.0
    for begin, end in merged:
        if stretches:
            stretches.append(Stretch(stretches[-1].end, begin, left, left + pause, pause=True))
            left += pause
        width = least + rest * ((end - begin) / total if total else 1 / count)
        stretches.append(Stretch(begin, end, left, left + width))
        left += width
    return Axis(tuple(stretches))


def _busy(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The times in which something happens, the short pauses between them included."""
    touching = _joined(spans, 0.0)
    longest = max(_SHORTEST_PAUSE, _PAUSE_SHARE * sum(end - begin for begin, end in touching))
    return _joined(touching, longest)


def _joined(spans: Sequence[tuple[float, float]], pause: float) -> list[tuple[float, float]]:
    joined: list[tuple[float, float]] = []
    for begin, end in spans:
        if joined and begin - joined[-1][1] <= pause:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _rounded(item: Stretch) -> list[tuple[float, float]]:
    """The beginning, and round times after it, as far apart as labels need."""
    length, width = item.end - item.begin, item.right - item.left
    places = [(item.begin, item.left)]
    step = next((step for step in _STEPS if step * width >= _LABEL * length), None)
    if not length or step is None:
        return places
    at = (item.begin // step + 1) * step
    while at <= item.end:
        places.append((at, item.left + width * (at - item.begin) / length))
        at += step
    return places


def widths(axis_: Axis, spans: Sequence[Segment]) -> list[tuple[float, float]]:
    """Where the spans of one phase are, from and to; the shortest is wide enough to be seen, and none hides the next."""
    placed: list[tuple[float, float]] = []
    reached = 0.0
    for span in spans:
        left = max(axis_.place(span["from"]), reached)
        reached = max(axis_.place(span["to"]), left + _LEAST_SPAN)
        placed.append((left, reached))
    # What the widening has pushed over the edge comes back inside.
    excess = max(0.0, reached - 100.0)
    return [(max(0.0, left - excess), right - excess) for left, right in placed]


def clock(at: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
