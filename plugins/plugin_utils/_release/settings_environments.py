# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""`release_environments` among the role's settings: the environments that a flag is released to, in order. Pure.

Which options go together is the module's own rule, which is asked here so that a wrong entry is refused before anything moves.
"""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.libraries import BeforeValidator, Field
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import (
    Strategy,
    environment_release_from_options,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.environment_release import (
    LEAVE_RULES,
    REMOVE_RULES,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import settings_values as values
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_base import (
    Boolean,
    Name,
    Names,
    Seconds,
    SettingsModel,
    Text,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HEALTH_CHECKS = (
    "flag_evaluations_any",
    "flag_evaluations_with_context",
    "metric_events_any",
    "metric_events_with_context",
)

_PERCENT_TEXT = r"^\s*[0-9]+(\.[0-9]+)?\s*%?\s*$"


@dataclass(frozen=True)
class EnvironmentSettings:
    """One entry of `release_environments`, which a run treats as a phase.

    `options` are those of ld_environment_release that were given, with `environment_key`. `window` is the sum of the steps in seconds;
    `wait_timeout` None stands for the module's default.
    """

    id: str
    name: str
    environment: str
    strategy: str
    options: dict[str, t.Any]
    window: float = 0.0
    wait_timeout: float | None = None


def _to_percent(value: t.Any) -> float:
    text = str(value).strip().removesuffix("%").strip()
    try:
        percent = math.nan if isinstance(value, bool) else float(text)
    except ValueError:
        percent = math.nan
    # Written so that "not a number" is refused too.
    if not 0.001 <= percent <= 100:
        raise values.UnusableValue("must be a number from 0.001 to 100")
    return percent


def _to_entries(value: t.Any) -> list[t.Any]:
    """A list, or environment keys separated by commas or lines."""
    return (
        values.to_names(value) if isinstance(value, str) and not values.is_list_text(value) else values.to_list(value)
    )


def _to_entry(value: t.Any) -> t.Any:
    """A text is the key of an environment."""
    if isinstance(value, str) and values.is_dictionary_text(value):
        return value
    is_key = isinstance(value, (str, int, float)) and not isinstance(value, bool) and not values.is_blank(value)
    return {"environment": value} if is_key else value


PERCENT = values.Conversion(
    _to_percent,
    {"type": ["number", "string"], "minimum": 0.001, "maximum": 100, "pattern": f"{_PERCENT_TEXT}|{values.TEMPLATE}"},
)
DURATION = values.Conversion(values.to_interval, values.required(values.INTERVAL.schema))
ENTRIES = values.Conversion(_to_entries, {"type": ["string", "null"]}, adds=True)
ENTRY = values.Conversion(_to_entry, values.NAME_SCHEMA, adds=True)


class RolloutStep(SettingsModel):
    """A share of the contexts, and how long it is held. After the last step everybody gets the variation."""

    percent: t.Annotated[float, BeforeValidator(PERCENT)] = Field(
        description="The share: larger than in the step before."
    )
    duration: t.Annotated[float, BeforeValidator(DURATION)] = Field(description="How long it is held: 15m, 2h, 1d.")


class RolloutMetric(SettingsModel):
    """A metric that a guarded rollout watches."""

    key: Name = Field(description="Key of the metric.")
    auto_rollback: Boolean = Field(default=False, description="Whether LaunchDarkly rolls back if it regresses.")


class Environment(SettingsModel):
    """The release in one environment: the options of ld_environment_release."""

    environment: Name = Field(description="Key of the environment.")
    name: Text = Field(default="", description="How the run calls it; the key if not given.")
    strategy: t.Annotated[str, BeforeValidator(values.choice(*(item.value for item in Strategy)))] = Field(
        default=Strategy.IMMEDIATE.value, description="How the variation is released."
    )
    steps: t.Annotated[tuple[RolloutStep, ...], BeforeValidator(values.LIST)] = Field(
        default=(), description="The shares of a percentage, progressive or guarded rollout, in order."
    )
    metrics: t.Annotated[tuple[RolloutMetric, ...], BeforeValidator(values.LIST)] = Field(
        default=(), description="What a guarded rollout watches; required for it."
    )
    segments: Names = Field(default=(), description="Keys of segments: release to these only.")
    variation: t.Optional[t.Annotated[str, BeforeValidator(values.VARIATION)]] = Field(
        default=None, description="What to release, by ID, name or value; release_variation if not given."
    )
    from_variation: t.Optional[t.Annotated[str, BeforeValidator(values.VARIATION)]] = Field(
        default=None, description="What it replaces, by ID, name or value."
    )
    randomization_unit: Text = Field(default="", description="The context kind by which contexts are chosen.")
    release_plan_key: Text = Field(default="", description="Key of a release plan, for the strategy plan.")
    cleanup_behavior: t.Annotated[str, BeforeValidator(values.choice(REMOVE_RULES, LEAVE_RULES))] = Field(
        default="", description="What becomes of the rule of the release when it is complete."
    )
    before_rule_id: Text = Field(default="", description="ID of the rule to put the rule of the release before.")
    bypass_health_checks: t.Annotated[tuple[str, ...], BeforeValidator(values.choices(*HEALTH_CHECKS))] = Field(
        default=(), description="Health checks that LaunchDarkly is to skip."
    )
    health_check_timeout: Seconds = Field(default=0.0, description="How long to keep trying while they fail.")
    request_approval: Boolean = Field(default=False, description="Request an approval where one is required.")
    notify_member_ids: Names = Field(default=(), description="IDs of the members to notify of the request.")
    notify_team_keys: Names = Field(default=(), description="Keys of the teams to notify of the request.")
    retry_reverted: Boolean = Field(default=False, description="Release again what was reverted or undone.")
    on_regression: t.Annotated[str, BeforeValidator(values.choice("fail", "roll_back", "wait"))] = Field(
        default="fail", description="What to do when LaunchDarkly waits for a person because of a regression."
    )
    comment: Text = Field(default="", description="A comment for LaunchDarkly.")
    wait_timeout: t.Optional[Seconds] = Field(
        default=None, description="How long to wait; an hour more than the steps take if not given."
    )


Environments = t.Annotated[tuple[t.Annotated[Environment, BeforeValidator(ENTRY)], ...], BeforeValidator(ENTRIES)]


def read_environments(entries: Sequence[Environment], variation: str | None) -> tuple[EnvironmentSettings, ...]:
    """`variation` is release_variation. Raises UnusableValue, which says the index of an entry first."""
    read = tuple(_environment(index, entry, variation) for index, entry in enumerate(entries))
    seen: dict[str, int] = {}
    for index, item in enumerate(read):
        for name in dict.fromkeys((item.name, item.id)):
            if name in seen:
                raise values.UnusableValue(
                    f"[{index}] and [{seen[name]}] have the same name: give one of them another `name`"
                )
        seen.update(dict.fromkeys((item.name, item.id), index))
    return read


def _environment(index: int, entry: Environment, variation: str | None) -> EnvironmentSettings:
    options = {"environment_key": entry.environment, **dict(_options(entry))}
    if variation is not None:
        options.setdefault("variation", variation)
    try:
        desired = environment_release_from_options({**_ABSENT, **options})
    except OptionError as error:
        raise values.UnusableValue(f"[{index}]: {error.message.rstrip('.')}") from None
    name = entry.name or entry.environment
    return EnvironmentSettings(
        id=entry.environment if name == entry.environment else f"{entry.environment}/{name}",
        name=name,
        environment=entry.environment,
        strategy=entry.strategy,
        options=options,
        window=desired.window,
        wait_timeout=entry.wait_timeout,
    )


def _options(entry: Environment) -> Iterator[tuple[str, t.Any]]:
    """Those that were given, as plain data."""
    for name, value in entry.given().items():
        if name in ("environment", "name", "wait_timeout"):
            continue
        if isinstance(value, tuple):
            yield name, [item.full() if isinstance(item, SettingsModel) else item for item in value]
        else:
            yield name, value


# What the module's rules see of options that were not given. They do not look at the flag.
_ABSENT: dict[str, t.Any] = {
    "project_key": "project",
    "flag_key": "flag",
    "state": "released",
    **dict.fromkeys(
        (
            *("variation", "from_variation", "steps", "randomization_unit", "metrics", "release_plan_key", "segments"),
            *("cleanup_behavior", "before_rule_id", "bypass_health_checks", "comment", "notify_member_ids"),
            *("notify_team_keys", "wait_timeout"),
        )
    ),
    "strategy": Strategy.IMMEDIATE.value,
    "request_approval": False,
    "retry_reverted": False,
    "wait": False,
    "wait_interval": 10.0,
    "on_regression": "fail",
    "on_approval": "wait",
    "approval_timeout": 0.0,
    "health_check_timeout": 0.0,
}
