# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runbook.ipynb does: it has ansible-runner run the playbooks of the collection, and shows one timeline meanwhile.

The token stays in the environment. ansible-runner writes the environment of a run into its folder; that file is removed
before the playbook begins.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ansible_runner
from IPython.display import Markdown, display
from release_timeline import Entry, Timeline, now, with_event

# The notice of the role that the timeline follows.
NOTICE = """\
- name: Timeline
  ansible.builtin.debug:
    var: release_event
"""
REFRESH_SECONDS = 5.0


class PlaybookFailed(Exception):
    """A playbook failed or was stopped."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: where in this file it was raised helps nobody."""
        return [str(self)]


class Runbook:
    """The release of one flag. Each method that shows something shows it in the cell that called it."""

    def __init__(
        self,
        project_key: str,
        flag_key: str,
        until: str = "",
        settings: Mapping[str, Any] | None = None,
        reports: str = "reports",
    ) -> None:
        self.project_key = project_key
        self.flag_key = flag_key
        self.until = until
        self.settings = dict(settings or {})
        self.reports = Path(reports).resolve()
        # Of the last run.
        self.report_file: Path | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="release-")
        self._planned: tuple[Any, Entry] | None = None
        self._standing: Entry = {}
        self._lock = threading.RLock()
        self._is_stopped = threading.Event()
        self._notice.write_text(NOTICE, encoding="utf-8")

    @property
    def folder(self) -> Path:
        """It goes when the kernel ends."""
        return Path(self._folder.name)

    @property
    def _notice(self) -> Path:
        return self.folder / "timeline.yml"

    def status(self) -> None:
        """Where the release stands. Changes nothing."""
        with self._alone():
            timeline = Timeline()
            self._play(timeline, "status", release_report_dir=str(self.folder / "status"))
            self._standing = _read(_newest(self.folder / "status"))
            timeline.update(self._standing)

    def plan(self, timeline: Timeline | None = None) -> Entry:
        """What a run would do. Changes nothing in LaunchDarkly."""
        with self._alone():
            return self._plan(timeline or Timeline())

    def planned(self) -> Entry | None:
        """The plan that was shown, if it is one of this flag, this phase and these settings."""
        return self._planned[1] if self._planned and self._planned[0] == self._subject() else None

    def rehearse(self, **variables: Any) -> None:
        """The same run on a copy of the release, in a simulator. The real release is only read."""
        with self._alone():
            self._play(Timeline(), "rehearse", release_until=self.until, **variables)

    def release(self, timeline: Timeline | None = None) -> Entry:
        """Run the release. It may be stopped and run again at any time: what is complete is skipped."""
        with self._alone():
            timeline = timeline or Timeline()
            planned = self.planned() or self._plan(timeline)
            self._planned = None
            before = _newest(self.reports)
            timeline.lines.clear()
            timeline.update({**planned, "state": "waiting", "started_at": now(), "finished_at": now()})
            try:
                return self._play(
                    timeline,
                    "release",
                    release_until=self.until,
                    release_report_dir=str(self.reports),
                    release_notify=[*_listed(self.settings.get("release_notify")), str(self._notice)],
                )
            finally:
                self.report_file = _newest(self.reports)
                if self.report_file != before:
                    timeline.update(_read(self.report_file))

    def abort(self, confirmed: str, timeline: Timeline | None = None) -> None:
        """Turn the flag off where its release has been. `confirmed` is the key of the flag, once more."""
        self.stop()
        with self._alone():
            self._play(timeline or Timeline(), "abort", release_abort_flag_key=confirmed)

    def stop(self) -> None:
        """End the run that another thread has started. What it has started goes on in LaunchDarkly."""
        self._is_stopped.set()

    def report(self) -> None:
        """The report of the last run, its picture first."""
        if not self.report_file:
            display(Markdown("No release was run yet."))
            return
        Timeline().update(_read(self.report_file))
        display(Markdown(self.report_file.with_suffix(".md").read_text(encoding="utf-8")))

    def flags(self) -> dict[str, str]:
        """The flags of the project that have a release, each with its phase, as the inventory of the collection has them."""
        environments = [_environment(item) for item in _listed(self.settings.get("release_environments"))]
        source: dict[str, Any] = {"plugin": "flagops.launchdarkly.ld_releases", "project_keys": [self.project_key]}
        if environments:
            source |= {"sources": ["pipelines", "flags"], "environments": list(dict.fromkeys(environments))}
        path = self.folder / "runbook.ld_releases.yml"
        path.write_text(json.dumps(source), encoding="utf-8")
        command = [shutil.which("ansible-inventory") or "ansible-inventory", "-i", str(path), "--list"]
        listed = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  a command of ours
        hosts = json.loads(listed.stdout, object_hook=_plain)["_meta"]["hostvars"].values()
        return {host["release_flag_key"]: host["ld_phase"] or "" for host in hosts}

    def _plan(self, timeline: Timeline) -> Entry:
        planned = self._play(timeline, "release", "--check", release_until=self.until)
        known = {phase["phase_id"]: phase for phase in self._standing.get("phases", ())}
        phases = [_with_times(phase, known.get(phase["phase_id"], {})) for phase in planned["phases"]]
        planned = {**planned, "phases": phases}
        timeline.update(planned)
        self._planned = (self._subject(), planned)
        return planned

    def _play(self, timeline: Timeline, name: str, *options: str, **variables: Any) -> Entry:
        flag = {"release_project_key": self.project_key, "release_flag_key": self.flag_key}
        run = _Run(timeline, f"{self.project_key}/{self.flag_key}", self._is_stopped)
        run.play(self.folder, name, options, {**flag, **self.settings, **variables})
        return run.result

    def _subject(self) -> tuple[Any, ...]:
        return (self.project_key, self.flag_key, self.until, json.dumps(self.settings, sort_keys=True, default=str))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One run at a time, whichever thread begins it."""
        with self._lock:
            self._is_stopped.clear()
            yield


class _Run:
    """One run of a playbook, and what it shows."""

    def __init__(self, timeline: Timeline, flag: str, stopped: threading.Event) -> None:
        self.result: Entry = {}
        self._timeline = timeline
        self._flag = flag
        self._stopped = stopped
        self._drawn = time.monotonic()

    def play(self, folder: Path, name: str, options: Sequence[str], variables: Mapping[str, Any]) -> None:
        if self._stopped.is_set():
            raise PlaybookFailed(f"{name} was stopped before it began.")
        with _interrupts(self._stopped):
            done = ansible_runner.run(
                private_data_dir=str(folder),
                playbook=f"flagops.launchdarkly.{name}",
                cmdline=" ".join(options) or None,
                extravars=dict(variables),
                settings={"pexpect_timeout": 1},
                quiet=True,
                suppress_env_files=True,
                status_handler=_forget_environment,
                event_handler=self._follow,
                cancel_callback=self._is_over,
            )
        if done.status == "canceled":
            raise PlaybookFailed(
                f"{name} was stopped. What was started goes on in LaunchDarkly; release again to resume."
            )
        if done.status != "successful":
            raise PlaybookFailed(f"{name} failed. What it said stands above.")

    def _follow(self, event: Entry) -> bool:
        """What happens, as it happens. False: ansible-runner keeps no file of it."""
        data = event.get("event_data", {})
        kind, result = event["event"], data.get("res", {})
        if kind == "verbose" and "task" in data:
            # A line that the role prints while its task runs.
            self._timeline.say(event["stdout"])
        elif kind == "runner_on_ok" and "release_event" in result:
            self._take(result["release_event"])
        elif kind == "runner_on_ok" and data.get("task_action", "").endswith(("debug", "release_status")):
            said = result.get("msg", "")
            self._timeline.say("\n".join(said if isinstance(said, list) else [str(said)]))
        elif kind in ("runner_on_failed", "runner_on_unreachable") and not data.get("ignore_errors"):
            self._timeline.say(f"FAILED: {data['task']} - {result.get('msg', '')}")
        elif kind == "playbook_on_stats":
            self.result = data.get("artifact_data", {}).get("release_result", {}).get(self._flag, {})
        return False

    def _take(self, event: Entry) -> None:
        self._timeline.update({**with_event(self._timeline.entry, event), "finished_at": event["at"]})
        self._drawn = time.monotonic()

    def _is_over(self) -> bool:
        """ansible-runner asks once a second. A bar that is open grows meanwhile."""
        entry = self._timeline.entry
        if entry.get("state") == "waiting" and time.monotonic() - self._drawn > REFRESH_SECONDS:
            self._drawn = time.monotonic()
            self._timeline.update({**entry, "finished_at": now()})
        return self._stopped.is_set()


def _forget_environment(status: Mapping[str, Any], runner_config: Any) -> None:
    """ansible-runner has written the environment down by now, and the token has no place in a file."""
    if status["status"] == "running":
        Path(runner_config.artifact_dir, "command").unlink()


@contextmanager
def _interrupts(stopped: threading.Event) -> Iterator[None]:
    """The stop button of a notebook ends the playbook, too."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_arguments: stopped.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _plain(data: Entry) -> Any:
    """ansible-inventory marks the texts that LaunchDarkly's users have written."""
    return data.get("__ansible_unsafe", data)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value] if value else []


def _environment(item: Any) -> str:
    return str(item["environment"] if isinstance(item, Mapping) else item)


def _with_times(phase: Entry, known: Mapping[str, Any]) -> Entry:
    """A plan does not say when earlier runs started and completed a phase."""
    times = {name: phase[name] or known.get(name) for name in ("started_at", "completed_at")}
    return {**phase, **times}


def _newest(reports: Path) -> Path | None:
    return max(reports.glob("*.json"), key=lambda path: path.stat().st_mtime, default=None)


def _read(report: Path | None) -> Entry:
    found: Entry = json.loads(report.read_text(encoding="utf-8")) if report else {}
    return found
