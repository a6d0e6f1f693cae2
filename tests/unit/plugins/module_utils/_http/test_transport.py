# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What requests really does, over real sockets: which failures leave a PUT in doubt, and what reaches the other side."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
import trustme
import yaml

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http import client
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http import transport as transports
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.proxies import choose_proxy
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import Connection
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import TOKEN

ROOT = Path(__file__).resolve().parents[5]
PATH = "/api/v2/flags/shop/cart/release"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

Serve = Callable[[socket.socket], None]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine: no proxies, no certificates, no .netrc."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in (
            "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR",
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


class Server:
    """Hands each connection to a function, in turn, and keeps the requests that were read."""

    def __init__(self, *serves: Serve, tls: ssl.SSLContext | None = None) -> None:
        self._serves = serves
        self._tls = tls
        self._closing = False
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(5)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            for serve in self._serves:
                raw, _address = self._listener.accept()
                if self._closing:
                    raw.close()
                    return
                with contextlib.suppress(OSError):
                    raw.settimeout(5)
                    with self._tls.wrap_socket(raw, server_side=True) if self._tls else raw as connection:
                        serve(connection)

    def hear(self, connection: socket.socket) -> bytes:
        """Read one request, with its body."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536) or b"\r\n\r\n"
        head, _blank, body = data.partition(b"\r\n\r\n")
        wanted = [
            int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
        ]
        while wanted and len(body) < wanted[0]:
            body += connection.recv(65536)
        self.heard.append(head + b"\r\n\r\n" + body)
        return head

    def close(self) -> None:
        """Wake it from waiting for a connection, if it still does."""
        self._closing = True
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._thread.join(10)
        self._listener.close()


@contextlib.contextmanager
def server(*answers: bytes | Serve, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server that hears a request and gives these bytes, one connection each; a function does what it likes."""

    def giving(raw: bytes) -> Serve:
        def serve(connection: socket.socket) -> None:
            running.hear(connection)
            connection.sendall(raw)

        return serve

    running = Server(*(giving(item) if isinstance(item, bytes) else item for item in answers), tls=tls)
    try:
        yield running
    finally:
        running.close()


def transport(host: str, **changes: Any) -> transports.RequestsTransport:
    options = {"http_timeout": 5.0, "max_retries": 0, "retry_timeout": 0.0, **changes}
    return transports.RequestsTransport(Connection(TOKEN, host, **options))


def failure(host: str, method: str = "PUT", **changes: Any) -> transports.TransportError:
    with pytest.raises(transports.TransportError) as info:
        transport(host, **changes).send(method, PATH, b"{}" if method == "PUT" else None)
    assert TOKEN not in info.value.cause
    # nothing of what requests knows, the headers with the token above all, is attached to the error
    assert info.value.__cause__ is None
    assert info.value.__suppress_context__ or info.value.__context__ is None
    return info.value


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def headers_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}


def test_every_request_carries_what_launchdarkly_needs() -> None:
    with server(OK, OK) as running:
        there = f"http://127.0.0.1:{running.port}"
        transport(there).send("GET", PATH, None)
        transport(there).send("PUT", PATH, b'{"status": "active"}')
    get, put = running.heard
    for request in (get, put):
        headers = headers_of(request)
        assert headers["authorization"] == TOKEN
        assert headers["ld-api-version"] == "beta"
        assert headers["accept"] == "application/json"
        assert headers["user-agent"] == transports.USER_AGENT
    assert get.startswith(f"GET {PATH} HTTP/1.1\r\n".encode())
    assert "content-type" not in headers_of(get)
    assert headers_of(put)["content-type"] == "application/json"
    assert put.endswith(b'\r\n\r\n{"status": "active"}')


def test_the_user_agent_names_the_collection_and_its_version() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert f"{galaxy['namespace']}.{galaxy['name']}/{galaxy['version']}" in transports.USER_AGENT


