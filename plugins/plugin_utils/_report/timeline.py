# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a phase spent its time on, and what it is planned to spend time on. Pure."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.times import moment
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.times import add_seconds, seconds_between

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Segment = dict[str, t.Any]

# The start filed a request that follows so soon; nothing rolled out before it.
FILED_WITH_START = datetime.timedelta(seconds=60)

KINDS = ("approval", "rollout", "soak", "checks")


def segments(phase: Mapping[str, t.Any], run_began: str | None, as_of: str | None) -> list[Segment]:
    """The spans of a phase in order; one is `open` when it had not ended at `as_of`.

    Between the start and the completion of a phase, all time without a pending approval is rollout. Nothing rolls out after a
    refusal.
    """
    started = phase["started_at"]
    if not started:
        return []
    # A complete phase has ended, also where the time of its completion is unknown.
    completed = phase["completed_at"] or (started if phase["status"] == "completed" else None)
    end = completed or as_of or started
    waits = _merged(_wait(item, started, completed, end) for item in phase["approvals"] if item["requested_at"])
    refused = any(_is_refused(item) for item in phase["approvals"]) and not completed
    rollouts = [
        _segment("rollout", begin, None if finish == end and not completed else finish, end)
        for begin, finish in _between(waits, started, waits[-1]["to"] if refused and waits else end)
    ]
    rollouts = [part for span in rollouts for part in _by_step(span, phase.get("steps") or ())]
    spans = sorted([*waits, *rollouts], key=lambda item: moment(item["from"]))
    if completed:
        spans += _after(phase, completed, run_began, as_of)
    return spans


def _by_step(span: Segment, steps: Iterable[Mapping[str, t.Any]]) -> list[Segment]:
    """A rollout, cut where its steps began; each part has the `percent` of its step."""
    parts: list[Segment] = [span]
    for step in steps:
        last, begin = parts[-1], step["started_at"]
        if begin is None or moment(begin) >= moment(last["to"]):
            continue
        if moment(begin) > moment(last["from"]):
            parts[-1:] = [{**last, "to": begin, "open": False}, {**last, "from": begin}]
        parts[-1] = {**parts[-1], "percent": step["percent"]}
    return parts


def _wait(item: Mapping[str, t.Any], started: str, completed: str | None, end: str) -> Segment:
    """Until the answer; while an approved request is not applied, until the phase ends."""
    begin = item["requested_at"]
    if moment(started) <= moment(begin) <= moment(started) + FILED_WITH_START:
        begin = started
    is_over = item["status"] == "completed" or _is_refused(item) or completed
    return _segment("approval", begin, (item["answered_at"] or begin) if is_over else None, end)


def _is_refused(item: Mapping[str, t.Any]) -> bool:
    return bool(item["review_status"] == "declined" or item["status"] == "failed")


def _after(phase: Mapping[str, t.Any], completed: str, run_began: str | None, as_of: str | None) -> list[Segment]:
    """The soak and the checks of a phase that is complete."""
    soak = phase["soak"] or {}
    spans = []
    since = completed
    if soak.get("from") or soak.get("seconds"):
        begin = soak.get("from") or completed
        due = soak.get("to") or add_seconds(begin, soak.get("seconds") or 0)
        is_over = not as_of or not due or moment(due) <= moment(as_of)
        span = _segment("soak", begin, due if is_over else None, as_of or begin)
        spans.append(span)
        since = span["to"]
    # Measurements of the soak are drawn there. Without a soak all followed the completion, even if our clock is behind.
    measured = [at for check in phase["checks"] for at in _times(check) if not spans or moment(at) > moment(since)]
    if measured:
        # Where an earlier run completed the phase, its checks began with this run.
        begin = max([since, *([run_began] if run_began else [])], key=moment)
        first = min(measured, key=moment)
        spans.append(_segment("checks", min(begin, first, key=moment), max(measured, key=moment), first))
    return spans


def _times(check: Mapping[str, t.Any]) -> list[str]:
    return [at for at in (check["at"], *(item["at"] for item in check["measurements"])) if at]


def _segment(kind: str, begin: str, end: str | None, as_of: str) -> Segment:
    """No span ends before it begins, even if two clocks differ."""
    finish = end or as_of
    return {"kind": kind, "from": begin, "to": max(begin, finish, key=moment), "open": end is None}


def _merged(spans: Iterable[Segment]) -> list[Segment]:
    """Approvals in several environments wait at the same time."""
    merged: list[Segment] = []
    for span in sorted(spans, key=lambda item: moment(item["from"])):
        if merged and moment(span["from"]) <= moment(merged[-1]["to"]):
            last = merged[-1]
            longer = max(last, span, key=lambda item: moment(item["to"]))
            merged[-1] = {**last, "to": longer["to"], "open": longer["open"]}
        else:
            merged.append(span)
    return merged


def _between(taken: Sequence[Segment], begin: str, end: str) -> list[tuple[str, str]]:
    """The rest of a time without the spans that are taken."""
    free = []
    for span in taken:
        if moment(span["from"]) > moment(begin):
            free.append((begin, min(span["from"], end, key=moment)))
        begin = max(begin, span["to"], key=moment)
    if moment(begin) < moment(end) or not (taken or free):
        free.append((begin, end))
    return [(first, last) for first, last in free if first != last or not taken]


def remaining(phase: Mapping[str, t.Any], planned: Iterable[Mapping[str, t.Any]]) -> list[Segment]:
    """What is still ahead of a phase of all that was `planned` for it: `kind`, and `seconds` or None where that is unknown."""
    spans = phase["timeline"]
    ahead = [{"kind": item["kind"], "seconds": item["seconds"]} for item in planned]
    if not spans:
        return [] if phase["status"] == "completed" else ahead
    last = spans[-1]
    if phase["status"] == "paused" or not last["open"]:
        return []
    same = [span for span in spans if span["kind"] == last["kind"]]
    passed = sum(seconds_between(span["from"], span["to"]) or 0.0 for span in same)
    current = [
        {**item, "seconds": item["seconds"] - passed}
        for item in ahead
        if item["kind"] == last["kind"] and (item["seconds"] or 0.0) > passed
    ]
    later = [item for item in ahead if KINDS.index(item["kind"]) > KINDS.index(last["kind"])]
    return [*current, *later]
