# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the tasks that wait for the same phase reads the list, and what it says to the others."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.shared_progressions import (
    AFTER_FAILURE,
    AFTER_REFUSAL,
    LEASE,
    LENGTH_KEPT,
    NAP,
    TASKS_PER_PAGE,
    Board,
    ReadFlag,
    ReadList,
    Rest,
    Waiter,
    board_from,
    consult,
    failed,
    left,
    posted,
    text_of,
)

NOW = 1_793_000_000.0
CART = Waiter("cart", "active", NOW - 4.0, 10.0)
OTHERS = {f"flag-{number}": NOW + 20.0 for number in range(TASKS_PER_PAGE - 1)}
LISTED = {"cart": "active", "flag-1": "ready_to_start"}
BOARD = Board(OTHERS, LISTED, NOW - 2.0)


def advice(board: Board, waiter: Waiter = CART, now: float = NOW) -> Any:
    return consult(board, waiter, now)[1]


def test_shared_list_speaks_for_a_flag_that_it_shows_unchanged() -> None:
    assert advice(BOARD) == Rest(8.0, as_of=NOW - 2.0)


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ({**LISTED, "cart": "paused"}, ReadFlag(is_news=True)),
        ({"flag-1": "active"}, ReadFlag(is_news=True)),
        ({}, ReadFlag(is_news=True)),
    ],
    ids=str,
)
def test_shared_list_sends_a_flag_that_changed_to_its_read(listed: dict[str, str], expected: Any) -> None:
    assert advice(dataclasses.replace(BOARD, listed=listed)) == expected


@pytest.mark.parametrize("seen_at", [NOW - 2.0, NOW - 1.0])
def test_shared_list_says_nothing_of_what_it_is_older_than(seen_at: float) -> None:
    waiter = dataclasses.replace(CART, seen_at=seen_at)
    assert advice(BOARD, waiter) == Rest(8.0)
    assert advice(dataclasses.replace(BOARD, listed={}), waiter) == Rest(8.0)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"begun": 0.0}, ReadList(1)),
        ({"begun": NOW - 10.0}, ReadList(1)),
        ({"begun": NOW - 9.0}, Rest(1.0)),
        # somebody is reading it
        ({"begun": 0.0, "reading_until": NOW + 1}, Rest(NAP)),
        ({"begun": 0.0, "reading_until": NOW}, ReadList(1)),
        # a read of it has failed
        ({"unusable_until": NOW + 1}, ReadFlag()),
        ({"begun": 0.0, "unusable_until": NOW}, ReadList(1)),
        # too few tasks for one page, and enough for more
        ({"waiting": {}}, ReadFlag()),
        ({"waiting": {**OTHERS, "flag-1": NOW}}, ReadFlag()),
        ({"begun": 0.0, "waiting": {f"flag-{number}": NOW + 1 for number in range(11)}}, ReadList(3)),
        ({"begun": 0.0, "pages": 2, "measured": NOW - 1}, ReadFlag()),
        ({"begun": 0.0, "pages": 2, "measured": NOW - LENGTH_KEPT}, ReadList(1)),
        # a clock was set
        ({"begun": 0.0, "pages": 2, "measured": NOW + 1}, ReadList(1)),
        ({"begun": NOW + 0.1}, ReadList(1)),
        ({"begun": 0.0, "reading_until": NOW + LEASE + 1}, ReadList(1)),
        ({"begun": 0.0, "unusable_until": NOW + AFTER_REFUSAL + 1}, ReadList(1)),
    ],
    ids=str,
)
def test_shared_list_is_read_by_one_task_when_it_is_due(changes: dict[str, Any], expected: Any) -> None:
    waiter = dataclasses.replace(CART, seen_at=NOW - 1.0)
    assert advice(dataclasses.replace(BOARD, **changes), waiter) == expected


def test_shared_list_is_not_read_more_often_than_it_may_be() -> None:
    waiter = dataclasses.replace(CART, pause=0.75)
    assert advice(dataclasses.replace(BOARD, begun=NOW - 1.5), waiter) == Rest(0.5, as_of=NOW - 1.5)
    assert advice(BOARD, waiter) == ReadList(1)


def test_shared_list_is_read_by_the_first_that_asks() -> None:
    board, first = consult(dataclasses.replace(BOARD, begun=0.0), CART, NOW)
    board, second = consult(board, dataclasses.replace(CART, flag_key="flag-1"), NOW)
    assert (first, second) == (ReadList(1), Rest(NAP))
    board = posted(board, {"flag-1": "active"}, 1, NOW)
    assert advice(board, dataclasses.replace(CART, flag_key="flag-1"), NOW + 1) == Rest(9.0, as_of=NOW)
    assert advice(board, CART, NOW + 1) == ReadFlag(is_news=True)
    assert posted(board, {}, 1, NOW - 1) == board, "an older one that comes late"


def test_shared_list_is_read_once_enough_tasks_wait_for_it() -> None:
    board = posted(dataclasses.replace(BOARD, begun=0.0), None, 2, NOW)
    assert (board.listed, board.begun) == (LISTED, 0.0)
    assert advice(board) == ReadFlag()
    more = {**OTHERS, **{f"other-{number}": NOW + 9 for number in range(TASKS_PER_PAGE)}}
    assert advice(dataclasses.replace(board, waiting=more)) == ReadList(2)


def test_shared_list_forgets_tasks_that_wait_no_longer() -> None:
    board, _advice = consult(Board(), CART, NOW)
    assert set(board.waiting) == {"cart"}
    assert left(board, "cart").waiting == {}
    later, _advice = consult(board, dataclasses.replace(CART, flag_key="other"), NOW + CART.pause + LEASE)
    assert set(later.waiting) == {"other"}


@pytest.mark.parametrize(("is_passing", "pause"), [(True, AFTER_FAILURE), (False, AFTER_REFUSAL)])
def test_shared_list_that_failed_is_left_alone(is_passing: bool, pause: float) -> None:
    board = failed(dataclasses.replace(BOARD, begun=0.0, reading_until=NOW + 9), NOW, is_passing=is_passing)
    waiting = dict.fromkeys(OTHERS, NOW + 2 * pause)
    board = dataclasses.replace(board, waiting=waiting)
    assert advice(board, now=NOW + pause - 1) == ReadFlag()
    assert advice(board, now=NOW + pause) == ReadList(1)


def test_shared_list_is_written_and_read() -> None:
    board = dataclasses.replace(BOARD, reading_until=NOW + 1, unusable_until=NOW + 2)
    assert board_from(text_of(board)) == board


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"7",
        b"[]",
        b'"text"',
        b'{"unknown": 1}',
        b'{"waiting": []}',
        b'{"waiting": {"cart": "soon"}}',
        b'{"waiting": {"cart": 1}}',
        b'{"listed": {"cart": 1}}',
        b'{"listed": null}',
        b'{"begun": NaN}',
        b'{"begun": Infinity}',
        b'{"begun": true}',
        b'{"pages": 1.0}',
        b'{"pages": "1"}',
        b'{"reading_until": "1"}',
        b'{"unusable_until": null}',
        b'{"waiting": {"cart": 1.0}',
        b"[" * 100_000,
    ],
    ids=lambda text: repr(text[:40]),
)
def test_shared_list_that_is_corrupt_counts_as_empty(text: bytes) -> None:
    assert board_from(text) == Board()
