# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The action plugin of every module: the others are symbolic links to this file, and each runs the module that it is named after.

from __future__ import annotations

from ansible.plugins.action import normal

try:
    from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.registry import MODULES
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.module_action import InProcessAction
except ImportError:
    # An action plugin that does not load ends the whole playbook; Ansible's own action runs the module instead.
    ActionModule = normal.ActionModule
else:

    class ActionModule(InProcessAction):  # type: ignore[no-redef]  # one of the two is defined
        definition = MODULES[__name__.rpartition(".")[2]]
