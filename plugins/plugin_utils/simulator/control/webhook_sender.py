# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Posts the deliveries of a webhook, in a thread of its own."""

from __future__ import annotations

import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Callable, Optional
from urllib.parse import urlsplit

from .webhook import Delivery

# How often it looks for deliveries: time alone can cause one.
INTERVAL = 0.05
_TIMEOUT = 5.0
# Documented: one retry. The pause before it is an assumption.
RETRY_AFTER = 0.5

Collect = Callable[[], "list[Delivery]"]
Record = Callable[[Delivery, list[Optional[int]]], None]


class WebhookSender(threading.Thread):
    """Collects deliveries and posts them one by one."""

    def __init__(
        self, collect: Collect, record: Record, interval: float = INTERVAL, retry_after: float = RETRY_AFTER
    ) -> None:
        """Take the source of deliveries, and the log of the statuses of their answers; None means no answer."""
        super().__init__(daemon=True)
        self._interval = interval
        self._retry_after = retry_after
        self._collect = collect
        self._record = record
        self._stopping = threading.Event()

    def run(self) -> None:
        """Post deliveries until stopped."""
        while not self._stopping.wait(self._interval):
            for delivery in self._collect():
                self._record(delivery, self._deliver(delivery))

    def _deliver(self, delivery: Delivery) -> list[int | None]:
        """Post a delivery, and once more if the answer is not a 2xx (documented)."""
        statuses = [_post(delivery)]
        if not _is_accepted(statuses[0]) and not self._stopping.wait(self._retry_after):
            statuses.append(_post(delivery))
        return statuses

    def stop(self) -> None:
        """Post no more."""
        self._stopping.set()
        self.join(_TIMEOUT)


def _is_accepted(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def _post(delivery: Delivery) -> int | None:
    parts = urlsplit(delivery.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    try:
        path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        connection.request("POST", path, delivery.payload, delivery.headers)
        return connection.getresponse().status
    except (HTTPException, OSError, ValueError):
        return None
    finally:
        connection.close()
