# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release as people see it."""

from __future__ import annotations

import itertools
import unicodedata
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.plan import plan_steps
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.tree import tree
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.role_support import (
    STARTED,
    audience,
    guarded,
    phase,
    release,
)

TIMES = "started 2026-10-26 07:00:00 UTC, completed 2026-10-26 07:00:02 UTC"
LAST = "completed 2026-10-26 07:00:02 UTC"
BLANK = " " * len(LAST)
TO_DO = "ask for confirmation, run announce.yml, wait up to 2h, soak 15m, check smoke.yml, run tell.yml"

TWO_PLACES = [audience("Production"), audience("Canary", environment_key="canary")]
GUARDED = [guarded("Production", 3_600_000, require_approval=True)]


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (
            release("completed", "active", "not_started"),
            [
                "shop/cart in release pipeline Standard: 1 of 3 phases complete",
                f"  ✔  Test        completed    test        {TIMES}",
                "  ▶  Staging     active       staging     started 2026-10-26 07:00:00 UTC",
                "  ○  Production  not_started  production",
            ],
        ),
        (
            release("completed", phase("Staging", "paused", audiences=GUARDED), "ready_to_start"),
            [
                "shop/cart in release pipeline Standard: 1 of 3 phases complete",
                f"  ✔  Test        completed       test                            {TIMES}",
                "  ‖  Staging     paused          production (guarded, approval)  started 2026-10-26 07:00:00 UTC",
                "  ◎  Production  ready_to_start  production",
            ],
        ),
        (
            release(phase("Test", "unknown", status_raw="simmering", audiences=TWO_PLACES), canceled_at=STARTED),
            [
                "shop/cart in release pipeline Standard: canceled at 2026-10-26 07:00:00 UTC",
                "  ?  Test  unknown (simmering)  production, canary",
            ],
        ),
        (
            release(phase("Test", "not_started", audiences=None), pipeline_name=None),
            ["shop/cart in release pipeline standard: 0 of 1 phases complete", "  ○  Test  not_started"],
        ),
        (
            release(phase("Test", "not_started", audiences=[audience("Beta", environment_key=None)])),
            ["shop/cart in release pipeline Standard: 0 of 1 phases complete", "  ○  Test  not_started  Beta"],
        ),
        (
            release(phase("Test", "not_started", audiences=None), is_legacy=True),
            ["shop/cart in legacy release pipeline Standard: 0 of 1 phases complete", "  ○  Test  not_started"],
        ),
        (release(), ["shop/cart in release pipeline Standard: 0 of 0 phases complete"]),
    ],
)
def test_tree_has_a_line_for_each_phase(given: dict[str, Any], lines: list[str]) -> None:
    assert tree(given) == lines


def test_tree_names_a_freeze_window_first() -> None:
    given = release("ready_to_start", "not_started", "not_started")
    plan = plan_steps(given, {"phases": [{"phase": "Test", "confirm": True}]})
    plan["steps"][0]["frozen"] = "not before noon"
    assert tree(given, plan)[1].endswith("start: ready to start; not before noon, ask for confirmation, wait up to 1h")


def test_tree_with_a_plan_says_what_would_happen() -> None:
    given = release("completed", "ready_to_start", "not_started")
    settings = {
        "until": "Staging",
        "phases": [
            {"phase": "Test", "soak": "1h", "checks": ["health.yml"], "before": ["announce.yml"]},
            {
                "phase": "Staging",
                "before": ["announce.yml"],
                "after": ["tell.yml"],
                "checks": ["smoke.yml"],
                "soak": "15m",
                "wait_timeout": "2h",
                "confirm": True,
            },
        ],
    }
    assert tree(given, plan_steps(given, settings)) == [
        "shop/cart in release pipeline Standard: 1 of 3 phases complete",
        f"  ✔  Test        completed       test        {LAST}  skip: completed; verify again: soak 1h, check health.yml",
        f"  ◎  Staging     ready_to_start  staging     {BLANK}  start: ready to start; {TO_DO}",
        f"  ○  Production  not_started     production  {BLANK}  not in this run",
    ]


def test_tree_with_an_unusable_plan_has_no_plan() -> None:
    given = release("ready_to_start")
    assert tree(given, {"error": "no", "steps": [], "parts": []}) == tree(given)


STATUSES = ("not_started", "ready_to_start", "active", "paused", "completed", "unknown")


@pytest.mark.parametrize("statuses", list(itertools.product(STATUSES, repeat=2)))
def test_tree_columns_line_up(statuses: tuple[str, ...]) -> None:
    given = release(*statuses)
    lines = tree(given, plan_steps(given, {}))
    assert len(lines) == 3
    assert all(line == line.rstrip() for line in lines)
    assert lines[1].index(statuses[0]) == lines[2].index(statuses[1])


@pytest.mark.parametrize(("name", "columns"), [("本番", 4), ("Pru\u0308fung", 7), ("Test", 4)])
def test_tree_columns_line_up_with_wide_letters(name: str, columns: int) -> None:
    lines = tree(release(phase(name, "active"), phase("Production", "not_started")))
    assert lines[1].startswith(f"  ▶  {name}{' ' * (10 - columns)}  active")


HOSTILE = "\x1b[31mred\x1b]0;title\x07\r\n\x08\x9b0m\u2028\u202e"


def test_tree_has_no_control_characters() -> None:
    given = release(
        phase(HOSTILE, "unknown", status_raw=HOSTILE, audiences=[audience("a", environment_key=HOSTILE)]),
        pipeline_name=HOSTILE,
        flag_key=HOSTILE,
        canceled_at=HOSTILE,
    )
    settings = {"checks": [{"command": "true", "name": HOSTILE}]}
    for line in tree(given, plan_steps(given, settings)):
        assert not [char for char in line if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")]
