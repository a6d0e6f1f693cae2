# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads flags from a state, with their targeting."""

from __future__ import annotations

from typing import Any

from ..core.documents import JsonObject, is_kind, object_id, stable_id
from ..core.fields import Fields, StateError, checked
from .titles import title

_FLAG: Fields = {
    "key": (str,),
    "name": (str,),
    "kind": (str,),
    "description": (str,),
    "tags": (list,),
    "temporary": (bool,),
    "archived": (bool,),
    "creationDate": (int,),
    "_version": (int,),
    "variations": (list,),
    "environments": (dict,),
    "_maintainer": (dict,),
    "_maintainerTeam": (dict,),
}
_MAINTAINER: Fields = {"_id": (str,), "email": (str,), "firstName": (str,), "lastName": (str,), "role": (str,)}
_TEAM: Fields = {"key": (str,), "name": (str,)}
_TARGETING: Fields = {
    "on": (bool,),
    "requireApproval": (bool,),
    "version": (int,),
    "lastModified": (int,),
    "rules": (list,),
    "fallthrough": (dict,),
    "offVariation": (int,),
    "contextKinds": (list,),
    "releaseScript": (dict,),
    "history": (list,),
}
_RULE: Fields = {
    "_id": (str,),
    "clauses": (list,),
    "description": (str,),
    "disabled": (bool,),
    "trackEvents": (bool,),
    "ref": (str,),
    "variation": (int,),
    "rollout": (dict,),
}
_CLAUSE: Fields = {
    "_id": (str,),
    "attribute": (str,),
    "op": (str,),
    "values": (list,),
    "negate": (bool,),
    "contextKind": (str,),
}
_SCRIPT: Fields = {
    "regressAfter": (int, float),
    "metricKey": (str,),
    "insufficientDataAfter": (int, float),
    "waitAfter": (int, float),
}


def load_flag(project: JsonObject, key: str, raw: Any, where: str, now: int) -> JsonObject:
    """Return a complete flag."""
    given = checked(raw, where, _FLAG)
    variations = [
        {
            "_id": stable_id(project["key"], "flags", key, index),
            **checked(variation, f"{where}.variations", {"_id": (str,)}, open_ended=True),
        }
        for index, variation in enumerate(given.get("variations", ({"value": True}, {"value": False})))
    ]
    boolean = all(isinstance(variation.get("value"), bool) for variation in variations)
    flag = {
        "name": title(key),
        "kind": "boolean" if boolean else "multivariate",
        "description": "",
        "tags": [],
        "temporary": True,
        "archived": False,
        "creationDate": now,
        "_version": 1,
        **given,
        "key": key,
        "variations": variations,
    }
    environments = given.get("environments", {})
    unknown = [name for name in environments if name not in project["environments"]]
    if unknown:
        raise StateError(f"{where}.environments has an environment {unknown[0]!r}, which the project does not have")
    flag.update(_maintainers(given, where))
    flag["environments"] = {
        name: load_targeting(project, flag, name, environments.get(name, {}), f"{where}.environments.{name}", now)
        for name in project["environments"]
    }
    return flag


def _maintainers(given: JsonObject, where: str) -> JsonObject:
    """Return who maintains a flag, complete, as the API shows it."""
    found: JsonObject = {}
    if "_maintainer" in given:
        member = checked(given["_maintainer"], f"{where}._maintainer", _MAINTAINER)
        email = member.get("email", "")
        member = {"_links": {}, "_id": object_id("members", email), "role": "writer", "email": email, **member}
        found = {"maintainerId": member["_id"], "_maintainer": member}
    if "_maintainerTeam" in given:
        team = checked(given["_maintainerTeam"], f"{where}._maintainerTeam", _TEAM)
        key = team.get("key", "")
        found |= {"maintainerTeamKey": key, "_maintainerTeam": {"_links": {}, "key": key, "name": title(key), **team}}
    return found


def load_targeting(
    project: JsonObject, flag: JsonObject, environment_key: str, raw: Any, where: str, now: int
) -> JsonObject:
    """Return the complete targeting of a flag in an environment."""
    given = checked(raw, where, _TARGETING)
    count = len(flag["variations"])
    place = (project["key"], flag["key"], environment_key, "rules")
    targeting = {
        "on": False,
        "requireApproval": False,
        "version": 1,
        "lastModified": now,
        # LaunchDarkly's defaults: the first variation while the flag is on, the last one while it is off.
        "fallthrough": {"variation": 0},
        "offVariation": max(count - 1, 0),
        "contextKinds": ["user"],
        "releaseScript": {},
        "history": [],
        **given,
        "rules": [
            _rule(rule, count, (*place, index), f"{where}.rules") for index, rule in enumerate(given.get("rules", ()))
        ],
    }
    _check_served(targeting["fallthrough"], count, f"{where}.fallthrough")
    if not 0 <= targeting["offVariation"] < max(count, 1):
        raise StateError(f"offVariation in {where} is not the index of a variation")
    checked(targeting["releaseScript"], f"{where}.releaseScript", _SCRIPT)
    return targeting


def _rule(raw: Any, count: int, place: tuple[object, ...], where: str) -> JsonObject:
    given = checked(raw, where, _RULE)
    rule_id = given.get("_id", stable_id(*place))
    _check_served(given, count, where)
    clauses = [
        {"_id": stable_id(rule_id, index), "negate": False, **checked(clause, f"{where}.clauses", _CLAUSE)}
        for index, clause in enumerate(given.get("clauses", ()))
    ]
    if any(not {"attribute", "op", "values"} <= set(clause) for clause in clauses):
        raise StateError(f"a clause in {where} needs attribute, op and values")
    return {"trackEvents": False, **given, "_id": rule_id, "clauses": clauses}


def _check_served(rule: JsonObject, count: int, where: str) -> None:
    if ("variation" in rule) is ("rollout" in rule):
        raise StateError(f"{where} needs either a variation or a rollout")
    rollout = rule.get("rollout", {"variations": [{"variation": rule.get("variation"), "weight": 0}]})
    parts = rollout.get("variations")
    for part in parts if isinstance(parts, list) else [None]:
        found = checked(part, f"the rollout of {where}")
        index = found.get("variation")
        if not isinstance(index, int) or not 0 <= index < max(count, 1) or not is_kind(found.get("weight"), int):
            raise StateError(f"{where} serves a variation that the flag does not have")
