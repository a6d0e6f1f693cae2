# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Brings an environment back to what a run of the role found there: read, decide, send, believe only what is seen."""

from __future__ import annotations

import typing as t

from .._decisions.environment_actions import Read, Refuse, Stop
from .._decisions.environment_restore import plan_restore, snapshot_from_result, snapshot_of
from .environment_facts import ObservedEnvironment
from .environment_release import EnvironmentReleaseOperation
from .environment_write import WRITES, EnvironmentWrite

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .._decisions.environment_actions import Action
    from .._decisions.environment_restore import Snapshot
    from .._http.client import Http
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .environment_facts import EnvironmentApis


Result = dict[str, t.Any]


class ChangedEnvironment(ObservedEnvironment):
    """An environment that a run has changed: what follows from what is known is what restores it."""

    def __init__(
        self,
        apis: EnvironmentApis,
        service_time: Callable[[], float],
        desired: DesiredEnvironmentRelease,
        found: Snapshot,
        left: Snapshot | None,
    ) -> None:
        super().__init__(apis, service_time, desired)
        self._found = found
        self._left = left

    def decide(self) -> Action:
        if not self.has_looked:
            self.look_at_flag()
        while isinstance(action := plan_restore(self.facts, self.desired, self._found, self._left), Read):
            self._read(action.source)
        return action

    def accept(self) -> None:
        """What is there now is what this run has left."""
        self._left = snapshot_of(self.targeting)


class EnvironmentRestoreOperation:
    """Restores targeting and the default rule, and removes the rules of releases that were not there."""

    def __init__(
        self,
        apis: EnvironmentApis,
        http: Http,
        desired: DesiredEnvironmentRelease,
        snapshots: tuple[Result, Result | None],
        *,
        check_mode: bool,
    ) -> None:
        self._apis = apis
        self._http = http
        self._check_mode = check_mode
        found, left = snapshots
        seen = None if left is None else snapshot_from_result(left)
        self._observed = ChangedEnvironment(apis, http.service_time, desired, snapshot_from_result(found), seen)
        self._changed = False
        self.warnings = self._observed.warnings

    def run(self) -> None:
        action = self._observed.decide()
        while isinstance(action, WRITES):
            if self._check_mode:
                self._changed = True
                return
            self._send(action if isinstance(action, Stop) else None)
            action = self._observed.decide()
        if isinstance(action, Refuse):
            raise action.error

    def _send(self, stop: Stop | None) -> None:
        write = EnvironmentWrite(self._apis, self._observed, self._http, stop=stop)
        try:
            write.run()
        finally:
            self._changed = self._changed or write.changed
        if stop is not None:
            # Its answer does not show what the flag serves now.
            self._observed.look_at_flag()
            self._observed.accept()

    def to_result(self) -> dict[str, t.Any]:
        return {
            "changed": self._changed,
            "undo_recorded": self._changed and not self._check_mode,
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }


class EnvironmentStepOperation(EnvironmentReleaseOperation):
    """A step of a run: its result also says what it has left in the environment, by which an undo knows changes of others."""

    def to_result(self) -> dict[str, t.Any]:
        left = None
        if self._observed.has_looked:
            key = self._observed.desired.target.environment_key
            targeting = self._observed.facts.flag.environments.get(key)
            left = snapshot_of(targeting).to_result() if targeting else None
        return {**super().to_result(), "left": left}
