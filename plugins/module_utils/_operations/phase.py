# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operation of ld_release_phase: give one phase a status, and wait for it."""

from __future__ import annotations

import typing as t

from .._core.data import to_builtin
from .._core.errors import ApiError, ReleaseError
from .._decisions import phase as phase_rules
from .converge import Change
from .observed_phase import ObservedPhase
from .phase_wait import PhaseWait

if t.TYPE_CHECKING:
    from .._backends.base import ApprovalApi, FlagApi, PipelineDefinitionApi, ReleaseApi
    from .._http.client import Http
    from .._model.desired import DesiredPhase
    from .._model.release import Phase, Release

# How long the service may lag behind itself: all earlier phases complete, this one not yet ready (seconds).
# LaunchDarkly's own provisioning code retries such a start for about as long.
READY_LAG = 30.0
FIRST_LAG_PAUSE = 0.5
LONGEST_LAG_PAUSE = 3.0


class PhaseOperation(Change[phase_rules.Send]):
    """Gives one phase its desired status, and waits for what comes of it if asked."""

    def __init__(
        self,
        api: ReleaseApi,
        flags: FlagApi,
        approvals: ApprovalApi,
        pipelines: PipelineDefinitionApi,
        http: Http,
        desired: DesiredPhase,
        *,
        check_mode: bool,
    ) -> None:
        super().__init__(http, check_mode=check_mode)
        self._api = api
        self._flags = flags
        self._desired = desired
        self._observed = ObservedPhase(api, http.runtime, desired.target, desired.phase)
        self._waiting = PhaseWait(self._observed, approvals, pipelines, http)
        self._predicted: Phase | None = None
        self.warnings += desired.warnings

    def run(self) -> None:
        try:
            super().run()
        except ApiError as error:
            raise self._explain(error) from error
        if self._check_mode:
            return
        try:
            if self._desired.wait:
                self._waiting.run(self._desired.wait)
            else:
                self._waiting.report_approvals()
        finally:
            self.warnings += self._waiting.warnings

    def _explain(self, error: ApiError) -> ApiError:
        """LaunchDarkly gives the same answer for a flag that does not exist and for one without a release."""
        if not _is_not_found(error) or self._observed.release is not None:
            return error
        target = self._desired.target
        try:
            self._flags.get_flag(target)
        except ApiError as no_flag:
            if not _is_not_found(no_flag):
                return error
            return error.with_message(
                f"There is no flag {target} that can be read. Check project_key and flag_key, and that the token may view the flag."
            )
        return error.with_message(
            f"The flag {target} has no release. Attach it to a release pipeline first, with ld_release or in LaunchDarkly."
        )

    def to_result(self) -> dict[str, t.Any]:
        before, after = self._observed.first, self._predicted or self._observed.last
        release = self._observed.release
        if release and self._predicted:
            release = release.with_phase(self._predicted)
        changed = self._changed or self._waiting.has_applied
        return {
            "changed": changed,
            "action": self._action,
            "previous_status": before.status.value if before else None,
            "phase": to_builtin(after) if after else None,
            "release": release.to_result() if release else None,
            "diff": {"before": self._view(before), "after": self._view(after if changed else before)},
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
            "waited": round(self._waiting.waited, 3),
            "waited_for": self._waiting.waited_for,
            "approvals": [request.to_result() for request in self._waiting.approvals],
            "approval_pending": self._waiting.approval_pending,
        }

    def _view(self, phase: Phase | None) -> dict[str, t.Any]:
        """What a status request changes, without times: those differ between a prediction and the real thing."""
        if phase is None:
            return {}
        target = self._desired.target
        return {
            "project_key": target.project_key,
            "flag_key": target.flag_key,
            "phase": phase.name,
            "status": phase.status.value,
            "started": phase.started,
            "complete": phase.complete,
        }

    def _look(self) -> None:
        is_first = self._observed.first is None
        self._observed.look()
        if is_first:
            self.warnings += phase_rules.warnings_about(self._seen(), but=self._phase())

    def _seen(self) -> Release:
        return self._observed.seen()

    def _phase(self) -> Phase:
        return self._observed.phase()

    def _planned(self) -> phase_rules.Action:
        return phase_rules.plan(self._seen(), self._desired, self._phase())

    def _is_satisfied(self) -> bool:
        return phase_rules.is_settled(self._phase(), self._desired)

    def _took_effect(self, request: phase_rules.Send) -> bool:
        now = next((phase for phase in self._seen().phases if phase.id == request.phase.id), None)
        return now is not None and phase_rules.took_effect(request.phase, now, self._desired)

    def _differs(self) -> bool:
        return self._observed.first is not None and phase_rules.differs(self._observed.first, self._phase())

    def _describe(self, request: phase_rules.Send) -> str:
        return f"set {phase_rules.describe(request.phase, self._seen())} to {request.status}"

    def _predict(self) -> None:
        action = self._planned()
        if isinstance(action, phase_rules.Refuse):
            raise action.error
        if isinstance(action, phase_rules.NotReady):
            self.warnings.append(action.forecast(self._seen()))
            action = action.send
        if isinstance(action, phase_rules.Send):
            self._action = action.name
            self._changed = True
            self._predicted = action.predict()

    def _decide(self) -> phase_rules.Send | None:
        """Reads again for a short while when only the service's own lag is in the way."""
        action = self._planned()
        deadline = self._runtime.monotonic() + READY_LAG
        pause = FIRST_LAG_PAUSE
        while isinstance(action, phase_rules.NotReady) and action.is_lag and self._runtime.monotonic() < deadline:
            self._runtime.sleep(pause)
            pause = min(pause * 2, LONGEST_LAG_PAUSE)
            self._look()
            action = self._planned()
        if isinstance(action, phase_rules.NotReady):
            raise action.explain(self._seen())
        if isinstance(action, phase_rules.Refuse):
            raise action.error
        return action if isinstance(action, phase_rules.Send) else None

    def _send(self, request: phase_rules.Send) -> None:
        audiences = (
            None if request.audiences is None else {item.audience_id: item.settings for item in request.audiences}
        )
        self._observed.see(self._api.set_phase_status(self._desired.target, request.phase, request.status, audiences))

    def _not_applied(self, request: phase_rules.Send) -> ReleaseError:
        now = self._phase()
        return ReleaseError(
            f"LaunchDarkly accepted the request to {self._describe(request)}, but the phase still has the status"
            f" '{now.status_raw or now.status}'. Check the release in LaunchDarkly before you rerun the task.",
            "not_applied",
        )


def _is_not_found(error: ApiError) -> bool:
    return (error.status, error.code) == (404, "not_found")
