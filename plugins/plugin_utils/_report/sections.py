# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a report shows, in words and tables, for whichever format: the sections of a document. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import duration
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.markup import visible

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Document = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True)
class Moment:
    iso: str


@dataclass(frozen=True)
class Badge:
    """A word that says how something went; `mood` is good, bad, open or neutral."""

    text: str
    mood: str


@dataclass(frozen=True)
class Measurements:
    """Whether each went well; None for one that could not be measured."""

    verdicts: tuple[bool | None, ...]


@dataclass(frozen=True)
class Strong:
    text: str


@dataclass(frozen=True)
class Code:
    text: str


Part = t.Union[str, Link, Moment, Badge, Measurements, Strong, Code]
# What stands in a cell, each part on a line of its own.
Cell = tuple[Part, ...]


@dataclass(frozen=True)
class Section:
    """A table with columns, or one of facts (two columns, the first of which is a heading), or a list, or one sentence."""

    title: str
    columns: tuple[str, ...] = ()
    rows: Sequence[tuple[Cell, ...]] = ()
    facts: Sequence[tuple[str, Cell]] = ()
    items: Sequence[str] = ()
    empty: str = "None recorded."
    name: str = ""


_STATES = {
    "planned": ("Planned", "neutral"),
    "completed": ("Completed", "good"),
    "stopped": ("Stopped", "open"),
    "waiting": ("Waiting", "open"),
    "failed": ("Failed", "bad"),
    "not_started": ("Not started", "neutral"),
    "ready_to_start": ("Ready to start", "neutral"),
    "under_way": ("Under way", "open"),
    "active": ("Active", "open"),
    "paused": ("Paused", "bad"),
    "canceled": ("Canceled", "bad"),
    "no_release": ("No release", "neutral"),
    "passed": ("Passed", "good"),
    "inconclusive": ("Inconclusive", "bad"),
    "approved": ("Approved", "good"),
    "declined": ("Declined", "bad"),
    "pending": ("Pending", "open"),
    "scheduled": ("Scheduled", "open"),
}


def badge(word: t.Any) -> Badge:
    """A word of ours in words for people; one that LaunchDarkly has invented since is shown as it is."""
    text, mood = _STATES.get(str(word), (str(word or "unknown").replace("_", " ").capitalize(), "neutral"))
    return Badge(text, mood)


def is_web_address(url: t.Any) -> bool:
    """Only what a browser may open; a link from elsewhere could be a script."""
    return re.match(r"https?://[^\s<>\"]+\Z", str(url or ""), re.IGNORECASE) is not None


def name(document: Document) -> str:
    return visible(f"{document['project_key']}/{document['flag_key']}")


def summary(document: Document) -> str:
    """The message, or what stands for one where no run has left any."""
    if document["message"]:
        return visible(document["message"])
    phases = document["phases"]
    if not phases:
        return "The flag has no release, or none that could be read."
    done = sum(1 for phase in phases if phase["status"] == "completed")
    current = ", ".join(_current(phase) for phase in phases if phase["status"] in ("active", "paused"))
    said = f"{done} of {len(phases)} phases complete"
    return visible(f"{said}; under way: {current}." if current else f"{said}.")


def _current(phase: Mapping[str, t.Any]) -> str:
    waits = phase["timeline"] and phase["timeline"][-1]["open"] and phase["timeline"][-1]["kind"] == "approval"
    return f"{phase['phase']} (waiting for approval)" if waits else str(phase["phase"])


def facts(document: Document) -> list[tuple[str, Cell]]:
    """The facts at the top."""
    is_run = document["kind"] == "run"
    pipeline = document["pipeline"]
    rows: list[tuple[str, Cell]] = [
        ("Release pipeline", _texts(pipeline["name"] or pipeline["key"])),
        ("Variation", _codes(document["variation_id"])),
        ("Run started" if is_run else "As of", _moments(document["started_at" if is_run else "finished_at"])),
        ("Run ended", _moments(document["finished_at"]) if is_run else ()),
        ("Run took", _durations(document["seconds"])),
        ("Canceled", _moments(document["canceled_at"])),
        ("Next phase", _texts(document["next_phase"])),
        ("Awaited until", _moments(document["waits_until"])),
        ("Reason", _codes(document["reason"])),
        ("Error code", _codes(document["error_code"] if document["error_code"] != document["reason"] else None)),
    ]
    return [row for row in rows if row[1]]


def _texts(*values: t.Any) -> Cell:
    return tuple(visible(value) for value in values if value not in (None, ""))


def _codes(value: t.Any) -> Cell:
    return (Code(visible(value)),) if value else ()


def _moments(value: t.Any) -> Cell:
    return (Moment(visible(value)),) if value else ()


