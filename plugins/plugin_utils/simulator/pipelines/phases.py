# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of a release as time passes: they take effect, complete, or regress. Pure transitions.

A phase is kept with a few fields that LaunchDarkly does not have, and that are never served:

- ``_completesAt``: the end of its rollout. A phase without it changes only by requests.
- ``_regressesAfter``: milliseconds from the start of its rollout to a regression, which pauses it.
- ``_awaits``: the environments in which its rollout waits for an approval, with the id of the request, or null before
  the request exists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.behavior import Completion
from ..core.documents import JsonObject, copied, integer

# The words on the wire (observed); the specification's enum spells them differently. One source writes `complete` for
# a finished phase; captured documents have `completed`.
NOT_STARTED = "not-started"
READY_TO_START = "ready-to-start"
ACTIVE = "active"
COMPLETED = "completed"
# Only in the specification's enum, as `Paused`: its spelling on the wire is an assumption.
PAUSED = "paused"

# The action for a change of a phase's status in LaunchDarkly's roles.
UPDATE_STATUS = "updateReleasePhaseStatus"

HIDDEN = ("_completesAt", "_regressesAfter", "_awaits")

# Assumption: the duration of an immediate rollout is not published. With a second, a start is answered with `active`.
IMMEDIATE_MILLISECONDS = 1000

# The first is observed on the wire, the second is the specification's example.
_MONITORED = ("monitored-release", "monitoredRelease")


def begin(phase: JsonObject, now: int) -> None:
    """Start the rollout of a phase, or let it wait for the approvals that its audiences require."""
    # A deleted environment needs no approval (assumption).
    awaits = {key: None for key in (_approved_in(audience) for audience in audiences_of(phase)) if key is not None}
    if awaits:
        phase["_awaits"] = awaits
    else:
        _roll_out(phase, now, {})


def _roll_out(phase: JsonObject, started: int, applied: Mapping[str, int]) -> None:
    """Set the end of a phase's rollout, given the times at which its approvals were applied.

    Assumption: its audiences roll out in parallel, and the phase waits for all of them. A phase without audiences
    completes like an immediate one (LaunchDarkly's documentation: it completes automatically).
    """
    begun = [(_begun(audience, started, applied), audience) for audience in audiences_of(phase)]
    ends = [since + _rollout_milliseconds(part(audience, "configuration")) for since, audience in begun]
    regresses_after = integer(phase, "_regressesAfter")
    if regresses_after is not None:
        ends = [max((since for since, _audience in begun), default=started) + regresses_after]
    phase["_completesAt"] = max(ends, default=started + IMMEDIATE_MILLISECONDS)


def _begun(audience: JsonObject, started: int, applied: Mapping[str, int]) -> int:
    key = _approved_in(audience)
    return started if key is None else applied.get(key, started)


def _approved_in(audience: JsonObject) -> str | None:
    """Return the environment in which an audience requires an approval."""
    return environment_of(audience) if part(audience, "configuration").get("requireApproval") else None


def _rollout_milliseconds(configuration: JsonObject) -> int:
    window = part(configuration, "releaseGuardianConfiguration").get("monitoringWindowMilliseconds")
    if configuration.get("releaseStrategy") in _MONITORED and isinstance(window, int):
        return max(window, 0)
    return IMMEDIATE_MILLISECONDS


def settle(release: JsonObject, now: int, completion: Completion, applied: Mapping[str, int]) -> JsonObject:
    """Return the release at that time, after every change that is due.

    ``applied`` holds the ids of the applied approval requests, with the times at which they were applied.
    """
    if release.get("_canceledAt") is not None or not any(_moves(phase) for phase in release["phases"]):
        return release
    after = copied(release)
    for index, phase in enumerate(after["phases"]):
        held = _let_through(phase, applied) if "_awaits" in phase else []
        due = _due(phase)
        if due is not None and now >= due:
            _finish(after, index, due, completion)
        elif (due is not None or held) and now > (integer(phase, "_startedDate") or 0):
            _take_effect(phase, held)
    return after


