# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Chooses the APIs for a release in an environment."""

from __future__ import annotations

import typing as t

from .._backends.approvals.api import ApprovalRequestApi
from .._backends.environments.api import EnvironmentReleasesApi
from .._backends.flags.api import FeatureFlagApi
from .._operations.environment_facts import EnvironmentApis
from .parse import read_api_host

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._http.client import Http


def choose_environment_backend(options: Mapping[str, t.Any], http: Http) -> EnvironmentApis:
    """What a release in an environment takes; LaunchDarkly has one API for it."""
    return EnvironmentApis(
        flags=FeatureFlagApi(http),
        releases=EnvironmentReleasesApi(http),
        approvals=ApprovalRequestApi(http, read_api_host(options["api_host"])),
    )
