# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""An axis of time for a picture, from 0 to 100 in width. Long pauses are shortened, since they would squeeze all else. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.times import moment

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Hundredths of the width: a shortened pause, and the least for a stretch of activity and for a span.
_PAUSE = 4.0
_LEAST_STRETCH = 6.0
_LEAST_SPAN = 1.0
# A label takes this much of a phone's width, and stands to the right of its place.
_LABEL = 21.0
# A pause is shortened when it is longer than both: seconds, and a share of the time with activity.
_SHORTEST_PAUSE = 60.0
_PAUSE_SHARE = 0.15
# Within less than this many seconds, hours and minutes would all look alike.
_NEEDS_SECONDS = 180.0
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(60 * count for count in (1, 2, 5, 10, 15, 30)),
    *(3600 * count for count in (1, 2, 3, 6, 12)),
    *(86400 * count for count in (1, 2, 7, 14, 28, 91, 182, 364)),
)


@dataclass(frozen=True)
class Stretch:
    """Seconds since the epoch, and where they are on the axis. Nothing happens in a `pause`."""

    begin: float
    end: float
    left: float
    right: float
    pause: bool = False

    def place(self, at: float) -> float:
        length = self.end - self.begin
        share = (at - self.begin) / length if length else 0.0
        return self.left + max(0.0, share) * (self.right - self.left)


@dataclass(frozen=True)
class Tick:
    at: float
    place: float
    labelled: bool
    with_seconds: bool


@dataclass(frozen=True)
class Axis:
    stretches: tuple[Stretch, ...]

    def place(self, iso: str) -> float:
        at = moment(iso).timestamp()
        return next((item.place(at) for item in self.stretches if at <= item.end), 100.0)

    @property
    def pauses(self) -> list[Stretch]:
        return [item for item in self.stretches if item.pause]

    def ticks(self) -> list[Tick]:
        """The beginning of each stretch, and round times, labelled where there is room."""
        busy = [item for item in self.stretches if not item.pause]
        times = {item.place(at): (at, item) for item in busy for at in (item.begin, *_round_times(item))}
        labelled: list[float] = []
        # The beginning of a stretch names its day, so it comes first.
        for place in [*(item.left for item in busy), *times]:
            if all(abs(place - other) >= _LABEL for other in labelled) and place <= 100.0 - _LABEL:
                labelled.append(place)
        return [
            Tick(at, place, place in labelled, item.end - item.begin < _NEEDS_SECONDS)
            for place, (at, item) in sorted(times.items(), key=lambda entry: entry[0])
        ]


def axis(spans: Iterable[tuple[str, str]]) -> Axis | None:
    """An axis for these times, None without any."""
    busy = _busy(sorted((moment(begin).timestamp(), moment(end).timestamp()) for begin, end in spans))
    if not busy:
        return None
    count = len(busy)
    pause = min(_PAUSE, 30.0 / count)
    least = min(_LEAST_STRETCH, 50.0 / count)
    total = sum(end - begin for begin, end in busy)
    rest = 100.0 - pause * (count - 1) - least * count
    stretches: list[Stretch] = []
    left = 0.0
    for begin, end in busy:
        if stretches:
            stretches.append(Stretch(stretches[-1].end, begin, left, left + pause, pause=True))
            left += pause
        width = least + rest * ((end - begin) / total if total else 1 / count)
        stretches.append(Stretch(begin, end, left, left + width))
        left += width
    return Axis(tuple(stretches))


def _busy(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The times with activity, short pauses included."""
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


def _round_times(item: Stretch) -> list[float]:
    """Round times of a stretch, as far apart as labels need."""
    length, width = item.end - item.begin, item.right - item.left
    step = next((step for step in _STEPS if step * width >= _LABEL * length), None)
    if not length or step is None:
        return []
    first = int(item.begin // step) + 1
    return [float(number * step) for number in range(first, int(item.end // step) + 1)]


def places(axis_: Axis, spans: Sequence[tuple[str, str]]) -> list[tuple[float, float]]:
    """From where to where the spans of one row are drawn: each wide enough to be seen, and none over the next."""
    placed: list[tuple[float, float]] = []
    reached = 0.0
    for begin, end in spans:
        left = max(axis_.place(begin), reached)
        reached = max(axis_.place(end), left + _LEAST_SPAN)
        placed.append((left, reached))
    # What the widening has pushed over the edge comes back inside.
    excess = max(0.0, reached - 100.0)
    return [(max(0.0, left - excess), right - excess) for left, right in placed]
