# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on a flag, driven by LaunchDarkly's own client."""

from __future__ import annotations

import launchdarkly_api
import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.vendor import (
    SEMANTIC_PATCH,
    semantic_patch,
)

ON = {"kind": "turnFlagOn"}


@pytest.mark.parametrize("flag", ["new-checkout", "banner-text"])
def test_client_reads_a_flag(call, flag):
    shown = call("get_feature_flag", "demo", flag).data
    assert (shown.key, list(shown.environments)) == (flag, ["test", "staging", "production"])
    narrowed = call("get_feature_flag", "demo", flag, env="test").data
    assert list(narrowed.environments) == ["test"]


def test_client_lists_flags(call, sim):
    flag = sim.world.project("demo")["flags"]["banner-text"]
    flag["_maintainer"] = {"_links": {}, "_id": "m1", "role": "writer", "email": "jo@example.com"}
    listed = call("get_feature_flags", "demo", filter="query:b", env="test", summary=False).data
    assert ([item.key for item in listed.items], listed.total_count) == (["banner-text"], 1)
    assert list(listed.items[0].environments) == ["test"]
    assert list(call("get_feature_flags", "demo", limit=1).data.items[0].environments) == []


def test_client_turns_a_flag_on(call):
    body = semantic_patch(environmentKey="test", instructions=[ON], comment="c")
    patched = call("patch_feature_flag", "demo", "new-checkout", body, dry_run=False, _content_type=SEMANTIC_PATCH)
    assert (patched.status_code, patched.data.environments["test"].on) == (200, True)


def test_client_reads_a_required_approval(call, sim):
    flag = sim.world.project("demo")["flags"]["new-checkout"]
    flag["environments"]["test"]["requireApproval"] = True
    body = semantic_patch(environmentKey="test", instructions=[ON])
    with pytest.raises(launchdarkly_api.exceptions.ApiException) as caught:
        call("patch_feature_flag", "demo", "new-checkout", body, _content_type=SEMANTIC_PATCH)
    assert (caught.value.status, caught.value.data.code) == (405, "method_not_allowed")


def test_client_reads_that_json_patch_is_unsupported(call):
    patch = {"patch": [{"op": "replace", "path": "/description", "value": "d"}]}
    with pytest.raises(launchdarkly_api.exceptions.BadRequestException) as caught:
        call("patch_feature_flag", "demo", "new-checkout", patch)
    assert caught.value.data.code == "invalid_request"
