# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes one case of a contract through its steps in one worker: set the scene, run what comes before and the module, judge, and
compare both ways.

A table of cases has hundreds of steps, and three tasks each would cost minutes. Which keywords of a task matter is for other targets.
"""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import action_loader

# The workers inherit what is imported before they are forked, which is more than half of what a case costs.
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process import module_action

__all__ = ["ActionModule", "module_action"]


class ActionModule(ActionBase):
    """`module` with `options` for each of the `steps`: its way, its name, and what it `expect`s.

    `before`: the options of tasks that come first, of `before_module`.
    """

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        self._variables = task_vars or {}
        given = self._task.args
        scene = given["scene"]
        kept: dict[str, Any] = {}
        for step in given["steps"]:
            goes_on = step["name"] == "again"
            self._take("simulator", {"scene": scene, "goes_on": goes_on})
            if not goes_on:
                self._prepare(given.get("before_module"), given.get("before", []))
            result = self._take_module(given["module"], given["options"], step)
            judged = {
                "module": given["module"].rpartition(".")[2],
                "result": result,
                "expect": step["expect"],
                "unmoved": step["unmoved"],
                "scene_was": scene,
            }
            answer = self._take("simulator", judged)
            if answer.get("failed"):
                return {**answer, "way": step["way"], "step": step["name"]}
            if step["name"] == "real":
                kept[step["way"]] = result
        if len(kept) == 2:
            sides = {"left": kept["in_process"], "right": kept["module"]}
            compared: dict[str, Any] = self._take("simulator", {**sides, "of_environment": "place" in scene})
            return compared
        return {"changed": False}

    def _prepare(self, module: str, tasks: list[dict[str, Any]]) -> None:
        """In-process, and its requests are forgotten."""
        for options in tasks:
            result = self._take_module(module, options, {"way": "in_process", "name": "before"})
            if result.get("failed"):
                raise AnsibleError(f"What comes before failed: {result}")
        if tasks:
            self._take("simulator", {"scene": {}, "goes_on": True})

    def _take_module(self, module: str, options: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
        variables = {"launchdarkly_in_process": step["way"] == "in_process", "launchdarkly_progress": False}
        result = self._take(module, options, check_mode=step["name"] == "check", **variables)
        # As Ansible itself does; what it makes of an exception is not JSON.
        return {
            name: value for name, value in result.items() if not name.startswith("_ansible_") and name != "exception"
        }

    def _take(self, action: str, arguments: dict[str, Any], check_mode: bool = False, **variables: Any) -> Any:
        task = self._task.copy()
        task.action = action
        task.args = arguments
        task.check_mode = check_mode
        handler = action_loader.get(
            action,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        return handler.run(task_vars={**self._variables, **variables})
