# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Waiting for a phase, with the approvals that it may need on the way."""

from __future__ import annotations

import typing as t

from .._core.errors import ExchangeError, ReleaseError
from .._core.text import duration
from .._decisions import approval as approval_rules
from .._decisions import phase as phase_rules
from .._decisions import wait as wait_rules
from .._http.retry import Budget
from .._model.release import Status
from .progress import Narrator

if t.TYPE_CHECKING:
    from .._backends.base import ApprovalApi
    from .._http.client import Http
    from .._model.desired import Wait
    from .._model.release import ApprovalRequest, Phase
    from .observed_phase import ObservedPhase

FIRST_POLL = 0.5
POLL_GROWTH = 1.5
# Seconds that a look at the approvals may spend on repeating.
LONGEST_LOOK = 10.0
# Seconds after which an unexpected answer counts as one that persists.
PERSISTENCE = 60.0
# Seconds that a phase may be active before its approval request can be seen, as all work of the service comes a moment later.
FILING_LAG = 10.0


class PhaseWait:
    """Two clocks: `wait.timeout` for the phase itself, `wait.approval_timeout` while a person has to answer."""

    def __init__(self, observed: ObservedPhase, approvals: ApprovalApi, http: Http) -> None:
        self._observed = observed
        self._approvals = approvals
        self._http = http
        self._runtime = http.runtime
        self._verdict = approval_rules.Verdict(approval_rules.State.NONE, ())
        self._waited_for_approval = 0.0
        self._counted_at = 0.0
        self._begun = 0.0
        self.waited = 0.0
        self.waited_for: str | None = None
        self.warnings: list[str] = []
        self._applied = False
        # Requests to apply whose outcome is not known, each with the number of looks before it.
        self._in_doubt: dict[str, int] = {}
        self._looks = 0

    @property
    def has_applied(self) -> bool:
        """Was an approval applied by this task? Where the outcome is not known, only a look that shows it open says no."""
        open_now = {item.id for item in self._verdict.requests if item.status != "completed"}
        return self._applied or any(
            self._looks == looks or id_ not in open_now for id_, looks in self._in_doubt.items()
        )

    @property
    def approvals(self) -> tuple[ApprovalRequest, ...]:
        return self._verdict.requests

    @property
    def approval_pending(self) -> bool:
        return self._verdict.waits

    def report_approvals(self) -> None:
        """Look once at what the phase waits for, without waiting; a refusal is final, so that it is raised here too."""
        phase = self._observed.phase()
        self._look_at_approvals(approval_rules.environments_to_ask(phase))
        self._raise_refusal(phase)

    def run(self, wait: Wait) -> None:
        self._begun = self._counted_at = self._runtime.monotonic()
        pause = FIRST_POLL
        narrator = Narrator(self._observed.target, wait)
        try:
            while not self._is_over(wait):
                self._count()
                now = self._counted_at
                left = self._left(wait, now - self._begun)
                line = narrator.line(
                    self._observed.phase(), now - self._begun, left, approval_rules.describe(self.approvals)
                )
                if line:
                    self._runtime.tell(line)
                self._runtime.sleep(min(pause, wait.interval, left))
                pause *= POLL_GROWTH
                self._poll(wait, now + left)
        finally:
            self.waited = self._runtime.monotonic() - self._begun

    def _count(self) -> None:
        """Add the time since the last count to the clock that has run since then; before the verdict changes, and before it is asked."""
        now = self._runtime.monotonic()
        if self._verdict.waits:
            self._waited_for_approval += now - self._counted_at
        self._counted_at = now

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
        progress = wait_rules.assess(observed.seen(), observed.phase().id, wait.until)
        if isinstance(progress, wait_rules.Ended):
            raise progress.error
        phase = progress.phase
        # An active phase that nobody has approved has changed nothing yet; one that is done needs no approval any more.
        is_gated = phase.status is Status.ACTIVE and wait.until is Status.ACTIVE
        if isinstance(progress, wait_rules.Met) and not is_gated:
            self._close(phase)
        elif self._is_left_to_a_person(phase, wait):
            return True
        elif not isinstance(progress, wait_rules.Met) or self._verdict.waits or self._may_yet_be_filed(phase, wait):
            return False
        self.waited_for = progress.waited_for
        return True

    def _may_yet_be_filed(self, phase: Phase, wait: Wait) -> bool:
        if self._verdict.state is not approval_rules.State.NONE or not approval_rules.environments_to_ask(phase):
            return False
        return self._runtime.monotonic() - self._begun < min(FILING_LAG, wait.timeout)

    def _close(self, phase: Phase) -> None:
        """What was pending is answered, since LaunchDarkly went on: see by whom, and with which words.

        So is what was never seen pending, for a phase that was not complete when the task began.
        """
        first = self._observed.first
        is_new = self._verdict.state is approval_rules.State.NONE and first is not None and not first.is_completed
        if self._verdict.waits or is_new:
            self._look_at_approvals(approval_rules.environments_of(phase))
            self._verdict = approval_rules.Verdict(approval_rules.State.DONE, self._verdict.requests)

    def _is_left_to_a_person(self, phase: Phase, wait: Wait) -> bool:
        environments = approval_rules.environments_to_ask(phase)
        has_looked = self._look_at_approvals(environments)
        self._raise_refusal(phase)
        if self._verdict.waits and wait.on_approval == "return":
            self.waited_for = "approval"
            return True
        # Only what was seen just now: a request whose answer was lost may have been applied since the look before.
        if wait.on_approval == "apply" and has_looked:
            self._apply(environments)
        return False

    def _raise_refusal(self, phase: Phase) -> None:
        if self._verdict.state is approval_rules.State.DECLINED:
            raise approval_rules.declined(self._observed.target, phase, self._verdict)

    def _look_at_approvals(self, environments: tuple[str, ...]) -> bool:
        """Approvals explain a wait; that they cannot be read is no reason to end it. False where they could not."""
        try:
            deadline = self._runtime.monotonic() + LONGEST_LOOK
            found = [
                request
                for key in environments
                for request in self._approvals.list_requests(self._observed.target, key, deadline)
            ]
        except ExchangeError as error:
            # Once: each answer has another request id in its words.
            if not (error.repeatable or self.warnings):
                self.warnings.append(f"{error.message} The phase is waited for without a look at its approvals.")
            return False
        self._count()
        self._looks += 1
        self._verdict = approval_rules.judge(self._observed.phase(), found)
        return True

    def _apply(self, environments: tuple[str, ...]) -> None:
        """Apply what is approved; after a lost answer the next poll looks before anything is sent."""
        for request in approval_rules.to_apply(self._verdict):
            try:
                self._approvals.apply_request(self._observed.target, request, "Applied by flagops.launchdarkly")
                self._applied = True
            except ExchangeError as error:
                if error.outcome_unknown or (error.is_refusal and not error.documented):
                    self._in_doubt[request.id] = self._looks
                if error.repeatable or error.outcome_unknown:
                    continue
                # Somebody else may have been faster.
                looked = self._look_at_approvals(environments)
                if not looked or request.id in {item.id for item in approval_rules.to_apply(self._verdict)}:
                    raise

    def _poll(self, wait: Wait, deadline: float) -> None:
        """Read the release. An unexpected answer is retried like a dropped connection, and ends the wait only if it persists."""
        budget = Budget(self._runtime.monotonic() + PERSISTENCE, float("inf"))
        while True:
            try:
                self._observed.look(deadline)
            except ExchangeError as error:
                now = self._runtime.monotonic()
                if error.repeatable and not self._comes_after(error, deadline - now):
                    raise self._timed_out(wait, error) from error
                pause = budget.spend(None, now, self._runtime.chance()) if error.unexpected else None
                if pause is None:
                    raise
                if now + pause > deadline:
                    raise self._timed_out(wait, error) from error
                self._http.pause(pause)
            else:
                return

    def _comes_after(self, error: ExchangeError, left: float) -> bool:
        """Does LaunchDarkly ask for a pause that is longer than what is left of the wait?"""
        return error.status == 429 and error.retry_after is not None and error.retry_after > left

    def _timed_out(self, wait: Wait, error: ExchangeError | None = None) -> ReleaseError:
        observed = self._observed
        now = observed.last or observed.phase()
        audiences = "".join(
            f" Audience '{item.name or item.id}' ({item.environment_key}): {item.status_raw or 'no status'}."
            for item in now.audiences or ()
        )
        failure = f" The last read failed: {error.message}" if error else ""
        return ReleaseError(
            f"{phase_rules.describe(now, observed.seen())} did not become {wait.until} before wait_timeout ({wait.timeout:g} s) ran out."
            f" Last status: '{now.status_raw or now.status}', seen {observed.age():.0f} s ago.{audiences}{failure}"
            " The phase goes on in LaunchDarkly; run the task again to go on waiting.",
            "wait_timeout",
        )

    def _unanswered(self, wait: Wait) -> ReleaseError:
        observed = self._observed
        return ReleaseError(
            f"{phase_rules.describe(observed.phase(), observed.seen())} was not approved and applied before approval_timeout"
            f" ({duration(wait.approval_timeout)}) ran out: {approval_rules.describe(self.approvals)}. The request stays open; run the"
            " task again to go on waiting.",
            "approval_timeout",
        )
