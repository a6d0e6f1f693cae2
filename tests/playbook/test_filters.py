# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters as a playbook of the user's applies them to what it has read."""

from __future__ import annotations

from ansible_collections.flagops.launchdarkly.tests.playbook.ansible_runs import Ansible, Simulator, read

SETTINGS = {"until": "Staging", "phases": '[{"phase": "Test", "soak": "90s"}]', "wait": "no"}


def test_a_plan_and_a_tree_are_made_of_what_was_read(ansible: Ansible, simulator: Simulator) -> None:
    tasks = [
        {**read(simulator), "register": "cart"},
        {
            "name": "Plan",
            "ansible.builtin.debug": {
                "msg": "PLAN {% for step in plan.steps %}{{ step.phase }} {{ step.would }} {{ step.soak }};{% endfor %}"
                "{{ plan.parts | map(attribute='kind') | join(',') }}"
            },
            "vars": {"plan": "{{ cart.release | flagops.launchdarkly.release_plan(settings) }}"},
        },
        {"name": "Tree", "ansible.builtin.debug": {"msg": "{{ cart.release | flagops.launchdarkly.release_tree }}"}},
        {
            "name": "Tree with a plan",
            "ansible.builtin.debug": {
                "msg": "{{ cart.release | flagops.launchdarkly.release_tree(cart.release | flagops.launchdarkly.release_plan) }}"
            },
        },
        {
            "name": "No plan",
            "ansible.builtin.debug": {
                "msg": "{{ cart.release | flagops.launchdarkly.release_plan({'until': 'Nowhere'}) }}"
            },
            "ignore_errors": True,
        },
    ]
    ended = ansible.run(tasks, vars={"settings": SETTINGS})
    assert ended.code == 0, ended.output
    assert "PLAN Test start 90.0;Staging start 0.0;start,soak,start" in ended.output
    assert ended.output.count("demo/new-checkout in release pipeline Standard: 0 of 3 phases complete") == 2
    assert "start: ready to start; wait up to 1h" in ended.output
    assert "There is no phase 'Nowhere' in the release of demo/new-checkout" in ended.output
