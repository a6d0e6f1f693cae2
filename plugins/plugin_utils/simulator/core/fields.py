# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks a state written by hand: names and types, with the place of each mistake."""

from __future__ import annotations

from typing import Any

from .documents import JsonObject, is_kind

# The fields that may be written, and their types.
Fields = dict[str, tuple[type, ...]]


class StateError(ValueError):
    """The state cannot be read; the message names the place."""


def checked(value: Any, where: str, fields: Fields | None = None, open_ended: bool = False) -> JsonObject:
    """Return an object whose fields have the right types and, unless it is open-ended, known names."""
    if not isinstance(value, dict):
        raise StateError(f"{where} must be an object")
    for name, item in value.items():
        if fields is None:
            break
        if name not in fields and not open_ended:
            raise StateError(f"{where} has an unknown field {name!r} (known: {', '.join(fields)})")
        if not is_kind(item, *fields.get(name, (type(item),))):
            raise StateError(f"{name} in {where} has the wrong type")
    return value
