# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Checks while the steps of a phase run: which, when, and for how long. Pure. Times are seconds; `speed` is that of a rehearsal."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import WINDOW_GRACE
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.soak import MAX_MEASUREMENTS
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import seconds_between

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Step

# Where the length of a rollout is not known, pauses grow with the time that has passed, after so many measurements.
UNKNOWN_MEASUREMENTS = 30
# What follows the end of a step that is overdue.
SHORTEST_PAUSE = 1.0


def checks(step: Step) -> list[int]:
    """The indexes of the checks that are measured during the rollout."""
    return [number for number, check in enumerate(step["checks"]) if check["during"] == "rollout"]


def seconds_left(step: Step, phase: Mapping[str, t.Any], since: str, now: str, speed: float) -> float:
    """Until the time-out; by default an hour more than the steps take, also those of a release that has others."""
    timeout: float = step["wait_timeout"]
    if step["module_decides_timeout"]:
        timeout = max(timeout, phase["window"] + WINDOW_GRACE)
    return timeout / speed - (seconds_between(since, now) or 0.0)


def pause(step: Step, phase: Mapping[str, t.Any], since: str, now: str, speed: float) -> float:
    """Until the next measurement: after the interval of a check, or before the next step. A long rollout spreads them."""
    window = step["window"] / MAX_MEASUREMENTS or (seconds_between(since, now) or 0.0) * speed / UNKNOWN_MEASUREMENTS
    shortest = min(max(float(step["checks"][number]["interval"]), window) for number in checks(step)) / speed
    until_step = seconds_between(now, phase.get("waits_until"))
    if until_step is None:
        return shortest
    # The longer a step is overdue, the less often it is asked for.
    return min(shortest, until_step if until_step > 0 else max(SHORTEST_PAUSE, -until_step))


def most_measurements(step: Step) -> int:
    """More than any rollout takes of each check: with those before a step, and those of one that is overdue."""
    steps = (step["options"] or {}).get("steps") or ()
    return 3 * MAX_MEASUREMENTS + len(steps)
