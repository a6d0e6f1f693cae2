# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""How long a phase still soaks, and when something is due in a soak. Pure. Times are seconds; `speed` is that of a rehearsal."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import seconds_between

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Step

# A longer soak spreads its measurements, so that the evidence of a check stays readable.
MAX_MEASUREMENTS = 60


def soak_left(step: Step, phase: Mapping[str, t.Any], since: str, now: str, speed: float) -> float:
    """What is left of the soak, counted from LaunchDarkly's completion time.

    Or from `since`, when this run came to the soak, where LaunchDarkly gives no time or one that is still to come: no soak waits
    longer than itself because two clocks differ.
    """
    moments = (phase.get("completed_at"), step["done_since"], since)
    passed = [seconds_between(moment, now) or 0.0 for moment in moments]
    soak: float = step["soak"]
    return max(0.0, soak / speed - max(passed))


def soak_pause(step: Step, left: float, speed: float) -> float:
    """Until the end of the soak, or the next measurement of a check, in whole seconds of the release's own time."""
    return math.ceil(min([left * speed, *_spread(step)])) / speed


def most_measurements(step: Step) -> int:
    """How often a check is measured at most while the phase soaks: at its beginning, and after each pause."""
    soak: float = step["soak"]
    # One more, for a clock that is set back meanwhile.
    return math.ceil(soak / min(_spread(step))) + 2


def _spread(step: Step) -> list[float]:
    """The pause between two measurements, for each check."""
    soak: float = step["soak"]
    return [max(check["interval"], soak / MAX_MEASUREMENTS) for check in step["checks"] if check["during"] == "soak"]
