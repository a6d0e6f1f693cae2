# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The decision: what has to be read or sent so that a variation is released in an environment. Pure: no clock, no network.

The flag's targeting decides, not the history: LaunchDarkly drops a release 90 days after it ended.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._model.desired_environment import State, Strategy
from .._model.environment_release import NewRelease
from .._model.flag import AddRule, RemoveRule, ServeByDefault, SwitchTargeting, serving_only
from .._model.release import Status
from . import environment_errors as errors
from . import environment_resolve as resolve
from . import environment_rules as rules
from .approval import is_refused
from .environment_actions import (
    Action,
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
from .environment_undo import plan_undo
from .markers import ReleaseMark, approval_mark, digest, read_release_mark

if t.TYPE_CHECKING:
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.flag import Change, EnvironmentTargeting, Variation
    from .._model.release import ApprovalRequest


def plan(facts: Facts, desired: DesiredEnvironmentRelease) -> Action:
    """Compare what is desired with what is known. Raises LaunchDarklyError where the options do not fit the flag."""
    targeting = resolve.find_targeting(facts.flag, desired)
    target = resolve.find_target(facts.flag, desired)
    if desired.state is not State.RELEASED:
        return plan_undo(facts, desired, targeting, target)
    return _Released(facts, desired, targeting, target).plan()


@dataclass(frozen=True)
class _Released:
    """The table of the state `released`: the first row that applies decides."""

    facts: Facts
    desired: DesiredEnvironmentRelease
    targeting: EnvironmentTargeting
    target: Variation

    def plan(self) -> Action:
        rows: tuple[t.Callable[[], Action | None], ...] = (
            self._running,
            self._completed,
            self._percentage,
            self._unread,
            self._settling,
            self._reverted,
            self._undone,
            self._blocked,
            self._segments,
            self._approval,
        )
        for row in rows:
            action = row()
            if action is not None:
                return action
        return self._start()

    @property
    def _releases(self) -> rules.Releases:
        return self.facts.releases or ()

    def _running(self) -> Action | None:
        if self.facts.releases is None:
            # Without a rule nothing can run, and nothing can shadow the default rule.
            return self._read_releases() if self.targeting.rules else None
        other = resolve.find_other_running(self._releases, self.target)
        running = [item for item in self._releases if not item.is_over and item.target_variation_id == self.target.id]
        if running and running[0].status is Status.UNKNOWN:
            return Refuse(errors.unknown_status(self.desired.target, running[0]), Status.BLOCKED)
        if running:
            return Running(running[0])
        if other is not None:
            return Refuse(errors.other_release_active(self.desired.target, self.facts.flag, other), Status.BLOCKED)
        unlisted = rules.unlisted_rule(self.targeting, self._releases)
        if unlisted is not None:
            return Refuse(errors.unlisted_release_active(self.desired.target, unlisted), Status.BLOCKED)
        return None

    def _read_releases(self) -> Read:
        everybody = rules.everybody_gets(self.targeting, self.target.id)
        return Read(Source.RELEASES, Status.COMPLETED if everybody else Status.READY_TO_START)

    def _completed(self) -> Action | None:
        if rules.is_complete(self.targeting, self._releases, self.desired, self.target.id):
            kept = rules.kept_rules(self.targeting, self._releases, self.target.id)
            if self.desired.sweep and kept and rules.everybody_gets(self.targeting, self.target.id):
                return Patch("start", tuple(RemoveRule(rule.id) for rule in kept), Status.COMPLETED)
            return Done(Status.COMPLETED)
        if rules.everybody_gets(self.targeting, self.target.id):
            return Patch("start", self._removals(), Status.READY_TO_START)
        return None

    def _removals(self) -> tuple[Change, ...]:
        found = rules.left_over_rules(self.targeting, self._releases, self.target.id)
        return tuple(RemoveRule(rule.id) for rule in found)

    def _step(self) -> int | None:
        """The step of our own percentage rollout, also while the flag is off."""
        step = rules.current_step(self.targeting, self.desired, self.target.id)
        if step is None or self.desired.from_variation is None:
            return step
        origin = resolve.find_origin(self.facts.flag, self.desired, self.targeting, self.target)
        return step if origin.id == rules.other_variation(self.targeting.default, self.target.id) else None

    def _percentage(self) -> Action | None:
        step = self._step()
        if step is None or not self.targeting.on:
            return None
        due = (self.targeting.changed_at or 0) + self.desired.steps[step].duration
        if due > self.facts.now:
            return Holding(due, self.desired.steps[step].percent)
        if self.facts.releases is None:
            return Read(Source.RELEASES, Status.ACTIVE)
        # One step at a time, however late it is: each share is held for its time.
        return Patch("step", (self._serve_share(step + 1), *self._removals()), Status.ACTIVE)

    def _serve_share(self, step: int) -> Change:
        if step >= len(self.desired.steps):
            return ServeByDefault(serving_only(self.target.id))
        origin = self._origin()
        return ServeByDefault(
            rules.split(self.target.id, origin.id, self.desired.steps[step].allocation, self.desired.unit)
        )

    def _origin(self) -> Variation:
        return resolve.find_origin(self.facts.flag, self.desired, self.targeting, self.target)

    def _unread(self) -> Action | None:
        """Before anything is sent, the list is read."""
        return Read(Source.RELEASES, Status.READY_TO_START) if self.facts.releases is None else None

    def _settling(self) -> Action | None:
        settling = resolve.find_settling(self._releases, self.targeting, self.target)
        return None if settling is None else Settling(settling)

    def _reverted(self) -> Action | None:
        if self.desired.retry_reverted:
            return None
        newest = rules.newest_release(self._releases, self.target.id)
        if newest is not None and newest.status is Status.UNKNOWN:
            return Refuse(errors.unknown_status(self.desired.target, newest), Status.BLOCKED)
        reverted = resolve.find_reverted(self._releases, self.targeting, self.desired, self.target)
        if reverted is None:
            return None
        return Refuse(errors.release_reverted(self.desired.target, self.facts.flag, reverted), Status.REVERTED)

    def _blocked(self) -> Action | None:
        """Is the default rule somebody else's?"""
        serving = self.targeting.default
        in_use = errors.default_rule_in_use(self.desired.target, self.facts.flag, serving)
        if serving is None or (serving.only is None and self._step() is None):
            return Refuse(in_use, Status.BLOCKED)
        if self._needs_origin and serving.only != self._origin().id and self.targeting.on:
            return Refuse(in_use, Status.BLOCKED)
        return None

    @property
    def _needs_origin(self) -> bool:
        """An immediate release needs none, unless the flag has to be turned on for a part of the contexts."""
        if self.desired.strategy is not Strategy.IMMEDIATE:
            return True
        return bool(self.desired.segments) and not self.targeting.on

    def _segments(self) -> Action | None:
        if not self.desired.segments:
            return None
        if self.facts.segments is None:
            return Read(Source.SEGMENTS, Status.READY_TO_START)
        missing = next((key for key in self.desired.segments if not self.facts.segments.get(key)), None)
        return (
            None if missing is None else Refuse(errors.segment_not_found(self.desired.target, missing), Status.BLOCKED)
        )

    def _undone(self) -> Action | None:
        if self.desired.retry_reverted:
            return None
        if self.facts.undone is None:
            return Read(Source.AUDIT_LOG, Status.READY_TO_START)
        return (
            Refuse(errors.release_undone(self.desired.target, self.target), Status.REVERTED)
            if self.facts.undone
            else None
        )

    def _approval(self) -> Action | None:
        if not self.desired.request_approval:
            return None
        if self.facts.approvals is None:
            return Read(Source.APPROVALS, Status.READY_TO_START)
        request = newest_request(self.facts.approvals, self.desired, self.target)
        if request is None or request.status == "completed":
            return None
        if not is_refused(request):
            return AwaitApproval(request)
        if self.desired.retry_reverted:
            return None
        word = "was declined" if request.review_status == "declined" else "failed"
        error = errors.approval_declined(self.desired.target, request.link, request.comment, word)
        return Refuse(error, Status.BLOCKED)

    def _start(self) -> Action:
        if self.desired.strategy is Strategy.IMMEDIATE:
            return Patch("start", self._immediate_changes(), Status.READY_TO_START)
        if self.desired.strategy is Strategy.PERCENTAGE:
            changes = (self._serve_share(0), *self._removals(), *self._turn_on())
            return Patch("start", changes, Status.READY_TO_START)
        preparation = self._preparation()
        if preparation:
            return Patch("start", preparation, Status.READY_TO_START, comes_first=True)
        return Start(self._new_release())

    def _immediate_changes(self) -> tuple[Change, ...]:
        if self.desired.segments:
            clauses = rules.rule_clauses(self.desired)
            rule = AddRule(clauses, self.target.id, self._description(), self.desired.before_rule_id)
            return (*self._preparation(), rule)
        is_served = self.targeting.default is not None and self.targeting.default.only == self.target.id
        serve = () if is_served else (ServeByDefault(serving_only(self.target.id)),)
        return (*serve, *self._removals(), *self._turn_on())

    def _preparation(self) -> tuple[Change, ...]:
        """Turning on serves the default rule to everybody, so it has to serve the old variation in the same moment."""
        serve: tuple[Change, ...] = ()
        if not self.targeting.on:
            origin = self._origin()
            is_served = self.targeting.default is not None and self.targeting.default.only == origin.id
            serve = () if is_served else (ServeByDefault(serving_only(origin.id)),)
        return (*serve, *self._removals(), *self._turn_on())

    def _turn_on(self) -> tuple[Change, ...]:
        return () if self.targeting.on else (SwitchTargeting(True),)

    def _new_release(self) -> NewRelease:
        desired = self.desired
        common: dict[str, t.Any] = {
            "original_variation_id": self._origin().id,
            "target_variation_id": self.target.id,
            "before_rule_id": desired.before_rule_id,
            "bypass_health_checks": desired.bypass_health_checks,
            "comment": desired.comment,
        }
        if desired.strategy is Strategy.PLAN:
            return NewRelease(plan_key=desired.plan_key, **common)
        return NewRelease(
            randomization_unit=desired.unit,
            clauses=rules.rule_clauses(desired),
            description=self._description(),
            steps=desired.steps,
            metrics=desired.metrics,
            cleanup=desired.cleanup_behavior,
            **common,
        )

    def _description(self) -> str:
        return f"Release to {self.desired.target.environment_key} {self._mark()}"

    def _mark(self) -> ReleaseMark:
        """The number of the attempt keeps descriptions unique, as LaunchDarkly wants them."""
        desired = self.desired
        request = digest(
            [
                *(
                    self.target.id,
                    self._origin().id if self._needs_origin else None,
                    desired.strategy.value,
                    desired.unit,
                ),
                *(sorted(desired.segments), desired.cleanup_behavior),
                [[step.allocation, step.duration] for step in desired.steps],
                [[metric.key, metric.auto_rollback] for metric in desired.metrics],
            ]
        )
        texts = [phase.description for release in self._releases for phase in release.phases]
        texts += [rule.description for rule in self.targeting.rules]
        marks = [mark for text in texts if (mark := read_release_mark(text))]
        attempts = [mark.attempt for mark in marks if mark.request == request]
        return ReleaseMark(request, resolve.audience_word(desired), max(attempts, default=0) + 1)


def newest_request(
    approvals: tuple[ApprovalRequest, ...], desired: DesiredEnvironmentRelease, target: Variation
) -> ApprovalRequest | None:
    """Our newest approval request for this release; completed ones do not count."""
    mark = approval_mark(target.id, desired.target.environment_key, resolve.audience_word(desired))
    own = [item for item in approvals if mark in item.description and item.status != "completed"]
    return max(own, key=lambda item: item.requested_at or "", default=None)
