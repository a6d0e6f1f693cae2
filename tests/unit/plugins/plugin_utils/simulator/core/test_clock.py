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
def test_it_runs_as_fast_as_it_is_told_to(speed, elapsed):
    source = Source()
    clock = Clock(speed, source)
    assert clock.now() == 1_000_000
    source.now += 2
    assert clock.now() == 1_000_000 + elapsed
    assert clock.wall() == 1_002_000


def test_it_moves_ahead_by_simulated_seconds():
    clock = Clock(60, Source())
    clock.advance(1.5)
    assert clock.now() == 1_001_500
    assert clock.wall() == 1_000_000


@pytest.mark.parametrize("speed", [0, -1])
def test_it_never_stands_still_or_runs_back(speed):
    with pytest.raises(ValueError, match="speed"):
        Clock(speed)
    with pytest.raises(ValueError, match="forward"):
        Clock(1).advance(-1)
