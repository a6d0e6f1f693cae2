#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ld_flag_targeting
short_description: Turn the targeting of a LaunchDarkly flag on or off
version_added: 0.2.0
description:
  - Turns a feature flag's targeting on or off in one environment. With targeting off, LaunchDarkly serves the off variation to everyone.
  - It is the emergency brake of a release and does just this. Rules, variations and everything else about a flag are left alone.
  - The state of the flag's release does not change with it.
  - Turning off works in spite of open approval requests and scheduled changes that it conflicts with, which LaunchDarkly then lets fail.
    Turning on does not.
extends_documentation_fragment:
  - flagops.launchdarkly.connection
  - flagops.launchdarkly.target
  - flagops.launchdarkly.environment
  - flagops.launchdarkly.attributes
options:
  enabled:
    description:
      - Whether targeting has to be on.
    type: bool
    required: true
  comment:
    description:
      - Why, for LaunchDarkly's audit log.
    type: str
seealso:
  - module: flagops.launchdarkly.ld_release_phase
  - name: Update feature flag
    description: The endpoint behind this module, used with a semantic patch.
    link: https://launchdarkly.com/docs/api/feature-flags/patch-feature-flag
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Pull the brake
  flagops.launchdarkly.ld_flag_targeting:
    project_key: shop
    flag_key: new-cart
    environment_key: production
    enabled: false
    comment: Errors are up since the start of the Production phase
"""

RETURN = r"""
action:
  description:
    - What was done, V(none), V(turn_on) or V(turn_off).
    - V(adopted) if targeting is as desired because somebody else changed it first.
  returned: always, except for options that cannot be used
  type: str
  sample: turn_off
enabled:
  description: Whether targeting is on at the end of the task, or would be in check mode; null if it could not be read.
  returned: always, except for options that cannot be used
  type: bool
  sample: false
previous_enabled:
  description: Whether targeting was on when the task began; null if it could not be read.
  returned: always, except for options that cannot be used
  type: bool
  sample: true
undo_recorded:
  description:
    - Whether this task turned targeting off and left a mark of that in LaunchDarkly's audit log, so that
      M(flagops.launchdarkly.ld_environment_release) does not release the flag again. An undo that changed nothing leaves no mark.
  returned: always, except for options that cannot be used
  type: bool
  sample: true
  version_added: 0.9.0
diff:
  description: The targeting before and after, as far as this task changed it.
  returned: always, except for options that cannot be used
  type: dict
  sample:
    before: {project_key: shop, flag_key: new-cart, environment_key: production, enabled: true}
    after: {project_key: shop, flag_key: new-cart, environment_key: production, enabled: false}
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
    - V(environment_not_found) if the flag has no such environment, V(approval_required) if the environment requires approvals for changes.
    - Else LaunchDarkly's own error code or one of those that M(flagops.launchdarkly.ld_release_phase) lists.
  returned: failure
  type: str
  sample: approval_required
http_status:
  description: The HTTP status of the answer that made the task fail; null if there was none.
  returned: failure
  type: int
error:
  description: The failure as data, with C(kind), C(code), C(message), C(status), C(method), C(path) and C(request_id).
  returned: failure
  type: dict
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.flag_targeting import FLAG_TARGETING
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import run_module


def main() -> None:
    run_module(FLAG_TARGETING)


if __name__ == "__main__":
    main()
