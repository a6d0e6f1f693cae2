# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Single values that a task gives: checked, and refused as `invalid_option` by their name."""

from __future__ import annotations

import ipaddress
import typing as t

from .._core.durations import EXPECTED, parse_seconds
from .._core.errors import OptionError

# In seconds, or times; nobody needs as much.
LARGEST_NUMBER = 1_000_000_000


def read_key(name: str, value: str) -> str:
    # `.` and `..` would change the path that the request is sent to.
    if value.strip() in ("", ".", "..") or not _is_utf8(value):
        raise OptionError(f"{name} is {value!r}, which is not a key.")
    return value


def _is_utf8(value: str) -> bool:
    """A lone surrogate, such as YAML's "\\ud800", cannot be written into a request."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_seconds(name: str, value: t.Any, *, smallest: float = 0.0, largest: float = LARGEST_NUMBER) -> float:
    """A length of time: a number of seconds, or a text such as 90s, 15m, 2h or 1d."""
    seconds = parse_seconds(value)
    if seconds is None:
        raise OptionError(f"{name} is {value!r}: {EXPECTED}")
    if not smallest <= seconds <= largest:
        raise OptionError(f"{name} is {value!r}: it has to be from {smallest:g} to {largest} seconds.")
    return seconds


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
