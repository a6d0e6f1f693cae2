# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls for releases in an environment: paths, bodies as LaunchDarkly's own client knows them, and what is read."""

from __future__ import annotations

import copy
import json
from typing import Any

import launchdarkly_api
import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.environments.api import (
    EnvironmentReleasesApi,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.environment_release import (
    ApprovalSettings,
    Metric,
    NewRelease,
    RunStep,
    Step,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import AuditEntry, Flag
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Status
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_support import (
    BETA,
    KIND,
    PLACE,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    Clock,
    ScriptedTransport,
    answer,
    refusal,
)

BASE = "/api/v2/projects/shop/flags/cart/environments/eu/releases"
OLD, NEW = "35367e02-19e3-46b2-be3c-78f0701bf5f8", "e5717a9a-4f71-41fe-bcab-f0d7f7e001bd"
BEGUN = 1_795_600_000_000
WIRE: dict[str, Any] = {
    "id": "07fe1deb-5a61-4117-b6e1-ba12d77a280a",
    "status": "in_progress",
    "projectKey": "shop",
    "environmentKey": "eu",
    "flagKey": "cart",
    "originalVariationId": OLD,
    "originalVariationValue": False,
    "targetVariationId": NEW,
    "targetVariationValue": True,
    "randomizationUnit": "user",
    "cleanupBehavior": "remove_rules_and_update_default_rule",
    "kind": "guarded",
    "metrics": [{"metricKey": "errors", "metricVersionId": OLD, "autoRollback": True}],
    "phases": [
        {
            "id": OLD,
            "phaseIndex": 0,
            "ruleId": "rule-1",
            "description": "Release to eu",
            "status": "in_progress",
            "steps": [
                {"stepIndex": 0, "allocation": 10000, "durationMillis": 3600000, "startedAt": BEGUN},
                {"stepIndex": 1, "allocation": 50000, "durationMillis": 7200000},
            ],
            "currentStepIndex": 0,
            "startedAt": BEGUN,
            "metricStatuses": {"errors": "ok"},
        }
    ],
    "currentPhaseIndex": 0,
    "advancementMode": "automatic",
    "createdAt": BEGUN - 100,
    "startedAt": BEGUN,
    "_links": {"self": {"href": "..", "type": "application/json"}},
}


def wire(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(WIRE), **changes}


def api(*steps: Any) -> tuple[EnvironmentReleasesApi, ScriptedTransport]:
    transport = ScriptedTransport(*steps)
    return EnvironmentReleasesApi(Http(transport, Clock().runtime(), 6, 120)), transport


def test_release_is_read() -> None:
    # The document is one that LaunchDarkly's client takes.
    launchdarkly_api.EnvironmentRelease.from_dict(wire())
    releases, transport = api(answer(wire()))
    found = releases.get_release(PLACE, "x", with_metrics=True)
    assert transport.sent[0].path == f"{BASE}/x?expand=metrics"
    assert (found.status, found.status_raw, found.kind, found.rule_ids) == (
        Status.ACTIVE,
        "in_progress",
        "guarded",
        ("rule-1",),
    )
    assert found.step == RunStep(10000, 3600000, BEGUN)
    assert (found.percent, found.next_step_at, found.ends_at) == (10.0, BEGUN + 3600000, BEGUN + 10800000)
    assert found.metrics == (Metric("errors", auto_rollback=True),)
    shown = found.to_result(Flag("cart", ()))
    assert shown["metrics"] == [{"key": "errors", "auto_rollback": True, "status": "ok"}]
    assert shown["target_variation"] == {"id": NEW, "name": None, "value": None}
    assert shown["next_step_at"] == "2026-11-25T10:46:40.000Z"
    assert [step["percent"] for step in shown["steps"]] == [10.0, 50.0]


@pytest.mark.parametrize(
    ("word", "status", "over"),
    [
        ("pending", Status.ACTIVE, False),
        ("in_progress", Status.ACTIVE, False),
        ("waiting", Status.PAUSED, False),
        ("completed", Status.COMPLETED, True),
        ("reverted", Status.REVERTED, True),
        ("simmering", Status.UNKNOWN, False),
    ],
)
def test_status_words(word: str, status: Status, over: bool) -> None:
    releases, _transport = api(answer(wire(status=word)))
    found = releases.get_release(PLACE, "x")
    assert (found.status, found.status_raw, found.is_over) == (status, word, over)


def test_release_that_has_not_begun_and_one_on_the_default_rule() -> None:
    phase = {"id": OLD, "phaseIndex": 0, "ruleId": None, "status": "pending", "steps": [], "metricStatuses": {}}
    releases, _transport = api(answer(wire(status="pending", phases=[phase], currentPhaseIndex=None)))
    found = releases.get_release(PLACE, "x")
    assert (found.rule_ids, found.percent, found.next_step_at, found.ends_at) == ((), 0.0, None, None)


def test_list_reads_all_pages_and_no_release_twice() -> None:
    first = [wire(id=f"a{number}") for number in range(100)]
    second = [wire(id="a99"), wire(id="b")]
    releases, transport = api(answer({"items": first, "totalCount": 101}), answer({"items": second, "totalCount": 102}))
    assert [item.id for item in releases.list_releases(PLACE, kind="guarded")] == [*(item["id"] for item in first), "b"]
    assert [sent.path for sent in transport.sent] == [
        f"{BASE}?limit=100&filter=kind+equals+guarded",
        f"{BASE}?limit=100&filter=kind+equals+guarded&offset=100",
    ]


def test_start_body_is_what_the_client_sends() -> None:
    releases, transport = api(answer(wire(), status=201))
    new = NewRelease(
        OLD,
        NEW,
        randomization_unit="user",
        clauses=(KIND, BETA),
        description="Release to eu [mark]",
        steps=(Step(10000, 3600000),),
        metrics=(Metric("errors", auto_rollback=True),),
        cleanup="leave_rules_in_place",
        before_rule_id="first",
        bypass_health_checks=("flag_evaluations_any",),
        comment="4711",
    )
    assert releases.start_release(PLACE, new).id == WIRE["id"]
    sent = transport.sent[0]
    assert (sent.method, sent.path) == ("POST", BASE)
    known = launchdarkly_api.StartEnvironmentReleaseRequest.from_dict(sent.body)
    assert json.loads(json.dumps(known.to_dict(), default=str)) == sent.body
    assert sent.body == {
        "originalVariationId": OLD,
        "targetVariationId": NEW,
        "beforeRuleId": "first",
        "bypassHealthChecks": ["flag_evaluations_any"],
        "comment": "4711",
        "randomizationUnit": "user",
        "cleanupBehavior": "leave_rules_in_place",
        "phases": [
            {
                "clauses": [
                    {"contextKind": "user", "attribute": "kind", "op": "in", "values": ["user"], "negate": False},
                    {"attribute": "segmentMatch", "op": "segmentMatch", "values": ["beta"], "negate": False},
                ],
                "description": "Release to eu [mark]",
                "steps": [{"allocation": 10000, "durationMillis": 3600000}],
            }
        ],
        "metrics": [{"metricKey": "errors", "autoRollback": True}],
    }


def test_start_from_a_plan_sends_nothing_that_the_plan_supplies() -> None:
    releases, transport = api(answer(wire(), status=201))
    releases.start_release(PLACE, NewRelease(OLD, NEW, plan_key="standard", comment="c"))
    assert transport.sent[0].body == {
        "originalVariationId": OLD,
        "targetVariationId": NEW,
        "releasePlanKey": "standard",
        "comment": "c",
    }


@pytest.mark.parametrize(
    ("forward", "resolution"),
    [(False, "roll_back_all_phases_and_remove_pending_phases"), (True, "roll_forward_all_phases")],
)
def test_stop_body(forward: bool, resolution: str) -> None:
    releases, transport = api(answer(wire(status="reverted")))
    assert releases.stop_release(PLACE, "x", roll_forward=forward, comment="c").status is Status.REVERTED
    sent = transport.sent[0]
    assert (sent.method, sent.path) == ("PUT", f"{BASE}/x/stop")
    assert sent.body == {"resolution": resolution, "comment": "c"}


def test_audit_log_of_the_flag_in_the_environment() -> None:
    entry = {"date": 5, "accesses": [{"action": "updateOn", "resource": "r"}, {}], "comment": "c", "kind": "flag"}
    releases, transport = api(answer({"items": [entry, {"date": 4}]}))
    assert releases.list_changes(PLACE, before=6) == (AuditEntry(5, ("updateOn",), "c"), AuditEntry(4, (), ""))
    assert transport.sent[0].path == ("/api/v2/auditlog?spec=proj%2Fshop%3Aenv%2Feu%3Aflag%2Fcart&limit=20&before=6")


@pytest.mark.parametrize(("reply", "expected"), [(answer({"key": "beta"}), True), (refusal(404, "not_found"), False)])
def test_segment_exists(reply: Any, expected: bool) -> None:
    releases, transport = api(reply)
    assert releases.has_segment(PLACE, "beta") is expected
    assert transport.sent[0].path == "/api/v2/segments/shop/eu/beta"


@pytest.mark.parametrize("reply", [refusal(403, "forbidden"), refusal(404), answer(b"<html>", status=404)])
def test_segment_that_cannot_be_read_is_not_taken_for_missing(reply: Any) -> None:
    releases, _transport = api(reply)
    with pytest.raises(LaunchDarklyError):
        releases.has_segment(PLACE, "beta")


@pytest.mark.parametrize(
    ("document", "tags", "covered"),
    [
        ({}, [], False),
        ({"approvalSettings": None}, [], False),
        ({"approvalSettings": {"required": False}}, [], False),
        ({"approvalSettings": {"required": True}}, [], True),
        ({"approvalSettings": {"required": True, "requiredApprovalTags": ["pci"]}}, [], False),
        ({"approvalSettings": {"required": True, "requiredApprovalTags": ["pci"]}}, ["web", "pci"], True),
    ],
)
def test_approval_settings_of_the_environment(document: Any, tags: list[str], covered: bool) -> None:
    releases, transport = api(answer(document))
    settings = releases.get_approval_settings(PLACE)
    assert isinstance(settings, ApprovalSettings)
    assert settings.covers(Flag("cart", (), tags=tuple(tags))) is covered
    assert transport.sent[0].path == "/api/v2/projects/shop/environments/eu"
