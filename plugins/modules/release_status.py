#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_status
short_description: Where a release stands, for the collection's playbooks
version_added: 0.9.0
description:
  - Private to the playbooks of the collection. It may change in any release; use M(flagops.launchdarkly.ld_release_info) and
    M(flagops.launchdarkly.ld_environment_release_info) in playbooks of your own.
  - It runs on the controller, as an action plugin, reads the variables of the role P(flagops.launchdarkly.release#role), and fails if it is
    run as a module.
options:
  as_data:
    description: Return what was read instead of showing it.
    type: bool
    default: false
  with_copy:
    description: Also read all that a rehearsal copies.
    type: bool
    default: false
  whole_project:
    description: Show every release pipeline of the project instead of one release.
    type: bool
    default: false
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
  description: The release, one line a phase, and who was asked to approve it; of several flags, one line a flag.
  type: list
  elements: str
  returned: success
exists:
  description: Whether there is a release, of a pipeline or of the environments that the role's variables name.
  type: bool
  returned: with O(as_data=true)
release:
  description: The release.
  type: dict
  returned: with O(as_data=true)
flag:
  description: The flag, in all environments if there is no release.
  type: dict
  returned: with O(as_data=true), if there is no release or with O(with_copy=true)
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import STATUS
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import refuse_as_module


def main() -> None:
    refuse_as_module("flagops.launchdarkly.release_status", STATUS)


if __name__ == "__main__":
    main()
