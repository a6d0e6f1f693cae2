# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A feature flag as far as releases look at it: what it serves in each environment, and the changes that can be made."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Mapping

# LaunchDarkly counts shares in thousandths of a percent.
EVERYBODY = 100_000


@dataclass(frozen=True)
class Variation:
    """`value` is any JSON value."""

    id: str
    name: str | None
    value: t.Any

    def to_result(self) -> dict[str, t.Any]:
        return {"id": self.id, "name": self.name, "value": self.value}


@dataclass(frozen=True)
class Clause:
    """One condition of a rule. `values` are JSON values; a `segmentMatch` has no context kind."""

    attribute: str
    op: str
    values: tuple[t.Any, ...]
    context_kind: str | None = None
    negate: bool = False


@dataclass(frozen=True)
class Serving:
    """What a rule or the default rule serves: variation IDs with their weights in thousandths of a percent.

    A variation may occur twice: a guarded rollout measures only a part of those who get the original.
    """

    weights: tuple[tuple[str, int], ...]
    context_kind: str | None = None
    bucket_by: str | None = None
    is_experiment: bool = False

    def share(self, variation_id: str) -> int:
        return sum(weight for served, weight in self.weights if served == variation_id)

    @property
    def served(self) -> tuple[str, ...]:
        """The variations that somebody gets."""
        return tuple(dict.fromkeys(served for served, weight in self.weights if weight > 0))

    @property
    def only(self) -> str | None:
        """The variation that everybody gets, None for a rollout and for an experiment."""
        served = self.served
        return served[0] if len(served) == 1 and not self.is_experiment else None


def serving_only(variation_id: str) -> Serving:
    return Serving(((variation_id, EVERYBODY),))


@dataclass(frozen=True)
class Rule:
    id: str
    clauses: tuple[Clause, ...]
    serves: Serving | None
    enabled: bool = True
    description: str | None = None


@dataclass(frozen=True)
class EnvironmentTargeting:
    """The flag in one environment. `changed_at` is epoch milliseconds.

    `context_kinds` are those seen in the last 30 days, None where they were not asked for.
    """

    key: str
    on: bool
    off_variation_id: str | None = None
    default: Serving | None = None
    rules: tuple[Rule, ...] = ()
    version: int | None = None
    changed_at: int | None = None
    context_kinds: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Flag:
    """`environments` has the environments that were asked for, by key. `maintainer` is an email address or the key of a team."""

    key: str
    variations: tuple[Variation, ...]
    environments: Mapping[str, EnvironmentTargeting] = field(default_factory=dict)
    archived: bool = False
    tags: tuple[str, ...] = ()
    name: str | None = None
    maintainer: str | None = None

    @property
    def targeting(self) -> dict[str, bool]:
        """Whether targeting is on, by environment."""
        return {key: environment.on for key, environment in self.environments.items()}

    def variation(self, variation_id: str) -> Variation:
        """The variation with this ID; one that the flag does not list has its ID for a name."""
        known = {item.id: item for item in self.variations}
        return known.get(variation_id) or Variation(variation_id, None, None)


@dataclass(frozen=True)
class FlagFilter:
    """Which flags are wanted: those that match everything given. `guarded_rollout` is LaunchDarkly's word, looked for in
    `guarded_environment_key` if that is given.
    """

    query: str | None = None
    tags: tuple[str, ...] = ()
    pipeline_key: str | None = None
    guarded_rollout: str | None = None
    guarded_environment_key: str | None = None


@dataclass(frozen=True)
class SwitchTargeting:
    """Turn targeting on or off."""

    on: bool


@dataclass(frozen=True)
class ServeByDefault:
    """Make the default rule serve this."""

    serving: Serving


@dataclass(frozen=True)
class AddRule:
    """Add a rule that serves one variation: before another rule if one is named, else last."""

    clauses: tuple[Clause, ...]
    variation_id: str
    description: str
    before_rule_id: str | None = None


@dataclass(frozen=True)
class RemoveRule:
    """Remove a rule; one that is gone already is no error."""

    rule_id: str


Change = t.Union[SwitchTargeting, ServeByDefault, AddRule, RemoveRule]


@dataclass(frozen=True)
class AuditEntry:
    """One change in LaunchDarkly's audit log. `actions` are the names that roles know them by, `at` is epoch milliseconds."""

    at: int
    actions: tuple[str, ...]
    comment: str


@dataclass(frozen=True)
class ScheduledChange:
    """A change of a flag that LaunchDarkly will make by itself. Times are epoch milliseconds."""

    id: str
    at: int
