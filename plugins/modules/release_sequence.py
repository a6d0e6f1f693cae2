#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_sequence
short_description: One stretch of a run of the role release
version_added: 0.9.0
description:
  - Private to the role P(flagops.launchdarkly.release#role). It may change in any release; do not use it in playbooks.
  - Takes a release from one task file of the user's to the next, once M(flagops.launchdarkly.release_run) has planned the run. It runs on the
    controller, as an action plugin, and fails if it is run as a module.
  - It reads the variables of the role itself, so that no secret among them is an option of a task.
  - Takes every option of the action group C(flagops.launchdarkly.all), so that C(module_defaults) for the group apply. Those of single
    modules do not.
options:
  state:
    description:
      - The RV(state) of the call before, which this call continues.
      - The first one is that of M(flagops.launchdarkly.release_run).
    type: dict
    required: true
  task_file:
    description: How the task file ended that RV(task_file) of the call before has asked for.
    type: str
    choices: [passed, failed]
extends_documentation_fragment:
  - flagops.launchdarkly.attributes
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
# Private to the role.
"""

RETURN = r"""
state:
  description: What the next call continues.
  type: dict
  returned: always
task_file:
  description: The task file to include before the next call; null if there is none.
  type: dict
  returned: success
result:
  description: The run as the fact C(release_result) shows it.
  type: dict
  returned: when the run is over
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import SEQUENCE
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import refuse_as_module


def main() -> None:
    refuse_as_module("flagops.launchdarkly.release_sequence", SEQUENCE)


if __name__ == "__main__":
    main()
