# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as one object: runs in threads, serves on the loopback address."""

from __future__ import annotations

import threading
import time
import uuid
from email.utils import formatdate
from types import TracebackType
from typing import Any, Callable

from ..control import admin
from ..control.faults import parse
from ..control.webhook import Delivery
from ..control.webhook_sender import INTERVAL, RETRY_AFTER, WebhookSender
from ..control.world import World
from ..core.clock import Clock
from ..core.documents import JsonObject
from ..http.listener import Listener
from ..http.messages import Answer, Request
from ..state.seed import seed
from . import api


class Simulator:
    """A running simulator: ``with Simulator() as sim: ... sim.url, sim.access_token``."""

    def __init__(
        self,
        state: Any = None,
        *,
        speed: float = 1.0,
        completion: str = "self",
        clock: Callable[[], float] | None = None,
        access_token: str | None = None,
        port: int = 0,
        faults: Any = (),
        webhook: str = "",
        webhook_secret: str = "",
        webhook_pauses: tuple[float, float] = (INTERVAL, RETRY_AFTER),
    ) -> None:
        """Start serving on loopback.

        ``state`` is a document in the format of the state file; None gives the demo's. ``clock`` returns seconds since
        the epoch; None gives real time. With a clock that stands still, only ``advance`` moves the time. ``webhook_pauses`` are the
        seconds between two looks for deliveries, and before a second attempt.
        """
        self.access_token = access_token or f"api-{uuid.uuid4()}"
        time_source = Clock(speed, clock or time.time)
        self.world = World(seed() if state is None else state, time_source, completion, self.access_token)
        self.world.faults.faults.extend(parse(list(faults)))
        self.world.webhook.configure({"url": webhook, "secret": webhook_secret}, self.world.state)
        self._lock = threading.Lock()
        self._listener = Listener(port, self._answer)
        self.url = f"http://127.0.0.1:{self._listener.server_address[1]}"
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self._sender = WebhookSender(self._collect, self._record, *webhook_pauses)
        self._sender.start()

    def _collect(self) -> list[Delivery]:
        with self._lock:
            return self.world.webhook.due(self.world.state) if self.world.webhook.url else []

    def _record(self, delivery: Delivery, statuses: list[int | None]) -> None:
        with self._lock:
            self.world.webhook.deliveries.append({"url": delivery.url, "body": delivery.body, "statuses": statuses})

    def _answer(self, request: Request) -> Answer:
        with self._lock:
            if request.path.startswith(admin.PREFIX):
                return admin.answer(self.world, request)
            given = api.answer(self.world, request)
            # By the clock that the reset times of the rate limits are by.
            given.headers.setdefault("Date", formatdate(self.world.clock.wall() / 1000, usegmt=True))
            return given

    def stop(self) -> None:
        """Stop serving and close every connection."""
        self._sender.stop()
        self._listener.close()
        self._thread.join()

    def __enter__(self) -> Simulator:
        """Return the running simulator."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    @property
    def requests(self) -> list[JsonObject]:
        """The request log, as ``/__sim__/requests`` shows it."""
        with self._lock:
            return self.world.log.entries()

    def advance(self, seconds: float) -> None:
        """Move the simulated time ahead."""
        with self._lock:
            self.world.clock.advance(seconds)
