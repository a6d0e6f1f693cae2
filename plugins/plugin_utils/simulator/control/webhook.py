# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A webhook: which entries of the audit log it delivers, to which address, and how they are signed.

Documented: the payload is an entry of the audit log; with a secret, the header ``X-LD-Signature`` holds the hex
HMAC-SHA256 of the payload.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..audit import entries
from ..core.documents import JsonObject, is_kind
from ..core.errors import invalid_request


@dataclass(frozen=True)
class Delivery:
    """One post to the webhook's address."""

    url: str
    body: JsonObject
    payload: bytes
    headers: dict[str, str]


class Webhook:
    """The address and the secret of a webhook, and what was delivered. It does no locking of its own."""

    def __init__(self) -> None:
        """Start without an address: nothing is sent."""
        self.url = ""
        self._secret = b""
        # Bounded, since a simulator may run for a long time.
        self.deliveries: deque[JsonObject] = deque(maxlen=2000)
        self._seen: dict[str, int] = {}

    def configure(self, raw: JsonObject, state: JsonObject) -> None:
        """Set address and secret; earlier changes are not sent."""
        unknown = sorted(set(raw) - {"url", "secret"})
        if unknown or not all(is_kind(value, str) for value in raw.values()):
            raise invalid_request("A webhook has a url and a secret, both strings.")
        url = raw.get("url", "")
        if url and not _is_address(url):
            raise invalid_request(f"{url!r} is not an address that starts with http:// or https://.")
        self.url = url
        self._secret = raw.get("secret", "").encode()
        self.deliveries.clear()
        self.skip(state)

    def skip(self, state: JsonObject) -> None:
        """Treat every entry in a state's audit log as sent."""
        self._seen = {key: _last(project["audit"]) for key, project in state["projects"].items()}

    def due(self, state: JsonObject) -> list[Delivery]:
        """Return the deliveries for the changes since the last call, in the order of the changes."""
        found = [
            (entry["date"], entries.served(project, entry))
            for key, project in state["projects"].items()
            for entry in project["audit"]
            if entry["number"] > self._seen.get(key, 0)
        ]
        self.skip(state)
        return [self._delivery(body) for _date, body in sorted(found, key=lambda item: item[0])] if self.url else []

    def _delivery(self, body: JsonObject) -> Delivery:
        payload = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers["X-LD-Signature"] = hmac.new(self._secret, payload, hashlib.sha256).hexdigest()
        return Delivery(self.url, body, payload, headers)


def _last(audit: list[JsonObject]) -> int:
    return int(audit[-1]["number"]) if audit else 0


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
