# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When something happens to an environment release next. Pure functions."""

from __future__ import annotations

from ..core.documents import JsonObject
from .releases import IN_PROGRESS, PENDING, is_over

_SCRIPTED = {"_insufficientDataAt": "insufficient_data", "_waitsAt": "wait"}


def next_event(release: JsonObject) -> tuple[int, str] | None:
    """Return the time and the name of the next event, None without one."""
    if is_over(release):
        return (release["_cleanupAt"], "clean_up") if "_cleanupAt" in release else None
    if release["status"] == PENDING:
        return (release["_startsAt"], "start_phase") if "_startsAt" in release else None
    if "_nextPhaseAt" in release:
        return release["_nextPhaseAt"], "start_phase"
    if release["status"] != IN_PROGRESS:
        return None
    # At the same time, what is scripted comes first.
    found = [(item["at"], "regress") for item in release.get("_regressions", ())]
    found += [(release[name], event) for name, event in _SCRIPTED.items() if name in release]
    end = step_end(release)
    if end is not None:
        found.append((end, "end_step"))
    return min(found, key=lambda item: item[0], default=None)


def current_phase(release: JsonObject) -> JsonObject | None:
    """Return the current phase: the first one while the release is pending, None between phases."""
    index = 0 if release["status"] == PENDING else release["currentPhaseIndex"]
    phase: JsonObject | None = None if index is None else release["phases"][index]
    return phase


def step_end(release: JsonObject) -> int | None:
    """Return the end of the current step."""
    if "_stepEndsAt" in release:
        return int(release["_stepEndsAt"])
    phase = current_phase(release) or {"steps": []}
    steps, index = phase["steps"], phase.get("currentStepIndex")
    if index is None or index >= len(steps) or "startedAt" not in steps[index]:
        return None
    return int(steps[index]["startedAt"] + steps[index]["durationMillis"])
