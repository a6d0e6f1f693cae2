# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The action plugin of every module: the others import it, and each runs the module that its task names. Symbolic links would do, but
# antsibull-docs takes them for redirects of the modules; and what is routed in meta/runtime.yml is loaded anew by every task.

from __future__ import annotations

from ansible.plugins.action import normal

try:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.module_action import (
        InProcessAction as ActionModule,
    )
except ImportError:
    # An action plugin that does not load ends the whole playbook; Ansible's own action runs the module instead.
    ActionModule = normal.ActionModule  # type: ignore[assignment,misc]  # one of the two is defined

__all__ = ["ActionModule"]
