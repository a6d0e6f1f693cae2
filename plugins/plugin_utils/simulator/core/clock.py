# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's own time: real time, which can run faster and be moved ahead."""

from __future__ import annotations

import time
from typing import Callable


class Clock:
    """Milliseconds since the epoch, starting at the source's time and running ``speed`` times as fast."""

    def __init__(self, speed: float = 1.0, source: Callable[[], float] = time.time) -> None:
        """Take a source of seconds since the epoch; tests pass one that stands still."""
        if speed <= 0:
            raise ValueError(f"speed must be positive, not {speed}")
        self.speed = speed
        self._source = source
        self._origin = source()
        self._ahead = 0.0

    def now(self) -> int:
        """Return the simulated time in milliseconds."""
        elapsed = self._source() - self._origin
        return round((self._origin + elapsed * self.speed + self._ahead) * 1000)

    def wall(self) -> int:
        """Return the source's own time in milliseconds, neither sped up nor moved ahead."""
        return round(self._source() * 1000)

    def advance(self, seconds: float) -> None:
        """Move the simulated time ahead."""
        if seconds < 0:
            raise ValueError("time only moves forward")
        self._ahead += seconds
