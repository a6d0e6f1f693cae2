# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What time does to a project: its releases move on, and take its flags with them."""

from __future__ import annotations

from . import flags, rollouts
from .audit import note
from .documents import JsonObject, integer


def settle(project: JsonObject, now: int, completion: rollouts.Completion) -> None:
    """Bring a project to that time; its document changes only by assignment, as in the operations."""
    for flag_key, release in project["releases"].items():
        after = rollouts.settle(release, now, completion)
        if after is release:
            continue
        project["releases"][flag_key] = after
        for environment_key, phase in rollouts.taken_effect(release, after):
            _turn_on(project, flag_key, environment_key, phase, now)
        for before, phase in zip(release["phases"], after["phases"]):
            _note_end(project, flag_key, before, phase, now)


def _turn_on(project: JsonObject, flag_key: str, environment_key: str, phase: JsonObject, now: int) -> None:
    """Turn the flag's targeting on, as LaunchDarkly's documentation says of a phase that is started."""
    flag = project["flags"][flag_key]
    started = integer(phase, "_startedDate")
    since = now if started is None else started
    after = flags.switched(flag, environment_key, True, since)
    if after is not flag:
        project["flags"][flag_key] = after
        details = {"environmentKey": environment_key, "phaseId": phase.get("_id")}
        note(project, since, flags.SWITCH, flag_key, "release", instructions=[{"kind": "turnFlagOn"}], **details)


def _note_end(project: JsonObject, flag_key: str, before: JsonObject, phase: JsonObject, now: int) -> None:
    """Note that a phase was completed or paused (assumption: that this is known as the same action as its start)."""
    word = phase.get("status")
    if word != before.get("status") and word in (rollouts.COMPLETED, rollouts.PAUSED):
        ended = integer(before, "_completesAt")
        details = {"phaseId": phase.get("_id"), "status": word}
        note(project, now if ended is None else ended, rollouts.UPDATE_STATUS, flag_key, "release", **details)
