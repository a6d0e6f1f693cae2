# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The decision what to send so that a phase gets the desired status. Pure: no clock, no network, no Ansible."""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass

from .._core.errors import OptionError, ReleaseError
from .._model.release import Status

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from .._model.desired import AudienceSettings, DesiredPhase
    from .._model.pipeline import Pipeline, PipelinePhase
    from .._model.release import Audience, Phase, Release

    N = t.TypeVar("N", Phase, PipelinePhase)


@dataclass(frozen=True)
class AudienceStart:
    """Settings for one audience, found in the phase by its id."""

    audience_id: str
    settings: AudienceSettings


@dataclass(frozen=True)
class Nothing:
    """The phase already has the desired status."""

    phase: Phase


@dataclass(frozen=True)
class Send:
    """The status differs: request the desired one."""

    phase: Phase
    status: Status
    audiences: tuple[AudienceStart, ...] | None = None

    @property
    def name(self) -> str:
        return "start" if self.status is Status.ACTIVE else "set_status"

    def predict(self) -> Phase:
        """The phase after the request."""
        return dataclasses.replace(
            self.phase,
            status=self.status,
            status_raw=None,
            started=self.status not in (Status.NOT_STARTED, Status.READY_TO_START),
            complete=self.status is Status.COMPLETED,
        )


@dataclass(frozen=True)
class NotReady:
    """The service says that the phase cannot be started yet.

    `blockers` are the earlier phases that are not complete. There may be none: then the service has not yet caught up with
    itself, and asking again soon is right. `send` is what would follow.
    """

    phase: Phase
    blockers: tuple[Phase, ...]
    send: Send

    @property
    def is_lag(self) -> bool:
        return not self.blockers

    def explain(self, release: Release) -> ReleaseError:
        return ReleaseError(
            f"{describe(self.phase, release)} is not ready to start: {self._reason()}. {self._remedy()}",
            "phase_not_ready",
        )

    def forecast(self, release: Release) -> str:
        """A warning for check mode, in which the earlier phases are not started either."""
        return f"{describe(self.phase, release)} is not ready to start yet: {self._reason()}."

    def _reason(self) -> str:
        if self.blockers:
            return f"{join_names(self.blockers)} must complete first"
        return f"all earlier phases are complete, but LaunchDarkly still reports '{self.phase.status_raw}'"

    def _remedy(self) -> str:
        if self.blockers:
            return "Complete the earlier phases first, or use the role, which runs the phases in order."
        return "Check the release in LaunchDarkly, and rerun the task if it is only slow."


@dataclass(frozen=True)
class Refuse:
    """Any request would be a guess, or would undo a decision of a person."""

    phase: Phase
    error: ReleaseError


Action = t.Union[Nothing, Send, NotReady, Refuse]


def plan(release: Release, desired: DesiredPhase, phase: Phase | None = None) -> Action:
    """Compare the desired status of a phase with the current one. `phase` is given where it was found before.

    Raises ReleaseError `phase_not_found`, `phase_ambiguous`, `audience_not_found` and OptionError `invalid_option` where the
    options do not fit the release.
    """
    phase = phase or find_phase(release, desired.phase)
    if phase.status is Status.UNKNOWN:
        return Refuse(phase, unknown_status(phase, release))
    if is_settled(phase, desired):
        return Nothing(phase)
    if release.canceled:
        return Refuse(phase, release_canceled(release))
    if phase.status is Status.PAUSED and desired.status is Status.ACTIVE and not desired.strict:
        return Refuse(phase, phase_paused(phase, release))
    if release.is_legacy and desired.status is Status.ACTIVE:
        return Refuse(phase, legacy_start(phase, release))
    send = Send(phase, desired.status, find_audiences(phase, release, desired.audiences))
    if phase.status is Status.NOT_STARTED and desired.status is Status.ACTIVE:
        return NotReady(phase, blockers_of(phase, release), send)
    return send


def is_settled(phase: Phase, desired: DesiredPhase) -> bool:
    """Does the phase have the desired status?"""
    return phase.status is not Status.UNKNOWN and satisfies(phase, desired.status, strict=desired.strict)


def satisfies(phase: Phase, status: Status, *, strict: bool = False) -> bool:
    """A started phase completes by itself, so a completed phase counts as `active` unless `strict` is set."""
    if status is Status.COMPLETED:
        return phase.is_completed
    if status is Status.ACTIVE and not strict and phase.is_completed:
        return True
    return phase.status is status


def took_effect(before: Phase, now: Phase, desired: DesiredPhase) -> bool:
    """Does `now` show that a request for the desired status, sent at `before`, was carried out?

    Also under `strict`: a phase that was started and has completed since did take effect.
    """
    if satisfies(now, desired.status, strict=desired.strict):
        return True
    return differs(before, now) and satisfies(now, desired.status)


def differs(before: Phase, now: Phase) -> bool:
    """Has anything that a status request sets changed between two reads of a phase?"""
    return (before.status, before.started, before.is_completed) != (now.status, now.started, now.is_completed)


