# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the way of a direct change of a flag: approvals, experiments, releases, pending requests."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.behavior import milliseconds, refusal
from ..core.documents import JsonObject
from ..core.errors import ApiError
from ..environment_releases import releases
from ..environments import approvals
from ..flags import instructions, rules


def check_change(
    project: JsonObject, flag: JsonObject, environment_key: str, items: Sequence[JsonObject], now: int
) -> None:
    """Refuse a change that LaunchDarkly would refuse, other than for conflicts."""
    actions = instructions.actions_of(items)
    # Observed for turnFlagOn; that the text names the first action is an assumption.
    approvals.check(project, flag, environment_key, actions[0])
    environment = flag["environments"][environment_key]
    running = releases.running(project, flag["key"], environment_key)
    if instructions.FALLTHROUGH in actions:
        _check_fallthrough(project, environment, running, (flag["key"], environment_key), now)
    touched = {
        item.get("ruleId") for item in items if item.get("kind") in ("updateRuleVariationOrRollout", "removeRule")
    }
    for rule in environment["rules"]:
        if rule["_id"] in touched and rules.has_experiment(rule):
            raise refusal(project, "ruleInUse", user="experiment")
    removed = {item.get("ruleId") for item in items if item.get("kind") == "removeRule"}
    if project["behavior"]["removeRunningRule"] == "refuse" and removed & {
        releases.current_rule_id(release) for release in running
    }:
        raise refusal(project, "ruleInUse", user="release")


def _check_fallthrough(
    project: JsonObject, environment: JsonObject, running: list[JsonObject], place: tuple[str, str], now: int
) -> None:
    if rules.has_experiment(environment["fallthrough"]):
        raise refusal(project, "ruleInUse", user="experiment")
    guarded = any(release["kind"] == "guarded" for release in running)
    if guarded and project["behavior"]["fallthroughDuringGuarded"] == "refuse":
        raise refusal(project, "ruleInUse", user="guarded rollout")
    settling = milliseconds(project, "patchFailsAfterRelease")
    ends = [release["endedAt"] for release in releases.of_flag(project, *place) if "endedAt" in release]
    if settling and any(now < end + settling for end in ends):
        # Observed: the change fails for a while after a release ended.
        raise ApiError(500, "Internal server error")


def check_conflicts(project: JsonObject, flag: JsonObject, after: JsonObject, environment_key: str, now: int) -> None:
    """Refuse a change that makes a pending approval request fail (documented)."""
    for request in project["approvalRequests"]:
        place = (request["flagKey"], request["environmentKey"])
        if place != (flag["key"], environment_key) or request["status"] != "pending":
            continue
        broken = fails(project, after, request, now) and not fails(project, flag, request, now)
        if broken or (project["behavior"]["conflicts"] == "any" and after is not flag):
            raise refusal(project, "pendingConflict", request=request["_id"])


def fails(project: JsonObject, flag: JsonObject, request: JsonObject, now: int) -> str:
    """Return why the instructions of an approval request cannot be applied to a flag; an empty text if they can."""
    try:
        instructions.patched(project, flag, request["environmentKey"], request["instructions"], now)
    except ApiError as error:
        return str(error)
    return ""
