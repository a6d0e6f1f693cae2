# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision, for every state and every wish."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.pipelines.wire import WireRelease
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError, OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions import phase as phase_rules
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import (
    AudienceSettings,
    DesiredPhase,
    Target,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Release, Status
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    WORDS,
    release,
    wire_phase,
    wire_release,
)

TARGET = Target("shop", "cart")
N, R, A, P, C, U = (
    Status.NOT_STARTED,
    Status.READY_TO_START,
    Status.ACTIVE,
    Status.PAUSED,
    Status.COMPLETED,
    Status.UNKNOWN,
)
SETTABLE = (N, R, A, P, C)

# What becomes of the phase (row) that shall have a status (column). "." stands for nothing to do, "s" for a request,
# anything else for the error code. Left without strict, right with it.
NOT_READY, PAUSED, UNKNOWN = "phase_not_ready", "phase_paused", "unknown_status"
TABLE = {
    #     not_started    ready_to_start  active                     paused         completed
    N: ((".", "."), ("s", "s"), (NOT_READY, NOT_READY), ("s", "s"), ("s", "s")),
    R: (("s", "s"), (".", "."), ("s", "s"), ("s", "s"), ("s", "s")),
    A: (("s", "s"), ("s", "s"), (".", "."), ("s", "s"), ("s", "s")),
    P: (("s", "s"), ("s", "s"), (PAUSED, "s"), (".", "."), ("s", "s")),
    C: (("s", "s"), ("s", "s"), (".", "s"), ("s", "s"), (".", ".")),
    U: ((UNKNOWN, UNKNOWN),) * 5,
}
CASES = [
    pytest.param(current, wanted, strict, cell[strict], id=f"{current}-to-{wanted}{'-strict' if strict else ''}")
    for current, row in TABLE.items()
    for wanted, cell in zip(SETTABLE, row)
    for strict in (False, True)
]


def plan(current: Release, wanted: Status, *, strict: bool = False, **fields: Any) -> phase_rules.Action:
    return phase_rules.plan(current, DesiredPhase(TARGET, fields.pop("phase", "Two"), wanted, strict, **fields))


def outcome(action: phase_rules.Action, current: Release) -> str:
    if isinstance(action, phase_rules.Nothing):
        return "."
    if isinstance(action, phase_rules.NotReady):
        return action.explain(current).code
    return action.error.code if isinstance(action, phase_rules.Refuse) else "s"


@pytest.mark.parametrize("earlier", [A, C])
@pytest.mark.parametrize(("current", "wanted", "strict", "expected"), CASES)
def test_what_becomes_of_a_phase(earlier: Status, current: Status, wanted: Status, strict: bool, expected: str) -> None:
    state = release(WORDS[earlier], WORDS[current], "not-started")
    action = plan(state, wanted, strict=strict)
    assert outcome(action, state) == expected
    assert action.phase.name == "Two"
    if isinstance(action, phase_rules.Send):
        assert (action.status, action.name) == (wanted, "start" if wanted is A else "set_status")


@pytest.mark.parametrize(("current", "wanted", "strict", "expected"), CASES)
def test_a_canceled_release_is_left_alone(current: Status, wanted: Status, strict: bool, expected: str) -> None:
    state = release("completed", WORDS[current], _canceledAt=1793000000000)
    error = {"s": "release_canceled", NOT_READY: "release_canceled", PAUSED: "release_canceled"}
    assert outcome(plan(state, wanted, strict=strict), state) == error.get(expected, expected)


def test_a_plan_carried_out_leaves_nothing_to_do() -> None:
    for earlier, current, wanted, strict in itertools.product(SETTABLE, SETTABLE, SETTABLE, (False, True)):
        state = release(WORDS[earlier], WORDS[current])
        action = plan(state, wanted, strict=strict)
        if isinstance(action, phase_rules.NotReady):
            action = action.send
        if isinstance(action, phase_rules.Send):
            after = state.with_phase(action.predict())
            assert isinstance(plan(after, wanted, strict=strict), phase_rules.Nothing), (
                earlier,
                current,
                wanted,
                strict,
            )


def test_what_took_effect_leaves_nothing_to_do_without_strict() -> None:
    """Such as a phase that was started and has completed by itself since."""
    for before, now, wanted, strict in itertools.product(SETTABLE, SETTABLE, SETTABLE, (False, True)):
        state = release("completed", WORDS[now])
        sent_at = release("completed", WORDS[before]).phases[1]
        if phase_rules.took_effect(sent_at, state.phases[1], DesiredPhase(TARGET, "Two", wanted, strict)):
            assert isinstance(plan(state, wanted), phase_rules.Nothing), (before, now, wanted, strict)


def test_no_phase_is_started_before_the_service_says_so() -> None:
    for words in itertools.product([*WORDS.values(), None], repeat=3):
        for strict, startable in ((False, ["ready-to-start"]), (True, ["ready-to-start", "paused", "completed"])):
            action = plan(release(*words), A, strict=strict)
            assert isinstance(action, phase_rules.Send) is (words[1] in startable), (words, strict)


