# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What time does to the phases of a release: they take effect, complete, or meet a regression. Pure transitions.

A phase is kept with a few fields that LaunchDarkly does not have; none of them is ever served:

- ``_completesAt``: when its rollout will be over. A phase without it stays as it is until somebody moves it.
- ``_regressesAfter``: milliseconds after the beginning of its rollout; then it is paused, and does not complete.
- ``_awaits``: the environments in which its rollout waits for an approval, each with the id of the request, or with
  null before it is filed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from .documents import JsonObject, integer

# Observed traffic: `self` is what LaunchDarkly's documentation describes (a phase completes when its work is done),
# `on_next` what one public walk-through reports (starting the next phase is what completes this one). Unsettled.
Completion = Literal["self", "on_next"]

# The words on the wire (observed); the specification's enum spells them otherwise. The word for a finished phase is
# also written `complete` in one place; `completed` is the one in captured documents.
NOT_STARTED = "not-started"
READY_TO_START = "ready-to-start"
ACTIVE = "active"
COMPLETED = "completed"
# Only in the specification's enum, as `Paused`: its spelling on the wire is an assumption.
PAUSED = "paused"

# The name that LaunchDarkly's roles know a change of a phase's status by.
UPDATE_STATUS = "updateReleasePhaseStatus"

HIDDEN = ("_completesAt", "_regressesAfter", "_awaits")

# Assumption: how long an immediate rollout takes is not published. A second lets a start be answered with `active`.
IMMEDIATE_MILLISECONDS = 1000

# The first is observed on the wire, the second is the specification's example.
_MONITORED = ("monitored-release", "monitoredRelease")


def begin(phase: JsonObject, now: int) -> None:
    """Let the rollout of a phase begin, or have it wait for the approvals that its audiences require."""
    # In an environment that was deleted nothing can be approved, and nothing is to be done (assumption).
    awaits = {key: None for key in (_approved_in(audience) for audience in audiences_of(phase)) if key is not None}
    if awaits:
        phase["_awaits"] = awaits
    else:
        _roll_out(phase, now, {})


def _roll_out(phase: JsonObject, started: int, applied: Mapping[str, int]) -> None:
    """Set when a phase will be done, given when the approvals in its environments were applied.

    Assumption: its audiences roll out side by side, and the phase waits for all of them. A phase without audiences
    has nothing to do and completes like an immediate one (LaunchDarkly's documentation: it completes automatically).
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
    """Return the release as it is at that time, with everything done that was due.

    ``applied`` are the approval requests that were applied, by their ids, each with the time.
    """
    if release.get("_canceledAt") is not None or not any(_moves(phase) for phase in release["phases"]):
        return release
    after = copy.deepcopy(release)
    for index, phase in enumerate(after["phases"]):
        held = _let_through(phase, applied) if "_awaits" in phase else []
        due = _due(phase)
        if due is not None and now >= due:
            _finish(after, index, due, completion)
        elif (due is not None or held) and now > (integer(phase, "_startedDate") or 0):
            _take_effect(phase, held)
    return after


def _let_through(phase: JsonObject, applied: Mapping[str, int]) -> list[str]:
    """Let the rollout begin if all its approvals were applied; return the environments in which one is missing."""
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
    """Return when a phase's rollout will be over, if it ever will be."""
    due, regresses_after, started = (
        integer(phase, name) for name in ("_completesAt", "_regressesAfter", "_startedDate")
    )
    under_way = plain(phase.get("status")) in ("active", "started") and "_awaits" not in phase
    if due is None and under_way and regresses_after is not None and started is not None:
        # Somebody wrote a phase that is active already.
        return started + regresses_after
    return due


def _take_effect(phase: JsonObject, held: Sequence[str] = ()) -> None:
    """Turn the audiences active: observed only after the start was answered, when the phase was active already.

    Assumption: one that waits for an approval stays ready to start.
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
        # Assumption: what a release shows of a regression is not known. No other word of the enum would fit.
        phase["status"] = PAUSED
        release["_version"] = next_version(release)
        return
    if completion == "self":
        mark_complete(phase, due)
        release["_version"] = next_version(release)
    following = release["phases"][index + 1 : index + 2]
    if following and following[0].get("status") == NOT_STARTED:
        # Documented: it does not start by itself.
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
    """Return the environments in which audiences took effect between the two, each with its phase."""
    found = []
    for earlier, phase in zip(before["phases"], after["phases"]):
        for was, audience in zip(audiences_of(earlier), audiences_of(phase)):
            key = environment_of(audience)
            if was.get("status") == READY_TO_START != audience.get("status") and key is not None:
                found.append((key, phase))
    return found


def audiences_of(phase: JsonObject) -> list[JsonObject]:
    """Return the audiences that are objects: what somebody wrote by hand may be anything."""
    found = phase.get("_audiences")
    return [audience for audience in found if isinstance(audience, dict)] if isinstance(found, list) else []


def environment_of(audience: JsonObject) -> str | None:
    """Return the key of an audience's environment; one that was deleted is not in the document."""
    key = part(audience, "environment").get("key")
    return key if isinstance(key, str) else None


def environments_of(phase: JsonObject) -> list[str]:
    """Return the keys of the environments of a phase's audiences."""
    found = (environment_of(audience) for audience in audiences_of(phase))
    return list(dict.fromkeys(key for key in found if key is not None))


def part(document: JsonObject, name: str) -> JsonObject:
    """Return an object inside a document, an empty one if it is not there."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def plain(word: Any) -> str:
    """Return a status without what its spellings differ in."""
    return str(word).lower().replace("-", "").replace("_", "")


def next_version(release: JsonObject) -> int:
    """Return the version that a release gets with its next change."""
    version = release.get("_version")
    return version + 1 if isinstance(version, int) else 1
