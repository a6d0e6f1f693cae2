# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""How anything is changed: look, decide, send one request, believe only what is seen afterwards.

What is decided and sent is the subclass's; that no request is repeated blindly and that `changed` is true to fact is here.
"""

from __future__ import annotations

import abc
import typing as t

from .._core.errors import ExchangeError, LaunchDarklyError

if t.TYPE_CHECKING:
    from .._http.client import Http
    from .._http.retry import Budget


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
        self.warnings: list[str] = []

    @abc.abstractmethod
    def _look(self) -> None:
        """Read the present state."""

    @abc.abstractmethod
    def _decide(self) -> R | None:
        """The request that the state seen last asks for, None when nothing is left to do; raises what is refused."""

    @abc.abstractmethod
    def _predict(self) -> None:
        """In check mode: take the state that a request would lead to for the one seen."""

    @abc.abstractmethod
    def _send(self, request: R) -> None:
        """Send it once, and see the state that it is answered with, if there is one; read nothing else."""

    @abc.abstractmethod
    def _is_satisfied(self) -> bool:
        """Is the state seen last the desired one?"""

    @abc.abstractmethod
    def _took_effect(self, request: R) -> bool:
        """Does the state seen last show that the request was carried out?"""

    @abc.abstractmethod
    def _differs(self) -> bool:
        """Is the state seen last another than the one seen first?"""

    @abc.abstractmethod
    def _describe(self, request: R) -> str:
        """The request in words, to follow "to"."""

    @abc.abstractmethod
    def _not_applied(self, request: R) -> LaunchDarklyError:
        """The failure for a request that was accepted and shows no effect."""

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
        lost = False
        while (request := self._decide()) is not None:
            self._action = request.name
            try:
                self._send(request)
            except ExchangeError as error:
                lost = lost or error.answer_lost
                if self._recover(request, error, budget, lost=lost):
                    return
            else:
                self._confirm(request)
                return
        # Somebody else was faster while this task waited.
        self._action = "adopted"

    def _recover(self, request: R, error: ExchangeError, budget: Budget, *, lost: bool) -> bool:
        """After a failed request, look before anything else: is the state the desired one all the same?

        True when it is, False when a request may be sent again; raises when it stays failed.
        """
        if not (error.repeatable or error.answer_lost or error.outrun):
            raise error
        final: ExchangeError | None = None
        try:
            self._http.pause_or_raise(budget, error)
        except ExchangeError as given_up:
            if not (lost or error.outrun):
                raise
            final = given_up
        try:
            is_done = self._is_done(request, lost=lost)
        except LaunchDarklyError as unseen:
            if lost or not final:
                raise
            final.message += f" Whether somebody else was faster could not be seen: {unseen.message}"
            raise final from unseen
        if is_done:
            if error.outrun or not lost:
                self._action = "adopted"
            return True
        self._changed = lost and self._differs()
        if final:
            raise final
        return False

    def _is_done(self, request: R, *, lost: bool) -> bool:
        """Look, and say whether anything is left to do."""
        # Until a look says otherwise, a request whose answer was lost counts as carried out.
        self._changed = lost
        try:
            self._look()
            return self._is_satisfied() or (lost and self._took_effect(request))
        except LaunchDarklyError as error:
            if lost:
                error.message += (
                    f" Before that, a request to {self._describe(request)} was sent and its answer was lost: whether it took"
                    " effect is not known, and it is reported as changed."
                )
            raise

    def _confirm(self, request: R) -> None:
        """The service said yes; believe it only when the state shows it."""
        self._changed = True
        if self._took_effect(request):
            return
        self._look()
        if self._took_effect(request):
            return
        self._changed = self._differs()
        raise self._not_applied(request)
