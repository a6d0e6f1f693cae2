#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ld_approval_request_info
short_description: List the approval requests of a LaunchDarkly flag
version_added: 0.2.0
description:
  - Lists the approval requests of a feature flag in one environment, as a phase whose audience requires approval files them.
extends_documentation_fragment:
  - flagops.launchdarkly.connection
  - flagops.launchdarkly.target
  - flagops.launchdarkly.environment
  - flagops.launchdarkly.attributes.info
options:
  review_status:
    description:
      - Only requests that were reviewed so. All by default.
    type: list
    elements: str
    choices: [approved, declined, pending]
  status:
    description:
      - Only requests in this state. All by default.
    type: list
    elements: str
    choices: [pending, completed, failed, scheduled]
seealso:
  - module: flagops.launchdarkly.ld_release_phase
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
- name: Find out what waits for a person
  flagops.launchdarkly.ld_approval_request_info:
    project_key: shop
    flag_key: new-cart
    environment_key: production
    review_status: [pending]
    status: [pending]
  register: waiting
"""

RETURN = r"""
approvals:
  description: The requests, in LaunchDarkly's order.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The request's ID.
      type: str
      returned: success
    environment_key:
      description: Key of the environment.
      type: str
      returned: success
    review_status:
      description: V(approved), V(declined) or V(pending), in LaunchDarkly's words.
      type: str
      returned: success
    status:
      description: V(pending), V(completed), V(failed) or V(scheduled), in LaunchDarkly's words.
      type: str
      returned: success
    reviewers:
      description: IDs of those who approved or declined it; while it is pending, of the members who were asked to.
      type: list
      elements: str
      returned: success
    requested_at:
      description: When the request was made, ISO 8601 in UTC.
      type: str
      returned: success
    answered_at:
      description: When it was last approved or declined, ISO 8601 in UTC; null if it was not.
      type: str
      returned: success
    comment:
      description: The last reviewer's comment; null if there is none.
      type: str
      returned: success
    service_kind:
      description: The approval service, for example V(launchdarkly) or V(servicenow).
      type: str
      returned: success
    link:
      description:
        - Where a person answers. The outside service's own page if there is one, else the flag in LaunchDarkly.
      type: str
      returned: success
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
  sample: forbidden
http_status:
  description: The HTTP status of the answer that made the task fail; null if there was none.
  returned: failure
  type: int
error:
  description: The failure as data, with C(kind), C(code), C(message), C(status), C(method), C(path) and C(request_id).
  returned: failure
  type: dict
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.approval_request_info import (
    APPROVAL_REQUEST_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import run_module


def main() -> None:
    run_module(APPROVAL_REQUEST_INFO)


if __name__ == "__main__":
    main()
