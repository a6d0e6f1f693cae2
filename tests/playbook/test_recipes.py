# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes in examples/ do what they say, against a small stand-in for the services that they talk to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player

RECIPES = Path(__file__).resolve().parents[2] / "examples" / "recipes"
ERRORS = 'sum(rate(http_requests_total{app="shop",status=~"5.."}[5m])) / sum(rate(http_requests_total{app="shop"}[5m]))'
TABLE = "/api/now/table/change_request"
ATTACHMENT = "/api/now/attachment/file"
CHANGE = {"sys_id": "a1b2", "state": "-1", "approval": "approved"}
KEYS = {
    "JIRA_TOKEN": "jira-4711",
    "SERVICENOW_TOKEN": "servicenow-4712",
    "GRAFANA_TOKEN": "grafana-4713",
    "DD_API_KEY": "datadog-4714",
    "DD_APP_KEY": "datadog-4715",
    "PAGERDUTY_ROUTING_KEY": "pagerduty-4716",
}


@dataclass
class Services:
    """All of them on one port: what they answer, and what they were asked."""

    url: str = ""
    change: dict[str, Any] = field(default_factory=lambda: dict(CHANGE))
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    attached: list[tuple[dict[str, list[str]], str]] = field(default_factory=list)

    def get(self, path: str, query: dict[str, list[str]]) -> Any:
        result = [{"metric": {}, "value": [1793000000, "0.001"]}]
        answers: dict[str, Any] = {
            TABLE: {"result": [self.change] if query.get("sysparm_query") == ["number=CHG0030001"] else []},
            "/rest/api/2/issue/OPS-4711": {"fields": {"status": {"name": "Approved"}}},
            "/api/v1/query": {"status": "success", "data": {"resultType": "vector", "result": result}}
            if query.get("query") == [ERRORS]
            else None,
            "/api/v1/monitor/4711": {"overall_state": "OK"},
            "/api/alertmanager/grafana/api/v2/alerts": [] if query.get("filter") == ['service="shop"'] else None,
        }
        return answers.get(path)

    def post(self, path: str, query: dict[str, list[str]], body: bytes) -> int:
        if path == "/v2/enqueue":
            self.events.append(json.loads(body))
            return 202
        self.attached.append((query, body.decode()))
        return 201 if path == ATTACHMENT else 404


@pytest.fixture
def services() -> Iterator[Services]:
    served = Services()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = served.get(*self.asked())
            self.answer(404 if found is None else 200, found)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(served.post(*self.asked(), body), {})

        def asked(self) -> tuple[str, dict[str, list[str]]]:
            parts = urlsplit(self.path)
            secret = self.headers.get("Authorization") or self.headers.get("DD-API-KEY") or ""
            served.asked.append((self.command, parts.path, secret))
            return parts.path, parse_qs(parts.query)

        def answer(self, status: int, document: Any) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_unused: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield served
        server.shutdown()
        thread.join()


def canary(services: Services) -> dict[str, Any]:
    """The variables of the recipe, for the demo's flag and the stand-in, without its pauses."""
    given = yaml.safe_load((RECIPES / "vars" / "canary.yml").read_text())
    given["release_phases"][1]["soak"] = 0
    given["release_phases"][1]["checks"][0]["interval"] = 0.1
    names = ("prometheus_url", "datadog_url", "grafana_url", "jira_url", "servicenow_url", "pagerduty_url")
    return {
        **given,
        **dict.fromkeys(names, services.url),
        "release_project_key": "demo",
        "release_flag_key": "new-checkout",
        "release_tasks_dir": str(RECIPES / "tasks"),
    }


def test_recipes_gate_watch_notify_and_attach(player: Player, services: Services) -> None:
    player.environment.update(KEYS)
    services.change["approval"] = "requested"
    refused = player.play("-vvv", rc=2, **canary(services))
    assert refused.summary() == "failed before_failed: started started None"
    assert "approval requested, state -1. It has to be approved and in the state Implement" in refused.result["message"]
    assert [event["event_action"] for event in services.events] == ["trigger"]
    assert services.events[0]["payload"]["summary"] == refused.result["message"]

    services.change.update(CHANGE)
    released = player.play("-vvv", **canary(services))
    assert released.summary() == "completed -: none none started"
    checks = [(item["name"], item["verdict"]) for item in released.phase("Production")["checks"]]
    assert checks == [("error rate", "passed"), ("monitor in Datadog", "passed"), ("alerts in Grafana", "passed")]
    assert [event["event_action"] for event in services.events] == ["trigger", "resolve"]
    assert {event["dedup_key"] for event in services.events} == {"launchdarkly/demo/new-checkout"}
    assert [query["table_sys_id"] for query, _page in services.attached] == [["a1b2"], ["a1b2"]]
    assert all(page.startswith("<!DOCTYPE html>") for _query, page in services.attached)
    assert (refused.result["warnings"], released.result["warnings"]) == ([], [])

    secrets = {path: secret for _method, path, secret in services.asked}
    assert secrets[TABLE] == secrets[ATTACHMENT] == "Bearer servicenow-4712"
    assert secrets["/rest/api/2/issue/OPS-4711"] == "Bearer jira-4711"
    assert secrets["/api/v1/monitor/4711"] == "datadog-4714"
    assert not [secret for secret in KEYS.values() if secret in refused.output + released.output]
