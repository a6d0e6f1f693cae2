# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The module ld_release_progression_info."""

from __future__ import annotations

import typing as t

from .._module import options as option_groups
from .._module.parse import progressions_from_options
from .._module.pipeline_backend import choose_pipeline_backend
from .._module.run import Definition
from .._operations.progression_info import ProgressionInfoOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> ProgressionInfoOperation:
    definitions = choose_pipeline_backend(options, http).definitions
    return ProgressionInfoOperation(definitions, http, progressions_from_options(options))


RELEASE_PROGRESSION_INFO = Definition(
    name="flagops.launchdarkly.ld_release_progression_info",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION, option_groups.PROJECT, option_groups.PROGRESSION_FILTERS
    ),
    build=_build,
)
