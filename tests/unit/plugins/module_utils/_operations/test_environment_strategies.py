# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Percentage rollouts, audiences, and whatever LaunchDarkly does where nothing is published."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_step import ENVIRONMENT_STEP
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.flag_targeting import FLAG_TARGETING
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import (
    GUARDED,
    MINUTE,
    OFF,
    ON,
    PERCENTAGE,
    PLAN,
    PROGRESSIVE,
    READY,
    START,
    UNIT,
    Staging,
    summary,
)

# By seconds, the clock of the controller is ahead of LaunchDarkly's.
CLOCKS = pytest.mark.parametrize("ahead", [0.0, 3600.0, -3600.0], ids=["right", "ahead", "behind"])


@CLOCKS
def test_percentage_from_a_schedule(stage: Staging, ahead: float) -> None:
    play = stage()
    seen = []
    for _run in range(12):
        result = play.run(**PERCENTAGE, ahead=ahead)
        seen.append((result["action"], result["targeting"]["percent"], result["status"]))
        play.clock.sleep(5 * MINUTE)
    shares = [("start", 10.0, "active"), *[("none", 10.0, "active")], ("step", 50.0, "active")]
    assert seen[:3] == shares
    assert seen[3:6] == [("none", 50.0, "active")] * 3
    assert seen[6:] == [("step", 100.0, "completed"), *[("none", 100.0, "completed")] * 5]


def test_percentage_takes_one_step_however_late(stage: Staging) -> None:
    play = stage()
    play.run(**PERCENTAGE)
    play.clock.sleep(10 * 86400)
    result = play.run(**PERCENTAGE)
    assert (summary(result), result["targeting"]["percent"]) == ((None, True, "step", "active"), 50.0)
    assert result["waits_until"] is not None


def test_percentage_clock_restarts_with_another_change(stage: Staging) -> None:
    play = stage()
    play.run(**PERCENTAGE)
    play.clock.sleep(9 * MINUTE)
    play.by_hand({"kind": "addRule", "clauses": [UNIT], "variationId": OFF})
    play.clock.sleep(9 * MINUTE)
    assert summary(play.run(**PERCENTAGE)) == (None, False, "none", "active")
    play.clock.sleep(2 * MINUTE)
    assert summary(play.run(**PERCENTAGE))[2] == "step"


@CLOCKS
def test_percentage_runs_to_the_end_in_one_task(stage: Staging, ahead: float) -> None:
    play = stage()
    result = play.run(**PERCENTAGE, wait=True, wait_interval="1d", ahead=ahead)
    assert summary(result) == (None, True, "step", "completed")
    assert result["waited"] == 30 * MINUTE
    assert (
        play.sent() == f"{START} PATCH:flag GET:flag GET:releases PATCH:flag GET:flag PATCH:flag"
        or result["requests"] < 12
    )


def test_percentage_restarts_from_the_first_share(stage: Staging) -> None:
    play = stage()
    play.run(**PERCENTAGE)
    play.clock.sleep(10 * MINUTE)
    play.run(**PERCENTAGE)
    play.run(definition=FLAG_TARGETING, enabled=False)
    assert summary(play.run(**PERCENTAGE))[0] == "release_undone"
    result = play.run(**PERCENTAGE, retry_reverted=True)
    assert (summary(result), result["targeting"]["percent"]) == ((None, True, "start", "active"), 10.0)


def test_audiences_of_one_environment_to_the_end_and_back(stage: Staging) -> None:
    play = stage()
    beta = {**PROGRESSIVE, "segments": ["beta"]}
    staff = {"segments": ["staff"]}
    assert summary(play.run(**beta, wait=True)) == (None, True, "start", "completed")
    assert summary(play.run(**staff)) == (None, True, "start", "completed")
    assert [len(play.flag["rules"]), play.flag["fallthrough"]] == [2, {"variation": 1}]
    for options in (beta, staff):
        assert summary(play.run(**options)) == (None, False, "none", "completed")
    # the last one takes the rules of the others along
    assert summary(play.run(**PROGRESSIVE, wait=True)) == (None, True, "start", "completed")
    assert [play.flag["rules"], play.flag["fallthrough"]] == [[], {"variation": 0}]
    for options in (beta, staff, PROGRESSIVE):
        assert summary(play.run(**options)) == (None, False, "none", "completed")
    assert summary(play.run(state="rolled_back")) == (None, True, "roll_back", "reverted")
    for options in (beta, staff):
        assert summary(play.run(**options)) == ("release_undone", False, "none", "reverted")
    assert summary(play.run(**PROGRESSIVE))[0] == "release_reverted"


