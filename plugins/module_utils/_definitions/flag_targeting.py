# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The module ld_flag_targeting."""

from __future__ import annotations

import typing as t

from .._module import options as option_groups
from .._module.parse import targeting_from_options
from .._module.pipeline_backend import choose_pipeline_backend
from .._module.run import Definition
from .._operations.targeting import TargetingOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> TargetingOperation:
    flags = choose_pipeline_backend(options, http).flags
    return TargetingOperation(flags, http, targeting_from_options(options), check_mode=check_mode)


FLAG_TARGETING = Definition(
    name="flagops.launchdarkly.ld_flag_targeting",
    argument_spec=option_groups.merge(option_groups.CONNECTION, option_groups.TARGET, option_groups.TARGETING),
    build=_build,
)
