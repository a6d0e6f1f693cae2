# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup ld_release, as a template uses it."""

from __future__ import annotations

from typing import Any

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player

NAME = "flagops.launchdarkly.ld_release"
RELEASE = f"lookup('{NAME}', 'demo/new-checkout')"
BOTH = f"query('{NAME}', 'new-checkout', 'demo/dark-mode', project_key='demo')"


def play(player: Player, *tasks: list[str], **fields: Any) -> Any:
    """A play with a task for each list of checks."""
    checks = [{"name": "Check", "ansible.builtin.assert": {"that": that}, **fields} for that in tasks]
    player.write("play.yml", [{"name": "Play", "hosts": "localhost", "gather_facts": False, "tasks": checks}])
    return player.play(playbook=str(player.place / "play.yml"))


def test_lookup_reads_releases(player: Player) -> None:
    checks = [
        f"{RELEASE}.flag_key == 'new-checkout'",
        f"{RELEASE}.phases | map(attribute='status') | list == ['ready_to_start', 'not_started', 'not_started']",
        f"{BOTH} | length == 2",
        f"({BOTH} | map(attribute='flag_key', default='none') | list)[0] == 'new-checkout'",
        f"{BOTH}[1] is none",
    ]
    for _time in range(2):
        run = play(player, checks)
        assert player.service.access_token not in run.output
    assert {entry["method"] for entry in player.service.requests} == {"GET"}


REASONS = {
    f"query('{NAME}', 'cart')": "set project_key, or write PROJECT/cart",
    f"query('{NAME}', 'demo/..')": "which is not a key",
    f"query('{NAME}', 'demo/cart', access_token='api-wrong')": "Could not read the release of demo/cart",
    f"query('{NAME}', 'demo/cart', api_host='http://example.com')": "Use https",
}


def test_lookup_fails_with_a_reason(player: Player) -> None:
    run = play(player, *([f"{template} == []"] for template in REASONS), ignore_errors=True)
    assert player.service.access_token not in run.output
    outputs = run.output.partition("PLAY RECAP")[0].split("TASK [Check]")[1:]
    assert len(outputs) == len(REASONS)
    for (template, said), output in zip(REASONS.items(), outputs):
        assert (template, said in " ".join(output.split())) == (template, True)
        assert "...ignoring" in output
