# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Lists that LaunchDarkly serves in pages."""

from __future__ import annotations

import typing as t

from .._core.errors import InvalidResponse

if t.TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

# Twenty thousand entries on pages of the default size: more are a fault of the service.
MAX_PAGES = 1000

T = t.TypeVar("T")


def read_pages(
    doing: str,
    read_page: Callable[[int], tuple[Sequence[T], int | None]],
    key: Callable[[T], Hashable],
) -> tuple[T, ...]:
    """All entries, each once. `read_page` takes an offset, and gives the entries there and the length of the list.

    A page may be shorter than was asked for, and the list may grow meanwhile, so a page without new entries ends it.
    """
    found: dict[Hashable, T] = {}
    offset = 0
    for _number in range(MAX_PAGES):
        entries, length = read_page(offset)
        known = len(found)
        found.update((key(entry), entry) for entry in entries)
        offset += len(entries)
        if len(found) == known or (length is not None and offset >= length):
            return tuple(found.values())
    raise InvalidResponse(f"Could not {doing}: LaunchDarkly's list does not end after {MAX_PAGES} pages.")
