# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook that starts a simulator for whoever wants to try their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils import simulator

COLLECTION = Path(simulator.__file__).parents[3]


# A proxy of the machine's has no way to a loopback address.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url, headers=None):
    request = urllib.request.Request(url, headers=headers or {})  # noqa: S310  our own server
    with DIRECT.open(request, timeout=10) as answer:
        return json.load(answer)


@pytest.fixture
def play(tmp_path):
    """Run the playbook in a folder of its own, and end what it started."""
    started = []

    def _play(*options):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PWD": str(tmp_path),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        }
        playbook = str(COLLECTION / "playbooks" / "simulator.yml")
        ended = subprocess.run(  # noqa: S603  our own playbook
            [sys.executable, "-m", "ansible.cli.playbook", playbook, *options],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        started.extend(int(pid) for pid in re.findall(r"kill (\d+)", ended.stderr))
        return ended

    yield _play
    for pid in started:
        os.kill(pid, signal.SIGTERM)


def test_simulator_outlives_the_playbook_at_its_address(play):
    ended = play()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    # Each is a line of its own, which can be pasted into a shell.
    url = re.search(r"^export LAUNCHDARKLY_API_HOST=(http://127\.0\.0\.1:\d+)$", ended.stderr, re.MULTILINE)[1]
    token = re.search(r"^export LAUNCHDARKLY_ACCESS_TOKEN=(api-[0-9a-f-]{36})$", ended.stderr, re.MULTILINE)[1]
    headers = {"Authorization": token, "LD-API-Version": "beta"}
    assert get(url + "/api/v2/flags/demo/new-checkout/release", headers)["releasePipelineKey"] == "standard"


def test_simulator_variables_and_relative_files(play, tmp_path):
    (tmp_path / "state.json").write_text('{"projects": {"shop": {}}}')
    (tmp_path / "faults.json").write_text('[{"status": 503}]')
    variables = {
        "simulator_speed": 60,
        "simulator_completion": "on_next",
        "simulator_state": "state.json",
        "simulator_faults": "faults.json",
    }
    ended = play(*(part for name, value in variables.items() for part in ("-e", f"{name}={value}")))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    url = re.search(r"http://127\.0\.0\.1:\d+", ended.stderr)[0]
    assert list(get(f"{url}/__sim__/state")["projects"]) == ["shop"]
    assert [fault["status"] for fault in get(f"{url}/__sim__/faults")["items"]] == [503]
    assert get(f"{url}/__sim__/time")["speed"] == 60


def test_it_says_why_it_could_not_start(play):
    ended = play("-e", "simulator_state=missing.json")
    assert ended.returncode != 0
    assert "missing.json" in ended.stdout + ended.stderr
