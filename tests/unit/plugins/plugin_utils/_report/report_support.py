# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs to report on."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = Path(__file__).resolve().parents[5] / "docs" / "schemas" / "release-report-1.json"

# A phase, a flag, a check or a comment may have any text.
HOSTILE = (
    "<script>alert(1)</script>\"'&</style><img src=x onerror=alert(2)>\x00\x1b[31m\u202e\ud800"
    "|`*_[x](javascript:alert(3)){{ 7 * 7 }}{% raw %}"
)


ALL_SECTIONS = [
    "Timeline",
    "Phases",
    "Approvals",
    "Check evidence",
    "Changes by others",
    "Freeze window overridden",
    "Undone",
    "Warnings",
    "Requests to LaunchDarkly",
    "Versions",
]


def schema() -> Json:
    document: Json = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return document


def strict(schema_: Any) -> Any:
    """The schema without tolerance for keys that later versions may add: a key misspelt here is one."""
    if isinstance(schema_, list):
        return [strict(item) for item in schema_]
    if not isinstance(schema_, dict):
        return schema_
    tightened = {key: strict(item) for key, item in schema_.items()}
    return {**tightened, "additionalProperties": False} if isinstance(schema_.get("properties"), dict) else tightened


def measurements(count: int, begin: str, wrong: tuple[int, ...] = (), unmeasured: tuple[int, ...] = ()) -> list[Json]:
    """One every ten minutes."""
    first = datetime.datetime.fromisoformat(begin)
    verdicts = [False if index in wrong else None if index in unmeasured else True for index in range(count)]
    return [
        {
            "ok": ok,
            "detail": f"value {0.031 if ok is False else 0.002 + index / 10000:g}, condition 'value < 0.01' is {str(ok).lower()}",
            "at": (first + datetime.timedelta(minutes=10 * index)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        for index, ok in enumerate(verdicts)
    ]


def check(name: str, measured: list[Json], verdict: str = "passed") -> Json:
    last = measured[-1]
    return {"name": name, "verdict": verdict, "detail": last["detail"], "at": last["at"], "measurements": measured}


def phase(name: str, environment: str, **more: Any) -> Json:
    return {
        "phase": name,
        "phase_id": f"id-{name}",
        "environments": [environment],
        "would": "start",
        "action": "started",
        "status": "completed",
        "started_at": None,
        "completed_at": None,
        "seconds": None,
        "waited": None,
        "checks": [],
        "notes": [],
        **more,
    }


def record(*phases: Json, **more: Any) -> Json:
    return {
        "project_key": "shop",
        "flag_key": "new-cart",
        "state": "completed",
        "reason": None,
        "error_code": None,
        "message": "Every phase in range is where it should be.",
        "next_phase": None,
        "waits_until": None,
        "started_at": "2026-10-26T08:30:00.123456Z",
        "finished_at": "2026-10-27T16:12:41.500000Z",
        "phases": list(phases),
        **more,
    }


def whole_run() -> Json:
    """Everything that a report can show, over two days, stopped by a failing check."""
    staging = phase(
        "Staging",
        "staging",
        started_at="2026-10-26T08:30:02.000Z",
        completed_at="2026-10-26T08:41:10.000Z",
        completed_by={"kind": "token", "id": "t-1", "name": "release-bot", "email": None},
        soak={"seconds": 900.0, "from": "2026-10-26T08:41:10.000Z", "to": "2026-10-26T08:56:10.000Z"},
        checks=[
            check(
                "the shop answers",
                [{"ok": True, "detail": "status 200", "at": "2026-10-26T08:56:12.000000Z"}],
            )
        ],
        strategy="immediate",
    )
    canary = phase(
        "Canary, 10 % of customers",
        "production",
        started_at="2026-10-26T08:57:00.000Z",
        completed_at="2026-10-26T15:04:30.000Z",
        completed_by={"kind": "member", "id": "m-7", "name": "Ada Lovelace", "email": "ada@example.com"},
        approvals=[
            {
                "id": "6f0c0f5e00004000800000c9",
                "environment_key": "production",
                "review_status": "approved",
                "status": "completed",
                "reviewers": [{"id": "m-9", "name": "Grace Hopper", "email": "grace@example.com"}, "5f2a"],
                "requested_at": "2026-10-26T08:57:00.000Z",
                "answered_at": "2026-10-26T11:20:00.000Z",
                "comment": "Dashboards look calm. Go, but tell support first.",
                "service_kind": "servicenow",
                "link": "https://example.service-now.com/change_request.do?number=CHG0031877",
            }
        ],
        soak={"seconds": 7200.0, "from": "2026-10-26T15:04:30.000Z", "to": "2026-10-26T17:04:30.000Z"},
        checks=[check("error rate", measurements(12, "2026-10-26T15:04:40", wrong=(7,)))],
        notes=["Started at 2026-10-26T08:57:00.000Z by somebody else; LaunchDarkly does not say who started a phase."],
        action="adopted",
        strategy="guarded_rollout",
    )
    everyone = phase(
        "Everyone",
        "production",
        started_at="2026-10-27T09:00:00.000Z",
        completed_at="2026-10-27T13:41:00.000Z",
        completed_by={"kind": "token", "id": "t-1", "name": "release-bot", "email": None},
        soak={"seconds": 7200.0, "from": "2026-10-27T13:41:00.000Z", "to": "2026-10-27T15:41:00.000Z"},
        checks=[
            check("the shop answers", [{"ok": True, "detail": "status 200", "at": "2026-10-27T15:42:00.000000Z"}]),
            check("error rate", measurements(15, "2026-10-27T13:41:20", wrong=(5, 13, 14)), "failed"),
        ],
        strategy="guarded_rollout",
    )
    partners = phase("Partners", "partners", would="start", action=None, status="ready_to_start")
    return record(
        staging,
        canary,
        everyone,
        partners,
        state="failed",
        reason="check_failed",
        error_code="check_failed",
        flag_link="https://app.launchdarkly.com/shop/production/features/new-cart",
        variation_name="The new cart",
        ran_by={
            "system": "awx",
            "job": "4711",
            "user": "ada",
            "link": "https://awx.example.com/#/jobs/playbook/4711",
        },
        message=(
            "Release shop/new-cart, phase 'Everyone' (production): check 'error rate' failed: value 0.031, condition"
            " 'value < 0.01' is false. The phase is completed. No further phase is started. Targeting was turned off in"
            " production."
        ),
        next_phase="Partners",
        freeze={
            "overridden": "Approved by the head of operations, INC-4711",
            "window": "Autumn change freeze",
            "until": "2026-10-30T22:00:00Z",
            "phase": "Everyone",
        },
        undone=[
            {
                "environment_key": "production",
                "ok": True,
                "changed": True,
                "message": None,
                "comment": "Turned off by the run that released shop/new-cart: phase 'Everyone', check_failed",
                "at": "2026-10-27T16:12:39.000000Z",
                "error_code": None,
            }
        ],
        changes_by_others=["Phase 'Canary, 10 % of customers' was started by somebody else at 08:57."],
        warnings=["The notice notify/chat.yml failed: status 503."],
        requests=214,
        retries=3,
        versions={
            "collection": "0.1.0",
            "ansible_core": "2.19.4",
            "python": "3.11.7",
            "requests": "2.34.2",
            "pydantic": "2.14.3",
        },
    )


def planned_run() -> Json:
    """What check mode leaves: nothing was started, and the plan says how long things take."""

    def ahead(name: str, environment: str, status: str, *planned: tuple[str, float | None]) -> Json:
        spans = [{"kind": kind, "seconds": seconds} for kind, seconds in planned]
        return phase(name, environment, action=None, status=status, planned=spans)

    return record(
        ahead("Staging", "staging", "ready_to_start", ("rollout", None), ("soak", 900.0)),
        ahead("Canary", "production", "not_started", ("approval", None), ("rollout", 7200.0), ("soak", 3600.0)),
        ahead("Everyone", "production", "not_started", ("rollout", 14400.0)),
        state="planned",
        message="Check mode: this is what a run would do; nothing was started.",
    )


def waiting_run() -> Json:
    """A run that did not wait for a pending approval."""
    request = {
        "id": "r-1",
        "environment_key": "production",
        "review_status": "pending",
        "status": "pending",
        "reviewers": ["5f2a"],
        "requested_at": "2026-10-26T08:31:00.000Z",
        "answered_at": None,
        "comment": None,
        "service_kind": "launchdarkly",
        "link": "https://app.launchdarkly.com/approvals/r-1",
    }
    production = phase(
        "Production", "production", status="active", started_at="2026-10-26T08:31:00.000Z", approvals=[request]
    )
    return record(production, state="waiting", reason="approval", finished_at="2026-10-26T08:31:05.000000Z")


def release(*phases: Json, **more: Any) -> Json:
    return {
        "project_key": "shop",
        "flag_key": "new-cart",
        "pipeline_key": "standard",
        "pipeline_name": "Standard",
        "version": 3,
        "variation_id": "6f0c0f5e-0000-4000-8000-0000000000f1",
        "canceled_at": None,
        "complete": False,
        "phases": list(phases),
        **more,
    }


def release_phase(name: str, environment: str, status: str, **more: Any) -> Json:
    audience = {
        "id": "a-1",
        "name": name,
        "environment_key": environment,
        "status": status,
        "strategy": "immediate",
        "require_approval": False,
    }
    return {
        "id": f"id-{name}",
        "name": name,
        "index": 0,
        "status": status,
        "complete": status == "completed",
        "started_at": None,
        "completed_at": None,
        "completed_by": None,
        "audiences": [{**audience, **more.pop("audience", {})}],
        **more,
    }


def under_way() -> Json:
    """A release that no run is working on."""
    return release(
        release_phase(
            "Staging",
            "staging",
            "completed",
            started_at="2026-10-25T22:10:00.000Z",
            completed_at="2026-10-25T22:30:00.000Z",
            completed_by={"kind": "member", "id": "m-7", "name": "Ada Lovelace", "email": "ada@example.com"},
        ),
        release_phase(
            "Production",
            "production",
            "active",
            started_at="2026-10-26T08:00:00.000Z",
            audience={"require_approval": True},
        ),
        release_phase("Partners", "partners", "not_started"),
    )


def reading() -> Json:
    """The record for a status: there was no run."""
    return {"project_key": "shop", "flag_key": "new-cart", "finished_at": "2026-10-26T09:30:00.000000Z"}


def spoilt(run: Json, text: str) -> Json:
    """A run with every text replaced, except for our own words and times."""
    kept = {"state", "status", "would", "action", "review_status", "verdict", "from", "to", "until", "system"}

    def spoil(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: spoil(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [spoil(item, key) for item in value]
        is_ours = key in kept or key.endswith(("_at", "_id")) or key == "at"
        return text if isinstance(value, str) and not is_ours else value

    spoiled: Json = spoil(run)
    return spoiled


def hostile_run() -> Json:
    return spoilt(whole_run(), HOSTILE)


def huge_run() -> Json:
    """More evidence than an artifact may hold."""
    checks = [check(f"check {index}", measurements(60, "2026-10-26T09:00:30", wrong=(3,))) for index in range(50)]
    for item in checks:
        for measurement in item["measurements"]:
            measurement["detail"] += " and a long explanation" * 14
    busy = phase(
        "Staging",
        "staging",
        started_at="2026-10-26T08:30:02.000Z",
        completed_at="2026-10-26T08:41:10.000Z",
        checks=checks,
    )
    return record(busy)
