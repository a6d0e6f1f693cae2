# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup ld_release, as a template uses it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player

NAME = "flagops.launchdarkly.ld_release"
RELEASE = f"lookup('{NAME}', 'demo/new-checkout')"
BOTH = f"query('{NAME}', 'new-checkout', 'demo/dark-mode', project_key='demo')"


def play(player: Player, *checks: Any, rc: int = 0, **fields: Any) -> Any:
    task = {"name": "Check", "ansible.builtin.assert": {"that": list(checks)}, **fields}
    player.write("play.yml", [{"name": "Play", "hosts": "localhost", "gather_facts": False, "tasks": [task]}])
    return player.play(playbook=str(player.place / "play.yml"), rc=rc)


def test_lookup_reads_releases(player: Player) -> None:
    checks = [
        f"{RELEASE}.flag_key == 'new-checkout'",
        f"{RELEASE}.phases | map(attribute='status') | list == ['ready_to_start', 'not_started', 'not_started']",
        f"{BOTH} | length == 2",
        f"({BOTH} | map(attribute='flag_key', default='none') | list)[0] == 'new-checkout'",
        f"{BOTH}[1] is none",
    ]
    for _time in range(2):
        run = play(player, *checks)
        assert player.service.access_token not in run.output
    assert {entry["method"] for entry in player.service.requests} == {"GET"}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (f"query('{NAME}', 'cart')", "set project_key, or write PROJECT/cart"),
        (f"query('{NAME}', 'demo/..')", "which is not a key"),
        (f"query('{NAME}', 'demo/cart', access_token='api-wrong')", "Could not read the release of demo/cart"),
        (f"query('{NAME}', 'demo/cart', api_host='http://example.com')", "Use https"),
    ],
    ids=["project", "key", "token", "host"],
)
def test_lookup_fails_with_a_reason(player: Player, template: str, said: str) -> None:
    run = play(player, f"{template} == []", rc=2)
    assert said in " ".join(run.output.split())
    assert player.service.access_token not in run.output
