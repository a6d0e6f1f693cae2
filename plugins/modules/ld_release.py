#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ld_release
short_description: Attach a flag to a LaunchDarkly release pipeline
version_added: 0.1.0
description:
  - Makes sure that a feature flag has a release in a release pipeline, or none.
  - A new release has its first phase ready to start. Nothing is started and no targeting is changed by this module.
  - A release in another pipeline, or of another variation, is left alone unless O(replace=true), because its progress would be lost.
  - LaunchDarkly has marked release pipelines, and with them this API, as deprecated in October 2026; no date of removal is published.
extends_documentation_fragment:
  - flagops.launchdarkly.connection
  - flagops.launchdarkly.target
  - flagops.launchdarkly.attributes
options:
  state:
    description:
      - V(present) attaches the flag to O(release_pipeline_key). LaunchDarkly takes boolean flags only.
      - V(absent) removes the flag's release. The flag's targeting stays as it is.
    type: str
    choices: [present, absent]
    default: present
  release_pipeline_key:
    description:
      - Key of the release pipeline. Required with O(state=present).
    type: str
  variation:
    description:
      - The variation to release, by its ID, its name or its value, for example V(true).
      - If not set, LaunchDarkly chooses, and the variation of a release that exists is not looked at.
    type: str
  replace:
    description:
      - Whether a release in another pipeline, of another variation, or a canceled one may be replaced. Its progress is lost.
    type: bool
    default: false
seealso:
  - module: flagops.launchdarkly.ld_release_phase
  - module: flagops.launchdarkly.ld_release_info
  - name: Create a new release for flag
    description: The endpoint behind O(state=present).
    link: https://launchdarkly.com/docs/api/releases-beta/create-release-for-flag
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Attach a flag to a release pipeline
  flagops.launchdarkly.ld_release:
    project_key: shop
    flag_key: new-cart
    release_pipeline_key: standard
    variation: "true"

- name: Take it out again
  flagops.launchdarkly.ld_release:
    project_key: shop
    flag_key: new-cart
    state: absent
"""

RETURN = r"""
action:
  description:
    - What was done, V(none), V(attach), V(replace) or V(remove).
    - V(adopted) if the release is as desired because somebody else, or another run, changed it first.
  returned: always, except for options that cannot be used
  type: str
  sample: attach
exists:
  description: Whether the flag has a release at the end of the task, or would have in check mode.
  returned: always, except for options that cannot be used
  type: bool
  sample: true
release:
  description:
    - The release at the end of the task, in the form that M(flagops.launchdarkly.ld_release_phase) describes; null if there is none.
    - In check mode it is predicted from the release pipeline.
  returned: always, except for options that cannot be used
  type: dict
  sample:
    project_key: shop
    flag_key: new-cart
    pipeline_key: standard
    pipeline_name: Standard
    version: 0
    variation_id: 6f0c0f5e-0000-4000-8000-0000000000f1
    canceled_at:
    is_legacy: false
    complete: false
    phases: []
diff:
  description: The release before and after, as far as this task changed it.
  returned: always, except for options that cannot be used
  type: dict
  sample:
    before: {}
    after:
      project_key: shop
      flag_key: new-cart
      release_pipeline_key: standard
      variation_id: 6f0c0f5e-0000-4000-8000-0000000000f1
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
    - V(in_other_pipeline), V(other_variation) or V(release_canceled) where O(replace=true) would be needed.
    - V(variation_not_found) for a variation that the flag does not have.
    - Else LaunchDarkly's own error code or one of those that M(flagops.launchdarkly.ld_release_phase) lists.
  returned: failure
  type: str
  sample: in_other_pipeline
http_status:
  description: The HTTP status of the answer that made the task fail; null if there was none.
  returned: failure
  type: int
error:
  description: The failure as data, with C(kind), C(code), C(message), C(status), C(method), C(path) and C(request_id).
  returned: failure
  type: dict
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release import RELEASE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import run_module


def main() -> None:
    run_module(RELEASE)


if __name__ == "__main__":
    main()
