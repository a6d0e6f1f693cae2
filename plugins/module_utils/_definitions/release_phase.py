# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The module ld_release_phase."""

from __future__ import annotations

import typing as t

from .._module import options as option_groups
from .._module.parse import phase_from_options
from .._module.pipeline_backend import choose_pipeline_backend
from .._module.run import Definition
from .._operations.phase import PhaseOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> PhaseOperation:
    backend = choose_pipeline_backend(options, http)
    desired = phase_from_options(options)
    apis = (backend.releases, backend.flags, backend.approvals, backend.definitions)
    return PhaseOperation(*apis, http, desired, check_mode=check_mode)


RELEASE_PHASE = Definition(
    name="flagops.launchdarkly.ld_release_phase",
    argument_spec=option_groups.merge(
        option_groups.CONNECTION, option_groups.TARGET, option_groups.PHASE, option_groups.AUDIENCES, option_groups.WAIT
    ),
    build=_build,
)
