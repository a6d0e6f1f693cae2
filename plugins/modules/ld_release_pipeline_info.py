#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ld_release_pipeline_info
short_description: Read the LaunchDarkly release pipelines of a project
version_added: 0.9.0
description:
  - Reads one release pipeline of a project, or lists them all.
  - A release pipeline that does not exist is no failure. LaunchDarkly answers a project that does not exist, or that the token may not
    view, in the same way.
  - LaunchDarkly has marked release pipelines as deprecated in October 2026; no date of removal is published. So no module of this
    collection creates or changes them. P(flagops.launchdarkly.environments_from_pipeline#filter) helps to move off them.
extends_documentation_fragment:
  - flagops.launchdarkly.connection
  - flagops.launchdarkly.project
  - flagops.launchdarkly.attributes.info
options:
  release_pipeline_key:
    description:
      - Key of the release pipeline to read. If not set, all are listed.
    type: str
  query:
    description:
      - Only release pipelines whose key, name or description contains this text. Case does not matter. It must not contain a comma.
      - Not together with O(release_pipeline_key).
    type: str
  environment_key:
    description:
      - Only release pipelines with a phase in this environment.
      - Not together with O(release_pipeline_key).
    type: str
seealso:
  - module: flagops.launchdarkly.ld_release
  - plugin: flagops.launchdarkly.environments_from_pipeline
    plugin_type: filter
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: List the release pipelines that end in production
  flagops.launchdarkly.ld_release_pipeline_info:
    project_key: shop
    environment_key: production
  register: found

- name: Show the phases of each
  ansible.builtin.debug:
    msg: "{{ item.key }}: {{ item.phases | map(attribute='name') | join(', ') }}"
  loop: "{{ found.pipelines }}"
  loop_control:
    label: "{{ item.key }}"

- name: Read one
  flagops.launchdarkly.ld_release_pipeline_info:
    project_key: shop
    release_pipeline_key: standard
  register: standard

- name: Fail where it is not there
  ansible.builtin.assert:
    that: standard.pipelines | length == 1
"""

RETURN = r"""
pipelines:
  description: The release pipelines, in LaunchDarkly's order; empty if there is none.
  returned: always, except for options that cannot be used
  type: list
  elements: dict
  contains:
    key:
      description: Its key.
      type: str
      sample: standard
    name:
      description: Its name.
      type: str
      sample: Standard
    description:
      description: Its description; null if it has none.
      type: str
    tags:
      description: Its tags.
      type: list
      elements: str
    version:
      description: How often it was changed, as LaunchDarkly counts; null where LaunchDarkly does not say.
      type: int
      sample: 1
    created_at:
      description: When it was created, in UTC; null where LaunchDarkly does not say.
      type: str
      sample: "2026-10-26T06:13:20.000Z"
    is_default:
      description: Whether it is the default of the project; null where LaunchDarkly does not say.
      type: bool
    is_legacy:
      description:
        - Whether it is a legacy pipeline, whose phases people mark as complete. M(flagops.launchdarkly.ld_release_phase) cannot start them.
        - Null where LaunchDarkly does not say.
      type: bool
    phases:
      description: Its phases, in order.
      type: list
      elements: dict
      contains:
        id:
          description: ID of the phase. The phase of a flag's release has the same.
          type: str
        name:
          description: Name of the phase.
          type: str
          sample: Production
        audiences:
          description: Its audiences, in order.
          type: list
          elements: dict
          contains:
            name:
              description: Name of the audience.
              type: str
            environment_key:
              description: Key of its environment; null if the environment was deleted.
              type: str
              sample: production
            strategy:
              description: How the flag is released to it, as LaunchDarkly writes it; null or empty if nothing was configured.
              type: str
              sample: monitored-release
            require_approval:
              description: Whether the start of the phase requires an approval for this audience.
              type: bool
            segment_keys:
              description: Keys of the segments that it consists of; null or empty stands for everybody.
              type: list
              elements: str
            notify_member_ids:
              description: IDs of the members that are notified of an approval request; null if there are none.
              type: list
              elements: str
            notify_team_keys:
              description: Keys of the teams that are notified of an approval request; null if there are none.
              type: list
              elements: str
            release_guardian_configuration:
              description:
                - Settings of a guarded rollout, with C(monitoring_window_milliseconds), C(rollout_weight) in thousandths of a percent,
                  C(rollback_on_regression) and C(randomization_unit); null if it is not guarded.
              type: dict
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
    - LaunchDarkly's own error code where it gave one, for example V(not_found) if a list is asked for and there is no such project.
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

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_pipeline_info import (
    RELEASE_PIPELINE_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import run_module


def main() -> None:
    run_module(RELEASE_PIPELINE_INFO)


if __name__ == "__main__":
    main()
