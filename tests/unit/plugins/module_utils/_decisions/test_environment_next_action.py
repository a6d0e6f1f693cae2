# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The truth table of the state `released`: what is known, what is desired, and the one action that follows."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_actions import (
    AwaitApproval,
    Done,
    Facts,
    Holding,
    Patch,
    Read,
    Refuse,
    Running,
    Settling,
    Source,
    Start,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_next_action import plan
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.markers import (
    approval_mark,
    audience_of,
    read_release_mark,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import (
    DesiredEnvironmentRelease,
    Strategy,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.environment_release import (
    LEAVE_RULES,
    Metric,
    Step,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import (
    AddRule,
    Clause,
    RemoveRule,
    ServeByDefault,
    SwitchTargeting,
    serving_only,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Status
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_support import (
    BETA,
    COLOURS,
    COUNTRY,
    DEVICE,
    KIND,
    MINUTE,
    NOW,
    OFF,
    ON,
    STAFF,
    STEPS,
    THIRD,
    approval,
    desired,
    facts,
    flag,
    release,
    rule,
    split_of,
    targeting,
)

IMMEDIATE, PERCENTAGE, PROGRESSIVE, GUARDED, PLAN = Strategy
SERVE_ON, SERVE_OFF = ServeByDefault(serving_only(ON)), ServeByDefault(serving_only(OFF))
TURN_ON = SwitchTargeting(True)
BETA_ONLY = desired(PROGRESSIVE, segments=("beta",))
MARKED = "Release to eu [flagops 0123abcd everyone 1]"


def share(percent: int) -> ServeByDefault:
    return ServeByDefault(split_of(percent * 1000, context_kind="user"))


def kind_of(action: Any) -> str:
    """The action in one word: what is read, the code of a refusal, the name of a patch."""
    if isinstance(action, Read):
        return f"read {action.source.value}"
    if isinstance(action, Refuse):
        return action.error.code
    if isinstance(action, Patch):
        return f"prepare {action.name}" if action.comes_first else f"patch {action.name}"
    return type(action).__name__.lower()


def summary(known: Facts, wanted: DesiredEnvironmentRelease) -> tuple[str, str]:
    action = plan(known, wanted)
    return kind_of(action), action.status.value


RUNNING = rule("r1", KIND, serves=split_of(10_000))


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize(
    ("known", "expected"),
    [
        # a running release of the target is adopted, whoever started it, whatever the strategy
        (facts(targeting(OFF, RUNNING), release()), ("running", "active")),
        (facts(targeting(OFF, RUNNING), release(text=MARKED)), ("running", "active")),
        (facts(targeting(OFF, RUNNING), release(Status.PAUSED)), ("running", "paused")),
        (facts(targeting(ON, RUNNING), release()), ("running", "active")),
        (facts(targeting(OFF, RUNNING), release(Status.UNKNOWN)), ("unknown_status", "blocked")),
        # another target
        (facts(targeting(ON, RUNNING), release(target=OFF, original=ON)), ("other_release_active", "blocked")),
        (facts(targeting(OFF, RUNNING), release(Status.UNKNOWN, target=OFF)), ("other_release_active", "blocked")),
        # complete
        (facts(targeting(ON), unread=True), ("done", "completed")),
        (facts(targeting(ON, rule("u", COUNTRY)), unread=True), ("read releases", "completed")),
        (facts(targeting(ON, rule("u", COUNTRY))), ("done", "completed")),
        (facts(targeting(split_of(100_000))), ("done", "completed")),
        (facts(targeting(ON), undone=True), ("done", "completed")),
        (facts(targeting(ON), release(Status.REVERTED, rule_id="gone")), ("done", "completed")),
        # a rule that a release left behind shadows it, and goes, whatever else is known
        (facts(targeting(ON, rule("r1")), release(Status.REVERTED)), ("patch start", "ready_to_start")),
        (facts(targeting(ON, rule("r1", text=MARKED))), ("patch start", "ready_to_start")),
        (facts(targeting(ON, rule("r1", text=MARKED, enabled=False))), ("done", "completed")),
        (facts(targeting(ON, rule("r1", serves=ON)), release(Status.COMPLETED)), ("done", "completed")),
        (facts(targeting(ON, rule("r1", text=MARKED), off=ON)), ("patch start", "ready_to_start")),
        # taken back
        (facts(targeting(OFF), release(Status.REVERTED)), ("release_reverted", "reverted")),
        (facts(targeting(OFF, on=False), release(Status.REVERTED)), ("release_reverted", "reverted")),
        (facts(targeting(OFF), release(Status.COMPLETED)), ("release_reverted", "reverted")),
        (facts(targeting(ON, on=False), release(Status.COMPLETED)), ("release_reverted", "reverted")),
        (facts(targeting(OFF), release(Status.UNKNOWN, ended_at=NOW)), ("unknown_status", "blocked")),
        # LaunchDarkly has not cleaned up yet
        (facts(targeting(OFF, rule("r1", serves=ON)), release(Status.COMPLETED)), ("settling", "active")),
        # undone
        (facts(targeting(OFF), undone=None), ("read audit_log", "ready_to_start")),
        (facts(targeting(OFF), undone=True), ("release_undone", "reverted")),
        (facts(targeting(ON, on=False), undone=True), ("release_undone", "reverted")),
        # the default rule is somebody else's
        (facts(targeting(split_of(33_000))), ("default_rule_in_use", "blocked")),
        (facts(targeting(split_of(33_000), on=False)), ("default_rule_in_use", "blocked")),
        (facts(targeting(split_of(10_000, is_experiment=True))), ("default_rule_in_use", "blocked")),
        (facts(targeting(split_of(100_000, is_experiment=True))), ("default_rule_in_use", "blocked")),
        (facts(targeting(None)), ("default_rule_in_use", "blocked")),
        # before anything else, the list is read
        (facts(targeting(OFF), unread=True), ("read releases", "ready_to_start")),
        (facts(targeting(OFF, on=False), unread=True), ("read releases", "ready_to_start")),
    ],
)
def test_released_for_every_strategy(known: Facts, expected: tuple[str, str], strategy: Strategy) -> None:
    assert summary(known, desired(strategy)) == expected


@pytest.mark.parametrize(
    ("known", "wanted", "expected"),
    [
        # one semantic patch
        (targeting(OFF), desired(), (SERVE_ON,)),
        (targeting(OFF, on=False), desired(), (SERVE_ON, TURN_ON)),
        (targeting(ON, on=False), desired(), (TURN_ON,)),
        (targeting(OFF, off=ON), desired(), (SERVE_ON,)),
        (targeting(OFF, on=False, off=None), desired(), (SERVE_ON, TURN_ON)),
        # percentage: the first share
        (targeting(OFF), desired(PERCENTAGE), (share(10),)),
        (targeting(ON, on=False), desired(PERCENTAGE), (share(10), TURN_ON)),
        # turned off in the middle: from the first share again
        (targeting(split_of(50_000), on=False), desired(PERCENTAGE), (share(10), TURN_ON)),
        (targeting(OFF), desired(PERCENTAGE, steps=(Step(100_000, MINUTE),)), (SERVE_ON,)),
    ],
)
def test_start_by_one_patch(known: Any, wanted: DesiredEnvironmentRelease, expected: Any) -> None:
    assert plan(facts(known), wanted) == Patch("start", expected, Status.READY_TO_START)


@pytest.mark.parametrize("strategy", [PROGRESSIVE, GUARDED, PLAN])
@pytest.mark.parametrize(
    ("known", "prepared"),
    [
        (targeting(OFF), ()),
        (targeting(OFF, on=False), (TURN_ON,)),
        # nobody gets the new variation early
        (targeting(ON, on=False), (SERVE_OFF, TURN_ON)),
        (targeting(OFF, rule("mine", text=MARKED)), (RemoveRule("mine"),)),
        (targeting(OFF, rule("mine", text=MARKED, enabled=False)), (RemoveRule("mine"),)),
        (targeting(ON, rule("mine", text=MARKED), on=False), (SERVE_OFF, RemoveRule("mine"), TURN_ON)),
        # what serves the target was an earlier audience, and what no release made is the user's
        (targeting(OFF, rule("mine", KIND, BETA, serves=ON, text=MARKED), rule("users", COUNTRY)), ()),
    ],
)
def test_start_of_a_release_is_prepared(known: Any, prepared: Any, strategy: Strategy) -> None:
    action = plan(facts(known), desired(strategy))
    if prepared:
        assert action == Patch("start", prepared, Status.READY_TO_START, comes_first=True)
    else:
        assert isinstance(action, Start)
        assert (action.release.original_variation_id, action.release.target_variation_id) == (OFF, ON)


def test_start_of_a_progressive_release_in_full() -> None:
    wanted = desired(PROGRESSIVE, segments=("beta",), before_rule_id="b", comment="4711", bypass_health_checks=("c",))
    action = plan(facts(targeting(OFF)), wanted)
    assert isinstance(action, Start)
    new = action.release
    assert new.clauses == (KIND, BETA)
    assert (new.steps, new.metrics, new.randomization_unit) == (STEPS, (), "user")
    assert (new.cleanup, new.before_rule_id, new.comment) == (LEAVE_RULES, "b", "4711")
    assert new.bypass_health_checks == ("c",)
    mark = read_release_mark(new.description)
    assert mark is not None
    assert (mark.audience, mark.attempt) == (audience_of([BETA]), 1)
    assert "eu" in new.description


def test_start_of_a_guarded_release_has_metrics() -> None:
    action = plan(facts(targeting(OFF)), desired(GUARDED, randomization_unit="device"))
    assert isinstance(action, Start)
    assert action.release.metrics == (Metric("errors"),)
    assert action.release.clauses == (DEVICE,)


def test_start_from_a_plan_names_the_plan_alone() -> None:
    action = plan(facts(targeting(OFF)), desired(PLAN))
    assert isinstance(action, Start)
    assert (action.release.plan_key, action.release.steps, action.release.description) == ("standard", (), "")


def first_text(known: Facts, wanted: DesiredEnvironmentRelease) -> str:
    action = plan(known, wanted)
    assert isinstance(action, Start)
    return action.release.description


def test_start_counts_attempts_so_that_texts_are_unique() -> None:
    wanted = desired(PROGRESSIVE, retry_reverted=True)
    texts: list[str] = []
    ended: list[Any] = []
    for number in range(3):
        texts.append(first_text(facts(targeting(OFF), *ended), wanted))
        ended.insert(0, release(Status.REVERTED, text=texts[-1], release_id=f"rel{number}", rule_id=None))
    assert len(set(texts)) == 3
    # a rule of a release that LaunchDarkly has forgotten counts too
    known = facts(targeting(OFF, rule("old", COUNTRY, serves=ON, text=texts[2])))
    mark = read_release_mark(first_text(known, desired(PROGRESSIVE)))
    assert mark is not None
    assert mark.attempt == 4


@pytest.mark.parametrize(
    "other",
    [
        desired(PROGRESSIVE, steps=STEPS[:1]),
        desired(PROGRESSIVE, segments=("beta",)),
        desired(PROGRESSIVE, randomization_unit="device"),
        desired(PROGRESSIVE, cleanup=LEAVE_RULES),
        desired(GUARDED),
        desired(PROGRESSIVE, variation="Off", from_variation="On"),
    ],
)
def test_start_marks_differ_with_the_request(other: DesiredEnvironmentRelease) -> None:
    served = ON if other.variation else OFF
    own = read_release_mark(first_text(facts(targeting(OFF)), desired(PROGRESSIVE)))
    others = read_release_mark(first_text(facts(targeting(served)), other))
    assert own is not None
    assert others is not None
    assert own.request != others.request


@pytest.mark.parametrize(
    ("changed", "step", "expected"),
    [
        (NOW - 9 * MINUTE, 0, Holding(NOW + MINUTE, 10.0)),
        (NOW - 10 * MINUTE, 0, Patch("step", (share(50),), Status.ACTIVE)),
        # however late, one step at a time
        (NOW - 500 * MINUTE, 0, Patch("step", (share(50),), Status.ACTIVE)),
        (NOW - 10 * MINUTE, 1, Holding(NOW + 10 * MINUTE, 50.0)),
        (NOW - 20 * MINUTE, 1, Patch("step", (SERVE_ON,), Status.ACTIVE)),
    ],
)
@pytest.mark.parametrize("context_kind", [None, "user"])
def test_percentage_goes_step_by_step(changed: int, step: int, expected: Any, context_kind: str | None) -> None:
    where = targeting(split_of(STEPS[step].allocation, context_kind=context_kind), changed_at=changed)
    assert plan(facts(where), desired(PERCENTAGE)) == expected
    # the history of environment releases says nothing about it
    assert plan(facts(where, release(Status.REVERTED, rule_id=None), undone=True), desired(PERCENTAGE)) == expected


def test_percentage_on_hold_needs_the_flag_only() -> None:
    held = targeting(split_of(10_000))
    assert isinstance(plan(facts(held, unread=True), desired(PERCENTAGE)), Holding)
    due = targeting(split_of(10_000), changed_at=NOW - 10 * MINUTE)
    assert plan(facts(due, unread=True), desired(PERCENTAGE)) == Read(Source.RELEASES, Status.ACTIVE)


@pytest.mark.parametrize(
    "serving",
    [
        split_of(33_000),
        split_of(10_000, context_kind="device"),
        split_of(10_000, bucket_by="country"),
        split_of(10_000, is_experiment=True),
        split_of(10_000, origin=THIRD),
    ],
)
def test_percentage_leaves_the_splits_of_others_alone(serving: Any) -> None:
    known = facts(targeting(serving), flag=flag(targeting(serving), COLOURS))
    wanted = desired(PERCENTAGE, variation="red", from_variation="blue")
    assert summary(known, wanted) == ("default_rule_in_use", "blocked")


def test_step_takes_left_over_rules_along() -> None:
    where = targeting(split_of(10_000), rule("mine", text=MARKED), changed_at=0)
    assert plan(facts(where), desired(PERCENTAGE)) == Patch("step", (share(50), RemoveRule("mine")), Status.ACTIVE)


BETA_RULE = rule("b", KIND, BETA, serves=ON)


@pytest.mark.parametrize(
    ("known", "wanted", "expected"),
    [
        (targeting(OFF, BETA_RULE), BETA_ONLY, "done"),
        (targeting(OFF, rule("b", BETA, serves=ON)), BETA_ONLY, "done"),
        (targeting(OFF, BETA_RULE), desired(segments=("beta",)), "done"),
        (targeting(split_of(33_000), BETA_RULE), BETA_ONLY, "done"),
        (targeting(ON), BETA_ONLY, "done"),
        (targeting(OFF, rule("k", serves=ON)), desired(PROGRESSIVE, cleanup=LEAVE_RULES), "done"),
        # no proof
        (targeting(OFF, BETA_RULE, on=False), BETA_ONLY, "prepare start"),
        (targeting(OFF, rule("b", KIND, BETA, serves=ON, enabled=False)), BETA_ONLY, "start"),
        (targeting(OFF, rule("b", KIND, BETA, serves=split_of(99_000))), BETA_ONLY, "start"),
        (targeting(OFF, rule("b", KIND, STAFF, serves=ON)), BETA_ONLY, "start"),
        (targeting(OFF, rule("b", DEVICE, BETA, serves=ON)), BETA_ONLY, "start"),
        (targeting(OFF, rule("b", KIND, BETA, COUNTRY, serves=ON)), BETA_ONLY, "start"),
        (targeting(OFF, rule("k", serves=ON)), desired(PROGRESSIVE), "start"),
        (targeting(OFF, BETA_RULE), desired(), "patch start"),
        # a left-over rule ahead of it shadows it, one behind it does not
        (targeting(OFF, rule("x", text=MARKED), BETA_RULE), BETA_ONLY, "prepare start"),
        (targeting(OFF, BETA_RULE, rule("x", text=MARKED)), BETA_ONLY, "done"),
    ],
)
def test_audience_is_complete_by_its_rule(known: Any, wanted: DesiredEnvironmentRelease, expected: str) -> None:
    assert kind_of(plan(facts(known), wanted)) == expected


@pytest.mark.parametrize(
    ("order", "segments"), [(("beta", "staff"), ("staff", "beta")), (("staff", "beta"), ("staff", "beta"))]
)
def test_audience_does_not_depend_on_the_order(order: tuple[str, ...], segments: tuple[str, ...]) -> None:
    found = rule("b", Clause("segmentMatch", "segmentMatch", order), KIND, serves=ON)
    assert kind_of(plan(facts(targeting(OFF, found)), desired(PROGRESSIVE, segments=segments))) == "done"


def test_plan_that_leaves_rules_is_complete_by_them() -> None:
    ended = release(Status.COMPLETED, cleanup=LEAVE_RULES)
    assert kind_of(plan(facts(targeting(OFF, rule("r1", serves=ON)), ended), desired(PLAN))) == "done"
    assert kind_of(plan(facts(targeting(OFF, rule("r2", serves=ON)), ended), desired(PLAN))) == "start"


@pytest.mark.parametrize("unit", [None, "device"])
def test_immediate_release_to_segments_adds_a_rule(unit: str | None) -> None:
    wanted = desired(segments=("beta",), before_rule_id="first", randomization_unit=unit)
    action = plan(facts(targeting(ON, rule("mine", text=MARKED), on=False)), wanted)
    assert isinstance(action, Patch)
    *before, added, turned = (*action.changes[:-2], action.changes[-2], action.changes[-1])
    assert before == [SERVE_OFF, RemoveRule("mine")]
    assert isinstance(turned, AddRule)
    assert turned.clauses == ((BETA,) if unit is None else (DEVICE, BETA))
    assert (turned.variation_id, turned.before_rule_id) == (ON, "first")
    assert read_release_mark(turned.description) is not None
    assert added == TURN_ON
    assert not action.comes_first


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        # a completed release of another audience is no sign of an undo
        (BETA_ONLY, "start"),
        (desired(PROGRESSIVE), "release_reverted"),
        (desired(), "release_reverted"),
    ],
)
def test_completed_release_of_this_audience_was_undone(wanted: DesiredEnvironmentRelease, expected: str) -> None:
    assert kind_of(plan(facts(targeting(OFF), release(Status.COMPLETED, text=MARKED)), wanted)) == expected


def test_completed_release_of_a_segment_says_nothing_of_all() -> None:
    beta = release(Status.COMPLETED, text=f"x [flagops 0123abcd {audience_of([BETA])} 1]", cleanup=LEAVE_RULES)
    known = facts(targeting(OFF, rule("r1", KIND, BETA, serves=ON)), beta)
    assert kind_of(plan(known, desired(PROGRESSIVE))) == "start"
    # and the other way round, whatever became of the newest
    older = release(Status.COMPLETED, text=MARKED, release_id="old", rule_id="gone")
    assert kind_of(plan(facts(targeting(OFF), beta, older), desired())) == "release_reverted"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (targeting(THIRD), "patch start"),
        (targeting(OFF), "release_reverted"),
        (targeting(THIRD, on=False), "release_reverted"),
    ],
)
def test_completed_release_undone_only_at_its_origin(where: Any, expected: str) -> None:
    known = facts(where, release(Status.COMPLETED), flag=flag(where, COLOURS))
    assert kind_of(plan(known, desired(variation="red"))) == expected


