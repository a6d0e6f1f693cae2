# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a run found in each environment and what it left there, from which it can be restored. Pure.

It is the key `restore` of the record. `changed` is false where this run has changed nothing, and null while that is not known.
`served_before`: the environment served the variation, or was on its way to it, when the run began.
"""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.record import Record, Step

Entry = dict[str, t.Any]

BEGUN = ("active", "paused", "completed")


def found(record: Record, release: Mapping[str, t.Any]) -> Record:
    """The release as the run found it; that of a pipeline leaves nothing to restore."""
    return {**record, "restore": list(_entries(record, release))}


def _entries(record: Record, release: Mapping[str, t.Any]) -> Iterator[Entry]:
    in_range = {phase["phase_id"] for phase in record["phases"]}
    phases = [phase for phase in release["phases"] if phase.get("found")]
    for key in dict.fromkeys(_environment(phase) for phase in phases if phase["id"] in in_range):
        same = [phase for phase in phases if _environment(phase) == key]
        yield {
            "environment_key": key,
            "variation_id": same[0]["target_id"],
            "served_before": any(phase["status"] in BEGUN for phase in same),
            "changed": False,
            "found": same[0]["found"],
            "left": None,
        }


def _environment(phase: Mapping[str, t.Any]) -> str:
    return str(phase["audiences"][0]["environment_key"])


def attempted(record: Record, step: Step) -> Record:
    """The start is about to be sent: without an answer, nobody knows whether it changed the environment."""
    return _update(record, step, lambda entry: {"changed": entry["changed"] or None})


def left(record: Record, step: Step, result: Mapping[str, t.Any]) -> Record:
    """What a module's result shows of the environment. What was seen before a change whose answer was lost shows nothing."""
    if "left" not in result:
        return record

    def update(entry: Entry) -> Entry:
        changed = entry["changed"] is True or bool(result.get("changed"))
        seen = None if result["left"] == entry["found"] and changed else result["left"]
        return {"changed": changed, "left": seen}

    return _update(record, step, update)


def _update(record: Record, step: Step, update: Callable[[Entry], Entry]) -> Record:
    keys = step["environments"]
    entries = [{**entry, **update(entry)} if entry["environment_key"] in keys else entry for entry in record["restore"]]
    return {**record, "restore": entries}


def entry_of(record: Mapping[str, t.Any], environment_key: str) -> Entry | None:
    """The entry of an environment that can be restored; None where it is rolled back instead."""
    entries: list[Entry] = record["restore"]
    return next((item for item in entries if item["environment_key"] == environment_key and is_restored(item)), None)


def is_restored(entry: Mapping[str, t.Any]) -> bool:
    return entry["changed"] is not False and not entry["served_before"]


def is_changed(record: Mapping[str, t.Any], environment_key: str) -> bool:
    """Has this run changed the environment, or may it have?"""
    return any(
        item["environment_key"] == environment_key and item["changed"] is not False for item in record["restore"]
    )


def options(entry: Mapping[str, t.Any]) -> Entry:
    """Those of the operation that restores an environment."""
    return {
        "environment_key": entry["environment_key"],
        "variation": entry["variation_id"],
        "found": entry["found"],
        "left": entry["left"],
    }


def read_report(document: t.Any, flag: Mapping[str, str], only: Sequence[str]) -> list[Entry]:
    """The entries of a report, or of `release_result`, the last environment first. `only` names environments; without, it is all.

    Raises SettingsError for what is not a report of this flag, and for an environment that cannot be restored.
    """
    key = f"{flag['project_key']}/{flag['flag_key']}"
    record = document.get(key, document) if isinstance(document, dict) else {}
    if not isinstance(record, dict) or [record.get(name) for name in flag] != list(flag.values()):
        raise SettingsError(f"The report is not one of {key}. Nothing was done.")
    entries = {item["environment_key"]: item for item in record.get("restore") or ()}
    problems = [f"{name} is not in it" for name in only if name not in entries]
    chosen = [item for name, item in entries.items() if not only or name in only]
    problems += [
        f"{item['environment_key']} served the variation before that run; name the others with release_abort_environments"
        for item in chosen
        if item["served_before"]
    ]
    if not chosen:
        problems.append(
            "it has no environment to restore: that run went through a release pipeline, or changed nothing"
        )
    if problems:
        raise SettingsError(
            f"The report of {key} does not say how to restore: {'; '.join(problems)}. Nothing was done."
        )
    return chosen[::-1]


def outcome(entry: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> str:
    """What became of an environment, in a sentence."""
    key = entry["environment_key"]
    if result.get("failed"):
        return f"{key} could NOT be restored: {result.get('msg')}"
    return (
        f"{key} was restored to what that run found."
        if result.get("changed")
        else f"{key} was already as that run found it."
    )
