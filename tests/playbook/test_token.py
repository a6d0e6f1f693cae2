# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token is in no output, however loud, whatever goes wrong, however it got to the task."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.faults import parse
from ansible_collections.flagops.launchdarkly.tests.playbook.ansible_runs import (
    WAYS,
    Ansible,
    Simulator,
    read,
    start,
    through,
)
from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player

# Written otherwise in a repr, in JSON, in a URL and in a shell: no form of it may be seen.
TOKEN = "api-Zq7Kx3Ve'51b8\"4c2d+9a/0e%c6=d1"  # noqa: S105  made up


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    # its time stands still, so that nothing completes before it shall not
    with Simulator(access_token=TOKEN, clock=lambda: 1793000000.0) as running:
        yield running


FORMS = {
    TOKEN,
    repr(TOKEN)[1:-1],
    json.dumps(TOKEN)[1:-1],
    quote(TOKEN),
    quote(TOKEN, safe=""),
    # a part that is written the same everywhere, and shows which token it is
    "Zq7Kx3Ve",
}


def assert_hidden(text: str) -> None:
    for form in FORMS:
        assert form not in text, text[max(0, text.index(form) - 400) :][:800]


def mishaps(simulator: Simulator) -> list[dict[str, Any]]:
    """Tasks that fail in every way, and some that do not."""
    simulator.world.faults.faults.extend(_echoes())
    return [
        read(simulator),
        start(simulator),
        start(simulator, phase="Production"),
        start(simulator, phase="nowhere"),
        start(simulator, flag_key="echo-in-code"),
        start(simulator, flag_key="echo-in-text"),
        start(simulator, flag_key="echo-in-place"),
        start(simulator, api_host="http://127.0.0.1:1", max_retries=0),
        start(simulator, api_host=simulator.url.replace("http:", "https:")),
        start(simulator, api_host=f"https://user:{TOKEN}@app.launchdarkly.com"),
        start(simulator, api_host=f"https://app.launchdarkly.com/?token={TOKEN}"),
        start(simulator, phase=TOKEN),
        start(simulator, flag_key=TOKEN),
        start(simulator, status=TOKEN),
        start(simulator, typo=TOKEN),
        start(simulator, access_token=f"{TOKEN}\nx"),
        start(simulator, wait=True, wait_timeout=0),
    ]


def _echoes() -> list[Any]:
    bodies = {
        "code": {"code": f"x{TOKEN}", "message": f"no {TOKEN}", "id": TOKEN},
        "text": f"<html>{TOKEN} {quote(TOKEN)} {TOKEN!r}",
        "place": {"phases": [{"_id": TOKEN, "_name": TOKEN, "status": TOKEN}], "name": TOKEN},
    }
    statuses = {"code": 400, "text": 403, "place": 200}
    return list(
        parse(
            [
                {"path": f"echo-in-{name}", "status": statuses[name], "body": body, "times": None}
                for name, body in bodies.items()
            ]
        )
    )


@pytest.mark.parametrize("way", WAYS)
def test_the_token_is_in_no_output(ansible: Ansible, simulator: Simulator, way: str) -> None:
    tasks = [{**task, "ignore_errors": True} for task in mishaps(simulator)]
    finished = ansible.run(tasks, "-vvvvv", "--diff", **through(way))
    assert finished.code == 0, finished.output
    codes = [result.get("error_code") for result in finished.results]
    assert codes[:2] == [None, None]
    assert len(codes) == len(tasks)
    assert all(codes[2:]), list(enumerate(codes))
    assert "internal_error" not in codes
    assert_hidden(finished.output)
    assert_hidden(json.dumps(finished.results))


# The first variable is found in the first of these, the other one for each item.
ORIGINS: dict[str, dict[str, Any]] = {
    "environment": {"environment": {"LAUNCHDARKLY_ACCESS_TOKEN": TOKEN, "LD_ACCESS_TOKEN": TOKEN}},
    "each item": {"environment": {"LD_ACCESS_TOKEN": "{{ tokens[item] }}"}, "loop": [0], "vars": {"tokens": [TOKEN]}},
    "defaults": {"module_defaults": {"group/flagops.launchdarkly.all": {"access_token": TOKEN}}},
}
KEYWORDS: dict[str, dict[str, Any]] = {
    "in_process": {},
    "module": {"vars": {"launchdarkly_in_process": False}},
    "async": {"async": 30, "poll": 1},
    "become": {"become": True, "become_method": "pretend"},
    "elsewhere": {"connection": "elsewhere"},
}


