# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP layer: reads requests from loopback connections, and writes answers."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any, Callable
from urllib.parse import urlsplit

from ..core.errors import error_body
from .messages import Answer, Request, json_answer


class Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves each connection in a thread of its own, and closes all of them when it stops."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Request], Answer]) -> None:
        """Listen on the loopback address; port 0 takes a free one."""
        self.answer = answer
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._connections_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def track(self, connection: socket.socket, is_open: bool) -> None:
        """Remember an open connection, or forget a closed one."""
        with self._connections_lock:
            if is_open:
                self._connections.add(connection)
            else:
                self._connections.discard(connection)

    def close(self) -> None:
        """Stop listening and close every connection."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._connections_lock:
            for connection in self._connections:
                _shut(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore that the client went away; anything else is a bug of the simulator and is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class _Handler(BaseHTTPRequestHandler):
    """Reads a request and writes the simulator's answer."""

    server: Listener
    protocol_version = "HTTP/1.1"
    # An unreadable request gets an answer with a status, too.
    default_request_version = "HTTP/1.1"
    # Headers and body leave in one packet, at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.track(self.connection, True)

    def finish(self) -> None:
        self.server.track(self.connection, False)
        super().finish()

    def log_message(self, *_unused: Any) -> None:
        """Print nothing: the request log has it all."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse an unreadable request in JSON, as the service refuses others."""
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
            raise ConnectionResetError("the client closed the connection within its request")
        return body

    def _write(self, answer: Answer) -> None:
        # Not send_response: its Date is the machine's, the answer's is by the simulator's own clock.
        self.send_response_only(answer.status)
        self.send_header("Server", self.version_string())
        if "Date" not in answer.headers:
            self.send_header("Date", self.date_time_string())
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if answer.status != 204 and self.command != "HEAD":
            self.wfile.write(answer.body)
