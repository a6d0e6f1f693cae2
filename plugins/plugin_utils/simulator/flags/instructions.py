# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instructions of a semantic patch, and what they do to a flag. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ..core.body import optional_text
from ..core.documents import JsonObject, copied, is_kind
from ..core.errors import invalid_request, not_found
from . import rules

# The actions of LaunchDarkly's roles: the observed refusal of turnFlagOn names `updateOn`, the documentation gives
# turnFlagOff the same action and names the other two for environment releases. The last one is an assumption.
SWITCH = "updateOn"
RULES = "updateRules"
FALLTHROUGH = "updateFallthrough"
OFF_VARIATION = "updateOffVariation"


@dataclass
class _Draft:
    """A flag's environment while instructions change it."""

    project: JsonObject
    flag: JsonObject
    key: str
    document: JsonObject

    def find_rule(self, rule_id: Any) -> int:
        for index, rule in enumerate(self.document["rules"]):
            if rule["_id"] == rule_id:
                return index
        raise invalid_request("ruleId is not a rule of the flag.")


def _turn_on(draft: _Draft, _item: JsonObject) -> None:
    draft.document["on"] = True


def _turn_off(draft: _Draft, _item: JsonObject) -> None:
    draft.document["on"] = False


def _update_fallthrough(draft: _Draft, item: JsonObject) -> None:
    served = rules.served_by(draft.project, draft.flag, item)
    draft.document["fallthrough"] = rules.serving(draft.document["fallthrough"], served)


def _update_off_variation(draft: _Draft, item: JsonObject) -> None:
    draft.document["offVariation"] = rules.variation_index(draft.project, draft.flag, item.get("variationId"))


def _update_rule(draft: _Draft, item: JsonObject) -> None:
    index = draft.find_rule(item.get("ruleId"))
    served = rules.served_by(draft.project, draft.flag, item)
    draft.document["rules"][index] = rules.serving(draft.document["rules"][index], served)


def _add_rule(draft: _Draft, item: JsonObject) -> None:
    fields: JsonObject = {"clauses": rules.checked_clauses(draft.project, draft.key, item.get("clauses", []))}
    description = optional_text(item, "description")
    if description:
        fields["description"] = description
    fields.update(rules.served_by(draft.project, draft.flag, item))
    rule = rules.new_rule(draft.project, draft.flag, draft.key, draft.document["rules"], fields)
    rules.check_duplicate(draft.project, draft.document["rules"], rule)
    draft.document["rules"] = rules.insert(draft.document["rules"], rule, item.get("beforeRuleId"))


def _remove_rule(draft: _Draft, item: JsonObject) -> None:
    # Documented: does nothing if the rule does not exist.
    draft.document["rules"] = [rule for rule in draft.document["rules"] if rule["_id"] != item.get("ruleId")]


_KINDS: dict[str, tuple[str, Callable[[_Draft, JsonObject], None]]] = {
    "turnFlagOn": (SWITCH, _turn_on),
    "turnFlagOff": (SWITCH, _turn_off),
    "updateFallthroughVariationOrRollout": (FALLTHROUGH, _update_fallthrough),
    "updateOffVariation": (OFF_VARIATION, _update_off_variation),
    "updateRuleVariationOrRollout": (RULES, _update_rule),
    "addRule": (RULES, _add_rule),
    "removeRule": (RULES, _remove_rule),
}


def checked_instructions(given: Any) -> list[JsonObject]:
    """Return the instructions of a semantic patch; refuse those that the simulator does not support."""
    if not isinstance(given, list) or not given or not all(isinstance(item, dict) for item in given):
        raise invalid_request("instructions must be a list of objects, and not be empty.")
    for item in given:
        if not is_kind(item.get("kind"), str) or item["kind"] not in _KINDS:
            # The 400 is an assumption; LaunchDarkly supports many kinds more.
            raise invalid_request(
                f"Unknown instruction kind {item.get('kind')!r}: the simulator supports only {', '.join(_KINDS)}."
            )
    return given


def actions_of(instructions: Sequence[JsonObject]) -> list[str]:
    """Return the actions that the instructions need, each once."""
    kinds = (item.get("kind") for item in instructions)
    return list(dict.fromkeys(_KINDS[kind][0] for kind in kinds if isinstance(kind, str) and kind in _KINDS))


def check_environment(flag: JsonObject, key: Any) -> str:
    """Return the environment key of a semantic patch."""
    if not is_kind(key, str) or key not in flag["environments"]:
        # Documented: required for these instructions. The 400 for an unknown one is an assumption.
        raise invalid_request(f"environmentKey must be the key of an environment, not {key!r}.")
    return str(key)


def patched(
    project: JsonObject, flag: JsonObject, environment_key: str, instructions: Sequence[JsonObject], now: int
) -> JsonObject:
    """Return the flag after the supported instructions as one change; the same object if they change nothing."""
    if environment_key not in flag["environments"]:
        raise not_found()
    draft = _Draft(project, flag, environment_key, copied(flag["environments"][environment_key]))
    for item in instructions:
        kind = item.get("kind")
        if isinstance(kind, str) and kind in _KINDS:
            _KINDS[kind][1](draft, item)
    return rules.changed(flag, environment_key, draft.document, now)
