# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flag as the service shows it. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.documents import JsonObject, copied, link, stable_id

_MAINTAINERS = ("maintainerId", "_maintainer", "maintainerTeamKey", "_maintainerTeam")


def served(flag: JsonObject, project: JsonObject, only: Sequence[str] = (), evaluation: bool = False) -> JsonObject:
    """Return the flag as the service shows it, with all environments or only some."""
    href = f"/api/v2/flags/{project['key']}"
    last = max(len(flag["variations"]) - 1, 0)
    return {
        "_links": {"parent": link(href), "self": link(f"{href}/{flag['key']}")},
        "key": flag["key"],
        "name": flag["name"],
        "kind": flag["kind"],
        "description": flag["description"],
        "creationDate": flag["creationDate"],
        "_version": flag["_version"],
        "variations": flag["variations"],
        "temporary": flag["temporary"],
        "tags": list(flag["tags"]),
        "includeInSnippet": False,
        "clientSideAvailability": {"usingMobileKey": False, "usingEnvironmentId": False},
        "goalIds": [],
        "experiments": {"baselineIdx": 0, "items": []},
        "customProperties": {},
        "archived": flag["archived"],
        **{name: flag[name] for name in _MAINTAINERS if name in flag},
        "defaults": {"onVariation": 0, "offVariation": last},
        "environments": {
            key: _served_environment(flag, project, key, evaluation)
            for key in flag["environments"]
            # Assumption: an unknown key is ignored.
            if not only or key in only
        },
    }


def _served_environment(flag: JsonObject, project: JsonObject, key: str, evaluation: bool) -> JsonObject:
    kept = flag["environments"][key]
    salt = stable_id(project["key"], flag["key"], key).replace("-", "")
    site = {"href": f"/{project['key']}/{key}/features/{flag['key']}", "type": "text/html"}
    shown: JsonObject = {
        "on": kept["on"],
        "archived": flag["archived"],
        "salt": salt,
        "sel": salt[::-1],
        "lastModified": kept["lastModified"],
        "version": kept["version"],
        "targets": [],
        "contextTargets": [],
        "rules": copied(kept["rules"]),
        "fallthrough": copied(kept["fallthrough"]),
        "offVariation": kept["offVariation"],
        "prerequisites": [],
        "_site": site,
        "_environmentName": project["environments"][key]["name"],
        "trackEvents": False,
        "trackEventsFallthrough": False,
        "_summary": {"variations": _summary(kept), "prerequisites": 0},
    }
    if evaluation:
        # Documented: the kinds for which the flag was evaluated in the last 30 days.
        shown["evaluation"] = {"contextKinds": list(kept["contextKinds"])}
    return shown


def _summary(kept: JsonObject) -> JsonObject:
    found: dict[str, JsonObject] = {}

    def of(index: int) -> JsonObject:
        return found.setdefault(str(index), {"rules": 0, "nullRules": 0, "targets": 0, "contextTargets": 0})

    for weighted in _weights(kept["fallthrough"]):
        part = of(weighted["variation"])
        part["isFallthrough"] = True
        if "rollout" in kept["fallthrough"]:
            part["rollout"] = part.get("rollout", 0) + weighted["weight"]
    for rule in kept["rules"]:
        for index in {weighted["variation"] for weighted in _weights(rule)}:
            of(index)["rules"] += 1
    of(kept["offVariation"])["isOff"] = True
    return found


def _weights(rule: JsonObject) -> list[JsonObject]:
    if "variation" in rule:
        return [{"variation": rule["variation"], "weight": 100_000}]
    weights: list[JsonObject] = (rule.get("rollout") or {}).get("variations", [])
    return weights
