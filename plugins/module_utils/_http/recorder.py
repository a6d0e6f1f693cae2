# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A transport that keeps what was answered, for whoever looks at more than the documents."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .transport import JSON, TransportError

if t.TYPE_CHECKING:
    from .transport import Response, Transport


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, None where no usable one came."""

    method: str
    path: str
    answer: Response | None


@dataclass
class Recorder:
    """Sends through another transport."""

    transport: Transport
    exchanges: list[Exchange] = field(default_factory=list, init=False)

    def send(
        self, method: str, path: str, body: bytes | None, content_type: str = JSON, limit: float = float("inf")
    ) -> Response:
        try:
            answer = self.transport.send(method, path, body, content_type, limit)
        except TransportError:
            self.exchanges.append(Exchange(method, path, None))
            raise
        self.exchanges.append(Exchange(method, path, answer))
        return answer

    @property
    def answers(self) -> list[Response]:
        return [item.answer for item in self.exchanges if item.answer is not None]
