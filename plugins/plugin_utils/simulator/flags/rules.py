# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of a flag: what a rule matches, and what it serves. Pure functions."""

from __future__ import annotations

from typing import Any

from ..core.behavior import refusal
from ..core.documents import JsonObject, copied, is_kind, merged, stable_id
from ..core.errors import invalid_request

FULL = 100_000

# Bounded, since a simulator may run for a long time.
_HISTORY = 100

# Documented for the clauses of environment releases; assumed for every other rule.
_OPERATORS = frozenset(
    (
        *("in", "endsWith", "startsWith", "matches", "contains", "before", "after", "segmentMatch"),
        *("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"),
        *("semVerEqual", "semVerLessThan", "semVerGreaterThan"),
    )
)


def variation_index(project: JsonObject, flag: JsonObject, variation_id: Any, name: str = "variationId") -> int:
    """Return the index of a variation, given its id."""
    ids = [item["_id"] for item in flag["variations"]]
    if variation_id not in ids:
        raise refusal(project, "unknownVariation", name=name)
    return ids.index(variation_id)


def served_by(project: JsonObject, flag: JsonObject, instruction: JsonObject) -> JsonObject:
    """Return what a rule serves, from the parameters of an instruction."""
    weights = instruction.get("rolloutWeights")
    if weights is None:
        return {"variation": variation_index(project, flag, instruction.get("variationId"))}
    if not isinstance(weights, dict) or not all(is_kind(weight, int) for weight in weights.values()):
        raise invalid_request("rolloutWeights must be an object of variation ids and weights.")
    if any(weight < 0 for weight in weights.values()) or sum(weights.values()) != FULL:
        raise invalid_request(f"rolloutWeights must not be negative, and must add up to {FULL}.")
    parts = {variation_index(project, flag, key, "rolloutWeights"): weight for key, weight in weights.items()}
    rollout: JsonObject = {"variations": [{"variation": index, "weight": parts[index]} for index in sorted(parts)]}
    for name, given in (("contextKind", "rolloutContextKind"), ("bucketBy", "rolloutBucketBy")):
        value = instruction.get(given, "user" if name == "contextKind" else None)
        if not is_kind(value, str, type(None)):
            raise invalid_request(f"{given} must be a string.")
        if value is not None:
            rollout[name] = value
    return {"rollout": rollout}


def serving(rule: JsonObject, served: JsonObject) -> JsonObject:
    """Return a rule, or the default rule, that serves something else."""
    return merged(rule, {"variation": None, "rollout": None, **served})


def has_experiment(rule: JsonObject) -> bool:
    """Say whether an experiment runs on a rule or on the default rule."""
    return "experimentAllocation" in (rule.get("rollout") or {})


def checked_clauses(project: JsonObject, environment_key: str, given: Any) -> list[JsonObject]:
    """Return the clauses of a new rule, without their ids."""
    if not isinstance(given, list) or not all(isinstance(clause, dict) for clause in given):
        raise invalid_request("clauses must be a list of objects.")
    return [_clause(project, environment_key, clause) for clause in given]


def _clause(project: JsonObject, environment_key: str, given: JsonObject) -> JsonObject:
    values = given.get("values")
    if not is_kind(given.get("attribute"), str) or given.get("op") not in _OPERATORS:
        raise invalid_request("A clause needs an attribute and a known op.")
    # Documented: primitives only. That at least one is needed is an assumption.
    if not isinstance(values, list) or not values or not all(is_kind(item, str, bool, int, float) for item in values):
        raise invalid_request("The values of a clause must be strings, numbers or booleans.")
    clause = {"attribute": given["attribute"], "op": given["op"], "values": values, "negate": False}
    if "negate" in given:
        if not isinstance(given["negate"], bool):
            raise invalid_request("negate must be a boolean.")
        clause["negate"] = given["negate"]
    if given["op"] == "segmentMatch":
        _check_segments(project, environment_key, values)
        kind = project["behavior"]["segmentContextKind"]
    else:
        kind = given.get("contextKind", "user")
    if not is_kind(kind, str, type(None)):
        raise invalid_request("contextKind must be a string.")
    return clause if kind is None else {**clause, "contextKind": kind}


