# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A feature flag as LaunchDarkly's API writes it, and its translation in both directions."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._core.libraries import Field
from ..._model import flag as models
from ..reading import WireModel

SEGMENT_MATCH = "segmentMatch"


class _Variation(WireModel):
    id: str = Field(alias="_id")
    name: t.Optional[str] = None
    value: t.Any = None


class _WeightedVariation(WireModel):
    variation: int
    weight: int


class _Rollout(WireModel):
    variations: list[_WeightedVariation]
    experiment: t.Optional[t.Any] = Field(default=None, alias="experimentAllocation")
    bucket_by: t.Optional[str] = Field(default=None, alias="bucketBy")
    context_kind: t.Optional[str] = Field(default=None, alias="contextKind")


class _VariationOrRollout(WireModel):
    """Variations are written as their places in the flag's list."""

    variation: t.Optional[int] = None
    rollout: t.Optional[_Rollout] = None

    def to_serving(self, ids: list[str]) -> models.Serving | None:
        if self.rollout is not None:
            return models.Serving(
                tuple((_id_at(item.variation, ids), item.weight) for item in self.rollout.variations),
                context_kind=self.rollout.context_kind,
                bucket_by=self.rollout.bucket_by,
                is_experiment=self.rollout.experiment is not None,
            )
        return None if self.variation is None else models.serving_only(_id_at(self.variation, ids))


class _Clause(WireModel):
    attribute: str
    op: str
    values: list[t.Any]
    context_kind: t.Optional[str] = Field(default=None, alias="contextKind")
    negate: bool = False

    def to_clause(self) -> models.Clause:
        if self.op == SEGMENT_MATCH:
            # LaunchDarkly documents no attribute and no context kind that would mean anything here, but writes some.
            return models.Clause(SEGMENT_MATCH, self.op, tuple(self.values), negate=self.negate)
        return models.Clause(
            # LaunchDarkly writes a missing context kind as an empty string, too.
            *(self.attribute, self.op, tuple(self.values), self.context_kind or None),
            negate=self.negate,
        )


class _Rule(_VariationOrRollout):
    id: str = Field(default="", alias="_id")
    disabled: t.Optional[bool] = None
    clauses: list[_Clause]
    description: t.Optional[str] = None

    def to_rule(self, ids: list[str]) -> models.Rule:
        return models.Rule(
            id=self.id,
            clauses=tuple(clause.to_clause() for clause in self.clauses),
            serves=self.to_serving(ids),
            enabled=not self.disabled,
            description=self.description,
        )


class _Evaluation(WireModel):
    context_kinds: t.Optional[list[str]] = Field(default=None, alias="contextKinds")


class _FlagEnvironment(WireModel):
    """All but `on` is optional here, so that turning a flag off depends on nothing else."""

    on: bool
    fallthrough: t.Optional[_VariationOrRollout] = None
    off_variation: t.Optional[int] = Field(default=None, alias="offVariation")
    rules: t.Optional[list[_Rule]] = None
    version: t.Optional[int] = None
    last_modified: t.Optional[int] = Field(default=None, alias="lastModified")
    evaluation: t.Optional[_Evaluation] = None

    def to_targeting(self, key: str, ids: list[str]) -> models.EnvironmentTargeting:
        kinds = self.evaluation.context_kinds if self.evaluation else None
        return models.EnvironmentTargeting(
            key=key,
            on=self.on,
            off_variation_id=None if self.off_variation is None else _id_at(self.off_variation, ids),
            default=self.fallthrough.to_serving(ids) if self.fallthrough else None,
            rules=tuple(rule.to_rule(ids) for rule in self.rules or ()),
            version=self.version,
            changed_at=self.last_modified,
            context_kinds=None if self.evaluation is None else tuple(kinds or ()),
        )


class WireFlag(WireModel):
    """`FeatureFlag` of the OpenAPI document, as far as the collection looks at it."""

    key: str
    variations: list[_Variation]
    environments: t.Optional[dict[str, _FlagEnvironment]] = None
    archived: t.Optional[bool] = None
    tags: t.Optional[list[str]] = None

    def to_flag(self) -> models.Flag:
        ids = [item.id for item in self.variations]
        return models.Flag(
            key=self.key,
            variations=tuple(
                models.Variation(id=item.id, name=item.name, value=item.value) for item in self.variations
            ),
            environments={key: item.to_targeting(key, ids) for key, item in (self.environments or {}).items()},
            archived=bool(self.archived),
            tags=tuple(self.tags or ()),
        )


class _Member(WireModel):
    email: t.Optional[str] = None


class _ListedFlag(WireFlag):
    """With what is for people only, which nothing that changes a flag depends on."""

    name: t.Optional[str] = None
    maintainer: t.Optional[_Member] = Field(default=None, alias="_maintainer")
    maintainer_team_key: t.Optional[str] = Field(default=None, alias="maintainerTeamKey")

    def to_flag(self) -> models.Flag:
        email = self.maintainer.email if self.maintainer else None
        return dataclasses.replace(
            super().to_flag(), name=self.name or None, maintainer=email or self.maintainer_team_key or None
        )


class WireFlags(WireModel):
    items: list[_ListedFlag]
    total: t.Optional[int] = Field(default=None, alias="totalCount")


class _ScheduledChange(WireModel):
    id: str = Field(alias="_id")
    at: int = Field(alias="executionDate")


class WireScheduledChanges(WireModel):
    """`FeatureFlagScheduledChanges` of the OpenAPI document."""

    items: list[_ScheduledChange]

    def to_changes(self) -> tuple[models.ScheduledChange, ...]:
        return tuple(models.ScheduledChange(item.id, item.at) for item in self.items)


def _id_at(index: int, ids: list[str]) -> str:
    # A place that the list does not have is a variation that nothing else can be equal to.
    return ids[index] if 0 <= index < len(ids) else f"variation {index}"


def write_clause(clause: models.Clause) -> dict[str, t.Any]:
    document = {
        "attribute": clause.attribute,
        "op": clause.op,
        "values": list(clause.values),
        "negate": clause.negate,
    }
    # Documented for segmentMatch: omit the context kind.
    return document if clause.context_kind is None else {"contextKind": clause.context_kind, **document}


def write_instruction(change: models.Change) -> dict[str, t.Any]:
    """A change as an instruction of a semantic patch, which an approval request takes too."""
    if isinstance(change, models.SwitchTargeting):
        return {"kind": "turnFlagOn" if change.on else "turnFlagOff"}
    if isinstance(change, models.RemoveRule):
        return {"kind": "removeRule", "ruleId": change.rule_id}
    if isinstance(change, models.ServeByDefault):
        return {"kind": "updateFallthroughVariationOrRollout", **_write_serving(change.serving)}
    document: dict[str, t.Any] = {
        "kind": "addRule",
        "clauses": [write_clause(clause) for clause in change.clauses],
        "variationId": change.variation_id,
        "description": change.description,
    }
    return document if change.before_rule_id is None else {**document, "beforeRuleId": change.before_rule_id}


def _write_serving(serving: models.Serving) -> dict[str, t.Any]:
    if serving.only is not None:
        return {"variationId": serving.only}
    weights: dict[str, t.Any] = {"rolloutWeights": dict(serving.weights)}
    return weights if serving.context_kind is None else {**weights, "rolloutContextKind": serving.context_kind}
