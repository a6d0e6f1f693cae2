# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own words and times."""

from __future__ import annotations

import itertools
import json

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import (
    Audience,
    Phase,
    Release,
    Status,
    environment_keys,
    time_from_millis,
)


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (None, None),
        (0, "1970-01-01T00:00:00.000Z"),
        (1793000000000, "2026-10-26T07:33:20.000Z"),
        (1793000000007, "2026-10-26T07:33:20.007Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (253402300799999, "9999-12-31T23:59:59.999Z"),
        (253402300800000, None),
        # Go's zero time: none
        (-62135596800000, None),
        (-62135596799999, "0001-01-01T00:00:00.001Z"),
        (-62135596800001, None),
        (9223372036854775807, None),
        (-9223372036854775808, None),
        (10**400, None),
    ],
)
def test_writes_a_time_in_utc_and_null_outside_the_calendar(millis: int | None, text: str | None) -> None:
    assert time_from_millis(millis) == text


def phases(*statuses: Status) -> tuple[Phase, ...]:
    return tuple(Phase(id=f"p{index}", name=f"P{index}", index=index, status=s) for index, s in enumerate(statuses))


@pytest.mark.parametrize("statuses", list(itertools.product(Status, repeat=2)))
def test_a_release_is_complete_when_every_phase_is(statuses: tuple[Status, Status]) -> None:
    release = Release("shop", "cart", phases=phases(*statuses))
    assert release.complete is (set(statuses) == {Status.COMPLETED})


def test_a_release_without_phases_is_not_complete() -> None:
    assert Release("shop", "cart").complete is False


def test_the_boolean_alone_makes_a_phase_complete() -> None:
    assert Phase(id="p", name="P", index=0, status=Status.ACTIVE, complete=True).is_completed


def test_with_phase_replaces_the_phase_at_its_place_only() -> None:
    before = Release("shop", "cart", phases=phases(Status.COMPLETED, Status.READY_TO_START))
    changed = Phase(id="p1", name="P1", index=1, status=Status.ACTIVE)
    assert before.with_phase(changed).phases == (before.phases[0], changed)
    assert before.phases[1].status is Status.READY_TO_START


def test_a_result_is_plain_json() -> None:
    result = Release("shop", "cart", phases=phases(Status.ACTIVE)).to_result()
    assert json.loads(json.dumps(result)) == result
    assert not isinstance(result["phases"][0]["status"], Status)


def test_environment_keys_are_in_order_and_unique() -> None:
    audiences = [Audience("1", environment_key=key) for key in ("b", None, "a", "b")]
    assert environment_keys(audiences) == ["b", "a"]
    assert environment_keys([{"environment_key": "b"}, {"environment_key": None}, {"environment_key": "a"}]) == [
        "b",
        "a",
    ]
    assert environment_keys(None) == []
