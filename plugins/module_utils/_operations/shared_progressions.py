# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The list of a phase's releases that one of the tasks which wait for it reads for all of them."""

from __future__ import annotations

import typing as t

from .._core.errors import ExchangeError
from .._decisions import shared_progressions as rules
from .._decisions.approval import environments_to_ask
from .._http.shared_file import Form
from .._model.release import Status

if t.TYPE_CHECKING:
    from .._backends.base import PipelineDefinitionApi
    from .._http.client import Http
    from .._http.shared_file import Share
    from .observed_phase import ObservedPhase

FORM: Form[rules.Board] = Form(rules.Board(), rules.board_from, rules.text_of)
# Seconds that a read of the list may take, with its repetitions.
LONGEST_READ = 6.0
# So that tasks that began together do not all read at once, a flag is read up to this share of the time earlier than it has to be.
SPREAD = 0.1
# Pauses (seconds) after which a phase without a guarded rollout is often done: the list would show it later.
QUICK = 1.0
# Reads of the flag that showed no change where the list did; then the list does not speak for this flag.
MISLEADING = 3


class SharedProgressions:
    """Says how long a task that waits may leave its flag unread."""

    def __init__(self, observed: ObservedPhase, pipelines: PipelineDefinitionApi, http: Http) -> None:
        self._observed = observed
        self._pipelines = pipelines
        self._http = http
        self._runtime = http.runtime
        self._board: Share[rules.Board] | None = None
        self._about: tuple[str, ...] = ()
        self._misled = 0
        self._news_of = ""
        self._confirmed_at = 0.0
        self._spread = 0.0

    def rest(self, pause: float, deadline: float) -> float:
        """Seconds to sleep instead of a read; 0 for a read. `deadline` is a reading of the monotonic clock."""
        now = self._runtime.monotonic()
        # What is due then must not come later because of a read of the list.
        until = min(self._observed.seen_at + rules.OWN_READ - self._spread, deadline) - LONGEST_READ
        is_early = pause < QUICK and not self._observed.phase().window_seconds
        if now >= until or is_early or not self._speaks_for_flag():
            return self._read_flag()
        advice = self._consult(pause)
        if isinstance(advice, rules.ReadList):
            self._read_list(advice.pages, now + LONGEST_READ)
            # However long that took, it is not read twice in a row.
            advice = self._consult(pause + LONGEST_READ)
        now = self._runtime.monotonic()
        if not isinstance(advice, rules.Rest):
            self._news_of = self._state() if advice == rules.ReadFlag(is_news=True) else ""
            return self._read_flag()
        if advice.as_of is not None:
            self._confirmed_at = now - (self._runtime.wall() - advice.as_of)
            self._misled = 0
        elif now > max(self._confirmed_at, self._observed.seen_at) + pause + rules.GRACE:
            return self._read_flag()
        return max(0.0, min(advice.seconds, pause, until - now))

    def close(self) -> None:
        """The task waits no longer."""
        if self._board is not None:
            self._board.change(lambda board: (rules.left(board, self._observed.target.flag_key), None))

    def _read_flag(self) -> float:
        self._spread = rules.OWN_READ * SPREAD * self._runtime.chance()
        return 0.0

    def _state(self) -> str:
        return self._observed.phase().status.value

    def _speaks_for_flag(self) -> bool:
        """Approvals and legacy releases are not in the list, and a status that is not known cannot be compared."""
        if self._news_of:
            self._misled += self._news_of == self._state()
            self._news_of = ""
        release, phase = self._observed.seen(), self._observed.phase()
        silences = (
            self._misled >= MISLEADING,
            release.pipeline_key is None,
            release.is_legacy,
            phase.status is Status.UNKNOWN,
            bool(environments_to_ask(phase)),
        )
        return not any(silences)

    def _share(self) -> Share[rules.Board]:
        release, phase = self._observed.seen(), self._observed.phase()
        about = ("progressions", release.project_key, release.pipeline_key or "", phase.id)
        if self._board is None or about != self._about:
            self.close()
            self._board, self._about = self._http.place.share(FORM, *about), about
        return self._board

    def _consult(self, pause: float) -> rules.Advice:
        seen_at = self._runtime.wall() - self._observed.age()
        waiter = rules.Waiter(self._observed.target.flag_key, self._state(), seen_at, pause)
        return self._share().change(lambda board: rules.consult(board, waiter, self._runtime.wall()))

    def _read_list(self, pages: int, deadline: float) -> None:
        """What fails here is not this task's failure: each reads its own flag then."""
        release, phase = self._observed.seen(), self._observed.phase()
        begun = self._runtime.wall()
        try:
            found, length = self._pipelines.list_phase(
                release.project_key, release.pipeline_key or "", phase.id, most_pages=pages, deadline=deadline
            )
        except ExchangeError as error:
            now, is_passing = self._runtime.wall(), error.repeatable or error.unexpected
            self._share().change(lambda board: (rules.failed(board, now, is_passing=is_passing), None))
            return
        listed = {
            item.flag_key: item.status.value for item in found if item.status is not None and item.phase_id == phase.id
        }
        shown = listed if length <= pages else None
        self._share().change(lambda board: (rules.posted(board, shown, length, begun), None))
