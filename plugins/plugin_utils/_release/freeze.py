# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a freeze window in force means for a start. Pure; the calendar is in freeze_windows."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.times import moment
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import environment_keys
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.freeze_windows import (
    Frozen,
    frozen,
    read_windows,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.messages import where
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import end, note

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Record, Step

# A window is looked at again at least this often (seconds), or after this part of what is left of it: somebody may end it early.
SHORTEST_LOOK_AGAIN = 3600
PART_OF_THE_REST = 4


def hold(
    record: Mapping[str, t.Any], now: str, step: Step, plan: Mapping[str, t.Any], release: Mapping[str, t.Any]
) -> tuple[Record, int]:
    """Before a phase is started: the record, which a window in force may end, and for how many seconds to wait before looking again.

    `release` is as it was seen last: a phase may list its environments only when it is ready, which may be after the plan was made.
    """
    step = {**step, "environments": step["environments"] or _environments(release, step["phase_id"])}
    record = {**record, "waits_until": None, "reason": None, "message": None}
    found = frozen(read_windows("release_freeze", plan["freeze"]), moment(now), step["environments"])
    if found is None:
        return record, 0
    until, name = _until(found), _name(found)
    if plan["freeze_override"]:
        return _overridden(record, step, name, until, plain(plan["freeze_override"])), 0
    frozen_until = (
        f"{where(record, step)}: no phase may be started in the freeze window {name}, which lasts until {until}."
    )
    if plan["freeze_action"] == "wait" and plan["wait"]:
        left = (found.until - moment(now)).total_seconds()
        pause = math.ceil(min(left, max(SHORTEST_LOOK_AGAIN, left / PART_OF_THE_REST)))
        said = {"reason": "freeze", "message": f"{frozen_until} The run waits for its end."}
        return {**record, **said, "waits_until": until}, pause
    message = (
        f"{frozen_until} Rerun the same command after that. To override, set release_freeze_override to a reason; the override is"
        " recorded."
    )
    state = "waiting" if plan["freeze_action"] == "wait" else "stopped"
    return {**end(record, state, "freeze", None, message, step), "waits_until": until}, 0


def foresee(plan: dict[str, t.Any], now: str) -> dict[str, t.Any]:
    """The plan, in which the step that would be the first to start says what a window that is in force now means for it.

    When later ones would be started, nobody knows.
    """
    step = next((step for step in plan["steps"] if step["runs"]), None)
    if not plan["freeze"] or step is None or step["would"] != "start":
        return plan
    found = frozen(read_windows("release_freeze", plan["freeze"]), moment(now), step["environments"])
    if found is None:
        return plan
    until, name = _until(found), _name(found)
    if plan["freeze_override"]:
        meaning = f"in spite of the freeze window {name}"
    elif plan["freeze_action"] == "wait":
        meaning = f"not before {until}, when the freeze window {name} ends"
    else:
        meaning = f"not in this run, but after {until}, when the freeze window {name} ends"
    changed = {**step, "frozen": meaning}
    return {**plan, "steps": [changed if other is step else other for other in plan["steps"]]}


def _until(found: Frozen) -> str:
    return found.until.strftime("%Y-%m-%dT%H:%M:%SZ")


def _name(found: Frozen) -> str:
    return plain(f"{found.window.name} ({found.window.reason})")


def _environments(release: Mapping[str, t.Any], phase_id: str) -> list[str]:
    audiences = [item for phase in release["phases"] if phase["id"] == phase_id for item in phase["audiences"] or ()]
    return environment_keys(audiences)


def _overridden(record: Record, step: Step, window: str, until: str, why: str) -> Record:
    """The last window that was overridden, the reason, and all phases that were let through; each of these has a note of its own."""
    text = f"Started in the freeze window {window}, which lasts until {until}: {why}"
    noted = note(record, step, text)
    if noted is record:
        return record
    before = f"{record['freeze']['phase']}, " if record["freeze"] else ""
    overridden = {"window": window, "until": until, "overridden": why, "phase": f"{before}{plain(step['phase'])}"}
    return {**noted, "freeze": overridden}
