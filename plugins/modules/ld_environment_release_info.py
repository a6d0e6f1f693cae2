#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ld_environment_release_info
short_description: List the releases of a flag in one LaunchDarkly environment
version_added: 0.9.0
description:
  - Lists the environment releases of a flag in one environment, newest first, and shows the flag's targeting there.
  - LaunchDarkly shows a release for 90 days after its end. It keeps none of an immediate release or a percentage rollout.
extends_documentation_fragment:
  - flagops.launchdarkly.connection
  - flagops.launchdarkly.target
  - flagops.launchdarkly.environment
  - flagops.launchdarkly.attributes.info
options:
  kind:
    description:
      - Only releases of this kind. If not set, all.
    type: str
    choices: [progressive, guarded]
  status:
    description:
      - Only releases with one of these statuses. If not set, all.
    type: list
    elements: str
    choices: [active, paused, completed, reverted, unknown]
  metrics:
    description:
      - Whether to read the definitions of the metrics too. That takes one more request for each release.
    type: bool
    default: false
seealso:
  - module: flagops.launchdarkly.ld_environment_release
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Read the releases in production
  flagops.launchdarkly.ld_environment_release_info:
    project_key: shop
    flag_key: new-cart
    environment_key: production
  register: production

- name: Fail if one waits for a person
  ansible.builtin.assert:
    that: production.releases | selectattr('status', '==', 'paused') | length == 0
"""

RETURN = r"""
releases:
  description:
    - The releases, newest first, each as RV(flagops.launchdarkly.ld_environment_release#module:release) describes it. With O(metrics=true)
      each metric has a C(definition) too, as LaunchDarkly writes it.
  returned: always, except for options that cannot be used
  type: list
  elements: dict
  sample: []
targeting:
  description:
    - The flag in this environment, as RV(flagops.launchdarkly.ld_environment_release#module:targeting) describes it. C(percent) is the share
      of the variation V(true) on the default rule, and null for a flag that is not boolean.
  returned: always, except for options that cannot be used
  type: dict
  sample:
    "on": true
    default_variation: {id: e5717a9a-4f71-41fe-bcab-f0d7f7e001bd, name: "On", value: true}
    percent: 100.0
    rules_ahead: 0
    version: 12
    changed_at: "2026-11-26T10:00:00.000Z"
requests:
  description: How many API requests were made.
  returned: always, except for options that cannot be used
  type: int
  sample: 2
retries:
  description: How often a failure that can pass was answered by trying again.
  returned: always, except for options that cannot be used
  type: int
  sample: 0
error_code:
  description:
    - LaunchDarkly's own error code where it gave one, for example V(not_found).
    - Else V(environment_not_found), V(connection_failed), V(tls_failed), V(invalid_response), V(insecure_api_host), V(missing_library),
      V(invalid_option), V(rate_limited), V(server_error), V(http_error) or V(internal_error).
  returned: failure
  type: str
  sample: environment_not_found
http_status:
  description: The HTTP status of the answer that made the task fail; null if there was none.
  returned: failure
  type: int
  sample: 404
error:
  description: The failure as data, as M(flagops.launchdarkly.ld_release_phase) describes it.
  returned: failure
  type: dict
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_release_info import (
    ENVIRONMENT_RELEASE_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import run_module


def main() -> None:
    run_module(ENVIRONMENT_RELEASE_INFO)


if __name__ == "__main__":
    main()
