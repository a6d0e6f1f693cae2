# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access, errors, and the operations on a flag's release."""

from __future__ import annotations

import uuid

import pytest

RELEASE = "/api/v2/flags/demo/new-checkout/release"
JOIN = "/api/v2/projects/demo/flags/{}/release"
PHASES = "/api/v2/projects/demo/flags/{}/release/phases/{}"
TOKEN = f"api-{uuid.UUID(int=0)}"
BETA = {"LD-API-Version": "beta"}

LEGACY = {
    "projects": {
        "demo": {
            "pipelines": {"old": {"isLegacy": True, "phases": [{"name": "Testing"}, {"name": "Production"}]}},
            "releases": {"new-checkout": {}},
        }
    }
}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": TOKEN, **BETA}, 200, None),
        ({"authorization": TOKEN, "ld-api-version": "beta"}, 200, None),
        (BETA, 401, "unauthorized"),
        ({"Authorization": "api-wrong", **BETA}, 401, "unauthorized"),
        ({"Authorization": "", **BETA}, 401, "unauthorized"),
        ({"Authorization": f"Bearer {TOKEN}", **BETA}, 401, "unauthorized"),
        ({"Authorization": "api-\u00fc", **BETA}, 401, "unauthorized"),
        ({"Authorization": TOKEN}, 403, "forbidden"),
        ({"Authorization": TOKEN, "LD-API-Version": "20240415"}, 403, "forbidden"),
    ],
)
def test_token_and_beta_header_are_required(ask, headers, status, code):
    given = ask("GET", RELEASE, headers=headers)
    assert (given.status, given.body.get("code")) == (status, code)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v2/nothing", 404),
        ("GET", "/", 404),
        ("GET", f"{RELEASE}/", 404),
        ("GET", "/api/v2/flags//new-checkout/release", 404),
        ("POST", RELEASE, 405),
        ("GET", JOIN.format("new-checkout"), 405),
        ("PATCH", PHASES.format("new-checkout", "x"), 405),
        ("PUT", "/api/v2/projects/demo/release-pipelines", 405),
        ("GET", "/api/v2/flags/missing/new-checkout/release", 404),
        ("GET", "/api/v2/flags/demo/missing/release", 404),
        ("GET", "/api/v2/flags/demo/dark-mode/release", 404),
        ("DELETE", "/api/v2/flags/demo/dark-mode/release", 404),
    ],
)
def test_unknown_paths_are_not_found(ask, method, path, status):
    given = ask(method, path)
    assert given.status == status
    assert set(given.body) == {"code", "message", "id"}


def test_path_parts_are_decoded(build):
    state = {"projects": {"a b": {"flags": {"x/y%": {}}, "releases": {"x/y%": {}}}}}
    given = build(state)("GET", "/api/v2/flags/a%20b/x%2Fy%25/release")
    assert given.status == 200


