#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ld_release_info
short_description: Read the LaunchDarkly release of a flag
version_added: 0.1.0
description:
  - Returns the release of a feature flag with its phases.
  - A flag without a release is no failure. LaunchDarkly answers a project or flag that does not exist, or that the token may not view,
    in the same way.
  - LaunchDarkly has marked release pipelines, and with them this API, as deprecated in October 2026; no date of removal is published.
extends_documentation_fragment:
  - flagops.launchdarkly.connection
  - flagops.launchdarkly.target
  - flagops.launchdarkly.attributes.info
seealso:
  - module: flagops.launchdarkly.ld_release_phase
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Read the release
  flagops.launchdarkly.ld_release_info:
    project_key: shop
    flag_key: new-cart
  register: cart

- name: Show what could be started next
  ansible.builtin.debug:
    msg: "Next: {{ cart.next_phase.name }} ({{ cart.next_phase.status }})"
  when: cart.next_phase is not none
"""

RETURN = r"""
exists:
  description: Whether the flag has a release.
  returned: success
  type: bool
  sample: true
release:
  description:
    - The release, in the form that M(flagops.launchdarkly.ld_release_phase) describes; null if there is none.
  returned: success
  type: dict
  sample:
    project_key: shop
    flag_key: new-cart
    pipeline_key: standard
    pipeline_name: Standard
    version: 1
    variation_id: 6f0c0f5e-0000-4000-8000-0000000000f1
    canceled_at:
    is_legacy: false
    complete: false
    phases: []
current_phase:
  description: The phase that is active or paused; null if there is none.
  returned: success
  type: dict
next_phase:
  description: The first phase that is neither started nor complete; null if there is none. Its status says whether it is ready to start.
  returned: success
  type: dict
requests:
  description: How many API requests were made.
  returned: success
  type: int
  sample: 1
retries:
  description: How often a failure that can pass was answered by trying again.
  returned: success
  type: int
  sample: 0
error_code:
  description: Why the task failed; see M(flagops.launchdarkly.ld_release_phase).
  returned: failure
  type: str
  sample: unauthorized
http_status:
  description: The HTTP status of the answer that made the task fail; null if there was none.
  returned: failure
  type: int
  sample: 401
error:
  description: The failure as data, with C(kind), C(code), C(message), C(status), C(method), C(path) and C(request_id).
  returned: failure
  type: dict
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_info import RELEASE_INFO
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import run_module


def main() -> None:
    run_module(RELEASE_INFO)


if __name__ == "__main__":
    main()
