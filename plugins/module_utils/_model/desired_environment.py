# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a task asks for of a flag's release in one environment, checked and immutable."""

from __future__ import annotations

import enum
import typing as t
from dataclasses import dataclass

from .._core.errors import OptionError
from .desired import EnvironmentTarget, target_from_options
from .environment_release import LEAVE_RULES, REMOVE_RULES, Metric, Step
from .flag import EVERYBODY
from .values import read_key, read_seconds

if t.TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_UNIT = "user"
# A guarded release keeps a control group of the same size.
LARGEST_GUARDED_PERCENT = 50
# What a wait allows for beyond the steps, in seconds.
GRACE = 3600.0


class State(str, enum.Enum):
    RELEASED = "released"
    ROLLED_BACK = "rolled_back"
    ROLLED_FORWARD = "rolled_forward"


class Strategy(str, enum.Enum):
    """IMMEDIATE and PERCENTAGE change the flag's targeting; the others start an environment release."""

    IMMEDIATE = "immediate"
    PERCENTAGE = "percentage"
    PROGRESSIVE = "progressive"
    GUARDED = "guarded"
    PLAN = "plan"


STEPPED = frozenset({Strategy.PERCENTAGE, Strategy.PROGRESSIVE, Strategy.GUARDED})
SEGMENTED = frozenset({Strategy.IMMEDIATE, Strategy.PROGRESSIVE, Strategy.GUARDED})


@dataclass(frozen=True)
class EnvironmentWait:
    """Times are seconds; `timeout` None stands for the length of the steps and `GRACE`."""

    wait: bool = False
    timeout: float | None = None
    interval: float = 10.0
    on_regression: str = "fail"
    on_approval: str = "wait"
    approval_timeout: float = 86400.0
    health_check_timeout: float = 0.0


@dataclass(frozen=True)
class DesiredEnvironmentRelease:
    """`variation` and `from_variation` are an ID, a name or a value; `randomization_unit` and `cleanup` None where not given.

    `sweep` also removes the rules of earlier audiences once everybody gets the target. `begun`: the release has begun before, so that
    nothing is started any more.
    """

    target: EnvironmentTarget
    state: State = State.RELEASED
    variation: t.Any = None
    from_variation: t.Any = None
    strategy: Strategy = Strategy.IMMEDIATE
    steps: tuple[Step, ...] = ()
    randomization_unit: str | None = None
    metrics: tuple[Metric, ...] = ()
    plan_key: str | None = None
    segments: tuple[str, ...] = ()
    cleanup: str | None = None
    before_rule_id: str | None = None
    bypass_health_checks: tuple[str, ...] = ()
    comment: str | None = None
    request_approval: bool = False
    notify_member_ids: tuple[str, ...] = ()
    notify_team_keys: tuple[str, ...] = ()
    retry_reverted: bool = False
    waiting: EnvironmentWait = EnvironmentWait()
    sweep: bool = False
    begun: bool = False

    @property
    def unit(self) -> str:
        return self.randomization_unit or DEFAULT_UNIT

    @property
    def cleanup_behavior(self) -> str:
        return self.cleanup or (LEAVE_RULES if self.segments else REMOVE_RULES)

    @property
    def starts_release(self) -> bool:
        """Is it LaunchDarkly that takes the steps?"""
        return self.strategy not in (Strategy.IMMEDIATE, Strategy.PERCENTAGE)

    @property
    def leaves_rules(self) -> bool:
        """Does the release end with a rule that serves the target, the default rule being left as it is?"""
        return bool(self.segments) or (
            self.strategy in (Strategy.PROGRESSIVE, Strategy.GUARDED) and self.cleanup_behavior == LEAVE_RULES
        )

    @property
    def window(self) -> float:
        """Seconds that the steps take together."""
        return sum(step.duration for step in self.steps) / 1000


@dataclass(frozen=True)
class EnvironmentReleaseFilter:
    """Which releases are listed; None stands for all. `with_metrics` reads the definition of each metric."""

    target: EnvironmentTarget
    kind: str | None = None
    status: tuple[str, ...] | None = None
    with_metrics: bool = False


def environment_target_from_options(options: Mapping[str, t.Any]) -> EnvironmentTarget:
    flag = target_from_options(options)
    return EnvironmentTarget(flag.project_key, flag.flag_key, read_key("environment_key", options["environment_key"]))


def environment_filter_from_options(options: Mapping[str, t.Any]) -> EnvironmentReleaseFilter:
    return EnvironmentReleaseFilter(
        environment_target_from_options(options),
        kind=options["kind"],
        status=None if options["status"] is None else tuple(options["status"]),
        with_metrics=options["metrics"],
    )


