# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Where the releases of a project stand, as lines for a terminal and as the parts of a page. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.links import flag_page
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import cells, words
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.sections import Section, readable
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import seconds_between
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.tree import (
    MARKS,
    UNKNOWN_MARK,
    columns,
    width,
)

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.cells import Cell

Json = dict[str, t.Any]

_MARKS = {**MARKS, "legacy": MARKS["not_started"], "canceled": MARKS["blocked"]}

# Columns. Ansible shows a line as text of a list, indented and in quotes.
LONGEST_LINE = 88
LONGEST_PHASE = 14
LONGEST_FLAG = 28


def document(read: Mapping[str, t.Any], now: str, api_host: str, stuck_after: float | None = None) -> Json:
    """`read` is what the operation has found. The releases of each pipeline, by phase, those that stand longest first.

    One that is in its phase for more than `stuck_after` seconds is stuck.
    """
    rows = [_row(item, read["project_key"], now, api_host, stuck_after) for item in read["flags"]]
    rows.sort(key=lambda row: (row["phase_index"] is None, row["phase_index"], row["since"] or "9", row["flag_key"]))
    groups = [
        {**pipeline, "rows": [row for row in rows if row["list_key"] == pipeline["key"]]}
        for pipeline in read["pipelines"]
    ]
    if not read["pipelines"]:
        groups = [{"key": None, "phases": [], "rows": rows}]
    return readable({"project_key": read["project_key"], "as_of": now, "groups": groups})


# What a flag that is released through environments waits for: whose turn it is, and what has to happen.
_WAITS = {"ready_to_start": ("person", "its start"), "active": ("launchdarkly", "its rollout")}
# No release pipeline can have this key.
THROUGH_ENVIRONMENTS = "through environments"


def with_environments(read: Mapping[str, t.Any], releases: Sequence[Mapping[str, t.Any]], keys: Sequence[str]) -> Json:
    """What was read, with one more list: the flags that are released through environments, whose phases are these."""
    in_pipeline = {*(item["flag_key"] for item in read["flags"]), *read["completed_flags"]}
    listed = [item for item in releases if item["flag_key"] not in in_pipeline]
    active = [item for item in listed if item["status"] in _WAITS]
    phases = [{"id": key, "name": key, "releases": sum(item["phase"] == key for item in active)} for key in keys]
    group = {
        "key": THROUGH_ENVIRONMENTS,
        "name": f"Through {', '.join(keys)}",
        "is_legacy": False,
        "phases": phases,
        "active_count": len(active),
        "completed_count": sum(item["status"] == "completed" for item in listed),
    }
    flags = [_as_flag(item, keys) for item in active]
    return {**read, "pipelines": [*read["pipelines"], group], "flags": [*read["flags"], *flags]}


def _as_flag(item: Mapping[str, t.Any], keys: Sequence[str]) -> Json:
    turn, waits_for = _WAITS[item["status"]]
    return {
        **{name: item[name] for name in ("flag_key", "phase", "status", "environment_key", "since")},
        "list_key": THROUGH_ENVIRONMENTS,
        "phase_index": keys.index(item["phase"]),
        "exists": True,
        "turn": turn,
        "waits_for": waits_for,
        "approval_link": None,
        "problem": None,
    }


def _row(item: Mapping[str, t.Any], project_key: str, now: str, api_host: str, stuck_after: float | None) -> Json:
    environment = item["environment_key"]
    age = seconds_between(item["since"], now)
    return {
        **item,
        "age": None if age is None else duration(max(age, 0)),
        "is_stuck": stuck_after is not None and age is not None and age > stuck_after,
        "link": flag_page(api_host, project_key, environment, item["flag_key"]) if environment else None,
        "waits_for": item["problem"]
        or item["waits_for"]
        or ("" if item["exists"] else "It is in no release pipeline."),
        "is_stopped": item["turn"] == "person" or bool(item["problem"]),
    }


