# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The person who watches a run: what is shown, pauses that may be cut short or end the run, and the one question."""

from __future__ import annotations

import math
import time
import typing as t

from ansible.errors import AnsiblePromptInterrupt, AnsiblePromptNoninteractive

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.runtime import Runtime


class Prompter(t.Protocol):
    """Ansible's Display, as far as it is needed here."""

    def prompt_until(
        self,
        msg: str,
        private: bool = False,
        seconds: int | None = None,
        interrupt_input: t.Iterable[bytes] | None = None,
        complete_input: t.Iterable[bytes] | None = None,
    ) -> bytes:
        """Show a text and read what is typed, for some seconds at most."""


class Terminal:
    """`is_shared`: several hosts run at a time, so that a question would not say whose it is. `mark` begins each line."""

    def __init__(self, prompter: Prompter, runtime: Runtime, *, is_shared: bool, mark: str = "") -> None:
        self._prompter = prompter
        self._runtime = runtime
        self._is_shared = is_shared
        self._mark = mark

    def show(self, lines: Iterable[str], *, timed: bool = False) -> None:
        # In UTC, as the lines of a wait and all times of LaunchDarkly are.
        clock = time.strftime("%H:%M:%S UTC  ", time.gmtime(self._runtime.wall())) if timed else ""
        for line in lines:
            self._runtime.report(f"{self._mark}{clock}{line}")

    def pause(self, seconds: float, why: str) -> dict[str, bool]:
        """Pause, unless a person at the terminal decides otherwise: `aborted` (the run) or `cut_short` (the pause)."""
        as_planned = {"aborted": False, "cut_short": False}
        if self._is_shared:
            self._runtime.sleep(seconds)
            return as_planned
        text = f"{why}\n(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)"
        try:
            self._prompter.prompt_until(text, private=True, seconds=math.ceil(seconds), complete_input=())
        except AnsiblePromptNoninteractive:
            self._runtime.sleep(seconds)
        except AnsiblePromptInterrupt:
            aborted = self._chooses_to_abort()
            return {"aborted": aborted, "cut_short": not aborted}
        return as_planned

    def _chooses_to_abort(self) -> bool:
        text = "Press 'C' to continue or 'A' to abort"
        try:
            self._prompter.prompt_until(text, private=True, interrupt_input=(b"a",), complete_input=(b"c",))
        except AnsiblePromptInterrupt:
            return True
        return False

    def ask_for_name(self, title: str) -> str | None:
        """What the person types to confirm a phase; None without a terminal."""
        text = f"Type the name of the phase in full, {title}, to start it; anything else stops here:"
        try:
            typed = self._prompter.prompt_until(text, private=False)
        except AnsiblePromptNoninteractive:
            return None
        except AnsiblePromptInterrupt:
            return ""
        return typed.decode("utf-8", "replace").strip()
