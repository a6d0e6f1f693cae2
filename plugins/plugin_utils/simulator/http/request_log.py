# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests to the service, in order, for tests and people to read."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

from ..core.documents import JsonObject
from ..core.errors import ApiError
from .messages import Request


class RequestLog:
    """The requests so far, without the access token."""

    def __init__(self) -> None:
        """Start empty."""
        # Bounded, since a simulator may run for a long time.
        self._entries: deque[JsonObject] = deque(maxlen=20000)
        self._number = 0

    def add(self, request: Request, authorized: bool, at: int) -> JsonObject:
        """Log a request, and return its entry; the caller fills in the status."""
        self._number += 1
        entry: JsonObject = {
            "number": self._number,
            "at": at,
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": {name: value for name, value in request.headers.items() if name.lower() != "authorization"},
            "authorized": authorized,
            "body": _readable(request),
            "status": None,
        }
        self._entries.append(entry)
        return entry

    def entries(self, method: str | None = None, path: str = "") -> list[JsonObject]:
        """Return the requests with the method whose path matches the regular expression."""
        pattern = re.compile(path)
        return [
            dict(entry)
            for entry in self._entries
            if method in (None, entry["method"]) and pattern.search(entry["path"])
        ]

    def clear(self) -> None:
        """Clear the log and restart its numbers."""
        self._entries.clear()
        self._number = 0


def _readable(request: Request) -> Any:
    if not request.body:
        return None
    try:
        return request.json()
    except ApiError:
        return request.body.decode(errors="replace")
