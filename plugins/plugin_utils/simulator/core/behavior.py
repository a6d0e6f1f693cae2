# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What LaunchDarkly does where nothing is published: the choices between the likely answers.

Each choice is a field of a project's ``behavior``, so that a test can run under every one of them.
"""

from __future__ import annotations

from typing import Any, Literal, Optional

from .documents import JsonObject, copied, is_kind
from .errors import ApiError
from .fields import Fields, StateError, checked

# `self` is what LaunchDarkly's documentation describes (a phase completes when its work is done), `on_next` what one
# public walk-through reports (starting the next phase completes this one). Unsettled.
Completion = Literal["self", "on_next"]

# The refusals whose status, code or text nobody has published. Documented: the status of all but `unknownVariation`
# and `ruleInUse`, the codes of `releaseActive` and `healthChecks`, the texts of the two duplicates. Observed: the text of
# `approvalRequired`, the 409 of `ruleInUse`. The rest is assumed.
_ERRORS: dict[str, JsonObject] = {
    "flagOff": {"status": 409, "code": "flag_off", "message": "flag {flag} is off"},
    "releaseActive": {
        "status": 409,
        "code": "release_already_active",
        "message": "A release is already active for this flag in this environment.",
    },
    "duplicateRule": {
        "status": 400,
        "code": "invalid_request",
        "message": "new rule is exact duplicate of an existing rule at index {index}",
    },
    "duplicateDescription": {
        "status": 400,
        "code": "invalid_request",
        "message": "duplicate rule description not allowed",
    },
    "healthChecks": {"status": 400, "code": "health_checks_failed", "message": "Release health checks failed."},
    "approvalRequired": {
        "status": 405,
        "code": "method_not_allowed",
        "message": "Flag configuration updates require approval: action '{action}' not allowed",
    },
    "plansNotAvailable": {
        "status": 422,
        "code": "unprocessable_entity",
        "message": "Environment release plans are not available for this account.",
    },
    "unknownVariation": {
        "status": 400,
        "code": "invalid_request",
        "message": "{name} is not a variation of the flag.",
    },
    "ruleInUse": {
        "status": 409,
        "code": "conflict",
        "message": "The rule is in use by a running {user}.",
    },
    "pendingConflict": {
        "status": 400,
        "code": "invalid_request",
        "message": "The change conflicts with the pending approval request {request}.",
    },
}

_DEFAULTS: JsonObject = {
    "errors": _ERRORS,
    "tokenBypassesApprovals": False,
    "plansAvailable": True,
    "oneActiveRelease": "flag",
    "duplicateRules": "clauses",
    "revertedRuleServes": "variation",
    "cleanupDelay": 0,
    "cleanupRemovesExistingRule": True,
    "phaseGap": 0,
    "pendingFor": 0,
    "discardedBy": ["turnFlagOff"],
    "removeRunningRule": "discard",
    "fallthroughDuringGuarded": "refuse",
    "patchFailsAfterRelease": 0,
    "dryRunRefuses": True,
    "conflicts": "failing",
    "segmentContextKind": None,
    "planDescriptions": True,
    "releasesInAudit": True,
    "hideReleases": False,
    "hideReleasesOfOthers": False,
    "retentionDays": 90,
}

_CHOICES: dict[str, tuple[str, ...]] = {
    "oneActiveRelease": ("flag", "rule"),
    "duplicateRules": ("clauses", "everything"),
    "revertedRuleServes": ("variation", "rollout"),
    "removeRunningRule": ("discard", "refuse"),
    "fallthroughDuringGuarded": ("refuse", "allow"),
    "conflicts": ("failing", "any"),
}

_ERROR_FIELDS: Fields = {"status": (int,), "code": (str,), "message": (str,)}
_NUMBERS = ("cleanupDelay", "phaseGap", "pendingFor", "patchFailsAfterRelease", "retentionDays")
_CENTURY = 100 * 366 * 24 * 3600


def load(raw: Any, where: str) -> JsonObject:
    """Return the complete choices of a project."""
    kinds: Fields = {name: (type(value),) for name, value in _DEFAULTS.items()}
    kinds.update(dict.fromkeys(_NUMBERS, (int, float)))
    kinds["segmentContextKind"] = (str, type(None))
    given = checked(raw, where, kinds)
    for name, choices in _CHOICES.items():
        if given.get(name, choices[0]) not in choices:
            raise StateError(f"{name} in {where} must be one of {', '.join(choices)}")
    for name in _NUMBERS:
        if not 0 <= given.get(name, 0) <= _CENTURY:
            raise StateError(f"{name} in {where} must be between 0 and a century in seconds")
    if not all(is_kind(item, str) for item in given.get("discardedBy", ())):
        raise StateError(f"discardedBy in {where} must be a list of strings")
    return {**copied(_DEFAULTS), **given, "errors": _errors(given.get("errors", {}), f"{where}.errors")}


def _errors(raw: Any, where: str) -> JsonObject:
    given = checked(raw, where, dict.fromkeys(_ERRORS, (dict,)))
    return {
        name: {**default, **checked(given.get(name, {}), f"{where}.{name}", _ERROR_FIELDS)}
        for name, default in _ERRORS.items()
    }


def refusal(project: JsonObject, name: str, body: Optional[JsonObject] = None, /, **values: object) -> ApiError:
    """Return the error that the project's behavior gives for a refusal; values fill the placeholders of its message."""
    error = project["behavior"]["errors"][name]
    message = error["message"]
    for key, value in values.items():
        message = message.replace(f"{{{key}}}", str(value))
    return ApiError(error["status"], message, error["code"], body)


def milliseconds(project: JsonObject, name: str) -> int:
    """Return a length of time of the project's behavior."""
    seconds: float = project["behavior"][name]
    return round(seconds * 1000)
