# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Shows where a release stands, and who was asked to approve it; with release_report_dir also as a report."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_action import RoleAction
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import approvals
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence import begin
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.tree import tree

if t.TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import ReleaseWorld

Result = dict[str, t.Any]


class ReleaseStatusAction(RoleAction):
    def act(self, _given: Result, world: ReleaseWorld, _task_vars: Result) -> Result:
        flag = self.flag(world.variables)
        world.keep(begin({"host": None, **flag, "number": 1}, world.now()))
        read = world.operate("ld_release_info", flag)
        # As debug does: what is read is what the task is for.
        shown = {"_ansible_verbose_always": True, "changed": False}
        if read.get("failed"):
            return read
        if not read["exists"]:
            return {**shown, "msg": ["This flag has no release."], "release": None, "approvals": []}
        release = read["release"]
        asked, problems = world.approvals(release)
        lines = [*tree(release), *approvals.awaited(release, asked), *problems]
        if world.variables.text("release_report_dir"):
            record = {**flag, "finished_at": world.now(), "warnings": problems}
            lines += [f"Warning: {problem}" for problem in world.reports.write(record, release, asked)["warnings"]]
        return {**shown, "msg": lines}
