# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences of a run."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from ansible.parsing.splitter import parse_kv

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import messages
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.record_support import (
    READY,
    Run,
    completed_run,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.role_support import phase


@pytest.mark.parametrize(
    "name",
    [
        "Production",
        "Pre-production 2.0",
        "Prüfung",
        "Test, then Staging",
        "it's",
        'a "b"',
        "$HOME `id` \\",
        "{{ 7 * 7 }}",
        "[a]",
        "a=b",
        " blank ",
        "two  blanks",
        "\x1b[1mbold",
        "!important",
    ],
)
def test_confirmation_as_it_is_shown_confirms_the_phase(name: str) -> None:
    settings = {"phases": [{"phase": "id-test", "confirm": True}]}
    run = Run(phase(name, "ready_to_start", id="id-test"), phase("Other", "not_started"), **settings)
    run("confirmed", step=run.step(), answer=None)
    typed = shlex.split(run.message.split("rerun the same command with ")[1].removesuffix("."))
    assert typed[0] == "-e"
    confirmed = parse_kv(typed[1])["release_confirmed"]
    assert "{" not in confirmed, "Ansible would take it for a template"
    assert not plan_steps(run.release, {**settings, "confirmed": confirmed})["steps"][0]["confirm"]


def test_confirmation_names_the_id_where_two_phases_share_a_name() -> None:
    settings = {"phases": [{"phase": "id-test", "confirm": True}]}
    run = Run(phase("Test", "ready_to_start"), phase("Test", "not_started", id="other"), **settings)
    assert "-e 'release_confirmed=id-test'" in run("confirmed", step=run.step(), answer=None).message


@pytest.mark.parametrize(
    ("words", "settings", "index", "is_named"),
    [
        (READY, {}, 2, True),
        (READY, {}, 0, False),
        (READY, {"until": "Test"}, 0, False),
        (READY, {"final_status": "active"}, 2, False),
    ],
)
def test_remedy_names_final_status_for_the_last_phase(
    words: tuple[str, ...], settings: dict[str, Any], index: int, is_named: bool
) -> None:
    message = Run(*words, **settings).start_failed(index, error_code="wait_timeout").message
    assert ("release_final_status: active" in message) == is_named
    assert "Rerun the same command to continue waiting." in message


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("approval_declined", "Settle that, then rerun the same command to resume."),
        ("approval_required", "Settle that, then rerun the same command to resume."),
        ("approval_timeout", "Rerun the same command to continue waiting."),
        ("forbidden", "Fix the cause, then rerun the same command to resume."),
        (None, "Fix the cause, then rerun the same command to resume."),
    ],
)
def test_remedy_fits_the_error_code_of_a_start(code: str | None, remedy: str) -> None:
    assert Run().start_failed(error_code=code).message.endswith(f". {remedy}")


@pytest.mark.parametrize(("on_failure", "is_said"), [("stop", True), ("turn_off", False), ("turn_off_all", False)])
def test_message_says_nothing_was_rolled_back_unless_undone(on_failure: str, is_said: bool) -> None:
    run = Run(on_failure=on_failure).returned().hook_failed()
    assert "No further phase is started" in run.message
    assert ("nothing was rolled back" in run.message) is is_said


@pytest.mark.parametrize(
    ("run", "lines", "line"),
    [
        (
            completed_run().ended(),
            [f"{name}: started, now completed in 2s" for name in ("Test", "Staging", "Production")],
            "completed; Test started, Staging started, Production started",
        ),
        (
            Run("completed", "ready_to_start", checks=["smoke.yml"]).returned(changed=False).checked(False).ended(),
            ["Test: skipped, now completed in 2s; check smoke.yml failed", "Staging: not reached, now ready_to_start"],
            "failed (check_failed); nothing changed",
        ),
    ],
)
def test_summary_and_line_say_what_a_run_did(run: Run, lines: list[str], line: str) -> None:
    assert messages.summary(run.record) == lines
    assert messages.in_one_line(run.record) == line


def test_line_of_a_run_that_never_was() -> None:
    assert messages.in_one_line({}) == "not needed"
