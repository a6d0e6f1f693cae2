# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The module ld_environment_release_info."""

from __future__ import annotations

import typing as t

from .._model.desired_environment import environment_filter_from_options
from .._module import options as option_groups
from .._module.environment_backend import choose_environment_backend
from .._module.run import Definition
from .._operations.environment_info import EnvironmentReleaseInfoOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> EnvironmentReleaseInfoOperation:
    apis = choose_environment_backend(options, http)
    return EnvironmentReleaseInfoOperation(apis, http, environment_filter_from_options(options))


ENVIRONMENT_RELEASE_INFO = Definition(
    name="flagops.launchdarkly.ld_environment_release_info",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION, option_groups.TARGET, option_groups.ENVIRONMENT_RELEASE_FILTERS
    ),
    build=_build,
)
