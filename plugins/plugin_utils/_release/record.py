# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The record of a run: what was done about each phase, and how the run ended. Pure.

A record is plain data, and is what `release_result` shows apart from the keys in INTERNAL. A run is over when its `state` is no
longer `running`.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.text import escape_templates

if t.TYPE_CHECKING:
    from collections.abc import Mapping

Record = dict[str, t.Any]
Step = t.Mapping[str, t.Any]

# What only the run itself needs. `goal`: the phase and status that the end of the run is compared with. `ended_in`: the ID of the
# phase that the run ended in. `attempted`: the IDs of the phases that this run has asked LaunchDarkly to start. `on_failure`: what
# the plan says about an undo.
INTERNAL = ("goal", "ended_in", "attempted", "on_failure")


def begin(project_key: str, flag_key: str, now: str) -> Record:
    return {
        "project_key": project_key,
        "flag_key": flag_key,
        "state": "running",
        "reason": None,
        "error_code": None,
        "message": None,
        "next_phase": None,
        "waits_until": None,
        "started_at": now,
        "finished_at": None,
        "phases": [],
        "goal": {},
        "ended_in": None,
        "attempted": [],
        "on_failure": "stop",
        "restore": [],
        "freeze": None,
        "undone": [],
        "changes_by_others": [],
        "warnings": [],
        "requests": 0,
        "retries": 0,
        "versions": {},
        "flag_link": None,
        "variation_name": None,
        "ran_by": None,
    }


def phase_entry(step: Step) -> Record:
    """A phase of the plan as the record shows it before anything is done about it."""
    return {
        "phase": step["phase"],
        "phase_id": step["phase_id"],
        "environments": list(step["environments"]),
        "would": step["would"],
        "action": "none" if step["would"] == "skip" else None,
        "status": step["status"],
        "started_at": None,
        "completed_at": None,
        "completed_by": None,
        "seconds": None,
        "waited": None,
        "soak": None,
        "approvals": [],
        "checks": [],
        "notes": [],
        "planned": _spans(step),
    }


def _spans(step: Step) -> list[Record]:
    """What the phase takes, in order; None where nobody knows how long. The report draws it before anything has happened."""
    if step["would"] == "skip":
        return []
    approval = [{"kind": "approval", "seconds": None}] if step["require_approval"] else []
    soak = [{"kind": "soak", "seconds": step["soak"]}] if step["soak"] else []
    checks = [{"kind": "checks", "seconds": None}] if step["checks"] else []
    return [*approval, {"kind": "rollout", "seconds": step["window"] or None}, *soak, *checks]


def end(
    record: Record, state: str, reason: str | None, code: str | None, message: str, step: Step | None = None
) -> Record:
    """The run is over; `step` is the phase that it ended in, if it ended in one."""
    ended_in = step["phase_id"] if step else None
    outcome = {"state": state, "reason": reason, "error_code": code, "message": message, "waits_until": None}
    return {**record, **outcome, "ended_in": ended_in}


def is_running(record: Mapping[str, t.Any]) -> bool:
    return bool(record["state"] == "running")


def phase_of(record: Mapping[str, t.Any], phase_id: str | None) -> Mapping[str, t.Any]:
    """The entry of a phase, empty without one."""
    phases: list[Mapping[str, t.Any]] = record["phases"]
    return next((phase for phase in phases if phase["phase_id"] == phase_id), {})


def change_phase(
    record: Record, step: Step, changes: Mapping[str, t.Any], notes: list[str] | None = None, evidence: t.Any = None
) -> Record:
    phases = [
        {
            **phase,
            **changes,
            "notes": phase["notes"] + (notes or []),
            "checks": phase["checks"] + ([evidence] if evidence else []),
        }
        if phase["phase_id"] == step["phase_id"]
        else phase
        for phase in record["phases"]
    ]
    return {**record, "phases": phases}


def note(record: Record, step: Step, text: str) -> Record:
    """Leave a note about a phase, once."""
    known = phase_of(record, step["phase_id"])["notes"]
    return record if text in known else change_phase(record, step, {}, [text])


def warn(record: Record, problem: str, secrets: t.Sequence[str] = ()) -> Record:
    """Something beside the release failed: that is a warning, and never more. The address of a webhook is a secret."""
    for secret in (secret for secret in secrets if secret):
        problem = problem.replace(secret, "(its address)")
    return {**record, "warnings": [*record["warnings"], plain(problem)]}


def add_counts(record: Record, result: Mapping[str, t.Any]) -> Record:
    """Add the requests of a module's result; a result of the user's tasks may hold anything under these names."""
    counts = {name: result.get(name) for name in ("requests", "retries")}
    whole = {name: count for name, count in counts.items() if isinstance(count, int) and not isinstance(count, bool)}
    return {**record, **{name: record[name] + count for name, count in whole.items()}}


def public(record: Mapping[str, t.Any], versions: Mapping[str, t.Any] | None = None) -> Record:
    """The record as `release_result` holds it; `versions` are those of all that took part."""
    changed = [entry for entry in record["restore"] if entry["changed"] is not False]
    record = {**record, "versions": dict(versions or {}), "restore": changed}
    return {name: escape_templates(value) for name, value in record.items() if name not in INTERNAL}
