# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the operations need from a backend. LaunchDarkly's API calls are behind these, one method each."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from .._model.desired import AudienceSettings, EnvironmentTarget, Target
    from .._model.environment_release import ApprovalSettings, EnvironmentRelease, NewRelease
    from .._model.flag import AuditEntry, Change, Flag, FlagFilter, ScheduledChange
    from .._model.pipeline import Pipeline
    from .._model.preflight import Caller
    from .._model.progression import Progression, Progressions
    from .._model.release import ApprovalRequest, Phase, Release, Status


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


class PipelineDefinitionApi(t.Protocol):
    """Release pipelines themselves. Reads only."""

    def find_pipeline(self, project_key: str, pipeline_key: str) -> Pipeline | None:
        """Read one release pipeline, None where the project has none with this key."""

    def list_pipelines(
        self, project_key: str, *, query: str | None = None, environment_key: str | None = None
    ) -> tuple[Pipeline, ...]:
        """All release pipelines of the project, or those that match."""

    def list_progressions(
        self, project_key: str, pipeline_key: str, *, status: str | None = None, phase_id: str | None = None
    ) -> Progressions:
        """All releases of one release pipeline, or those that are `active` or `completed`, or those in one phase."""

    def list_phase(
        self, project_key: str, pipeline_key: str, phase_id: str, *, most_pages: int, deadline: float
    ) -> tuple[tuple[Progression, ...], int]:
        """The releases in one phase, some of which may be missing, and how many pages they are on.

        Only the first page is read where that is more than `most_pages`. `deadline` is in monotonic seconds.
        """


class FlagApi(t.Protocol):
    def get_flag(
        self,
        target: Target,
        environment_keys: Sequence[str] = (),
        *,
        with_context_kinds: bool = False,
        deadline: float | None = None,
    ) -> Flag:
        """Read the flag with what it serves in these environments; ApiError `not_found` without a flag.

        An environment that the service leaves out is missing. `deadline` is in monotonic seconds.
        """

    def list_flags(
        self, project_key: str, wanted: FlagFilter, environment_keys: Sequence[str] = ()
    ) -> tuple[Flag, ...]:
        """All flags of the project that match and are not archived, with what they serve in these environments.

        An environment that the service leaves out is missing.
        """

    def set_targeting(self, target: Target, environment_key: str, *, enabled: bool, comment: str | None) -> Flag:
        """Turn the flag's targeting on or off in one environment with one request, and return the flag as answered."""

    def change(
        self,
        target: EnvironmentTarget,
        changes: Sequence[Change],
        doing: str,
        *,
        comment: str | None,
        ignore_conflicts: bool = False,
        dry_run: bool = False,
    ) -> Flag:
        """Make all changes or none, with one request, and return the flag as answered. `dry_run` changes nothing."""

    def list_scheduled_changes(self, target: EnvironmentTarget) -> tuple[ScheduledChange, ...]:
        """The changes of the flag that are scheduled in this environment."""


class EnvironmentReleaseApi(t.Protocol):
    """The rollout of one variation of a flag in one environment."""

    def list_releases(
        self, target: EnvironmentTarget, *, kind: str | None = None, deadline: float | None = None
    ) -> tuple[EnvironmentRelease, ...]:
        """All releases that the service still shows, newest first."""

    def get_release(
        self,
        target: EnvironmentTarget,
        release_id: str,
        *,
        with_metrics: bool = False,
        deadline: float | None = None,
    ) -> EnvironmentRelease:
        """Read one release."""

    def start_release(self, target: EnvironmentTarget, release: NewRelease) -> EnvironmentRelease:
        """Start a release with one request."""

    def stop_release(
        self, target: EnvironmentTarget, release_id: str, *, roll_forward: bool, comment: str
    ) -> EnvironmentRelease:
        """Stop a release with one request, and return it as answered; one that is over stays as it is."""

    def list_changes(self, target: EnvironmentTarget, before: int | None = None) -> tuple[AuditEntry, ...]:
        """One page of the audit log of the flag in this environment, newest first; `before` is epoch milliseconds."""

    def has_segment(self, target: EnvironmentTarget, segment_key: str) -> bool:
        """Does the environment have this segment?"""

    def get_approval_settings(self, target: EnvironmentTarget) -> ApprovalSettings:
        """Whether the environment requires approvals."""


class ApprovalApi(t.Protocol):
    def list_requests(
        self, target: Target, environment_key: str, deadline: float | None = None
    ) -> tuple[ApprovalRequest, ...]:
        """The approval requests of the flag in one environment. `deadline` is in monotonic seconds."""

    def create_request(
        self,
        target: EnvironmentTarget,
        changes: Sequence[Change],
        description: str,
        *,
        comment: str | None,
        notify_member_ids: Sequence[str],
        notify_team_keys: Sequence[str],
    ) -> ApprovalRequest:
        """Ask for the approval of these changes, with one call."""

    def apply_request(self, target: Target, request: ApprovalRequest, comment: str) -> None:
        """Apply an approved request, with one call."""


class AccountApi(t.Protocol):
    """The token itself, and what it can see. Reads only."""

    def get_caller(self) -> Caller:
        """Whose token it is."""

    def get_project(self, project_key: str) -> str:
        """The key of the project; ApiError `not_found` without it."""

    def list_project_keys(self) -> tuple[str, ...]:
        """The keys of the projects, of a large account not all."""

    def list_flag_keys(self, project_key: str) -> tuple[str, ...]:
        """The keys of the project's flags, of a large project not all."""
