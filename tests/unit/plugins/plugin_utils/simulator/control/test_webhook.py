# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The webhook: what it posts, how it signs, when it tries again."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

import launchdarkly_api
import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.vendor import assert_known

SECRET = "not telling"  # noqa: S105  of a test
APPROVAL = {"releaseStrategy": "immediate-rollout", "requireApproval": True}
AUDIENCES = [{"environmentKey": "test"}, {"environmentKey": "production", "configuration": APPROVAL}]
STATE = {
    "projects": {
        "demo": {
            "pipelines": {"standard": {"phases": [{"name": "Only", "audiences": AUDIENCES}]}},
            "releases": {"new-checkout": {}},
            "reviewer": {"verdict": "approve", "after": 60, "apply": True, "comment": "fine"},
        }
    }
}


class Receiver:
    """Keeps what is posted to it, and answers with the statuses that it is given, then with 204."""

    def __init__(self):
        self.posts = []
        self.statuses = []
        receiver = self

        class _Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                payload = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append((self.path, dict(self.headers), payload))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                self.end_headers()

            def log_message(self, *_unused):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?from=sim"

    def bodies(self):
        return [json.loads(payload) for _path, _headers, payload in self.posts]


@pytest.fixture
def receiver():
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def serve(*given, **fields):
    return Simulator(*given, webhook_pauses=(0.005, 0.01), **fields)


def until(holds):
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.005)


def deliveries(sim):
    return list(sim.world.webhook.deliveries)


def start(sim):
    call(sim, "PUT", release_path(sim), {"status": "active"})


def release_path(sim):
    phase = sim.world.release("demo", "new-checkout")["phases"][0]["_id"]
    return f"/api/v2/projects/demo/flags/new-checkout/release/phases/{phase}"


def call(sim, method, path, body=None):
    connection = HTTPConnection(urlsplit(sim.url).netloc, timeout=10)
    try:
        headers = {"Authorization": sim.access_token, "LD-API-Version": "beta"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_webhook_posts_every_change_in_order(receiver):
    with serve(STATE, clock=lambda: 1_793_000_000.0, webhook=receiver.url) as sim:
        start(sim)
        until(lambda: len(receiver.posts) == 2)
        sim.advance(3600)
        until(lambda: len(receiver.posts) == 7)
    seen = [(body["accesses"][0]["action"], body["date"] - 1_793_000_000_000) for body in receiver.bodies()]
    assert seen == [
        ("updateReleasePhaseStatus", 0),
        ("createApprovalRequest", 0),
        ("updateOn", 0),
        ("reviewApprovalRequest", 60_000),
        ("applyApprovalRequest", 60_000),
        ("updateOn", 60_000),
        ("updateReleasePhaseStatus", 61_000),
    ]
    first, *_others, last = receiver.bodies()
    resources = [f"proj/demo:env/{key}:flag/new-checkout" for key in ("test", "production")]
    assert [access["resource"] for access in first["accesses"]] == resources
    assert first["target"]["resources"] == resources
    assert (first["kind"], first["name"], "token" in first, "token" in last) == ("flag", "New Checkout", True, False)
    assert receiver.bodies()[3]["comment"] == "fine"
    assert len({body["_id"] for body in receiver.bodies()}) == 7
    assert {path for path, _headers, _payload in receiver.posts} == {"/hook?from=sim"}


def test_webhook_payload_fits_the_vendor_client(receiver):
    with serve(STATE, clock=lambda: 1_793_000_000.0, webhook=receiver.url) as sim:
        start(sim)
        sim.advance(3600)
        until(lambda: len(receiver.posts) == 7)
    for body in receiver.bodies():
        assert_known(launchdarkly_api.AuditLogEntryListingRep.from_dict(body), body)


@pytest.mark.parametrize("secret", ["", SECRET])
def test_webhook_signs_with_a_secret(receiver, secret):
    with serve(STATE, webhook=receiver.url, webhook_secret=secret) as sim:
        start(sim)
        until(lambda: receiver.posts)
    _path, headers, payload = receiver.posts[0]
    expected = hmac.new(SECRET.encode(), payload, hashlib.sha256).hexdigest() if secret else None
    assert headers.get("X-LD-Signature") == expected
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("statuses", "tried"), [([], [204]), ([200], [200]), ([500], [500, 204]), ([302, 404], [302, 404])]
)
def test_webhook_retries_a_rejected_post_once(receiver, statuses, tried):
    receiver.statuses = list(statuses)
    with serve(webhook=receiver.url) as sim:
        call(sim, "DELETE", "/api/v2/flags/demo/new-checkout/release")
        until(lambda: deliveries(sim))
        (delivery,) = deliveries(sim)
    assert delivery["statuses"] == tried
    assert receiver.bodies() == [delivery["body"]] * len(tried)
    assert delivery["url"] == receiver.url


def test_webhook_without_receiver_does_not_disturb():
    with serve(webhook="http://127.0.0.1:1/") as sim:
        call(sim, "DELETE", "/api/v2/flags/demo/new-checkout/release")
        until(lambda: deliveries(sim))
        assert deliveries(sim)[0]["statuses"] == [None, None]
        assert call(sim, "GET", "/api/v2/flags/demo/new-checkout") == 200


def test_webhook_set_later_sends_only_new_changes(receiver):
    with serve() as sim:
        call(sim, "DELETE", "/api/v2/flags/demo/new-checkout/release")
        call(sim, "PUT", "/__sim__/webhook", {"url": receiver.url, "secret": SECRET})
        path = "/api/v2/projects/demo/flags/dark-mode/release"
        call(sim, "PUT", path, {"releasePipelineKey": "standard"})
        until(lambda: deliveries(sim))
    assert [body["name"] for body in receiver.bodies()] == ["Dark Mode"]


def test_webhook_does_not_repeat_a_loaded_state(receiver):
    with serve(webhook=receiver.url) as sim:
        call(sim, "DELETE", "/api/v2/flags/demo/new-checkout/release")
        until(lambda: deliveries(sim))
        call(sim, "PUT", "/__sim__/state", sim.world.state)
        call(sim, "PUT", "/api/v2/projects/demo/flags/dark-mode/release", {"releasePipelineKey": "standard"})
        until(lambda: len(deliveries(sim)) == 2)
    assert [body["name"] for body in receiver.bodies()] == ["New Checkout", "Dark Mode"]


def test_webhook_shows_deliveries_without_the_secret(ask):
    given = ask("PUT", "/__sim__/webhook", {"url": "https://example.com/hook", "secret": SECRET})
    assert given.body == {"url": "https://example.com/hook", "deliveries": []}
    assert ask("GET", "/__sim__/webhook").body == given.body
    assert ask("PUT", "/__sim__/webhook", {}).body == {"url": "", "deliveries": []}


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"url": 5},
        {"secret": None},
        {"address": "http://127.0.0.1"},
        {"url": "127.0.0.1:80"},
        {"url": "ftp://127.0.0.1"},
        {"url": "http://"},
        {"url": "http://[::1"},
        {"url": "http://127.0.0.1:99999"},
    ],
)
def test_webhook_with_mistakes_is_refused(ask, body):
    assert ask("PUT", "/__sim__/webhook", body).status == 400
