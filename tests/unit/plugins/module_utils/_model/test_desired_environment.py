# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task may ask for of a release in an environment, and what is refused before any request."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import (
    DesiredEnvironmentRelease,
    State,
    Strategy,
    environment_release_from_options,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.environment_release import (
    LEAVE_RULES,
    REMOVE_RULES,
    Metric,
    Step,
)

DEFAULTS: dict[str, Any] = {
    "project_key": "shop",
    "flag_key": "cart",
    "environment_key": "eu",
    "state": "released",
    "variation": None,
    "from_variation": None,
    "strategy": "immediate",
    "steps": None,
    "randomization_unit": None,
    "metrics": None,
    "release_plan_key": None,
    "segments": None,
    "cleanup_behavior": None,
    "before_rule_id": None,
    "bypass_health_checks": None,
    "comment": None,
    "health_check_timeout": "0",
    "request_approval": False,
    "on_approval": "wait",
    "approval_timeout": "1d",
    "notify_member_ids": None,
    "notify_team_keys": None,
    "retry_reverted": False,
    "on_regression": "fail",
    "wait": False,
    "wait_timeout": None,
    "wait_interval": "10",
}
STEPS = [{"percent": 0.001, "duration": "90s"}, {"percent": 12.5, "duration": "15m"}, {"percent": 50, "duration": 7200}]
METRICS = [{"key": "errors", "auto_rollback": True}]


def wish(**given: Any) -> DesiredEnvironmentRelease:
    return environment_release_from_options({**DEFAULTS, **given})


def test_options_become_a_desired_release() -> None:
    found = wish(strategy="guarded", steps=STEPS, metrics=METRICS, segments=["beta", "beta"], wait_timeout="2h")
    assert found.steps == (Step(1, 90_000), Step(12_500, 900_000), Step(50_000, 7_200_000))
    assert found.metrics == (Metric("errors", auto_rollback=True),)
    assert found.segments == ("beta",)
    assert (found.waiting.timeout, found.waiting.interval, found.waiting.approval_timeout) == (7200, 10, 86400)
    assert found.window == 90 + 900 + 7200
    assert str(found.target) == "shop/cart in eu"


@pytest.mark.parametrize(
    ("given", "unit", "cleanup", "leaves"),
    [
        ({}, "user", REMOVE_RULES, False),
        ({"segments": ["beta"]}, "user", LEAVE_RULES, True),
        ({"strategy": "progressive", "steps": STEPS}, "user", REMOVE_RULES, False),
        ({"strategy": "progressive", "steps": STEPS, "randomization_unit": "device"}, "device", REMOVE_RULES, False),
        ({"strategy": "progressive", "steps": STEPS, "cleanup_behavior": LEAVE_RULES}, "user", LEAVE_RULES, True),
        ({"strategy": "percentage", "steps": STEPS, "cleanup_behavior": LEAVE_RULES}, "user", LEAVE_RULES, False),
    ],
)
def test_defaults_depend_on_the_strategy(given: dict[str, Any], unit: str, cleanup: str, leaves: bool) -> None:
    found = wish(**given)
    assert (found.unit, found.cleanup_behavior, found.leaves_rules) == (unit, cleanup, leaves)


def one_step(**given: Any) -> list[dict[str, Any]]:
    return [{"percent": 10, "duration": "1h", **given}]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        # what the strategy needs, and what it has no use for
        ({"strategy": "percentage"}, "percentage needs steps"),
        ({"strategy": "progressive", "steps": []}, "progressive needs steps"),
        ({"strategy": "guarded", "steps": STEPS}, "guarded needs metrics"),
        ({"strategy": "plan"}, "plan needs release_plan_key"),
        ({"steps": STEPS}, "steps does not go with strategy immediate"),
        ({"strategy": "progressive", "steps": STEPS, "metrics": METRICS}, "metrics does not go with"),
        ({"release_plan_key": "standard"}, "release_plan_key does not go with strategy immediate"),
        ({"strategy": "plan", "release_plan_key": "p", "steps": STEPS}, "steps does not go with strategy plan"),
        ({"strategy": "plan", "release_plan_key": "p", "metrics": METRICS}, "metrics does not go with strategy plan"),
        ({"strategy": "plan", "release_plan_key": "p", "randomization_unit": "user"}, "randomization_unit"),
        ({"strategy": "plan", "release_plan_key": "p", "cleanup_behavior": REMOVE_RULES}, "cleanup_behavior"),
        ({"strategy": "plan", "release_plan_key": "p", "segments": ["beta"]}, "segments does not go with"),
        ({"strategy": "percentage", "steps": STEPS, "segments": ["beta"]}, "segments does not go with"),
        ({"segments": ["beta"], "cleanup_behavior": REMOVE_RULES}, "ends with a release to everybody"),
        ({"strategy": "percentage", "steps": STEPS, "request_approval": True}, "bypassRequiredApproval"),
        # steps
        ({"strategy": "percentage", "steps": [*STEPS, *one_step()]}, "10 follows 50"),
        ({"strategy": "percentage", "steps": one_step() * 2}, "10 follows 10"),
        ({"strategy": "percentage", "steps": one_step(percent=0)}, "percent is 0"),
        ({"strategy": "percentage", "steps": one_step(percent=100.1)}, "from 0.001 to 100"),
        ({"strategy": "percentage", "steps": one_step(percent=float("nan"))}, "percent is nan"),
        ({"strategy": "guarded", "metrics": METRICS, "steps": one_step(percent=50.001)}, "from 0.001 to 50, so"),
        ({"strategy": "percentage", "steps": one_step(duration="soon")}, "duration is 'soon'"),
        ({"strategy": "percentage", "steps": one_step(duration=0)}, "duration is 0"),
        ({"strategy": "percentage", "steps": one_step(duration=True)}, "duration is True"),
        # the rest
        ({"strategy": "guarded", "steps": STEPS, "metrics": METRICS * 2}, "'errors' is in the list more than once"),
        ({"environment_key": ".."}, "environment_key is '..'"),
        ({"segments": [""]}, "segments is ''"),
        ({"wait_interval": "0"}, "wait_interval is '0'"),
        ({"wait_timeout": "-1"}, "wait_timeout is '-1'"),
        ({"health_check_timeout": "ages"}, "health_check_timeout is 'ages'"),
    ],
)
def test_options_that_cannot_be_meant(given: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError) as caught:
        wish(**given)
    assert caught.value.code == "invalid_option"
    assert words in caught.value.message


@pytest.mark.parametrize("state", ["rolled_back", "rolled_forward"])
def test_undo_ignores_how_the_release_was_made(state: str) -> None:
    """The role undoes with the same entry, and no entry that could be released may be refused then."""
    found = wish(state=state, strategy="guarded", release_plan_key="p", segments=["beta"], comment="c")
    assert found.state is State(state)
    assert (found.strategy, found.steps, found.segments, found.comment) == (Strategy.IMMEDIATE, (), ("beta",), "c")