def _check_segments(project: JsonObject, environment_key: str, values: list[Any]) -> None:
    # Assumption: an unknown segment is refused.
    unknown = [key for key in values if key not in project["environments"][environment_key]["segments"]]
    if unknown:
        raise invalid_request(f"Unknown segment: {unknown[0]!r}.")


def new_rule(
    project: JsonObject, flag: JsonObject, environment_key: str, rules: list[JsonObject], fields: JsonObject
) -> JsonObject:
    """Return a rule with ids of its own. The version in the id keeps it different from rules that were removed."""
    version = flag["environments"][environment_key]["version"]
    place = (project["key"], flag["key"], environment_key, "rules", version)
    number = len(rules)
    taken = {rule["_id"] for rule in rules}
    while stable_id(*place, number) in taken:
        number += 1
    rule_id = stable_id(*place, number)
    clauses = [{"_id": stable_id(rule_id, index), **clause} for index, clause in enumerate(fields["clauses"])]
    return {"_id": rule_id, "trackEvents": False, **fields, "clauses": clauses}


def insert(rules: list[JsonObject], rule: JsonObject, before_rule_id: Any) -> list[JsonObject]:
    """Return the rules with another one, at the end or before a given one."""
    if before_rule_id is None:
        return [*rules, rule]
    ids = [item["_id"] for item in rules]
    if before_rule_id not in ids:
        # Assumption: 400.
        raise invalid_request("beforeRuleId is not a rule of the flag.")
    index = ids.index(before_rule_id)
    return [*rules[:index], rule, *rules[index:]]


def check_duplicate(project: JsonObject, rules: list[JsonObject], rule: JsonObject) -> None:
    """Refuse a new rule that duplicates another one, or its description.

    Documented for environment releases; assumed for ``addRule``. What makes an exact duplicate is a choice.
    """
    for index, other in enumerate(rules):
        same_clauses = _without_ids(other["clauses"]) == _without_ids(rule["clauses"])
        if same_clauses and (project["behavior"]["duplicateRules"] == "clauses" or _serves(other) == _serves(rule)):
            raise refusal(project, "duplicateRule", index=index)
        if rule.get("description") and rule["description"] == other.get("description"):
            raise refusal(project, "duplicateDescription")


def _without_ids(clauses: list[JsonObject]) -> list[JsonObject]:
    return [{name: value for name, value in clause.items() if name != "_id"} for clause in clauses]


def _serves(rule: JsonObject) -> JsonObject:
    return {name: rule.get(name) for name in ("variation", "rollout")}


def changed(flag: JsonObject, environment_key: str, draft: JsonObject, now: int) -> JsonObject:
    """Return the flag with the draft of an environment as one change; the same object if the draft is no change."""
    kept = flag["environments"][environment_key]
    if draft == kept:
        return flag
    version = kept["version"] + 1
    entry = {"at": now, "version": version, "shares": shares(draft)}
    history = [*kept["history"], entry][-_HISTORY:]
    after = {**copied(draft), "version": version, "lastModified": now, "history": history}
    environments = {**flag["environments"], environment_key: after}
    return {**flag, "_version": flag["_version"] + 1, "environments": environments}


def shares(environment: JsonObject) -> dict[str, int]:
    """Return the largest share of contexts that any rule gives each variation, in thousandths of a percent.

    The keys are indexes of variations. An index that is missing is served to nobody.
    """
    if not environment["on"]:
        return {str(environment["offVariation"]): FULL}
    found: dict[str, int] = {}
    for rule in [*environment["rules"], environment["fallthrough"]]:
        if rule.get("disabled"):
            continue
        for index, weight in _weights(rule).items():
            found[str(index)] = max(found.get(str(index), 0), weight)
    return {index: share for index, share in sorted(found.items()) if share}


def _weights(rule: JsonObject) -> dict[int, int]:
    if "variation" in rule:
        return {rule["variation"]: FULL}
    weights: dict[int, int] = {}
    for part in rule["rollout"]["variations"]:
        weights[part["variation"]] = weights.get(part["variation"], 0) + part["weight"]
    return weights
