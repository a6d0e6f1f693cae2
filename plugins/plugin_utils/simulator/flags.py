# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags: how one is shown, and what a semantic patch does to it. Pure functions.

Of a flag's targeting only whether it is on is played; its rules and its default rule never change (a simplification:
LaunchDarkly's documentation says that starting a phase also updates the targeting).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .documents import JsonObject, is_kind, link, stable_id
from .errors import ApiError, invalid_request

# What the instructions that are played make of a flag's targeting, and the action that each is to LaunchDarkly's roles:
# the observed refusal of the one names `updateOn`, and that the other has the same is documented.
_TURNS = {"turnFlagOn": True, "turnFlagOff": False}
SWITCH = "updateOn"


def served(flag: JsonObject, project: JsonObject, only: Sequence[str] = ()) -> JsonObject:
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
        "defaults": {"onVariation": 0, "offVariation": last},
        "environments": {
            key: _served_environment(flag, project, key)
            for key in flag["environments"]
            # Assumption: a key that is not there is passed over.
            if not only or key in only
        },
    }


def _served_environment(flag: JsonObject, project: JsonObject, key: str) -> JsonObject:
    kept = flag["environments"][key]
    last = max(len(flag["variations"]) - 1, 0)
    salt = stable_id(project["key"], flag["key"], key).replace("-", "")
    site = {"href": f"/{project['key']}/{key}/features/{flag['key']}", "type": "text/html"}
    nobody = {"rules": 0, "nullRules": 0, "targets": 0, "contextTargets": 0}
    return {
        "on": kept["on"],
        "archived": flag["archived"],
        "salt": salt,
        "sel": salt[::-1],
        "lastModified": kept["lastModified"],
        "version": kept["version"],
        "targets": [],
        "contextTargets": [],
        "rules": [],
        "fallthrough": {"variation": 0},
        "offVariation": last,
        "prerequisites": [],
        "_site": site,
        "_environmentName": project["environments"][key]["name"],
        "trackEvents": False,
        "trackEventsFallthrough": False,
        "_summary": {
            "variations": {"0": {**nobody, "isFallthrough": True}, str(last): {**nobody, "isOff": True}},
            "prerequisites": 0,
        },
    }


def checked_instructions(given: Any) -> list[JsonObject]:
    """Return the instructions of a semantic patch, refusing those that are not played."""
    if not isinstance(given, list) or not given or not all(isinstance(item, dict) for item in given):
        raise invalid_request("instructions must be a list of objects, and not be empty.")
    for item in given:
        if not is_kind(item.get("kind"), str) or item["kind"] not in _TURNS:
            # An unknown kind is a 400 (assumption); LaunchDarkly knows many that are not played here.
            raise invalid_request(
                f"Unknown instruction kind {item.get('kind')!r}: the simulator plays only {' and '.join(_TURNS)}."
            )
    return given


def check_environment(flag: JsonObject, key: Any) -> str:
    """Return the environment key of a semantic patch."""
    if not is_kind(key, str) or key not in flag["environments"]:
        # Documented: required for these instructions. The 400 for one that is not there is an assumption.
        raise invalid_request(f"environmentKey must be the key of an environment, not {key!r}.")
    return str(key)


def check_approval(flag: JsonObject, environment_key: str) -> None:
    """Refuse a direct change where approvals are required; status and words are observed."""
    if flag["environments"][environment_key]["requireApproval"]:
        raise ApiError(405, f"Flag configuration updates require approval: action '{SWITCH}' not allowed")


def patched(flag: JsonObject, environment_key: str, instructions: Sequence[JsonObject], now: int) -> JsonObject:
    """Return the flag with the instructions that are played carried out, the very same one if they change nothing."""
    after = flag
    for item in instructions:
        kind = item.get("kind")
        if isinstance(kind, str) and kind in _TURNS:
            after = switched(after, environment_key, _TURNS[kind], now)
    return after


def switched(flag: JsonObject, environment_key: str, enabled: bool, now: int) -> JsonObject:
    """Return the flag with its targeting on or off in an environment, the very same one if it is so already."""
    kept = flag["environments"].get(environment_key)
    if kept is None or kept["on"] is enabled:
        return flag
    changed = {**kept, "on": enabled, "version": kept["version"] + 1, "lastModified": now}
    environments = {**flag["environments"], environment_key: changed}
    return {**flag, "_version": flag["_version"] + 1, "environments": environments}
