# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""When to repeat a request, and how long to wait before: one policy for every request, as plain functions."""

from __future__ import annotations

import email.utils
import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# A pause is stretched by up to this share, so that tasks that failed together do not come back together.
JITTER = 0.25

# Epoch milliseconds (LaunchDarkly's REST API overview, "Rate limiting"); the second belongs to the limit of one token.
RESET_HEADERS = ("X-Ratelimit-Reset", "X-Ratelimit-Auth-Token-Reset")

# The last moment that can be written as a date, in seconds since the epoch. A hint beyond it is none.
END_OF_CALENDAR = 253_402_300_800.0


def is_repeatable(status: int, code: str | None) -> bool:
    """Any 5xx, those of proxies in front of the service included. Other 409s stay as they are however often one asks."""
    return status == 429 or status >= 500 or (status, code) == (409, "optimistic_locking_error")


def may_have_been_applied(status: int) -> bool:
    """A 5xx may come from something in front of a service that did the work; anything else is the service's own refusal."""
    return status >= 500


def hinted_pause(headers: Mapping[str, str], wall: float) -> float | None:
    """Seconds that the answer asks to wait: the longest of its hints, 0 for a time that has passed, None without any.

    Times are compared with the `Date` of the answer, so that a clock here that is wrong does not matter.
    """
    now = date(headers.get("Date"))
    if now is None:
        now = wall
    hints = [_retry_after(headers.get("Retry-After"), now)]
    hints += [_reset(headers.get(name), now) for name in RESET_HEADERS]
    given = [hint for hint in hints if hint is not None and wall + hint < END_OF_CALENDAR]
    return max(given) if given else None


def _retry_after(value: str | None, now: float) -> float | None:
    """Seconds, or an HTTP date."""
    seconds = _number(value)
    if seconds is not None:
        return seconds
    moment = date(value)
    return None if moment is None else max(0.0, moment - now)


def _reset(value: str | None, now: float) -> float | None:
    moment = reset_time(value)
    return None if moment is None else max(0.0, moment - now)


def reset_time(value: str | None) -> float | None:
    """Seconds since the epoch, by LaunchDarkly's clock."""
    millis = _number(value)
    return None if millis is None else millis / 1000


def _number(value: str | None) -> float | None:
    """A number, or infinity where it is too large for one."""
    text = (value or "").strip()
    return float(text) if text.isdecimal() else None


def date(value: str | None) -> float | None:
    """Seconds since the epoch."""
    try:
        return email.utils.parsedate_to_datetime(value or "").timestamp()
    except Exception:
        # It raises several classes of errors for other text, and for dates outside the calendar.
        return None


def backoff(repetition: int) -> float:
    """0.5, 1, 2, 4 ... seconds for repetition 0, 1, 2, 3 ..."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(repetition, 16))


def shortest_pause(repetition: int, hint: float | None) -> float:
    """The server's hint or the backoff, whichever is longer."""
    return max(hint or 0.0, backoff(repetition))


@dataclass
class Budget:
    """What one call may spend on repeating. `deadline` is a reading of the monotonic clock, in seconds."""

    deadline: float
    repetitions_left: float
    repetitions: int = 0

    def spend(self, hint: float | None, now: float, chance: float) -> float | None:
        """The pause before the next repetition, stretched by chance (0.0 to 1.0), or None when none is left."""
        shortest = shortest_pause(self.repetitions, hint)
        if self.repetitions_left < 1 or now + shortest > self.deadline:
            return None
        self.repetitions += 1
        self.repetitions_left -= 1
        return min(shortest * (1 + JITTER * chance), self.deadline - now)