def summary(found: Mapping[str, t.Any]) -> str:
    rows = [row for group in found["groups"] for row in group["rows"] if row["exists"]]
    if not rows:
        return "No release is active."
    waiting = sum(row["is_stopped"] for row in rows)
    releases = "1 release" if len(rows) == 1 else f"{len(rows)} releases"
    stuck = sum(row["is_stuck"] for row in rows)
    return (
        f"{releases}, {waiting or 'none'} of them {'waits' if waiting < 2 else 'wait'} for a person"
        + (f", {stuck} {'is' if stuck == 1 else 'are'} stuck" if stuck else "")
        + "."
    )


def lines(found: Mapping[str, t.Any]) -> list[str]:
    """For a terminal. Names and reasons that are too long are cut off; the page has them in full."""
    text = [f"{found['project_key']}: {summary(found)}"]
    for group in found["groups"]:
        text += [_title(group)] if group["key"] else []
        text += [f"  {line}" for line in columns([_row_cells(row) for row in group["rows"]])]
    return [_cut(line, LONGEST_LINE) for line in text]


def _title(group: Mapping[str, t.Any]) -> str:
    kind = " (legacy)" if group["is_legacy"] else ""
    return f"{group['name']}{kind}: {group['active_count']} active, {group['completed_count']} completed"


def _row_cells(row: Mapping[str, t.Any]) -> list[str]:
    return [
        _MARKS.get(row["status"], UNKNOWN_MARK),
        _cut(row["phase"] or row["status"] or "-", LONGEST_PHASE),
        _cut(row["flag_key"], LONGEST_FLAG),
        (row["age"] or "-") + (" !" if row["is_stuck"] else ""),
        row["waits_for"],
    ]


def _cut(text: str, longest: int) -> str:
    if width(text) <= longest:
        return text
    while width(text) >= longest:
        text = text[:-1]
    return text.rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def page(found: Mapping[str, t.Any]) -> Json:
    """What the template of the page gets."""
    rows = [row for group in found["groups"] for row in group["rows"]]
    is_open = any(row["is_stopped"] for row in rows)
    return {
        "document": found,
        "state": words.Badge("Waiting" if is_open else "Nothing waits", "open" if is_open else "good"),
        "summary": summary(found),
        "facts": [("As of", cells.moments(found["as_of"])), *_counts(found["groups"])],
        "groups": [(_section(group), _phase_counts(group)) for group in found["groups"]],
    }


def _counts(groups: Sequence[Mapping[str, t.Any]]) -> list[tuple[str, Cell]]:
    named = [group for group in groups if group["key"]]
    totals = {label: sum(group[f"{label}_count"] for group in named) for label in ("active", "completed")}
    return [(label.capitalize(), cells.texts(count)) for label, count in totals.items()] if named else []


def _phase_counts(group: Mapping[str, t.Any]) -> list[tuple[str, int]]:
    counts = [(phase["name"], phase["releases"]) for phase in group["phases"]]
    return [*counts, ("Completed", group["completed_count"])] if group["key"] else []


def _section(group: Mapping[str, t.Any]) -> Section:
    kind = " (legacy)" if group.get("is_legacy") else ""
    title = f"{group['name']}{kind}" if group["key"] else "Flags"
    rows = [_cells(row) for row in group["rows"]]
    return Section("flags", title, columns=("Flag", "Phase", "Since", "Waits for"), rows=rows)


def _cells(row: Mapping[str, t.Any]) -> tuple[Cell, ...]:
    return (
        cells.links(row["flag_key"], row["link"]) if row["link"] else cells.texts(row["flag_key"]),
        (*cells.texts(row["phase"]), *([words.badge(row["status"])] if row["status"] else [])),
        (
            *([f"{row['age']} ago"] if row["age"] else []),
            *cells.moments(row["since"]),
            *([words.Badge("Stuck", "bad")] if row["is_stuck"] else []),
        ),
        (
            *cells.texts(row["waits_for"]),
            *(cells.links("Approval request", row["approval_link"]) if row["approval_link"] else ()),
        ),
    )
