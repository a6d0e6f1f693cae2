# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A flag in one environment as it was seen last, and the reads that a plan asks for."""

from __future__ import annotations

import dataclasses
import typing as t
from dataclasses import dataclass

from .._backends.environments.api import AUDIT_PAGE
from .._core.errors import ApiError, ExchangeError
from .._decisions import environment_history as history
from .._decisions.environment_actions import Action, Facts, Read, Source
from .._decisions.environment_next_action import plan
from .._decisions.environment_resolve import audience_word, find_targeting
from .._model.desired_environment import Strategy

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from .._backends.base import ApprovalApi, EnvironmentReleaseApi, FlagApi
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.environment_release import EnvironmentRelease
    from .._model.flag import EnvironmentTargeting, Flag
    from .._model.release import ApprovalRequest

NOT_FOUND = 404
# Pages of the audit log that are searched for the last change that matters.
AUDIT_PAGES = 5


@dataclass(frozen=True)
class EnvironmentApis:
    flags: FlagApi
    releases: EnvironmentReleaseApi
    approvals: ApprovalApi


class ObservedEnvironment:
    """Reads on demand, and keeps what it saw."""

    def __init__(
        self,
        apis: EnvironmentApis,
        service_time: Callable[[], float],
        desired: DesiredEnvironmentRelease,
        *,
        with_context_kinds: bool = False,
        flag: Flag | None = None,
        releases: tuple[EnvironmentRelease, ...] | None = None,
    ) -> None:
        self._apis = apis
        self._service_time = service_time
        self._with_context_kinds = with_context_kinds
        self.desired = desired
        self.warnings: list[str] = []
        # What was read before, for other releases of the same flag.
        self._facts = Facts(flag, now=0, releases=releases) if flag else None
        # The very release that is waited for; the list may have forgotten it.
        self.release: EnvironmentRelease | None = None

    @property
    def facts(self) -> Facts:
        """What is known, as of now; by LaunchDarkly's clock, as all times in it are."""
        if self._facts is None:
            raise RuntimeError("nothing has been read yet")
        return dataclasses.replace(self._facts, now=round(self._service_time() * 1000))

    @property
    def has_looked(self) -> bool:
        return self._facts is not None

    @property
    def targeting(self) -> EnvironmentTargeting:
        """Raises what a flag that cannot be released is refused with."""
        return find_targeting(self.facts.flag, self.desired)

    def decide(self) -> Action:
        """The action that follows from what is known; what it needs besides is read."""
        if self._facts is None:
            self.look_at_flag()
        while isinstance(action := plan(self.facts, self.desired), Read):
            self._read(action.source)
        return action

    def look(self, deadline: float | None = None) -> None:
        """Read again all that may have changed by now. What undid the past stays true, and segments stay."""
        self.look_at_flag(deadline)
        if self.facts.releases is not None:
            self.look_at_releases(deadline)
        if self.facts.approvals is not None:
            self.look_at_approvals(deadline)

    def look_at_flag(self, deadline: float | None = None) -> None:
        target = self.desired.target
        flag = self._apis.flags.get_flag(
            target.flag, [target.environment_key], with_context_kinds=self._with_context_kinds, deadline=deadline
        )
        self.see_flag(flag)

    def see_flag(self, flag: Flag) -> None:
        if self._facts is None:
            self._facts = Facts(flag, now=0)
        else:
            self._facts = dataclasses.replace(self._facts, flag=flag)

    def look_at_releases(self, deadline: float | None = None) -> None:
        found = self._list_releases(deadline)
        self._keep(releases=found)
        if self.release is not None:
            identity = self.release.id
            self.release = next((item for item in found if item.id == identity), self.release)

    def _list_releases(self, deadline: float | None) -> tuple[EnvironmentRelease, ...]:
        """The releases; none for a change of targeting where LaunchDarkly has no such call, since nothing can run there then."""
        try:
            return self._apis.releases.list_releases(self.desired.target, deadline=deadline)
        except ApiError as error:
            # The flag was found in the environment, so it is the call that is not there.
            if error.status != NOT_FOUND or self.desired.strategy not in (Strategy.IMMEDIATE, Strategy.PERCENTAGE):
                raise
            warning = f"{error.message} It is taken for an instance that has no environment releases."
            self.warnings += [] if warning in self.warnings else [warning]
            return ()

    def look_at_release(self, release_id: str, deadline: float | None = None) -> EnvironmentRelease:
        found = self._apis.releases.get_release(self.desired.target, release_id, deadline=deadline)
        self.see_release(found)
        return found

    def see_release(self, release: EnvironmentRelease) -> None:
        """Take a release from an answer for the one in the list, in which the newest comes first."""
        known = self.facts.releases or ()
        if any(item.id == release.id for item in known):
            known = tuple(release if item.id == release.id else item for item in known)
        else:
            known = (release, *known)
        self._keep(releases=known)
        self.release = release

    def look_at_approvals(self, deadline: float | None = None) -> tuple[ApprovalRequest, ...]:
        target = self.desired.target
        found = self._apis.approvals.list_requests(target.flag, target.environment_key, deadline)
        self._keep(approvals=found)
        return found

    def see_approval(self, request: ApprovalRequest) -> None:
        others = tuple(item for item in self.facts.approvals or () if item.id != request.id)
        self._keep(approvals=(*others, request))

    def _read(self, source: Source) -> None:
        if source is Source.RELEASES:
            self.look_at_releases()
        elif source is Source.APPROVALS:
            self.look_at_approvals()
        elif source is Source.SEGMENTS:
            keys = self.desired.segments
            self._keep(segments={key: self._apis.releases.has_segment(self.desired.target, key) for key in keys})
        else:
            self._keep(undone=self._was_undone())

    def _was_undone(self) -> bool:
        """An audit log that cannot be read stops nobody, but is said: nothing else remembers an undo after an immediate release."""
        audience = audience_word(self.desired)
        before: int | None = None
        try:
            for _page in range(AUDIT_PAGES):
                entries = self._apis.releases.list_changes(self.desired.target, before)
                undone = history.was_undone(entries, audience)
                if undone is not None or len(entries) < AUDIT_PAGE:
                    return bool(undone)
                before = entries[-1].at
        except ExchangeError as error:
            self.warnings.append(
                f"{error.message} Whether the last change was an undo is not known, so that this release may bring back what an earlier"
                " run took back. Give the token's role the right to view the audit log."
            )
        return False

    def _keep(self, **changes: t.Any) -> None:
        self._facts = dataclasses.replace(self.facts, **changes)
