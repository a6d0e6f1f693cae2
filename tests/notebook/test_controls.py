# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The buttons and the timeline of the runbook, without a kernel, and with a runbook that only notes what it is asked for."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.tools.checkout import ROOT

Json = dict[str, Any]

PHASE: Json = {"phase": "Test", "status": "ready_to_start", "started_at": None, "completed_at": None}
ENTRY: Json = {"project_key": "demo", "flag_key": "new-checkout", "phases": [{**PHASE, "approvals": [], "checks": []}]}
EVENT: Json = {"event": "started", "at": "12:00", "phase": "Test", "check": None, **PHASE}


class Handle:
    """An output of a cell."""

    def __init__(self, bundle: Json) -> None:
        self.shown = [bundle]

    def display(self, bundle: Json, **_options: Any) -> None:
        self.shown.append(bundle)


class Runbook:
    project_key = "demo"

    def __init__(self, fails: Exception | None = None) -> None:
        self.flag_key, self.until = "new-checkout", ""
        self.asked: list[str] = []
        self._planned: str | None = None
        self._fails = fails

    def flags(self) -> dict[str, str]:
        if self._fails:
            raise self._fails
        return {"new-checkout": "Test", "search": ""}

    def planned(self) -> Json | None:
        return ENTRY if self._planned == self.flag_key + self.until else None

    def plan(self, _timeline: Any) -> None:
        self.asked.append("plan")
        self._planned = self.flag_key + self.until

    def release(self, _timeline: Any) -> None:
        self.asked.append("release")
        if self._fails:
            raise self._fails

    def stop(self) -> None:
        self.asked.append("stop")

    def abort(self, confirmed: str, _timeline: Any) -> None:
        self.asked.append(f"abort {confirmed}")


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "examples" / "notebook"))
    return importlib.import_module


def controls(modules: Any, runbook: Runbook) -> Any:
    return modules("release_controls").Controls(runbook, start=lambda work: work())


def timeline(modules: Any) -> tuple[Any, list[Json]]:
    handles: list[Handle] = []

    def show(bundle: Json, **_options: Any) -> Handle:
        handles.append(Handle(bundle))
        return handles[0]

    made = modules("release_timeline").Timeline(show, lambda entry, **_options: f"<svg>{len(entry['phases'])}</svg>")
    return made, handles[0].shown


def test_controls_release_only_what_was_planned(modules: Any) -> None:
    runbook = Runbook()
    shown = controls(modules, runbook)
    assert shown.release.disabled
    shown.plan.click()
    assert not shown.release.disabled
    assert shown.until.options == ("Test",)
    shown.until.value = "Test"
    assert (runbook.until, shown.release.disabled) == ("Test", True)
    shown.plan.click()
    shown.release.click()
    assert runbook.asked == ["plan", "plan", "release"]


def test_controls_choose_a_flag(modules: Any) -> None:
    runbook = Runbook()
    shown = controls(modules, runbook)
    assert shown.flag.options == ("new-checkout", "search")
    shown.flag.value = "search"
    assert runbook.flag_key == "search"


def test_controls_abort_only_with_the_key_again(modules: Any) -> None:
    runbook = Runbook()
    shown = controls(modules, runbook)
    shown.confirm.value = "new-check"
    assert shown.abort.disabled
    shown.confirm.value = "new-checkout"
    assert not shown.abort.disabled
    shown.abort.click()
    assert (runbook.asked, shown.confirm.value) == (["abort new-checkout"], "")


def test_controls_stop_only_what_runs(modules: Any) -> None:
    runbook = Runbook()
    works: list[Any] = []
    shown = modules("release_controls").Controls(runbook, start=works.append)
    shown.plan.click()
    assert shown.stop.disabled
    works[0]()
    assert runbook.asked == ["plan"]


def test_controls_say_why_a_run_failed(modules: Any) -> None:
    failed = modules("release_runbook").PlaybookFailed("release failed.")
    runbook = Runbook(failed)
    shown = controls(modules, runbook)
    assert shown.flag.options == ()
    line, seen = timeline(modules)
    shown.follow(line)
    shown.plan.click()
    shown.release.click()
    assert seen[-1]["text/plain"] == "release failed."
    assert not shown.plan.disabled


def test_timeline_follows_the_notices(modules: Any) -> None:
    follow = modules("release_timeline").with_event
    started = follow(ENTRY, {**EVENT, "status": "active", "started_at": "12:00"})
    (phase,) = started["phases"]
    assert (phase["status"], phase["started_at"], phase["completed_at"]) == ("active", "12:00", None)
    (phase,) = follow(started, {**EVENT, "event": "approval_pending"})["phases"]
    assert [item["requested_at"] for item in phase["approvals"]] == ["12:00"]
    check = {"name": "no errors", "verdict": "passed", "detail": "rc 0"}
    (phase,) = follow(started, {**EVENT, "event": "check_passed", "check": check})["phases"]
    assert [item["verdict"] for item in phase["checks"]] == ["passed"]
    assert follow(ENTRY, {**EVENT, "phase": None}) == ENTRY


def test_timeline_is_one_output(modules: Any) -> None:
    line, seen = timeline(modules)
    line.say("Staging <waits>")
    line.update(ENTRY)
    assert [bundle["text/plain"] for bundle in seen] == ["", "Staging <waits>", "Staging <waits>"]
    assert "<img" in seen[-1]["text/html"]
    assert "&lt;waits&gt;" in seen[-1]["text/html"]


def test_runbook_lists_flags_as_the_inventory_marks_them(modules: Any) -> None:
    listed = '{"flag": {"__ansible_unsafe": "search"}, "phase": null}'
    assert json.loads(listed, object_hook=modules("release_runbook")._plain) == {"flag": "search", "phase": None}


def test_runbook_forgets_a_plan_of_something_else(modules: Any, tmp_path: Any) -> None:
    runbook = modules("release_runbook").Runbook("demo", "new-checkout", "Test", reports=str(tmp_path))
    assert runbook.planned() is None
    runbook._planned = (runbook._subject(), ENTRY)
    assert runbook.planned() == ENTRY
    runbook.until = ""
    assert runbook.planned() is None
