# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: release_report_files
short_description: The files of a report of the role release
version_added: 0.2.0
description:
  - Private to the role P(flagops.launchdarkly.release#role); it may change in any release.
positional: _input, folder
options:
  _input:
    description: The record of a run.
    type: dict
    required: true
  folder:
    description: The folder for reports.
    type: str
    required: true
  publish:
    description: Task files that publish reports.
    type: raw
  tasks_dir:
    description: The folder that these and the template are relative to.
    type: str
  template:
    description: The template of the HTML page; the role's own without one.
    type: str
    version_added: 0.3.0
author:
  - Contributors to the flagops.launchdarkly project (@flagops)
"""

EXAMPLES = r"""
# Private to the role.
"""

RETURN = r"""
_value:
  description: The C(paths) of the files by format, C(dir) for their folder, the C(template), and the task files to C(publish) with.
  type: dict
"""

import os
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import files as report_files


def release_report_files(
    record: dict[str, t.Any], folder: str, publish: t.Any = None, tasks_dir: str = "", template: str = ""
) -> dict[str, t.Any]:
    try:
        page = report_files.template_path(template, tasks_dir, os.getcwd())
    except SettingsError as error:
        raise AnsibleFilterError(str(error)) from error
    return {
        "paths": report_files.paths(record, folder, os.getcwd()),
        "template": str(page),
        "publish": report_files.to_publish(publish, tasks_dir, os.getcwd()),
    }


class FilterModule:
    def filters(self) -> dict[str, t.Any]:
        return {"release_report_files": release_report_files}
