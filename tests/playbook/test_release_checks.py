# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the role, against a real service that is looked at."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Played, Player


@dataclass
class Shop:
    """A service with a health page, and a Prometheus beside it. Answers are played in turn, the last one from then on."""

    url: str = ""
    health: list[tuple[int, Any]] = field(default_factory=lambda: [(200, {"status": "ok", "errors": 3})])
    values: list[str] = field(default_factory=lambda: ["0.001"])
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, query: str) -> tuple[int, Any]:
        self.asked.append(path)
        answers = self.health
        if path == "/health":
            return answers.pop(0) if len(answers) > 1 else answers[0]
        if path == "/api/v1/query" and parse_qs(query)["query"] == ['rate(errors{app="a b"}[5m])']:
            result = [{"metric": {}, "value": [1793000000, value]} for value in self.values]
            return 200, {"status": "success", "data": {"resultType": "vector", "result": result}}
        return 400, {"status": "error", "error": "what?"}


@pytest.fixture
def shop() -> Iterator[Shop]:
    served = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            status, body = served.answer(parts.path, parts.query)
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
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


def http(shop: Shop, **more: Any) -> dict[str, Any]:
    return {"url": f"{shop.url}/health", **more}


def prometheus(shop: Shop, condition: str = "value < 0.01") -> dict[str, Any]:
    return {"url": shop.url, "query": 'rate(errors{app="a b"}[5m])', "condition": condition}


def verdicts(run: Played) -> list[str]:
    return [check["verdict"] for check in run.phase("Test")["checks"]]


def test_presets_pass_and_their_evidence_is_kept(player: Player, shop: Shop) -> None:
    checks = [
        {"name": "health", "http": http(shop, condition="json.status == 'ok' and json.errors < 5")},
        {"http": http(shop)},
        {"prometheus": prometheus(shop)},
        {"command": "true"},
        {"command": {"argv": ["sh", "-c", "exit 3"], "rc": 3}},
        str(player.write("smoke.yml", player.note("smoke"))),
    ]
    run = player.play(release_checks=checks, release_until="Test")
    evidence = run.phase("Test")["checks"]
    assert [(item["name"], item["verdict"]) for item in evidence] == [
        ("health", "passed"),
        ("http", "passed"),
        ("prometheus", "passed"),
        ("command", "passed"),
        ("command (2)", "passed"),
        (f"{player.place}/smoke.yml", "passed"),
    ]
    assert evidence[0]["detail"] == "status 200, condition \"json.status == 'ok' and json.errors < 5\" is true"
    assert all(item["at"] and item["measurements"] for item in evidence)
    assert run.changed == 1, "to check is not to change"


def test_what_is_no_yes_stops_the_run(player: Player, shop: Shop) -> None:
    """What Ansible's modules answer; what conditions make of that is for the unit test of the checks. A flag for each."""
    shop.health = [(500, {})]
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"http": http(shop)}, "check_failed", "status 500, expected 200"),
        ({"http": {"url": "http://127.0.0.1:9/"}}, "check_inconclusive", "no answer"),
        ({"prometheus": {**prometheus(shop), "query": "up{"}}, "check_inconclusive", "the query failed"),
        ({"command": "false"}, "check_failed", "rc 1, expected 0"),
        ({"command": "/no/such/program"}, "check_inconclusive", "could not be run"),
    ]
    flags = [f"flag-{number}" for number in range(len(cases))]
    pipeline = {"phases": [{"name": "Test", "audiences": [{"environmentKey": "test", "name": "everyone"}]}]}
    project = {"pipelines": {"standard": pipeline}, "releases": {flag: {} for flag in flags}}
    player.service.world.replace_state({"projects": {"demo": project}})
    checks = {flag: [check] for flag, (check, _reason, _said) in zip(flags, cases)}
    variables = {
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "release_project_key": "demo",
        "release_flag_key": "{{ inventory_hostname }}",
        "release_checks": "{{ checks[inventory_hostname] }}",
        "checks": checks,
    }
    role = {"hosts": "all", "gather_facts": False, "roles": [{"role": "flagops.launchdarkly.release"}]}
    playbook = player.write("play.yml", [{"name": "Play", **role, "vars": variables}])
    run = player.play("-i", ",".join(flags), "-c", "local", playbook=str(playbook), rc=2)
    for flag, (check, reason, said) in zip(flags, cases):
        result = run.of(f"demo/{flag}")
        phases = [phase["action"] for phase in result["phases"]]
        assert (check, result["state"], result["reason"], phases) == (check, "failed", reason, ["started"])
        assert result["error_code"] == reason
        name = next(iter(check))
        for part in (f"demo/{flag}", "'Test' (test)", f"check '{name}'", said, "The phase is completed."):
            assert part in result["message"]
        assert ("was inconclusive" in result["message"]) == (reason == "check_inconclusive")


