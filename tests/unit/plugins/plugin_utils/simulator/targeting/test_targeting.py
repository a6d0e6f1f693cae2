# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags: how they are shown, and how patches and releases change them."""

from __future__ import annotations

import uuid

import pytest

FLAG = "/api/v2/flags/demo/new-checkout"
TOKEN = {"Authorization": f"api-{uuid.UUID(int=0)}"}
SEMANTIC = {**TOKEN, "Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}
ON, OFF = {"kind": "turnFlagOn"}, {"kind": "turnFlagOff"}


def patch(ask, *instructions, query="", headers=None, **fields):
    body = {"environmentKey": "test", "instructions": list(instructions), **fields}
    return ask("PATCH", FLAG + query, body, headers or SEMANTIC)


def switches(ask):
    return {key: item["on"] for key, item in ask("GET", FLAG).body["environments"].items()}


def audit(ask):
    return ask("GET", "/__sim__/projects/demo/audit").body["items"]


def with_approvals():
    return {
        "projects": {
            "demo": {
                "environments": {"test": {}, "production": {}},
                "flags": {"new-checkout": {"environments": {"production": {"requireApproval": True, "on": True}}}},
            }
        }
    }


def test_flag_is_off_by_default_and_has_a_site_link(ask):
    flag = ask("GET", FLAG).body
    assert switches(ask) == {"test": False, "staging": False, "production": False}
    assert flag["environments"]["test"]["_site"]["href"] == "/demo/test/features/new-checkout"
    assert flag["_links"]["self"]["href"] == FLAG
    assert "requireApproval" not in flag["environments"]["test"]
    assert [item["value"] for item in flag["variations"]] == [True, False]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", ["test", "staging", "production"]),
        ("?env=staging", ["staging"]),
        ("?env=production&env=test", ["test", "production"]),
        ("?env=moon", []),
    ],
)
def test_flag_shows_only_the_requested_environments(ask, query, keys):
    assert list(ask("GET", FLAG + query).body["environments"]) == keys


def test_flag_needs_no_beta_header(ask):
    assert ask("GET", FLAG, headers=TOKEN).status == 200
    assert ask("GET", f"{FLAG}/release", headers=TOKEN).status == 403


@pytest.mark.parametrize("path", ["/api/v2/flags/demo/missing", "/api/v2/flags/missing/new-checkout"])
def test_unknown_flag_is_not_found(ask, path):
    assert ask("GET", path).status == 404
    assert ask("PATCH", path, {"instructions": [ON]}, SEMANTIC).status == 404


def test_patch_turns_one_environment_on_and_off(ask):
    before = ask("GET", FLAG).body
    ask.wait(5)
    given = patch(ask, ON, comment="by hand")
    assert (given.status, given.body) == (200, ask("GET", FLAG).body)
    assert switches(ask) == {"test": True, "staging": False, "production": False}
    assert given.body["_version"] == before["_version"] + 1
    test = given.body["environments"]["test"]
    assert (test["version"], test["lastModified"]) == (2, before["environments"]["test"]["lastModified"] + 5000)
    patch(ask, OFF)
    assert switches(ask)["test"] is False


def test_patch_is_in_the_audit_with_its_comment(ask):
    patch(ask, ON, comment="by hand")
    patch(ask, ON, comment="nothing to do")
    patch(ask, OFF)
    assert audit(ask) == [
        {
            "number": 1,
            "date": 1_793_000_000_000,
            "action": "updateOn",
            "flagKey": "new-checkout",
            "environmentKey": "test",
            "instructions": [ON],
            "comment": "by hand",
            "by": "token",
        },
        {
            "number": 2,
            "date": 1_793_000_000_000,
            "action": "updateOn",
            "flagKey": "new-checkout",
            "environmentKey": "test",
            "instructions": [OFF],
            "by": "token",
        },
    ]


def test_audit_survives_a_state_round_trip(ask):
    patch(ask, ON)
    before = audit(ask)
    ask("PUT", "/__sim__/state", ask("GET", "/__sim__/state").body)
    assert audit(ask) == before