def test_an_encoded_path_arrives_as_it_was_encoded() -> None:
    path = client.path_of("flags", "a/b", "..%2f\u00fc ?", "release")
    with server(OK) as running:
        transport(f"http://127.0.0.1:{running.port}").send("GET", path, None)
    assert running.heard[0].startswith(f"GET {path} HTTP/1.1\r\n".encode())


def test_an_entry_in_netrc_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\ndefault login x password y\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with server(OK) as running:
        transport(f"http://127.0.0.1:{running.port}").send("GET", PATH, None)
    assert headers_of(running.heard[0])["authorization"] == TOKEN


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with (
        server(OK) as elsewhere,
        server(
            f"HTTP/1.1 {status} Moved\r\nLocation: http://127.0.0.1:{elsewhere.port}/\r\nContent-Length: 0\r\n\r\n".encode()
        ) as running,
    ):
        answer = transport(f"http://127.0.0.1:{running.port}").send("GET", PATH, None)
        assert (answer.status, answer.headers.get("location")) == (status, f"http://127.0.0.1:{elsewhere.port}/")
        assert elsewhere.heard == []


def test_a_refused_connection_leaves_nothing_in_doubt() -> None:
    error = failure(f"http://127.0.0.1:{closed_port()}")
    assert (error.code, error.repeatable, error.sent) == ("connection_failed", True, False)
    assert "refused" in error.cause


def test_a_name_that_does_not_resolve_leaves_nothing_in_doubt() -> None:
    error = failure("https://launchdarkly.invalid")
    assert (error.code, error.repeatable, error.sent) == ("connection_failed", True, False)
    assert "https://launchdarkly.invalid" in error.cause


