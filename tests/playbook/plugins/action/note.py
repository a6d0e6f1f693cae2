# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Appends a line to a file, without the module process that a shell task costs. Check mode does not stop it."""

from __future__ import annotations

import json
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        with open(self._task.args["path"], "a", encoding="utf-8") as file:
            line = self._task.args["line"]
            # Ansible makes a value of what looks like JSON.
            file.write(f"{line if isinstance(line, str) else json.dumps(line)}\n")
        return {"changed": False}
