# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a flag has got: by its targeting in each environment, or by its release."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.markers import EVERYONE, ReleaseMark
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.release_progress import (
    environment_progress,
    phase_since,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import EnvironmentTargeting, Flag
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Phase, Release, Status
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_support import (
    BETA,
    COLOURS,
    KIND,
    NOW,
    ON,
    VARIATIONS,
    rule,
    split_of,
    targeting,
)

SINCE = "2026-10-26T07:33:20.000Z"
RELEASED = targeting(ON)
LEFT = str(ReleaseMark("01234567", EVERYONE, 1))


def progress(*places: EnvironmentTargeting, variation: Any = None, with_since: bool = False, **fields: Any) -> Any:
    keys = [f"e{number}" for number in range(len(places))]
    environments = {key: dataclasses.replace(place, key=key) for key, place in zip(keys, places)}
    flag = Flag("cart", **{"variations": VARIATIONS, **fields}, environments=environments)
    found = environment_progress("shop", flag, keys, variation, with_since=with_since)
    return (found.phase, found.status, found.since) if with_since else (found.phase, found.status)


@pytest.mark.parametrize(
    ("place", "status"),
    [
        (targeting(on=False), Status.READY_TO_START),
        (targeting(ON, on=False), Status.READY_TO_START),
        (targeting(), Status.READY_TO_START),
        (targeting(split_of(10_000)), Status.ACTIVE),
        (targeting(None, rule(serves=split_of(10_000))), Status.ACTIVE),
        # A release to a part of the contexts left its rule.
        (targeting("v-off", rule("r1", KIND, BETA, serves=ON, text=LEFT)), Status.ACTIVE),
        # A rule for testers.
        (targeting("v-off", rule("r1", BETA, serves=ON)), Status.READY_TO_START),
        (targeting("v-off", rule("r1", serves=split_of(10_000), enabled=False)), Status.READY_TO_START),
        (targeting("v-off", rule("r1", serves=split_of(0))), Status.READY_TO_START),
    ],
)
def test_environment_progress_status(place: EnvironmentTargeting, status: Status) -> None:
    assert progress(place) == ("e0", status)


def test_environment_progress_is_the_first_that_is_not_released() -> None:
    assert progress(RELEASED, RELEASED, targeting(on=False), RELEASED) == ("e2", Status.READY_TO_START)


def test_environment_progress_of_a_released_flag() -> None:
    assert progress(RELEASED, RELEASED) == (None, Status.COMPLETED)


def test_environment_progress_of_a_rollout_that_left_its_rule() -> None:
    assert progress(targeting("v-off", rule("r1", KIND, serves=ON, text=LEFT))) == (None, Status.COMPLETED)


def test_environment_progress_with_a_rule_in_the_way() -> None:
    assert progress(targeting(ON, rule("r1", KIND, serves="v-off", text=LEFT))) == ("e0", Status.ACTIVE)


def test_environment_progress_of_another_variation() -> None:
    assert progress(RELEASED, variation="Blue", variations=COLOURS) == ("e0", Status.READY_TO_START)
    assert progress(RELEASED, variation="red", variations=COLOURS) == (None, Status.COMPLETED)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((targeting(on=False),), None),
        ((targeting(split_of(10_000)),), SINCE),
        ((targeting(ON, changed_at=NOW), targeting(on=False, changed_at=1)), SINCE),
        ((targeting(ON, changed_at=1), targeting(ON, changed_at=NOW)), SINCE),
    ],
)
def test_environment_progress_since(places: tuple[EnvironmentTargeting, ...], expected: str | None) -> None:
    assert progress(*places, with_since=True)[2] == expected


@pytest.mark.parametrize("fields", [{"variations": COLOURS}, {"archived": True}])
def test_environment_progress_of_a_flag_that_does_not_fit(fields: dict[str, Any]) -> None:
    with pytest.raises(LaunchDarklyError):
        progress(targeting(), **fields)


PHASES = (
    Phase("a", "A", 0, Status.COMPLETED, created_at="c", started_at="s", completed_at="d"),
    Phase("b", "B", 1, Status.READY_TO_START, created_at="c"),
    Phase("d", "D", 2, Status.NOT_STARTED, created_at="c"),
)


@pytest.mark.parametrize(("phase_id", "expected"), [("a", "s"), ("b", "d"), ("d", "c"), ("x", None), (None, None)])
def test_phase_since(phase_id: str | None, expected: str | None) -> None:
    assert phase_since(Release("shop", "cart", phases=PHASES), phase_id) == expected
