# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Clocks, sleep, chance and output, injected so that tests can replace them."""

from __future__ import annotations

import os
import random
import time
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from collections.abc import Callable

# How often a sleeping task checks that its parent is alive (seconds).
SLICE_SECONDS = 1.0


@dataclass(frozen=True)
class Runtime:
    """`monotonic` and `wall` return seconds (`wall` since the epoch), `sleep` takes seconds, `chance` returns 0.0 to 1.0.

    `still_wanted` is called before every request and raises when the run has ended. `report` shows one line to the
    person who watches, while the task still runs. `is_service_clock`: `wall` is LaunchDarkly's time, whatever its answers say.
    `learn_clock` is called after every answer with the seconds by which `wall` is ahead of LaunchDarkly's time.
    """

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    still_wanted: Callable[[], None] = lambda: None
    report: Callable[[str], None] = lambda _line: None
    is_service_clock: bool = False
    learn_clock: Callable[[float], None] = lambda _ahead: None


def end_with_parent(report: Callable[[str], None]) -> Runtime:
    """A runtime that ends with the process that forked this one.

    A worker of ansible-playbook has its own session since ansible-core 2.19 and outlives a killed controller.
    The parent's id is compared with the one seen first, not with 1: in a container the controller may be process 1.
    """
    parent = os.getppid()

    def still_wanted() -> None:
        if os.getppid() != parent:
            raise SystemExit("the ansible run that this task belongs to has ended")

    def sleep(seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            still_wanted()
            time.sleep(min(left, SLICE_SECONDS))
        still_wanted()

    return Runtime(sleep=sleep, still_wanted=still_wanted, report=report)
