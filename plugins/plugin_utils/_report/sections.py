# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The facts, tables and lists of a report, for every format that people read. Pure.

A document comes here with clean text: see `readable`.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import cells, words
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.words import Badge, badge
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.text import map_text

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.cells import Cell

Document = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Section:
    """A table (`columns` and `rows`), or pairs of a label and a value (`facts`), or a list (`items`)."""

    name: str
    title: str
    columns: tuple[str, ...] = ()
    rows: Sequence[tuple[Cell, ...]] = ()
    facts: Sequence[tuple[str, Cell]] = ()
    items: Sequence[str] = ()


def readable(document: Document) -> dict[str, t.Any]:
    """The document with every text on one line and without control characters."""
    clean: dict[str, t.Any] = map_text(dict(document), lambda text: " ".join(plain(text).split()))
    return clean


def title(document: Document) -> str:
    return f"{document['project_key']}/{document['flag_key']}"


def summary(document: Document) -> str:
    """The message of the run; without a run, how far the release is."""
    if document["message"]:
        return str(document["message"])
    phases = document["phases"]
    if not phases:
        return "The flag has no release, or none that could be read."
    done = sum(1 for phase in phases if phase["status"] == "completed")
    current = ", ".join(_current(phase) for phase in phases if phase["status"] in ("active", "paused"))
    return f"{done} of {len(phases)} phases complete" + (f"; under way: {current}." if current else ".")


def _current(phase: Mapping[str, t.Any]) -> str:
    waits = phase["timeline"] and phase["timeline"][-1]["open"] and phase["timeline"][-1]["kind"] == "approval"
    return f"{phase['phase']} (waiting for approval)" if waits else str(phase["phase"])


def facts(document: Document) -> list[tuple[str, Cell]]:
    """The facts at the top."""
    is_run = document["kind"] == "run"
    pipeline = document["pipeline"]
    rows: list[tuple[str, Cell]] = [
        ("Flag", cells.links(title(document), document["flag_link"]) if document["flag_link"] else ()),
        ("Release pipeline", cells.texts(pipeline["name"] or pipeline["key"])),
        ("Variation", cells.texts(document["variation_name"]) or cells.codes(document["variation_id"])),
        ("Run by", _ran_by(document["ran_by"])),
        ("Run started" if is_run else "As of", cells.moments(document["started_at" if is_run else "finished_at"])),
        ("Run ended", cells.moments(document["finished_at"]) if is_run else ()),
        ("Run took", cells.durations(document["seconds"])),
        ("Canceled", cells.moments(document["canceled_at"])),
        ("Next phase", cells.texts(document["next_phase"])),
        ("Waits until", cells.moments(document["waits_until"])),
        ("Reason", cells.codes(document["reason"])),
        ("Error code", cells.codes(document["error_code"] if document["error_code"] != document["reason"] else None)),
    ]
    return [row for row in rows if row[1]]


def _ran_by(ran_by: Mapping[str, t.Any] | None) -> Cell:
    return (*cells.texts(ran_by["user"]), *cells.links(words.job(ran_by), ran_by["link"])) if ran_by else ()


def sections(document: Document) -> list[Section]:
    """What stands below the timeline, in order and without what is empty."""
    found = [
        _phases(document),
        _approvals(document["phases"]),
        _checks(document["phases"]),
        Section("changes", "Changes by others", items=document["changes_by_others"]),
        _freeze(document["freeze"]),
        _undone(document["undone"]),
        Section("warnings", "Warnings", items=document["warnings"]),
        _counts(document),
        _versions(document["versions"]),
    ]
    return [_without_empty_columns(item) for item in found if item.rows or item.facts or item.items]


def _without_empty_columns(section: Section) -> Section:
    kept = [index for index in range(len(section.columns)) if any(row[index] for row in section.rows)]
    return replace(
        section,
        columns=tuple(section.columns[index] for index in kept),
        rows=[tuple(row[index] for index in kept) for row in section.rows],
    )


def _phases(document: Document) -> Section:
    is_run = document["kind"] == "run"
    columns = ("Phase", "Action" if is_run else "Environments", "Status", "Started")
    return Section(
        "phases",
        "Phases",
        (*columns, "Completed", "Took", "Soaked until", "Completed by"),
        [_phase(phase, is_run, document["state"] == "planned") for phase in document["phases"]],
    )


def _phase(phase: Mapping[str, t.Any], is_run: bool, is_planned: bool) -> tuple[Cell, ...]:
    where = cells.texts(
        ", ".join(phase["environments"]), ", ".join(words.strategy(item) for item in phase["strategies"])
    )
    what = cells.texts(words.action(phase, is_planned=is_planned), *phase["notes"]) if is_run else where
    soak = phase["soak"] or {"to": None, "seconds": None}
    return (
        (cells.Strong(phase["phase"]), *(where if is_run else ())),
        what,
        (badge(phase["status"]), *(("needs approval",) if phase["require_approval"] else ())),
        cells.moments(phase["started_at"]),
        cells.moments(phase["completed_at"]),
        cells.durations(phase["seconds"]),
        (*cells.moments(soak["to"]), *cells.durations(soak["seconds"])),
        cells.texts(words.actor(phase["completed_by"])),
    )