@pytest.mark.parametrize("earlier", [*WORDS.values(), None])
def test_ready_phase_starts_whatever_predecessors_show(earlier: str | None) -> None:
    assert isinstance(plan(release(earlier, "ready-to-start"), A), phase_rules.Send)


@pytest.mark.parametrize("word", ["simmering", "Rolling-Back", "??"])
def test_a_word_that_is_not_known_is_refused_quoting_it(word: str) -> None:
    action = plan(release("completed", word), A)
    assert isinstance(action, phase_rules.Refuse)
    assert f"'{word}'" in action.error.message


def test_a_word_that_is_not_known_outranks_the_booleans() -> None:
    state = WireRelease.model_validate(wire_release(wire_phase("Two", "simmering", complete=True))).to_release(
        "shop", "cart"
    )
    assert outcome(plan(state, C), state) == "unknown_status"


def test_unknown_word_of_another_phase_is_a_warning() -> None:
    state = release("simmering", "ready-to-start", "boiling")
    assert isinstance(plan(state, A), phase_rules.Send)
    warnings = phase_rules.warnings_about(state, but=state.phases[1])
    assert [word in warning for word, warning in zip(("'simmering'", "'boiling'"), warnings)] == [True, True]


def test_a_phase_that_is_not_ready_names_those_in_the_way() -> None:
    state = release("completed", "active", "paused", "not-started")
    action = plan(state, A, phase="Four")
    assert isinstance(action, phase_rules.NotReady)
    assert [phase.name for phase in action.blockers] == ["Two", "Three"]
    for text in (action.explain(state).message, action.forecast(state)):
        assert "'Two' (active)" in text
        assert "'Three' (paused)" in text
        assert "'One'" not in text


@pytest.mark.parametrize(
    ("words", "phase", "reason", "remedy"),
    [
        (("active", "not-started"), "Two", "phase 'One' (active) must complete first", "Complete the earlier phases"),
        (
            ("active", "paused", "not-started"),
            "Three",
            "phases 'One' (active), 'Two' (paused) must complete first",
            "Complete the earlier phases",
        ),
        (("completed", "not-started"), "Two", "LaunchDarkly still reports 'not-started'", "rerun the task"),
    ],
)
def test_a_phase_that_is_not_ready_says_why_and_what_to_do(
    words: tuple[str | None, ...], phase: str, reason: str, remedy: str
) -> None:
    state = release(*words)
    action = plan(state, A, phase=phase)
    assert isinstance(action, phase_rules.NotReady)
    message = action.explain(state).message
    assert f"Phase '{phase}' of shop/cart is not ready to start: " in message
    assert reason in message
    assert remedy in message
    # a plan that is not carried out is no failure to mend
    assert reason in action.forecast(state)
    assert remedy not in action.forecast(state)


def test_a_canceled_release_says_when_if_that_is_known() -> None:
    assert (
        "canceled at 2026-10-26T07:33:20.000Z."
        in phase_rules.release_canceled(release(_canceledAt=1793000000000)).message
    )
    assert "canceled." in phase_rules.release_canceled(release(_canceledAt=10**18)).message


def test_a_release_without_phases_says_so() -> None:
    with pytest.raises(LaunchDarklyError) as info:
        phase_rules.find_phase(release(), "Two")
    assert "Available: no phases" in info.value.message


@pytest.mark.parametrize(
    ("words", "lag"),
    [
        (("completed", "not-started"), True),
        (("complete", "not-started"), True),
        (("active", "not-started"), False),
        (("simmering", "not-started"), False),
    ],
)
def test_only_the_service_can_lag_behind_itself(words: tuple[str | None, ...], lag: bool) -> None:
    action = plan(release(*words), A)
    assert isinstance(action, phase_rules.NotReady)
    assert action.is_lag is lag


def test_the_first_phase_can_only_lag() -> None:
    action = plan(release("not-started"), A, phase="One")
    assert isinstance(action, phase_rules.NotReady)
    assert action.is_lag


@pytest.mark.parametrize("phase", ["One", "Two"])
def test_legacy_phase_is_not_started(phase: str) -> None:
    state = release(None, None)
    action = plan(state, A, phase=phase)
    assert isinstance(action, phase_rules.Refuse)
    assert action.error.code == "phase_not_ready"
    for text in (
        f"Phase '{phase}' of shop/cart cannot be started",
        "legacy",
        "mark the phase as complete in LaunchDarkly",
    ):
        assert text in action.error.message


@pytest.mark.parametrize(("wanted", "expected"), [(A, "."), (C, "."), (N, "s")])
def test_a_legacy_phase_is_judged_by_its_booleans(wanted: Status, expected: str) -> None:
    state = WireRelease.model_validate(wire_release(wire_phase("Two", None, complete=True))).to_release("shop", "cart")
    assert outcome(plan(state, wanted), state) == expected


@pytest.mark.parametrize("word", ["ready-to-start", "active", "not-started"])
def test_complete_is_complete_whatever_the_word(word: str) -> None:
    state = WireRelease.model_validate(wire_release(wire_phase("Two", word, complete=True))).to_release("shop", "cart")
    assert isinstance(plan(state, A), phase_rules.Nothing)
    assert isinstance(plan(state, C), phase_rules.Nothing)


