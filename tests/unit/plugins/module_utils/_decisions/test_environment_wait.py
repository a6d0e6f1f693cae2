# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When to look again, how long to wait, and what to say meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_history import was_undone
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_wait import (
    describe_release,
    hold_pause,
    release_pause,
    timeout,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_warnings import about_drift
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.markers import EVERYONE, UNDO
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import (
    EnvironmentWait,
    Strategy,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.environment_release import LEAVE_RULES, Step
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import AuditEntry
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Status
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_support import (
    MINUTE,
    NOW,
    STEPS,
    desired,
    release,
)

# The step of `release` began five minutes ago and lasts ten.
STEP_ENDS = NOW / 1000 + 5 * 60
GUARDED = release(metrics={"errors": "ok"})


def progressive(interval: float = 10.0, **fields: Any) -> Any:
    return desired(Strategy.PROGRESSIVE, waiting=EnvironmentWait(wait=True, interval=interval, **fields))


@pytest.mark.parametrize(
    ("running", "interval", "now", "expected"),
    [
        # to the end of the step, but no longer than a minute, or the interval if that is longer
        (release(), 10, STEP_ENDS - 30, 30),
        (release(), 10, STEP_ENDS - 61, 60),
        (release(), 300, STEP_ENDS - 250, 250),
        (release(), 300, STEP_ENDS - 301, 300),
        # a guarded release may be rolled back at any time
        (GUARDED, 10, STEP_ENDS - 30, 10),
        (GUARDED, 10, STEP_ENDS - 4, 4),
        # after the end of the step: soon, then less and less often
        (release(), 10, STEP_ENDS, 1),
        (release(), 10, STEP_ENDS + 3, 3),
        (release(), 10, STEP_ENDS + 100, 10),
        (release(), 0.2, STEP_ENDS + 100, 0.2),
        # nothing is known of the end
        (release(step=None), 10, STEP_ENDS, 10),
        (release(Status.PAUSED), 10, STEP_ENDS - 30, 60),
        (release(Status.PAUSED, metrics={"errors": "ok"}), 10, STEP_ENDS - 30, 10),
    ],
)
def test_pause_until_the_next_look(running: Any, interval: float, now: float, expected: float) -> None:
    assert release_pause(running, progressive(interval), now) == expected


@pytest.mark.parametrize(("now", "expected"), [(0, 60), (50, 50), (99, 1), (100, 0), (200, 0)])
def test_pause_of_a_share_that_is_held(now: float, expected: float) -> None:
    assert hold_pause(100, progressive(), now) == expected


@pytest.mark.parametrize(
    ("wanted", "running", "expected"),
    [
        (progressive(timeout=7.0), release(), 7.0),
        (progressive(), None, 30 * 60 + 3600),
        (progressive(), release(), 30 * 60 + 3600),
        # what an adopted release or a plan shows, if that is longer
        (progressive(), release(steps=(Step(10_000, 60 * MINUTE),)), 55 * 60 + 3600),
        (desired(Strategy.PLAN), release(), 5 * 60 + 20 * 60 + 3600),
        (desired(Strategy.PLAN), release(step=None), 3600),
    ],
)
def test_timeout_of_a_wait(wanted: Any, running: Any, expected: float) -> None:
    assert timeout(wanted, running, NOW / 1000) == expected


@pytest.mark.parametrize(
    ("running", "words"),
    [
        (release(), "10 % (in_progress), step ends 07:38 UTC, done 07:58 UTC"),
        (release(steps=STEPS[:1]), "10 % (in_progress), step ends 07:38 UTC"),
        (release(Status.PAUSED), "10 % (waiting)"),
        (
            release(Status.PAUSED, reason="waiting_phase_ended"),
            "10 % (waiting), waits for a person to start its next phase in LaunchDarkly",
        ),
        (release(step=None, word="pending"), "0 % (pending)"),
    ],
)
def test_progress_of_a_release(running: Any, words: str) -> None:
    assert describe_release(running) == words


MINE = "[flagops undo 0123abcd]"


@pytest.mark.parametrize(
    ("entries", "audience", "expected"),
    [
        ([], EVERYONE, None),
        ([("updateRules", "x")], EVERYONE, None),
        ([("updateOn", "x")], EVERYONE, False),
        ([("updateOn", f"x {UNDO}")], EVERYONE, True),
        ([("updateFallthrough", UNDO)], EVERYONE, True),
        ([("updateFallthroughWithMeasuredRollout", "x"), ("updateOn", UNDO)], EVERYONE, False),
        # other changes are skipped, whatever they say
        ([("updateRules", UNDO), ("createApprovalRequest", ""), ("updateOn", "x")], EVERYONE, False),
        ([("updateRules", "x"), ("updateOn", UNDO)], EVERYONE, True),
        # the newest one counts
        ([("updateOn", "x"), ("updateOn", UNDO)], EVERYONE, False),
        # an audience has marks of its own, and is undone with all
        ([("updateRules", MINE), ("updateOn", "x")], "0123abcd", True),
        ([("updateRules", MINE), ("updateOn", "x")], EVERYONE, False),
        ([("updateRules", MINE), ("updateOn", "x")], "89abcdef", False),
        ([("updateOn", UNDO)], "0123abcd", True),
        ([("updateOn", "x"), ("updateRules", MINE)], "0123abcd", False),
    ],
)
def test_undo_in_the_audit_log(entries: list[tuple[str, str]], audience: str, expected: bool | None) -> None:
    log = [AuditEntry(9 - index, (action,), comment) for index, (action, comment) in enumerate(entries)]
    assert was_undone(log, audience) is expected


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (progressive(), ""),
        (desired(Strategy.PROGRESSIVE, steps=STEPS[:1]), "other steps"),
        (desired(Strategy.GUARDED), "other metrics"),
        (
            desired(Strategy.PROGRESSIVE, cleanup=LEAVE_RULES, randomization_unit="device"),
            "cleanup_behavior and randomization_unit",
        ),
        (desired(), ""),
        (desired(Strategy.PERCENTAGE, steps=STEPS[:1]), ""),
        (desired(Strategy.PLAN), ""),
    ],
)
def test_drift_of_a_running_release_is_a_warning(wanted: Any, words: str) -> None:
    found = " ".join(about_drift(release(), wanted))
    assert words in found
    assert bool(found) is bool(words)