def environment_release_from_options(
    options: Mapping[str, t.Any], *, sweep: bool = False, begun: bool = False
) -> DesiredEnvironmentRelease:
    """Raises OptionError `invalid_option` for what cannot be meant. An undo ignores how the release was made."""
    state = State(options["state"])
    strategy = Strategy(options["strategy"])
    segments = _keys("segments", options["segments"])
    common: dict[str, t.Any] = {
        "target": environment_target_from_options(options),
        "state": state,
        "variation": options["variation"],
        "from_variation": options["from_variation"],
        "segments": segments,
        "comment": options["comment"],
        "retry_reverted": options["retry_reverted"],
        "waiting": _waiting(options),
        "sweep": sweep,
        "begun": begun,
    }
    if state is not State.RELEASED:
        return DesiredEnvironmentRelease(**common)
    _check_combination(strategy, options)
    return DesiredEnvironmentRelease(
        **common,
        strategy=strategy,
        steps=_steps(strategy, options["steps"]),
        randomization_unit=_optional_key("randomization_unit", options["randomization_unit"]),
        metrics=_metrics(options["metrics"]),
        plan_key=_optional_key("release_plan_key", options["release_plan_key"]),
        cleanup=options["cleanup_behavior"],
        before_rule_id=options["before_rule_id"],
        bypass_health_checks=tuple(options["bypass_health_checks"] or ()),
        request_approval=options["request_approval"],
        notify_member_ids=tuple(options["notify_member_ids"] or ()),
        notify_team_keys=tuple(options["notify_team_keys"] or ()),
    )


def _check_combination(strategy: Strategy, options: Mapping[str, t.Any]) -> None:
    """Refuse options that exclude each other, and those that the strategy needs or has no use for."""
    needs = {
        "steps": strategy in STEPPED,
        "metrics": strategy is Strategy.GUARDED,
        "release_plan_key": strategy is Strategy.PLAN,
    }
    for name, needed in needs.items():
        if needed and not options[name]:
            raise OptionError(f"strategy {strategy.value} needs {name}.")
        if options[name] and not needed:
            raise OptionError(f"{name} does not go with strategy {strategy.value}: remove one of the two.")
    if strategy is Strategy.PLAN:
        for name in ("randomization_unit", "cleanup_behavior"):
            if options[name] is not None:
                raise OptionError(
                    f"{name} comes from the release plan: remove it, or choose another strategy than plan."
                )
    if options["segments"] and strategy not in SEGMENTED:
        raise OptionError(
            f"segments does not go with strategy {strategy.value}: use immediate, progressive or guarded."
        )
    if options["segments"] and options["cleanup_behavior"] == REMOVE_RULES:
        raise OptionError(
            f"cleanup_behavior {REMOVE_RULES} with segments ends with a release to everybody, not to the segments."
            f" Remove it, or use {LEAVE_RULES}."
        )
    if options["request_approval"] and strategy is not Strategy.IMMEDIATE:
        raise OptionError(
            f"request_approval does not go with strategy {strategy.value}: LaunchDarkly documents no approval request that"
            " starts a rollout. Use strategy immediate, or a token whose role has bypassRequiredApproval."
        )


def _steps(strategy: Strategy, given: list[dict[str, t.Any]] | None) -> tuple[Step, ...]:
    largest = LARGEST_GUARDED_PERCENT if strategy is Strategy.GUARDED else 100
    steps = tuple(_step(item, largest) for item in given or ())
    for earlier, later in zip(steps, steps[1:]):
        if later.allocation <= earlier.allocation:
            raise OptionError(f"steps: percent has to increase, but {later.percent:g} follows {earlier.percent:g}.")
    return steps


def _step(given: Mapping[str, t.Any], largest: int) -> Step:
    percent = given["percent"]
    # Written so that "not a number" is refused too.
    if not 0.001 <= percent <= largest:
        why = ", so that a control group of the same size remains" if largest < 100 else ""
        raise OptionError(f"steps: percent is {percent:g}, but it has to be from 0.001 to {largest}{why}.")
    seconds = read_seconds("steps: duration", given["duration"], smallest=0.001)
    return Step(allocation=round(percent * EVERYBODY / 100), duration=round(seconds * 1000))


def _metrics(given: list[dict[str, t.Any]] | None) -> tuple[Metric, ...]:
    metrics = tuple(
        Metric(read_key("metrics: key", item["key"]), bool(item.get("auto_rollback"))) for item in given or ()
    )
    keys = [item.key for item in metrics]
    for key in keys:
        if keys.count(key) > 1:
            raise OptionError(f"metrics: '{key}' is in the list more than once.")
    return metrics


def _keys(name: str, given: list[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(read_key(name, key) for key in given or ()))


def _optional_key(name: str, given: str | None) -> str | None:
    return None if given is None else read_key(name, given)


def _waiting(options: Mapping[str, t.Any]) -> EnvironmentWait:
    timeout = options["wait_timeout"]
    return EnvironmentWait(
        wait=options["wait"],
        timeout=None if timeout is None else read_seconds("wait_timeout", timeout),
        interval=read_seconds("wait_interval", options["wait_interval"], smallest=0.001),
        on_regression=options["on_regression"],
        on_approval=options["on_approval"],
        approval_timeout=read_seconds("approval_timeout", options["approval_timeout"]),
        health_check_timeout=read_seconds("health_check_timeout", options["health_check_timeout"]),
    )
