# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Takes a sequence as far as a world can carry out its actions. Pure: the world is injected."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import sequence

if t.TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.actions import Action
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_state import State


class World(t.Protocol):
    """What a run acts on."""

    def now(self) -> str:
        """The clock's reading, in ISO 8601."""

    def carries_out(self, action: Action) -> bool:
        """True if it can carry out the action. The others are left to the caller of `drive`."""

    def carry_out(self, action: Action) -> t.Any:
        """Do what the action says, and return the answer that its class describes."""

    def keep(self, state: State) -> None:
        """Remember the state that the next action belongs to."""

    def interruption(self, error: BaseException) -> tuple[str, str] | None:
        """The error code and a sentence for an exception that ends the run; None for one that ends the process."""


def drive(state: State, world: World) -> tuple[State, Action]:
    """Carry out what this world can; the state, and the action that the run stands before.

    An exception ends the run, but not its ending: what is left of that is done.
    """
    while True:
        try:
            state, action = sequence.advance(state, world.now())
            world.keep(state)
            if not world.carries_out(action):
                return state, action
            state = sequence.answer(state, world.carry_out(action), world.now())
        except BaseException as error:
            found = world.interruption(error)
            if found is None:
                raise
            state = sequence.interrupt(state, *found, world.now())
