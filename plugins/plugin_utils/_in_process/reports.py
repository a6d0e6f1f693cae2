# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The files of a report, as the variables of the role name them."""

from __future__ import annotations

import os
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._in_process.role_variables import RoleVariables

Result = dict[str, t.Any]


# What these load is a quarter of all that a run of the role would import, and most runs write no report.


def _load_files() -> ModuleType:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import files  # noqa: PLC0415  few runs need it

    return files


def _load_document() -> ModuleType:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import document  # noqa: PLC0415  few runs need it

    return document


def artifact(record: Result, release: Result | None, asked: list[Result]) -> Result:
    """The report for the jobs after this one."""
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import artifact as made  # noqa: PLC0415  few runs need it

    return made.to_artifact(_load_document().report(record, release, asked))


class Reports:
    def __init__(self, variables: RoleVariables) -> None:
        self._variables = variables

    def write(self, record: Result, release: Result | None, asked: list[Result]) -> Result:
        """Write the files; a folder that cannot be written to is a warning."""
        files = _load_files()
        folder = self._variables.text("release_report_dir")
        paths = files.paths(record, folder, os.getcwd())
        try:
            files.write(paths, _load_document().report(record, release, asked), self.template())
        except (OSError, files.TemplateProblem, SettingsError) as error:
            said = f"The report could not be written to {folder}: {getattr(error, 'strerror', None) or error}"
            return {"paths": {}, "publish": [], "warnings": [said]}
        return {"paths": paths, "publish": self.publishers(), "warnings": []}

    def check_template(self) -> None:
        """Raises SettingsError for a template of the user's that cannot be used."""
        if self._variables.get("release_report_template", ""):
            self.template()

    def template(self) -> Path:
        """The template of the page. Raises SettingsError for one that cannot be used."""
        name = self._variables.get("release_report_template", "")
        path: Path = _load_files().template_path(name, self._variables.text("release_tasks_dir"), os.getcwd())
        return path

    def publishers(self) -> list[Result]:
        """The user's task files that publish a report."""
        names = self._variables.get("release_report_publish", [])
        if names == []:
            return []
        return list(_load_files().to_publish(names, self._variables.text("release_tasks_dir"), os.getcwd()))