@pytest.mark.parametrize(
    "known",
    [
        facts(targeting(OFF), release(Status.REVERTED), undone=True),
        facts(targeting(OFF), release(Status.COMPLETED), undone=None),
        facts(targeting(OFF), release(Status.UNKNOWN, ended_at=NOW)),
    ],
)
def test_retry_reverted_overrides_what_is_remembered(known: Facts) -> None:
    assert kind_of(plan(known, desired(retry_reverted=True))) == "patch start"


def test_retry_reverted_overrides_nothing_else() -> None:
    wanted = desired(retry_reverted=True)
    assert kind_of(plan(facts(targeting(split_of(33_000))), wanted)) == "default_rule_in_use"
    running = facts(targeting(ON, RUNNING), release(target=OFF, original=ON))
    assert kind_of(plan(running, wanted)) == "other_release_active"


@pytest.mark.parametrize(
    ("where", "wanted", "code"),
    [
        (targeting(ON, on=False, off=ON), desired(PROGRESSIVE), "invalid_option"),
        (targeting(OFF, on=False, off=None), desired(PROGRESSIVE), "invalid_option"),
        (targeting(OFF), desired(variation="On", from_variation="On"), "invalid_option"),
        (targeting(OFF), desired(variation="purple"), "variation_not_found"),
        (targeting(OFF), desired(PROGRESSIVE, from_variation="purple"), "variation_not_found"),
    ],
)
def test_options_that_do_not_fit_the_flag(where: Any, wanted: DesiredEnvironmentRelease, code: str) -> None:
    with pytest.raises(LaunchDarklyError) as caught:
        plan(facts(where), wanted)
    assert caught.value.code == code
    assert "shop/cart" in caught.value.message