def _let_through(phase: JsonObject, applied: Mapping[str, int]) -> list[str]:
    """Start the rollout if all its approvals are applied; return the environments that still need one."""
    awaits = part(phase, "_awaits")
    dates = {key: applied[str(request_id)] for key, request_id in awaits.items() if str(request_id) in applied}
    held = [key for key in awaits if key not in dates]
    if not held:
        del phase["_awaits"]
        _roll_out(phase, integer(phase, "_startedDate") or 0, dates)
    return held


def _moves(phase: JsonObject) -> bool:
    return any(name in phase for name in HIDDEN)


def _due(phase: JsonObject) -> int | None:
    """Return the end of a phase's rollout, None if it has none."""
    due, regresses_after, started = (
        integer(phase, name) for name in ("_completesAt", "_regressesAfter", "_startedDate")
    )
    under_way = plain(phase.get("status")) in ("active", "started") and "_awaits" not in phase
    if due is None and under_way and regresses_after is not None and started is not None:
        # The phase was written by hand as active.
        return started + regresses_after
    return due


def _take_effect(phase: JsonObject, held: Sequence[str] = ()) -> None:
    """Set the audiences to active: observed only after the answer to the start, which shows the phase as active.

    Assumption: an audience that waits for an approval stays ready to start.
    """
    for audience in audiences_of(phase):
        if audience.get("status") == READY_TO_START and _approved_in(audience) not in held:
            audience["status"] = ACTIVE


def _finish(release: JsonObject, index: int, due: int, completion: Completion) -> None:
    phase = release["phases"][index]
    _take_effect(phase)
    regresses = integer(phase, "_regressesAfter") is not None
    for name in HIDDEN:
        phase.pop(name, None)
    if regresses:
        # Assumption: how a release shows a regression is not known. No other word of the enum fits.
        phase["status"] = PAUSED
        release["_version"] = next_version(release)
        return
    if completion == "self":
        mark_complete(phase, due)
        release["_version"] = next_version(release)
    following = release["phases"][index + 1 : index + 2]
    if following and following[0].get("status") == NOT_STARTED:
        # Documented: the next phase does not start by itself.
        following[0]["status"] = READY_TO_START


def mark_complete(phase: JsonObject, now: int) -> None:
    """Mark a phase as completed."""
    for name in HIDDEN:
        phase.pop(name, None)
    phase.update({"status": COMPLETED, "complete": True, "_completionDate": now})
    for audience in audiences_of(phase):
        if "status" in audience:
            audience["status"] = COMPLETED


def taken_effect(before: JsonObject, after: JsonObject) -> list[tuple[str, JsonObject]]:
    """Return the environments in which audiences took effect between two documents, with their phases."""
    found = []
    for earlier, phase in zip(before["phases"], after["phases"]):
        for was, audience in zip(audiences_of(earlier), audiences_of(phase)):
            key = environment_of(audience)
            if was.get("status") == READY_TO_START != audience.get("status") and key is not None:
                found.append((key, phase))
    return found


def audiences_of(phase: JsonObject) -> list[JsonObject]:
    """Return the audiences that are objects: a document written by hand may hold anything."""
    found = phase.get("_audiences")
    return [audience for audience in found if isinstance(audience, dict)] if isinstance(found, list) else []


def environment_of(audience: JsonObject) -> str | None:
    """Return the key of an audience's environment, None if it was deleted."""
    key = part(audience, "environment").get("key")
    return key if isinstance(key, str) else None


def environments_of(phase: JsonObject) -> list[str]:
    """Return the keys of the environments of a phase's audiences."""
    found = (environment_of(audience) for audience in audiences_of(phase))
    return list(dict.fromkeys(key for key in found if key is not None))


def part(document: JsonObject, name: str) -> JsonObject:
    """Return an object in a document, or an empty one."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def plain(word: Any) -> str:
    """Return a status in the form that all its spellings share."""
    return str(word).lower().replace("-", "").replace("_", "")


def next_version(release: JsonObject) -> int:
    """Return the version of a release after its next change."""
    version = release.get("_version")
    return version + 1 if isinstance(version, int) else 1
