# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and answers, without their transport."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from ..core.errors import invalid_request


@dataclass(frozen=True)
class Request:
    """A request as received: its path is percent-encoded, its body is bytes."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = "127.0.0.1"

    def header(self, name: str) -> str | None:
        """Return a header; the case of its name does not matter."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)

    @property
    def arguments(self) -> dict[str, str]:
        """The query by name, with the last value of each."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def values(self) -> dict[str, list[str]]:
        """The query by name, with all values."""
        return parse_qs(self.query, keep_blank_values=True)

    def json(self) -> Any:
        """Return the body's JSON."""
        try:
            return json.loads(self.body, parse_constant=_refuse)
        except (RecursionError, ValueError) as error:
            raise invalid_request("The body is not valid JSON.") from error


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON, although Python accepts it")


@dataclass
class Answer:
    """An answer, the seconds before it is sent, and whether the connection is cut instead."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    cut: bool = False


def json_answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer with a JSON body; None gives no body."""
    encoded = b"" if body is None else json.dumps(body).encode()
    content_type = {} if body is None else {"Content-Type": "application/json"}
    return Answer(status, encoded, {**content_type, **(headers or {})})
