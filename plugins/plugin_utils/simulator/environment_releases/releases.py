# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment releases as they are kept and shown. Pure functions.

A release is kept as the document that LaunchDarkly serves, plus fields whose names start with an underscore:

- ``_startsAt``: the start of its first phase, while it is pending.
- ``_stepEndsAt``: the end of the current step, if a pause moved it.
- ``_waitingSince``: the begin of a pause.
- ``_nextPhaseAt``: the start of the next phase, while it is between phases.
- ``_cleanupAt``: the time of a cleanup that comes later than the end of the release.
- ``_regressions``: metrics that will regress, as ``{"metricKey", "at"}``.
- ``_insufficientDataAt``, ``_waitsAt``: the time at which LaunchDarkly reverts it for too little data, or pauses it.
- ``_existingRule``: whether it runs on a rule that was there before.
- ``_by``: who started it.
"""

from __future__ import annotations

from ..core.documents import JsonObject, copied, link, stable_id

PENDING, IN_PROGRESS, WAITING = "pending", "in_progress", "waiting"
COMPLETED, REVERTED = "completed", "reverted"

_DAY = 24 * 3600 * 1000
_DATA_SOURCE = {"key": "launchdarkly-hosted", "_name": "LaunchDarkly", "_integrationKey": ""}


def is_over(release: JsonObject) -> bool:
    """Say whether a release is completed or reverted."""
    return release["status"] in (COMPLETED, REVERTED)


def of_flag(project: JsonObject, flag_key: str, environment_key: str) -> list[JsonObject]:
    """Return the releases of a flag in an environment, oldest first."""
    place = (flag_key, environment_key)
    return [item for item in project["environmentReleases"] if (item["flagKey"], item["environmentKey"]) == place]


def running(project: JsonObject, flag_key: str, environment_key: str) -> list[JsonObject]:
    """Return the releases of a flag in an environment that are not over."""
    return [item for item in of_flag(project, flag_key, environment_key) if not is_over(item)]


def current_rule_id(release: JsonObject) -> str | None:
    """Return the rule of the current phase."""
    index = release["currentPhaseIndex"]
    return None if index is None else release["phases"][index]["ruleId"]


def visible(project: JsonObject, flag_key: str, environment_key: str, now: int) -> list[JsonObject]:
    """Return the releases that the API shows, newest first."""
    behavior = project["behavior"]
    # Observed: a narrowly scoped token gets an empty list.
    found = [] if behavior["hideReleases"] else of_flag(project, flag_key, environment_key)
    oldest = now - round(behavior["retentionDays"] * _DAY)
    kept = [item for item in found if item.get("endedAt", now) >= oldest]
    if behavior["hideReleasesOfOthers"]:
        kept = [item for item in kept if item.get("_by", "token") == "token"]
    return [item for _key, item in sorted(enumerate(kept), key=lambda pair: (pair[1]["createdAt"], pair[0]))][::-1]


def put(project: JsonObject, release: JsonObject) -> None:
    """Replace a release by its new version, or add it."""
    others = project["environmentReleases"]
    if any(item["id"] == release["id"] for item in others):
        project["environmentReleases"] = [release if item["id"] == release["id"] else item for item in others]
    else:
        project["environmentReleases"] = [*others, release]


def path(project: JsonObject, flag_key: str, environment_key: str) -> str:
    """Return the path of the releases of a flag in an environment."""
    return f"/api/v2/projects/{project['key']}/flags/{flag_key}/environments/{environment_key}/releases"


def served(project: JsonObject, release: JsonObject, expand_metrics: bool = False) -> JsonObject:
    """Return a release as the service shows it."""
    shown = {name: copied(value) for name, value in release.items() if not name.startswith("_")}
    base = path(project, release["flagKey"], release["environmentKey"])
    shown["_links"] = {"self": link(f"{base}/{release['id']}"), "parent": link(base)}
    if expand_metrics:
        for metric in shown["metrics"]:
            metric["definition"] = _definition(project, metric)
    return shown


def _definition(project: JsonObject, metric: JsonObject) -> JsonObject:
    key = metric["metricKey"]
    kept = project["metrics"].get(key, {})
    return {
        "_id": stable_id(project["key"], "metric", key),
        "_versionId": metric["metricVersionId"],
        "key": key,
        "name": kept.get("name", key),
        "kind": "custom",
        "_links": {"self": link(f"/api/v2/metrics/{project['key']}/{key}")},
        "tags": [],
        "_creationDate": 0,
        "dataSource": dict(_DATA_SOURCE),
    }
