# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One timeline in a notebook, drawn again whenever something happens. The filter of the collection draws it."""

from __future__ import annotations

import base64
import contextlib
import datetime
import functools
import html
import os
from collections.abc import Callable, Mapping
from typing import Any

from IPython.display import display

Entry = dict[str, Any]
Draw = Callable[..., str]

MAX_LINES = 100


@functools.cache
def report_filter() -> Draw:
    """flagops.launchdarkly.release_report, as Ansible finds it for a playbook."""
    # Ansible warns of an output that is not a file, as that of a kernel is.
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        from ansible.plugins.loader import filter_loader, init_plugin_loader  # noqa: PLC0415  see above

        init_plugin_loader()
        found: Draw = filter_loader.get("flagops.launchdarkly.release_report").j2_function
    return found


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def with_event(entry: Entry, event: Mapping[str, Any]) -> Entry:
    """An entry of `release_result`, after a notice of the role. The result of the run replaces it at the end."""
    phases = [_phase(phase, event) if phase["phase"] == event["phase"] else phase for phase in entry["phases"]]
    return {**entry, "phases": phases}


def _phase(phase: Entry, event: Mapping[str, Any]) -> Entry:
    known = {name: event[name] for name in ("status", "started_at", "completed_at") if event[name]}
    approvals, checks = list(phase["approvals"]), list(phase["checks"])
    if event["event"] == "approval_pending":
        approvals = [
            {"requested_at": event["at"], "status": "pending", "review_status": "pending", "answered_at": None}
        ]
    elif approvals and event["completed_at"]:
        approvals = [{**approvals[0], "answered_at": event["completed_at"]}]
    if event["check"]:
        checks.append({**event["check"], "at": event["at"], "measurements": []})
    return {**phase, **known, "approvals": approvals, "checks": checks}


class Timeline:
    """A picture and the lines of a run below it, in one output of the cell that made it."""

    def __init__(self, show: Callable[..., Any] = display, draw: Draw | None = None) -> None:
        self.entry: Entry = {}
        self.lines: list[str] = []
        self._draw = draw or report_filter()
        self._handle = show(self._bundle(), raw=True, display_id=True)

    def update(self, entry: Entry | None = None) -> None:
        self.entry = self.entry if entry is None else entry
        self._handle.display(self._bundle(), raw=True, update=True)

    def say(self, line: str) -> None:
        self.lines.append(line)
        self.update()

    def _bundle(self) -> dict[str, str]:
        """Two forms of the same. A picture in an img is complete wherever the notebook is shown, and its styles stay inside."""
        shown = self.lines[-MAX_LINES:]
        text = (
            f'<pre style="font-family: monospace; white-space: pre-wrap; margin-bottom: 1.5em">{html.escape(chr(10).join(shown))}</pre>'
            if shown
            else ""
        )
        return {"text/html": self._picture() + text, "text/plain": "\n".join(shown)}

    def _picture(self) -> str:
        if not self.entry.get("phases"):
            return ""
        svg = base64.b64encode(self._draw(self.entry, format="svg").encode()).decode()
        title = html.escape(f"Timeline of {self.entry['project_key']}/{self.entry['flag_key']}")
        return f'<img alt="{title}" style="max-width: 100%" src="data:image/svg+xml;base64,{svg}">'
