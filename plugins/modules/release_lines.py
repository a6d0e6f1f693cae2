#!/usr/bin/python
# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_lines
short_description: Show lines as they are, for the collection's playbooks
version_added: 0.9.0
description:
  - Private to the playbooks of the collection. It may change in any release; do not use it in playbooks of your own.
  - It runs on the controller, as an action plugin, and fails if it is run as a module.
options:
  lines:
    description: The lines, which are written to standard error.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - flagops.launchdarkly.attributes.info
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
# Private to the playbooks.
"""

RETURN = r"""
msg:
  description: The lines.
  type: list
  elements: str
  returned: success
"""

from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import LINES
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import refuse_as_module


def main() -> None:
    refuse_as_module("flagops.launchdarkly.release_lines", LINES)


if __name__ == "__main__":
    main()