def _approvals(phases: Iterable[Mapping[str, t.Any]]) -> Section:
    return Section(
        "approvals",
        "Approvals",
        ("Phase", "Answer", "Reviewers", "Requested", "Answered", "Comment", "Request"),
        [_approval(phase, item) for phase in phases for item in phase["approvals"]],
    )


# What became of a request that was approved.
_APPLIED = {"completed": "applied", "pending": "not applied yet", "failed": "could not be applied"}


def _approval(phase: Mapping[str, t.Any], item: Mapping[str, t.Any]) -> tuple[Cell, ...]:
    label = " ".join(str(word) for word in (item["service_kind"], words.request_number(item)) if word) or "request"
    further = _APPLIED.get(item["status"], item["status"])
    if item["review_status"] != "approved" and item["status"] in (item["review_status"], "pending"):
        further = None
    return (
        (cells.Strong(phase["phase"]), *cells.texts(item["environment_key"])),
        (badge(item["review_status"]), *cells.texts(further)),
        cells.texts(*(words.actor(person) for person in item["reviewers"])),
        cells.moments(item["requested_at"]),
        cells.moments(item["answered_at"]),
        cells.texts(item["comment"]),
        cells.links(label, item["link"]),
    )


def _checks(phases: Iterable[Mapping[str, t.Any]]) -> Section:
    return Section(
        "checks",
        "Check evidence",
        ("Phase", "Check", "Verdict", "Measurements", "Last evidence", "At"),
        [_check(phase, check) for phase in phases for check in phase["checks"]],
    )


def _check(phase: Mapping[str, t.Any], check: Mapping[str, t.Any]) -> tuple[Cell, ...]:
    verdicts = tuple(item["ok"] for item in check["measurements"])
    return (
        (cells.Strong(phase["phase"]),),
        cells.texts(check["name"]),
        (badge(check["verdict"]),),
        (cells.Measurements(verdicts),) if verdicts else (),
        cells.texts(check["detail"], *_failures(check)),
        cells.moments(check["at"]),
    )


# The JSON has the others.
_MAX_FAILURES = 3


def _failures(check: Mapping[str, t.Any]) -> list[str]:
    """What earlier measurements found wrong, each once."""
    details = [item["detail"] for item in check["measurements"] if item["ok"] is not True and item["detail"]]
    others = [item for item in dict.fromkeys(details) if item != check["detail"]]
    return [f"also: {item}" for item in others[:_MAX_FAILURES]]


def _freeze(freeze: Mapping[str, t.Any] | None) -> Section:
    labels = {"overridden": "Overridden because", "window": "Window", "until": "Lasts until", "phase": "Phase"}
    given = {labels.get(key, key): value for key, value in (freeze or {}).items()}
    return Section("freeze", "Freeze window overridden", facts=_pairs(given))


def _undone(entries: Iterable[Mapping[str, t.Any]]) -> Section:
    return Section(
        "undone",
        "Undone",
        ("Environment", "Targeting", "Comment", "At", "Error code"),
        [
            (
                (cells.Strong(item["environment_key"]),),
                (_undo(item),),
                cells.texts(item["comment"], item["message"]),
                cells.moments(item["at"]),
                cells.codes(item["error_code"]),
            )
            for item in entries
        ],
    )


def _undo(item: Mapping[str, t.Any]) -> Badge:
    undone, done, nothing = _UNDONE.get(item.get("action") or "turned_off", _UNDONE["turned_off"])
    if not item["ok"]:
        return Badge(f"Could not be {undone}", "bad")
    return Badge(nothing if item["changed"] is False else done, "good")


# By the action of an entry: what could not be done, what was done, and that there was nothing to do.
_UNDONE = {
    "turned_off": ("turned off", "Turned off", "Already off"),
    "rolled_back": ("rolled back", "Rolled back", "Nothing to roll back"),
    "restored": ("restored", "Restored", "As it was before"),
}


def _counts(document: Document) -> Section:
    return Section(
        "requests",
        "Requests to LaunchDarkly",
        facts=_pairs({"Requests": document["requests"], "Retries": document["retries"]}),
    )


_SOFTWARE = {
    "collection": "flagops.launchdarkly",
    "ansible_core": "ansible-core",
    "python": "Python",
}


def _versions(versions: Mapping[str, t.Any]) -> Section:
    return Section(
        "versions", "Versions", facts=_pairs({_SOFTWARE.get(key, key): value for key, value in versions.items()})
    )


def _pairs(given: Mapping[str, t.Any]) -> list[tuple[str, Cell]]:
    return [(key, cell) for key, value in given.items() if (cell := _value(value))]


def _value(value: t.Any) -> Cell:
    if isinstance(value, dict):
        return cells.texts(*(f"{key}: {item}" for key, item in value.items()))
    if isinstance(value, list):
        return cells.texts(str(len(value)), *value)
    is_moment = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", str(value))
    return cells.moments(value) if is_moment else cells.texts(value)
