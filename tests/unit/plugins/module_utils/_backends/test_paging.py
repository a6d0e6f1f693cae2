# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists in pages: all entries are read, whatever the service makes of the pages."""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.paging import MAX_PAGES, read_pages
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import InvalidResponse


def key(entry: int) -> int:
    return entry


@pytest.mark.parametrize(
    ("size", "length", "count", "pages"),
    [
        (20, 0, 0, [0]),
        (20, None, 0, [0]),
        (20, 5, 5, [0]),
        (20, 20, 20, [0]),
        (20, 45, 45, [0, 20, 40]),
        # The service serves less than was asked for.
        (10, 25, 25, [0, 10, 20]),
        # It does not say how many there are, so an empty page ends the list.
        (20, None, 45, [0, 20, 40, 45]),
        # It says more than there are.
        (20, 99, 25, [0, 20, 25]),
    ],
)
def test_paging_reads_every_entry(size: int, length: int | None, count: int, pages: list[int]) -> None:
    asked = []

    def page(offset: int) -> tuple[list[int], int | None]:
        asked.append(offset)
        return list(range(count))[offset : offset + size], length

    assert read_pages("list", page, key) == tuple(range(count))
    assert asked == pages


def test_paging_shows_an_entry_once_that_moves_to_the_next_page() -> None:
    pages = {0: [1, 2], 2: [2, 3]}
    assert read_pages("list", lambda offset: (pages[offset], 4), key) == (1, 2, 3)


def test_paging_ends_where_the_service_ignores_the_offset() -> None:
    assert read_pages("list", lambda _offset: ([1, 2], 10), key) == (1, 2)


def test_paging_gives_up_on_a_list_without_end() -> None:
    numbers = itertools.count()
    with pytest.raises(InvalidResponse, match=rf"Could not list: .* {MAX_PAGES} pages"):
        read_pages("list", lambda _offset: ([next(numbers)], None), key)
