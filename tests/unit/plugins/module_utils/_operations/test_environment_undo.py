# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes a release back, and how a later run knows of it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.flag_targeting import FLAG_TARGETING
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import (
    DONE,
    GUARDED,
    OFF,
    ON,
    PERCENTAGE,
    PROGRESSIVE,
    READY,
    UNIT,
    Staging,
    summary,
)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"stop": "roll_back_all_phases_and_remove_pending_phases"}, "rolled back by hand"),
        ({"insufficientData": True}, "too little data"),
    ],
)
def test_reverted_release_is_not_released_again(stage: Staging, event: Any, words: str) -> None:
    play = stage(READY)
    play.run(**GUARDED)
    play.release_event(**event)
    for options in (GUARDED, {}, PERCENTAGE):
        result = play.run(**options)
        assert summary(result) == ("release_reverted", False, "none", "reverted")
        assert words in result["msg"]
    assert summary(play.run(**GUARDED, retry_reverted=True)) == (None, True, "start", "active")
    assert len({phase["description"] for item in play.releases for phase in item["phases"]}) == 2


@pytest.mark.parametrize("serves", ["variation", "rollout"])
def test_rule_of_a_reverted_release_goes_before_the_next_start(stage: Staging, serves: str) -> None:
    play = stage(READY, behavior={"revertedRuleServes": serves})
    play.run(**PROGRESSIVE)
    play.run(state="rolled_back")
    assert len(play.flag["rules"]) == 1
    play.sent()
    assert summary(play.run(retry_reverted=True)) == (None, True, "start", "completed")
    assert play.flag["rules"] == []
    assert play.sent() == "GET:flag GET:releases PATCH:flag"


def test_left_over_rule_alone_is_removed_whatever_is_known(stage: Staging) -> None:
    play = stage(READY)
    play.run(**PROGRESSIVE)
    play.run(state="rolled_back")
    play.by_hand({"kind": "updateFallthroughVariationOrRollout", "variationId": ON})
    result = play.run(**PROGRESSIVE)
    assert summary(result) == (None, True, "start", "completed")
    assert play.flag["rules"] == []
    assert result["diff"]["before"] != result["diff"]["after"]


@pytest.mark.parametrize("first", [{}, PERCENTAGE, PROGRESSIVE])
@pytest.mark.parametrize(
    ("undo", "code"),
    [
        ("rolled_back", "release_undone"),
        ("turn_off", "release_undone"),
    ],
)
def test_undo_is_remembered(stage: Staging, first: Any, undo: str, code: str) -> None:
    play = stage(READY)
    play.run(**first)
    if undo == "rolled_back":
        assert play.run(state="rolled_back")["undo_recorded"]
    else:
        assert play.run(definition=FLAG_TARGETING, enabled=False, comment="Brake")["undo_recorded"]
    expected = "release_reverted" if first is PROGRESSIVE else code
    for options in ({}, PERCENTAGE, PROGRESSIVE):
        assert summary(play.run(**options)) == (expected, False, "none", "reverted")
    # other changes in between do not matter
    play.by_hand({"kind": "addRule", "clauses": [{**UNIT, "values": ["device"]}], "variationId": OFF})
    assert summary(play.run())[0] == expected
    assert summary(play.run(**first, retry_reverted=True))[:2] == (None, True)


def test_undo_is_found_below_many_other_changes(stage: Staging) -> None:
    play = stage(DONE)
    play.run(state="rolled_back")
    for number in range(45):
        play.clock.sleep(1)
        clause = {"contextKind": "user", "attribute": "n", "op": "in", "values": [number], "negate": False}
        play.by_hand({"kind": "addRule", "clauses": [clause], "variationId": OFF})
    play.sent()
    assert summary(play.run())[0] == "release_undone"
    assert play.sent() == "GET:flag GET:releases GET:audit GET:audit GET:audit"


def test_undo_is_over_when_a_person_changed_it_since(stage: Staging) -> None:
    play = stage(DONE)
    play.run(definition=FLAG_TARGETING, enabled=False)
    play.by_hand({"kind": "turnFlagOn"})
    play.by_hand({"kind": "turnFlagOff"})
    assert summary(play.run()) == (None, True, "start", "completed")


def test_undo_that_changed_nothing_leaves_no_mark(stage: Staging) -> None:
    play = stage()
    for result in (play.run(state="rolled_back"), play.run(definition=FLAG_TARGETING, enabled=False)):
        assert (result["changed"], result["undo_recorded"]) == (False, False)
    assert summary(play.run()) == (None, True, "start", "completed")


def test_undo_of_a_completed_release_is_known_from_its_history(stage: Staging) -> None:
    """Somebody set it back in LaunchDarkly, which leaves no mark."""
    play = stage(READY)
    play.run(**PROGRESSIVE, wait=True)
    play.by_hand({"kind": "updateFallthroughVariationOrRollout", "variationId": OFF})
    result = play.run(**PROGRESSIVE)
    assert summary(result) == ("release_reverted", False, "none", "reverted")
    assert "not served any more" in result["msg"]


