# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a release in an environment stands."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_actions import (
    Facts,
    Source,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_state import assess
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import Strategy
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Status
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_support import (
    COUNTRY,
    KIND,
    MINUTE,
    NOW,
    OFF,
    ON,
    STEPS,
    desired,
    facts,
    release,
    rule,
    split_of,
    targeting,
)

PERCENTAGE = desired(Strategy.PERCENTAGE)
RUNNING = rule("r1", KIND, serves=split_of(10_000))


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (facts(targeting(OFF)), ("ready_to_start", None, None, 0.0)),
        (facts(targeting(OFF), undone=None), ("ready_to_start", Source.AUDIT_LOG, None, 0.0)),
        (facts(targeting(OFF), unread=True), ("ready_to_start", Source.RELEASES, None, 0.0)),
        (facts(targeting(ON), unread=True), ("completed", None, None, 100.0)),
        (facts(targeting(ON, rule("u", COUNTRY)), unread=True), ("completed", Source.RELEASES, None, 100.0)),
        (facts(targeting(split_of(10_000))), ("active", None, None, 10.0)),
        (facts(targeting(OFF, RUNNING), release()), ("active", None, None, 10.0)),
        (facts(targeting(OFF, RUNNING), release(Status.PAUSED, step=1)), ("paused", None, None, 50.0)),
        (facts(targeting(OFF), release(Status.REVERTED)), ("reverted", None, "release_reverted", 0.0)),
        (facts(targeting(OFF), undone=True), ("reverted", None, "release_undone", 0.0)),
        (facts(targeting(split_of(33_000))), ("blocked", None, "default_rule_in_use", 0.0)),
    ],
)
def test_state_of_a_release(known: Facts, expected: Any) -> None:
    state = assess(known, PERCENTAGE)
    code = state.error.code if state.error else None
    assert (state.status.value, state.needs, code, state.percent) == expected
    assert state.to_result(known)["status"] == expected[0]


def test_state_has_the_window_and_the_next_step() -> None:
    held = assess(facts(targeting(split_of(10_000))), PERCENTAGE)
    assert (held.window, held.next_step_at) == (30 * 60.0, NOW + 10 * MINUTE)
    # what runs may have other steps
    running = assess(facts(targeting(OFF, RUNNING), release(steps=STEPS[:1])), PERCENTAGE)
    assert (running.window, running.next_step_at) == (10 * 60.0, NOW + 5 * MINUTE)


PROGRESSIVE = desired(Strategy.PROGRESSIVE)
ENDED = release(Status.COMPLETED)


@pytest.mark.parametrize(
    ("known", "strategy", "expected"),
    [
        (facts(targeting(ON), ENDED), Strategy.PROGRESSIVE, NOW - MINUTE),
        # A release of long ago says nothing about a patch of today.
        (facts(targeting(ON), ENDED), Strategy.IMMEDIATE, NOW),
        (facts(targeting(ON), ENDED), Strategy.PERCENTAGE, NOW),
        (facts(targeting(ON, changed_at=NOW - 7)), Strategy.PROGRESSIVE, NOW - 7),
        (facts(targeting(OFF)), Strategy.PROGRESSIVE, None),
        (facts(targeting(OFF), release(Status.REVERTED)), Strategy.PROGRESSIVE, None),
    ],
)
def test_state_ends_with_the_release_or_the_patch(known: Facts, strategy: Strategy, expected: int | None) -> None:
    assert assess(known, desired(strategy)).ended_at == expected


@pytest.mark.parametrize(
    ("known", "strategy", "expected"),
    [
        (facts(targeting(OFF, RUNNING), release()), Strategy.PROGRESSIVE, NOW - 5 * MINUTE),
        (facts(targeting(split_of(10_000), changed_at=NOW - 7)), Strategy.PERCENTAGE, NOW - 7),
        (facts(targeting(split_of(50_000), changed_at=NOW - 7)), Strategy.PERCENTAGE, None),
        (facts(targeting(ON, changed_at=NOW - 7), ENDED), Strategy.IMMEDIATE, NOW - 7),
        (facts(targeting(ON), ENDED), Strategy.PERCENTAGE, None),
        (facts(targeting(OFF)), Strategy.IMMEDIATE, None),
    ],
)
def test_state_begins_with_the_release_or_the_patch(known: Facts, strategy: Strategy, expected: int | None) -> None:
    assert assess(known, desired(strategy)).started_at == expected