def test_dry_run_previews_and_changes_nothing(ask):
    assert patch(ask, ON, query="?dryRun=true").body["environments"]["test"]["on"] is True
    assert switches(ask)["test"] is False
    assert audit(ask) == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 200),
        ({"comment": None}, 200),
        ({"comment": 5}, 400),
        ({"instructions": None}, 400),
        ({"instructions": []}, 400),
        ({"instructions": ["turnFlagOn"]}, 400),
        ({"instructions": [{}]}, 400),
        ({"instructions": [{"kind": "startAutomatedRelease"}]}, 400),
        ({"instructions": [{"kind": ["turnFlagOn"]}]}, 400),
        ({"instructions": [ON, {"kind": "archiveFlag"}]}, 400),
        ({"environmentKey": None}, 400),
        ({"environmentKey": "moon"}, 400),
        ({"environmentKey": ["test"]}, 400),
    ],
)
def test_patch_checks_its_fields(ask, fields, status):
    given = patch(ask, ON, **fields)
    assert given.status == status
    assert switches(ask)["test"] is (status == 200)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; domain-model=launchdarkly.semanticpatch", 200),
        ("application/json;domain-model=launchdarkly.semanticpatch", 200),
        ("application/json; charset=utf-8; Domain-Model=launchdarkly.semanticpatch", 200),
        ("application/json", 400),
        ("application/merge-patch+json", 400),
        (None, 400),
    ],
)
def test_patch_must_be_semantic(ask, content_type, status):
    headers = TOKEN if content_type is None else {**TOKEN, "content-type": content_type}
    assert patch(ask, ON, headers=headers).status == status


def test_required_approval_refuses_a_direct_change(build):
    ask = build(with_approvals())
    given = patch(ask, OFF, environmentKey="production")
    assert (given.status, given.body["code"]) == (405, "method_not_allowed")
    assert given.body["message"] == "Flag configuration updates require approval: action 'updateOn' not allowed"
    assert switches(ask) == {"test": False, "production": True}
    assert patch(ask, ON).status == 200


def test_phase_turns_the_flag_on_when_it_takes_effect(ask):
    ask.start(0)
    assert switches(ask) == {"test": False, "staging": False, "production": False}
    ask.wait(0.5)
    assert switches(ask) == {"test": True, "staging": False, "production": False}
    ask.wait(0.5)
    assert ask.statuses() == ["completed", "ready-to-start", "not-started"]
    assert switches(ask) == {"test": True, "staging": False, "production": False}


def test_phase_turns_the_flag_on_at_its_due_time(ask):
    ask.start(0)
    ask.wait(3600)
    assert ask("GET", FLAG).body["environments"]["test"]["lastModified"] == 1_793_000_000_000
    assert [entry["by"] for entry in audit(ask) if entry["action"] == "updateOn"] == ["release"]


def test_flag_turned_off_after_its_phase_stays_off(ask):
    ask.start(0)
    ask.wait(1)
    patch(ask, OFF)
    ask.wait(3600)
    assert switches(ask)["test"] is False


def test_audit_has_what_a_release_does(ask):
    phase_id = ask.start(0).body["phases"][0]["_id"]
    ask.start(0)
    ask.wait(3600)
    assert [(entry["action"], entry["by"], entry["date"] - 1_793_000_000_000) for entry in audit(ask)] == [
        ("updateReleasePhaseStatus", "token", 0),
        ("updateOn", "release", 0),
        ("updateReleasePhaseStatus", "release", 1000),
    ]
    assert {entry["phaseId"] for entry in audit(ask)} == {phase_id}
    assert [entry.get("status") for entry in audit(ask)] == ["active", None, "completed"]


def test_audit_has_joining_and_leaving_a_pipeline(ask):
    path = "/api/v2/projects/demo/flags/dark-mode/release"
    for _count in range(2):
        ask("PUT", path, {"releasePipelineKey": "standard"})
    ask("DELETE", "/api/v2/flags/demo/dark-mode/release")
    actions = [(entry["action"], entry["flagKey"]) for entry in audit(ask)]
    assert actions == [
        ("addReleasePipeline", "dark-mode"),
        ("replaceReleasePipeline", "dark-mode"),
        ("removeReleasePipeline", "dark-mode"),
    ]


@pytest.mark.parametrize(
    ("numbers", "kept"), [([3, 7], [3, 7]), ([7, 3], [1, 2]), ([2, 2], [1, 2]), ([None, None], [1, 2]), (["5"], [1])]
)
def test_audit_written_by_hand_is_numbered(build, numbers, kept):
    entries = [{} if number is None else {"number": number} for number in numbers]
    given = with_approvals()
    given["projects"]["demo"]["audit"] = entries
    ask = build(given)
    patch(ask, ON)
    assert [entry["number"] for entry in audit(ask)] == [*kept, kept[-1] + 1]
