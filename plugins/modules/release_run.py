#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_run
short_description: The beginning and the end of a run of the role release
version_added: 0.9.0
description:
  - Private to the role P(flagops.launchdarkly.release#role). It may change in any release; do not use it in playbooks.
  - At the beginning of a run, reads the release and makes the plan. M(flagops.launchdarkly.release_sequence) carries it out.
  - At the end, fails if the run has failed.
  - It runs on the controller, as an action plugin, and fails if it is run as a module.
  - It reads the variables of the role itself, so that no secret among them is an option of a task.
  - Takes every option of the action group C(flagops.launchdarkly.all), so that C(module_defaults) for the group apply. Those of single
    modules do not.
options:
  closing:
    description:
      - The RV(closing) of the call that has brought the run to its end.
      - If not given, a run begins.
    type: dict
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
  description: What M(flagops.launchdarkly.release_sequence) continues.
  type: dict
  returned: when a run begins
tasks:
  description: The task file of the role that carries the plan out; empty if nothing is left to do.
  type: str
  returned: when a run begins
closing:
  description: What the call at the end of the run is given.
  type: dict
  returned: when a run begins
result:
  description: The run as the fact C(release_result) shows it.
  type: dict
  returned: when the run is over
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import RUN
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import refuse_as_module


def main() -> None:
    refuse_as_module("flagops.launchdarkly.release_run", RUN)


if __name__ == "__main__":
    main()