@pytest.mark.parametrize("kind", [None, "user"])
def test_audience_is_undone_alone(stage: Staging, kind: str | None) -> None:
    play = stage(READY, behavior={"segmentContextKind": kind})
    play.run(segments=["beta"])
    play.run(segments=["staff"])
    result = play.run(state="rolled_back", segments=["beta"])
    assert summary(result) == (None, True, "roll_back", "reverted")
    assert len(play.flag["rules"]) == 1
    assert summary(play.run(segments=["beta"]))[0] == "release_undone"
    assert summary(play.run(segments=["staff"])) == (None, False, "none", "completed")
    assert summary(play.run(segments=["beta"], retry_reverted=True)) == (None, True, "start", "completed")
    assert summary(play.run(segments=["beta"])) == (None, False, "none", "completed")


def test_audiences_leave_no_rule_when_the_last_run_was_killed(stage: Staging) -> None:
    play = stage(READY)
    play.run(segments=["beta"])
    play.by_hand({"kind": "updateFallthroughVariationOrRollout", "variationId": ON})
    assert summary(play.run()) == (None, False, "none", "completed")
    result = play.run(definition=ENVIRONMENT_STEP, is_last=True)
    assert summary(result) == (None, True, "start", "completed")
    assert play.flag["rules"] == []
    assert summary(play.run(definition=ENVIRONMENT_STEP, is_last=True)) == (None, False, "none", "completed")


def test_rules_of_people_are_left_alone(stage: Staging) -> None:
    clause = {"contextKind": "user", "attribute": "country", "op": "in", "values": ["nl"], "negate": False}
    play = stage({**READY, "rules": [{"clauses": [clause], "variation": 1}, {"clauses": [UNIT], "variation": 0}]})
    play.run(wait=True)
    play.run(state="rolled_back")
    assert len(play.flag["rules"]) == 2


def test_segment_that_does_not_exist(stage: Staging) -> None:
    play = stage()
    result = play.run(segments=["beta", "moon"])
    assert summary(result) == ("segment_not_found", False, "none", "blocked")
    assert play.written() == []


@pytest.mark.parametrize(
    "behavior",
    [
        {"revertedRuleServes": "rollout"},
        {"duplicateRules": "everything"},
        {"oneActiveRelease": "rule"},
        {"segmentContextKind": "user"},
        {"pendingFor": 20},
        {"cleanupDelay": 5},
        {"releasesInAudit": False},
        {"patchFailsAfterRelease": 20},
        {"planDescriptions": False},
    ],
    ids=lambda item: next(iter(item)),
)
def test_life_of_a_release_under_every_reading(stage: Staging, behavior: dict[str, Any]) -> None:
    play = stage(behavior=behavior, environment={"releasePlans": PLAN})
    audience = {**PROGRESSIVE, "segments": ["beta"]}
    plan = {"strategy": "plan", "release_plan_key": "standard"}
    assert summary(play.run(**audience, wait=True)) == (None, True, "start", "completed")
    assert summary(play.run(**GUARDED)) == (None, True, "start", "active")
    # the release is stopped, and then the rule of the audience goes
    assert summary(play.run(state="rolled_back"))[:3] == (None, True, "roll_back")
    assert summary(play.run(**plan))[0] == "release_reverted"
    assert summary(play.run(**plan, retry_reverted=True, wait=True)) == (None, True, "start", "completed")
    assert summary(play.run(**plan)) == (None, False, "none", "completed")
    play.clock.sleep(30)
    assert summary(play.run(state="rolled_back"))[:3] == (None, True, "roll_back")
    assert play.flag["rules"] == []
    assert play.flag["fallthrough"] == {"variation": 1}


@pytest.mark.parametrize("options", [{}, PROGRESSIVE, PERCENTAGE, {**PROGRESSIVE, "segments": ["beta"]}])
def test_history_is_forgotten_after_90_days(stage: Staging, options: Any) -> None:
    play = stage()
    play.run(**options, wait=True)
    play.clock.sleep(100 * 86400)
    assert summary(play.run(**options)) == (None, False, "none", "completed")
    assert summary(play.run(state="rolled_back", segments=options.get("segments", [])))[:3] == (None, True, "roll_back")
    assert play.flag["rules"] == []
