# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Where the releases of a project stand, or those of a pipeline or of some flags: one line a flag, and a page."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.values import read_seconds
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import files, overview
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.html import TemplateProblem

if t.TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.release_world import ReleaseWorld

Result = dict[str, t.Any]


def wanted(world: ReleaseWorld, *, whole_project: bool) -> Result | None:
    """The options of the operation. None where the variables name one flag. Raises OptionError."""
    variables = world.variables
    flags = [] if whole_project else _texts(world, "release_flags")
    pipeline = variables.text("release_pipeline_key").strip()
    is_one = bool(variables.text("release_flag_key").strip()) and not whole_project
    if not flags and (is_one or not (pipeline or whole_project)):
        return None
    project = variables.text("release_project_key").strip()
    if not project:
        raise OptionError("release_project_key must be set, for example with -e release_project_key=KEY.")
    return {
        "project_key": project,
        "flag_keys": flags,
        **({"release_pipeline_key": pipeline} if pipeline and not flags else {}),
        # A flag that has left its pipeline behind is not released through environments.
        **({"with_completed": True} if whole_project and _texts(world, "overview_environments") else {}),
    }


def add_environments(world: ReleaseWorld, read: Result) -> Result:
    """With the flags that are released through `overview_environments`, as one more list. Only their targeting is looked at."""
    environments = _texts(world, "overview_environments")
    if not environments:
        return read
    options = {"project_keys": [read["project_key"]], "sources": ["flags"], "environments": environments, "since": True}
    tags = _texts(world, "overview_tags")
    found = world.operate(
        "release_list",
        {**options, "release_status": ["active", "completed"], "details": False, **({"tags": tags} if tags else {})},
    )
    return found if found.get("failed") else overview.with_environments(read, found["releases"], environments)


def _texts(world: ReleaseWorld, name: str) -> list[str]:
    """A list, or a text with commas, as -e on a command line makes one."""
    value = world.variables.get(name, [])
    if not isinstance(value, (list, str)):
        raise OptionError(f"{name} has to be a list, or a text such as a,b.")
    items = value.split(",") if isinstance(value, str) else map(str, value)
    return [item.strip() for item in items if item.strip()]


def show(world: ReleaseWorld, read: Result, api_host: str) -> list[str]:
    """The lines, with the path of the page at the end."""
    given = world.variables.get("overview_stuck_after", "")
    stuck_after = None if given == "" else read_seconds("overview_stuck_after", given)
    document = overview.document(read, world.now(), api_host, stuck_after)
    lines = overview.lines(document)
    folder = world.variables.text("release_report_dir")
    if folder:
        try:
            lines.append(f"Page: {files.write_overview(document, folder, os.getcwd())}")
        except (OSError, TemplateProblem) as error:
            said = getattr(error, "strerror", None) or error
            lines.append(f"Warning: The page could not be written to {folder}: {said}")
    return lines
