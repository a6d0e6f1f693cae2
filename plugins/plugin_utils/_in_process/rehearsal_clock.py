# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The clock of a rehearsal's simulator, for modules that compare its times with ours."""

from __future__ import annotations

import dataclasses
import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import Runtime

# However fast its clock runs, nobody has to ask a simulator more often (seconds).
SHORTEST_SLEEP = 0.05
# Options that limit a wait, by what a real run gives it. All limits stay those of our own clock.
LIMITS = ("wait_timeout", "approval_timeout", "health_check_timeout")
# What a wait is given on top, in real seconds: a busy machine must not make a rehearsal fail.
GRACE = 600.0
LONGEST_INTERVAL = 60.0


def simulated(runtime: Runtime, rehearsal: Mapping[str, t.Any]) -> Runtime:
    """A silent runtime on the simulator's clock: `rehearsal` has its `speed`, and one moment on its `clock` and on ours."""
    speed = float(rehearsal["speed"])
    then, real = float(rehearsal["clock"]["now"]) / 1000, float(rehearsal["clock"]["wall"]) / 1000
    return dataclasses.replace(
        runtime,
        wall=lambda: then + (runtime.wall() - real) * speed,
        sleep=lambda seconds: runtime.sleep(max(seconds / speed, SHORTEST_SLEEP)),
        report=lambda _line: None,
        # Its answers are dated by our clock, as the limits of rates are.
        is_service_clock=True,
    )


def real_times(options: Mapping[str, t.Any], rehearsal: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Options of ld_environment_release, whose limits are those of our own clock."""
    speed = float(rehearsal["speed"])
    steps = sum(step["duration"] for step in options.get("steps") or ())
    given = {"wait_timeout": steps, **{name: options[name] for name in LIMITS if options.get(name) is not None}}
    limits = {name: seconds / speed + (GRACE if seconds else 0.0) for name, seconds in given.items()}
    interval = min(float(options.get("wait_interval", LONGEST_INTERVAL)), LONGEST_INTERVAL)
    return {**options, **limits, "wait_timeout": given["wait_timeout"] / speed + GRACE, "wait_interval": interval}


def simulated_times(result: dict[str, t.Any], rehearsal: Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The result of such a run, with the time that it would have waited."""
    return {**result, "waited": round(result.get("waited", 0.0) * float(rehearsal["speed"]), 3)}
