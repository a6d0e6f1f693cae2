# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.
"""One HTTP request through requests, bounded in time and size, and what can go wrong with it."""

from __future__ import annotations

import http.client
import io
import os
import re
import socket
import ssl
import time
import typing as t
import warnings
import zlib
from dataclasses import dataclass

from .._core.errors import OptionError
from .._core.libraries import HTTPAdapter, requests, urllib3
from .._core.text import excerpt
from .._core.version import VERSION
from .proxies import choose_proxy

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .._model.desired import Connection

JSON = "application/json"
USER_AGENT = f"ansible-collection-flagops.launchdarkly/{VERSION}"

# For the body of an answer, as it comes and once it is decompressed.
MAX_BYTES = 32 * 1024 * 1024
PIECE = 65536

# Words of OpenSSL for a refusal of a certificate, and of a protocol version.
_CERTIFICATE = ("CERT", "UNKNOWN_CA", "X509", "PEM")
_VERSION = ("VERSION", "PROTOCOL")


@dataclass(frozen=True)
class Response:
    """`headers` looks names up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportError(Exception):
    """No usable answer came. `sent`: the request went out, so that the service may have acted on it."""

    def __init__(
        self,
        cause: str,
        code: str = "connection_failed",
        *,
        sent: bool,
        repeatable: bool = True,
        unexpected: bool = False,
    ) -> None:
        super().__init__(cause)
        self.cause = cause
        self.code = code
        self.sent = sent
        self.repeatable = repeatable
        self.unexpected = unexpected


class Transport(t.Protocol):
    def send(
        self, method: str, path: str, body: bytes | None, content_type: str = JSON, limit: float = float("inf")
    ) -> Response:
        """Send one request; raise TransportError when no usable answer came. `limit` is in seconds."""


class BrokenAnswer(Exception):
    """The answer breaks the rules of HTTP, or ours for size."""


class UndecodableAnswer(BrokenAnswer):
    """The body is not compressed in the way that its header says."""


class OversizedAnswer(BrokenAnswer):
    """The answer is larger than any of LaunchDarkly's."""


@dataclass
class Exchange:
    """What is known of the request that is under way. `seconds` is the limit of each step: to connect, and to be answered."""

    seconds: float = 0.0
    deadline: float = 0.0
    sent: bool = False

    def begin(self, seconds: float) -> None:
        self.seconds = seconds
        self.sent = False
        self.restart()

    def restart(self) -> None:
        self.deadline = time.monotonic() + self.seconds

    def time_left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        return left


