# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The truth tables of the states `rolled_back` and `rolled_forward`."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_actions import (
    Done,
    Facts,
    Patch,
    Read,
    Refuse,
    Settling,
    Source,
    Stop,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_next_action import plan
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.markers import audience_of
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import (
    DesiredEnvironmentRelease,
    State,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.environment_release import LEAVE_RULES
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import (
    RemoveRule,
    ServeByDefault,
    serving_only,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Status
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_support import (
    BETA,
    COLOURS,
    COUNTRY,
    KIND,
    OFF,
    ON,
    STAFF,
    THIRD,
    facts,
    flag,
    release,
    rule,
    split_of,
    targeting,
    undo,
)

MARKED = "Release to eu [flagops 0123abcd everyone 1]"
BETA_MARK = f"Release to eu [flagops 0123abcd {audience_of([BETA])} 1]"
SERVE_OFF = ServeByDefault(serving_only(OFF))
RUNNING = rule("r1", KIND, serves=split_of(10_000))
FORWARD = undo(State.ROLLED_FORWARD)


def patch(*changes: Any, status: Status = Status.COMPLETED) -> Patch:
    return Patch("roll_back", changes, status, is_undo=True)


BETA_RULE = rule("b", KIND, BETA, serves=ON, text=BETA_MARK)


@pytest.mark.parametrize(
    ("known", "wanted", "expected"),
    [
        # one GET is enough where nothing can run and nothing serves the target
        (facts(targeting(OFF), unread=True), undo(), Done(Status.READY_TO_START)),
        (facts(targeting(ON, on=False), unread=True), undo(), Done(Status.READY_TO_START)),
        (facts(targeting(OFF, rule()), unread=True), undo(), Read(Source.RELEASES, Status.COMPLETED)),
        (facts(targeting(ON), unread=True), undo(), Read(Source.RELEASES, Status.COMPLETED)),
        (facts(targeting(split_of(10_000)), unread=True), undo(), Read(Source.RELEASES, Status.ACTIVE)),
        # a running release is stopped, with any word
        (facts(targeting(OFF, RUNNING), release()), undo(), Stop(release(), roll_forward=False)),
        (
            facts(targeting(OFF, RUNNING), release(Status.PAUSED)),
            undo(),
            Stop(release(Status.PAUSED), roll_forward=False),
        ),
        (
            facts(targeting(OFF, RUNNING), release(Status.UNKNOWN)),
            undo(),
            Stop(release(Status.UNKNOWN), roll_forward=False),
        ),
        # afterwards its rule serves the original, and that is that
        (facts(targeting(OFF, rule("r1")), release(Status.REVERTED)), undo(), Done(Status.REVERTED)),
        # too late: as soon as LaunchDarkly has carried the end over to the flag
        (
            facts(targeting(OFF, rule("r1", serves=ON)), release(Status.COMPLETED)),
            undo(),
            Settling(release(Status.COMPLETED)),
        ),
        (facts(targeting(ON), release(Status.COMPLETED)), undo(), patch(SERVE_OFF)),
        # one patch: the default rule, and every rule of a release
        (facts(targeting(ON)), undo(), patch(SERVE_OFF)),
        (facts(targeting(split_of(10_000))), undo(), patch(SERVE_OFF, status=Status.ACTIVE)),
        (
            facts(targeting(ON, rule("users", COUNTRY, serves=ON), rule("x", text=MARKED), BETA_RULE)),
            undo(),
            patch(SERVE_OFF, RemoveRule("x"), RemoveRule("b")),
        ),
        (
            facts(targeting(OFF, rule("r1", serves=ON)), release(Status.COMPLETED, cleanup=LEAVE_RULES)),
            undo(),
            patch(RemoveRule("r1")),
        ),
        # nothing serves the target
        (facts(targeting(OFF, rule("users", COUNTRY, serves=ON))), undo(), Done(Status.READY_TO_START)),
        (facts(targeting(OFF, rule("x", text=MARKED))), undo(), Done(Status.READY_TO_START)),
        (
            facts(targeting(OFF, rule("x", serves=ON, text=MARKED, enabled=False))),
            undo(),
            Done(Status.READY_TO_START),
        ),
        (facts(targeting(ON, rule("x", serves=ON, text=MARKED), on=False)), undo(), Done(Status.READY_TO_START)),
        (facts(targeting(ON, on=False), release(Status.REVERTED)), undo(), Done(Status.REVERTED)),
        # with segments: the rule of this audience, and the default rule stays
        (facts(targeting(ON, BETA_RULE)), undo(segments=("beta",)), patch(RemoveRule("b"))),
        (facts(targeting(ON, BETA_RULE)), undo(segments=("staff",)), Done(Status.READY_TO_START)),
        (
            facts(targeting(ON, rule("users", KIND, BETA, serves=ON))),
            undo(segments=("beta",)),
            Done(Status.READY_TO_START),
        ),
        (
            facts(targeting(OFF, rule("r1", KIND, BETA, serves=split_of(10_000))), release()),
            undo(segments=("beta",)),
            Stop(release(), roll_forward=False),
        ),
        (
            facts(targeting(OFF, rule("r1", KIND, STAFF, serves=split_of(10_000)), BETA_RULE), release()),
            undo(segments=("beta",)),
            patch(RemoveRule("b")),
        ),
    ],
)
def test_rolled_back(known: Facts, wanted: DesiredEnvironmentRelease, expected: Any) -> None:
    assert plan(known, wanted) == expected


@pytest.mark.parametrize(
    ("where", "releases", "from_variation", "expected"),
    [
        # what the default rule serves beside the target
        (targeting(split_of(10_000, origin=THIRD)), [], None, THIRD),
        # the origin of the newest release of the target
        (targeting(ON), [release(Status.COMPLETED, original=THIRD)], None, THIRD),
        (
            targeting(ON),
            [release(Status.COMPLETED, target=OFF, original=ON), release(Status.COMPLETED, original=THIRD)],
            None,
            THIRD,
        ),
        # the off variation
        (targeting(ON, off=THIRD), [], None, THIRD),
        # what the task says
        (targeting(ON), [release(Status.COMPLETED)], "green", THIRD),
    ],
)
def test_rolled_back_goes_back_to(where: Any, releases: Any, from_variation: Any, expected: str) -> None:
    known = facts(where, *releases, flag=flag(where, COLOURS))
    action = plan(known, undo(variation="red", from_variation=from_variation))
    assert isinstance(action, Patch)
    assert action.changes == (ServeByDefault(serving_only(expected)),)


@pytest.mark.parametrize(
    ("where", "fields"),
    [
        (targeting(ON, off=None), {}),
        (targeting(ON, off=ON), {}),
        (targeting(ON), {"from_variation": True}),
    ],
)
def test_rolled_back_asks_where_to(where: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(LaunchDarklyError, match="from_variation") as caught:
        plan(facts(where), undo(**fields))
    assert caught.value.code == "invalid_option"


def test_rolled_back_needs_no_origin_for_rules_alone() -> None:
    assert plan(facts(targeting(OFF, BETA_RULE, off=ON)), undo()) == patch(RemoveRule("b"))


@pytest.mark.parametrize(
    ("known", "wanted", "code"),
    [
        (facts(targeting(ON, RUNNING), release(target=OFF, original=ON)), undo(), "other_release_active"),
        (facts(targeting(split_of(10_000, is_experiment=True))), undo(), "default_rule_in_use"),
    ],
)
def test_rolled_back_refused(known: Facts, wanted: DesiredEnvironmentRelease, code: str) -> None:
    action = plan(known, wanted)
    assert isinstance(action, Refuse)
    assert (action.error.code, action.status) == (code, Status.BLOCKED)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (facts(targeting(ON), unread=True), "read"),
        (facts(targeting(OFF, RUNNING), release()), "stop"),
        (facts(targeting(OFF, RUNNING), release(Status.PAUSED)), "stop"),
        (facts(targeting(ON)), "done"),
        (facts(targeting(ON), release(Status.REVERTED)), "done"),
        (
            facts(targeting(OFF, rule("r1", serves=ON)), release(Status.COMPLETED, cleanup=LEAVE_RULES)),
            "done",
        ),
        (facts(targeting(OFF, rule("r1", serves=ON)), release(Status.COMPLETED)), "settling"),
        (facts(targeting(OFF), release(Status.REVERTED)), "release_reverted"),
        (facts(targeting(OFF), release(Status.COMPLETED)), "release_reverted"),
        (facts(targeting(OFF)), "no_release_running"),
        (facts(targeting(split_of(10_000))), "no_release_running"),
        (facts(targeting(ON, RUNNING), release(target=OFF, original=ON)), "other_release_active"),
    ],
)
def test_rolled_forward(known: Facts, expected: str) -> None:
    action = plan(known, FORWARD)
    found = action.error.code if isinstance(action, Refuse) else type(action).__name__.lower()
    assert found == expected
    if isinstance(action, Stop):
        assert action.roll_forward
