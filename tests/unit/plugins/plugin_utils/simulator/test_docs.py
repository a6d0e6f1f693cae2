# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What its documentation shows is what it takes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils import simulator
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.cli import main

PAGE = (Path(simulator.__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")
STATE, FAULTS = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def test_its_state_file_is_read_as_it_says(ask):
    assert ask("PUT", "/__sim__/state", STATE).status == 200
    release = ask("GET", "/api/v2/flags/shop/new-cart/release").body
    assert [phase["status"] for phase in release["phases"]] == ["completed", "ready-to-start"]


def test_its_faults_file_is_read_as_it_says(ask):
    ask("POST", "/__sim__/faults", FAULTS)
    path = "/api/v2/flags/demo/new-checkout/release"
    assert [ask("GET", path).status for _count in range(4)] == [503, 503, 429, 200]
    assert ask.start(0).status == 200
    ask.wait(1)
    assert ask.start(1).status == 400
    assert ask.statuses() == ["completed", "completed", "ready-to-start"]


def test_every_command_that_it_shows_is_taken(ask):
    commands = re.findall(r"curl -X (\w+) -d '(.*?)' \$LAUNCHDARKLY_API_HOST(\S+)", PAGE)
    assert len(commands) >= 5
    for method, body, path in commands:
        assert ask(method, path, json.loads(body)).status == 200, path


def test_it_lists_the_options_that_there_are(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    offered = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    table = PAGE[PAGE.index("| Option |") : PAGE.index("## What it holds")]
    assert set(re.findall(r"--[a-z-]+[a-z]", table)) - {"---"} == offered


def test_it_lists_the_paths_that_there_are(ask):
    names = {path.split("/")[2] for path in ask("GET", "/__sim__/").body["paths"]} - {""}
    table = PAGE[PAGE.index("| Path below") : PAGE.index("## Your own state")]
    assert set(re.findall(r"`(?:[A-Z]+ )?([a-z]+)[`/]", table)) == names
