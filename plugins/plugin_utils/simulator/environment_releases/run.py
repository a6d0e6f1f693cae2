# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One environment release in motion: its phases, its steps, its rules, and the ways in which it ends.

A run works on copies of the release and of the flag's environment. Each event is one change of the flag.
"""

from __future__ import annotations

from ..core.behavior import milliseconds
from ..core.documents import JsonObject, copied
from ..flags import rules
from .releases import COMPLETED, IN_PROGRESS, PENDING, REVERTED, WAITING
from .request import AUTOMATIC, CLEANUP, GUARDED
from .schedule import current_phase, step_end

RULES, FALLTHROUGH = "updateRules", "updateFallthrough"


class Run:
    """Moves one release, and the rules that belong to it."""

    def __init__(self, project: JsonObject, release: JsonObject) -> None:
        """Take copies; the project stays as it is."""
        self.project = project
        self.release = copied(release)
        self.flag = project["flags"][release["flagKey"]]
        self.key = release["environmentKey"]
        self.draft = copied(self.flag["environments"][self.key])
        # What happened, for the audit log: time, actions, event.
        self.events: list[tuple[int, list[str], str]] = []

    @property
    def phase(self) -> JsonObject | None:
        """The current phase: the first one while the release is pending, None between phases."""
        return current_phase(self.release)

    def _current(self) -> JsonObject:
        """Return the current phase of a release that is in one."""
        return self.phase or {"steps": [], "ruleId": None, "metricStatuses": {}}

    @property
    def pending_phases(self) -> list[JsonObject]:
        """The phases that have not started."""
        return [phase for phase in self.release["phases"] if phase["status"] == PENDING]

    def start_phase(self, index: int, at: int) -> None:
        """Start a phase with its first step."""
        for name in ("_startsAt", "_nextPhaseAt"):
            self.release.pop(name, None)
        phase = self.release["phases"][index]
        phase.update({"status": IN_PROGRESS, "startedAt": at, "currentStepIndex": 0})
        phase["steps"][0]["startedAt"] = at
        self._set_status(IN_PROGRESS, None)
        self.release["currentPhaseIndex"] = index
        self.release.setdefault("startedAt", at)
        self._serve(phase, self._share(phase["steps"][0]["allocation"]))
        self._happened(at, [RULES], "phase started")

    def end_step(self, at: int) -> None:
        """End the current step; the next one starts, or the phase is complete."""
        self.release.pop("_stepEndsAt", None)
        phase = self._current()
        index = phase["currentStepIndex"]
        phase["steps"][index]["endedAt"] = at
        if index + 1 == len(phase["steps"]):
            self._complete_phase(at)
            return
        phase["currentStepIndex"] = index + 1
        phase["steps"][index + 1]["startedAt"] = at
        self._serve(phase, self._share(phase["steps"][index + 1]["allocation"]))
        self._happened(at, [RULES], "step started")

    def _complete_phase(self, at: int) -> None:
        self._end_phase(self._current(), COMPLETED, "completed_automatic", at)
        self._serve(self._current(), self._target())
        if not self.pending_phases:
            self._end(COMPLETED, "completed_automatic", at)
            self._clean_up_later(at)
            return
        self.release["currentPhaseIndex"] = None
        if self.release["advancementMode"] == AUTOMATIC:
            # Documented: between phases the release waits, and may have no reason.
            self._set_status(WAITING, None)
            self.release["_nextPhaseAt"] = at + milliseconds(self.project, "phaseGap")
        else:
            self._set_status(WAITING, "waiting_phase_ended")
        self._happened(at, [RULES], "phase completed")

    def clean_up(self, at: int) -> None:
        """Remove the rules of the release, and let the default rule serve the target."""
        self.release.pop("_cleanupAt", None)
        if not self.release.get("_existingRule") or self.project["behavior"]["cleanupRemovesExistingRule"]:
            self._remove_rules(self.release["phases"])
        self.draft["fallthrough"] = rules.serving(self.draft["fallthrough"], self._target())
        self._happened(at, [RULES, FALLTHROUGH], "cleaned up")

    def regress(self, metric_key: str, at: int) -> None:
        """Let a metric regress: the release is reverted, or waits for a person."""
        self._forget("_regressions", metric_key)
        self._current()["metricStatuses"][metric_key] = "regressed"
        automatic = {item["metricKey"] for item in self.release["metrics"] if item["autoRollback"]}
        if metric_key in automatic:
            self.revert("reverted_regression_detected", at)
        else:
            self.wait("waiting_regression_detected", at)

    def wait(self, reason: str | None, at: int) -> None:
        """Pause the release until a person acts."""
        self.release.pop("_waitsAt", None)
        end = step_end(self.release)
        if end is not None and "_waitingSince" not in self.release:
            self.release.update({"_stepEndsAt": end, "_waitingSince": at})
        self._set_status(WAITING, reason)
        self._set_phase_status(WAITING, reason)

    def resume(self, at: int) -> None:
        """Dismiss regressions and continue. Assumption: the time of the pause does not count for the step."""
        statuses = self._current()["metricStatuses"]
        for key, status in statuses.items():
            if status == "regressed":
                statuses[key] = "regression_dismissed"
        since = self.release.pop("_waitingSince", at)
        end = step_end(self.release)
        if end is not None:
            self.release["_stepEndsAt"] = max(end, since) + at - since
        self._set_status(IN_PROGRESS, None)
        self._set_phase_status(IN_PROGRESS, None)

    def revert(self, reason: str, at: int) -> None:
        """Revert the current phase, and discard the phases that have not started.

        Assumption: phases that completed keep serving the target.
        """
        self._end_phase(self._current(), REVERTED, reason, at)
        self._serve(self._current(), self._original())
        self._discard_pending()
        self._end(REVERTED, reason, at)

    def discard(self, at: int, keep_rule: bool) -> None:
        """End the release because the flag changed underneath it."""
        phase = self.phase
        if phase is None:
            # Documented: a release is discarded only if its last started phase was, and that one had ended.
            last = [item for item in self.release["phases"] if "startedAt" in item][-1]
            self._discard_pending()
            self._end(last["status"], last.get("statusReason"), at)
        elif keep_rule:
            self._end_phase(phase, REVERTED, "reverted_discarded", at)
            self._discard_pending()
            self._end(REVERTED, "reverted_discarded", at)
        else:
            self.revert("reverted_discarded", at)

    def stop(self, forward: bool, all_phases: bool, at: int) -> None:
        """Stop the release as a resolution says."""
        completed = [phase for phase in self.release["phases"] if phase["status"] == COMPLETED]
        current = [] if self.phase is None else [self.phase]
        # Documented: a cleanup comes only when the final phase is running.
        cleans_up = forward and self.release["status"] != PENDING and current == self.release["phases"][-1:]
        if forward:
            others = [phase for phase in self.pending_phases if phase not in current] if all_phases else []
            self._stop_phases([*current, *others], COMPLETED, "completed_manual", self._target(), at)
            self._discard_pending()
            self._end(COMPLETED, "completed_manual", at)
        else:
            others = completed if all_phases else []
            self._stop_phases([*others, *current], REVERTED, "reverted_manual", self._original(), at)
            self._discard_pending()
            self._end(REVERTED, "reverted_manual", at)
        if cleans_up:
            self._clean_up_later(at)

    def _stop_phases(self, phases: list[JsonObject], status: str, reason: str, served: JsonObject, at: int) -> None:
        for phase in phases:
            self._end_phase(phase, status, reason, at)
            self._serve(phase, served)

    def _discard_pending(self) -> None:
        pending = self.pending_phases
        for phase in pending:
            phase.update({"status": REVERTED, "statusReason": "reverted_discarded"})
        self._remove_rules(pending)

    def _end_phase(self, phase: JsonObject, status: str, reason: str, at: int) -> None:
        phase.update({"status": status, "statusReason": reason})
        if "startedAt" in phase:
            phase.setdefault("endedAt", at)
        for step in phase.get("steps", ()):
            if "startedAt" in step:
                step.setdefault("endedAt", at)

    def _end(self, status: str, reason: str | None, at: int) -> None:
        self._set_status(status, reason)
        self.release["currentPhaseIndex"] = None
        self.release["endedAt"] = at
        for name in ("_startsAt", "_nextPhaseAt", "_stepEndsAt", "_waitingSince", "_waitsAt", "_insufficientDataAt"):
            self.release.pop(name, None)
        self.release.pop("_regressions", None)
        self._happened(at, [RULES], status)

    def _clean_up_later(self, at: int) -> None:
        if self.release["cleanupBehavior"] != CLEANUP:
            return
        delay = milliseconds(self.project, "cleanupDelay")
        if delay:
            self.release["_cleanupAt"] = at + delay
            return
        self.clean_up(at)

    def _forget(self, name: str, metric_key: str) -> None:
        kept = [item for item in self.release.get(name, ()) if item["metricKey"] != metric_key]
        self.release.pop(name, None)
        if kept:
            self.release[name] = kept

    def _set_status(self, status: str, reason: str | None) -> None:
        _set(self.release, status, reason)

    def _set_phase_status(self, status: str, reason: str | None) -> None:
        if self.phase is not None:
            _set(self.phase, status, reason)

    def _serve(self, phase: JsonObject, served: JsonObject) -> None:
        """Let the rule of a phase serve something, and enable it."""
        for index, rule in enumerate(self.draft["rules"]):
            if rule["_id"] == phase["ruleId"]:
                enabled = {name: value for name, value in rule.items() if name != "disabled"}
                self.draft["rules"][index] = rules.serving(enabled, served)

    def _remove_rules(self, phases: list[JsonObject]) -> None:
        removed = {phase["ruleId"] for phase in phases}
        self.draft["rules"] = [rule for rule in self.draft["rules"] if rule["_id"] not in removed]

    def _share(self, allocation: int) -> JsonObject:
        """Return the rollout of a step. Documented: the shares; inferred: this form of the rule while it runs."""
        target, original = self._index("targetVariationId"), self._index("originalVariationId")
        weights = [(target, allocation), (original, rules.FULL - allocation)]
        if self.release["kind"] == GUARDED:
            weights[1:] = [(original, allocation), (original, rules.FULL - 2 * allocation)]
        variations: list[JsonObject] = [
            {"variation": index, "weight": weight} for index, weight in weights if weight or index == target
        ]
        if len(variations) > 2:
            variations[2]["_untracked"] = True
        return {"rollout": {"variations": variations, "contextKind": self.release["randomizationUnit"]}}

    def _target(self) -> JsonObject:
        return {"variation": self._index("targetVariationId")}

    def _original(self) -> JsonObject:
        original = self._index("originalVariationId")
        if self.project["behavior"]["revertedRuleServes"] == "variation":
            return {"variation": original}
        weights = [
            {"variation": self._index("targetVariationId"), "weight": 0},
            {"variation": original, "weight": rules.FULL},
        ]
        return {"rollout": {"variations": weights, "contextKind": self.release["randomizationUnit"]}}

    def _index(self, name: str) -> int:
        return [item["_id"] for item in self.flag["variations"]].index(self.release[name])

    def _happened(self, at: int, actions: list[str], event: str) -> None:
        self.events.append((at, actions, event))

    def seal(self, at: int) -> None:
        """Make what an event did to the flag one change."""
        self.flag = rules.changed(self.flag, self.key, self.draft, at)
        self.draft = copied(self.flag["environments"][self.key])


def _set(document: JsonObject, status: str, reason: str | None) -> None:
    document["status"] = status
    document.pop("statusReason", None)
    if reason is not None:
        document["statusReason"] = reason
