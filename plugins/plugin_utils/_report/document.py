# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The report of a run, or of a release without a run, as a document: plain JSON data with a schema. Pure.

The Markdown and the HTML page show what is in the document, and nothing else.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.data import to_builtin
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.approval import environments_of
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import (
    environment_keys,
    phase_from_result,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.approvals import by_phase
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.timeline import remaining, segments
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import seconds_between

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Document = dict[str, t.Any]

VERSION = 1
# In these states a release goes on as planned, unless a person decides otherwise.
CONTINUES = ("planned", "stopped", "waiting", "not_started", "under_way")
SCHEMA = "https://raw.githubusercontent.com/flagops/flagops.launchdarkly/main/docs/schemas/release-report-1.json"

_APPROVAL = (
    "id",
    "environment_key",
    "review_status",
    "status",
    "requested_at",
    "answered_at",
    "comment",
    "service_kind",
    "link",
)


def report(
    record: Mapping[str, t.Any],
    release: Mapping[str, t.Any] | None = None,
    approvals: Sequence[Mapping[str, t.Any]] | None = None,
) -> Document:
    """`record` is an entry of `release_result`, `release` what ld_release_info returns, if the release could be read.

    `approvals` are the requests of the flag: a run knows only those that it waited for. A record without a state is not of a run:
    then the report says where the release stands at `finished_at`.
    """
    return _document(to_builtin(record), to_builtin(release or {}), to_builtin(approvals or []))


def _document(record: Document, release: Document, listed: list[Document]) -> Document:
    is_run = record.get("state") not in (None, "running")
    as_of = record.get("finished_at") or record.get("started_at")
    found = by_phase(release, listed) if listed else {}
    state = record["state"] if is_run else _standing(release)
    phases = [
        _phase(
            index, {**done, "approvals": found.get(str(read.get("id"))) or done.get("approvals")}, read, record, as_of
        )
        for index, (done, read) in enumerate(_pairs(record, release))
    ]
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "kind": "run" if is_run else "status",
        "project_key": record["project_key"],
        "flag_key": record["flag_key"],
        "flag_link": record.get("flag_link"),
        "pipeline": {"key": release.get("pipeline_key"), "name": release.get("pipeline_name")},
        "variation_id": release.get("variation_id"),
        "variation_name": record.get("variation_name"),
        "canceled_at": release.get("canceled_at"),
        "ran_by": _ran_by(record.get("ran_by")),
        "state": state,
        **{name: record.get(name) for name in ("reason", "error_code", "message", "next_phase", "waits_until")},
        "started_at": record.get("started_at"),
        "finished_at": record.get("finished_at"),
        "seconds": seconds_between(record.get("started_at"), record.get("finished_at")) if is_run else None,
        "phases": phases if state in CONTINUES else [{**phase, "planned": []} for phase in phases],
        "changes_by_others": [str(item) for item in record.get("changes_by_others") or ()],
        "freeze": record.get("freeze") or None,
        "undone": [_undone(item) for item in record.get("undone") or ()],
        "restore": [_restore(item) for item in record.get("restore") or ()],
        "warnings": [str(item) for item in record.get("warnings") or ()],
        "requests": record.get("requests"),
        "retries": record.get("retries"),
        "versions": record.get("versions") or {},
        "shortened": None,
    }


def _ran_by(given: t.Any) -> Document | None:
    if not given:
        return None
    return {name: None if given.get(name) is None else str(given[name]) for name in ("system", "job", "user", "link")}


def _standing(release: Mapping[str, t.Any]) -> str:
    """The state of a release where there was no run."""
    statuses = [phase["status"] for phase in release.get("phases") or ()]
    if release.get("canceled_at"):
        return "canceled"
    if not statuses:
        return "no_release"
    if release.get("complete") or all(status == "completed" for status in statuses):
        return "completed"
    if "paused" in statuses:
        return "paused"
    return "under_way" if {"active", "completed", "unknown"} & set(statuses) else "not_started"


def _pairs(record: Document, release: Document) -> Iterable[tuple[Document, Document]]:
    """Each phase as the record has it, and as the release has it, in the order of the release."""
    done = {phase.get("phase_id"): phase for phase in record.get("phases") or ()}
    read = release.get("phases") or ()
    yield from ((done.pop(phase["id"], {}), phase) for phase in read)
    # Those that are gone from the release, or all where it could not be read.
    yield from ((phase, {}) for phase in done.values())


def _phase(index: int, done: Document, read: Document, record: Document, as_of: str | None) -> Document:
    times = {name: read.get(name) or done.get(name) for name in ("started_at", "completed_at")}
    audiences = read.get("audiences") or ()
    strategies = [item["strategy"] for item in audiences if item.get("strategy")] or _listed(done.get("strategy"))
    phase = {
        "index": index,
        "phase": done.get("phase") or read.get("name"),
        "phase_id": done.get("phase_id") or read.get("id"),
        "environments": done.get("environments") or environment_keys(audiences),
        "strategies": _unique(strategies),
        "require_approval": any(item.get("require_approval") for item in audiences),
        "in_run": "phase_id" in done,
        "would": done.get("would"),
        "action": done.get("action"),
        "status": read.get("status") or done.get("status") or "unknown",
        **times,
        "seconds": seconds_between(times["started_at"], times["completed_at"]),
        "completed_by": read.get("completed_by") or done.get("completed_by") or None,
        "steps": [_step(item) for item in read.get("steps") or done.get("steps") or ()],
        "approvals": [_approval(item) for item in done.get("approvals") or ()],
        "soak": _soak(done.get("soak")),
        "checks": [_check(item) for item in done.get("checks") or ()],
        "notes": [str(item) for item in done.get("notes") or ()],
    }
    phase["timeline"] = segments(phase, record.get("started_at"), as_of)
    is_ahead = not record.get("state") or done.get("would") in ("start", "resume")
    phase["planned"] = remaining(phase, done.get("planned") or _planned(read, done.get("soak"))) if is_ahead else []
    return phase


def _planned(read: Document, soak: Document | None) -> list[Document]:
    """What is planned for a phase where the run has not said so. A release knows nothing of soaks."""
    phase = phase_from_result(read) if read else None
    approval = [{"kind": "approval", "seconds": None}] if phase and environments_of(phase) else []
    rollout = {"kind": "rollout", "seconds": (phase.window_seconds or None) if phase else None}
    return [*approval, rollout, *([{"kind": "soak", "seconds": soak["seconds"]}] if soak else [])]


def _step(given: Document) -> Document:
    return {name: given.get(name) for name in ("percent", "started_at", "ended_at")}


def _listed(value: t.Any) -> list[str]:
    if not value:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _unique(items: Iterable[t.Any]) -> list[t.Any]:
    return list(dict.fromkeys(item for item in items if item))


def _approval(given: Document) -> Document:
    return {
        **{name: given.get(name) for name in _APPROVAL},
        "reviewers": [_person(item) for item in given.get("reviewers") or ()],
    }


def _person(given: t.Any) -> Document:
    """LaunchDarkly's approval requests have only the IDs of reviewers."""
    if not isinstance(given, Mapping):
        return {"id": str(given), "name": None, "email": None}
    return {name: given.get(name) for name in ("id", "name", "email")}


def _soak(given: Document | None) -> Document | None:
    return {name: given.get(name) for name in ("seconds", "from", "to")} if given else None


def _check(given: Document) -> Document:
    measurements = [
        {"ok": item.get("ok"), "detail": item.get("detail"), "at": item.get("at")}
        for item in given.get("measurements") or ()
    ]
    return {**{name: given.get(name) for name in ("name", "verdict", "detail", "at")}, "measurements": measurements}


def _undone(given: Document) -> Document:
    names = ("environment_key", "action", "ok", "changed", "comment", "message", "at", "error_code")
    return {name: given.get(name) for name in names}


def _restore(given: Document) -> Document:
    names = ("environment_key", "variation_id", "served_before", "changed", "found", "left")
    return {name: given.get(name) for name in names}
