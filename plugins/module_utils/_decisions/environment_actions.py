# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What is known about a flag in one environment, and what a plan may say about it: one tagged action. Pure."""

from __future__ import annotations

import enum
import typing as t
from dataclasses import dataclass

from .._core.errors import LaunchDarklyError
from .._model.release import Status

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._model.environment_release import EnvironmentRelease, NewRelease
    from .._model.flag import Change, Flag
    from .._model.release import ApprovalRequest


@dataclass(frozen=True)
class Facts:
    """What was read. None stands for what was not read yet.

    `now` is epoch milliseconds, `undone` what the audit log says, `segments` says which of the segments exist.
    """

    flag: Flag
    now: int
    releases: tuple[EnvironmentRelease, ...] | None = None
    undone: bool | None = None
    segments: Mapping[str, bool] | None = None
    approvals: tuple[ApprovalRequest, ...] | None = None


class Source(enum.Enum):
    """What a plan may need to see before it can go on."""

    RELEASES = "releases"
    SEGMENTS = "segments"
    AUDIT_LOG = "audit_log"
    APPROVALS = "approvals"


@dataclass(frozen=True)
class Read:
    """Something has to be read first. `status` is the status as far as it is known."""

    source: Source
    status: Status


@dataclass(frozen=True)
class Done:
    """Nothing is left to do."""

    status: Status


@dataclass(frozen=True)
class Running:
    """A release of the target runs, whoever started it."""

    release: EnvironmentRelease

    @property
    def status(self) -> Status:
        return self.release.status


@dataclass(frozen=True)
class Settling:
    """A release is completed, and LaunchDarkly has yet to remove its rule and update the default rule."""

    release: EnvironmentRelease
    status: Status = Status.ACTIVE


@dataclass(frozen=True)
class Holding:
    """A percentage rollout stands at a share until then (epoch milliseconds)."""

    until: int
    percent: float
    status: Status = Status.ACTIVE


@dataclass(frozen=True)
class AwaitApproval:
    """An approval request of ours is open."""

    request: ApprovalRequest
    status: Status = Status.ACTIVE


@dataclass(frozen=True)
class Patch:
    """Make these changes in one request. `name` is the result's `action`, `status` what it is before the change.

    `comes_first` marks a patch that only prepares the start after it, `is_undo` one that leaves a mark in the audit log.
    """

    name: str
    changes: tuple[Change, ...]
    status: Status
    comes_first: bool = False
    is_undo: bool = False


@dataclass(frozen=True)
class Start:
    """Start a release."""

    release: NewRelease
    status: Status = Status.READY_TO_START
    name: str = "start"


@dataclass(frozen=True)
class Stop:
    """Stop a running release at the target or at the original variation."""

    release: EnvironmentRelease
    roll_forward: bool
    name: str = "stop"

    @property
    def status(self) -> Status:
        return self.release.status


@dataclass(frozen=True)
class RequestApproval:
    """Ask for the approval of the changes that an environment does not allow directly."""

    changes: tuple[Change, ...]
    description: str
    status: Status = Status.READY_TO_START
    name: str = "request_approval"


@dataclass(frozen=True)
class Refuse:
    """Sending anything would be a guess, or would undo what somebody decided."""

    error: LaunchDarklyError
    status: Status


Write = t.Union[Patch, Start, Stop, RequestApproval]
Action = t.Union[Read, Done, Running, Settling, Holding, AwaitApproval, Patch, Start, Stop, Refuse]
