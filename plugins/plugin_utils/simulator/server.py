# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP layer, and the simulator as one object: started in a thread, asked over loopback."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Callable
from urllib.parse import urlsplit

from . import admin, service
from .clock import Clock
from .documents import JsonObject
from .errors import error_body
from .faults import parse
from .messages import Answer, Request, json_answer
from .postman import Postman
from .seed import seed
from .webhooks import Letter
from .world import World


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """One thread a connection; every connection is closed when it stops."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Request], Answer]) -> None:
        self.answer = answer
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._connections_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def note(self, connection: socket.socket, is_open: bool) -> None:
        with self._connections_lock:
            if is_open:
                self._connections.add(connection)
            else:
                self._connections.discard(connection)

    def close(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._connections_lock:
            for connection in self._connections:
                _shut(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Client gone: nothing to say. Anything else is a mistake of the simulator's own, and is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, and writes what the simulator answers."""

    server: _Server
    protocol_version = "HTTP/1.1"
    # Also what cannot be read as a request is answered with a status.
    default_request_version = "HTTP/1.1"
    # Headers and body leave in one packet, at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.note(self.connection, True)

    def finish(self) -> None:
        self.server.note(self.connection, False)
        super().finish()

    def log_message(self, *_unused: Any) -> None:
        """Say nothing: the request log is what there is to read."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is not even a request as the service refuses things: in JSON."""
        self.close_connection = True
        self._write(json_answer(code, error_body(code, message or explain or "")))

    def version_string(self) -> str:
        return "launchdarkly-simulator"

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            self.close_connection = True
            self._write(json_answer(400, error_body(400, "A body needs a Content-Length.")))
            return
        parts = urlsplit(self.path)
        headers = dict(self.headers.items())
        answer = self.server.answer(
            Request(self.command, parts.path, parts.query, headers, body, self.client_address[0])
        )
        if answer.delay:
            self.server.stopping.wait(answer.delay)
        if answer.cut:
            self.close_connection = True
            _shut(self.connection)
            return
        self._write(answer)

    do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = do_DELETE = _serve

    def _read_body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionResetError("the client went away in the middle of its request")
        return body

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if answer.status != 204 and self.command != "HEAD":
            self.wfile.write(answer.body)


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
    ) -> None:
        """Start serving on loopback.

        ``state`` is a document in the format of the state file, the demo's when None. ``clock`` returns seconds since
        the epoch (real time when None); one that stands still makes ``advance`` the only thing that moves time.
        """
        self.access_token = access_token or f"api-{uuid.uuid4()}"
        time_source = Clock(speed, clock or time.time)
        self.world = World(seed() if state is None else state, time_source, completion, self.access_token)
        self.world.faults.faults.extend(parse(list(faults)))
        self.world.webhook.configure({"url": webhook, "secret": webhook_secret}, self.world.state)
        self._lock = threading.Lock()
        self._server = _Server(port, self._answer)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self._postman = Postman(self._collect, self._record)
        self._postman.start()

    def _collect(self) -> list[Letter]:
        with self._lock:
            return self.world.webhook.due(self.world.state) if self.world.webhook.url else []

    def _record(self, letter: Letter, statuses: list[int | None]) -> None:
        with self._lock:
            self.world.webhook.deliveries.append({"url": letter.url, "body": letter.body, "statuses": statuses})

    def _answer(self, request: Request) -> Answer:
        with self._lock:
            if request.path.startswith(admin.PREFIX):
                return admin.answer(self.world, request)
            return service.answer(self.world, request)

    def stop(self) -> None:
        """Close every connection and serve no more."""
        self._postman.stop()
        self._server.close()
        self._thread.join()

    def __enter__(self) -> Simulator:
        """Return the simulator, which is running already."""
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
