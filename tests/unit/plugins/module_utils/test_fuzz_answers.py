# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten thousand answers that no server should give: none is a bug of ours, and `changed` stays true to fact.

Everything but the network is real: the bytes of an answer go through requests, urllib3 and http.client.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import re
import traceback
from collections.abc import Iterator
from typing import Any, Callable

import pytest
import urllib3

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.data import to_builtin
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.approval_request_info import (
    APPROVAL_REQUEST_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.flag_targeting import FLAG_TARGETING
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.preflight import PREFLIGHT
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release import RELEASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_info import RELEASE_INFO
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_list import RELEASE_LIST
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_phase import RELEASE_PHASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_pipeline_info import (
    RELEASE_PIPELINE_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_progression_info import (
    RELEASE_PROGRESSION_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.transport import (
    RequestsTransport,
    TransportError,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.parse import connection_from_options
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    NOW,
    TOKEN,
    Clock,
    options_of,
    wire_phase,
    wire_release,
)

SPOILT_ANSWERS = 10_000
BATCHES = 20

Json = Any
Make = Callable[[random.Random], Any]

# Values that a field of a document may have instead of its own.
NASTY_VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 1.5, 10**30, -(10**30), 10**400, 253402300800000, -62135596800000, -62135596799999,
    "", ".", "..", "/", "\ud83d", "\udc00x", "\x00", "\x1b[2J", "\u202e", "%2e%2e", TOKEN, "a" * 3000, "simmering", "Active",
    [], {}, [None], {"key": None}, [[[[]]]],
]  # fmt: skip
# Texts in place of a value, that JSON has and Python reads in its own way.
NASTY_JSON = [b"NaN", b"Infinity", b"-1e999", b"1e999", b"9" * 5000, b"[" * 3000, b'"\\ud83d"', b"\xff", b"0x1", b"--1"]
NASTY_HEADERS = [
    b"Content-Length: 5", b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"Content-Length: x",
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Content-Encoding: gzip", b"Content-Encoding: br",
    b"Content-Encoding: gzip, gzip", b"Content-Type: text/html; charset", b"Content-Type: \xff", b"Location: https://[x/",
    b"Location: //a:b", b"Location: /acc\xe8s", b"Retry-After: " + b"9" * 310, b"Retry-After: 1",
    b"Retry-After: Wed, 21 Oct 99999999999 07:28:00 GMT", b"Retry-After: Wed, 21 Oct 2026 07:28:00 +99999999999999",
    b"X-Ratelimit-Reset: " + b"9" * 320, b"X-Ratelimit-Reset: \xb2", b"Date: Mon, 99 Foo 0000 99:99:99 GMT", b"Date: ",
    b"Connection: close", b"Connection: keep-alive", b"Set-Cookie: a=b; expires=x; domain=[", b": empty", b" folded",
    b"No colon", b"X: " + b"y" * 70000, b"\x00: \x00", b"WWW-Authenticate: Basic",
]  # fmt: skip
STATUSES = [100, 101, 103, 199, 200, 201, 204, 206, 299, 300, 301, 303, 304, 307, 400, 401, 403, 404, 405, 407, 408, 409, 418,
            422, 429, 451, 500, 502, 503, 524, 599, 600, 999]  # fmt: skip
INTERIM = [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"\r\n"]
OTHER_BODIES = [
    b"", b"<html>Sign in</html>", b"null", b"[]", b'"text"', b"{}", b'{"code": "not_found"}',
    b'{"code": "invalid_request", "message": "no \\ud83d"}', b'{"code": 7, "message": {}, "id": []}', b'{"items": 3}', b"\xff\xfe\x00",
]  # fmt: skip


class Service:
    """A LaunchDarkly that does what it is asked. The answers to some requests are spoilt on their way."""

    def __init__(self, rng: random.Random, spoilt: set[int]) -> None:
        self._rng = rng
        self.spoilt = spoilt
        self.started = self.attached = self.applied = False
        self.is_on = True
        self.count = 0
        self.writes = 0
        self.spoilt_reads = 0
        self.believed_refusal = False

    def answer(self, request: bytes) -> bytes:
        method, path = request.split(b" ", 2)[:2]
        self.count += 1
        status, document = self._act(method.decode(), path.decode())
        raw = write_answer(status, json.dumps(document).encode() if document is not None else b"")
        if self.count not in self.spoilt:
            return raw
        self.spoilt_reads += method == b"GET"
        raw = spoil(self._rng, status, document)
        if method != b"GET":
            # What counts as a refusal without effect: LaunchDarkly's own with a code, a 401 and a 429.
            self.believed_refusal |= (
                b'"code"' in raw or re.search(rb"^HTTP\S* +0*(401|429)", raw, re.MULTILINE) is not None
            )
        return raw

    def _act(self, method: str, path: str) -> tuple[int, Json]:
        if method != "GET":
            self.writes += 1
        if "/approval-requests" in path:
            self.applied = self.applied or method == "POST"
            return 200, {} if method == "POST" else {"items": [self._approval()]}
        listed = self._listed(path.partition("?")[0])
        if listed is not None:
            return 200, listed
        if "/release-pipelines/" in path:
            return 200, self._pipeline()
        if path.partition("?")[0].endswith("/flags/shop/cart"):
            self.is_on = self.is_on and method != "PATCH"
            return 200, self._flag()
        if method == "PUT" and "/phases/" in path:
            self.started = True
        elif method in ("PUT", "DELETE"):
            self.attached = method == "PUT"
        if "release" in path and not self.attached:
            return (204, None) if method == "DELETE" else (404, {"code": "not_found", "message": "none"})
        return 200, self._release()

    def _listed(self, path: str) -> Json:
        if path.endswith("/releases"):
            return self._progressions()
        if path.endswith("/release-pipelines"):
            return {"items": [self._pipeline()], "totalCount": 1}
        return {"items": [self._flag()], "totalCount": 1} if path.endswith("/flags/shop") else None

    def _release(self) -> Json:
        audiences = [{"_id": "a", "environment": {"key": "eu"}, "configuration": {"requireApproval": True}}]
        status = "completed" if self.applied else "active" if self.started else "ready-to-start"
        two = wire_phase(
            "Two", status, _audiences=audiences, _startedDate=int(NOW * 1000), _creationDate=int(NOW * 1000)
        )
        return wire_release(wire_phase("One", "completed"), two, _releaseVariationId="v-on")

    def _pipeline(self) -> Json:
        audience = {
            "name": "A",
            "environment": {"key": "eu"},
            "configuration": {"releaseStrategy": ""},
            "segmentKeys": [],
        }
        phases = [{"id": "p", "name": "One", "audiences": [audience]}]
        return {"key": "standard", "name": "S", "createdAt": "2026-10-26T06:13:20Z", "tags": ["t"], "phases": phases}

    def _progressions(self) -> Json:
        item = {"flagKey": "cart", "_createdAt": int(NOW * 1000), "activePhaseId": "p", "activePhaseStatus": "active"}
        phases = [{"_id": "p", "name": "One", "releaseCount": 1}]
        return {"items": [item], "phases": phases, "totalCount": 1, "activeCount": 1, "completedCount": 0}

    def _approval(self) -> Json:
        review = {"_id": "x", "kind": "approve", "creationDate": int(NOW * 1000), "comment": "Yes."}
        status = "completed" if self.applied else "pending"
        return {
            "_id": "r1", "creationDate": int(NOW * 1000), "reviewStatus": "approved", "status": status, "allReviews": [review],
        }  # fmt: skip

    def _flag(self) -> Json:
        variations = [{"_id": "v-on", "value": True}, {"_id": "v-off", "value": False}]
        environment = {"on": self.is_on, "fallthrough": {"variation": 0}, "offVariation": 1, "rules": [], "targets": []}
        return {"key": "cart", "variations": variations, "environments": {"eu": {**environment, "version": 1}}}


def write_answer(status: int, body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 %d X" % status, b"Content-Type: application/json", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def spoil(rng: random.Random, status: int, document: Json) -> bytes:
    """One answer in one of many wrong ways."""
    body = json.dumps(document).encode()
    headers: list[bytes] = []
    kind = rng.randrange(8)
    if kind == 0:
        body = json.dumps(_with_nasty_value(rng, document)).encode()
    elif kind == 1:
        body = _with_nasty_json(rng, body)
    elif kind == 2:
        headers = rng.choices(NASTY_HEADERS, k=rng.randint(1, 3))
    elif kind == 3:
        status = rng.choice(STATUSES)
        headers = rng.choices(NASTY_HEADERS, k=rng.randint(0, 2))
    elif kind == 4:
        status, body = rng.choice([status, rng.choice(STATUSES)]), rng.choice(OTHER_BODIES)
    elif kind == 5:
        return _chunked(rng, status, body)
    raw = write_answer(status, body, *headers)
    if kind == 6:
        raw = rng.choice(INTERIM) * rng.randint(1, 3) + raw
    return _with_nasty_bytes(rng, raw) if kind == 7 or rng.random() < 0.2 else raw


def _with_nasty_value(rng: random.Random, document: Json) -> Json:
    """The document with one value, somewhere in it, replaced."""
    if not isinstance(document, (dict, list)) or not document or rng.random() < 0.1:
        return rng.choice(NASTY_VALUES)
    if isinstance(document, list):
        index = rng.randrange(len(document))
        return [_with_nasty_value(rng, item) if number == index else item for number, item in enumerate(document)]
    name = rng.choice(list(document))
    if rng.random() < 0.1:
        return {rng.choice(["..", "\ud83d", "x"]) if key == name else key: value for key, value in document.items()}
    return {**document, name: _with_nasty_value(rng, document[name])}


def _with_nasty_json(rng: random.Random, body: bytes) -> bytes:
    values = [match.span() for match in re.finditer(rb'(?<=: )("[^"]*"|\d+|true|false|null)', body)]
    if not values:
        return rng.choice(NASTY_JSON)
    begin, end = rng.choice(values)
    return body[:begin] + rng.choice(NASTY_JSON) + body[end:]


def _with_nasty_bytes(rng: random.Random, raw: bytes) -> bytes:
    for _turn in range(rng.randint(1, 4)):
        place = rng.randrange(len(raw) + 1)
        length = rng.randint(0, 8)
        new = rng.choice(
            [b"", rng.randbytes(length), raw[place : place + 40], b"\r\n", b"\r\n\r\n", b"\x00", b"-", b"9" * 20]
        )
        raw = raw[:place] + new + raw[place + rng.choice([0, length]) :]
    return raw[: rng.randrange(len(raw) + 1)] if rng.random() < 0.3 else raw


def _chunked(rng: random.Random, status: int, body: bytes) -> bytes:
    size = rng.choice(
        [b"%x" % len(body), b"-1", b"-%x" % len(body), b"+5", b"0x5", b"5;x=y", b"", b"z", b"f" * 40, b"1_0", b" 5 "]
    )
    encoding = rng.choice([b"", b"Content-Encoding: gzip\r\n"])
    body = gzip.compress(body) if encoding and rng.random() < 0.7 else body
    head = b"HTTP/1.1 %d X\r\nTransfer-Encoding: chunked\r\n" % status + encoding
    return head + b"\r\n" + size + b"\r\n" + body + b"\r\n0\r\n" + rng.choice([b"\r\n", b"X: y\r\n\r\n", b""])


class MemorySocket:
    """A connection to the service without a network: what is sent is a request, what is read is its answer."""

    # A pipe whose other end is closed: looks like a connection that the other side has closed, so that it is not used again.
    _closed, _other = os.pipe()
    os.close(_other)

    def __init__(self, service: Service) -> None:
        self._service = service
        self._request = b""

    def sendall(self, data: bytes) -> None:
        self._request += data

    def makefile(self, _mode: str, buffering: int = -1) -> io.RawIOBase:
        # http.client opens one too, which is not read from.
        return io.BytesIO(self._service.answer(self._request)) if buffering == 0 else io.BytesIO()  # type: ignore[return-value]  as a socket does

    def fileno(self) -> int:
        return self._closed

    def settimeout(self, _seconds: float | None) -> None:
        pass

    def setsockopt(self, *_unused: Any) -> None:
        pass

    def close(self) -> None:
        pass


class Watched:
    """The transport, which turns whatever is raised into a failed connection, and where that would hide a bug of ours."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.bugs: list[str] = []

    def send(self, *arguments: Any) -> Any:
        try:
            return self._transport.send(*arguments)
        except TransportError as error:
            cause = error.__context__
            frames = traceback.extract_tb(cause.__traceback__) if cause else []
            is_ours = bool(frames) and "_http" in frames[-1].filename
            if is_ours and isinstance(cause, (ArithmeticError, AttributeError, LookupError, NameError, TypeError)):
                self.bugs.append("".join(traceback.format_exception(type(cause), cause, cause.__traceback__)))
            raise


PHASE = {"phase": "Two", "wait": True, "wait_timeout": 300, "on_approval": "apply", "approval_timeout": 300}
TASKS: list[tuple[Any, dict[str, Any], dict[str, bool]]] = [
    # the module, its options, and what is so before
    (RELEASE_PHASE, PHASE, {"attached": True}),
    (RELEASE_PHASE, {"phase": "Two"}, {"attached": True}),
    (RELEASE_INFO, {}, {"attached": True}),
    (RELEASE, {"release_pipeline_key": "standard", "variation": "true"}, {}),
    (RELEASE, {"state": "absent"}, {"attached": True}),
    (RELEASE_PIPELINE_INFO, {}, {}),
    (RELEASE_PIPELINE_INFO, {"release_pipeline_key": "standard"}, {}),
    (RELEASE_PROGRESSION_INFO, {"release_pipeline_key": "standard", "phase": "One"}, {}),
    (RELEASE_LIST, {"project_keys": ["shop"], "since": True}, {"attached": True}),
    (RELEASE_LIST, {"project_keys": ["shop"], "sources": ["flags"], "environments": ["eu"], "since": True}, {}),
    (FLAG_TARGETING, {"environment_key": "eu", "enabled": False}, {}),
    (APPROVAL_REQUEST_INFO, {"environment_key": "eu"}, {}),
    (PREFLIGHT, {}, {"attached": True}),
    (PREFLIGHT, {"environments": ["eu"], "dry_run": True}, {}),
]


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Callable[[Service], None]:
    """Makes urllib3 connect to a service."""

    def to(service: Service) -> None:
        monkeypatch.setattr(
            urllib3.util.connection, "create_connection", lambda *_unused, **_named: MemorySocket(service)
        )

    return to


def problems(seed: int, connect: Callable[[Service], None], **runtime: Any) -> tuple[int, list[str]]:
    """The number of spoilt answers in one case, and what is wrong with it."""
    rng = random.Random(seed)  # noqa: S311  cases have to be the same each time
    definition, given, before = rng.choice(TASKS)
    first = rng.randint(1, 4)
    service = Service(rng, set(range(first, first + rng.choice([1, 1, 2, 5, 20]))))
    for name, value in before.items():
        setattr(service, name, value)
    connect(service)
    found = list(_problems(definition, given, service, **runtime))
    return len([number for number in service.spoilt if number <= service.count]), found


def _problems(definition: Any, given: dict[str, Any], service: Service, **runtime: Any) -> Iterator[str]:
    clock = Clock()
    options = options_of(definition, api_host="http://127.0.0.1:1", max_retries=2, **given)
    connection = connection_from_options(options)
    transport = Watched(RequestsTransport(connection))
    http = Http(transport, clock.runtime(**runtime), connection.max_retries, connection.retry_timeout)
    failure: dict[str, Any] = {}
    try:
        operation = definition.build(options, http, False)
        try:
            operation.run()
        except LaunchDarklyError as error:
            failure = error.to_result()
        result = to_builtin({**operation.to_result(), **failure, "warnings": operation.warnings})
        json.dumps(result, ensure_ascii=False, allow_nan=False).encode()
    except Exception:
        yield traceback.format_exc()
        return
    yield from transport.bugs
    if service.writes and not service.spoilt_reads and not service.believed_refusal and not result["changed"]:
        yield f"a change is not reported: {result}"
    if clock.slept > 2000:
        yield f"it took {clock.slept} s"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_fuzzed_answers_show_no_bug(batch: int, connect: Callable[[Service], None]) -> None:
    seed = batch * SPOILT_ANSWERS
    spoilt = 0
    while spoilt < SPOILT_ANSWERS // BATCHES:
        count, found = problems(seed, connect)
        assert not found, f"seed {seed}: {found[0]}"
        spoilt += count
        seed += 1


def test_fuzzing_finds_a_bug(connect: Callable[[Service], None]) -> None:
    def chance() -> float:
        raise ZeroDivisionError

    found = [text for seed in range(200) for text in problems(seed, connect, chance=chance)[1]]
    assert any("ZeroDivisionError" in text for text in found)


def test_fuzzing_finds_a_change_that_is_not_reported(connect: Callable[[Service], None]) -> None:
    class Forgetful(Service):
        """Does what it is asked, and shows nothing of it."""

        def _release(self) -> Json:
            return wire_release(wire_phase("One", "completed"), wire_phase("Two", "ready-to-start"))

    def to(service: Service) -> None:
        service.__class__ = Forgetful
        connect(service)

    assert any("not reported" in text for seed in range(200) for text in problems(seed, to)[1])
