# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Brings an environment back to what a run found there. It is not a module."""

from __future__ import annotations

import typing as t

from .._model.desired_environment import environment_release_from_options
from .._module import options as option_groups
from .._module.environment_backend import choose_environment_backend
from .._module.run import Definition
from .._operations.environment_restore import EnvironmentRestoreOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> EnvironmentRestoreOperation:
    desired = environment_release_from_options(
        {**option_groups.ENVIRONMENT_RELEASE_DEFAULTS, **options, "state": "rolled_back"}
    )
    apis = choose_environment_backend(options, http)
    snapshots = (options["found"], options["left"])
    return EnvironmentRestoreOperation(apis, http, desired, snapshots, check_mode=check_mode)


ENVIRONMENT_RESTORE = Definition(
    name="flagops.launchdarkly.release",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION,
        option_groups.TARGET,
        option_groups.ENVIRONMENT,
        {
            "variation": {"type": "raw", "required": True},
            "found": {"type": "dict", "required": True},
            "left": {"type": "dict"},
            "comment": {"type": "str"},
        },
    ),
    build=_build,
)
