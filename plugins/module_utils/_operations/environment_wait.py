# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Waiting for a release in an environment: look, decide, sleep. What is sent meanwhile is the operation's."""

from __future__ import annotations

import typing as t

from .._core.errors import ExchangeError, LaunchDarklyError, ReleaseError
from .._core.text import duration
from .._decisions import approval as approval_rules
from .._decisions import environment_errors as errors
from .._decisions import environment_wait as pauses
from .._decisions import progress
from .._decisions.environment_actions import AwaitApproval, Done, Holding, Running, Settling
from .._model.desired_environment import State
from .._model.release import Status
from .polling import TimeIsUp, poll

if t.TYPE_CHECKING:
    from .._backends.base import ApprovalApi
    from .._decisions.environment_actions import Action
    from .._http.client import Http
    from .._model.environment_release import EnvironmentRelease
    from .._model.release import ApprovalRequest
    from .environment_facts import ObservedEnvironment

T = t.TypeVar("T")

# Seconds that LaunchDarkly may need to carry the end of a release over to the flag.
SETTLING = 30.0
FIRST_SETTLING_PAUSE = 1.0


class EnvironmentWait:
    """`waited_for` says what ended the wait: `status`, or `approval`."""

    def __init__(self, observed: ObservedEnvironment, approvals: ApprovalApi, http: Http) -> None:
        self._observed = observed
        self._approvals = approvals
        self._http = http
        self._runtime = http.runtime
        self._heartbeat = progress.Heartbeat()
        self._begun: float | None = None
        self._timeout: float | None = None
        self._settling_since: float | None = None
        self._asked_since: float | None = None
        self._asked_for = 0.0
        self.request: ApprovalRequest | None = None
        self.has_applied = False
        self.waited_for: str | None = None

    @property
    def waited(self) -> float:
        return 0.0 if self._begun is None else self._runtime.monotonic() - self._begun

    def step(self, action: Action) -> bool:
        """Wait until it is worth looking at what was decided last, and look. False when the wait is over, or not wanted."""
        if isinstance(action, Settling):
            return self._settle(action)
        if isinstance(action, Running):
            raise_if_stuck(self._observed, action.release)
        if isinstance(action, AwaitApproval):
            self.request = action.request
        if isinstance(action, Done):
            self.waited_for = self.waited_for or ("status" if self._waits else None)
            return False
        if not self._waits:
            return False
        if self._begun is None:
            self._begun = self._runtime.monotonic()
        if isinstance(action, Running):
            self._wait_for_release(action.release)
        elif isinstance(action, Holding):
            self._wait_for_step(action)
        elif isinstance(action, AwaitApproval):
            return self._wait_for_approval(action.request)
        return True

    @property
    def _waits(self) -> bool:
        return self._observed.desired.waiting.wait

    def _settle(self, action: Settling) -> bool:
        """An undo cannot be decided before the flag shows how the release ended, so it waits for that unasked."""
        if not self._waits and self._observed.desired.state is State.RELEASED:
            return False
        now = self._runtime.monotonic()
        if self._settling_since is None:
            self._settling_since = now
        if now - self._settling_since >= SETTLING:
            raise ReleaseError(
                f"{self._observed.desired.target}: LaunchDarkly completed release {action.release.id}, but its rule is still there and"
                f" the default rule is not updated after {SETTLING:g} s. Look at the flag in LaunchDarkly.",
                "not_applied",
            )
        self._runtime.sleep(min(max(FIRST_SETTLING_PAUSE, now - self._settling_since), SETTLING))
        until = self._settling_since + SETTLING
        try:
            poll(lambda: self._observed.look_at_flag(until), self._http, until)
        except TimeIsUp as up:
            raise up.last from up
        return True

    def _wait_for_release(self, release: EnvironmentRelease) -> None:
        desired = self._observed.desired
        wall = self._http.service_time()
        if self._timeout is None:
            self._timeout = pauses.timeout(desired, release, wall)
        left = self._left(release)
        pause = min(pauses.release_pause(release, desired, wall), left)
        self._report(pauses.describe_release(release), left, pause)
        self._runtime.sleep(pause)
        deadline = self._runtime.monotonic() + left - pause
        found = self._poll(lambda: self._observed.look_at_release(release.id, deadline), deadline, release)
        if found is None or not found.is_over:
            return
        if found.status is Status.REVERTED:
            raise errors.release_reverted(desired.target, self._observed.facts.flag, found)
        self._poll(lambda: self._observed.look_at_flag(deadline), deadline, None)

    def _wait_for_step(self, action: Holding) -> None:
        desired = self._observed.desired
        if self._timeout is None:
            self._timeout = pauses.timeout(desired, None, self._http.service_time())
        left = self._left(None)
        pause = min(pauses.hold_pause(action.until / 1000, desired, self._http.service_time()), left)
        state = f"{action.percent:g} % on the default rule, next step {progress.clock_time(action.until)}"
        self._report(state, left, pause)
        self._runtime.sleep(pause)
        deadline = self._runtime.monotonic() + left - pause
        self._poll(lambda: self._observed.look_at_flag(deadline), deadline, None)

    def _left(self, release: EnvironmentRelease | None) -> float:
        """Seconds until the time-out; the time that people take for an approval does not count."""
        begun = self._runtime.monotonic() if self._begun is None else self._begun
        timeout = self._timeout or 0.0
        left = timeout - (self._runtime.monotonic() - begun - self._asked_for)
        if left <= 0:
            raise self._timed_out(release, None)
        return left

    def _report(self, state: str, left: float, pause: float) -> None:
        if self._heartbeat.is_due(state, self.waited, pause):
            self._runtime.report(
                progress.line(str(self._observed.desired.target), state, self._http.service_time(), left)
            )

    def _poll(self, look: t.Callable[[], T], deadline: float, release: EnvironmentRelease | None) -> T | None:
        """A read that fails does not end a wait before its time. None where the release is gone from LaunchDarkly's history."""
        try:
            return poll(look, self._http, deadline)
        except TimeIsUp as up:
            raise self._timed_out(release, up.last) from up
        except ExchangeError as error:
            if error.status == 404 and error.code == "not_found" and release is not None:
                self._observed.look()
                return None
            raise

    def _timed_out(self, release: EnvironmentRelease | None, error: LaunchDarklyError | None) -> ReleaseError:
        desired = self._observed.desired
        state = f" Last seen: {pauses.describe_release(release)}." if release else ""
        failure = f" The last read failed: {error.message}" if error else ""
        return ReleaseError(
            f"{desired.target}: the release did not complete before wait_timeout ({duration(self._timeout or 0.0)}) ran out.{state}{failure}"
            " It continues in LaunchDarkly; run the task again to keep waiting.",
            "wait_timeout",
        )

    def _wait_for_approval(self, request: ApprovalRequest) -> bool:
        """One look at the request, after a pause or an attempt to apply it."""
        waiting = self._observed.desired.waiting
        if waiting.on_approval == "return":
            self.waited_for = "approval"
            return False
        now = self._runtime.monotonic()
        if self._asked_since is None:
            self._asked_since = now
        left = waiting.approval_timeout - (now - self._asked_since)
        if left <= 0:
            raise self._unanswered(request)
        is_approved = request.review_status == "approved" and request.status == "pending"
        if not (is_approved and waiting.on_approval == "apply" and self._apply(request)):
            pause = min(waiting.interval, left)
            self._report(approval_rules.describe([request]), left, pause)
            self._runtime.sleep(pause)
        self._asked_for = self._runtime.monotonic() - self._asked_since
        try:
            self._look_at(request, self._asked_since + waiting.approval_timeout)
        except TimeIsUp as up:
            raise self._unanswered(request) from up
        return True

    def _look_at(self, request: ApprovalRequest, deadline: float) -> None:
        found = poll(lambda: self._observed.look_at_approvals(deadline), self._http, deadline)
        now = next((item for item in found if item.id == request.id), None)
        if now is None:
            # Deleted: what the flag shows decides.
            poll(lambda: self._observed.look_at_flag(deadline), self._http, deadline)
            return
        self.request = now
        if approval_rules.is_refused(now):
            word = "was declined" if now.review_status == "declined" else "failed"
            raise errors.approval_declined(self._observed.desired.target, now.link, now.comment, word)
        if now.status == "completed":
            poll(lambda: self._observed.look_at_flag(deadline), self._http, deadline)

    def _apply(self, request: ApprovalRequest) -> bool:
        """Apply what is approved. After a refusal or a lost answer the next look says what became of it."""
        target = self._observed.desired.target
        try:
            self._approvals.apply_request(target.flag, request, "Applied by flagops.launchdarkly")
        except ExchangeError as error:
            # Only LaunchDarkly's own refusal, with a code, says that nothing was done; else a read has to show it.
            may_be_ours = error.outcome_unknown or (error.is_refusal and not error.documented)
            before = self.has_applied
            self.has_applied = before or may_be_ours
            found = self._observed.look_at_approvals()
            is_applied = any(item.id == request.id and item.status == "completed" for item in found)
            self.has_applied = before or (may_be_ours and is_applied)
            if is_applied:
                return True
            if error.repeatable or error.outcome_unknown:
                return False
            raise
        self.has_applied = True
        return True

    def _unanswered(self, request: ApprovalRequest) -> ReleaseError:
        timeout = self._observed.desired.waiting.approval_timeout
        return ReleaseError(
            f"{self._observed.desired.target} was not approved and applied before approval_timeout ({duration(timeout)}) ran out:"
            f" {approval_rules.describe([request])}. The request stays open; run the task again to keep waiting.",
            "approval_timeout",
        )


def raise_if_stuck(observed: ObservedEnvironment, release: EnvironmentRelease) -> None:
    """What waits for a person because of a regression fails the task, also one that does not wait."""
    desired = observed.desired
    if release.has_regressed and desired.waiting.on_regression == "fail":
        raise errors.regression_detected(desired.target, release, stopped=False)
