#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_restore
short_description: Bring back what a run found, for the collection's playbook abort
version_added: 0.9.0
description:
  - Private to the playbook C(abort) of the collection. It may change in any release; do not use it in playbooks of your own.
  - It runs on the controller, as an action plugin, reads the variables of the role P(flagops.launchdarkly.release#role), and fails if it is
    run as a module.
options:
  report:
    description: The report of the run, or its C(release_result), as a file of JSON.
    type: path
    required: true
  environments:
    description: The environments to restore; without it, all that the run changed.
    type: raw
  comment:
    description: The comment for LaunchDarkly's audit log.
    type: str
extends_documentation_fragment:
  - flagops.launchdarkly.attributes
attributes:
  diff_mode:
    support: none
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
# Private to the playbook.
"""

RETURN = r"""
msg:
  description: What became of each environment.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import RESTORE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import refuse_as_module


def main() -> None:
    refuse_as_module("flagops.launchdarkly.release_restore", RESTORE)


if __name__ == "__main__":
    main()