def _durations(seconds: float | None) -> Cell:
    return () if seconds is None else (took(seconds),)


def took(seconds: float) -> str:
    """Below a second there is something left to say."""
    return duration(seconds) if seconds >= 1 or seconds <= 0 else f"{seconds:.1f}s"


def sections(document: Document) -> list[Section]:
    """All that stands below the timeline, in its order."""
    found = [
        _phases(document),
        _approvals(document["phases"]),
        _checks(document["phases"]),
        Section("Changes by others", items=_words(document["changes_by_others"]), name="changes"),
        _freeze(document["freeze"]),
        _undone(document["undone"]),
        Section("Warnings", items=_words(document["warnings"]), empty="", name="warnings"),
        _counts(document),
        Section("Versions", facts=_versions(document["versions"]), empty="", name="versions"),
    ]
    # A run that had none says so; without a run, nobody has looked.
    is_run = document["kind"] == "run"
    found = [_without_empty_columns(section if is_run else replace(section, empty="")) for section in found]
    return [section for section in found if section.empty or section.rows or section.facts or section.items]


def _without_empty_columns(section: Section) -> Section:
    """The columns that have something in them."""
    kept = [index for index in range(len(section.columns)) if any(row[index] for row in section.rows)]
    return replace(
        section,
        columns=tuple(section.columns[index] for index in kept),
        rows=[tuple(row[index] for index in kept) for row in section.rows],
    )


def _words(items: Iterable[t.Any]) -> tuple[str, ...]:
    return tuple(visible(item) for item in items)


def _phases(document: Document) -> Section:
    columns = ("Phase", "What was done" if document["kind"] == "run" else "Environments", "Status", "Started")
    return Section(
        "Phases",
        (*columns, "Completed", "Took", "Soaked until", "Completed by"),
        [_phase(phase, document["kind"] == "run", document["state"] == "planned") for phase in document["phases"]],
        empty="There are none.",
        name="phases",
    )


def _phase(phase: Mapping[str, t.Any], is_run: bool, is_planned: bool) -> tuple[Cell, ...]:
    where = _texts(", ".join(phase["environments"]), ", ".join(_strategy(word) for word in phase["strategies"]))
    what = (*_texts(_done(phase, is_planned)), *_texts(*phase["notes"])) if is_run else where
    soak = phase["soak"] or {"to": None, "seconds": None}
    return (
        (Strong(visible(phase["phase"])), *(where if is_run else ())),
        what,
        (badge(phase["status"]), *(("needs approval",) if phase["require_approval"] else ())),
        _moments(phase["started_at"]),
        _moments(phase["completed_at"]),
        _durations(phase["seconds"]),
        (*_moments(soak["to"]), *_durations(soak["seconds"])),
        _texts(actor(phase["completed_by"])),
    )


def _strategy(word: str) -> str:
    """LaunchDarkly calls a guarded rollout so everywhere but in this field."""
    return "guarded rollout" if word == "monitored-release" else re.sub("[-_]", " ", word)


_INTENTS = {"skip": "would be skipped", "resume": "would be waited for", "start": "would be started"}
_ACTIONS = {"started": "started", "resumed": "waited for", "adopted": "adopted, others started it"}


def _done(phase: Mapping[str, t.Any], is_planned: bool) -> str:
    if not phase["in_run"]:
        return "not in this run"
    if is_planned:
        return _INTENTS.get(phase["would"], "left alone")
    if phase["action"] in (None, "none"):
        skipped = phase["would"] == "skip"
        return "skipped, complete before" if skipped else f"not reached, {_INTENTS.get(phase['would'], 'left alone')}"
    return _ACTIONS.get(phase["action"], str(phase["action"]))


def actor(who: Mapping[str, t.Any] | None) -> str:
    """Ada Lovelace (member, ada@example.com)."""
    if not who:
        return ""
    named = who.get("name") or who.get("email") or who.get("id") or "unknown"
    more = ", ".join(str(item) for item in (who.get("kind"), who.get("email")) if item and item != named)
    return f"{named} ({more})" if more else str(named)


def _approvals(phases: Iterable[Mapping[str, t.Any]]) -> Section:
    return Section(
        "Approvals",
        ("Phase", "Answer", "Reviewers", "Requested", "Answered", "Comment", "Request"),
        [_approval(phase, item) for phase in phases for item in phase["approvals"]],
        name="approvals",
    )


def _number(item: Mapping[str, t.Any]) -> str | None:
    """What people call the request. LaunchDarkly's ID means nothing in another service, whose address mostly has its number."""
    if item["service_kind"] in (None, "launchdarkly"):
        return str(item["id"])
    found = re.search(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]+-?\d+(?![A-Za-z0-9])", str(item["link"] or ""))
    return found[0] if found else None


