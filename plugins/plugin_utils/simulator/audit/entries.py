# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the audit log as LaunchDarkly shows them, to the audit log's readers and to webhooks alike.

Assumptions: that there is an entry for what a release does by itself, and everything in the entries that the
specification does not fix, their words above all. They name flag and environments, not the phase.
"""

from __future__ import annotations

from typing import Any

from ..core.documents import JsonObject, link, object_id
from ..core.identities import MEMBER, REVIEWER, TOKEN

_VERBS = {
    "updateReleasePhaseStatus": "updated the release phase status of",
    "addReleasePipeline": "added to a release pipeline",
    "replaceReleasePipeline": "replaced the release pipeline of",
    "removeReleasePipeline": "removed from its release pipeline",
    "createApprovalRequest": "requested approval for a change to",
    "reviewApprovalRequest": "reviewed an approval request for",
    "applyApprovalRequest": "applied an approval request to",
    "deleteApprovalRequest": "deleted an approval request for",
}


def served(project: JsonObject, entry: JsonObject) -> JsonObject:
    """Return an entry as LaunchDarkly's audit log would show it."""
    flag_key = entry["flagKey"]
    name = project["flags"].get(flag_key, {}).get("name", flag_key)
    entry_id = object_id(project["key"], "audit", entry["number"], entry["date"])
    environments = entry.get("environmentKeys") or [entry.get("environmentKey", "*")]
    resources = [f"proj/{project['key']}:env/{key}:flag/{flag_key}" for key in environments]
    canonical = {"canonical": link(f"/api/v2/flags/{project['key']}/{flag_key}")}
    verb = _verb(entry)
    return {
        "_links": {**canonical, "parent": link("/api/v2/auditlog"), "self": link(f"/api/v2/auditlog/{entry_id}")},
        "_id": entry_id,
        "_accountId": object_id("account"),
        "date": entry["date"],
        "accesses": [
            {"action": action, "resource": resource} for resource in resources for action in actions_of(entry)
        ],
        "kind": "flag",
        "name": name,
        "description": "",
        "shortDescription": "",
        "comment": entry.get("comment", ""),
        **_actor(entry["by"]),
        "titleVerb": verb,
        "title": f"Somebody {verb} [{name}]",
        "target": {"_links": canonical, "name": name, "resources": resources},
    }


def actions_of(entry: JsonObject) -> list[str]:
    """Return the actions of an entry."""
    actions: list[str] = entry.get("actions") or [entry["action"]]
    return actions


def _verb(entry: JsonObject) -> str:
    if "releaseId" in entry:
        return "updated the release of"
    if entry["action"] != "updateOn":
        return _VERBS.get(entry["action"], "changed the targeting of")
    kinds = [item.get("kind") for item in entry.get("instructions", ())]
    return "turned off the flag" if "turnFlagOff" in kinds else "turned on the flag"


def _actor(by: str) -> dict[str, Any]:
    """Return who acted. Assumption: a change that a release makes by itself names nobody."""
    if by == "token":
        return {"token": {"_id": TOKEN["serviceTokenId"], "name": "simulator", "serviceToken": True}}
    members = {"reviewer": REVIEWER, "member": MEMBER}
    return {"member": {"_id": members[by]["memberId"]}} if by in members else {}
