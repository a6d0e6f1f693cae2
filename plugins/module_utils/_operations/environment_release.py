# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operation behind ld_environment_release: read, decide, send, believe only what is seen, wait."""

from __future__ import annotations

import dataclasses
import typing as t

from .._core.errors import ApiError, ExchangeError, LaunchDarklyError, ReleaseError
from .._decisions import environment_errors as errors
from .._decisions import environment_resolve as resolve
from .._decisions import environment_rules as rules
from .._decisions import environment_warnings as warn
from .._decisions.environment_actions import (
    AwaitApproval,
    Done,
    Holding,
    Patch,
    Refuse,
    RequestApproval,
    Running,
    Start,
    Stop,
)
from .._decisions.environment_forecast import forecast, is_predicted
from .._decisions.environment_next_action import plan
from .._decisions.markers import read_release_mark
from .._model.desired_environment import State
from .._model.environment_release import percent_of
from .._model.flag import AddRule
from .._model.release import Status, time_from_millis
from .environment_facts import ObservedEnvironment
from .environment_wait import EnvironmentWait
from .environment_write import WRITES, EnvironmentWrite

if t.TYPE_CHECKING:
    from .._decisions.environment_actions import Action, Facts, Write
    from .._http.client import Http
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.flag import EnvironmentTargeting
    from .environment_facts import EnvironmentApis

HEALTH_CHECKS_FAILED = "health_checks_failed"


