#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_status
short_description: Where a release stands, for the playbook status
version_added: 0.3.0
description:
  - Private to the playbook C(flagops.launchdarkly.status). It may change in any release; use
    M(flagops.launchdarkly.ld_release_info) in playbooks of your own.
  - It runs on the controller, as an action plugin, reads the variables of the role P(flagops.launchdarkly.release#role), and fails if it is
    run as a module.
options: {}
extends_documentation_fragment:
  - flagops.launchdarkly.attributes.info
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
# Private to the playbook.
"""

RETURN = r"""
msg:
  description: The release, one line a phase, and who was asked to approve it.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import refuse_as_module


def main() -> None:
    refuse_as_module("flagops.launchdarkly.release_status", {})


if __name__ == "__main__":
    main()
