# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Shows lines as they are, where the task "debug" would show them as JSON. It needs nothing but Ansible."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain


class ReleaseLinesAction(ActionBase):
    display = Display()

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        lines = [plain(str(line)) for line in self._task.args["lines"]]
        for line in lines:
            # Standard output belongs to the callback plugin.
            self.display.display(line, stderr=True)
        return {"changed": False, "msg": lines}
