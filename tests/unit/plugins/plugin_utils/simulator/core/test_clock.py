# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated time."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.clock import Clock


class Source:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(("speed", "elapsed"), [(1, 2000), (60, 120_000), (0.5, 1000)])
def test_clock_runs_at_its_speed(speed, elapsed):
    source = Source()
    clock = Clock(speed, source)
    assert clock.now() == 1_000_000
    source.now += 2
    assert clock.now() == 1_000_000 + elapsed
    assert clock.wall() == 1_002_000


def test_clock_advances_by_simulated_seconds():
    clock = Clock(60, Source())
    clock.advance(1.5)
    assert clock.now() == 1_001_500
    assert clock.wall() == 1_000_000


@pytest.mark.parametrize("speed", [0, -1])
def test_clock_refuses_to_stop_or_to_run_back(speed):
    with pytest.raises(ValueError, match="speed"):
        Clock(speed)
    with pytest.raises(ValueError, match="forward"):
        Clock(1).advance(-1)
