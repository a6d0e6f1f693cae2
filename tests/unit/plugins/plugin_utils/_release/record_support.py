# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the record share: a record with its plan and its release, and the events of a run in short."""

from __future__ import annotations

from typing import Any

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import checks, events
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils import role_support

NOW = "2026-10-26T08:00:00.000000Z"
LATER = "2026-10-26T08:00:30.000000Z"

READY = ("ready_to_start", "not_started", "not_started")

APPROVAL = {
    "id": "r1",
    "environment_key": "test",
    "review_status": "pending",
    "status": "pending",
    "reviewers": ["m1"],
    "requested_at": role_support.STARTED,
    "answered_at": None,
    "comment": None,
    "service_kind": "launchdarkly",
    "link": "https://ld/r1",
}
ASKED = f"approval in test pending since {role_support.STARTED} (asked: m1): https://ld/r1"


class Run:
    """A record after its plan was made. `words` are the statuses of the phases, or phases."""

    def __init__(self, *words: Any, now: str = NOW, **settings: Any) -> None:
        self.release = role_support.release(*(words or READY))
        self.plan = plan_steps(self.release, settings)
        self.record = records.begin("shop", "cart", now)
        self.now = now
        self("read", result={"exists": True, "requests": 1, "retries": 0})
        self("planned", plan=self.plan)

    def __call__(self, event: str, **facts: Any) -> Run:
        self.record = events.apply(self.record, event, self.now, **facts)
        return self

    def step(self, index: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self.plan["steps"][index]
        return found

    def result(self, status: str, index: int = 0, **fields: Any) -> dict[str, Any]:
        """What ld_release_phase returns for a phase, which is as `status` says from now on; `seen` are more of its fields."""
        seen = role_support.phase(self.release["phases"][index]["name"], status, **fields.pop("seen", {}))
        self.release["phases"][index] = {**self.release["phases"][index], **seen, "index": index}
        return {
            "changed": True,
            "phase": self.release["phases"][index],
            "release": self.release,
            "requests": 3,
            "retries": 0,
            "waited": 1.5,
            "approvals": [],
            "approval_pending": bool(fields.get("approvals")),
            **fields,
        }

    def returned(self, status: str = "completed", index: int = 0, **fields: Any) -> Run:
        """The start and the wait are over."""
        result = self.result(status, index, **fields)
        return self("phase_returned", step=self.step(index), result=result, plan=self.plan)

    def answered(self, status: str = "active", index: int = 0, **fields: Any) -> Run:
        """The start is over, the wait is not."""
        return self("start_answered", step=self.step(index), result=self.result(status, index, **fields))

    def start_failed(self, index: int = 0, **result: Any) -> Run:
        return self("start_failed", step=self.step(index), result={"failed": True, "msg": "It broke", **result})

    def hook_failed(self, index: int = 0, side: str = "before", **result: Any) -> Run:
        part = {"kind": "hook", "side": side, "file": "hook.yml"}
        result = {"failed": True, "msg": "It broke", **result}
        return self("task_file_failed", step=self.step(index), part=part, result=result)

    def checked(self, *oks: bool | None, index: int = 0) -> Run:
        """The first check of a phase has the verdict that these measurements come to."""
        step = self.step(index)
        check = step["checks"][0]
        measurements = [{**checks.measured(ok, "no cart"), "at": self.now} for ok in oks]
        verdict = checks.verdict(measurements, check, over=True)
        return self("check_decided", step=step, check=check, verdict=verdict, measurements=measurements)

    def ended(self, read: Any = "as it is") -> Run:
        if read == "as it is":
            read = {"exists": True, "release": self.release, "requests": 1, "retries": 0}
        self.now = LATER
        return self("ended", read=read)

    @property
    def outcome(self) -> tuple[str, str | None, str | None]:
        return self.record["state"], self.record["reason"], self.record["error_code"]

    @property
    def message(self) -> str:
        return str(self.record["message"])

    @property
    def is_running(self) -> bool:
        return records.is_running(self.record)

    def phase(self, index: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self.record["phases"][index]
        return found


def completed_run() -> Run:
    """A run that has started three phases, each of which is done."""
    run = Run()
    for index in range(3):
        run.returned(index=index)
    return run