def named(*pairs: tuple[str, str]) -> Release:
    phases = [wire_phase(name, "ready-to-start", _id=id_) for id_, name in pairs]
    return WireRelease.model_validate(wire_release(*phases)).to_release("shop", "cart")


@pytest.mark.parametrize(
    ("wanted", "index"),
    [("p1", 0), ("Test", 0), ("p2", 1), ("Production", 1), ("Test Germany", 2)],
)
def test_finds_a_phase_by_id_or_exact_name(wanted: str, index: int) -> None:
    assert (
        phase_rules.find_phase(named(("p1", "Test"), ("p2", "Production"), ("p3", "Test Germany")), wanted).index
        == index
    )


@pytest.mark.parametrize("wanted", ["test", "Test ", "Tes", "p", "0", ""])
def test_does_not_find_what_is_only_alike(wanted: str) -> None:
    with pytest.raises(LaunchDarklyError) as info:
        phase_rules.find_phase(named(("p1", "Test"), ("p2", "Production")), wanted)
    assert info.value.code == "phase_not_found"
    assert "'Test' (ready-to-start)" in info.value.message


def test_a_name_that_fits_twice_asks_for_an_id() -> None:
    with pytest.raises(LaunchDarklyError) as info:
        phase_rules.find_phase(named(("p1", "Test"), ("p2", "Test")), "Test")
    assert info.value.code == "phase_ambiguous"
    assert "p1, p2" in info.value.message


def test_phase_id_wins_over_an_equal_name() -> None:
    state = named(("p1", "p2"), ("p2", "Test"))
    assert phase_rules.find_phase(state, "p2").index == 1


def audience(id_: str, name: str | None, environment: str | None) -> dict[str, Any]:
    fields = {"_id": id_, "name": name, "environment": environment and {"key": environment}}
    return {key: value for key, value in fields.items() if value is not None}


AUDIENCES = [
    audience("a1", "Europe", "production-eu"),
    audience("a2", "America", "production-us"),
    audience("a3", "Beta", "production-us"),
    audience("a4", None, None),
]


def with_audiences() -> Release:
    document = wire_release(wire_phase("Two", "ready-to-start", _audiences=AUDIENCES))
    return WireRelease.model_validate(document).to_release("shop", "cart")


@pytest.mark.parametrize(
    ("wanted", "found"), [("a1", "a1"), ("Europe", "a1"), ("production-eu", "a1"), ("America", "a2"), ("a4", "a4")]
)
def test_finds_an_audience_by_id_name_or_environment(wanted: str, found: str) -> None:
    settings = AudienceSettings(wanted, {"rollout_weight": 50000})
    action = plan(with_audiences(), A, audiences=(settings,))
    assert isinstance(action, phase_rules.Send)
    assert action.audiences == (phase_rules.AudienceStart(found, settings),)


@pytest.mark.parametrize("wanted", ["europe", "a9", "None", ""])
def test_unknown_audience_is_refused_with_the_known_ones(wanted: str) -> None:
    with pytest.raises(LaunchDarklyError) as info:
        plan(with_audiences(), A, audiences=(AudienceSettings(wanted),))
    assert info.value.code == "audience_not_found"
    assert "'Europe' (production-eu, a1)" in info.value.message


@pytest.mark.parametrize("wanted", [("production-us",), ("Europe", "a1"), ("a2", "Europe", "America")])
def test_an_audience_that_fits_twice_is_an_option_to_mend(wanted: tuple[str, ...]) -> None:
    with pytest.raises(OptionError):
        plan(with_audiences(), A, audiences=tuple(AudienceSettings(item) for item in wanted))


def test_audiences_of_a_phase_that_lists_none_are_not_found() -> None:
    document = wire_release(wire_phase("Two", "ready-to-start", _audiences=None))
    with pytest.raises(LaunchDarklyError) as info:
        plan(WireRelease.model_validate(document).to_release("shop", "cart"), A, audiences=(AudienceSettings("a1"),))
    assert info.value.code == "audience_not_found"


def test_no_audiences_and_an_empty_list_are_told_apart() -> None:
    absent, empty = (plan(with_audiences(), A, audiences=given) for given in (None, ()))
    assert isinstance(absent, phase_rules.Send)
    assert isinstance(empty, phase_rules.Send)
    assert (absent.audiences, empty.audiences) == (None, ())


@pytest.mark.parametrize(
    ("wanted", "started", "complete"),
    [(N, False, False), (R, False, False), (A, True, False), (P, True, False), (C, True, True)],
)
def test_a_prediction_has_the_booleans_that_go_with_the_status(wanted: Status, started: bool, complete: bool) -> None:
    state = release("completed", "ready-to-start" if wanted is not R else "active")
    action = plan(state, wanted)
    assert isinstance(action, phase_rules.Send)
    after = action.predict()
    assert (after.status, after.started, after.complete) == (wanted, started, complete)
    # it is ours, not the service's word
    assert after.status_raw is None
