# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The decision which release a flag has to have. Pure: no clock, no network, no Ansible."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._core.errors import ReleaseError

if t.TYPE_CHECKING:
    from .._model.desired import DesiredRelease
    from .._model.release import Release


@dataclass(frozen=True)
class Attach:
    """Put the flag into a release pipeline; `replaces` when it is in one already."""

    pipeline_key: str
    variation_id: str | None
    replaces: bool

    @property
    def name(self) -> str:
        return "replace" if self.replaces else "attach"


@dataclass(frozen=True)
class Remove:
    """Take the flag out of its release pipeline; the flag's targeting stays as it is."""

    name: str = "remove"


Request = t.Union[Attach, Remove]


def plan_release(release: Release | None, desired: DesiredRelease, variation_id: str | None) -> Request | None:
    """Compare the desired release of a flag with the current one; `variation_id` is the wanted variation, None for any.

    Raises ReleaseError where the difference would lose progress that nobody said may be lost.
    """
    if is_settled(release, desired, variation_id):
        return None
    if desired.pipeline_key is None:
        return Remove()
    if release is not None and not desired.replace:
        raise _refusal(release, desired)
    return Attach(desired.pipeline_key, variation_id, replaces=release is not None)


def is_settled(release: Release | None, desired: DesiredRelease, variation_id: str | None) -> bool:
    if release is None or desired.pipeline_key is None:
        return release is None and desired.pipeline_key is None
    in_place = release.pipeline_key == desired.pipeline_key and not release.canceled
    return in_place and variation_id in (None, release.variation_id)


def _refusal(release: Release, desired: DesiredRelease) -> ReleaseError:
    where = f"The release of {desired.target}"
    remedy = "Set replace: true to start a new release; the progress of this one is lost."
    if release.pipeline_key != desired.pipeline_key:
        return ReleaseError(
            f"{where} is in pipeline '{release.pipeline_key}', not in '{desired.pipeline_key}'. {remedy}",
            "in_other_pipeline",
        )
    if release.canceled:
        when = f" at {release.canceled_at}" if release.canceled_at else ""
        return ReleaseError(
            f"{where} in pipeline '{release.pipeline_key}' was canceled{when}. {remedy}", "release_canceled"
        )
    return ReleaseError(
        f"{where} releases variation {release.variation_id}, not '{desired.variation}'. {remedy}", "other_variation"
    )
