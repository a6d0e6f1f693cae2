# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release plans of environments and of flags."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.scene import phase

ENVIRONMENT = "/api/v2/projects/shop/environments/production"
FLAG_PLANS = "/api/v2/projects/shop/flag-release-plans"
PLANS = {
    "standard": {"randomizationUnit": "user", "phases": [phase()], "metrics": [{"key": "errors"}]},
    "slow": {"randomizationUnit": "user", "phases": [phase()], "advancementMode": "manual"},
}


@pytest.fixture
def planned(open_shop):
    order = [{"environmentKey": "staging", "isImmediate": True}, {"environmentKey": "production"}]
    return open_shop(environment={"releasePlans": PLANS}, flagReleasePlans={"careful": {"environments": order}})


def test_environment_plans_are_listed(planned):
    given = planned.ask("GET", f"{ENVIRONMENT}/release-plans").body
    assert [(item["key"], item["releaseMethod"]) for item in given["items"]] == [
        ("standard", "guarded_release"),
        ("slow", "progressive_release"),
    ]


def test_environment_plan_shows_its_release(planned):
    plan = planned.ask("GET", f"{ENVIRONMENT}/release-plans/slow").body
    assert plan["progressiveRelease"]["advancementMode"] == "manual"
    assert planned.ask("GET", f"{ENVIRONMENT}/default-release-plan").body["key"] == "standard"


def test_flag_plans_show_the_order_of_environments(planned):
    assert planned.ask("GET", FLAG_PLANS).body["totalCount"] == 1
    plan = planned.ask("GET", f"{FLAG_PLANS}/careful").body
    assert [item["environmentKey"] for item in plan["environments"]] == ["staging", "production"]


@pytest.mark.parametrize("path", [f"{ENVIRONMENT}/release-plans/moon", f"{FLAG_PLANS}/moon"])
def test_unknown_plan_is_not_found(planned, path):
    assert planned.ask("GET", path).status == 404


def test_default_plan_may_be_missing(shop):
    assert shop.ask("GET", f"{ENVIRONMENT}/default-release-plan").status == 404


def test_plans_need_the_beta_header(shop):
    token = {"Authorization": "api-00000000-0000-0000-0000-000000000000"}
    assert shop.ask("GET", FLAG_PLANS, headers=token).status == 403
