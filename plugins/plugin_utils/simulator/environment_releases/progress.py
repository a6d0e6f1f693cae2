# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment releases of a project as time passes, and as other changes of the flag meet them."""

from __future__ import annotations

from collections.abc import Sequence

from ..audit.log import note
from ..core.documents import JsonObject
from . import releases
from .run import Run
from .schedule import next_event


def settle(project: JsonObject, now: int) -> None:
    """Bring the environment releases of a project to that time."""
    for release in project["environmentReleases"]:
        _settle_one(project, release, now)


def settle_flag(project: JsonObject, flag_key: str, environment_key: str, now: int) -> None:
    """Bring the releases of one flag in one environment to that time."""
    for release in releases.of_flag(project, flag_key, environment_key):
        _settle_one(project, release, now)


def _settle_one(project: JsonObject, release: JsonObject, now: int) -> None:
    event = next_event(release)
    if event is None or event[0] > now:
        return
    run = Run(project, release)
    while event is not None and event[0] <= now:
        _handle(run, *event)
        run.seal(event[0])
        event = next_event(run.release)
    keep(project, run, "release")


def _handle(run: Run, at: int, name: str) -> None:
    if name == "start_phase":
        phases = run.release["phases"]
        run.start_phase(phases.index(run.pending_phases[0]), at)
    elif name == "regress":
        first = min(run.release["_regressions"], key=lambda item: int(item["at"]))
        run.regress(first["metricKey"], at)
    elif name == "insufficient_data":
        run.revert("reverted_insufficient_data", at)
    elif name == "wait":
        run.wait(None, at)
    elif name == "clean_up":
        run.clean_up(at)
    else:
        run.end_step(at)


def keep(project: JsonObject, run: Run, by: str, comment: str | None = None, **details: object) -> None:
    """Store what a run did, and add it to the audit log.

    Unknown: which entries LaunchDarkly has for what a release does by itself.
    """
    release = run.release
    project["flags"][release["flagKey"]] = run.flag
    releases.put(project, release)
    if by == "release" and not project["behavior"]["releasesInAudit"]:
        return
    for at, actions, event in run.events if by == "release" else _summary(run):
        extra = {"actions": actions} if len(actions) > 1 else {}
        place = {"environmentKey": release["environmentKey"], "releaseId": release["id"], "event": event}
        note(project, at, actions[0], release["flagKey"], by, comment=comment, **place, **extra, **details)


def _summary(run: Run) -> list[tuple[int, list[str], str]]:
    """Return one entry for a request: start and stop are one targeting change each (documented)."""
    actions = list(dict.fromkeys(action for _at, found, _event in run.events for action in found))
    return [(run.events[0][0], actions, run.events[0][2])] if run.events else []


def discard_changed(
    project: JsonObject, before: JsonObject, environment_key: str, items: Sequence[JsonObject], now: int
) -> None:
    """Discard the releases whose flag was changed underneath them.

    Documented for turning the flag off; for the loss of its rule it is an assumption, for other changes a choice.
    """
    after = project["flags"][before["key"]]["environments"][environment_key]
    kinds = {item.get("kind") for item in items} & set(project["behavior"]["discardedBy"])
    if "turnFlagOff" in kinds and (after["on"] or not before["environments"][environment_key]["on"]):
        kinds.remove("turnFlagOff")
    left = {rule["_id"]: rule for rule in after["rules"]}
    earlier = {rule["_id"]: rule for rule in before["environments"][environment_key]["rules"]}
    for release in releases.running(project, before["key"], environment_key):
        rule_id = releases.current_rule_id(release)
        touched = rule_id is not None and left.get(rule_id) != earlier.get(rule_id)
        if kinds or touched:
            run = Run(project, release)
            run.discard(now, keep_rule=touched)
            run.seal(now)
            keep(project, run, "release")
