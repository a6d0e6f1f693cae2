# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: release_rehearsal
short_description: A release as a state for the collection's simulator
version_added: 0.1.0
description:
  - Takes a release as M(flagops.launchdarkly.ld_release_info) returns it, and returns what the simulator of the collection needs to play it.
  - The playbook C(flagops.launchdarkly.rehearse) runs the role P(flagops.launchdarkly.release#role) against it.
positional: _input, faults, plan, flag
options:
  _input:
    description: The release, RV(flagops.launchdarkly.ld_release_info#module:release).
    type: dict
    required: true
  faults:
    description:
      - What happens to the run. With V(regression) the last guarded phase is paused halfway, with V(slow) answers are late, with
        V(rate_limited) requests are refused for a while, and with V(approval_declined) a reviewer says no.
      - Also as text, with commas.
    type: list
    elements: str
    choices: [regression, slow, rate_limited, approval_declined]
  plan:
    description:
      - What the run will do, a plan of P(flagops.launchdarkly.release_plan#filter) for the same release. Without it, all of the release.
      - It decides about RV(_value.own_time) and RV(_value.speed) only.
    type: dict
  flag:
    description: For a release through environments, the flag as M(flagops.launchdarkly.release_status) reads it for a copy.
    type: dict
    version_added: 0.9.0
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Write a state for the simulator
  ansible.builtin.copy:
    content: "{{ (cart.release | flagops.launchdarkly.release_rehearsal).state | to_json }}"
    dest: state.json
    mode: "0600"
"""

RETURN = r"""
_value:
  description: What the simulator needs.
  type: dict
  contains:
    state:
      description: The state, for the simulator's option C(--state).
      type: dict
    faults:
      description: The faults, for the simulator's option C(--faults).
      type: list
      elements: dict
    speed:
      description: How fast the simulator's clock has to run to be through in a few seconds.
      type: float
    own_time:
      description: What the monitoring windows and soaks of a real run add up to, in words.
      type: str
"""

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.filter_input import of_a_release
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.rehearsal import rehearse


@of_a_release
def release_rehearsal(
    release: dict[str, t.Any],
    faults: t.Sequence[str] | str = (),
    plan: dict[str, t.Any] | None = None,
    flag: dict[str, t.Any] | None = None,
) -> dict[str, t.Any]:
    return rehearse(release, faults, plan, flag)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"release_rehearsal": release_rehearsal}
