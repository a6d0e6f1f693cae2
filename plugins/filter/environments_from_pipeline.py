# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: environments_from_pipeline
short_description: What a release pipeline does, as releases in environments
version_added: 0.9.0
description:
  - Takes a release pipeline as M(flagops.launchdarkly.ld_release_pipeline_info) returns it, and returns the C(release_environments) with which
    the role P(flagops.launchdarkly.release#role) does the same, without the pipeline.
  - Each audience of a phase becomes an entry, in order. A phase with one audience keeps its name.
  - Reads nothing and changes nothing.
options:
  _input:
    description: The release pipeline, one of RV(flagops.launchdarkly.ld_release_pipeline_info#module:pipelines).
    type: dict
    required: true
seealso:
  - module: flagops.launchdarkly.ld_release_pipeline_info
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Read the release pipeline
  flagops.launchdarkly.ld_release_pipeline_info:
    project_key: shop
    release_pipeline_key: standard
  register: standard

- name: Write what it does as variables of the role
  ansible.builtin.copy:
    content: "{{ (standard.pipelines | first | flagops.launchdarkly.environments_from_pipeline).yaml }}"
    dest: standard.yml
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The entries, and what is to be known about them.
  type: dict
  contains:
    release_environments:
      description: The entries, for the role.
      type: list
      elements: dict
      sample:
        - environment: staging
          name: Staging
        - environment: production
          name: Production
          strategy: guarded
          steps: [{percent: 10, duration: 1d}]
          metrics: []
    notes:
      description:
        - What cannot be carried over, one sentence or more for each, beginning with the name of the entry.
        - The metrics of a guarded rollout are missing, for example, since LaunchDarkly documents no call that reads them. The role refuses
          such an entry until they are filled in.
      type: list
      elements: str
    yaml:
      description: A file with the entries, and with the notes as comments.
      type: str
"""

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.filter_input import of_a_pipeline
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.migration import environments_of_pipeline


@of_a_pipeline
def environments_from_pipeline(pipeline: dict[str, t.Any]) -> dict[str, t.Any]:
    return environments_of_pipeline(pipeline)


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"environments_from_pipeline": environments_from_pipeline}
