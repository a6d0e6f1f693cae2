# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operation behind ld_flag_targeting: a flag's targeting on or off in one environment."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._core.errors import ReleaseError
from .._decisions.markers import with_undo_mark
from .converge import Change

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from .._backends.base import FlagApi
    from .._http.client import Http
    from .._model.desired import DesiredTargeting


@dataclass(frozen=True)
class Switch:
    """Turn the targeting on or off."""

    enabled: bool

    @property
    def name(self) -> str:
        return "turn_on" if self.enabled else "turn_off"


class TargetingOperation(Change[Switch]):
    """Turns targeting on or off; the only state is one boolean, so the decision is a comparison."""

    def __init__(self, flags: FlagApi, http: Http, desired: DesiredTargeting, *, check_mode: bool) -> None:
        super().__init__(http, check_mode=check_mode)
        self._flags = flags
        self._desired = desired
        self._enabled: bool | None = None
        self._before: bool | None = None

    def to_result(self) -> dict[str, t.Any]:
        shown_after = self._enabled if self._changed else self._before
        return {
            "changed": self._changed,
            "action": self._action,
            "previous_enabled": self._before,
            "enabled": self._enabled,
            "undo_recorded": self._changed and not self._check_mode and not self._desired.enabled,
            "diff": {"before": self._view(self._before), "after": self._view(shown_after)},
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }

    def _view(self, enabled: bool | None) -> dict[str, t.Any]:
        if enabled is None:
            return {}
        return {
            "project_key": self._desired.target.project_key,
            "flag_key": self._desired.target.flag_key,
            "environment_key": self._desired.environment_key,
            "enabled": enabled,
        }

    def _look(self) -> None:
        flag = self._flags.get_flag(self._desired.target, [self._desired.environment_key])
        self._enabled = self._find(flag.targeting)
        if self._before is None:
            self._before = self._enabled

    def _find(self, targeting: Mapping[str, bool]) -> bool:
        key = self._desired.environment_key
        if key in targeting:
            return targeting[key]
        raise ReleaseError(
            f"The flag {self._desired.target} has no environment '{key}' that can be read."
            " Check environment_key, and that the token may view the environment.",
            "environment_not_found",
        )

    def _decide(self) -> Switch | None:
        return None if self._is_satisfied() else Switch(self._desired.enabled)

    def _predict(self) -> None:
        request = self._decide()
        if request:
            self._action = request.name
            self._changed = True
            self._enabled = request.enabled

    def _send(self, request: Switch) -> None:
        desired = self._desired
        # Only a request that turns off something leaves the mark, by which a later release knows of it.
        comment = desired.comment if request.enabled else with_undo_mark(desired.comment)
        flag = self._flags.set_targeting(
            desired.target, desired.environment_key, enabled=request.enabled, comment=comment
        )
        # An answer without the environment proves nothing, so a read follows.
        self._enabled = flag.targeting.get(desired.environment_key, self._enabled)

    def _is_satisfied(self) -> bool:
        return self._enabled is self._desired.enabled

    def _took_effect(self, request: Switch) -> bool:
        return self._enabled is request.enabled

    def _differs(self) -> bool:
        return self._enabled is not self._before

    def _describe(self, request: Switch) -> str:
        desired = self._desired
        switched = "on" if request.enabled else "off"
        return f"turn the targeting of {desired.target} {switched} in {desired.environment_key}"

    def _not_applied(self, request: Switch) -> ReleaseError:
        return ReleaseError(
            f"LaunchDarkly accepted the request to {self._describe(request)}, but it is still"
            f" {'on' if self._enabled else 'off'}. Check the flag in LaunchDarkly before you rerun the task.",
            "not_applied",
        )
