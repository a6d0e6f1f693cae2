# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible.plugins.action import normal

try:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.run_action import (
        ReleaseRunAction as ActionModule,
    )
except ImportError:
    # An action plugin that does not load ends the whole playbook; Ansible's own action runs the module, which says what is wrong.
    ActionModule = normal.ActionModule  # type: ignore[assignment,misc]  # one of the two is defined

__all__ = ["ActionModule"]
