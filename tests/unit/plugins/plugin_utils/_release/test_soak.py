# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a phase still soaks, and when something is due in a soak."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.soak import soak_left, soak_pause
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.record_support import (
    LATER,
    NOW,
    READY,
    Run,
)


def soaking(*words: Any, **settings: Any) -> dict[str, Any]:
    return Run(*(words or READY), phases=[{"phase": "Test", **settings}]).step()


@pytest.mark.parametrize(
    ("completed_at", "left"),
    [
        # Since LaunchDarkly completed it.
        ("2026-10-26T07:59:30.000Z", 60.0),
        ("2026-10-26T07:00:00.000Z", 0.0),
        # Two clocks may differ, and no soak takes longer than itself.
        ("2026-10-26T09:00:00.000Z", 90.0),
        # Seen to complete just now, without a time.
        (None, 90.0),
    ],
)
def test_soak_counts_from_the_time_of_completion(completed_at: str | None, left: float) -> None:
    step = soaking(soak="90s")
    phase = {"completed_at": completed_at}
    assert soak_left(step, phase, NOW, NOW, 1.0) == left
    assert soak_left(step, phase, NOW, LATER, 1.0) == max(0.0, left - 30)


def test_soak_counts_from_the_start_where_no_completion_shows() -> None:
    """A phase that completes only with the start of the next one was done an hour ago at the earliest."""
    step = soaking("active", "ready_to_start", soak="2h")
    assert soak_left(step, {"completed_at": None}, NOW, NOW, 1.0) == 3600


def test_soak_is_shorter_in_a_rehearsal() -> None:
    assert soak_left(soaking(soak="90s"), {"completed_at": None}, NOW, LATER, 2.0) == 15


@pytest.mark.parametrize(
    ("settings", "left", "speed", "pause"),
    [
        ({"soak": "90s"}, 90, 1, 90),
        ({"soak": "90s"}, 60, 1, 60),
        ({"soak": 0.5}, 0.5, 1, 1),
        ({"soak": "90s", "checks": [{"command": "a", "during": "soak", "interval": "20s"}]}, 90, 1, 20),
        ({"soak": "90s", "checks": [{"command": "a", "during": "soak", "interval": "20s"}]}, 15, 1, 15),
        ({"soak": "90s", "checks": [{"command": "a", "during": "soak", "interval": "5m"}]}, 90, 1, 90),
        ({"soak": "90s", "checks": [{"command": "a", "interval": "20s"}]}, 90, 1, 90),
        # At most 60 measurements.
        ({"soak": "1d", "checks": [{"command": "a", "during": "soak", "interval": "20s"}]}, 86400, 1, 1440),
        ({"soak": "90s"}, 0.9, 100, 0.9),
        ({"soak": "90s", "checks": [{"command": "a", "during": "soak", "interval": "20s"}]}, 0.9, 100, 0.2),
    ],
)
def test_soak_pauses_until_something_is_due(settings: dict[str, Any], left: float, speed: float, pause: float) -> None:
    assert soak_pause(soaking(**settings), left, speed) == pause
