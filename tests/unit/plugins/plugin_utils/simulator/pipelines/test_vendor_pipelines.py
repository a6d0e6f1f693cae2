# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every operation on releases and pipelines, driven by LaunchDarkly's own client."""

from __future__ import annotations

import launchdarkly_api
import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.vendor import operations_of

# The client warns of each of these operations, which LaunchDarkly deprecated in October 2026.
pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")

GUARDED = {
    "releaseStrategy": "monitored-release",
    "requireApproval": False,
    "notifyMemberIds": ["m1"],
    "notifyTeamKeys": ["product"],
    "releaseGuardianConfiguration": {
        "monitoringWindowMilliseconds": 60000,
        "rolloutWeight": 50000,
        "rollbackOnRegression": True,
        "randomizationUnit": "user",
    },
}


def pipeline(key, **fields):
    audience = {"environmentKey": "test", "name": "Testers", "segmentKeys": ["testers"], "configuration": GUARDED}
    phases = [
        {"name": "Test", "audiences": [audience]},
        {"name": "Production", "audiences": [{"environmentKey": "production", "name": "Everyone"}]},
    ]
    return {"key": key, "name": key.title(), "description": "d", "tags": ["t"], "phases": phases, **fields}


def test_client_reads_pipelines(call):
    created = call("post_release_pipeline", "demo", pipeline("canary"))
    assert (created.status_code, created.data.key, created.data.is_legacy) == (201, "canary", False)
    assert call("get_release_pipeline_by_key", "demo", "canary").data == created.data
    listed = call("get_all_release_pipelines", "demo", filter="env:test", limit=10, offset=0)
    assert [item.key for item in listed.data.items] == ["standard", "canary"]
    changed = call(
        "put_release_pipeline", "demo", "canary", {"name": "Renamed", "phases": pipeline("canary")["phases"]}
    )
    assert (changed.status_code, changed.data.name) == (200, "Renamed")
    assert call("delete_release_pipeline", "demo", "canary").status_code == 204


def test_client_reads_a_release_from_start_to_end(call, sim):
    call("post_release_pipeline", "demo", pipeline("canary"))
    joined = call("create_release_for_flag", "demo", "dark-mode", {"releasePipelineKey": "canary"})
    assert [phase.status for phase in joined.data.phases] == ["ready-to-start", "not-started"]
    for index, phase in enumerate(joined.data.phases):
        audience = {"audienceId": phase.audiences[0].id, "notifyTeamKeys": ["product"]}
        body = {"status": "active", "audiences": [audience]}
        started = call("update_phase_status", "demo", "dark-mode", phase.id, body)
        assert started.data.phases[index].status == "active"
        shown = call("get_all_release_progressions_for_release_pipeline", "demo", "canary", limit=1)
        assert (shown.data.active_count, shown.data.items[0].active_phase_id) == (1, phase.id)
        sim.advance(60)
        assert call("get_release_by_flag_key", "demo", "dark-mode").data.phases[index].complete
    done = call(
        "get_all_release_progressions_for_release_pipeline", "demo", "canary", filter='status equals "completed"'
    )
    assert [(item.flag_key, item.active_phase_id) for item in done.data.items] == [("dark-mode", None)]
    assert call("delete_release_by_flag_key", "demo", "dark-mode").status_code == 204


def test_client_reads_a_legacy_release(call):
    call("post_release_pipeline", "demo", pipeline("old", isLegacy=True))
    call("create_release_for_flag", "demo", "dark-mode", {"releasePipelineKey": "old"})
    patch = [{"op": "replace", "path": "/phases/0/complete", "value": True}]
    patched = call("patch_release_by_flag_key", "demo", "dark-mode", patch)
    assert [phase.complete for phase in patched.data.phases] == [True, False]
    assert patched.data.phases[0].completed_by.token.service_token
    assert patched.data.phases[0].status is None
    call("get_all_release_progressions_for_release_pipeline", "demo", "old")


def test_client_operations_are_all_tested(call, sim):
    test_client_reads_pipelines(call)
    test_client_reads_a_release_from_start_to_end(call, sim)
    test_client_reads_a_legacy_release(call)
    assert call.operations == operations_of(launchdarkly_api.ReleasePipelinesDeprecatedApi)
    assert len(call.operations) == 11


@pytest.mark.parametrize(
    ("operation", "arguments", "status", "code"),
    [
        ("get_release_by_flag_key", ["demo", "dark-mode"], 404, "not_found"),
        (
            "create_release_for_flag",
            ["demo", "banner-text", {"releasePipelineKey": "standard"}],
            400,
            "invalid_request",
        ),
        ("update_phase_status", ["demo", "new-checkout", "missing", {"status": "active"}], 404, "not_found"),
        ("post_release_pipeline", ["demo", pipeline("standard")], 409, "conflict"),
        ("delete_release_pipeline", ["demo", "standard"], 403, "forbidden"),
        ("patch_release_by_flag_key", ["demo", "new-checkout", [{"op": "add", "path": "/x"}]], 400, "invalid_request"),
    ],
)
def test_client_reads_refusals(call, operation, arguments, status, code):
    with pytest.raises(launchdarkly_api.exceptions.ApiException) as caught:
        call(operation, *arguments)
    assert (caught.value.status, caught.value.data.code) == (status, code)


def test_client_reads_wrong_tokens_and_rate_limits(call, sim):
    sim.world.access_token += "-revoked"
    with pytest.raises(launchdarkly_api.exceptions.UnauthorizedException) as caught:
        call("update_phase_status", "demo", "new-checkout", "p1", {"status": "active"})
    assert caught.value.data.code == "unauthorized"
    sim.world.limits.configure({"global": {"limit": 0}})
    with pytest.raises(launchdarkly_api.exceptions.ApiException) as caught:
        call("update_phase_status", "demo", "new-checkout", "p1", {"status": "active"})
    assert (caught.value.status, caught.value.data.code) == (429, "rate_limited")
