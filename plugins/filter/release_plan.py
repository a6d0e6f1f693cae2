# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: release_plan
short_description: What the role release would do about each phase of a release
version_added: 0.1.0
description:
  - Takes a release as M(flagops.launchdarkly.ld_release_info) returns it, and the settings of the role P(flagops.launchdarkly.release#role),
    and returns the ordered steps. The role runs exactly this list.
  - Reads nothing and changes nothing.
  - All settings may be strings, as C(-e) and surveys deliver them; this filter gives them their types.
positional: _input, settings
options:
  _input:
    description: The release, RV(flagops.launchdarkly.ld_release_info#module:release).
    type: dict
    required: true
  settings:
    description:
      - The variables of the role without their prefix C(release_), for example C(until), C(phases), C(checks) and C(confirmed).
      - C(skip) is a list of what to leave out of the steps, V(hooks) or V(checks), for a rehearsal.
    type: dict
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Show what a run would do
  ansible.builtin.debug:
    msg: "{{ item.phase }}: {{ item.would }}, {{ item.why }}"
  loop: "{{ (cart.release | flagops.launchdarkly.release_plan({'until': 'Staging'})).steps }}"
"""

RETURN = r"""
_value:
  description:
    - The plan, with C(project_key), C(flag_key), C(pipeline_key), C(until), C(wait), C(ask), C(on_changed_by_others) and C(steps).
    - A step has C(phase), C(phase_id), C(index), C(status), C(environments), C(strategies), C(require_approval), C(would) (V(skip), V(resume) or
      V(start)), C(why), C(verify) (the checks of a skipped phase run), C(confirm), C(is_last), C(before), C(after), C(checks), C(soak) and
      C(wait_timeout) in seconds, C(wait_for), C(wait_interval), C(audiences) and C(runs).
  type: dict
"""

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.filter_input import of_a_release
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps


@of_a_release
def release_plan(release: dict[str, t.Any], settings: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
    return plan_steps(release, settings or {})


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"release_plan": release_plan}
