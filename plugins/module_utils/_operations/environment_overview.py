# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Reads where a flag stands in several environments: one look at the flag, and what is needed besides."""

from __future__ import annotations

import dataclasses
import typing as t

from .._core.errors import ExchangeError
from .._decisions import environment_resolve as resolve
from .._decisions import environment_rules as rules
from .._decisions.environment_actions import AwaitApproval, Patch, Refuse
from .._decisions.environment_restore import snapshot_of
from .._decisions.environment_state import error_result, state_of
from .._decisions.markers import with_undo_mark
from .._model.release import Status
from .environment_facts import ObservedEnvironment

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from .._core.errors import LaunchDarklyError
    from .._decisions.environment_actions import Action
    from .._decisions.environment_state import EnvironmentState
    from .._http.client import Http
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.environment_release import EnvironmentRelease
    from .environment_facts import EnvironmentApis

BEGUN = (Status.ACTIVE, Status.PAUSED, Status.COMPLETED)


class EnvironmentOverviewOperation:
    """Where each of several releases of one flag stands. Lists of releases are read where the flag's targeting leaves a doubt.

    What was reverted or undone is shown as such, whatever `retry_reverted` says; with it, `error` is what is still refused.
    """

    def __init__(self, apis: EnvironmentApis, http: Http, entries: Sequence[DesiredEnvironmentRelease]) -> None:
        self._apis = apis
        self._http = http
        self._entries = tuple(entries)
        self._results: list[dict[str, t.Any]] = []
        # Whoever asks says what is worth a warning.
        self.warnings: list[str] = []

    def run(self) -> None:
        if not self._entries:
            return
        keys = list(dict.fromkeys(entry.target.environment_key for entry in self._entries))
        flag = self._apis.flags.get_flag(self._entries[0].target.flag, keys)
        known: dict[str, tuple[EnvironmentRelease, ...] | None] = {}
        for entry in self._entries:
            key = entry.target.environment_key
            first = dataclasses.replace(entry, retry_reverted=False)
            observed = ObservedEnvironment(
                self._apis, self._http.service_time, first, flag=flag, releases=known.get(key)
            )
            action = observed.decide()
            state = state_of(observed.facts, first, action)
            error = state.error
            if error is not None and entry.retry_reverted:
                error = self._refused_again(observed, entry)
            known[key] = observed.facts.releases
            self._results.append(
                {
                    "environment_key": key,
                    **state.to_result(observed.facts),
                    "error": error_result(error),
                    "is_unfinished": isinstance(action, Patch) and action.status is Status.COMPLETED,
                    "undo_mark": self._undo_mark(observed),
                    "audit_problem": observed.warnings[0] if observed.warnings else None,
                    **self._about(observed, state, action),
                }
            )

    def _refused_again(
        self, observed: ObservedEnvironment, entry: DesiredEnvironmentRelease
    ) -> LaunchDarklyError | None:
        """Why it is refused although what was reverted may be released again."""
        observed.desired = entry
        action = observed.decide()
        return action.error if isinstance(action, Refuse) else None

    def _undo_mark(self, observed: ObservedEnvironment) -> str | None:
        """What the audit log has, if the last change was an undo."""
        return with_undo_mark(None, resolve.audience_word(observed.desired)) if observed.facts.undone else None

    def _about(self, observed: ObservedEnvironment, state: EnvironmentState, action: Action) -> dict[str, t.Any]:
        """What a person wants to know before a release, besides where it stands."""
        facts, desired = observed.facts, observed.desired
        ahead = rules.rules_ahead(observed.targeting, facts.releases or (), desired.before_rule_id)
        return {
            "found": snapshot_of(observed.targeting).to_result(),
            "target_variation": resolve.find_target(facts.flag, desired).to_result(),
            "rules_ahead": len(ahead),
            "requires_approval": self._requires_approval(observed, action, state.status),
        }

    def _requires_approval(self, observed: ObservedEnvironment, action: Action, status: Status) -> bool | None:
        """None where it is of no use any more, or cannot be read: then the start finds out."""
        if isinstance(action, AwaitApproval):
            return True
        if status in BEGUN:
            return None
        try:
            return self._apis.releases.get_approval_settings(observed.desired.target).covers(observed.facts.flag)
        except ExchangeError:
            return None

    def to_result(self) -> dict[str, t.Any]:
        return {
            "changed": False,
            "environments": self._results,
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }
