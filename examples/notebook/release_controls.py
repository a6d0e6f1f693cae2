# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons for a runbook: choose a flag and a phase, plan, release, stop, abort.

A run goes on in a thread of its own, so that its buttons answer meanwhile. Without a front end, as with papermill and nbconvert,
there is a sentence instead: the cells of the notebook do the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display
from release_runbook import PlaybookFailed, Runbook
from release_timeline import Timeline

try:
    import ipywidgets
except ImportError:
    ipywidgets = None

NO_FRONT_END = "Buttons need ipywidgets and somebody to press them. The cells below do the same."


def controls(runbook: Runbook) -> None:
    """Show the buttons, if there is anybody to press them."""
    if ipywidgets is None or not has_front_end():
        print(NO_FRONT_END)
        return
    shown = Controls(runbook)
    display(shown.box)
    shown.follow(Timeline())


def has_front_end() -> bool:
    """A front end can answer a question of the kernel; papermill and nbconvert say that they cannot."""
    kernel = getattr(get_ipython(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False))


def in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()


class Controls:
    """The widgets and what they do. A release starts only after its plan was shown, an abort only after the key was typed again."""

    def __init__(self, runbook: Runbook, start: Callable[[Callable[[], None]], None] = in_background) -> None:
        self.runbook = runbook
        self._start = start
        self._timeline: Timeline | None = None
        self._running = 0
        flags = _known_flags(runbook)
        self.flag = ipywidgets.Combobox(description="Flag", value=runbook.flag_key, options=list(flags))
        self.until = ipywidgets.Combobox(
            description="Until", value=runbook.until, placeholder="the last phase", options=_phases(runbook)
        )
        self.plan = ipywidgets.Button(description="Plan", icon="search")
        self.release = ipywidgets.Button(description="Release", icon="play", button_style="primary")
        self.stop = ipywidgets.Button(description="Stop waiting", icon="pause")
        self.confirm = ipywidgets.Text(placeholder="key of the flag, to abort")
        self.abort = ipywidgets.Button(description="Abort: turn off", icon="stop", button_style="danger")
        self.box = ipywidgets.VBox(
            [
                ipywidgets.HBox([self.flag, self.until]),
                ipywidgets.HBox([self.plan, self.release, self.stop]),
                ipywidgets.HBox([self.confirm, self.abort]),
            ]
        )
        self._connect()
        self._refresh()

    def follow(self, timeline: Timeline) -> None:
        """Where the runs are shown."""
        self._timeline = timeline

    def _connect(self) -> None:
        self.flag.observe(self._choose, names="value")
        self.until.observe(self._choose, names="value")
        self.confirm.observe(lambda _change: self._refresh(), names="value")
        self.plan.on_click(lambda _button: self._do(self._plan))
        self.release.on_click(lambda _button: self._do(lambda: self.runbook.release(self._timeline)))
        self.stop.on_click(lambda _button: self.runbook.stop())
        self.abort.on_click(lambda _button: self._abort())

    def _choose(self, _change: Any) -> None:
        self.runbook.flag_key = self.flag.value.strip()
        self.runbook.until = self.until.value.strip()
        self._refresh()

    def _plan(self) -> None:
        self.runbook.plan(self._timeline)
        self.until.options = _phases(self.runbook)

    def _abort(self) -> None:
        """The brake ends a run that waits, and does not wait for its turn."""
        key, self.confirm.value = self.confirm.value, ""
        self._start(lambda: self._work(lambda: self.runbook.abort(key, self._timeline)))

    def _do(self, work: Callable[[], Any]) -> None:
        if not self._running:
            self._start(lambda: self._work(work))

    def _work(self, work: Callable[[], Any]) -> None:
        self._running += 1
        self._refresh()
        try:
            work()
        except PlaybookFailed as failed:
            if self._timeline:
                self._timeline.say(str(failed))
        finally:
            self._running -= 1
            self._refresh()

    def _refresh(self) -> None:
        self.plan.disabled = bool(self._running)
        self.release.disabled = self._running > 0 or self.runbook.planned() is None
        self.stop.disabled = not self._running
        self.abort.disabled = not self.runbook.flag_key or self.confirm.value != self.runbook.flag_key


def _known_flags(runbook: Runbook) -> dict[str, str]:
    """For suggestions only: any key may be typed."""
    try:
        return runbook.flags()
    except Exception as problem:  # whatever it is, a person can type the key
        print(f"The flags of {runbook.project_key} could not be listed: {problem}")
        return {}


def _phases(runbook: Runbook) -> list[str]:
    planned = runbook.planned()
    return [phase["phase"] for phase in planned["phases"]] if planned else []
