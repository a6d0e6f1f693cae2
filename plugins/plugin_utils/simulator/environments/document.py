# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An environment and a segment as the service shows them. Pure functions."""

from __future__ import annotations

from ..core.documents import JsonObject, link, object_id, stable_id


def served(project: JsonObject, key: str) -> JsonObject:
    """Return an environment. Its keys for SDKs are made up."""
    kept = project["environments"][key]
    place = (project["key"], "environments", key)
    return {
        "_links": {
            "self": link(f"/api/v2/projects/{project['key']}/environments/{key}"),
            "analytics": {"href": f"https://example.com/{object_id(*place)}", "type": "text/html"},
        },
        "_id": object_id(*place),
        "key": key,
        "name": kept["name"],
        "apiKey": f"sdk-{stable_id(*place, 'sdk')}",
        "mobileKey": f"mob-{stable_id(*place, 'mobile')}",
        "color": kept["color"],
        "defaultTtl": 0,
        "secureMode": False,
        "defaultTrackEvents": False,
        "requireComments": False,
        "confirmChanges": False,
        "tags": list(kept["tags"]),
        "approvalSettings": dict(kept["approvalSettings"]),
        "critical": kept["critical"],
    }


def served_segment(project: JsonObject, environment_key: str, key: str) -> JsonObject:
    """Return a segment. The simulator does not evaluate it, so it is always empty."""
    kept = project["environments"][environment_key]["segments"][key]
    href = f"/api/v2/segments/{project['key']}/{environment_key}"
    site = {"href": f"/{project['key']}/{environment_key}/segments/{key}", "type": "text/html"}
    return {
        "_links": {"parent": link(href), "self": link(f"{href}/{key}"), "site": site},
        "key": key,
        "name": kept["name"],
        "tags": list(kept["tags"]),
        "creationDate": kept["creationDate"],
        "lastModifiedDate": kept["creationDate"],
        "included": [],
        "excluded": [],
        "includedContexts": [],
        "excludedContexts": [],
        "rules": [],
        "version": 1,
        "deleted": False,
        "unbounded": False,
        "generation": 0,
    }