class EnvironmentReleaseOperation:
    """Releases a variation in one environment, or undoes that."""

    def __init__(
        self, apis: EnvironmentApis, http: Http, desired: DesiredEnvironmentRelease, *, check_mode: bool
    ) -> None:
        self._apis = apis
        self._http = http
        self._runtime = http.runtime
        self._check_mode = check_mode
        self._observed = ObservedEnvironment(apis, http.service_time, desired, with_context_kinds=check_mode)
        self._waiting = EnvironmentWait(self._observed, apis.approvals, http)
        self._predicted: Facts | None = None
        self._before: dict[str, t.Any] = {}
        self._action = "none"
        self._changed = False
        self._undo_recorded = False
        self._has_started = desired.begun
        # Was all that is known read after the last write?
        self._is_fresh = True
        self._last: Action | None = None
        self._status: Status | None = None
        self._previous_status: Status | None = None
        self.warnings = self._observed.warnings

    def run(self) -> None:
        action = self._decide()
        self._previous_status = action.status
        self._before = self._view()
        try:
            if self._check_mode:
                self._predict(action)
            else:
                while self._go_on(action):
                    action = self._decide()
        except LaunchDarklyError as error:
            self._see_status_after(error)
            raise
        if self._changed and self._observed.desired.state is State.ROLLED_BACK:
            self._status = Status.REVERTED

    def _decide(self) -> Action:
        self._last = action = self._observed.decide()
        self._status = action.status
        return action

    def _see_status_after(self, error: LaunchDarklyError) -> None:
        """The status that a failure leaves, as far as it was seen."""
        if self._check_mode or isinstance(self._last, Refuse):
            return
        if error.code == "release_reverted":
            self._status = Status.REVERTED
            return
        try:
            self._status = plan(self._observed.facts, self._observed.desired).status
        except LaunchDarklyError:
            self._status = None

    def _go_on(self, action: Action) -> bool:
        """Do what was decided; True when there is something to decide again."""
        if isinstance(action, Refuse):
            if self._is_fresh:
                raise action.error
            # Between the reads of this task and the answer to its write, somebody else may have started something.
            self._observed.look()
            self._is_fresh = True
            return True
        if isinstance(action, WRITES):
            self._is_fresh = False
            self._write(action)
            return True
        if isinstance(action, Running):
            self._note_running(action)
        if isinstance(action, Done) and self._sweep():
            return True
        try:
            return self._waiting.step(action)
        finally:
            if self._waiting.has_applied:
                self._action, self._changed = "apply", True

    def _sweep(self) -> bool:
        """After this run has released to everybody, the rules of earlier audiences serve no purpose."""
        desired = self._observed.desired
        if desired.state is not State.RELEASED or desired.sweep or desired.leaves_rules or not self._changed:
            return False
        self._observed.desired = dataclasses.replace(desired, sweep=True)
        return True

    def _note_running(self, action: Running) -> None:
        if self._action == "none":
            self._action = "adopted"
        drift = warn.about_drift(action.release, self._observed.desired)
        self.warnings += [text for text in drift if text not in self.warnings]
        if self._observed.release is None:
            self._observed.release = action.release
        if action.release.has_regressed and self._observed.desired.waiting.on_regression == "roll_back":
            self._send(Stop(action.release, roll_forward=False))
            raise errors.regression_detected(self._observed.desired.target, action.release, stopped=True)

    def _write(self, action: Write) -> None:
        if isinstance(action, (Start, Patch)) and action.name == "start":
            self._check_first_start(action)
        self.warnings += warn.about_turning_on(self._observed.facts, self._observed.desired, action)
        try:
            self._send(action)
        except ApiError as error:
            if self._may_request_approval(error, action):
                self._send(action, as_approval=True)
                return
            raise

    def _check_first_start(self, action: Start | Patch) -> None:
        """At most one release a run: what was released and is to be released again was changed by somebody else."""
        is_sweep = isinstance(action, Patch) and action.status is Status.COMPLETED
        if not self._has_started or is_sweep:
            return
        desired = self._observed.desired
        # Permission to release again was for the first time; without it, the plan may say what happened.
        refused = plan(self._observed.facts, dataclasses.replace(desired, retry_reverted=False))
        if isinstance(refused, Refuse):
            raise refused.error
        raise ReleaseError(
            f"{desired.target} was released, but is not served any more: somebody changed it meanwhile. Nothing was started again. Look"
            " at the flag in LaunchDarkly before you run the task again.",
            "not_applied",
        )

    def _send(self, action: Write, *, as_approval: bool = False) -> None:
        until = self._runtime.monotonic() + self._observed.desired.waiting.health_check_timeout
        while True:
            stop = action if isinstance(action, Stop) and self._observed.desired.state is State.RELEASED else None
            write = EnvironmentWrite(self._apis, self._observed, self._http, as_approval=as_approval, stop=stop)
            try:
                write.run()
            except ExchangeError as error:
                self._take_over(write)
                left = until - self._runtime.monotonic()
                if error.code != HEALTH_CHECKS_FAILED or left <= 0:
                    raise
                # A start that is refused has created nothing.
                self._runtime.sleep(min(self._observed.desired.waiting.interval, left))
                self._observed.look()
                continue
            except LaunchDarklyError:
                self._take_over(write)
                raise
            self._take_over(write)
            if isinstance(action, Stop):
                # Its answer does not show what the flag serves now.
                self._observed.look_at_flag()
            return

    def _take_over(self, write: EnvironmentWrite) -> None:
        """What a write did, also one that failed."""
        sent = write.sent
        if write.action != "none":
            self._action = write.action
        self._changed = self._changed or write.changed
        if not write.changed or sent is None:
            return
        is_undo = sent.is_undo if isinstance(sent, Patch) else isinstance(sent, Stop) and not sent.roll_forward
        self._undo_recorded = self._undo_recorded or is_undo
        is_preparation = isinstance(sent, Patch) and sent.comes_first
        self._has_started = self._has_started or (sent.name == "start" and not is_preparation)
        if isinstance(sent, Patch):
            self._check_mark(sent)

    def _check_mark(self, sent: Patch) -> None:
        """That LaunchDarkly keeps the description of a rule that a semantic patch adds is not documented."""
        for change in sent.changes:
            if not isinstance(change, AddRule):
                continue
            found = [rule for rule in self._observed.targeting.rules if rule.clauses == change.clauses]
            if found and not any(read_release_mark(rule.description) for rule in found):
                self.warnings.append(
                    f"{self._observed.desired.target}: LaunchDarkly did not keep the description of the new rule, so that rolled_back"
                    " will not recognise it. Describe it by hand: " + change.description
                )

    def _may_request_approval(self, error: ApiError, action: Write) -> bool:
        desired = self._observed.desired
        return error.code == "approval_required" and desired.request_approval and isinstance(action, Patch)

    def _predict(self, action: Action) -> None:
        """Check mode: what would be sent, one request after the other, if LaunchDarkly does as it is asked."""
        desired = self._observed.desired
        if isinstance(action, Running):
            self._note_running_in_check_mode(action)
        if isinstance(action, AwaitApproval):
            self._waiting.request = action.request
        if isinstance(action, WRITES) and self._predict_approval(action):
            return
        facts = self._observed.facts
        while isinstance(action, WRITES) and not isinstance(action, RequestApproval):
            self._action, self._changed = action.name, True
            facts = forecast(facts, desired.target.environment_key, action)
            facts = dataclasses.replace(facts, undone=bool(facts.undone) and not isinstance(action, (Start, Patch)))
            self._predicted = facts
            self._last = action = plan(facts, desired)
            self._status = action.status
        if isinstance(action, Refuse):
            raise action.error
        if self._changed and desired.state is State.ROLLED_BACK:
            self._status = Status.REVERTED

    def _note_running_in_check_mode(self, action: Running) -> None:
        self._action = "adopted"
        self.warnings += warn.about_drift(action.release, self._observed.desired)
        if action.release.has_regressed and self._observed.desired.waiting.on_regression != "wait":
            raise errors.regression_detected(self._observed.desired.target, action.release, stopped=False)

    def _predict_approval(self, action: Write) -> bool:
        """Warn about what may be in the way; True when an approval request is what would be sent."""
        desired, facts = self._observed.desired, self._observed.facts
        self.warnings += warn.about_turning_on(facts, desired, action)
        if desired.state is State.RELEASED:
            self.warnings += warn.about_health_checks(facts, desired, action)
            self.warnings += warn.about_rules_ahead(facts, desired)
        try:
            settings = self._apis.releases.get_approval_settings(desired.target)
        except ExchangeError as error:
            self.warnings.append(f"{error.message} Whether the environment requires approvals is not known.")
            return False
        self.warnings += warn.about_approvals(facts, desired, settings)
        if not (settings.covers(facts.flag) and desired.request_approval):
            return False
        self._action, self._changed, self._status = "request_approval", True, Status.ACTIVE
        return True

    def to_result(self) -> dict[str, t.Any]:
        after = self._view() if self._changed else self._before
        request = self._waiting.request
        return {
            "changed": self._changed,
            "action": self._action,
            "status": self._status.value if self._status else None,
            "previous_status": self._previous_status.value if self._previous_status else None,
            "release": self._release_result(),
            "targeting": self._targeting_result(),
            "approvals": [request.to_result()] if request else [],
            "approval_pending": request is not None and request.status != "completed",
            "waits_until": self._waits_until(),
            "undo_recorded": self._undo_recorded,
            "diff": {"before": self._before, "after": after},
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
            "waited": round(self._waiting.waited, 3),
            "waited_for": self._waiting.waited_for,
        }

    def _facts(self) -> Facts | None:
        return self._predicted or (self._observed.facts if self._observed.has_looked else None)

    def _release_result(self) -> dict[str, t.Any] | None:
        """The release that was waited for or ended, else the newest one of the target that says where it stands."""
        facts = self._facts()
        if facts is None:
            return None
        release = self._observed.release
        if release is None or self._predicted is not None:
            target = self._target_id()
            release = rules.newest_release(facts.releases or (), target) if target else None
            # One that was reverted says nothing of what was released by hand or at once after it.
            if release is not None and release.is_over and release.status is not self._status:
                return None
        if release is None:
            return None
        shown = release.to_result(facts.flag)
        return {**shown, "id": None} if self._predicted and is_predicted(release) else shown

    def _target_id(self) -> str | None:
        facts = self._facts()
        try:
            return resolve.find_target(facts.flag, self._observed.desired).id if facts else None
        except LaunchDarklyError:
            return None

    def _targeting_result(self) -> dict[str, t.Any] | None:
        facts = self._facts()
        desired = self._observed.desired
        targeting = facts.flag.environments.get(desired.target.environment_key) if facts else None
        if facts is None or targeting is None:
            return None
        return targeting_result(facts, targeting, self._target_id(), desired.before_rule_id)

    def _waits_until(self) -> str | None:
        if isinstance(self._last, Holding):
            return time_from_millis(self._last.until)
        return time_from_millis(self._last.release.next_step_at) if isinstance(self._last, Running) else None

    def _view(self) -> dict[str, t.Any]:
        """What this task may change, without times and IDs of the service's choice: those differ from a prediction."""
        facts, desired = self._facts(), self._observed.desired
        shown = self._targeting_result()
        if facts is None or shown is None:
            return {}
        targeting = facts.flag.environments[desired.target.environment_key]
        default = shown["default_variation"]
        return {
            "project_key": desired.target.project_key,
            "flag_key": desired.target.flag_key,
            "environment_key": desired.target.environment_key,
            "status": self._status.value if self._status else None,
            "on": shown["on"],
            "default_variation": default["id"] if default else None,
            "percent": shown["percent"],
            "release_rules": len(rules.release_rules(targeting, facts.releases or ())),
        }


def targeting_result(
    facts: Facts, targeting: EnvironmentTargeting, target_id: str | None, before_rule_id: str | None
) -> dict[str, t.Any]:
    """`percent` is the share of the target on the default rule."""
    served = targeting.default.only if targeting.default else None
    share = rules.share_of(targeting.default, target_id) if target_id and targeting.on else 0
    return {
        "on": targeting.on,
        "default_variation": facts.flag.variation(served).to_result() if served else None,
        "percent": percent_of(share) if target_id else None,
        "rules_ahead": len(rules.rules_ahead(targeting, facts.releases or (), before_rule_id)),
        "version": targeting.version,
        "changed_at": time_from_millis(targeting.changed_at),
    }
