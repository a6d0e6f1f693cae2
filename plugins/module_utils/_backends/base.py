# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the operations need from a backend. LaunchDarkly's API calls are behind these, one method each."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .._model.desired import AudienceSettings, Target
    from .._model.release import ApprovalRequest, Flag, Phase, Release, Status


class ReleaseApi(t.Protocol):
    """A kind of release behind one set of calls."""

    def get_release(self, target: Target, deadline: float | None = None) -> Release:
        """Read the flag's release; ApiError `not_found` when it has none. `deadline` is in monotonic seconds."""

    def find_release(self, target: Target) -> Release | None:
        """Read the flag's release, None when it has none."""

    def set_phase_status(
        self,
        target: Target,
        phase: Phase,
        status: Status,
        audiences: dict[str, AudienceSettings] | None,
    ) -> Release:
        """Send one request and return the release it answered with. Never repeats; `audiences` is keyed by audience id."""

    def delete_release(self, target: Target) -> None:
        """Remove the flag's release with one request."""


class PipelineApi(t.Protocol):
    """The way into a release that only release pipelines have."""

    def create_release(self, target: Target, pipeline_key: str, variation_id: str | None) -> Release:
        """Attach the flag to a release pipeline with one request, and return the release it answered with."""

    def predict_release(self, target: Target, pipeline_key: str, variation_id: str | None) -> Release:
        """The release that attaching the flag to this pipeline would make. Reads only."""


class FlagApi(t.Protocol):
    def get_flag(self, target: Target, environment_key: str | None = None) -> Flag:
        """Read the flag, with the targeting of one environment if one is named; ApiError `not_found` without a flag."""

    def set_targeting(self, target: Target, environment_key: str, *, enabled: bool, comment: str | None) -> Flag:
        """Turn the flag's targeting on or off in one environment with one request, and return the flag as answered."""


class ApprovalApi(t.Protocol):
    def list_requests(
        self, target: Target, environment_key: str, deadline: float | None = None
    ) -> tuple[ApprovalRequest, ...]:
        """The approval requests of the flag in one environment. `deadline` is in monotonic seconds."""

    def apply_request(self, target: Target, request: ApprovalRequest, comment: str) -> None:
        """Apply an approved request, with one call."""
