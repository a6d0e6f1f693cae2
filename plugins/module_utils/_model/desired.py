# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a task asks for, checked and immutable."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .values import is_loopback, read_key

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .release import Status

# Below this a rollout weight looks like a percentage, while the API counts thousandths of a percent.
SMALLEST_LIKELY_ROLLOUT_WEIGHT = 101


@dataclass(frozen=True)
class Connection:
    """How LaunchDarkly is reached. Times are seconds; `api_host` is scheme, host and port without a path."""

    access_token: str = field(repr=False)
    api_host: str
    http_timeout: float
    max_retries: int
    retry_timeout: float
    validate_certs: bool = True
    ca_path: str | None = None

    @property
    def is_loopback(self) -> bool:
        return is_loopback(urlsplit(self.api_host).hostname or "")


@dataclass(frozen=True)
class Target:
    project_key: str
    flag_key: str

    def __str__(self) -> str:
        return f"{self.project_key}/{self.flag_key}"


@dataclass(frozen=True)
class EnvironmentTarget:
    """A flag in one environment."""

    project_key: str
    flag_key: str
    environment_key: str

    @property
    def flag(self) -> Target:
        return Target(self.project_key, self.flag_key)

    def __str__(self) -> str:
        return f"{self.project_key}/{self.flag_key} in {self.environment_key}"


@dataclass(frozen=True)
class AudienceSettings:
    """Extra configuration for one audience of a phase; None stands for "not given" and is not sent."""

    audience: str
    release_guardian_configuration: dict[str, t.Any] | None = None
    notify_member_ids: tuple[str, ...] | None = None
    notify_team_keys: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Wait:
    """`timeout`, `interval` (the longest pause between two polls) and `approval_timeout` are seconds.

    `on_approval` is `wait`, `return` (end the wait while a person has to answer) or `apply` (apply what was approved).
    """

    until: Status
    timeout: float
    interval: float
    on_approval: str = "wait"
    approval_timeout: float = 86400.0


@dataclass(frozen=True)
class DesiredPhase:
    """The status that one phase has to get. `phase` is an id or an exact name."""

    target: Target
    phase: str
    status: Status
    strict: bool = False
    audiences: tuple[AudienceSettings, ...] | None = None
    wait: Wait | None = None

    @property
    def warnings(self) -> list[str]:
        return [
            f"audiences: rollout_weight {weight} of audience '{settings.audience}' is very small."
            f" The unit is thousandths of a percent: {weight} means {weight / 1000} %, and 50 % is 50000."
            for settings in self.audiences or ()
            for weight in [(settings.release_guardian_configuration or {}).get("rollout_weight")]
            if weight is not None and 1 <= weight < SMALLEST_LIKELY_ROLLOUT_WEIGHT
        ]


@dataclass(frozen=True)
class DesiredRelease:
    """The release that a flag has to have: in this pipeline, or none where `pipeline_key` is None.

    `variation` is an ID, a name or a value; `replace` allows to lose the progress of another release.
    """

    target: Target
    pipeline_key: str | None
    variation: str | None = None
    replace: bool = False


@dataclass(frozen=True)
class DesiredTargeting:
    """Whether the flag's targeting has to be on in one environment; `comment` goes to LaunchDarkly's audit log."""

    target: Target
    environment_key: str
    enabled: bool
    comment: str | None = None


@dataclass(frozen=True)
class ApprovalFilter:
    """Which approval requests are wanted; None stands for all."""

    target: Target
    environment_key: str
    review_status: tuple[str, ...] | None = None
    status: tuple[str, ...] | None = None


def target_from_options(options: Mapping[str, t.Any]) -> Target:
    return Target(read_key("project_key", options["project_key"]), read_key("flag_key", options["flag_key"]))
