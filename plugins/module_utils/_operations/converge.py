# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""How anything is changed: read, decide, send one request, and believe only what a read shows.

What is decided and sent is the subclass's; that no request is repeated blindly and that `changed` is true to fact is here.
"""

from __future__ import annotations

import abc
import typing as t

from .._core.errors import ExchangeError, LaunchDarklyError

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .._http.client import Http
    from .._http.retry import Budget


# How long reads are repeated until they show a request that was accepted, or whose answer was lost (seconds): the service may
# serve what was true a moment before.
VERIFY_SECONDS = 10.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 3.0


class Request(t.Protocol):
    """One request that was decided on. `name` is the result's `action`."""

    @property
    def name(self) -> str:
        """The word for the result."""


R = t.TypeVar("R", bound=Request)


class Change(abc.ABC, t.Generic[R]):
    """An operation that gives one thing a desired state."""

    def __init__(self, http: Http, *, check_mode: bool) -> None:
        self._http = http
        self._runtime = http.runtime
        self._check_mode = check_mode
        self._action = "none"
        self._changed = False
        # Was a request sent whose answer does not show its outcome?
        self._in_doubt = False
        self.warnings: list[str] = []

    @abc.abstractmethod
    def _look(self) -> None:
        """Read the present state."""

    @abc.abstractmethod
    def _decide(self) -> R | None:
        """The request that the current state needs, None when nothing is left to do; raises what is refused."""

    @abc.abstractmethod
    def _predict(self) -> None:
        """In check mode: replace the state by the one that a request would lead to."""

    @abc.abstractmethod
    def _send(self, request: R) -> None:
        """Send it once, and keep the state that the answer shows, if any; read nothing else."""

    @abc.abstractmethod
    def _is_satisfied(self) -> bool:
        """Is the current state the desired one?"""

    @abc.abstractmethod
    def _took_effect(self, request: R) -> bool:
        """Does the current state show that the request took effect?"""

    @abc.abstractmethod
    def _differs(self) -> bool:
        """Does the current state differ from the first one?"""

    @abc.abstractmethod
    def _describe(self, request: R) -> str:
        """The request in words, to follow "to"."""

    @abc.abstractmethod
    def _not_applied(self, request: R) -> LaunchDarklyError:
        """The failure for a request that was accepted and has no visible effect."""

    def run(self) -> None:
        self._look()
        if self._check_mode:
            self._predict()
        else:
            self._converge()

    def _converge(self) -> None:
        if self._is_satisfied():
            return
        budget = self._http.budget()
        while (request := self._decide()) is not None:
            self._action = request.name
            try:
                self._send(request)
            except ExchangeError as error:
                if self._recover(request, error, budget):
                    return
            else:
                self._confirm(request)
                return
        # The desired state was reached by another change while this task waited.
        self._action = "adopted"
        self._changed = self._in_doubt and self._differs()

    def _recover(self, request: R, error: ExchangeError, budget: Budget) -> bool:
        """After a failed request, read before anything else.

        True when the desired state is seen, False when a request may be sent again; raises when it stays failed.
        """
        if error.outcome_unknown:
            return self._recover_lost(request, error, budget)
        final: ExchangeError | None = error
        if error.repeatable:
            final = self._pause(budget, error)
        if final and not (error.is_refusal or (self._in_doubt and error.repeatable)):
            raise final
        return self._read_once(request, error, final)

    def _recover_lost(self, request: R, error: ExchangeError, budget: Budget) -> bool:
        """The request may still take effect, so it is sent again only after it was not seen for a while."""
        until = self._runtime.monotonic() + VERIFY_SECONDS
        # Until a read shows otherwise, the request counts as a change.
        self._in_doubt = self._changed = True
        final = self._pause(budget, error)
        try:
            if self._read_until(lambda: self._is_satisfied() or self._took_effect(request), until):
                return True
        except LaunchDarklyError as unseen:
            raise self._with_doubt(request, unseen) from unseen
        self._changed = self._differs()
        if final or self._runtime.monotonic() > budget.deadline:
            raise final or error
        return False

    def _read_once(self, request: R, error: ExchangeError, final: ExchangeError | None) -> bool:
        """After a refusal: read once. `final` is the failure unless a request may be sent again."""
        try:
            self._look()
            is_done = self._is_done_after(error, request)
        except LaunchDarklyError as unseen:
            if self._in_doubt:
                self._changed = True
                raise self._with_doubt(request, unseen) from unseen
            if final is None:
                raise
            # Only LaunchDarkly's own refusal, with a code, says that nothing was done.
            self._changed = not error.documented
            self.warnings.append(f"The read that was to verify the refusal failed: {unseen.message}")
            raise final from unseen
        if is_done:
            return True
        if final:
            raise final
        return False

    def _is_done_after(self, error: ExchangeError, request: R) -> bool:
        """Is the desired state reached, although the request was refused? Sets what is reported as changed."""
        # LaunchDarkly also refuses a change that somebody else made a moment before.
        had_no_effect = error.repeatable or (error.conflict and error.documented)
        if not (had_no_effect or self._in_doubt):
            # The task fails with the refusal, also where the request took effect.
            self._changed = self._took_effect(request) or (self._differs() and not error.documented)
            return False
        if self._is_satisfied() or (self._in_doubt and self._took_effect(request)):
            self._action = "adopted" if had_no_effect else self._action
            self._changed = self._in_doubt
            return True
        self._changed = self._in_doubt and self._differs()
        return False

    def _confirm(self, request: R) -> None:
        """The request was accepted; believe it only when a read shows it."""
        self._changed = True
        until = self._runtime.monotonic() + VERIFY_SECONDS
        if self._took_effect(request) or self._read_until(lambda: self._took_effect(request), until):
            return
        self._changed = self._differs()
        raise self._not_applied(request)

    def _pause(self, budget: Budget, error: ExchangeError) -> ExchangeError | None:
        """Sleep before the request is sent again; the failure if it must not be."""
        try:
            self._http.pause_or_raise(budget, error)
        except ExchangeError as given_up:
            return given_up
        return None

    def _read_until(self, is_seen: Callable[[], bool], until: float) -> bool:
        """Read at least once, and until a read shows it or the time (monotonic seconds) is up."""
        pause = FIRST_PAUSE
        while True:
            failure: ExchangeError | None = None
            try:
                self._look()
                if is_seen():
                    return True
            except ExchangeError as error:
                if not (error.repeatable or error.unexpected):
                    raise
                failure = error
            left = until - self._runtime.monotonic()
            if left <= 0:
                break
            self._runtime.sleep(min(pause, left))
            pause = min(pause * 2, LONGEST_PAUSE)
        if failure:
            raise failure
        return False

    def _with_doubt(self, request: R, error: LaunchDarklyError) -> LaunchDarklyError:
        return error.with_note(
            f"Before that, a request to {self._describe(request)} was sent and its answer was lost: whether it took effect is"
            " not known, and it is reported as changed."
        )
