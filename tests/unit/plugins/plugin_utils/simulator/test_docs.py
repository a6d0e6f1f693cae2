# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the documentation of the simulator work."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils import simulator
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.cli.main import main

PAGE = (Path(simulator.__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")
STATE, FAULTS, APPROVALS = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def test_docs_state_file_is_read_as_described(ask):
    assert ask("PUT", "/__sim__/state", STATE).status == 200
    release = ask("GET", "/api/v2/flags/shop/new-cart/release").body
    assert [phase["status"] for phase in release["phases"]] == ["completed", "ready-to-start"]


def test_docs_faults_file_is_read_as_described(ask):
    ask("POST", "/__sim__/faults", FAULTS)
    path = "/api/v2/flags/demo/new-checkout/release"
    assert [ask("GET", path).status for _count in range(4)] == [503, 503, 429, 200]
    assert ask.start(0).status == 200
    ask.wait(1)
    assert ask.start(1).status == 400
    assert ask.statuses() == ["completed", "completed", "ready-to-start"]


def commands(page):
    """Return the commands to the admin view, their variables filled in."""
    variables = dict(re.findall(r"^([A-Z]+)=(\S+)$", page, re.MULTILINE))
    found = re.findall(r"curl -X (\w+) -d '(.*?)'(?: \\\n)?\s+\$([A-Z_]+)(\S*)", page, re.DOTALL)
    host = "$LAUNCHDARKLY_API_HOST"
    return [
        (method, variables.get(name, "").replace(host, "") + path, json.loads(body))
        for method, body, name, path in found
    ]


def test_docs_commands_are_accepted(ask):
    before, after = PAGE.index("## Approvals"), PAGE.index("## Audit log")
    found = commands(PAGE[:before] + PAGE[after:])
    assert len(found) >= 6
    for method, path, body in found:
        assert ask(method, path, body).status == 200, path


def test_docs_reviewer_commands_do_what_they_say(ask):
    found = commands(PAGE[PAGE.index("## Approvals") : PAGE.index("## Audit log")])
    reviews, (failed, moved), (script, fault) = found[:3], found[3:5], found[5:]
    for first in (reviews, [failed], [moved], [script]):
        ask("PUT", "/__sim__/state", APPROVALS)
        ask.start(0)
        for method, path, body in first:
            assert ask(method, path, body).status == 200, body
        ask.wait(91)
        assert ask.statuses() == ["completed" if first in (reviews, [script]) else "active"]
    assert ask(*fault).status == 200
    own = f"{moved[1].replace('/__sim__', '/api/v2').replace('latest', 'x')}/apply"
    assert ask("POST", own, {}).status == 403


def test_docs_list_every_option(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    offered = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    table = PAGE[PAGE.index("| Option |") : PAGE.index("## What it holds")]
    assert set(re.findall(r"--[a-z-]+[a-z]", table)) - {"---"} == offered


def test_docs_list_every_admin_path(ask):
    names = {path.split("/")[2] for path in ask("GET", "/__sim__/").body["paths"]} - {""}
    table = PAGE[PAGE.index("| Path below") : PAGE.index("## Your own state")]
    assert set(re.findall(r"`(?:[A-Z]+ )?([a-z]+)[`/]", table)) == names


def section(heading):
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_docs_list_every_choice_of_behavior_with_its_default(ask):
    behavior = ask("GET", "/__sim__/projects/demo/behavior").body
    rows = re.findall(r"^\| `(\w+)` \|(?: `(.*?)`)? \|", section("Behavior"), re.MULTILINE)
    assert {name for name, _default in rows} == set(behavior)
    for name, default in rows:
        expected = behavior[name] if isinstance(behavior[name], str) else json.dumps(behavior[name])
        assert name == "errors" or default == expected
    assert set(re.findall(r"`(\w+)`", section("Behavior").rpartition("of a refusal:")[2])) == set(behavior["errors"])


def test_docs_list_every_field_of_a_project(ask):
    fields = re.findall(r"^\| `(\w+)` \|", section("Your own state"), re.MULTILINE)
    assert {*fields, "key"} == set(ask("GET", "/__sim__/state").body["projects"]["demo"])


@pytest.mark.parametrize("path", ["environments/production", "flags/new-search/environments/production"])
def test_docs_list_every_field_of_an_environment(ask, path):
    kept = ask("PUT", f"/__sim__/projects/demo/{path}", {}).body
    listed = set(
        re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", section("Environment releases"), re.MULTILINE)))
    )
    assert set(kept) - {"key", "name", "color"} <= listed