# What became of a request that was approved.
_APPLIED = {"completed": "applied", "pending": "not applied yet", "failed": "could not be applied"}


def _approval(phase: Mapping[str, t.Any], item: Mapping[str, t.Any]) -> tuple[Cell, ...]:
    label = visible(" ".join(str(word) for word in (item["service_kind"], _number(item)) if word)) or "request"
    link: Part = Link(label, item["link"]) if is_web_address(item["link"]) else label
    further = _APPLIED.get(item["status"], item["status"])
    if item["review_status"] != "approved" and item["status"] in (item["review_status"], "pending"):
        further = None
    return (
        (Strong(visible(phase["phase"])), *_texts(item["environment_key"])),
        (badge(item["review_status"]), *_texts(further)),
        _texts(*(actor(person) for person in item["reviewers"])),
        _moments(item["requested_at"]),
        _moments(item["answered_at"]),
        _texts(item["comment"]),
        (link, *(_texts(item["link"]) if item["link"] and not isinstance(link, Link) else ())),
    )


def _checks(phases: Iterable[Mapping[str, t.Any]]) -> Section:
    return Section(
        "Check evidence",
        ("Phase", "Check", "Verdict", "Measurements", "Last evidence", "At"),
        [
            (
                (Strong(visible(phase["phase"])),),
                _texts(check["name"]),
                (badge(check["verdict"]),),
                (Measurements(tuple(item["ok"] for item in check["measurements"])),) if check["measurements"] else (),
                _texts(check["detail"], *_failures(check)),
                _moments(check["at"]),
            )
            for phase in phases
            for check in phase["checks"]
        ],
        name="checks",
    )


# Beyond these, the reader looks into the JSON.
_MOST_FAILURES = 3


def _failures(check: Mapping[str, t.Any]) -> list[str]:
    """What else was found wrong, each once."""
    details = [item["detail"] for item in check["measurements"] if item["ok"] is not True and item["detail"]]
    others = [item for item in dict.fromkeys(details) if item != check["detail"]]
    return [f"also: {item}" for item in others[:_MOST_FAILURES]]


def _freeze(freeze: Mapping[str, t.Any] | None) -> Section:
    labels = {"overridden": "Overridden because", "window": "Window", "until": "Lasts until", "phase": "Phase"}
    given = {labels.get(key, key): value for key, value in (freeze or {}).items()}
    return Section("Freeze window overridden", facts=_pairs(given), empty="", name="freeze")


def _undone(entries: Iterable[Mapping[str, t.Any]]) -> Section:
    return Section(
        "Undone",
        ("Environment", "Targeting", "Comment", "At", "Error code"),
        [
            (
                (Strong(visible(item["environment_key"])),),
                (_undo(item),),
                _texts(item["comment"], item["message"]),
                _moments(item["at"]),
                _codes(item["error_code"]),
            )
            for item in entries
        ],
        empty="",
        name="undone",
    )


def _undo(item: Mapping[str, t.Any]) -> Badge:
    if not item["ok"]:
        return Badge("Could not be turned off", "bad")
    return Badge("Was off already" if item["changed"] is False else "Turned off", "good")


def _counts(document: Document) -> Section:
    rows = [("Requests", _counted(document["requests"])), ("Retries", _counted(document["retries"]))]
    return Section("Requests to LaunchDarkly", facts=[row for row in rows if row[1]], empty="", name="requests")


def _counted(value: t.Any) -> Cell:
    if isinstance(value, dict):
        return _texts(*(f"{key}: {item}" for key, item in value.items()))
    if isinstance(value, list):
        return _texts(str(len(value)), *value)
    return () if value is None else (str(value),)


_SOFTWARE = {
    "collection": "flagops.launchdarkly",
    "ansible_core": "ansible-core",
    "python": "Python",
}


def _versions(versions: Mapping[str, t.Any]) -> list[tuple[str, Cell]]:
    return _pairs({_SOFTWARE.get(key, key): value for key, value in versions.items()})


def _pairs(given: Mapping[str, t.Any]) -> list[tuple[str, Cell]]:
    return [(visible(key), cell) for key, value in given.items() if (cell := _moment_or_text(value))]


def _moment_or_text(value: t.Any) -> Cell:
    is_moment = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", str(value))
    return _moments(value) if is_moment else _counted(value)


def time(iso: str) -> tuple[str, str]:
    """2026-10-26T06:13:20.000Z as the day and the time of day that people read, in UTC."""
    found = re.match(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)", iso)
    return (found[1], f"{found[2]} UTC") if found else (visible(iso), "")
