# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operation behind ld_release: which release a flag has."""

from __future__ import annotations

import typing as t

from .._core.errors import ReleaseError
from .._decisions import attach as attach_rules
from .._decisions.attach import Attach, Request
from .._decisions.variations import find_variation
from .converge import Change

if t.TYPE_CHECKING:
    from .._backends.base import FlagApi, PipelineApi, ReleaseApi
    from .._http.client import Http
    from .._model.desired import DesiredRelease
    from .._model.release import Release


class ReleaseOperation(Change[Request]):
    """Attaches a flag to a release pipeline, or removes its release."""

    def __init__(
        self,
        api: ReleaseApi,
        pipelines: PipelineApi,
        flags: FlagApi,
        http: Http,
        desired: DesiredRelease,
        *,
        check_mode: bool,
    ) -> None:
        super().__init__(http, check_mode=check_mode)
        self._api = api
        self._pipelines = pipelines
        self._flags = flags
        self._desired = desired
        self._variation_id: str | None = None
        self._has_looked = False
        self._release: Release | None = None
        self._before: Release | None = None

    def to_result(self) -> dict[str, t.Any]:
        shown_after = self._release if self._changed else self._before
        return {
            "changed": self._changed,
            "action": self._action,
            "exists": self._release is not None,
            "release": self._release.to_result() if self._release else None,
            "diff": {"before": _view(self._before), "after": _view(shown_after)},
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }

    def _find_variation_id(self) -> str | None:
        wanted = self._desired.variation
        if wanted is None or (self._release is not None and self._release.variation_id == wanted):
            return wanted
        flag = self._flags.get_flag(self._desired.target)
        return find_variation(flag.variations, wanted, str(self._desired.target)).id

    def _look(self) -> None:
        self._release = self._api.find_release(self._desired.target)
        if not self._has_looked:
            self._has_looked = True
            self._before = self._release
            self._variation_id = self._find_variation_id()

    def _decide(self) -> Request | None:
        return attach_rules.plan_release(self._release, self._desired, self._variation_id)

    def _predict(self) -> None:
        request = self._decide()
        if request is None:
            return
        if isinstance(request, Attach):
            self._release = self._pipelines.predict_release(
                self._desired.target, request.pipeline_key, request.variation_id
            )
        else:
            self._release = None
        self._action = request.name
        self._changed = True

    def _send(self, request: Request) -> None:
        target = self._desired.target
        if isinstance(request, Attach):
            self._release = self._pipelines.create_release(target, request.pipeline_key, request.variation_id)
        else:
            # The answer is empty, so a read has to show the effect.
            self._api.delete_release(target)

    def _is_satisfied(self) -> bool:
        return attach_rules.is_settled(self._release, self._desired, self._variation_id)

    def _took_effect(self, request: Request) -> bool:
        return isinstance(request, Attach) == (self._release is not None) and self._is_satisfied()

    def _differs(self) -> bool:
        return _view(self._release) != _view(self._before)

    def _describe(self, request: Request) -> str:
        if isinstance(request, Attach):
            return f"put {self._desired.target} into release pipeline '{request.pipeline_key}'"
        return f"remove the release of {self._desired.target}"

    def _not_applied(self, request: Request) -> ReleaseError:
        now = f"is in pipeline '{self._release.pipeline_key}'" if self._release else "has no release"
        return ReleaseError(
            f"LaunchDarkly accepted the request to {self._describe(request)}, but the flag {now}."
            " Check the release in LaunchDarkly before you rerun the task.",
            "not_applied",
        )


def _view(release: Release | None) -> dict[str, t.Any]:
    if release is None:
        return {}
    return {
        "project_key": release.project_key,
        "flag_key": release.flag_key,
        "release_pipeline_key": release.pipeline_key,
        "variation_id": release.variation_id,
    }
