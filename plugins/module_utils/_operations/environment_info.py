# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The operation behind ld_environment_release_info: read, and no more."""

from __future__ import annotations

import typing as t

from .._decisions import environment_errors as errors
from .._decisions.environment_actions import Facts
from .._decisions.variations import true_variation
from .environment_release import targeting_result

if t.TYPE_CHECKING:
    from .._http.client import Http
    from .._model.desired_environment import EnvironmentReleaseFilter
    from .._model.environment_release import EnvironmentRelease
    from .environment_facts import EnvironmentApis


class EnvironmentReleaseInfoOperation:
    """Lists the releases of a flag in one environment, and shows its targeting there."""

    def __init__(self, apis: EnvironmentApis, http: Http, wanted: EnvironmentReleaseFilter) -> None:
        self._apis = apis
        self._http = http
        self._wanted = wanted
        self._facts: Facts | None = None
        self.warnings: list[str] = []

    def run(self) -> None:
        wanted = self._wanted
        flag = self._apis.flags.get_flag(wanted.target.flag, [wanted.target.environment_key])
        if wanted.target.environment_key not in flag.environments:
            raise errors.environment_not_found(wanted.target, flag)
        found = self._apis.releases.list_releases(wanted.target, kind=wanted.kind)
        self._facts = Facts(flag, now=0, releases=found)
        if wanted.with_metrics:
            # The list has no definitions.
            detailed = {item.id: self._with_metrics(item) for item in self._shown()}
            self._facts = Facts(flag, now=0, releases=tuple(detailed.get(item.id, item) for item in found))

    def _with_metrics(self, release: EnvironmentRelease) -> EnvironmentRelease:
        return self._apis.releases.get_release(self._wanted.target, release.id, with_metrics=True)

    def _shown(self) -> list[EnvironmentRelease]:
        statuses = self._wanted.status
        releases = (self._facts.releases if self._facts else None) or ()
        return [item for item in releases if statuses is None or item.status.value in statuses]

    def to_result(self) -> dict[str, t.Any]:
        facts = self._facts
        return {
            "changed": False,
            "releases": [self._release_result(facts, item) for item in self._shown()] if facts else [],
            "targeting": self._targeting_result(facts) if facts else None,
            "requests": self._http.requests_made,
            "retries": self._http.retries_made,
        }

    def _release_result(self, facts: Facts, release: EnvironmentRelease) -> dict[str, t.Any]:
        shown = release.to_result(facts.flag)
        if self._wanted.with_metrics:
            for metric, known in zip(shown["metrics"], release.metrics):
                metric["definition"] = None if known.definition is None else dict(known.definition)
        return shown

    def _targeting_result(self, facts: Facts) -> dict[str, t.Any]:
        """Without a variation in the options, `percent` is that of the true variation of a boolean flag."""
        target = true_variation(facts.flag.variations)
        targeting = facts.flag.environments[self._wanted.target.environment_key]
        return targeting_result(facts, targeting, target.id if target else None, None)
