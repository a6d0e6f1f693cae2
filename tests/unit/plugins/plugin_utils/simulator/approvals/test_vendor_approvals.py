# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on approval requests, driven by LaunchDarkly's own client."""

from __future__ import annotations

import launchdarkly_api
import pytest

PLACE = ("demo", "new-checkout", "production")
ON = {"kind": "turnFlagOn"}


@pytest.fixture
def file(call):
    def _file():
        body = {"description": "on, please", "comment": "c", "instructions": [ON], "notifyMemberIds": ["m1"]}
        return call("post_approval_request_for_flag", *PLACE, body)

    return _file


def test_client_reads_a_request_from_start_to_end(call, file):
    filed = file()
    assert (filed.status_code, filed.data.review_status, filed.data.status) == (201, "pending", "pending")
    own = (*PLACE, filed.data.id)
    approval = {"kind": "approve", "comment": "fine"}
    reviewed = call("post_approval_request_review_for_flag", *own, approval).data
    assert (reviewed.review_status, reviewed.all_reviews[0].comment) == ("approved", "fine")
    applied = call("post_approval_request_apply_for_flag", *own, {"comment": "go"}).data
    assert (applied.status, applied.applied_by_service_token_id) == (
        "completed",
        reviewed.all_reviews[0].service_token_id,
    )
    assert call("get_approval_for_flag", *own).data == applied
    assert call("get_approvals_for_flag", *PLACE).data.items == [applied]
    assert call("get_feature_flag", "demo", "new-checkout").data.environments["production"].on


def test_client_reads_the_requests_of_all_projects(call, file):
    request = file().data
    wanted = 'resourceId equals proj/demo:env/production:flag/new-checkout,status anyOf ["pending"]'
    listed = call("get_approval_requests", filter=wanted, limit=10).data
    assert ([item.id for item in listed.items], listed.total_count) == ([request.id], 1)
    assert call("get_approval_request", request.id).data == listed.items[0]
    assert call("delete_approval_request_for_flag", *PLACE, request.id).status_code == 204
    assert call("get_approval_requests").data.total_count == 0


@pytest.mark.parametrize("kind", ["decline", "comment"])
def test_client_reads_a_refused_apply(call, file, kind):
    request = file().data
    call("post_approval_request_review_for_flag", *PLACE, request.id, {"kind": kind, "comment": "no"})
    with pytest.raises(launchdarkly_api.exceptions.BadRequestException) as caught:
        call("post_approval_request_apply_for_flag", *PLACE, request.id, {})
    assert caught.value.data.code == "invalid_request"


def test_client_reads_a_request_of_another_service(call, file, sim):
    request = file().data
    metadata = {"externalId": "CHG1", "externalUrl": "https://example.com/CHG1", "externalStatus": "Assess"}
    fields = {"serviceKind": "servicenow", "integrationMetadata": metadata}
    sim.world.merge_request("demo", PLACE[1:], request.id, fields)
    shown = call("get_approval_for_flag", *PLACE, request.id).data
    assert (shown.service_kind, shown.integration_metadata.external_id) == ("servicenow", "CHG1")
    assert shown.integration_metadata.external_status.display == "Assess"


def test_client_reads_that_a_request_is_unknown(call):
    with pytest.raises(launchdarkly_api.exceptions.NotFoundException) as caught:
        call("get_approval_request", "missing")
    assert caught.value.data.code == "not_found"