# A task that is repeated finds the token again, though it left the task's environment the first time.
REPEATED = {"until": "seen.attempts > 1", "retries": 2, "delay": 0, "register": "seen"}


def test_however_it_got_to_the_task_and_each_time(ansible: Ansible, simulator: Simulator) -> None:
    task = read(simulator)
    del task["flagops.launchdarkly.ld_release_info"]["access_token"]
    tasks = []
    for origin, way in ORIGINS.items():
        for name, keyword in KEYWORDS.items():
            again = REPEATED if origin == "each item" and name in ("module", "async") else {}
            variables = {**way.get("vars", {}), **keyword.get("vars", {})}
            tasks.append({**task, **way, **keyword, **again, "vars": variables})
    finished = ansible.run(tasks, "-vvvvv")
    assert finished.code == 0, finished.output
    assert [entry["status"] for entry in simulator.requests] == [200] * (len(tasks) + 2)
    assert_hidden(finished.output)


@pytest.mark.parametrize("way", WAYS)
def test_exception_of_a_library_does_not_show_it(
    ansible: Ansible, simulator: Simulator, tmp_path: Path, way: str
) -> None:
    """Such as one that shows the headers it was given."""
    (tmp_path / "bug").mkdir()
    (tmp_path / "bug" / "sitecustomize.py").write_text(
        "import requests.adapters\n"
        "def send(self, request, **more):\n"
        "    token = request.headers['Authorization']\n"
        "    raise LookupError(dict(request.headers), token.encode(), 'x' + token)\n"
        "requests.adapters.HTTPAdapter.send = send\n"
    )
    finished = ansible.run(
        [start(simulator, max_retries=0)], "-vvvvv", environment={"PYTHONPATH": str(tmp_path / "bug")}, **through(way)
    )
    result = finished.results[-1]
    assert (result["error_code"], result["changed"]) == ("connection_failed", False)
    assert_hidden(finished.output)
    assert_hidden(json.dumps(finished.results))


LOOKUP = "{{ lookup('ansible.builtin.env', 'MY_TOKEN') }}"


def test_token_of_the_role_is_in_no_output_and_no_file(player: Player) -> None:
    """The role reads it through a lookup, also where Ansible checks its variables, keeps facts, and a run fails and undoes."""
    del player.environment["LAUNCHDARKLY_ACCESS_TOKEN"]
    player.environment.update(
        MY_TOKEN=TOKEN,
        LAUNCHDARKLY_API_HOST="https://nowhere.invalid",
        ANSIBLE_CACHE_PLUGIN="ansible.builtin.jsonfile",
        ANSIBLE_CACHE_PLUGIN_CONNECTION=str(player.place / "facts"),
        ANSIBLE_LOG_PATH=str(player.place / "ansible.log"),
        ANSIBLE_KEEP_REMOTE_FILES="true",
    )
    player.service.world.access_token = TOKEN
    # Ansible shows what a user's own task prints; what the role makes of its failure is ours.
    check = [{"name": "Log in", "ansible.builtin.command": "false", "changed_when": False}]
    player.write("check.yml", check)
    variables = {
        "release_project_key": "demo",
        "release_flag_key": "new-checkout",
        "release_access_token": LOOKUP,
        "release_api_host": player.service.url,
        "release_wait_interval": 0.1,
        "release_checks": ["check.yml"],
        "release_on_failure": "turn_off",
        "release_notify": ["webhook"],
        "release_webhook_url": "http://127.0.0.1:9/hook",
        "release_report_dir": "reports",
        "release_tasks_dir": str(player.place),
    }
    role = {"hosts": "localhost", "gather_facts": False, "roles": [{"role": "flagops.launchdarkly.release"}]}
    playbook = player.write("play.yml", [{**role, "vars": variables}])
    settings = player.write("settings.yml", {name: variables[name] for name in list(variables)[:4]})
    failed = player.play("-vvvvv", playbook=str(playbook), rc=2)
    assert failed.summary() == "failed check_failed: started None None"
    assert [entry["ok"] for entry in failed.result["undone"]] == [True]
    aborted = player.play(*("-vvvvv", "-e", f"@{settings}"), playbook="abort", release_abort_flag_key="new-checkout")
    status = player.play("-vvvvv", "-e", f"@{settings}", playbook="status")
    assert "1 of 3 phases complete" in status.output
    assert {entry["status"] for entry in player.service.requests} == {200}
    assert_hidden(failed.output + aborted.output + status.output)
    files = [path for path in player.place.rglob("*") if path.is_file()]
    assert {".log", ".html", ".md"} <= {path.suffix for path in files}
    for path in files:
        assert_hidden(path.read_text(errors="replace"))
