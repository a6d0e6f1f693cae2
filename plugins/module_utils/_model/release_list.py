# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The releases of whole projects as one list, for an inventory."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._core.data import to_builtin
from .flag import FlagFilter

if t.TYPE_CHECKING:
    from .release import Status

PIPELINES, FLAGS = "pipelines", "flags"
# The kinds of a listed release.
PIPELINE, ENVIRONMENTS = "pipeline", "environments"


@dataclass(frozen=True)
class ReleaseListFilter:
    """Which releases are wanted: those of release pipelines, and flags that are released through `environment_keys`, in this order.

    Empty `pipeline_keys` stand for all. `statuses` are active, which is all that is not completed, and completed. `with_details`
    also reads what a pipeline's list leaves out of its flags, `with_since` when each entered its phase.
    """

    project_keys: tuple[str, ...]
    sources: tuple[str, ...] = (PIPELINES,)
    pipeline_keys: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ("active",)
    flags: FlagFilter = field(default_factory=FlagFilter)
    environment_keys: tuple[str, ...] = ()
    variation: t.Any = None
    with_details: bool = True
    with_since: bool = False


@dataclass(frozen=True)
class Progress:
    """How far a release has got. `phase` is the name of its phase, or the key of its environment; None once it is completed."""

    phase: str | None
    environment_key: str | None
    status: Status | None
    since: str | None = None


@dataclass(frozen=True)
class ListedRelease:
    """`environments` are the keys of all environments of the release, in order. `name` and `tags` are None where they were not read."""

    project_key: str
    flag_key: str
    kind: str
    progress: Progress
    pipeline_key: str | None = None
    environments: tuple[str, ...] = ()
    name: str | None = None
    tags: tuple[str, ...] | None = None
    maintainer: str | None = None

    @property
    def is_completed(self) -> bool:
        return self.progress.phase is None and self.progress.status == "completed"

    def to_result(self) -> dict[str, t.Any]:
        result = t.cast("dict[str, t.Any]", to_builtin(self))
        progress = result.pop("progress")
        return {**result, **progress}
