# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a change in an environment requires approval. Pure functions."""

from __future__ import annotations

from ..core.behavior import refusal
from ..core.documents import JsonObject

DEFAULT_SETTINGS: JsonObject = {
    "required": False,
    "bypassApprovalsForPendingChanges": False,
    "minNumApprovals": 1,
    "canReviewOwnRequest": False,
    "canApplyDeclinedChanges": True,
    "serviceKind": "launchdarkly",
    "serviceConfig": {},
    "requiredApprovalTags": [],
}


def required(project: JsonObject, flag: JsonObject, environment_key: str) -> bool:
    """Say whether changes of the flag in the environment require approval."""
    settings = project["environments"][environment_key]["approvalSettings"]
    # Documented: with tags, only for flags with one of them.
    tags = settings["requiredApprovalTags"]
    by_environment = settings["required"] and (not tags or bool(set(tags) & set(flag["tags"])))
    return bool(by_environment or flag["environments"][environment_key]["requireApproval"])


def check(project: JsonObject, flag: JsonObject, environment_key: str, action: str) -> None:
    """Refuse a direct change that requires approval, unless the token may bypass it (documented)."""
    if required(project, flag, environment_key) and not project["behavior"]["tokenBypassesApprovals"]:
        raise refusal(project, "approvalRequired", action=action)