def test_variation_is_required_for_other_flags() -> None:
    known = facts(targeting(OFF), flag=flag(targeting(OFF), COLOURS))
    with pytest.raises(LaunchDarklyError, match=r"variation is required.*red") as caught:
        plan(known, desired())
    assert caught.value.code == "invalid_option"


def test_origin_other_than_what_is_served_is_in_use() -> None:
    known = facts(targeting(THIRD), flag=flag(targeting(THIRD), COLOURS))
    wanted = desired(PROGRESSIVE, variation="red", from_variation="blue")
    action = plan(known, wanted)
    assert kind_of(action) == "default_rule_in_use"
    assert isinstance(action, Refuse)
    assert "'Green'" in action.error.message
    # while off nobody gets it, and without a rollout it does not matter
    assert kind_of(plan(dataclasses.replace(known, flag=flag(targeting(THIRD, on=False), COLOURS)), wanted)) == (
        "prepare start"
    )
    assert kind_of(plan(known, desired(variation="red", from_variation="blue"))) == "patch start"


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (flag(targeting(ON), archived=True), "flag_archived"),
        (flag(dataclasses.replace(targeting(ON), key="us")), "environment_not_found"),
    ],
)
def test_flag_that_cannot_be_released(known: Any, code: str) -> None:
    with pytest.raises(LaunchDarklyError) as caught:
        plan(facts(targeting(ON), flag=known), desired())
    assert caught.value.code == code