@pytest.mark.parametrize("path", [JOIN.format("dark-mode"), PHASES.format("new-checkout", "x")])
@pytest.mark.parametrize("body", [b"", b"status=active", b'{"status"', b"\xff\xfe", b"[" * 100_000, [], "active", 5])
def test_body_must_be_a_json_object(ask, path, body):
    phase_id = ask.release()["phases"][0]["_id"]
    given = ask("PUT", path.replace("/x", f"/{phase_id}"), body)
    assert (given.status, given.body["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("flag", "body", "status"),
    [
        ("dark-mode", {"releasePipelineKey": "standard"}, 200),
        ("dark-mode", {"releasePipelineKey": "standard", "unknown": 1}, 200),
        ("dark-mode", {}, 400),
        ("dark-mode", {"releasePipelineKey": 5}, 400),
        ("dark-mode", {"releasePipelineKey": "missing"}, 404),
        ("dark-mode", {"releasePipelineKey": "standard", "releaseVariationId": "missing"}, 400),
        ("banner-text", {"releasePipelineKey": "standard"}, 400),
        ("missing", {"releasePipelineKey": "standard"}, 404),
    ],
)
def test_join_checks_flag_and_pipeline(ask, flag, body, status):
    assert ask("PUT", JOIN.format(flag), body).status == status
    assert ask("GET", f"/api/v2/flags/demo/{flag}/release").status == (200 if status == 200 else 404)


def test_join_refuses_an_archived_flag(build):
    ask = build({"projects": {"demo": {"flags": {"old": {"archived": True}}, "pipelines": {"standard": {}}}}})
    assert ask("PUT", JOIN.format("old"), {"releasePipelineKey": "standard"}).status == 400


def test_join_releases_the_true_variation_by_default(ask):
    variations = ask("GET", "/__sim__/state").body["projects"]["demo"]["flags"]["dark-mode"]["variations"]
    ids = {item["value"]: item["_id"] for item in variations}
    body = {"releasePipelineKey": "standard"}
    assert ask("PUT", JOIN.format("dark-mode"), body).body["_releaseVariationId"] == ids[True]
    body["releaseVariationId"] = ids[False]
    assert ask("PUT", JOIN.format("dark-mode"), body).body["_releaseVariationId"] == ids[False]


def test_join_answer_has_no_pipeline_description(ask):
    joined = ask("PUT", JOIN.format("dark-mode"), {"releasePipelineKey": "standard"}).body
    shown = ask("GET", "/api/v2/flags/demo/dark-mode/release").body
    assert joined["releasePipelineDescription"] == ""
    assert shown["releasePipelineDescription"] == "Test, then staging, then production"
    assert {**joined, "releasePipelineDescription": ""} == {**shown, "releasePipelineDescription": ""}


def test_join_again_restarts_the_release(ask):
    ask.start(0)
    ask("PUT", JOIN.format("new-checkout"), {"releasePipelineKey": "standard"})
    assert ask.statuses() == ["ready-to-start", "not-started", "not-started"]
    assert ask.release()["_version"] == 0


def test_deleted_release_is_not_found(ask):
    given = ask("DELETE", RELEASE)
    assert (given.status, given.body) == (204, None)
    assert ask("GET", RELEASE).status == 404


def test_canceled_release_is_shown(ask):
    ask("PUT", "/__sim__/projects/demo/releases/new-checkout", {"_canceledAt": 1793000000000})
    assert ask.release()["_canceledAt"] == 1793000000000
    assert ask.start(0).status == 400


@pytest.mark.parametrize(
    "word",
    ["completed", "complete", "paused", "not-started", "ready-to-start", "Active", "Started", "", None, 5],
)
def test_phase_status_can_only_be_set_to_active(ask, word):
    phase_id = ask.release()["phases"][0]["_id"]
    given = ask("PUT", PHASES.format("new-checkout", phase_id), {"status": word})
    assert (given.status, given.body["code"]) == (400, "invalid_request")
    assert given.body["message"] == "Phase status can only be manually updated to `Active`."
    assert ask.statuses()[0] == "ready-to-start"


def test_phases_start_in_order(ask):
    out_of_order = ask.start(1)
    assert out_of_order.status == 400
    assert "Phase must have status" in out_of_order.body["message"]
    assert "ReadyToStart" in out_of_order.body["message"]
    started = ask.start(0)
    assert started.status == 200
    assert [phase["status"] for phase in started.body["phases"]] == ["active", "not-started", "not-started"]
    ask.wait(1)
    assert ask.statuses() == ["completed", "ready-to-start", "not-started"]
    assert ask.start(1).status == 200


def test_unknown_phase_is_not_found(ask):
    path = PHASES.format("new-checkout", "missing")
    assert ask("PUT", path, {"status": "active"}).status == 404
    assert ask("PUT", PHASES.format("dark-mode", "missing"), {"status": "active"}).status == 404


@pytest.mark.parametrize(
    ("audiences", "status"),
    [
        ([{"audienceId": "anything"}], 200),
        ([{}], 200),
        ([{"releaseGuardianConfiguration": {"rolloutWeight": 50000}, "unknown": 1}], 200),
        (None, 200),
        ("everyone", 400),
        (["everyone"], 400),
        ([{"audienceId": ["a"]}], 400),
        ([{"notifyMemberIds": "m1"}], 400),
        ([{"notifyTeamKeys": [1]}], 400),
        ([{"releaseGuardianConfiguration": "yes"}], 400),
        ([{"releaseGuardianConfiguration": {"rolloutWeight": "half"}}], 400),
        ([{"releaseGuardianConfiguration": {"rollbackOnRegression": 1}}], 400),
    ],
)
def test_start_audiences_are_checked_for_types_only(ask, audiences, status):
    assert ask.start(0, audiences=audiences).status == status


def patch(index, value, **fields):
    return {"op": "replace", "path": f"/phases/{index}/complete", "value": value, **fields}


def test_legacy_phases_change_by_json_patch(build):
    ask = build(LEGACY)
    done = ask("PATCH", RELEASE, [patch(0, True), patch(1, True)])
    assert done.status == 200
    assert [phase["complete"] for phase in done.body["phases"]] == [True, True]
    assert done.body["phases"][0]["_completedBy"]["token"]["ending"] == TOKEN[-4:]
    undone = ask("PATCH", RELEASE, [patch(1, False)])
    assert [phase["complete"] for phase in undone.body["phases"]] == [True, False]
    assert "_completionDate" not in undone.body["phases"][1]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        ["complete"],
        [patch(2, True)],
        [patch(0, "yes")],
        [patch(0, True, op="remove")],
        [patch(0, True, path="/phase/0/complete")],
        [patch(0, True, path="/phases/0/status")],
        [patch(0, True), patch(7, True)],
    ],
)
def test_legacy_patch_applies_completely_or_not_at_all(build, body):
    ask = build(LEGACY)
    before = ask.release()
    assert ask("PATCH", RELEASE, body).status == 400
    assert ask.release() == before


def test_pipeline_kinds_refuse_each_others_operations(ask, build):
    assert ask("PATCH", RELEASE, [patch(0, True)]).status == 400
    assert build(LEGACY).start(0).status == 400
