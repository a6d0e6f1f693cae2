# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The releases of a release pipeline as one list: where each flag stands, without the details of its release."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._core.data import to_builtin

if t.TYPE_CHECKING:
    from .release import Status


@dataclass(frozen=True)
class Progression:
    """The release of one flag. `phase` is the name of the current phase; both it and `phase_id` are None once the release is completed.

    `status` is that of the current phase, completed once the release is, and None where the service does not say.
    """

    flag_key: str
    phase: str | None = None
    phase_id: str | None = None
    status: Status | None = None
    status_raw: str | None = None
    created_at: str | None = None
    completed_at: str | None = None


@dataclass(frozen=True)
class PhaseCount:
    """A phase of the pipeline, and how many active releases are in it."""

    id: str
    name: str
    releases: int


@dataclass(frozen=True)
class Progressions:
    """The counts are those of the whole pipeline, whatever the items were filtered by."""

    items: tuple[Progression, ...] = ()
    phases: tuple[PhaseCount, ...] = ()
    active: int = 0
    completed: int = 0

    def to_result(self) -> dict[str, t.Any]:
        return {
            "progressions": to_builtin(self.items),
            "phases": to_builtin(self.phases),
            "active_count": self.active,
            "completed_count": self.completed,
        }


@dataclass(frozen=True)
class ProgressionFilter:
    """Whose releases are wanted: `status` is active or completed, None stands for both; `phase` is an ID or an exact name."""

    project_key: str
    pipeline_key: str
    status: str | None = None
    phase: str | None = None