def test_segments_have_to_exist() -> None:
    wanted = desired(PROGRESSIVE, segments=("beta", "moon"))
    assert kind_of(plan(facts(targeting(OFF), segments=None), wanted)) == "read segments"
    action = plan(facts(targeting(OFF)), wanted)
    assert isinstance(action, Refuse)
    assert action.error.code == "segment_not_found"
    assert "'moon'" in action.error.message


ASKED = desired(request_approval=True)
MARK = approval_mark(ON, "eu", "everyone")


@pytest.mark.parametrize(
    ("approvals", "wanted", "expected"),
    [
        (None, ASKED, "read approvals"),
        ((), ASKED, "patch start"),
        (None, desired(), "patch start"),
        ((approval(f"x {MARK}"),), ASKED, "awaitapproval"),
        ((approval(f"x {MARK}", "approved"),), ASKED, "awaitapproval"),
        ((approval(f"x {MARK}", "approved", "scheduled"),), ASKED, "awaitapproval"),
        # somebody else's, another environment's or audience's, and one that is applied
        ((approval("x"),), ASKED, "patch start"),
        ((approval(approval_mark(ON, "us", "everyone")),), ASKED, "patch start"),
        ((approval(approval_mark(ON, "eu", "0123abcd")),), ASKED, "patch start"),
        ((approval(MARK, "approved", "completed"),), ASKED, "patch start"),
        # refused
        ((approval(MARK, "declined"),), ASKED, "approval_declined"),
        ((approval(MARK, "approved", "failed"),), ASKED, "approval_declined"),
        ((approval(MARK, "declined"),), desired(request_approval=True, retry_reverted=True), "patch start"),
        # the newest counts
        (
            (approval(MARK, "declined"), approval(MARK, requested_at="2026-10-26T08:00:00.000Z")),
            ASKED,
            "awaitapproval",
        ),
    ],
)
def test_approval_request_of_ours(approvals: Any, wanted: DesiredEnvironmentRelease, expected: str) -> None:
    action = plan(facts(targeting(OFF), approvals=approvals), wanted)
    assert kind_of(action) == expected
    if isinstance(action, AwaitApproval):
        assert action.status is Status.ACTIVE