@pytest.mark.parametrize("status", [403, 404, 500])
def test_audit_log_that_cannot_be_read_is_a_warning(stage: Staging, status: int) -> None:
    play = stage()
    play.fault(method="GET", path="/auditlog", times=None, status=status, body={"code": "nope", "message": "No."})
    result = play.run(max_retries=1)
    assert summary(result) == (None, True, "start", "completed")
    assert "audit log" in " ".join(result["warnings"])


def test_rolled_back_stops_a_running_release(stage: Staging) -> None:
    play = stage(READY)
    play.run(**PROGRESSIVE)
    play.sent()
    result = play.run(state="rolled_back", comment="Errors")
    assert summary(result) == (None, True, "stop", "reverted")
    assert play.sent() == "GET:flag GET:releases PUT:stop GET:flag"
    assert result["release"]["reason"] == "reverted_manual"
    assert summary(play.run(state="rolled_back")) == (None, False, "none", "reverted")


def test_rolled_back_comment_carries_the_mark(stage: Staging) -> None:
    play = stage(READY)
    play.run(**PROGRESSIVE)
    play.run(state="rolled_back", comment="Errors")
    play.run(retry_reverted=True)
    play.run(state="rolled_back")
    stop, _start, patch = play.written()[1:]
    assert stop["resolution"] == "roll_back_all_phases_and_remove_pending_phases"
    assert stop["comment"] == "Errors [flagops undo]"
    assert patch["comment"].endswith("(flagops.launchdarkly) [flagops undo]")


@pytest.mark.parametrize("first", [{}, PROGRESSIVE, PERCENTAGE])
def test_rolled_back_after_the_end_needs_one_patch(stage: Staging, first: Any) -> None:
    play = stage(READY)
    play.run(**first, wait=True)
    play.sent()
    result = play.run(state="rolled_back")
    assert summary(result) == (None, True, "roll_back", "reverted")
    assert (result["previous_status"], result["undo_recorded"]) == ("completed", True)
    assert play.sent() == "GET:flag GET:releases PATCH:flag"
    assert play.flag["fallthrough"] == {"variation": 1}
    assert summary(play.run(state="rolled_back"))[1] is False


def test_rolled_back_in_the_middle_of_a_percentage(stage: Staging) -> None:
    play = stage()
    play.run(**PERCENTAGE)
    result = play.run(state="rolled_back")
    assert summary(result) == (None, True, "roll_back", "reverted")
    assert (result["previous_status"], play.flag["on"]) == ("active", True)
    assert play.flag["fallthrough"] == {"variation": 1}


@pytest.mark.parametrize("delay", [0, 5])
def test_rolled_back_too_late_goes_on_with_the_patch(stage: Staging, delay: int) -> None:
    """The release completes between the look and the stop, and LaunchDarkly may need a while for its clean-up."""
    play = stage(READY, behavior={"cleanupDelay": delay})
    play.run(**PROGRESSIVE)
    merge = [
        {
            "project": "shop",
            "flag": "cart",
            "environment": "eu",
            "release": "latest",
            "fields": {"stop": "roll_forward_all_phases"},
        }
    ]
    play.fault(method="PUT", path="/stop", merge=merge)
    result = play.run(state="rolled_back")
    assert summary(result) == (None, True, "roll_back", "reverted")
    assert play.flag["fallthrough"] == {"variation": 1}


def test_rolled_back_ignores_how_it_was_released(stage: Staging) -> None:
    play = stage(DONE)
    assert summary(play.run(state="rolled_back", strategy="guarded", segments=[])) == (
        None,
        True,
        "roll_back",
        "reverted",
    )


def test_rolled_back_works_past_a_conflict(stage: Staging) -> None:
    play = stage(DONE)
    assert summary(play.run(state="rolled_back"))[:3] == (None, True, "roll_back")
    assert play.simulator.requests[-1]["query"] == "ignoreConflicts=true"


def test_rolled_forward_ends_a_release_at_the_target(stage: Staging) -> None:
    play = stage(READY)
    play.run(**PROGRESSIVE)
    result = play.run(state="rolled_forward")
    assert summary(result) == (None, True, "stop", "completed")
    assert play.flag["fallthrough"] == {"variation": 0}
    assert "[flagops undo]" not in play.written()[-1]["comment"]
    assert summary(play.run(state="rolled_forward")) == (None, False, "none", "completed")
    assert summary(play.run(**PROGRESSIVE)) == (None, False, "none", "completed")


def test_rolled_forward_without_a_release(stage: Staging) -> None:
    play = stage(READY)
    result = play.run(state="rolled_forward")
    assert summary(result) == ("no_release_running", False, "none", "ready_to_start")
