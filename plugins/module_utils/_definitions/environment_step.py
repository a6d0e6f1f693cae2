# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""One environment in a run of the role: ld_environment_release with what only the role knows."""

from __future__ import annotations

import dataclasses
import typing as t

from .._model.desired_environment import environment_release_from_options
from .._module import options as option_groups
from .._module.environment_backend import choose_environment_backend
from .._operations.environment_restore import EnvironmentStepOperation
from .environment_release import ENVIRONMENT_RELEASE

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> EnvironmentStepOperation:
    apis = choose_environment_backend(options, http)
    desired = environment_release_from_options(options, sweep=options["is_last"], begun=options["is_begun"])
    return EnvironmentStepOperation(apis, http, desired, check_mode=check_mode)


# What only the role knows: for the last audience of an environment, the rules of the earlier ones go too; a release that a run has
# begun is not started again.
ENVIRONMENT_STEP = dataclasses.replace(
    ENVIRONMENT_RELEASE,
    argument_spec=option_groups.merge(
        ENVIRONMENT_RELEASE.argument_spec,
        {"is_last": {"type": "bool", "default": False}, "is_begun": {"type": "bool", "default": False}},
    ),
    build=_build,
)
