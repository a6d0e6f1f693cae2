# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""An environment release: the rollout of one variation of a flag in one environment. Times are epoch milliseconds."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .flag import EVERYBODY
from .release import Status, time_from_millis

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .flag import Clause, Flag

REMOVE_RULES = "remove_rules_and_update_default_rule"
LEAVE_RULES = "leave_rules_in_place"

REGRESSION_DETECTED = "waiting_regression_detected"

# LaunchDarkly's reasons in words, to follow "the release".
REASON_WORDS = {
    REGRESSION_DETECTED: "waits for a person: a metric regressed",
    "waiting_phase_ended": "waits for a person to start its next phase in LaunchDarkly",
    "completed_automatic": "completed",
    "completed_manual": "was completed by hand",
    "reverted_regression_detected": "was rolled back by LaunchDarkly: a metric regressed",
    "reverted_manual": "was rolled back by hand",
    "reverted_discarded": "was discarded: the flag was turned off or changed while it ran",
    "reverted_insufficient_data": "was rolled back by LaunchDarkly: a metric received too little data",
}


@dataclass(frozen=True)
class Step:
    """One share of a rollout and how long it lasts, in thousandths of a percent and milliseconds."""

    allocation: int
    duration: int

    @property
    def percent(self) -> float:
        return percent_of(self.allocation)


@dataclass(frozen=True)
class RunStep:
    """A step of a release as LaunchDarkly runs it."""

    allocation: int
    duration: int
    started_at: int | None = None
    ended_at: int | None = None


@dataclass(frozen=True)
class Metric:
    """`definition` is LaunchDarkly's own document, where it was asked for."""

    key: str
    auto_rollback: bool = False
    definition: Mapping[str, t.Any] | None = None


@dataclass(frozen=True)
class ReleasePhase:
    """One audience of a release. `metric_statuses` are (metric key, LaunchDarkly's word) pairs."""

    index: int
    status: Status
    steps: tuple[RunStep, ...] = ()
    rule_id: str | None = None
    description: str | None = None
    current_step: int | None = None
    metric_statuses: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class EnvironmentRelease:
    """`status` is ACTIVE, PAUSED (it waits for something), COMPLETED, REVERTED or UNKNOWN; `status_raw` LaunchDarkly's word."""

    id: str
    status: Status
    status_raw: str
    original_variation_id: str
    target_variation_id: str
    kind: str
    cleanup: str
    randomization_unit: str | None = None
    reason: str | None = None
    metrics: tuple[Metric, ...] = ()
    phases: tuple[ReleasePhase, ...] = ()
    current_phase: int | None = None
    created_at: int | None = None
    started_at: int | None = None
    ended_at: int | None = None

    @property
    def is_over(self) -> bool:
        """Also for a word of a later LaunchDarkly: only a release that ended has the time of its end."""
        return self.status in (Status.COMPLETED, Status.REVERTED) or self.ended_at is not None

    @property
    def has_regressed(self) -> bool:
        """Does it wait for a person because of a regression?"""
        if self.status is not Status.PAUSED:
            return False
        return self.reason == REGRESSION_DETECTED or (self.reason is None and bool(self.regressed_metrics))

    @property
    def regressed_metrics(self) -> tuple[str, ...]:
        statuses = (item for phase in self.phases for item in phase.metric_statuses)
        return tuple(dict.fromkeys(key for key, word in statuses if word == "regressed"))

    @property
    def rule_ids(self) -> tuple[str, ...]:
        return tuple(phase.rule_id for phase in self.phases if phase.rule_id)

    @property
    def phase(self) -> ReleasePhase | None:
        """The phase that runs, else the last one that started, else the first."""
        started = [phase for phase in self.phases if phase.current_step is not None]
        current = [phase for phase in self.phases if phase.index == self.current_phase]
        return next(iter(current or started[-1:] or self.phases), None)

    @property
    def step(self) -> RunStep | None:
        """The step that runs."""
        phase = self.phase
        if self.is_over or phase is None or phase.current_step is None or phase.current_step >= len(phase.steps):
            return None
        return phase.steps[phase.current_step]

    @property
    def percent(self) -> float:
        """The share of the current audience that gets the target."""
        if self.is_over:
            return 100.0 if self.status is Status.COMPLETED else 0.0
        return percent_of(self.step.allocation) if self.step else 0.0

    @property
    def next_step_at(self) -> int | None:
        """When the current step ends, unless the release is paused."""
        step = self.step
        if self.status is not Status.ACTIVE or step is None or step.started_at is None:
            return None
        return step.started_at + step.duration

    @property
    def ends_at(self) -> int | None:
        """When its last step ends if nothing interferes; None before it starts."""
        phase, next_at = self.phase, self.next_step_at
        if phase is None or phase.current_step is None or next_at is None:
            return None
        later = [item for other in self.phases if other.index > phase.index for item in other.steps]
        next_step = phase.current_step + 1
        return next_at + sum(item.duration for item in (*phase.steps[next_step:], *later))

    def explain(self) -> str:
        """Why it is where it is, to follow "the release"."""
        words = REASON_WORDS.get(
            self.reason or "", f"is {self.status_raw}" + (f" ({self.reason})" if self.reason else "")
        )
        metrics = self.regressed_metrics
        return words + (f" ({', '.join(metrics)})" if metrics else "")

    def to_result(self, flag: Flag) -> dict[str, t.Any]:
        statuses = dict(self.phase.metric_statuses) if self.phase else {}
        return {
            "id": self.id,
            "kind": self.kind,
            "status": self.status.value,
            "status_raw": self.status_raw,
            "reason": self.reason,
            "original_variation": flag.variation(self.original_variation_id).to_result(),
            "target_variation": flag.variation(self.target_variation_id).to_result(),
            "randomization_unit": self.randomization_unit,
            "metrics": [
                {"key": item.key, "auto_rollback": item.auto_rollback, "status": statuses.get(item.key)}
                for item in self.metrics
            ],
            "steps": [_step_result(phase.index, step) for phase in self.phases for step in phase.steps],
            "percent": self.percent,
            "next_step_at": time_from_millis(self.next_step_at),
            "cleanup_behavior": self.cleanup,
            "created_at": time_from_millis(self.created_at),
            "started_at": time_from_millis(self.started_at),
            "ended_at": time_from_millis(self.ended_at),
        }


def _step_result(phase: int, step: RunStep) -> dict[str, t.Any]:
    return {
        "phase": phase,
        "percent": percent_of(step.allocation),
        "duration": step.duration / 1000,
        "started_at": time_from_millis(step.started_at),
        "ended_at": time_from_millis(step.ended_at),
    }


def percent_of(weight: int) -> float:
    return weight * 100 / EVERYBODY


@dataclass(frozen=True)
class NewRelease:
    """A release to start: from a plan of the environment if `plan_key` is given, else from what is written here."""

    original_variation_id: str
    target_variation_id: str
    plan_key: str | None = None
    randomization_unit: str = ""
    clauses: tuple[Clause, ...] = ()
    description: str = ""
    steps: tuple[Step, ...] = ()
    metrics: tuple[Metric, ...] = ()
    cleanup: str = REMOVE_RULES
    before_rule_id: str | None = None
    bypass_health_checks: tuple[str, ...] = ()
    comment: str | None = None


@dataclass(frozen=True)
class ApprovalSettings:
    """Whether an environment requires approvals; for flags with one of `tags` only, unless it is empty."""

    required: bool
    tags: tuple[str, ...] = ()

    def covers(self, flag: Flag) -> bool:
        return self.required and (not self.tags or bool(set(self.tags) & set(flag.tags)))
