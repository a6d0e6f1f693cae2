# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project for tests of targeting and environment releases, and the calls that these tests make."""

from __future__ import annotations

import uuid
from typing import Any

TRUE, FALSE = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
FLAG = "/api/v2/flags/shop/new-cart"
RELEASES = "/api/v2/projects/shop/flags/new-cart/environments/production/releases"
REQUESTS = "/api/v2/projects/shop/flags/new-cart/environments/production/approval-requests"
ADMIN = "/__sim__/projects/shop/flags/new-cart/environments/production"
TOKEN = f"api-{uuid.UUID(int=0)}"
PATCH = {"Authorization": TOKEN, "Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}
NOW = 1_793_000_000_000

UNIT = {"contextKind": "user", "attribute": "kind", "op": "in", "values": ["user"], "negate": False}
BETA = {"attribute": "segmentMatch", "op": "segmentMatch", "values": ["beta"], "negate": False}
TWO_STEPS = [{"allocation": 10000, "durationMillis": 60000}, {"allocation": 50000, "durationMillis": 60000}]
CLEANUP = "remove_rules_and_update_default_rule"
OFF, ON = {"kind": "turnFlagOff"}, {"kind": "turnFlagOn"}
BACK, FORWARD = "roll_back_all_phases_and_remove_pending_phases", "roll_forward_all_phases"


def scene(targeting: Any = None, behavior: Any = None, environment: Any = None, **project: Any) -> Any:
    """Return a state with one boolean flag, which is on and serves false."""
    production = {"on": True, "fallthrough": {"variation": 1}, **(targeting or {})}
    flag = {
        "variations": [{"_id": TRUE, "value": True}, {"_id": FALSE, "value": False}],
        "tags": ["checkout"],
        "environments": {"production": production},
    }
    return {
        "projects": {
            "shop": {
                "environments": {"staging": {}, "production": {"segments": {"beta": {}}, **(environment or {})}},
                "flags": {"new-cart": flag},
                "behavior": behavior or {},
                **project,
            }
        }
    }


def body(**changes: Any) -> Any:
    """Return a request to start a progressive release of one phase; None removes a field."""
    given = {
        "originalVariationId": FALSE,
        "targetVariationId": TRUE,
        "randomizationUnit": "user",
        "phases": [phase()],
        "cleanupBehavior": CLEANUP,
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def phase(**changes: Any) -> Any:
    return {"clauses": [UNIT], "description": "Release to production", "steps": TWO_STEPS, **changes}


def guarded(auto: bool = True, **changes: Any) -> Any:
    """Return a request to start a guarded release."""
    return body(metrics=[{"metricKey": "errors", "autoRollback": auto}], **changes)


class Shop:
    """Calls the simulator for the one flag in production."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask

    def start(self, given: Any = None) -> Any:
        return self.ask("POST", RELEASES, body() if given is None else given)

    def releases(self, query: str = "") -> Any:
        return self.ask("GET", RELEASES + query).body

    def release(self) -> Any:
        return self.releases()["items"][0]

    def stop(self, resolution: str, **fields: Any) -> Any:
        return self.ask("PUT", f"{RELEASES}/{self.release()['id']}/stop", {"resolution": resolution, **fields})

    def admin(self, what: str = "/releases/latest", method: str = "PUT", **fields: Any) -> Any:
        return self.ask(method, ADMIN + what, fields)

    def targeting(self) -> Any:
        return self.ask("GET", FLAG).body["environments"]["production"]

    def rules(self) -> Any:
        return self.targeting()["rules"]

    def patch(self, *instructions: Any, query: str = "", **fields: Any) -> Any:
        given = {"environmentKey": "production", "instructions": list(instructions), **fields}
        return self.ask("PATCH", FLAG + query, given, PATCH)

    def request(self, *instructions: Any, **fields: Any) -> Any:
        """Create an approval request."""
        given = {"description": "Please", "instructions": list(instructions), **fields}
        return self.ask("POST", REQUESTS, given)

    def approve(self, apply: bool = True, **fields: Any) -> Any:
        """Approve the newest approval request as a person."""
        return self.admin("/approval-requests/latest", review="approve", apply=apply, **fields)

    def status(self) -> Any:
        release = self.release()
        return release["status"], release.get("statusReason")

    def audit(self) -> Any:
        return self.ask("GET", "/__sim__/projects/shop/audit").body["items"]

    def wait(self, seconds: float) -> None:
        self.ask.wait(seconds)
