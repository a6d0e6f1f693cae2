# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A release as lines of text, one for each phase. Pure, and without control characters, so that any log can hold it."""

from __future__ import annotations

import json
import re
import typing as t
import unicodedata

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration, plain

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MARKS = {
    "completed": "\N{HEAVY CHECK MARK}",
    "active": "\N{BLACK RIGHT-POINTING TRIANGLE}",
    "paused": "\N{DOUBLE VERTICAL LINE}",
    "ready_to_start": "\N{BULLSEYE}",
    "not_started": "\N{WHITE CIRCLE}",
    "reverted": "\N{LEFTWARDS ARROW WITH HOOK}",
    "blocked": "\N{BALLOT X}",
}
UNKNOWN_MARK = "?"


def tree(release: Mapping[str, t.Any], plan: Mapping[str, t.Any] | None = None) -> list[str]:
    """The release; with a plan, each phase also says what a run would do about it."""
    if plan and not plan["steps"]:
        plan = None  # the settings cannot be used
    steps = {step["phase_id"]: step for step in (plan or {}).get("steps", ())}
    rows = [_row(phase, steps.get(phase["id"]), planned=plan is not None) for phase in release["phases"]]
    return [_headline(release), *(f"  {line}" for line in columns(rows))]


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Each row as a line, with its cells below those of the others."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows)]
    return ["  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths)).rstrip() for row in rows]


def width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _headline(release: Mapping[str, t.Any]) -> str:
    flag = f"{release['project_key']}/{release['flag_key']}"
    done = sum(1 for phase in release["phases"] if phase["complete"])
    if release.get("kind") == "environments":
        variation = release.get("variation") or {}
        released = variation.get("name") or json.dumps(variation.get("value"), ensure_ascii=False)
        return plain(f"{flag}, variation {released}: {done} of {len(release['phases'])} environments released")
    pipeline = release.get("pipeline_name") or release.get("pipeline_key")
    if release.get("canceled_at"):
        state = f"canceled at {time_of_day(release['canceled_at'])}"
    else:
        state = f"{done} of {len(release['phases'])} phases complete"
    kind = "legacy release pipeline" if release.get("is_legacy") else "release pipeline"
    return plain(f"{flag} in {kind} {pipeline}: {state}")


def _row(phase: Mapping[str, t.Any], step: Mapping[str, t.Any] | None, *, planned: bool) -> list[str]:
    cells = [
        MARKS.get(phase["status"], UNKNOWN_MARK),
        phase["name"],
        phase["status"] if phase["status"] != "unknown" else f"unknown ({phase['status_raw']})",
        _environments(phase),
        # Beside a plan only the last one, since a terminal is not wide enough for both.
        ", ".join(_times(phase)[-1:] if planned else _times(phase)),
    ]
    if planned:
        cells.append(_intent(step) if step else "not in this run")
    return [plain(cell) for cell in cells]


def _environments(phase: Mapping[str, t.Any]) -> str:
    audiences = phase.get("audiences") or ()
    keys = ", ".join(dict.fromkeys(item["environment_key"] or item["name"] or item["id"] for item in audiences))
    notes = [
        *([f"{phase['rules_ahead']} rules ahead"] if phase.get("rules_ahead") else []),
        *("guarded" for item in audiences if item.get("release_guardian_configuration")),
        *("approval" for item in audiences if item.get("require_approval")),
    ]
    return f"{keys} ({', '.join(dict.fromkeys(notes))})" if notes else keys


def _times(phase: Mapping[str, t.Any]) -> list[str]:
    return [
        f"{word} {time_of_day(phase[key])}"
        for word, key in (("started", "started_at"), ("completed", "completed_at"))
        if phase.get(key)
    ]


def time_of_day(iso: str) -> str:
    """2026-10-26T06:13:20.000Z as 2026-10-26 06:13:20 UTC."""
    return re.sub(r"T(\d\d:\d\d:\d\d)(\.\d+)?Z", r" \1 UTC", iso)


def _intent(step: Mapping[str, t.Any]) -> str:
    """What a run would do about a phase, in order."""
    if not step["runs"]:
        return f"{step['would']}: {step['why']}"
    starts = step["would"] == "start"
    parts: Sequence[str] = [
        *(_rollout(step["options"]) if step.get("options") and starts else []),
        *([step["frozen"]] if step.get("frozen") else []),
        *(["ask for confirmation"] if step["confirm"] else []),
        *(f"run {name}" for name in step["before"] if starts),
        *([f"wait up to {duration(step['wait_timeout'])}"] if step["would"] != "skip" else []),
        *([f"soak {duration(step['soak'])}"] if step["soak"] else []),
        *(f"check {check['name']}" for check in step["checks"]),
        *(f"run {name}" for name in step["after"]),
    ]
    # A complete phase is verified until a later one starts.
    verified = "verify again: " if step["would"] == "skip" else ""
    return f"{step['would']}: {step['why']}" + (f"; {verified}{', '.join(parts)}" if parts else "")


def _rollout(options: Mapping[str, t.Any]) -> list[str]:
    """How a variation is released in an environment."""
    strategy = options.get("strategy") or "immediate"
    steps = [f"{step['percent']:g}% for {duration(step['duration'])}" for step in options.get("steps") or ()]
    watched = [metric["key"] for metric in options.get("metrics") or ()]
    bypassed = options.get("bypass_health_checks") or ()
    return [
        strategy + (f" by plan {options['release_plan_key']}" if options.get("release_plan_key") else ""),
        *steps,
        *([f"to segments {' and '.join(options['segments'])}"] if options.get("segments") else []),
        *([f"watching {' and '.join(watched)}"] if watched else []),
        *([f"health checks {' and '.join(bypassed)} bypassed"] if bypassed else []),
    ]
