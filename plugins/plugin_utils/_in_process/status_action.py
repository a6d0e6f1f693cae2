# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Shows where a release stands, and who was asked to approve it, or where several stand; with release_report_dir also as a report."""

from __future__ import annotations

import typing as t

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.approval_request_info import (
    APPROVAL_REQUEST_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_overview import (
    ENVIRONMENT_OVERVIEW,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.flag_copy import FLAG_COPY
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.project_overview import PROJECT_OVERVIEW
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_info import RELEASE_INFO
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release_list import RELEASE_LIST
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process import project_status
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import ReleaseWorld
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_action import RoleAction
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import approvals
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence import begin
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.targeting import targeting
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.tree import tree

Result = dict[str, t.Any]

# As debug does: what is read is what the task is for.
SHOWN = {"_ansible_verbose_always": True, "changed": False}

# The role's variables that say which release is meant.
SETTINGS = ("environments", "variation", "retry")


class ReleaseStatusAction(RoleAction[ReleaseWorld]):
    world_type = ReleaseWorld
    own_options = ("as_data", "with_copy", "whole_project")
    operations: t.ClassVar = {
        "ld_release_info": RELEASE_INFO,
        "ld_approval_request_info": APPROVAL_REQUEST_INFO,
        "environment_overview": ENVIRONMENT_OVERVIEW,
        "project_overview": PROJECT_OVERVIEW,
        "flag_copy": FLAG_COPY,
        "release_list": RELEASE_LIST,
    }

    def act(self, given: Result, world: ReleaseWorld, _task_vars: Result) -> Result:
        several = project_status.wanted(world, whole_project=_is_true(given, "whole_project"))
        if several is not None:
            read = world.operate("project_overview", several)
            if not read.get("failed") and _is_true(given, "whole_project"):
                read = project_status.add_environments(world, read)
            if read.get("failed") or _is_true(given, "as_data"):
                return read
            lines = project_status.show(world, read, self.access.api_host())
            return {**SHOWN, "msg": lines, **({"warnings": world.warnings} if world.warnings else {})}
        flag = self.flag(world.variables)
        world.keep(begin({"host": None, **flag, "number": 1}, world.now()))
        read = _read(world, flag, with_copy=_is_true(given, "with_copy"))
        if read.get("failed") or _is_true(given, "as_data"):
            return read
        return {**SHOWN, "msg": _lines(world, flag, read)}


def _is_true(given: Result, name: str) -> bool:
    return bool(boolean(given.get(name, False)))


def _read(world: ReleaseWorld, flag: Result, *, with_copy: bool) -> Result:
    """`release` is that of the environments that are named, else that of a pipeline; without either, `flag` says what is served."""
    read = world.read_environments(world.variables.settings(SETTINGS))
    if read is None:
        read = world.operate("ld_release_info", flag)
    if read.get("failed") or (read["exists"] and not with_copy):
        return read
    release = read["release"] if with_copy else None
    keys = [phase["audiences"][0]["environment_key"] for phase in (release or {}).get("phases", ())]
    copied = world.operate("flag_copy", {**flag, "environments": list(dict.fromkeys(keys)), "deep": bool(keys)})
    return copied if copied.get("failed") else {**read, "flag": copied["flag"]}


def _lines(world: ReleaseWorld, flag: Result, read: Result) -> list[str]:
    release = read["release"]
    if not read["exists"]:
        keys = f"{flag['project_key']}/{flag['flag_key']}"
        return [f"{keys} is in no release pipeline. What it serves in each environment:", *targeting(read["flag"])]
    asked, problems = world.approvals(release)
    refused = [f"{phase['name']}: {phase['problem']['message']}" for phase in release["phases"] if phase.get("problem")]
    lines = [*tree(release), *refused, *approvals.awaited(release, asked), *problems]
    if world.variables.text("release_report_dir"):
        record = {**flag, "finished_at": world.now(), "warnings": problems}
        lines += [f"Warning: {problem}" for problem in world.reports.write(record, release, asked)["warnings"]]
    return lines
