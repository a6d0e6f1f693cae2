# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A flag as the service shows it.

A flag's targeting is on or off; its rules and its default rule never change (a simplification: LaunchDarkly's
documentation says that starting a phase also updates the targeting).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..core.documents import JsonObject, link, stable_id


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
            # Assumption: an unknown key is ignored.
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
