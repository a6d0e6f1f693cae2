# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.
"""The one caller of LaunchDarkly's API: it sends, counts, and repeats what may be repeated."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from .._core.errors import ExchangeError, InvalidResponse
from .._model.release import time_from_millis
from . import errors, pacing, pacing_file
from . import retry as retry_policy
from .headers import seconds_ahead
from .shared_file import Place
from .transport import JSON, TransportError

if t.TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from .._core.runtime import Runtime
    from .shared_file import Share
    from .transport import Response, Transport

# Seconds that a request gets at least, however little is left of a wait: the last look of a wait comes at its very end.
SHORTEST_LIMIT = 1.0


def path_of(*parts: str, query: Mapping[str, str | Sequence[str]] | None = None) -> str:
    """An API path from its parts, each percent-encoded. Some of them are keys and ids that LaunchDarkly sent.

    A name with several values is repeated in the query.
    """
    for part in parts:
        if part in ("", ".", ".."):
            raise InvalidResponse(
                f"LaunchDarkly names something {part!r}. No request can be addressed to it; none was sent."
            )
    path = "/api/v2/" + "/".join(quote(part, safe="") for part in parts)
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


@dataclass
class Http:
    """Sends requests through a transport, counts them, and repeats the ones that may be repeated."""

    transport: Transport
    runtime: Runtime
    max_retries: int
    retry_timeout: float
    place: Place = field(default_factory=Place)
    requests_made: int = field(default=0, init=False)
    retries_made: int = field(default=0, init=False)
    _ahead: float = field(default=0.0, init=False)
    _windows: Share[pacing.Windows] = field(init=False)

    def __post_init__(self) -> None:
        self._windows = self.place.share(pacing_file.FORM)

    def service_time(self) -> float:
        """LaunchDarkly's time, in seconds since the epoch: that of the last answer, and what has passed here since."""
        return self.runtime.wall() - self._ahead

    def budget(self) -> retry_policy.Budget:
        return retry_policy.Budget(self.runtime.monotonic() + self.retry_timeout, self.max_retries)

    def read(self, path: str, doing: str, deadline: float | None = None) -> t.Any:
        """GET, repeated within the options' budget, or until `deadline` (monotonic seconds) where one is given."""
        budget = self.budget() if deadline is None else retry_policy.Budget(deadline, float("inf"))
        while True:
            try:
                return self._call(errors.Call("GET", path, doing), budget.deadline, deadline=deadline)
            except ExchangeError as error:
                self.pause_or_raise(budget, error)

    def pause_or_raise(self, budget: retry_policy.Budget, error: ExchangeError) -> None:
        """Sleep as long as the failure and the budget ask for; raise the failure where repeating is no use."""
        if not error.repeatable:
            raise error
        now = self.runtime.monotonic()
        pause = budget.spend(error.retry_after, now, self.runtime.chance())
        if pause is None:
            raise _given_up(error, budget, now, self.runtime.wall())
        self.pause(pause)

    def pause(self, seconds: float) -> None:
        """Sleep before something is sent again."""
        self.retries_made += 1
        self.runtime.sleep(seconds)

    def call(
        self,
        method: str,
        path: str,
        doing: str,
        body: t.Any = None,
        *,
        content_type: str = JSON,
        conflict_statuses: Container[int] = (),
        deadline: float | None = None,
    ) -> t.Any:
        """One request. Returns the decoded JSON of a success, None for an empty one; raises ExchangeError.

        `conflict_statuses` are those of a refusal that also comes when somebody else did the same a moment before.
        """
        call = errors.Call(method, path, doing)
        payload = None if body is None else json.dumps(body).encode()
        room_until = self.budget().deadline if deadline is None else deadline
        return self._call(call, room_until, payload, content_type, conflict_statuses, deadline)

    def _call(
        self,
        call: errors.Call,
        room_until: float,
        payload: bytes | None = None,
        content_type: str = JSON,
        conflict_statuses: Container[int] = (),
        deadline: float | None = None,
    ) -> t.Any:
        self.runtime.still_wanted()
        route = pacing.route_of(call.method, call.path)
        self._wait_for_room(route, room_until, is_write=call.writes)
        self.requests_made += 1
        limit = float("inf") if deadline is None else max(SHORTEST_LIMIT, deadline - self.runtime.monotonic())
        try:
            response = self.transport.send(call.method, call.path, payload, content_type, limit)
        except TransportError as failure:
            raise errors.no_answer(failure, call) from None
        self._learn(route, response)
        if not 200 <= response.status < 300:
            raise errors.api_error(response, call, self.runtime.wall(), conflict_statuses)
        return errors.decode(response, call)

    def _wait_for_room(self, route: str, until: float, *, is_write: bool) -> None:
        """Sleep until the rate limits have room, at most until then (monotonic seconds). What is sent then may be refused."""

        def admit(windows: pacing.Windows) -> tuple[pacing.Windows, float]:
            return pacing.admit(windows, route, self.runtime.wall(), is_write=is_write)

        while wait := self._windows.change(admit):
            left = until - self.runtime.monotonic()
            if left <= 0:
                break
            self.runtime.sleep(min(wait + pacing.NAP * self.runtime.chance(), left))

    def _learn(self, route: str, response: Response) -> None:
        if not self.runtime.is_service_clock:
            self._ahead = seconds_ahead(response.headers, self.runtime.wall())
            self.runtime.learn_clock(self._ahead)

        def learn(windows: pacing.Windows) -> tuple[pacing.Windows, None]:
            return pacing.learn(windows, route, response.status, response.headers, self.runtime.wall()), None

        self._windows.change(learn)

    def remaining_requests(self) -> list[pacing.Remaining]:
        """What is left of the rate limits that answers have mentioned, for people."""
        return self._windows.change(lambda windows: (windows, pacing.remaining(windows, self.runtime.wall())))


def _given_up(error: ExchangeError, budget: retry_policy.Budget, now: float, wall: float) -> ExchangeError:
    if error.status == 429 and error.retry_after is not None and now + error.retry_after > budget.deadline:
        back = time_from_millis(int((wall + error.retry_after) * 1000))
        return error.with_note(
            f"LaunchDarkly asks to wait {error.retry_after:.0f} s, longer than the {max(0.0, budget.deadline - now):.0f} s that"
            f" are left for repeating: come back after {back}."
        )
    if budget.repetitions:
        return error.with_note(f"Repeated {budget.repetitions} times before giving up.")
    return error
