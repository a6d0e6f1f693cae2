# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Which of the tasks that wait for the same phase reads the list of its releases, and what the list says to the others. Pure.

A list speaks for a flag only if its read began after the flag's own, and only where it shows the flag in this phase with the status
that its own read has shown: then nothing has changed. In all other cases the flag is read itself. Times are seconds since the epoch.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Mapping

# A request for a page of the list pays where this many tasks wait for each page.
TASKS_PER_PAGE = 4
# Seconds. The list is not read more often, however quickly a task polls.
SHORTEST_AGE = 2.0
# Seconds after which a flag is read itself, whatever the list says.
OWN_READ = 60.0
# Seconds that a task has for the list; then another one may try.
LEASE = 15.0
# Seconds between two looks whether the task that reads the list is done.
NAP = 1.0
# Seconds beyond its own interval that a task waits for a list; then it reads the flag itself.
GRACE = 5.0
# Seconds without a list after a read of it has failed, and after one that LaunchDarkly refused.
AFTER_FAILURE = 60.0
AFTER_REFUSAL = 600.0
# Seconds for which the length of the list is believed.
LENGTH_KEPT = 60.0


@dataclass(frozen=True)
class Board:
    """What the tasks that wait for one phase share.

    waiting         flag keys, each with the time until which its task counts as waiting
    listed          flag keys, each with the status of the phase by the last list
    begun           when the read of that list began; 0 without one
    pages           how many pages the list had
    measured        when that was seen
    reading_until   until when a task has the list to itself
    unusable_until  until when nobody reads the list
    """

    waiting: Mapping[str, float] = field(default_factory=dict)
    listed: Mapping[str, str] = field(default_factory=dict)
    begun: float = 0.0
    pages: int = 1
    measured: float = 0.0
    reading_until: float = 0.0
    unusable_until: float = 0.0


@dataclass(frozen=True)
class Waiter:
    """A task: its flag, the status that its own read has shown, when that was, and the pause between two polls."""

    flag_key: str
    status: str
    seen_at: float
    pause: float


@dataclass(frozen=True)
class ReadFlag:
    """`is_news`: the list shows something else than the flag's own read."""

    is_news: bool = False


@dataclass(frozen=True)
class ReadList:
    """At most so many pages of it."""

    pages: int


@dataclass(frozen=True)
class Rest:
    """Sleep. `as_of`: nothing had changed then; None where no list says so yet."""

    seconds: float
    as_of: float | None = None


Advice = t.Union[ReadFlag, ReadList, Rest]


def consult(board: Board, waiter: Waiter, now: float) -> tuple[Board, Advice]:
    """What a task does that is due for a poll."""
    board = _joined(_believed(board, now), waiter, now)
    pages = len(board.waiting) // TASKS_PER_PAGE
    if pages < board.pages or now < board.unusable_until:
        return board, ReadFlag()
    due = board.begun + max(waiter.pause, SHORTEST_AGE)
    if now < due:
        return board, _reading(board, waiter, due - now)
    if now < board.reading_until:
        return board, Rest(NAP)
    return dataclasses.replace(board, reading_until=now + LEASE), ReadList(pages)


def _reading(board: Board, waiter: Waiter, rest: float) -> Advice:
    """What a list that is young enough says of the flag."""
    if board.begun <= waiter.seen_at:
        return Rest(rest)
    if board.listed.get(waiter.flag_key) != waiter.status:
        return ReadFlag(is_news=True)
    return Rest(rest, as_of=board.begun)


def _joined(board: Board, waiter: Waiter, now: float) -> Board:
    until = now + waiter.pause + LEASE
    return dataclasses.replace(board, waiting={**board.waiting, waiter.flag_key: until})


def _believed(board: Board, now: float) -> Board:
    """Without what is over, and without times that lie too far ahead: a clock was set."""
    waiting = {key: until for key, until in board.waiting.items() if until > now}
    if board.begun > now:
        board = dataclasses.replace(board, listed={}, begun=0.0)
    return dataclasses.replace(
        board,
        waiting=waiting,
        pages=max(1, board.pages) if now - LENGTH_KEPT < board.measured <= now else 1,
        reading_until=board.reading_until if board.reading_until <= now + LEASE else 0.0,
        unusable_until=board.unusable_until if board.unusable_until <= now + AFTER_REFUSAL else 0.0,
    )


def left(board: Board, flag_key: str) -> Board:
    return dataclasses.replace(board, waiting={key: until for key, until in board.waiting.items() if key != flag_key})


def posted(board: Board, listed: Mapping[str, str] | None, pages: int, begun: float) -> Board:
    """With a list, or with its length alone where it was too long to read. A list that was begun later stays."""
    if begun <= board.begun:
        return board
    board = dataclasses.replace(board, pages=pages, measured=begun, reading_until=0.0)
    return board if listed is None else dataclasses.replace(board, listed=dict(listed), begun=begun)


def failed(board: Board, now: float, *, is_passing: bool) -> Board:
    pause = AFTER_FAILURE if is_passing else AFTER_REFUSAL
    return dataclasses.replace(board, reading_until=0.0, unusable_until=now + pause)


def text_of(board: Board) -> bytes:
    return json.dumps(vars(board)).encode()


def board_from(text: bytes) -> Board:
    """What a file holds; an empty board if it is not what `text_of` writes."""
    try:
        return _checked(Board(**json.loads(text)))
    except (ValueError, TypeError, RecursionError):
        return Board()


def _checked(board: Board) -> Board:
    well_formed = (
        _is_map(board.waiting, float),
        _is_map(board.listed, str),
        *(_is(value, float) for value in (board.begun, board.measured, board.reading_until, board.unusable_until)),
        _is(board.pages, int),
    )
    if not all(well_formed):
        raise ValueError("it is not a board")
    return board


def _is_map(value: t.Any, kind: type) -> bool:
    return isinstance(value, dict) and all(_is(item, kind) for item in value.values())


def _is(value: t.Any, kind: type) -> bool:
    return isinstance(value, kind) and (not isinstance(value, float) or abs(value) < float("inf"))
