# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens while a task waits for a release."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import (
    GUARDED,
    MINUTE,
    PLAN,
    PROGRESSIVE,
    READY,
    Staging,
    during,
    summary,
)


def test_wait_ends_with_a_revert(stage: Staging) -> None:
    play = stage({**READY, "releaseScript": {"regressAfter": 700}})
    metrics = [{"key": "errors", "auto_rollback": True}]
    result = play.run(**{**GUARDED, "metrics": metrics}, wait=True)
    assert summary(result) == ("release_reverted", True, "start", "reverted")
    assert "regressed (errors)" in result["msg"]
    assert 700 <= result["waited"] < 720


@pytest.mark.parametrize("wait", [True, False])
def test_regression_fails_the_task(stage: Staging, wait: bool) -> None:
    play = stage({**READY, "releaseScript": {"regressAfter": 60}})
    play.run(**GUARDED)
    play.clock.sleep(90)
    result = play.run(**GUARDED, wait=wait)
    assert summary(result) == ("regression_detected", False, "adopted", "paused")
    assert "errors" in result["msg"]
    assert "dismiss" in result["msg"]
    assert play.releases[0]["status"] == "waiting"


@pytest.mark.parametrize("wait", [True, False])
def test_regression_rolls_back_and_still_fails(stage: Staging, wait: bool) -> None:
    play = stage({**READY, "releaseScript": {"regressAfter": 60}})
    play.run(**GUARDED)
    play.clock.sleep(90)
    result = play.run(**GUARDED, wait=wait, on_regression="roll_back")
    assert summary(result) == ("regression_detected", True, "stop", "reverted")
    assert "rolled back" in result["msg"]
    assert play.releases[0]["statusReason"] == "reverted_manual"
    assert summary(play.run(**GUARDED))[0] == "release_reverted"


def test_regression_is_waited_for_if_asked(stage: Staging) -> None:
    play = stage({**READY, "releaseScript": {"regressAfter": 60}})
    play.run(**GUARDED)
    play.clock.sleep(90)
    assert summary(play.run(**GUARDED, on_regression="wait")) == (None, False, "adopted", "paused")
    during(play, 300, lambda: play.release_event(dismiss=True))
    assert summary(play.run(**GUARDED, on_regression="wait", wait=True)) == (None, False, "adopted", "completed")


def test_pause_without_a_regression_is_waited_for(stage: Staging) -> None:
    play = stage({**READY, "releaseScript": {"waitAfter": 60}})
    play.run(**PROGRESSIVE)
    play.clock.sleep(90)
    assert summary(play.run(**PROGRESSIVE)) == (None, False, "adopted", "paused")
    during(play, 300, lambda: play.release_event(resume=True))
    assert summary(play.run(**PROGRESSIVE, wait=True)) == (None, False, "adopted", "completed")


def test_unknown_word_ends_a_wait(stage: Staging) -> None:
    play = stage(READY)
    during(play, 60, lambda: play.release_event(status="simmering"))
    result = play.run(**PROGRESSIVE, wait=True)
    assert summary(result) == ("unknown_status", True, "start", "blocked")
    assert "'simmering'" in result["msg"]
    # and it is not taken for a finished one
    assert summary(play.run(**PROGRESSIVE)) == ("unknown_status", False, "none", "blocked")


def test_wait_timeout_leaves_the_release(stage: Staging) -> None:
    play = stage(READY)
    result = play.run(**PROGRESSIVE, wait=True, wait_timeout="15m")
    assert summary(result) == ("wait_timeout", True, "start", "active")
    assert result["waited"] == 15 * MINUTE
    assert "15m" in result["msg"]
    assert summary(play.run(**PROGRESSIVE, wait=True)) == (None, False, "adopted", "completed")


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        (PROGRESSIVE, 30 * MINUTE + 3600),
        ({**PROGRESSIVE, "steps": [{"percent": 1, "duration": "90s"}]}, 90 + 3600),
        # of a plan, what its release shows
        ({"strategy": "plan", "release_plan_key": "standard"}, MINUTE + 3600),
    ],
)
def test_wait_timeout_defaults_to_the_steps_and_an_hour(stage: Staging, options: Any, seconds: float) -> None:
    play = stage({**READY, "releaseScript": {"waitAfter": 1}}, environment={"releasePlans": PLAN})
    result = play.run(**options, wait=True)
    assert result["error_code"] == "wait_timeout"
    assert result["waited"] == seconds


def test_wait_survives_reads_that_fail(stage: Staging) -> None:
    play = stage(READY)
    play.fault(method="GET", path="/releases/", after=2, times=5, status=503)
    assert summary(play.run(**PROGRESSIVE, wait=True)) == (None, True, "start", "completed")


UNEXPECTED = [
    {"status": 200, "body": "<html>Sign in</html>"},
    {"status": 403, "body": "<html>"},
    {"status": 302, "body": ""},
]


@pytest.mark.parametrize("fields", UNEXPECTED, ids=lambda fields: str(fields["status"]))
@pytest.mark.parametrize("after", range(3))
def test_wait_survives_an_unexpected_answer(stage: Staging, fields: Any, after: int) -> None:
    play = stage(READY)
    # Only a wait reads one release.
    play.fault(method="GET", path="/releases/", after=after, **fields)
    assert summary(play.run(**PROGRESSIVE, wait=True)) == (None, True, "start", "completed")


@pytest.mark.parametrize("fields", UNEXPECTED, ids=lambda fields: str(fields["status"]))
def test_wait_ends_when_unexpected_answers_persist(stage: Staging, fields: Any) -> None:
    play = stage(READY)
    play.fault(method="GET", path="/releases/", times=None, **fields)
    result = play.run(**PROGRESSIVE, wait=True)
    assert result["error_code"] in ("invalid_response", "http_error")
    assert (result["changed"], result["waited"] < 10 * MINUTE) == (True, True)


def test_turning_off_discards_the_release_and_ends_the_wait(stage: Staging) -> None:
    play = stage(READY)
    during(play, 120, lambda: play.by_hand({"kind": "turnFlagOff"}))
    result = play.run(**PROGRESSIVE, wait=True, retry_reverted=True)
    # not released again, although it may be
    assert summary(result) == ("release_reverted", True, "start", "reverted")
    assert "discarded" in result["msg"]
    assert len(play.releases) == 1


@pytest.mark.parametrize("delay", [0, 10, 25])
def test_clean_up_that_comes_late_is_waited_for(stage: Staging, delay: int) -> None:
    play = stage(READY, behavior={"cleanupDelay": delay})
    assert summary(play.run(**PROGRESSIVE, wait=True)) == (None, True, "start", "completed")


def test_clean_up_that_never_comes_fails(stage: Staging) -> None:
    play = stage(READY, behavior={"cleanupDelay": 3600})
    result = play.run(**PROGRESSIVE, wait=True)
    assert summary(result) == ("not_applied", True, "start", "active")
    assert "30 s" in result["msg"]
