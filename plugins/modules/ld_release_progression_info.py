#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ld_release_progression_info
short_description: List the flags of a LaunchDarkly release pipeline, each with its phase
version_added: 0.9.0
description:
  - Lists the releases of a release pipeline, across all flags, with the phase that each is in. It reads the release pipeline, and one
    page of twenty releases after the other.
  - It does not say since when a flag is in its phase, nor who has to act. M(flagops.launchdarkly.ld_release_info) reads a release with
    all of its phases.
  - LaunchDarkly has marked release pipelines as deprecated in October 2026; no date of removal is published.
extends_documentation_fragment:
  - flagops.launchdarkly.connection
  - flagops.launchdarkly.project
  - flagops.launchdarkly.attributes.info
options:
  release_pipeline_key:
    description:
      - Key of the release pipeline.
    type: str
    required: true
  status:
    description:
      - Only releases that are V(active), or only those that are V(completed). If not set, both.
    type: str
    choices: [active, completed]
  phase:
    description:
      - Only releases whose current phase is this one, by its ID or exact name.
      - Not together with O(status=completed).
    type: str
seealso:
  - module: flagops.launchdarkly.ld_release_pipeline_info
  - module: flagops.launchdarkly.ld_release_info
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: List the flags that are in staging
  flagops.launchdarkly.ld_release_progression_info:
    project_key: shop
    release_pipeline_key: standard
    phase: Staging
  register: staging

- name: Show those that wait for a start
  ansible.builtin.debug:
    msg: "{{ staging.progressions | selectattr('status', 'eq', 'ready_to_start') | map(attribute='flag_key') }}"

- name: Count the flags of each phase
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.releases }}"
  loop: "{{ staging.phases }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
progressions:
  description: The releases, in LaunchDarkly's order; empty if there is none.
  returned: always, except for options that cannot be used
  type: list
  elements: dict
  contains:
    flag_key:
      description: Key of the flag.
      type: str
      sample: new-cart
    phase:
      description: Name of the current phase, which is the first that is not complete; null if the release is completed.
      type: str
      sample: Staging
    phase_id:
      description: ID of that phase; null if the release is completed.
      type: str
    status:
      description:
        - Status of the current phase, as M(flagops.launchdarkly.ld_release_phase) has it, for example V(ready_to_start) or V(active).
          V(completed) if the release is.
        - Null where LaunchDarkly does not say, as for a legacy pipeline.
      type: str
      sample: ready_to_start
    status_raw:
      description: LaunchDarkly's own word for that status; null if it sent none.
      type: str
      sample: ready-to-start
    created_at:
      description: When the flag was put into the release pipeline, in UTC; null where LaunchDarkly does not say.
      type: str
      sample: "2026-10-26T06:13:20.000Z"
    completed_at:
      description: When the release was completed, in UTC; null if it is not.
      type: str
phases:
  description: The phases of the release pipeline, in order, whatever was asked for.
  returned: always, except for options that cannot be used
  type: list
  elements: dict
  contains:
    id:
      description: ID of the phase.
      type: str
    name:
      description: Name of the phase.
      type: str
      sample: Staging
    releases:
      description: How many active releases are in it.
      type: int
      sample: 3
active_count:
  description: How many releases of the release pipeline are active, whatever was asked for.
  returned: always, except for options that cannot be used
  type: int
  sample: 5
completed_count:
  description: How many releases of the release pipeline are completed, whatever was asked for.
  returned: always, except for options that cannot be used
  type: int
  sample: 1
is_legacy:
  description:
    - Whether it is a legacy pipeline, whose phases people mark as complete. M(flagops.launchdarkly.ld_release_phase) cannot start them.
    - Null where LaunchDarkly does not say.
  returned: always, except for options that cannot be used
  type: bool
requests:
  description: How many API requests were made.
  returned: always, except for options that cannot be used
  type: int
  sample: 1
retries:
  description: How often a failure that can pass was answered by trying again.
  returned: always, except for options that cannot be used
  type: int
  sample: 0
error_code:
  description:
    - LaunchDarkly's own error code where it gave one, for example V(not_found) if there is no such release pipeline.
    - V(phase_not_found) or V(phase_ambiguous) if O(phase) names no phase of the release pipeline, or more than one.
    - Else V(connection_failed), V(tls_failed), V(invalid_response), V(insecure_api_host), V(missing_library), V(invalid_option),
      V(rate_limited), V(server_error), V(http_error) or V(internal_error).
  returned: failure
  type: str
  sample: forbidden
http_status:
  description: The HTTP status of the answer that made the task fail; null if there was none.
  returned: failure
  type: int
  sample: 403
error:
  description: The failure as data, as M(flagops.launchdarkly.ld_release_phase) describes it.
  returned: failure
  type: dict
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_progression_info import (
    RELEASE_PROGRESSION_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import run_module


def main() -> None:
    run_module(RELEASE_PROGRESSION_INFO)


if __name__ == "__main__":
    main()
