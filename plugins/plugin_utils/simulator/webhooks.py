# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A webhook: what it sends, to whom, and how that is signed. Sending is the postman's.

Documented: the payload is an entry of the audit log; with a secret it is signed by the header ``X-LD-Signature``, the hex
HMAC-SHA256 of the payload. Assumptions: that there is an entry for what a release does by itself, and everything in the
entries that the specification does not fix, their words above all. They name flag and environments, not the phase.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .approvals import REVIEWER, TOKEN
from .documents import JsonObject, is_kind, link, object_id
from .errors import invalid_request

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


@dataclass(frozen=True)
class Letter:
    """What is to be posted."""

    url: str
    body: JsonObject
    payload: bytes
    headers: dict[str, str]


class Webhook:
    """Where the entries of the audit log go, and what became of them. It does no locking of its own."""

    def __init__(self) -> None:
        """Start without an address: nothing is sent."""
        self.url = ""
        self._secret = b""
        # Bounded, since a simulator may be left running for long.
        self.deliveries: deque[JsonObject] = deque(maxlen=2000)
        self._seen: dict[str, int] = {}

    def configure(self, raw: JsonObject, state: JsonObject) -> None:
        """Take an address and a secret; what was changed before is not sent."""
        unknown = sorted(set(raw) - {"url", "secret"})
        if unknown or not all(is_kind(value, str) for value in raw.values()):
            raise invalid_request("A webhook has a url and a secret, both strings.")
        url = raw.get("url", "")
        if url and not _is_address(url):
            raise invalid_request(f"{url!r} is not an address that starts with http:// or https://.")
        self.url = url
        self._secret = raw.get("secret", "").encode()
        self.deliveries.clear()
        self.skip(state)

    def skip(self, state: JsonObject) -> None:
        """Take all that is in a state's audit as sent."""
        self._seen = {key: _last(project["audit"]) for key, project in state["projects"].items()}

    def due(self, state: JsonObject) -> list[Letter]:
        """Return what was changed since it was last asked for, in the order in which it happened."""
        found = [
            (entry["date"], body_of(project, entry))
            for key, project in state["projects"].items()
            for entry in project["audit"]
            if entry["number"] > self._seen.get(key, 0)
        ]
        self.skip(state)
        return [self._letter(body) for _date, body in sorted(found, key=lambda item: item[0])] if self.url else []

    def _letter(self, body: JsonObject) -> Letter:
        payload = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers["X-LD-Signature"] = hmac.new(self._secret, payload, hashlib.sha256).hexdigest()
        return Letter(self.url, body, payload, headers)


def body_of(project: JsonObject, entry: JsonObject) -> JsonObject:
    """Return an entry of the audit as LaunchDarkly's audit log would show it."""
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
        "accesses": [{"action": entry["action"], "resource": resource} for resource in resources],
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


def _verb(entry: JsonObject) -> str:
    if entry["action"] != "updateOn":
        return _VERBS.get(entry["action"], "changed")
    kinds = [item.get("kind") for item in entry.get("instructions", ())]
    return "turned off the flag" if kinds[-1:] == ["turnFlagOff"] else "turned on the flag"


def _actor(by: str) -> dict[str, Any]:
    """Return whose deed it was. Assumption: what a release does by itself is nobody's."""
    if by == "token":
        return {"token": {"_id": TOKEN["serviceTokenId"], "name": "simulator", "serviceToken": True}}
    return {"member": {"_id": REVIEWER["memberId"]}} if by == "reviewer" else {}


def _last(audit: list[JsonObject]) -> int:
    return int(audit[-1]["number"]) if audit else 0


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
