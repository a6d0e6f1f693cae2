# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of checks and notices: not in the output, the events, the system log, or any file that a run leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player

HEADER, WEBHOOK, CHAT = "header-5f1d", "webhook-7c2e", "chat-93ab"

# Ansible's modules write to the journal where this library is; here it writes to a file.
JOURNAL = """
import os
def sendv(*fields):
    with open(os.environ["JOURNAL_FILE"], "ab") as file:
        file.write(b"\\n".join(field if isinstance(field, bytes) else field.encode() for field in fields) + b"\\n")
def send(*fields, **named):
    sendv(*fields, *(f"{name}={value}" for name, value in named.items()))
"""


@pytest.fixture
def service() -> Iterator[tuple[str, list[str]]]:
    """The address of a service that takes everything, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(f"{self.path} {self.headers.get('Authorization')}")
            self.send_response(500 if "refused" in self.path else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_unused: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


def journal(player: Player) -> Path:
    player.write("journal/systemd/__init__.py", "")
    player.write("journal/systemd/journal.py", JOURNAL)
    player.write("journal/systemd/daemon.py", "def booted():\n    return 1\n")
    path = player.place / "journal" / "written"
    player.environment.update(PYTHONPATH=str(player.place / "journal"), JOURNAL_FILE=str(path))
    return path


@pytest.mark.parametrize("answer", ["taken", "refused"])
def test_secrets_are_nowhere(player: Player, service: tuple[str, list[str]], answer: str) -> None:
    url, asked = service
    written = journal(player)
    look = f"echo 'look at {{{{ release_phase.phase }}}}' >> {player.place}/log"
    player.write("look.yml", [{"name": "Look", "ansible.builtin.shell": look, "changed_when": False}])
    check = {"url": f"{url}/{answer}", "headers": {"Authorization": f"Bearer {HEADER}"}}
    given = {
        "release_until": "Test",
        "release_tasks_dir": str(player.place),
        "release_checks": ["look.yml", {"name": "health", "http": check}],
        "release_notify": ["webhook", "chat"],
        "release_webhook_url": f"{url}/{answer}/{WEBHOOK}",
        "release_chat_url": f"{url}/{answer}/{CHAT}",
        "release_report_dir": str(player.place / "reports"),
    }
    # From a file, as the name of a variable file is on the command line and its content is not.
    variables = player.write("secrets.yml", given)
    run = player.play("-vvvv", "-e", f"@{variables}", rc=0 if answer == "taken" else 2)
    variables.unlink()

    secrets = (HEADER, WEBHOOK, CHAT, player.service.access_token)
    assert any(HEADER in line for line in asked)
    assert {secret for secret in (WEBHOOK, CHAT) for line in asked if secret in line} == {WEBHOOK, CHAT}
    # What the module of the user's task file wrote, to show that modules write there.
    assert "look at Test" in written.read_text()
    assert [secret for secret in secrets if secret in run.output] == []
    left = [path for path in player.place.rglob("*") if path.is_file()]
    assert player.place / "results" in left
    assert [path for path in left for secret in secrets if secret.encode() in path.read_bytes()] == []
