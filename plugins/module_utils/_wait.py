# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Waiting for a phase, with the approvals that it may need on the way."""

from __future__ import annotations

import typing as t

from . import _approval, _conditions, _plan
from ._errors import ExchangeError, ReleaseError
from ._narrate import Narrator, duration

if t.TYPE_CHECKING:
    from ._api import ApprovalApi
    from ._desired import Wait
    from ._models import ApprovalRequest, Phase
    from ._observe import ObservedPhase
    from ._runtime import Runtime

FIRST_POLL = 0.5
POLL_GROWTH = 1.5
# Seconds that a look at the approvals may spend on repeating.
LONGEST_LOOK = 10.0


class PhaseWait:
    """Two clocks: `wait.timeout` for the phase itself, `wait.approval_timeout` while a person has to answer."""

    def __init__(self, observed: ObservedPhase, approvals: ApprovalApi, runtime: Runtime) -> None:
        self._observed = observed
        self._approvals = approvals
        self._runtime = runtime
        self._verdict = _approval.Verdict(_approval.State.NONE, ())
        self._waited_for_approval = 0.0
        self.waited = 0.0
        self.waited_for: str | None = None
        self.warnings: list[str] = []

    @property
    def approvals(self) -> tuple[ApprovalRequest, ...]:
        return self._verdict.requests

    @property
    def approval_pending(self) -> bool:
        return self._verdict.waits

    def report_approvals(self) -> None:
        """Look once at what the phase waits for, without waiting."""
        self._look_at_approvals(self._observed.phase())

    def run(self, wait: Wait) -> None:
        begun = self._runtime.monotonic()
        pause = FIRST_POLL
        narrator = Narrator(self._observed.target, wait)
        try:
            while not self._is_over(wait):
                now = self._runtime.monotonic()
                left = self._left(wait, now - begun)
                line = narrator.line(self._observed.phase(), now - begun, left, _approval.describe(self._verdict))
                if line:
                    self._runtime.tell(line)
                self._runtime.sleep(min(pause, wait.interval, left))
                pause *= POLL_GROWTH
                self._poll(wait, now + left)
                if self._verdict.waits:
                    self._waited_for_approval += self._runtime.monotonic() - now
        finally:
            self.waited = self._runtime.monotonic() - begun

    def _left(self, wait: Wait, elapsed: float) -> float:
        """Seconds on the clock that runs now; raises when it has run out."""
        if self._verdict.waits:
            left = wait.approval_timeout - self._waited_for_approval
            if left <= 0:
                raise self._unanswered(wait)
            return left
        left = wait.timeout - (elapsed - self._waited_for_approval)
        if left <= 0:
            raise self._timed_out(wait)
        return left

    def _is_over(self, wait: Wait) -> bool:
        observed = self._observed
        progress = _conditions.assess(observed.seen(), observed.phase().id, wait.until)
        if isinstance(progress, _conditions.Ended):
            raise progress.error
        if isinstance(progress, _conditions.Met):
            self.waited_for = progress.waited_for
            # What was pending is answered: LaunchDarkly went on.
            if self._verdict.waits:
                self._look_at_approvals(progress.phase)
            return True
        return self._is_left_to_a_person(progress.phase, wait)

    def _is_left_to_a_person(self, phase: Phase, wait: Wait) -> bool:
        self._look_at_approvals(phase)
        if self._verdict.state is _approval.State.DECLINED:
            raise _approval.declined(self._observed.target, phase, self._verdict)
        if self._verdict.waits and wait.on_approval == "return":
            self.waited_for = "approval"
            return True
        if wait.on_approval == "apply":
            self._apply()
        return False

    def _look_at_approvals(self, phase: Phase) -> None:
        """Approvals explain a wait; that they cannot be read is no reason to end it."""
        environments = _approval.environments_to_ask(phase)
        try:
            deadline = self._runtime.monotonic() + LONGEST_LOOK
            found = [
                request
                for key in environments
                for request in self._approvals.list_requests(self._observed.target, key, deadline)
            ]
        except ExchangeError as error:
            if not error.repeatable and error.message not in self.warnings:
                self.warnings.append(f"{error.message} The phase is waited for without a look at its approvals.")
            return
        if environments:
            self._verdict = _approval.judge(phase, found)
        elif self._verdict.waits:
            self._verdict = _approval.Verdict(_approval.State.DONE, self._verdict.requests)

    def _apply(self) -> None:
        """Apply what is approved; a lost answer needs no care of its own, as the next poll looks before anything is sent."""
        for request in _approval.to_apply(self._verdict):
            try:
                self._approvals.apply_request(self._observed.target, request, "Applied by flagops.launchdarkly")
            except ExchangeError as error:
                if not (error.repeatable or error.answer_lost):
                    raise

    def _poll(self, wait: Wait, deadline: float) -> None:
        try:
            self._observed.look(deadline)
        except ExchangeError as error:
            left = deadline - self._runtime.monotonic()
            comes_later = error.code == "rate_limited" and error.retry_after is not None and error.retry_after > left
            if not error.repeatable or comes_later:
                raise
            raise self._timed_out(wait, error) from error

    def _timed_out(self, wait: Wait, error: ExchangeError | None = None) -> ReleaseError:
        observed = self._observed
        now = observed.last or observed.phase()
        audiences = "".join(
            f" Audience '{item.name or item.id}' ({item.environment_key}): {item.status_raw or 'no status'}."
            for item in now.audiences or ()
        )
        failure = f" The last read failed: {error.message}" if error else ""
        return ReleaseError(
            f"{_plan.describe(now, observed.seen())} did not become {wait.until} before wait_timeout ({wait.timeout:g} s) ran out."
            f" Last status: '{now.status_raw or now.status}', seen {observed.age():.0f} s ago.{audiences}{failure}"
            " The phase goes on in LaunchDarkly; run the task again to go on waiting.",
            "wait_timeout",
        )

    def _unanswered(self, wait: Wait) -> ReleaseError:
        observed = self._observed
        return ReleaseError(
            f"{_plan.describe(observed.phase(), observed.seen())} was not approved and applied before approval_timeout"
            f" ({duration(wait.approval_timeout)}) ran out: {_approval.describe(self._verdict)}. The request stays open; run the"
            " task again to go on waiting.",
            "approval_timeout",
        )
