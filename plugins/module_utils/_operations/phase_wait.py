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
from .._decisions import progress as progress_rules
from .._decisions import wait as wait_rules
from .._decisions.shared_progressions import SHORTEST_AGE
from .polling import TimeIsUp, poll
from .shared_progressions import SharedProgressions

if t.TYPE_CHECKING:
    from .._backends.base import ApprovalApi, PipelineDefinitionApi
    from .._http.client import Http
    from .._model.desired import Wait
    from .._model.release import ApprovalRequest, Phase
    from .observed_phase import ObservedPhase

FIRST_POLL = 0.5
POLL_GROWTH = 1.5
# Seconds that a read of the approvals may take, with its repetitions.
LONGEST_READ = 10.0
# Seconds that a phase may be active before its approval request can be seen, as all work of the service comes a moment later.
FILING_LAG = 10.0


class PhaseWait:
    """Two clocks: `wait.timeout` for the phase itself, `wait.approval_timeout` while a person has to answer."""

    def __init__(
        self, observed: ObservedPhase, approvals: ApprovalApi, pipelines: PipelineDefinitionApi, http: Http
    ) -> None:
        self._observed = observed
        self._approvals = approvals
        self._shared = SharedProgressions(observed, pipelines, http)
        self._http = http
        self._runtime = http.runtime
        self._heartbeat = progress_rules.Heartbeat()
        self._approval = approval_rules.PhaseApproval(approval_rules.State.NONE, ())
        self._waited_for_approval = 0.0
        self._counted_at = 0.0
        self._begun = 0.0
        self.waited = 0.0
        self.waited_for: str | None = None
        self.warnings: list[str] = []
        self._applied = False
        # Requests to apply whose outcome is not known, each with the number of reads before it.
        self._in_doubt: dict[str, int] = {}
        self._reads = 0

    @property
    def has_applied(self) -> bool:
        """Did this task apply an approval? Where the outcome is not known, only a read that shows the request open says no."""
        open_now = {item.id for item in self._approval.requests if item.status != "completed"}
        return self._applied or any(
            self._reads == reads or id_ not in open_now for id_, reads in self._in_doubt.items()
        )

    @property
    def approvals(self) -> tuple[ApprovalRequest, ...]:
        return self._approval.requests

    @property
    def approval_pending(self) -> bool:
        return self._approval.waits

    def report_approvals(self) -> None:
        """Read the approvals once, without waiting. A declined approval is final, so it is raised here too."""
        phase = self._observed.phase()
        self._read_approvals(approval_rules.environments_to_ask(phase))
        self._raise_refusal(phase)

    def run(self, wait: Wait) -> None:
        self._begun = self._counted_at = self._runtime.monotonic()
        pause = FIRST_POLL
        try:
            while not self._advance(wait):
                self._count()
                now = self._counted_at
                left = self._left(wait)
                if left <= 0:
                    raise self._unanswered(wait) if self._approval.waits else self._timed_out(wait)
                self._report(now - self._begun, left)
                self._runtime.sleep(min(pause, wait.interval, left))
                pause = self._rest(wait, pause * POLL_GROWTH, now + left)
                self._poll(wait, now + left)
        finally:
            self._shared.close()
            self.waited = self._runtime.monotonic() - self._begun

    def _rest(self, wait: Wait, pause: float, deadline: float) -> float:
        """Sleep for as long as the list that all such tasks share shows no change. Returns the pause from then on."""
        while wait.interval >= SHORTEST_AGE and (rest := self._shared.rest(min(pause, wait.interval), deadline)) > 0:
            now = self._runtime.monotonic()
            self._report(now - self._begun, deadline - now)
            self._runtime.sleep(rest)
            pause *= POLL_GROWTH
        return pause

    def _advance(self, wait: Wait) -> bool:
        """Read the approvals and take the next step. True when the wait is over."""
        observed = self._observed
        progress = wait_rules.assess(observed.seen(), observed.phase().id, wait.until)
        if isinstance(progress, wait_rules.Ended):
            raise progress.error
        phase = progress.phase
        is_new = observed.first is not None and not observed.first.is_completed
        is_closed = wait_rules.needs_no_approval(progress, wait.until)
        environments = wait_rules.environments_to_read(progress, wait.until, self._approval, is_new=is_new)
        has_read = False
        if environments or not is_closed:
            has_read = self._read_approvals(environments, self._runtime.monotonic() + self._left(wait))
        if environments and is_closed:
            self._approval = approval_rules.PhaseApproval(approval_rules.State.DONE, self._approval.requests)
        self._raise_refusal(phase)
        step = wait_rules.next_step(
            progress, wait, self._approval, may_yet_be_filed=self._may_yet_be_filed(phase, wait)
        )
        # Only after a fresh read: a request whose answer was lost may have been applied meanwhile.
        if isinstance(step, wait_rules.Apply) and has_read:
            self._apply(step.requests, environments)
        if isinstance(step, wait_rules.Finish):
            self.waited_for = step.waited_for
            return True
        return False

    def _report(self, elapsed: float, left: float) -> None:
        phase, wall, where = self._observed.phase(), self._http.service_time(), str(self._observed.target)
        state = progress_rules.phase_state(phase, self.approvals)
        is_change = state != self._heartbeat.state
        if not self._heartbeat.is_due(state, elapsed):
            return
        course = progress_rules.phase_course(phase, wall)
        self._runtime.report(progress_rules.line(where, f"{state}{course}", wall, left))
        for link in progress_rules.links(self.approvals) if is_change else ():
            self._runtime.report(link)

    def _count(self) -> None:
        """Add the time since the last count to the clock that ran; called before the approval changes, and before it is used."""
        now = self._runtime.monotonic()
        if self._approval.waits:
            self._waited_for_approval += now - self._counted_at
        self._counted_at = now

    def _left(self, wait: Wait) -> float:
        """Seconds on the clock that runs now."""
        if self._approval.waits:
            return wait.approval_timeout - self._waited_for_approval
        elapsed = self._runtime.monotonic() - self._begun
        return wait.timeout - (elapsed - self._waited_for_approval)

    def _may_yet_be_filed(self, phase: Phase, wait: Wait) -> bool:
        if self._approval.state is not approval_rules.State.NONE or not approval_rules.environments_to_ask(phase):
            return False
        return self._runtime.monotonic() - self._begun < min(FILING_LAG, wait.timeout)

    def _raise_refusal(self, phase: Phase) -> None:
        if self._approval.state is approval_rules.State.DECLINED:
            raise approval_rules.declined(self._observed.target, phase, self._approval)

    def _read_approvals(self, environments: tuple[str, ...], deadline: float = float("inf")) -> bool:
        """A failed read does not end the wait, since approvals only explain it. False if it failed."""
        try:
            deadline = min(deadline, self._runtime.monotonic() + LONGEST_READ)
            found = [
                request
                for key in environments
                for request in self._approvals.list_requests(self._observed.target, key, deadline)
            ]
        except ExchangeError as error:
            # Once: the message has another request id each time.
            if not (error.repeatable or self.warnings):
                self.warnings.append(f"{error.message} The wait continues without its approvals.")
            return False
        self._count()
        self._reads += 1
        self._approval = approval_rules.approval_of(self._observed.phase(), found)
        return True

    def _apply(self, requests: tuple[ApprovalRequest, ...], environments: tuple[str, ...]) -> None:
        """Apply what is approved; after a lost answer the next poll reads before anything is sent."""
        for request in requests:
            try:
                self._approvals.apply_request(self._observed.target, request, "Applied by flagops.launchdarkly")
                self._applied = True
            except ExchangeError as error:
                if error.outcome_unknown or (error.is_refusal and not error.documented):
                    self._in_doubt[request.id] = self._reads
                if error.repeatable or error.outcome_unknown:
                    continue
                # Somebody else may have applied it.
                has_read = self._read_approvals(environments)
                if not has_read or request.id in {item.id for item in approval_rules.to_apply(self._approval)}:
                    raise

    def _poll(self, wait: Wait, deadline: float) -> None:
        try:
            poll(lambda: self._observed.look(deadline), self._http, deadline)
        except TimeIsUp as up:
            raise self._timed_out(wait, up.last) from up

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
            " The rollout continues in LaunchDarkly; rerun the task to resume waiting.",
            "wait_timeout",
        )

    def _unanswered(self, wait: Wait) -> ReleaseError:
        observed = self._observed
        return ReleaseError(
            f"{phase_rules.describe(observed.phase(), observed.seen())} was not approved and applied before approval_timeout"
            f" ({duration(wait.approval_timeout)}) ran out: {approval_rules.describe(self.approvals)}. The request stays open; rerun"
            " the task to resume waiting.",
            "approval_timeout",
        )