def reset(connection: socket.socket) -> None:
    """Close with a reset instead of an end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


CUTS: dict[str, bytes | None] = {
    "closed": b"",
    "reset": None,
    "within the status line": b"HTTP/1.1 20",
    "within the body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    "within a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{",
}


@pytest.mark.parametrize("raw", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_answer_that_is_cut_leaves_a_put_in_doubt(method: str, raw: bytes | None) -> None:
    def serve(connection: socket.socket) -> None:
        running.hear(connection)
        if raw is None:
            reset(connection)
        else:
            connection.sendall(raw)

    with server(serve) as running:
        error = failure(f"http://127.0.0.1:{running.port}", method)
    assert (error.code, error.repeatable, error.sent) == ("connection_failed", True, True)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_late_answer_leaves_a_put_in_doubt(method: str) -> None:
    done = threading.Event()

    def serve(connection: socket.socket) -> None:
        running.hear(connection)
        done.wait(5)

    with server(serve) as running:
        error = failure(f"http://127.0.0.1:{running.port}", method, http_timeout=0.1)
        done.set()
    assert (error.code, error.repeatable, error.sent) == ("connection_failed", True, True)
    assert "http_timeout (0.1 s)" in error.cause


@pytest.mark.parametrize("raw", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00\x01\x02\x03\r\n\r\n"], ids=repr)
def test_an_answer_that_is_not_http_is_a_failed_connection(raw: bytes) -> None:
    with server(raw) as running:
        error = failure(f"http://127.0.0.1:{running.port}")
    assert (error.code, error.sent) == ("connection_failed", True)


BROKEN = {
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}",
    "two lengths in one": b"HTTP/1.1 200 OK\r\nContent-Length: 2, 5\r\n\r\n{}",
    "two lengths and chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
    ),
    "negative chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
    "negative chunk that fits": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
    "chunk without a size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n{}\r\n0\r\n\r\n",
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n{}",
    "too long a header": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000 + b"\r\n\r\n{}",
    "other protocol": b"HTTP/7.0 200 OK\r\n\r\n{}",
    "no status": b"HTTP/1.1 OK\r\n\r\n{}",
    "only interim": b"HTTP/1.1 103 Early Hints\r\n\r\n",
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_broken_answer_is_a_failed_connection(method: str, raw: bytes) -> None:
    with server(raw) as running:
        error = failure(f"http://127.0.0.1:{running.port}", method)
    assert (error.code, error.repeatable, error.sent) == ("connection_failed", True, True)


UNDECODABLE = {
    "not compressed": ("gzip", b"{}"),
    "cut": ("gzip", gzip.compress(b'{"a": "b"}')[:-9]),
    "spoilt": ("gzip", gzip.compress(b"{}" * 99)[:20] + b"xxxxxxxxxxxx"),
    "unknown": ("br", b"{}"),
    "twice": ("gzip, gzip", gzip.compress(gzip.compress(b"{}"))),
    "odd": ("\xe8", b"{}"),
}


@pytest.mark.parametrize("kind", UNDECODABLE)
def test_undecodable_answer_is_not_repeated(kind: str) -> None:
    encoding, body = UNDECODABLE[kind]
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode("latin-1")
    with server(head + body) as running:
        error = failure(f"http://127.0.0.1:{running.port}")
    assert (error.code, error.repeatable, error.unexpected, error.sent) == ("connection_failed", False, True, True)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Encoding: gzip", gzip.compress(b'{"a": 1}')),
        ("Content-Encoding: X-GZIP", gzip.compress(b'{"a": 1}')),
        ("Content-Encoding: gzip", gzip.compress(b'{"a"') + gzip.compress(b": 1}")),
        ("Content-Encoding: identity", b'{"a": 1}'),
        # what requests fails to read is not looked at
        ("Content-Type: text/html; charset", b'{"a": 1}'),
        ("Set-Cookie: a; Expires=never; Domain=[", b'{"a": 1}'),
    ],
    ids=["gzip", "x-gzip", "members", "identity", "type", "cookie"],
)
@pytest.mark.parametrize("piece", [1, 1000])
def test_answer_is_decompressed(headers: str, body: bytes, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "PIECE", piece)
    raw = f"HTTP/1.1 200 OK\r\n{headers}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    with server(raw) as running:
        assert transport(f"http://127.0.0.1:{running.port}").send("GET", PATH, None).body == b'{"a": 1}'


def test_empty_answer_needs_no_decompression() -> None:
    with server(b"HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n") as running:
        assert transport(f"http://127.0.0.1:{running.port}").send("PUT", PATH, b"{}").body == b""


LARGE = b"0" * (transports.MAX_BYTES + 1)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(LARGE) + LARGE,
        b"HTTP/1.1 200 OK\r\n\r\n" + LARGE,
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(LARGE),
        b"HTTP/1.1 500 Broken\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"") * 9 + gzip.compress(LARGE),
    ],
    ids=["length", "until closed", "compressed", "several members"],
)
def test_large_answer_is_refused(raw: bytes) -> None:
    with server(raw) as running:
        error = failure(f"http://127.0.0.1:{running.port}")
    assert (error.code, error.repeatable, error.unexpected, error.sent) == ("invalid_response", False, True, True)
    assert "32 MiB" in error.cause


def test_answer_just_small_enough_is_read() -> None:
    with server(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(LARGE[1:])) as running:
        body = transport(f"http://127.0.0.1:{running.port}").send("GET", PATH, None).body
    assert len(body) == transports.MAX_BYTES


@pytest.mark.parametrize("status", [100, 101, 102, 103, 199])
def test_interim_answers_are_skipped(status: int) -> None:
    interim = f"HTTP/1.1 {status} Wait\r\nLink: </a>; rel=preload\r\nContent-Length: 9\r\n\r\n".encode()
    with server(interim * 3 + OK) as running:
        answer = transport(f"http://127.0.0.1:{running.port}").send("PUT", PATH, b"{}")
    assert (answer.status, answer.body, answer.headers.get("link")) == (200, b"{}", None)


def test_connection_is_used_again_after_an_interim_answer() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\n\r\n"

    def serve(connection: socket.socket) -> None:
        for _request in range(2):
            running.hear(connection)
            connection.sendall(interim + OK)

    with server(serve) as running:
        sender = transport(f"http://127.0.0.1:{running.port}")
        assert [sender.send("GET", PATH, None).body for _request in range(2)] == [b"{}", b"{}"]


TRICKLES = {
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b"{"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X"),
    "interim": (b"HTTP/1.1 103 Early Hints\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n"),
    "compressed": (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", b"\x1f"),
}


@pytest.mark.parametrize("kind", TRICKLES)
@pytest.mark.parametrize("by_limit", [False, True])
def test_time_limit_is_for_the_whole_answer(kind: str, by_limit: bool) -> None:
    begin, trickle = TRICKLES[kind]
    done = threading.Event()

    def serve(connection: socket.socket) -> None:
        running.hear(connection)
        connection.sendall(begin)
        while not done.wait(0.05):
            connection.sendall(trickle)

    with server(serve) as running:
        began = time.monotonic()
        sender = transport(f"http://127.0.0.1:{running.port}", http_timeout=5.0 if by_limit else 0.3)
        with pytest.raises(transports.TransportError) as info:
            sender.send("PUT", PATH, b"{}", limit=0.3 if by_limit else 60.0)
        took = time.monotonic() - began
        done.set()
    assert 0.2 < took < 2
    assert (info.value.code, info.value.repeatable, info.value.sent) == ("connection_failed", True, True)
    assert ("http_timeout (0.3 s)" in info.value.cause) is not by_limit


def test_slow_connect_does_not_shorten_the_time_of_the_answer() -> None:
    """http_timeout is counted anew from the first byte of the request."""
    exchange = transports.Exchange()
    exchange.begin(5.0)
    exchange.deadline -= 4.9
    assert exchange.time_left() < 1
    exchange.restart()
    assert exchange.time_left() > 4


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def nothing(_connection: socket.socket) -> None:
    """The handshake is all there is."""


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_certificate_that_nobody_vouches_for_fails_for_good(tls: ssl.SSLContext, method: str) -> None:
    with server(nothing, tls=tls) as running:
        error = failure(f"https://localhost:{running.port}", method)
        assert (error.code, error.repeatable, error.sent) == ("tls_failed", False, False)
        assert running.heard == []
    assert "ca_path" in error.cause
    assert "certificate" in error.cause


def test_a_certificate_for_another_name_fails_for_good(authority: trustme.CA, bundle: str) -> None:
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("app.example.com").configure_cert(other)
    with server(nothing, tls=other) as running:
        error = failure(f"https://localhost:{running.port}", ca_path=bundle)
        assert (error.code, error.repeatable, error.sent) == ("tls_failed", False, False)
        assert running.heard == []


def test_tls_to_a_port_that_does_not_speak_it_fails_for_good() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with server(serve) as running:
        error = failure(f"https://localhost:{running.port}", "GET")
    assert (error.code, error.repeatable) == ("tls_failed", False)
    # OpenSSL's words alone, without its own brackets, whole or half
    assert "]" not in error.cause


def test_tls_that_breaks_after_the_request_leaves_a_put_in_doubt(tls: ssl.SSLContext, bundle: str) -> None:
    def serve(connection: socket.socket) -> None:
        running.hear(connection)
        # past the encryption: no record that the other side could read
        with socket.socket(fileno=os.dup(connection.fileno())) as raw:
            raw.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

    with server(serve, tls=tls) as running:
        error = failure(f"https://localhost:{running.port}", ca_path=bundle)
        assert len(running.heard) == 1
    assert (error.code, error.repeatable, error.sent) == ("connection_failed", True, True)


@pytest.mark.parametrize("end", ["close", "reset", "half a record"])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_handshake_that_is_cut_is_a_failed_connection(bundle: str, method: str, end: str) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        if end == "reset":
            reset(connection)
        elif end == "half a record":
            connection.sendall(b"\x16\x03\x03\x40\x00half")

    with server(serve) as running:
        error = failure(f"https://localhost:{running.port}", method, ca_path=bundle)
    assert (error.code, error.repeatable, error.sent) == ("connection_failed", True, False)


def test_protocol_version_that_is_refused_fails_for_good(bundle: str) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        # a fatal alert: protocol_version
        connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46")

    with server(serve) as running:
        error = failure(f"https://localhost:{running.port}", ca_path=bundle)
    assert (error.code, error.repeatable, error.sent) == ("tls_failed", False, False)


def test_tls_that_is_cut_after_the_request_leaves_a_put_in_doubt(tls: ssl.SSLContext, bundle: str) -> None:
    def serve(connection: socket.socket) -> None:
        running.hear(connection)
        reset(connection)

    with server(serve, tls=tls) as running:
        error = failure(f"https://localhost:{running.port}", ca_path=bundle)
    assert (error.code, error.repeatable, error.sent) == ("connection_failed", True, True)


def test_certificates_to_trust_come_from_ca_path(tls: ssl.SSLContext, bundle: str) -> None:
    with server(OK, tls=tls) as running:
        assert transport(f"https://localhost:{running.port}", ca_path=bundle).send("GET", PATH, None).body == b"{}"


@pytest.mark.parametrize(
    "variables",
    [
        {"REQUESTS_CA_BUNDLE": "good"},
        {"SSL_CERT_FILE": "good"},
        {"REQUESTS_CA_BUNDLE": "good", "SSL_CERT_FILE": "bad"},
    ],
    ids=str,
)
def test_else_from_the_environment(
    tls: ssl.SSLContext, bundle: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    for name, value in variables.items():
        monkeypatch.setenv(name, bundle if value == "good" else str(other))
    with server(OK, tls=tls) as running:
        assert transport(f"https://localhost:{running.port}").send("GET", PATH, None).body == b"{}"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    with server(OK, tls=tls) as running:
        assert transport(f"https://localhost:{running.port}", ca_path=bundle).send("GET", PATH, None).body == b"{}"


def test_without_validation_any_certificate_does(tls: ssl.SSLContext, recwarn: pytest.WarningsRecorder) -> None:
    with server(OK, tls=tls) as running:
        assert (
            transport(f"https://localhost:{running.port}", validate_certs=False).send("GET", PATH, None).body == b"{}"
        )
    assert not [warning for warning in recwarn if "Insecure" in warning.category.__name__]


def test_certificates_that_are_not_there_are_an_invalid_option() -> None:
    with pytest.raises(OptionError) as info:
        transport("https://localhost", ca_path="/nowhere/ca.pem")
    assert "/nowhere/ca.pem" in info.value.message


def test_certificates_that_are_none_fail_as_tls(tls: ssl.SSLContext, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("not a certificate")
    with server(nothing, tls=tls) as running:
        error = failure(f"https://localhost:{running.port}", "GET", ca_path=str(path))
        assert (error.code, error.repeatable) == ("tls_failed", False)


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_proxy_comes_from_the_environment(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with server(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as proxy:
        monkeypatch.setenv(variable, f"http://user:hunter2@127.0.0.1:{proxy.port}")
        error = failure("https://app.launchdarkly.com")
    assert proxy.heard[0].startswith(b"CONNECT app.launchdarkly.com:443 HTTP/1.")
    # the token goes through the tunnel, not to the proxy
    assert TOKEN.encode() not in proxy.heard[0]
    assert (error.code, error.sent) == ("connection_failed", False)
    assert "407" in error.cause
    assert "hunter2" not in error.cause


def test_a_proxy_that_cannot_be_reached_leaves_nothing_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{closed_port()}")
    error = failure("https://app.launchdarkly.com")
    assert (error.code, error.repeatable, error.sent) == ("connection_failed", True, False)


HOST = "https://app.launchdarkly.com"
PROXY = {"https_proxy": "http://p:1"}


@pytest.mark.parametrize(
    ("host", "variables", "expected"),
    [
        (HOST, PROXY, True),
        (HOST, {"all_proxy": "http://p:1"}, True),
        (HOST, {"http_proxy": "http://p:1"}, False),
        (HOST, {}, False),
        (HOST, {**PROXY, "no_proxy": "launchdarkly.com"}, False),
        (HOST, {**PROXY, "NO_PROXY": ".launchdarkly.com"}, False),
        (HOST, {**PROXY, "no_proxy": "*"}, False),
        (HOST, {**PROXY, "no_proxy": "example.com"}, True),
        # addresses and ranges of addresses
        ("https://10.1.2.3", {**PROXY, "no_proxy": "10.1.0.0/16"}, False),
        ("https://10.1.2.3:8443", {**PROXY, "no_proxy": "example.com, 10.1.0.0/16"}, False),
        ("https://10.2.2.3", {**PROXY, "no_proxy": "10.1.0.0/16"}, True),
        ("https://10.1.2.3", {**PROXY, "no_proxy": "10.1.2.3"}, False),
        ("https://[2001:db8::5]", {**PROXY, "no_proxy": "2001:db8::5"}, False),
        ("https://[2001:db8::5]:8443", {**PROXY, "NO_PROXY": "2001:db8::5"}, False),
        ("https://[2001:db8::6]", {**PROXY, "no_proxy": "2001:db8::5"}, True),
        (HOST, {**PROXY, "no_proxy": "10.1.0.0/99,/,::1,[::1],10.0.0.0/8"}, True),
        # never for loopback, where plain http is allowed
        ("http://127.0.0.1:8080", {"http_proxy": "http://p:1", "all_proxy": "http://p:1"}, False),
        ("http://localhost:8080", {"http_proxy": "http://p:1"}, False),
        ("http://[::1]:8080", {"http_proxy": "http://p:1"}, False),
        ("https://localhost", PROXY, False),
    ],
    ids=str,
)
def test_proxy_is_chosen_as_requests_does(
    host: str, variables: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (choose_proxy(Connection(TOKEN, host, 1.0, 0, 0.0)) is not None) is expected


def test_a_proxy_does_not_stand_between_us_and_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    with server(OK) as running:
        answer = transport(f"http://127.0.0.1:{running.port}").send("GET", PATH, None)
    assert json.loads(answer.body) == {}


@pytest.mark.parametrize(
    "proxy",
    [
        "http://",
        "http://user:s3cr3t@",
        "http://user:s3cr3t@/",
        "http://user:s3cr3t@127.0.0.1:99999",
        "http://user:s3cr3t#1@127.0.0.1:3128",
        "http://user:s3cr3t/1@127.0.0.1:3128",
        "http://user:s3cr3t?1@127.0.0.1:3128",
        # a password that reads as a port
        "http://user:8080/s3cr3t@127.0.0.1:3128",
        "http://user:8080#s3cr3t@127.0.0.1:3128",
        "user:s3cr3t@",
        "user:s3cr3t:3128",
        "gopher://user:s3cr3t@127.0.0.1:1",
        "http://[::1",
        "http://user:s3cr3t@[::1",
        "://s3cr3t",
        "http://user:s3cr3t@\ud83d:1",
    ],
)
def test_proxy_that_is_no_url_is_an_invalid_option(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "https_proxy": proxy})
    with pytest.raises(OptionError) as info:
        transport("https://app.launchdarkly.com")
    assert info.value.code == "invalid_option"
    assert "HTTPS_PROXY" in info.value.message
    assert "s3cr3t" not in info.value.message


@pytest.mark.parametrize(
    "credentials", ["user:s3cr3t", "user:s%33cr3t", "s3cr3t:s3cr3t", ":s3cr3t", "us@er:s3cr3t", "user:s3cr3t@x"]
)
@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
@pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
def test_proxy_password_is_in_no_message(
    scheme: str, host: str, credentials: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"{scheme}://{credentials}@{host}:{closed_port()}")
    error = failure("https://app.launchdarkly.com")
    assert (error.code, error.sent) == ("connection_failed", False)
    for secret in ("s3cr3t", "s%33cr3t", "dXNlcjpzM2NyM3Q"):
        assert secret not in error.cause
