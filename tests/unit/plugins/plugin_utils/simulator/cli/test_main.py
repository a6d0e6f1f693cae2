# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to run the simulator as a program."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils import simulator

FOLDER = Path(simulator.__file__).parent
MODULE = "ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator"
# A proxy of the machine's has no way to a loopback address.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
WAYS = {"folder": [str(FOLDER)], "module": ["-m", MODULE]}


def environment():
    # The variables of the test runner are meant for its own process.
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def command(*arguments, way="folder"):
    return [sys.executable, *WAYS[way], *arguments]


@contextmanager
def started(*arguments, way="folder"):
    process = subprocess.Popen(  # noqa: S603  our own program
        command(*arguments, way=way),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def run(*arguments):
    return subprocess.run(  # noqa: S603  our own program
        command(*arguments), env=environment(), capture_output=True, text=True, timeout=30, check=False
    )


def get(url):
    with DIRECT.open(url, timeout=10) as answer:
        return json.load(answer)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_program_prints_one_line_and_serves_until_a_signal(way, number):
    with started("--port", "0", way=way) as process:
        announced = json.loads(process.stdout.readline())
        assert set(announced) == {"url", "access_token"}
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", announced["url"])
        assert re.fullmatch(r"api-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", announced["access_token"])
        assert "demo" in get(announced["url"] + "/__sim__/state")["projects"]
        process.send_signal(number)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0


@pytest.mark.parametrize("attempt", range(8))
def test_signal_right_after_the_start_is_not_lost(attempt):
    with started() as process:
        process.stdout.readline()
        for _count in range(attempt):
            os.sched_yield()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_options_take_effect(tmp_path):
    state, faults = tmp_path / "state.json", tmp_path / "faults.json"
    state.write_text(json.dumps({"projects": {"shop": {}}}))
    faults.write_text(json.dumps([{"status": 503}]))
    token = "api-mine"  # noqa: S105  opens nothing but this simulator
    options = ["--state", state, "--faults", faults, "--speed", "60", "--completion", "on_next"]
    with started(*map(str, options), "--access-token", token) as process:
        announced = json.loads(process.stdout.readline())
        assert announced["access_token"] == token
        assert list(get(announced["url"] + "/__sim__/state")["projects"]) == ["shop"]
        assert get(announced["url"] + "/__sim__/faults")["items"][0]["status"] == 503
        assert get(announced["url"] + "/__sim__/time")["speed"] == 60


def test_background_process_survives_its_starter():
    # This returns only when nobody holds the starter's streams any more.
    starter = run("--background", "--state=", "--faults=")
    assert (starter.returncode, starter.stderr) == (0, "")
    announced = json.loads(starter.stdout)
    try:
        assert os.getsid(announced["pid"]) == announced["pid"]
        assert "demo" in get(announced["url"] + "/__sim__/state")["projects"]
    finally:
        os.kill(announced["pid"], signal.SIGTERM)
    wait_for_the_end_of(announced["url"])


def wait_for_the_end_of(url):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            get(url + "/__sim__/time")
        except OSError:
            return
    pytest.fail("it did not stop")


@pytest.mark.parametrize("how", [[], ["--background"]])
@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--state", "missing.json"], "missing.json"),
        (["--state", "{file}"], "is not JSON"),
        (["--speed", "0"], "speed"),
        (["--port", "99999"], "port"),
        (["--completion", "never"], "never"),
        (["--webhook", "127.0.0.1"], "is not an address"),
    ],
)
def test_invalid_options_are_reported(tmp_path, how, options, says):
    file = tmp_path / "broken.json"
    file.write_text("{")
    ended = run(*how, *(option.replace("{file}", str(file)) for option in options))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
