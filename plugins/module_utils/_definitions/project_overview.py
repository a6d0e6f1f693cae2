# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Reads where the releases of a project stand. It is not a module."""

from __future__ import annotations

import typing as t

from .._module import options as option_groups
from .._module.parse import overview_from_options
from .._module.pipeline_backend import choose_pipeline_backend
from .._module.run import Definition
from .._operations.project_overview import ProjectOverviewOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> ProjectOverviewOperation:
    backend = choose_pipeline_backend(options, http)
    return ProjectOverviewOperation(
        backend.definitions, backend.releases, backend.approvals, http, overview_from_options(options)
    )


PROJECT_OVERVIEW = Definition(
    name="flagops.launchdarkly.release",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION,
        option_groups.PROJECT,
        {
            "release_pipeline_key": {"type": "str", "no_log": False},
            "flag_keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "with_completed": {"type": "bool", "default": False},
        },
    ),
    build=_build,
)