def test_a_task_file_may_say_that_it_could_not_measure(player: Player) -> None:
    tasks = [
        {"name": "Say so", "ansible.builtin.set_fact": {"release_check_inconclusive": True}},
        {"name": "Fail", "ansible.builtin.fail": {"msg": "no traffic yet"}},
    ]
    checks = [str(player.write("smoke.yml", tasks)), {"command": "false"}]
    run = player.play(rc=2, release_checks=checks, release_until="Test")
    assert run.summary() == "failed check_inconclusive: started"
    assert "no traffic yet" in run.result["message"]
    # what one check says is not said of the next
    checks = [{"tasks": checks[0], "attempts": 2, "interval": 1, "failure_limit": 1}, checks[1]]
    player.write(
        "smoke.yml",
        [
            {**tasks[0], "when": "not once | default(false)"},
            {"name": "Once", "ansible.builtin.set_fact": {"once": True}, "when": "release_check_inconclusive"},
            {**tasks[1], "when": "release_check_inconclusive"},
        ],
    )
    again = player.play(rc=2, release_checks=checks, release_until="Test")
    assert [check["verdict"] for check in again.phase("Test")["checks"]] == ["passed", "failed"]


def test_more_attempts_and_a_budget_of_failures(player: Player, shop: Shop) -> None:
    shop.health = [(500, {}), (200, {}), (200, {})]
    budget = {"attempts": "6", "interval": "1s", "failure_limit": "1", "consecutive_success": "2"}
    run = player.play(release_checks=[{"http": http(shop), **budget}], release_until="Test")
    marks = [item["ok"] for item in run.phase("Test")["checks"][0]["measurements"]]
    assert marks == [False, True, True]
    shop.health = [(500, {})]
    again = player.play(rc=2, release_checks=[{"http": http(shop), **budget}], release_until="Test")
    assert [item["ok"] for item in again.phase("Test")["checks"][0]["measurements"]] == [False] * 2
    assert "RETRYING" not in run.output + again.output


def test_a_check_during_the_soak_is_measured_until_its_end(player: Player, shop: Shop) -> None:
    checks = [{"http": http(shop), "during": "soak", "interval": 1}, {"command": "true"}]
    run = player.play(release_phases=[{"phase": "Test", "soak": 3}], release_checks=checks, release_until="Staging")
    assert run.result["state"] == "completed"
    assert len(run.phase("Test")["checks"][0]["measurements"]) >= 2
    # a phase without a soak measures once, and takes over nothing
    assert len(run.phase("Staging")["checks"][0]["measurements"]) == 1


@pytest.mark.parametrize(("speed", "behind"), [(1.0, 600.0)])
def test_a_soak_is_no_shorter_where_the_clock_here_is_ahead(player: Player) -> None:
    """What a task has learned of LaunchDarkly's time holds in the next one, which soaks before it reads anything."""
    player.write("note.yml", player.note("checked"))
    settings = {"soak": 4, "before": ["note.yml"], "checks": [{"tasks": "note.yml", "during": "soak", "interval": 1}]}
    run = player.play(release_phases=[{"phase": "Test", **settings}], release_until="Test")
    assert run.summary() == "completed -: started"
    moments = [run.result["started_at"], run.phase("Test")["completed_at"], run.result["finished_at"]]
    began, completed, finished = (datetime.fromisoformat(moment.replace("Z", "+00:00")) for moment in moments)
    # LaunchDarkly's answers give its time in whole seconds.
    assert began < completed <= finished - timedelta(seconds=3)
    assert len(player.log()) > 3


def test_a_failure_during_the_soak_stops_it_at_once(player: Player, shop: Shop) -> None:
    shop.health = [(200, {}), (500, {})]
    checks = [{"http": http(shop), "during": "soak", "interval": 1}]
    run = player.play(rc=2, release_phases=[{"phase": "Test", "soak": 60}], release_checks=checks)
    assert run.summary() == "failed check_failed: started None None"
    pauses = [int(seconds) for seconds in re.findall(r"Pausing for (\d+) seconds", run.output)]
    assert sum(pauses) <= 3
    assert shop.asked == ["/health", "/health"]
