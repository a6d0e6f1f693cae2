# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls for environment releases, driven by LaunchDarkly's own client."""

from __future__ import annotations

import launchdarkly_api
import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.scene import (
    BACK,
    NOW,
    body,
    guarded,
    scene,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.vendor import operations_of

PLACE = ("beta", "shop", "new-cart", "production")


@pytest.fixture
def sim():
    with Simulator(scene(), clock=lambda: NOW / 1000) as running:
        yield running


def started(call, given=None):
    request = launchdarkly_api.StartEnvironmentReleaseRequest.from_dict(body() if given is None else given)
    return call("start_environment_release", *PLACE, request)


def stopped(call, release_id, resolution=BACK):
    request = launchdarkly_api.StopEnvironmentReleaseRequest(resolution=resolution, comment="c")
    return call("stop_environment_release", *PLACE, release_id, request)


def test_client_drives_every_operation(call):
    answer = started(call, guarded())
    assert (answer.status_code, answer.data.kind) == (201, launchdarkly_api.ReleaseType.ReleaseTypeGuarded)
    shown = call("get_environment_release", *PLACE, answer.data.id, expand=["metrics"]).data
    assert shown.metrics[0].definition.key == "errors"
    listed = call("list_environment_releases", *PLACE, filter="kind equals guarded", limit=1, offset=0).data
    assert [item.id for item in listed.items] == [shown.id]
    assert stopped(call, shown.id).data.status_reason.value == "reverted_manual"
    assert call.operations == operations_of(launchdarkly_api.EnvironmentReleasesBetaApi)


@pytest.mark.parametrize("seconds", [0, 60, 3600])
def test_client_understands_each_state(call, sim, seconds):
    started(call)
    sim.advance(seconds)
    release = call("list_environment_releases", *PLACE).data.items[0]
    assert release.status.value == ("completed" if seconds == 3600 else "in_progress")
    flag = call("get_feature_flag", "shop", "new-cart", expand="evaluation").data
    assert flag.environments["production"].evaluation.context_kinds == ["user"]


def test_client_understands_failing_health_checks(call, sim):
    sim.world.project("shop")["flags"]["new-cart"]["environments"]["production"]["contextKinds"] = []
    with pytest.raises(launchdarkly_api.exceptions.BadRequestException) as caught:
        started(call)
    assert caught.value.data.code == "health_checks_failed"
    assert [check.kind.value for check in caught.value.data.failing_checks] == [
        "flag_evaluations_any",
        "flag_evaluations_with_context",
    ]


def test_client_understands_a_second_release(call):
    started(call)
    with pytest.raises(launchdarkly_api.exceptions.ConflictException) as caught:
        started(call)
    assert caught.value.data.code == "release_already_active"