def test_rules_of_earlier_audiences_go_with_the_last() -> None:
    earlier = rule("b", KIND, BETA, serves=ON, text=MARKED)
    known = facts(targeting(ON, rule("users", COUNTRY, serves=ON), earlier))
    assert isinstance(plan(known, desired()), Done)
    assert plan(known, desired(sweep=True)) == Patch("start", (RemoveRule("b"),), Status.COMPLETED)
    # not before everybody gets the target
    assert isinstance(plan(facts(targeting(OFF, earlier)), desired(PROGRESSIVE, segments=("beta",), sweep=True)), Done)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (
            facts(
                targeting(OFF),
                release(Status.REVERTED, reason="reverted_regression_detected", metrics={"errors": "regressed"}),
            ),
            [
                "rolled back by LaunchDarkly",
                "regressed (errors)",
                "2026-10-26T07:32:20",
                "retry_reverted: true",
                "rel1",
            ],
        ),
        (facts(targeting(OFF), release(Status.REVERTED, reason="reverted_manual")), ["rolled back by hand"]),
        (facts(targeting(OFF), release(Status.REVERTED, reason="reverted_discarded")), ["discarded"]),
        (facts(targeting(OFF), release(Status.REVERTED, reason="reverted_insufficient_data")), ["too little data"]),
        (facts(targeting(OFF), release(Status.REVERTED, reason="reverted_by_moon")), ["reverted (reverted_by_moon)"]),
        (
            facts(targeting(OFF), release(Status.COMPLETED)),
            ["completed", "not served any more", "retry_reverted: true"],
        ),
        (facts(targeting(OFF), undone=True), ["audit log", "'On'", "retry_reverted: true"]),
        (facts(targeting(split_of(33_000))), ["a rollout (33 % 'On', 67 % 'Off')", "set the default rule"]),
        (facts(targeting(split_of(33_000, is_experiment=True))), ["an experiment"]),
        (facts(targeting(ON, RUNNING), release(target=OFF)), ["'Off'", "in_progress", "rel1", "stop it"]),
        (facts(targeting(OFF, RUNNING), release(Status.UNKNOWN)), ["'simmering'", "newer version"]),
    ],
)
def test_refusal_names_the_fact_and_the_remedy(known: Facts, words: list[str]) -> None:
    action = plan(known, desired())
    assert isinstance(action, Refuse)
    for word in ("shop/cart", "eu", *words):
        assert word in action.error.message


def test_settling_ends_with_the_flag() -> None:
    ended = release(Status.COMPLETED)
    assert isinstance(plan(facts(targeting(OFF, rule("r1", serves=ON)), ended), desired()), Settling)
    assert isinstance(plan(facts(targeting(ON), ended), desired()), Done)


def test_running_release_of_another_audience_is_awaited() -> None:
    action = plan(
        facts(targeting(OFF, rule("r1", KIND, BETA, serves=split_of(10_000))), release()), desired(PROGRESSIVE)
    )
    assert isinstance(action, Running)
