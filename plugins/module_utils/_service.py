# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operations: read, decide, apply, look again, wait. The decisions themselves are in `_plan` and `_conditions`."""

from __future__ import annotations

import typing as t

from . import _conditions, _plan
from ._change import Change
from ._errors import ExchangeError, ReleaseError
from ._models import Status, to_plain
from ._narrate import Narrator

if t.TYPE_CHECKING:
    from ._api import ReleaseApi
    from ._desired import DesiredPhase, Target, Wait
    from ._http import Http
    from ._models import Phase, Release

# How long the service may lag behind itself: all earlier phases complete, this one not yet ready (seconds).
# LaunchDarkly's own provisioning code retries such a start for about as long.
READY_LAG = 30.0
LONGEST_LAG_PAUSE = 3.0
FIRST_POLL = 0.5
POLL_GROWTH = 1.5


class PhaseOperation(Change[_plan.Send]):
    """Gives one phase its desired status, and waits for what comes of it if asked."""

    def __init__(self, api: ReleaseApi, http: Http, desired: DesiredPhase, *, check_mode: bool) -> None:
        super().__init__(http, check_mode=check_mode)
        self._api = api
        self._desired = desired
        self._release: Release | None = None
        self._seen_at = 0.0
        self._before: Phase | None = None
        self._after: Phase | None = None
        self._waited = 0.0
        self._waited_for: str | None = None
        self.warnings += desired.warnings

    def run(self) -> None:
        super().run()
        if self._desired.wait and not self._check_mode:
            self._wait(self._phase(), self._desired.wait)

    def to_result(self) -> dict[str, t.Any]:
        shown_after = self._after if self._changed else self._before
        return {
            "changed": self._changed,
            "action": self._action,
            "previous_status": self._before.status.value if self._before else None,
            "phase": to_plain(self._after) if self._after else None,
            "release": self._release.to_result() if self._release else None,
            "diff": {"before": self._view(self._before), "after": self._view(shown_after)},
            "requests": self._http.requests_made,
            "waited": round(self._waited, 3),
            "waited_for": self._waited_for,
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

    def _look(self, deadline: float | None = None) -> None:
        self._see(self._api.get_release(self._desired.target, deadline))

    def _see(self, release: Release) -> None:
        self._release = release
        self._seen_at = self._runtime.monotonic()
        if self._before is None:
            self._before = _plan.find_phase(release, self._desired.phase)
            self.warnings += _plan.warnings_about(release, but=self._before)
        self._after = next((phase for phase in release.phases if phase.id == self._before.id), self._after)

    def _seen(self) -> Release:
        if self._release is None:
            raise RuntimeError("no release has been read yet")
        return self._release

    def _phase(self) -> Phase:
        """The phase as seen last, found by its id; a name may have changed its owner since."""
        wanted = self._before.id if self._before else self._desired.phase
        return _plan.find_phase(self._seen(), wanted)

    def _planned(self) -> _plan.Action:
        return _plan.plan(self._seen(), self._desired, self._phase())

    def _is_satisfied(self) -> bool:
        return _plan.is_settled(self._phase(), self._desired)

    def _took_effect(self, request: _plan.Send) -> bool:
        now = next((phase for phase in self._seen().phases if phase.id == request.phase.id), None)
        return now is not None and _plan.took_effect(request.phase, now, self._desired)

    def _differs(self) -> bool:
        return self._before is not None and _plan.differs(self._before, self._phase())

    def _may_be_outrun(self, request: _plan.Send, error: ExchangeError) -> bool:
        return error.status == 400 and request.status is Status.ACTIVE

    def _describe(self, request: _plan.Send) -> str:
        return f"set {_plan.describe(request.phase, self._seen())} to {request.status}"

    def _predict(self) -> None:
        action = self._planned()
        if isinstance(action, _plan.Refuse):
            raise action.error
        if isinstance(action, _plan.NotReady):
            self.warnings.append(action.forecast(self._seen()))
            action = action.send
        if isinstance(action, _plan.Send):
            self._action = action.name
            self._changed = True
            self._after = action.predict()
            self._release = self._seen().with_phase(self._after)

    def _decide(self) -> _plan.Send | None:
        """Asks again for a short while when only the service's own lag is in the way."""
        action = self._planned()
        deadline = self._runtime.monotonic() + READY_LAG
        pause = FIRST_POLL
        while isinstance(action, _plan.NotReady) and action.is_lag and self._runtime.monotonic() < deadline:
            self._runtime.sleep(pause)
            pause = min(pause * 2, LONGEST_LAG_PAUSE)
            self._look()
            action = self._planned()
        if isinstance(action, _plan.NotReady):
            raise action.explain(self._seen())
        if isinstance(action, _plan.Refuse):
            raise action.error
        return action if isinstance(action, _plan.Send) else None

    def _send(self, request: _plan.Send) -> None:
        audiences = (
            None if request.audiences is None else {item.audience_id: item.settings for item in request.audiences}
        )
        self._see(self._api.set_phase_status(self._desired.target, request.phase, request.status, audiences))

    def _not_applied(self, request: _plan.Send) -> ReleaseError:
        now = self._phase()
        return ReleaseError(
            f"LaunchDarkly accepted the request to {self._describe(request)}, but the phase still answers"
            f" '{now.status_raw or now.status}'. Look at the release in LaunchDarkly before you run the task again.",
            "not_applied",
        )

    def _wait(self, phase: Phase, wait: Wait) -> None:
        begun = self._runtime.monotonic()
        deadline = begun + wait.timeout
        pause = FIRST_POLL
        narrator = Narrator(self._desired.target, wait)
        try:
            while not self._is_over(phase, wait):
                now = self._runtime.monotonic()
                left = deadline - now
                if left <= 0:
                    raise self._timed_out(phase, wait)
                line = narrator.line(self._phase(), now - begun)
                if line:
                    self._runtime.tell(line)
                self._runtime.sleep(min(pause, wait.interval, left))
                pause *= POLL_GROWTH
                self._poll(phase, wait, deadline)
        finally:
            self._waited = self._runtime.monotonic() - begun

    def _is_over(self, phase: Phase, wait: Wait) -> bool:
        progress = _conditions.assess(self._seen(), phase.id, wait.until)
        if isinstance(progress, _conditions.Ended):
            raise progress.error
        if isinstance(progress, _conditions.Met):
            self._waited_for = progress.waited_for
            return True
        return False

    def _poll(self, phase: Phase, wait: Wait, deadline: float) -> None:
        try:
            self._look(deadline)
        except ExchangeError as error:
            left = deadline - self._runtime.monotonic()
            comes_later = error.code == "rate_limited" and error.retry_after is not None and error.retry_after > left
            if not error.repeatable or comes_later:
                raise
            raise self._timed_out(phase, wait, error) from error

    def _timed_out(self, phase: Phase, wait: Wait, error: ExchangeError | None = None) -> ReleaseError:
        now = self._after or phase
        age = self._runtime.monotonic() - self._seen_at
        audiences = "".join(
            f" Audience '{item.name or item.id}' ({item.environment_key}): {item.status_raw or 'no status'}."
            for item in now.audiences or ()
        )
        failure = f" The last read failed: {error.message}" if error else ""
        return ReleaseError(
            f"{_plan.describe(now, self._seen())} did not become {wait.until} before wait_timeout ({wait.timeout:g} s) ran out."
            f" Last status: '{now.status_raw or now.status}', seen {age:.0f} s ago.{audiences}{failure}"
            " The phase goes on in LaunchDarkly; run the task again to go on waiting.",
            "wait_timeout",
        )


class InfoOperation:
    """Reads a flag's release."""

    def __init__(self, api: ReleaseApi, http: Http, target: Target) -> None:
        self._api = api
        self._http = http
        self._target = target
        self._release: Release | None = None
        self.warnings: list[str] = []

    def run(self) -> None:
        self._release = self._api.find_release(self._target)

    def to_result(self) -> dict[str, t.Any]:
        phases = self._release.phases if self._release else ()
        current = (phase for phase in phases if phase.status in (Status.ACTIVE, Status.PAUSED) and not phase.complete)
        upcoming = (
            phase
            for phase in phases
            if not (phase.is_completed or phase.started or phase.status in (Status.ACTIVE, Status.PAUSED))
        )
        return {
            "changed": False,
            "exists": self._release is not None,
            "release": self._release.to_result() if self._release else None,
            "current_phase": to_plain(next(current, None)),
            "next_phase": to_plain(next(upcoming, None)),
            "requests": self._http.requests_made,
        }
