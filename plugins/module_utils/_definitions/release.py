# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The module ld_release."""

from __future__ import annotations

import typing as t

from .._module import options as option_groups
from .._module.parse import release_from_options
from .._module.pipeline_backend import choose_pipeline_backend
from .._module.run import Definition
from .._operations.release import ReleaseOperation

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def _build(options: Mapping[str, t.Any], http: Http, check_mode: bool) -> ReleaseOperation:
    backend = choose_pipeline_backend(options, http)
    desired = release_from_options(options)
    return ReleaseOperation(backend.releases, backend.pipelines, backend.flags, http, desired, check_mode=check_mode)


RELEASE = Definition(
    name="flagops.launchdarkly.ld_release",
    argument_spec=option_groups.merge(option_groups.CONNECTION, option_groups.TARGET, option_groups.RELEASE),
    build=_build,
    required_if=(("state", "present", ("release_pipeline_key",)),),
)
