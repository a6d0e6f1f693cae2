# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who was asked to approve which phase, whichever run started it."""

from __future__ import annotations

from typing import Any

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import approvals as approval_reading
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import report
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support

DAY = "2026-10-26"


def gated(name: str, environment: str, status: str, started: str | None, **more: Any) -> dict[str, Any]:
    started_at = f"{DAY}T{started}.000Z" if started else None
    return support.release_phase(
        name,
        environment,
        status,
        **{"started": started is not None, "started_at": started_at, "audience": {"require_approval": True}, **more},
    )


RELEASE = support.release(
    support.release_phase("Test", "test", "completed", started=True, started_at=f"{DAY}T07:00:00.000Z"),
    gated("Canary", "production", "completed", "08:00:00", completed_at=f"{DAY}T09:00:00.000Z"),
    gated("Everyone", "production", "active", "10:00:00"),
    gated("Partners", "partners", "not_started", None),
)


def request(at: str, review: str = "pending", status: str = "pending", **more: Any) -> dict[str, Any]:
    return {
        "id": f"r-{at}",
        "environment_key": "production",
        "review_status": review,
        "status": status,
        "reviewers": ["m1"],
        "requested_at": f"{DAY}T{at}.000Z",
        "answered_at": None,
        "comment": None,
        "service_kind": "launchdarkly",
        "link": "https://ld/r",
        **more,
    }


LISTED = [
    request("06:00:00", "declined"),
    request("08:00:01", "approved", "completed", reviewers=["m2"], answered_at=f"{DAY}T08:30:00.000Z"),
    request("10:00:02"),
    request("10:00:00", environment_key="test"),
]


def test_approvals_are_read_of_started_gated_phases() -> None:
    assert approval_reading.environments(RELEASE) == ["production"]
    assert approval_reading.environments({}) == []


def test_each_phase_has_the_request_that_its_own_start_filed() -> None:
    found = {name: [item["id"] for item in items] for name, items in approval_reading.by_phase(RELEASE, LISTED).items()}
    assert found == {"id-Test": [], "id-Canary": ["r-08:00:01"], "id-Everyone": ["r-10:00:02"]}
    (canary,) = approval_reading.by_phase(RELEASE, LISTED)["id-Canary"]
    assert canary == LISTED[1]


def test_what_waits_for_a_person_is_one_line_a_phase() -> None:
    assert approval_reading.awaited(RELEASE, LISTED) == [
        f"Everyone waits for a person: approval in production pending since {DAY}T10:00:02.000Z (asked: m1): https://ld/r"
    ]
    assert approval_reading.awaited(RELEASE, []) == []


def test_a_report_has_the_approvals_that_no_run_has_waited_for() -> None:
    document = report(support.reading(), RELEASE, LISTED)
    shown = {phase["phase"]: [item["id"] for item in phase["approvals"]] for phase in document["phases"]}
    assert shown == {"Test": [], "Canary": ["r-08:00:01"], "Everyone": ["r-10:00:02"], "Partners": []}
    assert [phase["in_run"] for phase in document["phases"]] == [False] * 4
    kinds = {phase["phase"]: [span["kind"] for span in phase["timeline"]] for phase in document["phases"]}
    assert kinds["Canary"] == ["approval", "rollout"]


def test_approvals_of_the_last_read_win_over_the_run() -> None:
    pending = support.phase("Canary", "production", approvals=[request("08:00:01")])
    run = support.record(pending)
    assert report(run, RELEASE, LISTED)["phases"][1]["approvals"][0]["review_status"] == "approved"
    assert report(run, RELEASE)["phases"][1]["approvals"][0]["review_status"] == "pending"
