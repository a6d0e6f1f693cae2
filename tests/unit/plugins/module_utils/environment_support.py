# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags, rules and releases in one environment, for the tests of decisions about them."""

from __future__ import annotations

from typing import Any

from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_actions import Facts
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import EnvironmentTarget
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import (
    DesiredEnvironmentRelease,
    State,
    Strategy,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.environment_release import (
    LEAVE_RULES,
    REMOVE_RULES,
    EnvironmentRelease,
    Metric,
    ReleasePhase,
    RunStep,
    Step,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import (
    EVERYBODY,
    Clause,
    EnvironmentTargeting,
    Flag,
    Rule,
    Serving,
    Variation,
    serving_only,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import ApprovalRequest, Status

NOW = 1_793_000_000_000
MINUTE = 60_000
PLACE = EnvironmentTarget("shop", "cart", "eu")
ON, OFF, THIRD = "v-on", "v-off", "v-third"
VARIATIONS = (Variation(ON, "On", True), Variation(OFF, "Off", False))
COLOURS = (Variation(ON, "Red", "red"), Variation(OFF, "Blue", "blue"), Variation(THIRD, "Green", "green"))

KIND = Clause("kind", "in", ("user",), context_kind="user")
DEVICE = Clause("kind", "in", ("device",), context_kind="device")
BETA = Clause("segmentMatch", "segmentMatch", ("beta",))
STAFF = Clause("segmentMatch", "segmentMatch", ("staff",))
COUNTRY = Clause("country", "in", ("nl",), context_kind="user")

STEPS = (Step(10_000, 10 * MINUTE), Step(50_000, 20 * MINUTE))


def split_of(share: int, target: str = ON, origin: str = OFF, **fields: Any) -> Serving:
    return Serving(((target, share), (origin, EVERYBODY - share)), **fields)


def serving(served: str | Serving | None) -> Serving | None:
    return serving_only(served) if isinstance(served, str) else served


def rule(
    rule_id: str = "r1", *clauses: Clause, serves: str | Serving | None = OFF, enabled: bool = True, text: str = ""
) -> Rule:
    return Rule(rule_id, clauses or (KIND,), serving(serves), enabled=enabled, description=text or None)


def targeting(
    default: str | Serving | None = OFF, *rules: Rule, on: bool = True, off: str | None = OFF, changed_at: int = NOW
) -> EnvironmentTargeting:
    return EnvironmentTargeting(
        "eu", on=on, off_variation_id=off, default=serving(default), rules=rules, version=7, changed_at=changed_at
    )


def flag(where: EnvironmentTargeting, variations: tuple[Variation, ...] = VARIATIONS, **fields: Any) -> Flag:
    return Flag("cart", variations, environments={where.key: where}, **fields)


def release(
    status: Status = Status.ACTIVE,
    *,
    target: str = ON,
    original: str = OFF,
    rule_id: str | None = "r1",
    text: str | None = None,
    cleanup: str = REMOVE_RULES,
    reason: str | None = None,
    step: int | None = 0,
    steps: tuple[Step, ...] = STEPS,
    metrics: dict[str, str] | None = None,
    word: str | None = None,
    release_id: str = "rel1",
    ended_at: int | None = None,
) -> EnvironmentRelease:
    words = {Status.ACTIVE: "in_progress", Status.PAUSED: "waiting", Status.UNKNOWN: "simmering"}
    is_over = status in (Status.COMPLETED, Status.REVERTED)
    begun = NOW - 5 * MINUTE
    phase = ReleasePhase(
        index=0,
        status=status,
        steps=tuple(
            RunStep(item.allocation, item.duration, started_at=begun if index == step else None)
            for index, item in enumerate(steps)
        ),
        rule_id=rule_id,
        description=text,
        current_step=step,
        metric_statuses=tuple((metrics or {}).items()),
    )
    return EnvironmentRelease(
        id=release_id,
        status=status,
        status_raw=word or words.get(status, status.value),
        reason=reason,
        original_variation_id=original,
        target_variation_id=target,
        kind="guarded" if metrics else "progressive",
        cleanup=cleanup,
        randomization_unit="user",
        metrics=tuple(Metric(key) for key in metrics or ()),
        phases=(phase,),
        current_phase=None if is_over else 0,
        created_at=begun,
        started_at=begun,
        ended_at=NOW - MINUTE if is_over else ended_at,
    )


def desired(strategy: Strategy = Strategy.IMMEDIATE, **fields: Any) -> DesiredEnvironmentRelease:
    given: dict[str, Any] = {"target": PLACE, "strategy": strategy}
    if strategy in (Strategy.PERCENTAGE, Strategy.PROGRESSIVE, Strategy.GUARDED):
        given["steps"] = STEPS
    if strategy is Strategy.GUARDED:
        given["metrics"] = (Metric("errors"),)
    if strategy is Strategy.PLAN:
        given["plan_key"] = "standard"
    return DesiredEnvironmentRelease(**{**given, **fields})


def undo(state: State = State.ROLLED_BACK, **fields: Any) -> DesiredEnvironmentRelease:
    return DesiredEnvironmentRelease(target=PLACE, state=state, **fields)


def facts(where: EnvironmentTargeting, *releases: EnvironmentRelease, unread: bool = False, **fields: Any) -> Facts:
    """Everything is read, and nothing is in the way, unless a test says otherwise."""
    given: dict[str, Any] = {
        "flag": flag(where),
        "now": NOW,
        "releases": None if unread else releases,
        "undone": False,
        "segments": {"beta": True, "staff": True},
        "approvals": (),
    }
    return Facts(**{**given, **fields})


def approval(text: str, review: str = "pending", status: str = "pending", **fields: Any) -> ApprovalRequest:
    given: dict[str, Any] = {"requested_at": "2026-10-26T07:33:20.000Z", "link": "http://sim/shop/eu/features/cart"}
    return ApprovalRequest("a1", "eu", review, status, description=text, **{**given, **fields})


__all__ = ["LEAVE_RULES", "REMOVE_RULES"]
