# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""One phase of a release, as the last read shows it."""

from __future__ import annotations

import typing as t

from .._decisions import phase as phase_rules

if t.TYPE_CHECKING:
    from .._backends.base import ReleaseApi
    from .._core.runtime import Runtime
    from .._model.desired import Target
    from .._model.release import Phase, Release


class ObservedPhase:
    """Reads the release and keeps what it saw. `seen_at` is a reading of the monotonic clock."""

    def __init__(self, api: ReleaseApi, runtime: Runtime, target: Target, wanted: str) -> None:
        self._api = api
        self._runtime = runtime
        self._wanted = wanted
        self.target = target
        self.release: Release | None = None
        self.first: Phase | None = None
        self.last: Phase | None = None
        self.seen_at = 0.0

    def look(self, deadline: float | None = None) -> None:
        """Read the release, repeating passing failures, until `deadline` (monotonic seconds) where one is given."""
        self.see(self._api.get_release(self.target, deadline))

    def see(self, release: Release) -> None:
        self.release = release
        self.seen_at = self._runtime.monotonic()
        if self.first is None:
            self.first = phase_rules.find_phase(release, self._wanted)
        identity = self.first.id
        self.last = next((phase for phase in release.phases if phase.id == identity), self.last)

    def seen(self) -> Release:
        if self.release is None:
            raise RuntimeError("no release has been read yet")
        return self.release

    def phase(self) -> Phase:
        """The phase, by its id: its name may belong to another phase by now. Raises `phase_not_found` when it is gone."""
        return phase_rules.find_phase(self.seen(), self.first.id if self.first else self._wanted)

    def age(self) -> float:
        """Seconds since the last read."""
        return self._runtime.monotonic() - self.seen_at
