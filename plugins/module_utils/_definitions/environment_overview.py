# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Reads where the releases of a flag in several environments stand. It is not a module."""

from __future__ import annotations

import typing as t

from .._model.desired_environment import environment_release_from_options
from .._module import options as option_groups
from .._module.environment_backend import choose_environment_backend
from .._module.run import Definition
from .._operations.environment_overview import EnvironmentOverviewOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> EnvironmentOverviewOperation:
    entries = [
        environment_release_from_options(
            {**option_groups.ENVIRONMENT_RELEASE_DEFAULTS, **options, **entry}, sweep=bool(entry.get("is_last"))
        )
        for entry in options["entries"]
    ]
    return EnvironmentOverviewOperation(choose_environment_backend(options, http), http, entries)


ENVIRONMENT_OVERVIEW = Definition(
    name="flagops.launchdarkly.release",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION,
        option_groups.TARGET,
        {"entries": {"type": "list", "elements": "dict", "required": True}},
    ),
    build=_build,
)
