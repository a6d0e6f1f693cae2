# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where times are on the axis of a timeline."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.axis import Axis, axis, places
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import report
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report.report_support import Json


def spans(document: Json) -> list[tuple[str, str]]:
    return [(item["from"], item["to"]) for phase in document["phases"] for item in phase["timeline"]]


def test_axis_shortens_a_night() -> None:
    whole = axis(spans(report(support.whole_run())))
    assert whole is not None
    (night,) = whole.pauses
    assert night.right - night.left < 5
    assert whole.place("2026-10-26T08:30:02.000Z") == 0
    assert whole.place("2026-10-27T16:01:20.000000Z") == pytest.approx(100)
    labelled = [tick for tick in whole.ticks() if tick.labelled]
    assert all(later.place - earlier.place >= 20 for earlier, later in zip(labelled, labelled[1:]))


def test_axis_shows_both_sides_of_a_long_pause() -> None:
    short, long = (
        ("2026-09-01T08:00:00.000Z", "2026-09-01T08:00:03.000Z"),
        ("2026-10-01T08:00:00Z", "2026-10-03T08:00:00Z"),
    )
    both = axis([short, long])
    assert both is not None
    assert both.place(short[1]) - both.place(short[0]) >= 5
    assert both.place(long[1]) == pytest.approx(100)


def test_axis_of_one_moment() -> None:
    only = axis([("2026-10-26T08:30:02.000Z", "2026-10-26T08:30:02.000Z")])
    assert only is not None
    assert only.place("2026-10-26T08:30:02.000Z") == 0
    assert [tick.labelled for tick in only.ticks()] == [True]
    assert axis([]) is None


def test_places_are_wide_enough_and_inside_of_the_axis() -> None:
    document = report(support.whole_run())
    whole = axis(spans(document))
    assert isinstance(whole, Axis)
    for phase in document["phases"]:
        placed = places(whole, [(span["from"], span["to"]) for span in phase["timeline"]])
        assert all(right - left >= 0.99 for left, right in placed)
        assert all(left >= 0 and right <= 100.001 for left, right in placed)
        assert all(later[0] >= earlier[1] - 0.001 for earlier, later in zip(placed, placed[1:]))
