# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Chooses which of LaunchDarkly's APIs an operation on a release pipeline speaks to; environment_backend is for environments."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._backends.approvals.api import ApprovalRequestApi
from .._backends.flags.api import FeatureFlagApi
from .._backends.pipelines.api import PipelineReleaseApi
from .._backends.pipelines.pipelines_api import ReleasePipelineApi
from .parse import read_api_host

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._backends.base import ApprovalApi, FlagApi, PipelineApi, PipelineDefinitionApi, ReleaseApi
    from .._http.client import Http


@dataclass(frozen=True)
class Backend:
    releases: ReleaseApi
    pipelines: PipelineApi
    definitions: PipelineDefinitionApi
    flags: FlagApi
    approvals: ApprovalApi


def choose_pipeline_backend(options: Mapping[str, t.Any], http: Http) -> Backend:
    """The backend for a task's options."""
    pipelines = PipelineReleaseApi(http)
    return Backend(
        releases=pipelines,
        pipelines=pipelines,
        definitions=ReleasePipelineApi(http),
        flags=FeatureFlagApi(http),
        approvals=ApprovalRequestApi(http, read_api_host(options["api_host"])),
    )
