# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""One read of a wait: what passes is repeated, and what is unexpected too, as long as it does not persist."""

from __future__ import annotations

import typing as t

from .._core.errors import ExchangeError
from .._http.retry import Budget

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .._http.client import Http

# Seconds after which an unexpected answer counts as one that persists.
PERSISTENCE = 60.0

T = t.TypeVar("T")


class TimeIsUp(Exception):
    """The wait's time ran out while reads failed; `last` is the failure of the last one."""

    def __init__(self, last: ExchangeError) -> None:
        super().__init__(last.message)
        self.last = last


def poll(look: Callable[[], T], http: Http, deadline: float) -> T:
    """Call `look`, which repeats passing failures until `deadline` (monotonic seconds) itself.

    An unexpected answer, such as the HTML of a proxy, is retried like a dropped connection. LaunchDarkly's own refusals, and what
    persists, are raised.
    """
    runtime = http.runtime
    budget = Budget(runtime.monotonic() + PERSISTENCE, float("inf"))
    while True:
        try:
            return look()
        except ExchangeError as error:
            now = runtime.monotonic()
            if error.repeatable:
                # A rate limit beyond the wait says when to come back.
                if error.status == 429 and (error.retry_after or 0.0) > deadline - now:
                    raise
                raise TimeIsUp(error) from error
            pause = budget.spend(None, now, runtime.chance()) if error.unexpected else None
            if pause is None:
                raise
            if now + pause > deadline:
                raise TimeIsUp(error) from error
            http.pause(pause)
