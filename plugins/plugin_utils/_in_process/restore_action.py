# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Brings environments back to what a run found there, as the report of that run says."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_restore import (
    ENVIRONMENT_RESTORE,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import ReleaseWorld
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_action import RoleAction
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import restore
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import read_names

Result = dict[str, t.Any]


class ReleaseRestoreAction(RoleAction[ReleaseWorld]):
    world_type = ReleaseWorld
    own_options = ("report", "environments", "comment")
    operations: t.ClassVar = {
        "environment_restore": ENVIRONMENT_RESTORE,
    }

    def act(self, given: Result, world: ReleaseWorld, _task_vars: Result) -> Result:
        flag = self.flag(world.variables)
        only = read_names("environments", given.get("environments"))
        entries = restore.read_report(_read(str(given.get("report") or "")), flag, only)
        said = {"comment": str(given.get("comment") or "Restored by hand")}
        check_mode = bool(self._task.check_mode)
        results = [
            (
                entry,
                world.operate("environment_restore", {**flag, **restore.options(entry), **said}, check_mode=check_mode),
            )
            for entry in entries
        ]
        changed = any(result.get("changed") for _entry, result in results)
        lines = [restore.outcome(entry, result) for entry, result in results]
        failed = [result for _entry, result in results if result.get("failed")]
        if failed:
            code = failed[0].get("error_code")
            return {"failed": True, "changed": changed, "error_code": code, "msg": " ".join(lines)}
        return {"_ansible_verbose_always": True, "changed": changed, "msg": lines}


def _read(name: str) -> t.Any:
    path = Path(os.getcwd(), Path(name).expanduser())
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "it is not JSON"
        raise OptionError(f"The report {path} cannot be read: {said}. Nothing was done.") from error
