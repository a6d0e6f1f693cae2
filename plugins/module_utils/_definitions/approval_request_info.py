# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The module ld_approval_request_info."""

from __future__ import annotations

import typing as t

from .._module import options as option_groups
from .._module.parse import approvals_from_options
from .._module.pipeline_backend import choose_pipeline_backend
from .._module.run import Definition
from .._operations.approval_info import ApprovalInfoOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, _check_mode: bool) -> ApprovalInfoOperation:
    return ApprovalInfoOperation(
        choose_pipeline_backend(options, http).approvals, http, approvals_from_options(options)
    )


APPROVAL_REQUEST_INFO = Definition(
    name="flagops.launchdarkly.ld_approval_request_info",
    argument_spec=option_groups.merge(option_groups.CONNECTION, option_groups.TARGET, option_groups.APPROVAL_FILTERS),
    build=_build,
)
