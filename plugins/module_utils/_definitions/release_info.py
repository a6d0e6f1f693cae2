# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The module ld_release_info."""

from __future__ import annotations

import typing as t

from .._model.desired import target_from_options
from .._module import options as option_groups
from .._module.pipeline_backend import choose_pipeline_backend
from .._module.run import Definition
from .._operations.release_info import InfoOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> InfoOperation:
    return InfoOperation(choose_pipeline_backend(options, http).releases, http, target_from_options(options))


RELEASE_INFO = Definition(
    name="flagops.launchdarkly.ld_release_info",
    argument_spec=option_groups.merge(option_groups.CONNECTION, option_groups.TARGET),
    build=_build,
)