def find_phase(release: Release, wanted: str) -> Phase:
    """The one phase with this id, else the one with exactly this name."""
    pipeline = f" (pipeline {release.pipeline_key})" if release.pipeline_key else ""
    where = f"the release of {release.project_key}/{release.flag_key}{pipeline}"
    return _find_named(release.phases, wanted, where, join_names(release.phases))


def find_pipeline_phase(pipeline: Pipeline, project_key: str, wanted: str) -> PipelinePhase:
    """As `find_phase`, in the pipeline itself."""
    names = ", ".join(f"'{phase.name}'" for phase in pipeline.phases)
    return _find_named(pipeline.phases, wanted, f"release pipeline '{pipeline.key}' of project {project_key}", names)


def _find_named(phases: Sequence[N], wanted: str, where: str, available: str) -> N:
    found = [phase for phase in phases if phase.id == wanted] or [phase for phase in phases if phase.name == wanted]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ReleaseError(f"There is no phase '{wanted}' in {where}. Available: {available}.", "phase_not_found")
    ids = ", ".join(phase.id for phase in found)
    raise ReleaseError(f"'{wanted}' matches more than one phase of {where}. Give its id: {ids}.", "phase_ambiguous")


def find_audiences(
    phase: Phase, release: Release, wanted: tuple[AudienceSettings, ...] | None
) -> tuple[AudienceStart, ...] | None:
    """Replace what the user calls an audience (id, name or environment key) by its id."""
    if wanted is None:
        return None
    found = tuple(AudienceStart(_find_audience(phase, release, item.audience).id, item) for item in wanted)
    ids = [item.audience_id for item in found]
    for item in found:
        if ids.count(item.audience_id) > 1:
            raise OptionError(f"audiences: '{item.settings.audience}' names the same audience as another entry.")
    return found


def _find_audience(phase: Phase, release: Release, wanted: str) -> Audience:
    audiences = phase.audiences or ()
    found = [item for item in audiences if wanted in (item.id, item.name, item.environment_key)]
    if len(found) == 1:
        return found[0]
    where = describe(phase, release)
    if not found:
        known = ", ".join(f"'{item.name}' ({item.environment_key}, {item.id})" for item in audiences) or "none"
        raise ReleaseError(f"audiences: {where} has no audience '{wanted}'. Available: {known}.", "audience_not_found")
    ids = ", ".join(item.id for item in found)
    raise OptionError(f"audiences: '{wanted}' matches more than one audience of {where}. Give its id: {ids}.")


def blockers_of(phase: Phase, release: Release) -> tuple[Phase, ...]:
    return tuple(earlier for earlier in release.phases[: phase.index] if not earlier.is_completed)


def warnings_about(release: Release, but: Phase) -> list[str]:
    """Unknown statuses of other phases; they do not stop this one."""
    return [
        f"{describe(phase, release)} has the status '{phase.status_raw}', which this version of the collection does not know."
        for phase in release.phases
        if phase.status is Status.UNKNOWN and phase.index != but.index
    ]


def unknown_status(phase: Phase, release: Release) -> ReleaseError:
    return ReleaseError(
        f"{describe(phase, release)} has the status '{phase.status_raw}', which this version of the collection does not know."
        " Nothing was sent. Check the release in LaunchDarkly, and look for a newer version of the collection.",
        "unknown_status",
    )


def legacy_start(phase: Phase, release: Release) -> ReleaseError:
    return ReleaseError(
        f"{describe(phase, release)} cannot be started: its release has no status words, as the releases of legacy pipelines have none."
        " LaunchDarkly's API only marks such phases as complete. Change the flag's targeting, then mark the phase as complete in"
        " LaunchDarkly; or release the flag in environments (ld_environment_release), without a pipeline.",
        "phase_not_ready",
    )


def release_canceled(release: Release) -> ReleaseError:
    when = f" at {release.canceled_at}" if release.canceled_at else ""
    return ReleaseError(
        f"The release of {release.project_key}/{release.flag_key} was canceled{when}. Its phases will not change any more;"
        " ld_release with replace: true starts a new release.",
        "release_canceled",
    )


def phase_paused(phase: Phase, release: Release) -> ReleaseError:
    return ReleaseError(
        f"{describe(phase, release)} is paused, by a person or by a regression in a guarded rollout. Find the cause and resume it in"
        " LaunchDarkly; with strict: true the task requests the status active nevertheless.",
        "phase_paused",
    )


def describe(phase: Phase, release: Release) -> str:
    return f"Phase '{phase.name}' of {release.project_key}/{release.flag_key}"


def join_names(phases: tuple[Phase, ...]) -> str:
    if not phases:
        return "no phases"
    listed = ", ".join(f"'{phase.name}' ({phase.status_raw or phase.status})" for phase in phases)
    return f"phase {listed}" if len(phases) == 1 else f"phases {listed}"
