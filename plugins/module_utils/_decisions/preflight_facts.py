# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What was read before a release, and what a check may say about it. Pure."""

from __future__ import annotations

import enum
import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.errors import LaunchDarklyError
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.environment_release import ApprovalSettings
    from .._model.flag import Flag, ScheduledChange
    from .._model.pipeline import Pipeline
    from .._model.preflight import Caller, DesiredPreflight, RateLimit, Surroundings
    from .._model.release import ApprovalRequest, Release
    from .environment_actions import Action, Facts

T = t.TypeVar("T")


class FindingStatus(str, enum.Enum):
    """PROBLEM: a release would fail. WARNING: it may, or would do something else than meant. SKIPPED: there was nothing to look at."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """What one check found. `message` says the fact, `remedy` what to do about it."""

    check: str
    status: FindingStatus
    message: str
    remedy: str | None = None
    environment_key: str | None = None

    def to_result(self) -> dict[str, t.Any]:
        return {
            "check": self.check,
            "status": self.status.value,
            "message": self.message,
            "remedy": self.remedy,
            "environment_key": self.environment_key,
        }


@dataclass(frozen=True)
class Answer(t.Generic[T]):
    """What a read brought: a value, or the failure."""

    value: T | None = None
    error: LaunchDarklyError | None = None


@dataclass(frozen=True)
class Place:
    """What else is going on with the flag in one environment. None stands for what was not read."""

    requests: Answer[tuple[ApprovalRequest, ...]] | None = None
    scheduled: Answer[tuple[ScheduledChange, ...]] | None = None
    settings: Answer[ApprovalSettings] | None = None


@dataclass(frozen=True)
class Entry:
    """One of the environments of a release. `action` is what a release would do next; `facts` are what it was decided by.

    `warnings` are what a release would warn of at this point.
    """

    desired: DesiredEnvironmentRelease
    action: Answer[Action]
    facts: Facts | None = None
    dry_run: Answer[Flag] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def environment_key(self) -> str:
        return self.desired.target.environment_key


@dataclass(frozen=True)
class PreflightFacts:
    """None stands for what was not read. `now` is epoch milliseconds, `clock_offset` seconds.

    The keys are those that exist, read where the one that was given does not.
    """

    desired: DesiredPreflight
    surroundings: Surroundings
    now: int
    clock_offset: float | None = None
    limits: tuple[RateLimit, ...] = ()
    caller: Answer[Caller] | None = None
    project: Answer[str] | None = None
    flag: Answer[Flag] | None = None
    release: Answer[Release | None] | None = None
    pipeline: Answer[Pipeline | None] | None = None
    project_keys: tuple[str, ...] | None = None
    flag_keys: tuple[str, ...] | None = None
    environment_keys: tuple[str, ...] | None = None
    pipeline_keys: tuple[str, ...] | None = None
    entries: tuple[Entry, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
