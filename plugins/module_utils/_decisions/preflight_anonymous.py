# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Documents of LaunchDarkly's without anything that names somebody or something. Pure.

Only fields in the lists below are kept. Words of the API stay, numbers stay where they are shares, lengths or places, times become
differences in milliseconds, and every other text becomes a placeholder, the same one for the same text.
"""

from __future__ import annotations

import json
import re
import typing as t

# Whose values are LaunchDarkly's own words, which are what a record is for.
WORDS = frozenset(
    {
        *("status", "statusReason", "kind", "code", "releaseStrategy", "reviewStatus", "serviceKind", "op"),
        *("advancementMode", "cleanupBehavior", "releaseMethod", "tokenKind", "authKind", "metricStatus"),
    }
)
TIMES = frozenset(
    {
        *("_creationDate", "_startedDate", "_completionDate", "_canceledAt", "creationDate", "createdAt", "startedAt"),
        *("endedAt", "appliedDate", "executionDate", "lastModified", "date", "_createdAt", "_completedAt"),
    }
)
NUMBERS = frozenset(
    {
        *("allocation", "durationMillis", "weight", "rolloutWeight", "monitoringWindowMilliseconds", "variation"),
        *("offVariation", "phaseIndex", "stepIndex", "currentStepIndex", "currentPhaseIndex", "minNumApprovals"),
    }
)
TEXTS = frozenset(
    {
        *(
            "_id",
            "id",
            "key",
            "name",
            "_name",
            "value",
            "description",
            "environmentKey",
            "flagKey",
            "releasePipelineKey",
        ),
        *("ruleId", "contextKind", "attribute", "bucketBy", "randomizationUnit", "_releaseVariationId"),
        *("originalVariationId", "targetVariationId", "metricKey", "variationId", "beforeRuleId", "segmentKey"),
    }
)
OTHERS = frozenset(
    {
        *(
            "items",
            "environments",
            "variations",
            "rules",
            "clauses",
            "values",
            "fallthrough",
            "rollout",
            "phases",
            "steps",
        ),
        *("_audiences", "audiences", "environment", "configuration", "releaseGuardianConfiguration", "metrics"),
        *("metricStatuses", "approvalSettings", "requiredApprovalTags", "tags", "segmentKeys", "evaluation"),
        *(
            "contextKinds",
            "allReviews",
            "conflicts",
            "instruction",
            "instructions",
            "failingChecks",
            "experimentAllocation",
        ),
        *("on", "archived", "disabled", "negate", "complete", "started", "requireApproval", "rollbackOnRegression"),
        *("autoRollback", "required", "_isLegacy", "isProjectDefault", "serviceToken"),
    }
)
FIELDS = WORDS | TIMES | NUMBERS | TEXTS | OTHERS
# Their keys are keys of the user's.
MAPS = {"environments": "", "metricStatuses": "metricStatus"}
# Words that LaunchDarkly gives a meaning, wherever they stand.
FIXED = frozenset({"", "user", "kind", "key", "segmentMatch"})

_WORD = re.compile(r"[A-Za-z]+([_-][A-Za-z]+)*")
_LONGEST_WORD = 60
# Sentences that LaunchDarkly is known to answer a refusal with.
_SENTENCES = tuple(
    re.compile(pattern)
    for pattern in (
        r"Phase status can only be manually updated to `Active`\.",
        r"Phase must have status `ReadyToStart`( to be started)?\.",
        r"Flag configuration updates require approval: action 'update(On|Rules|Fallthrough|OffVariation|Targets)' not allowed",
        r"new rule is exact duplicate of an existing rule at index [0-9]{1,3}",
        r"duplicate rule description not allowed",
        r"stage allocation must not exceed 50%",
        r"Invalid resource identifier",
        r"Access denied",
    )
)


def known_sentence(message: t.Any) -> str | None:
    """The message of an error, if it is one that everybody gets."""
    return message if isinstance(message, str) and any(item.fullmatch(message) for item in _SENTENCES) else None


class Anonymizer:
    """Remembers its placeholders. `now` is epoch milliseconds, from which times are counted."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._names: dict[str, str] = {}

    def name(self, text: str) -> str:
        return text if text in FIXED else self._names.setdefault(text, f"text-{len(self._names) + 1}")

    def document(self, value: t.Any, field: str = "") -> t.Any:
        if isinstance(value, dict):
            return self._object(value, field)
        if isinstance(value, list):
            return [self.document(item, field) for item in value]
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return value if self._is_word(value, field) else self.name(value)
        if field in TIMES:
            # 0, and the zero time of Go, stand for no time.
            return value - self._now if value > 0 else None
        return value if field in NUMBERS else self.name(json.dumps(value))

    def _object(self, value: dict[str, t.Any], field: str) -> t.Any:
        if field == "value" or field == "values":
            return self.name(json.dumps(value, sort_keys=True))
        if field in MAPS:
            return {self.name(key): self.document(item, MAPS[field]) for key, item in value.items()}
        return {key: self.document(item, key) for key, item in value.items() if key in FIELDS}

    def _is_word(self, text: str, field: str) -> bool:
        return field in WORDS and len(text) <= _LONGEST_WORD and _WORD.fullmatch(text) is not None
