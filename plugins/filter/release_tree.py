# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: release_tree
short_description: Show a release as lines of text, one for each phase
version_added: 0.1.0
description:
  - Shows a release as M(flagops.launchdarkly.ld_release_info) returns it. Each phase has a mark, its status, environments and times.
  - With a plan of P(flagops.launchdarkly.release_plan#filter), each phase also says what a run would do about it.
  - The text has no control characters.
positional: _input, plan
options:
  _input:
    description: The release, RV(flagops.launchdarkly.ld_release_info#module:release).
    type: dict
    required: true
  plan:
    description: A plan for the same release.
    type: dict
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Show the release
  ansible.builtin.debug:
    msg: "{{ cart.release | flagops.launchdarkly.release_tree }}"
"""

RETURN = r"""
_value:
  description: The lines, without line breaks.
  type: list
  elements: str
"""

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.filter_input import of_a_release
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.tree import tree


@of_a_release
def release_tree(release: dict[str, t.Any], plan: dict[str, t.Any] | None = None) -> list[str]:
    return tree(release, plan)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"release_tree": release_tree}
