# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a freeze window in force means for a start, and what the plan says of it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import freeze
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.undo import environments_to_undo
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils import role_support
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.record_support import Run

FRIDAY = "2026-10-30T18:00:00.000000Z"
THURSDAY = "2026-10-29T12:00:00.000000Z"
MONDAY = "2026-11-02T00:00:01.000000Z"
WEEKEND = {"name": "weekend", "reason": "nobody is there", "days": "fri-sun", "timezone": "UTC"}
UNTIL = "2026-11-02T00:00:00Z"
NAME = "weekend (nobody is there)"


def held(now: str = FRIDAY, index: int = 0, run: Run | None = None, **settings: Any) -> tuple[Run, int]:
    """The run after it has looked for a window before a phase, and for how long it pauses."""
    run = run or Run(**{"freeze": [WEEKEND], **settings})
    run.record, pause = freeze.hold(run.record, now, run.step(index), run.plan, run.release)
    return run, pause


def test_freeze_outside_of_a_window_changes_nothing() -> None:
    run, pause = held(THURSDAY)
    assert (run.is_running, pause, run.record["freeze"], run.record["message"]) == (True, 0, None, None)


def test_freeze_stop_ends_the_run_before_the_start() -> None:
    run, pause = held()
    assert (run.outcome, pause) == (("stopped", "freeze", None), 0)
    assert run.record["waits_until"] == UNTIL
    for words in ("phase 'Test' (test)", NAME, UNTIL, "To override, set release_freeze_override to a reason"):
        assert words in run.message
    assert environments_to_undo(run.record, run.release) == []


def test_freeze_wait_without_waiting_is_for_a_later_run() -> None:
    run, pause = held(freeze_action="wait", wait=False)
    assert (run.outcome, pause) == (("waiting", "freeze", None), 0)
    assert run.record["waits_until"] == UNTIL


def test_freeze_wait_waits_for_the_end_of_the_window() -> None:
    run, pause = held(freeze_action="wait")
    assert run.outcome == ("running", "freeze", None)
    assert (run.record["waits_until"], pause > 0) == (UNTIL, True)
    run, pause = held(MONDAY, run=run)
    assert pause == 0
    assert (run.record["reason"], run.record["waits_until"], run.record["message"]) == (None, None, None)


@pytest.mark.parametrize(("hours", "most"), [(0.001, 1), (0.5, 1), (3, 4), (54, 20), (24 * 365, 40)])
def test_freeze_wait_looks_rarely_at_a_long_window(hours: float, most: int) -> None:
    begin = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    end = begin + datetime.timedelta(hours=hours)
    run = Run(
        freeze=[{"from": begin.isoformat(" "), "to": end.isoformat(" "), "timezone": "UTC"}], freeze_action="wait"
    )
    moment, looks = begin, 0
    while (pause := held(moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), run=run)[1]) > 0:
        looks += 1
        moment += datetime.timedelta(seconds=pause)
    assert looks <= most
    assert datetime.timedelta(0) <= moment - end <= datetime.timedelta(seconds=1)


def test_freeze_override_is_recorded_with_every_phase() -> None:
    run = Run(freeze=[WEEKEND], freeze_override="The fix\ncannot wait")
    for index in (0, 0, 1):
        held(index=index, run=run)
        assert run.is_running
    assert run.record["freeze"] == {
        "window": NAME,
        "until": UNTIL,
        "overridden": "The fix cannot wait",
        "phase": "Test, Staging",
    }
    assert [len(phase["notes"]) for phase in run.record["phases"]] == [1, 1, 0]
    for words in ("weekend", UNTIL, "The fix cannot wait"):
        assert words in run.phase()["notes"][0]


def test_freeze_override_that_was_not_needed_is_not_recorded() -> None:
    run, _pause = held(THURSDAY, freeze_override="just in case")
    assert (run.record["freeze"], run.phase()["notes"]) == (None, [])


def test_freeze_window_may_be_for_some_environments() -> None:
    run, _pause = held(freeze=[{**WEEKEND, "environments": ["staging"]}])
    assert run.is_running
    held(index=1, run=run)
    assert not run.is_running


@pytest.mark.parametrize(("listed", "is_running"), [("test", True), ("staging", False), (None, False)])
def test_freeze_looks_at_environments_listed_since_the_plan(listed: str | None, is_running: bool) -> None:
    """A phase may list them only when it is ready. One whose environments are never known is not started."""
    unlisted = role_support.phase("Test", "not_started", audiences=None)
    run = Run(unlisted, freeze=[{**WEEKEND, "environments": ["staging"]}])
    audiences = [role_support.audience("Test", environment_key=listed)] if listed else None
    run.release = role_support.release(role_support.phase("Test", "ready_to_start", audiences=audiences))
    held(run=run)
    assert records.is_running(run.record) is is_running
    assert listed != "staging" or "(staging)" in run.message


# The plan


def foreseen(*words: Any, now: str = FRIDAY, **settings: Any) -> list[str | None]:
    """What the plan says of a freeze window, by phase."""
    plan = Run(*words, **{"freeze": [WEEKEND], **settings}).plan
    return [step.get("frozen") for step in freeze.foresee(plan, now)["steps"]]


def test_foresee_says_that_the_first_start_is_held_back() -> None:
    meaning = f"not in this run, but after {UNTIL}, when the freeze window {NAME} ends"
    assert foreseen() == [meaning, None, None]
    assert foreseen("completed", "ready_to_start", "not_started") == [None, meaning, None]


@pytest.mark.parametrize(
    ("settings", "meaning"),
    [
        ({"freeze_action": "wait"}, f"not before {UNTIL}, when the freeze window {NAME} ends"),
        ({"freeze_override": "hotfix"}, f"in spite of the freeze window {NAME}"),
    ],
)
def test_foresee_says_what_is_done_about_the_window(settings: dict[str, Any], meaning: str) -> None:
    assert foreseen(**settings)[0] == meaning


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ((), {"now": "2026-10-28T18:00:00.000000Z"}),
        ((), {"freeze": []}),
        ((), {"freeze": [{**WEEKEND, "environments": ["production"]}]}),
        (("active", "not_started", "not_started"), {}),
        (("completed", "completed", "completed"), {}),
    ],
    ids=["no window now", "no windows", "another environment", "unknown when", "nothing to start"],
)
def test_foresee_says_nothing_of_other_windows(words: tuple[str, ...], settings: dict[str, Any]) -> None:
    assert foreseen(*words, **settings) == [None, None, None]
