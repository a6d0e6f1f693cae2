# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP layer: connections, bodies, faults on the wire, and many at once."""

from __future__ import annotations

import http.client
import json
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator

RELEASE = "/api/v2/flags/demo/new-checkout/release"


@pytest.fixture
def sim():
    with Simulator(clock=lambda: 1_793_000_000.0) as running:
        yield running


@contextmanager
def connection(sim):
    host = sim.url.removeprefix("http://")
    opened = http.client.HTTPConnection(host, timeout=10)
    try:
        yield opened
    finally:
        opened.close()


def send(opened, sim, method, path, body=None):
    headers = {"Authorization": sim.access_token, "LD-API-Version": "beta"}
    opened.request(method, path, None if body is None else json.dumps(body), headers)
    answer = opened.getresponse()
    content = answer.read()
    return answer.status, json.loads(content) if content else None


def ask(sim, method, path, body=None):
    with connection(sim) as opened:
        return send(opened, sim, method, path, body)


def raw(sim, *parts):
    """Send bytes as they are, and return all that comes back until the connection closes."""
    host, _colon, port = sim.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as opened:
        for part in parts:
            opened.sendall(part)
        with opened.makefile("rb") as answers:
            return answers.read()


def test_connection_serves_many_requests(sim):
    with connection(sim) as opened:
        first = send(opened, sim, "GET", RELEASE)
        used = opened.sock
        phase_id = first[1]["phases"][0]["_id"]
        phase = f"/api/v2/projects/demo/flags/new-checkout/release/phases/{phase_id}"
        assert send(opened, sim, "PUT", phase, {"status": "active"})[0] == 200
        assert send(opened, sim, "PUT", phase, {"status": "paused"})[0] == 400
        assert send(opened, sim, "DELETE", RELEASE) == (204, None)
        assert send(opened, sim, "GET", RELEASE)[0] == 404
        assert send(opened, sim, "GET", "/__sim__/time")[0] == 200
        assert opened.sock is used


def test_refused_request_leaves_no_body_behind(sim):
    with connection(sim) as opened:
        opened.request("PUT", "/api/v2/nothing", b"x" * 100_000)
        assert opened.getresponse().read()
        assert send(opened, sim, "GET", RELEASE)[0] == 200


def test_head_request_has_no_body(sim):
    with connection(sim) as opened:
        opened.request("HEAD", RELEASE)
        answer = opened.getresponse()
        assert (answer.status, answer.read()) == (401, b"")
        assert send(opened, sim, "GET", RELEASE)[0] == 200


@pytest.mark.parametrize(
    "request_text",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"BREW /api/v2 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_unreadable_request_is_refused_in_json(sim, request_text):
    head, _blank, body = raw(sim, request_text).partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    assert b"Connection: close" in head
    assert set(json.loads(body)) == {"code", "message", "id"}
    assert ask(sim, "GET", RELEASE)[0] == 200


def test_client_that_disconnects_disturbs_nobody(sim, capfd):
    host, _colon, port = sim.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as opened:
        opened.sendall(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert ask(sim, "GET", RELEASE)[0] == 200
    assert capfd.readouterr().err == ""


def test_incomplete_request_is_never_applied(sim):
    host, _colon, port = sim.url.removeprefix("http://").partition(":")
    head = f"DELETE {RELEASE} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nAuthorization: {sim.access_token}\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as opened:
        opened.sendall(f"{head}LD-API-Version: beta\r\n\r\n{{".encode())
        opened.shutdown(socket.SHUT_WR)
        with opened.makefile("rb") as answers:
            assert answers.read() == b""
    assert sim.requests == []
    assert ask(sim, "GET", RELEASE)[0] == 200


@pytest.mark.parametrize(("cut", "status"), [("before", 200), ("after", 404)])
def test_connection_is_cut_before_or_after_the_effect(sim, cut, status):
    ask(sim, "POST", "/__sim__/faults", {"method": "DELETE", "cut": cut})
    with pytest.raises(http.client.RemoteDisconnected):
        ask(sim, "DELETE", RELEASE)
    assert ask(sim, "GET", RELEASE)[0] == status


def test_delayed_answer_does_not_block_others(sim):
    ask(sim, "POST", "/__sim__/faults", {"method": "DELETE", "delay": 3600})
    with connection(sim) as delayed:
        delayed.request("DELETE", RELEASE, headers={"Authorization": sim.access_token, "LD-API-Version": "beta"})
        statuses = iter(lambda: ask(sim, "GET", RELEASE)[0], 404)
        assert set(statuses) <= {200}


def test_concurrent_requests_are_serialized(sim):
    pipeline = {"name": "P", "phases": [{"name": "A", "audiences": []}]}
    path = "/api/v2/projects/demo/release-pipelines"

    def create(number):
        return ask(sim, "POST", path, {**pipeline, "key": f"p{number % 5}"})[0]

    with ThreadPoolExecutor(16) as pool:
        statuses = Counter(pool.map(create, range(60)))
    assert statuses == {201: 5, 409: 55}
    assert [entry["number"] for entry in sim.requests] == list(range(1, 61))


def test_stop_closes_open_connections():
    sim = Simulator()
    with connection(sim) as opened:
        assert send(opened, sim, "GET", RELEASE)[0] == 200
        sim.stop()
        with pytest.raises(OSError, match=r"."):
            send(opened, sim, "GET", RELEASE)
    with pytest.raises(ConnectionRefusedError):
        ask(sim, "GET", RELEASE)


def test_simulator_can_be_used_in_process(sim):
    with connection(sim) as opened:
        before = send(opened, sim, "GET", "/__sim__/time")[1]["now"]
        sim.advance(90)
        assert send(opened, sim, "GET", "/__sim__/time")[1]["now"] == before + 90_000
        send(opened, sim, "GET", RELEASE)
    assert [(entry["method"], entry["path"], entry["status"]) for entry in sim.requests] == [("GET", RELEASE, 200)]


def test_simulators_share_nothing():
    with Simulator() as one, Simulator() as other:
        assert one.access_token != other.access_token
        ask(one, "DELETE", RELEASE)
        assert ask(other, "GET", RELEASE)[0] == 200


@pytest.mark.parametrize(
    ("options", "says"),
    [({"speed": 0}, "speed"), ({"completion": "never"}, "completion"), ({"state": {"x": 1}}, "unknown field")],
)
def test_simulator_refuses_invalid_options(options, says):
    with pytest.raises(ValueError, match=says):
        Simulator(**options)
