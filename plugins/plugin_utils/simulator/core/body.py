# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the fields of a request body, and refuses those of the wrong type."""

from __future__ import annotations

from typing import Any, Optional

from .documents import JsonObject, is_kind
from .errors import invalid_request


def as_object(given: Any, what: str = "The body") -> JsonObject:
    """Return an object."""
    if not isinstance(given, dict):
        raise invalid_request(f"{what} must be a JSON object.")
    return given


def text(body: JsonObject, name: str) -> str:
    """Return a required string, which must not be empty."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise invalid_request(f"{name} is required and must be a string.")
    return value


def optional_text(body: JsonObject, name: str) -> Optional[str]:
    """Return a string, or None without one."""
    value = body.get(name)
    if not is_kind(value, str, type(None)):
        raise invalid_request(f"{name} must be a string.")
    return value


def boolean(body: JsonObject, name: str) -> bool:
    """Return a boolean, false without one."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise invalid_request(f"{name} must be a boolean.")
    return value


def check_texts(given: Any, what: str) -> None:
    """Refuse anything but a list of strings."""
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise invalid_request(f"{what} must be a list of strings.")
