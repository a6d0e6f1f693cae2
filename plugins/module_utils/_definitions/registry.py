# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The modules by their names, for the action plugin that runs any of them in-process.

A module process imports its own definition alone: it has to compile what it imports.
"""

from __future__ import annotations

import typing as t

from .approval_request_info import APPROVAL_REQUEST_INFO
from .environment_release import ENVIRONMENT_RELEASE
from .environment_release_info import ENVIRONMENT_RELEASE_INFO
from .flag_targeting import FLAG_TARGETING
from .preflight import PREFLIGHT
from .release import RELEASE
from .release_info import RELEASE_INFO
from .release_phase import RELEASE_PHASE
from .release_pipeline_info import RELEASE_PIPELINE_INFO
from .release_progression_info import RELEASE_PROGRESSION_INFO

if t.TYPE_CHECKING:
    from .._module.run import Definition

MODULES: dict[str, Definition] = {
    definition.name.rpartition(".")[2]: definition
    for definition in (
        RELEASE_PHASE,
        RELEASE_INFO,
        RELEASE,
        RELEASE_PIPELINE_INFO,
        RELEASE_PROGRESSION_INFO,
        FLAG_TARGETING,
        APPROVAL_REQUEST_INFO,
        ENVIRONMENT_RELEASE,
        ENVIRONMENT_RELEASE_INFO,
        PREFLIGHT,
    )
}
