# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Posts what a webhook sends, in a thread of its own."""

from __future__ import annotations

import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Callable
from urllib.parse import urlsplit

from .webhooks import Letter

# How often it looks for letters: time alone can bring one.
_LOOKS_EVERY = 0.05
_TIMEOUT = 5.0
# Documented: one retry. How soon it comes is an assumption.
_RETRIES_AFTER = 0.5


class Postman(threading.Thread):
    """Collects letters and delivers them, one after the other."""

    def __init__(self, collect: Callable[[], list[Letter]], record: Callable[[Letter, list[int | None]], None]) -> None:
        """Take where letters come from, and whom to tell the statuses of the answers; None stands for no answer."""
        super().__init__(daemon=True)
        self._collect = collect
        self._record = record
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look for letters until it is stopped."""
        while not self._stopping.wait(_LOOKS_EVERY):
            for letter in self._collect():
                self._record(letter, self._deliver(letter))

    def _deliver(self, letter: Letter) -> list[int | None]:
        """Post a letter, once more if it was not accepted: documented for every other status than 2xx."""
        statuses = [_post(letter)]
        if not _is_accepted(statuses[0]) and not self._stopping.wait(_RETRIES_AFTER):
            statuses.append(_post(letter))
        return statuses

    def stop(self) -> None:
        """Deliver no more."""
        self._stopping.set()
        self.join(_TIMEOUT)


def _is_accepted(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def _post(letter: Letter) -> int | None:
    parts = urlsplit(letter.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
    try:
        path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        connection.request("POST", path, letter.payload, letter.headers)
        return connection.getresponse().status
    except (HTTPException, OSError, ValueError):
        return None
    finally:
        connection.close()