class _TimedReader(io.RawIOBase):
    """Reads from a socket until a deadline. A timeout for each read would let a server that trickles hold the task."""

    def __init__(self, sock: socket.socket, exchange: Exchange) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._exchange = exchange

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int | None:
        self._sock.settimeout(self._exchange.time_left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """The standard library's parser, stricter: it accepts lengths that contradict each other and that are negative."""

    def __init__(self, sock: socket.socket, *args: t.Any, exchange: Exchange, **kwargs: t.Any) -> None:
        super().__init__(sock, *args, **kwargs)
        unlimited = self.fp
        self.fp = io.BufferedReader(_TimedReader(sock, exchange))
        unlimited.close()

    def begin(self) -> None:
        super().begin()
        # RFC 9110, 15.2: an interim answer is not the answer. The standard library skips only 100.
        while self.status < 200:
            self.headers = self.msg = None  # type: ignore[assignment]  # makes it read once more
            super().begin()
        lengths = ",".join(self.headers.get_all("Content-Length", []))
        if len({length.strip() for length in lengths.split(",")}) > 1:
            raise http.client.HTTPException("the answer gives more than one length")

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # type: ignore[misc]  # typeshed has no private names
        if size < 0:
            raise http.client.HTTPException("the answer has a chunk of negative size")
        return size


class _Connection(http.client.HTTPConnection):
    """Notes when the request goes out; goes in front of urllib3's classes of connections."""

    exchange: Exchange

    def connect(self) -> None:
        try:
            super().connect()
        finally:
            # What was sent so far was for a proxy.
            self.exchange.sent = False
        self.exchange.restart()

    def send(self, data: t.Any) -> None:
        if self.sock is None and self.auto_open:
            self.connect()
        self.exchange.sent = True
        super().send(data)

    def response_class(  # type: ignore[override]  # typeshed wants a class; it is only called
        self, sock: socket.socket, *args: t.Any, **kwargs: t.Any
    ) -> _Answer:
        return _Answer(sock, *args, exchange=self.exchange, **kwargs)


class _Adapter(HTTPAdapter):
    """The part of requests that sends, without the part that reads redirects, cookies and types out of an answer.

    It is used without a session, which would let a .netrc entry replace the access token.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        super().__init__()

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        self._watch(manager)
        return manager

    def build_response(self, _request: t.Any, answer: t.Any) -> t.Any:
        return answer

    def _watch(self, manager: t.Any) -> None:
        manager.pool_classes_by_scheme = {
            scheme: kind if issubclass(kind.ConnectionCls, _Connection) else self._watched(kind)
            for scheme, kind in manager.pool_classes_by_scheme.items()
        }

    def _watched(self, pool: t.Any) -> t.Any:
        connection = type(pool.ConnectionCls.__name__, (_Connection, pool.ConnectionCls), {"exchange": self._exchange})
        return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class RequestsTransport:
    """HTTP through requests, one request at a time. `token` is asked before each: a long wait may outlive a token."""

    def __init__(self, connection: Connection, token: Callable[[], str] | None = None) -> None:
        self._connection = connection
        self._token = token or (lambda: connection.access_token)
        self._exchange = Exchange()
        self._adapter = _Adapter(self._exchange)
        self._verify = _verify(connection)
        self._proxy = choose_proxy(connection)
        self._headers = {
            # Needed by every call of the release APIs; LaunchDarkly answers 403 without it.
            "LD-API-Version": "beta",
            "Accept": JSON,
            "Accept-Encoding": "gzip",
            "User-Agent": USER_AGENT,
        }

    def send(
        self, method: str, path: str, body: bytes | None, content_type: str = JSON, limit: float = float("inf")
    ) -> Response:
        headers = {"Authorization": self._token(), **self._headers}
        if body is not None:
            headers["Content-Type"] = content_type
        url = self._connection.api_host + path
        proxies = {url.partition(":")[0]: self._proxy.url} if self._proxy else {}
        self._exchange.begin(min(limit, self._connection.http_timeout))
        with warnings.catch_warnings():
            # validate_certs: false was the user's decision; repeating it on stderr for each request helps nobody.
            warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
            try:
                request = requests.Request(method, url, headers, data=body).prepare()
                answer: t.Any = self._adapter.send(
                    request, timeout=self._exchange.seconds, verify=self._verify, proxies=proxies
                )
                return Response(answer.status, answer.headers, read_body(answer))
            except Exception as error:
                # Whatever was raised: once the request went out, the service may have acted on it.
                raise self._failure(error) from None

    def _failure(self, error: Exception) -> TransportError:
        sent = self._exchange.sent
        host = self._connection.api_host
        cause = self._describe(error)
        if isinstance(error, OversizedAnswer):
            return TransportError(f"{host}: {cause}", "invalid_response", sent=sent, repeatable=False, unexpected=True)
        if isinstance(error, UndecodableAnswer):
            return TransportError(f"{host}: {cause}", sent=sent, repeatable=False, unexpected=True)
        if _is_tls_refusal(error, sent=sent):
            return TransportError(
                f"the TLS connection to {host} failed: {cause}. Check api_host, the machine's certificates, and ca_path",
                "tls_failed",
                sent=sent,
                repeatable=False,
            )
        # Before anything was sent, requests and urllib3 raise ValueErrors for what they cannot make sense of.
        repeatable = sent or not isinstance(error, ValueError)
        failed = "no usable answer came from" if sent else "no connection to"
        return TransportError(f"{failed} {host}: {cause}", sent=sent, repeatable=repeatable)

    def _describe(self, error: Exception) -> str:
        causes = list(_causes(error))
        # urllib3 counts a connection that is refused among the timeouts.
        is_refused = any(isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in causes)
        if not is_refused and any(isinstance(cause, _timeouts()) for cause in causes):
            seconds = self._exchange.seconds
            limit = f"http_timeout ({seconds:g} s)" if seconds == self._connection.http_timeout else f"{seconds:.1f} s"
            return f"it took longer than {limit}"
        text = _innermost(error)
        secrets = self._proxy.secrets if self._proxy else ()
        return type(error).__name__ if any(secret in text for secret in secrets) else text


def read_body(answer: t.Any) -> bytes:
    """The body of an answer of urllib3's, decompressed here: no version of urllib3 bounds how large a body becomes."""
    decode = _decoder(answer.headers.get("Content-Encoding", ""))
    body = bytearray()
    while piece := answer.read(PIECE, decode_content=False):
        body += decode(piece, MAX_BYTES - len(body))
        if len(body) > MAX_BYTES:
            raise OversizedAnswer(f"the answer is larger than {MAX_BYTES // 1024 // 1024} MiB")
    if answer.length_remaining:
        # urllib3 1 takes what came before a cut for the whole.
        raise BrokenAnswer("the answer was cut")
    decode(b"", 0)
    return bytes(body)


def _decoder(encoding: str) -> Callable[[bytes, int], bytes]:
    """A function from a piece of the body, and the room that is left, to the piece decoded; b"" ends the body."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return lambda piece, _room: piece
    if name in ("gzip", "x-gzip"):
        return _Gunzip()
    raise UndecodableAnswer(f"the answer has the encoding {excerpt(name, 40)!r}, which was not asked for")


class _Gunzip:
    def __init__(self) -> None:
        self._zlib = _new_gunzip()
        self._is_complete = True

    def __call__(self, piece: bytes, room: int) -> bytes:
        if not piece:
            if not self._is_complete:
                raise UndecodableAnswer("the compressed answer was cut")
            return b""
        text = b""
        try:
            while piece and len(text) <= room:
                text += self._zlib.decompress(piece, room - len(text) + 1)
                piece = b""
                self._is_complete = self._zlib.eof
                if self._is_complete:
                    # The next member, if there is one.
                    piece = self._zlib.unused_data
                    self._zlib = _new_gunzip()
        except zlib.error:
            raise UndecodableAnswer("the answer cannot be decompressed") from None
        return text


def _new_gunzip() -> t.Any:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


def _timeouts() -> tuple[type[Exception], ...]:
    # Before Python 3.10, socket.timeout is a class of its own.
    return (socket.timeout, TimeoutError, urllib3.exceptions.TimeoutError, requests.exceptions.Timeout)


def _is_tls_refusal(error: Exception, *, sent: bool) -> bool:
    """Was a certificate or a protocol version refused? A connection that is cut in the handshake is only a cut connection."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            words = f"{cause.library} {cause.reason}"
            # TLS 1.3 refuses the client's certificate after the request went out.
            refusals = _CERTIFICATE if sent else (*_CERTIFICATE, *_VERSION)
            is_cut = isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError))
            return not is_cut and any(word in words for word in refusals)
        # urllib3 compares the name in a certificate itself where OpenSSL does not.
        if type(cause).__name__ == "CertificateError":
            return True
    return False


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps: requests and urllib3 wrap in several layers."""
    found: list[t.Any] = [error]
    for cause in found:
        yield cause
        inner = (getattr(cause, "reason", None), getattr(cause, "original_error", None), *cause.args)
        found += [item for item in inner if isinstance(item, BaseException) and item not in found]


def _innermost(error: BaseException) -> str:
    """The plainest account of a failure: each layer quotes the next."""
    *_outer, cause = _causes(error)
    text = re.sub(r"^\[SSL(: \w+)?\] ", "", str(cause))
    return excerpt(text.rsplit(": ", 1)[-1], 500) or type(cause).__name__


def _verify(connection: Connection) -> bool | str:
    if not connection.validate_certs:
        return False
    path = connection.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    if path and not os.access(path, os.R_OK):
        raise OptionError(
            f"The certificates to trust (ca_path, else REQUESTS_CA_BUNDLE or SSL_CERT_FILE) cannot be read from {path}."
        )
    return path or True
