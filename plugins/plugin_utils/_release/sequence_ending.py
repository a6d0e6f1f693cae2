# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What is done at the end of every run, whatever ended it: a last look, the undo, the report, the last notices. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import environments, restore, undo
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as records
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.actions import (
    Operate,
    Read,
    RunTaskFile,
    WriteReport,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_state import (
    Advanced,
    Handler,
    Item,
    State,
    changed,
    done,
    notice_items,
    record_event,
    seen_last,
    show,
    with_record,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.tree import tree

NO_REPORT: dict[str, t.Any] = {"paths": {}, "publish": [], "approvals": [], "warnings": []}


def _read_again(state: State, _item: Item, _now: str) -> Advanced:
    # Where the run had nothing to do, what it read for its plan still holds.
    if state["check_mode"] or not state["plan"].get("parts"):
        return done(state), None
    return state, Read()


def _answer_read_again(state: State, _item: Item, given: t.Any, _now: str) -> State:
    if (given.get("release") or {}).get("kind") == environments.KIND:
        given = {**given, "release": environments.with_times(given["release"], state["current"])}
    return done({**state, "last_read": given})


def _undo(state: State, item: Item, now: str) -> Advanced:
    """Undo one environment after the other."""
    if "left" not in item:
        left = undo.environments_to_undo(state["record"], seen_last(state))
        return (changed(state, item, left=left) if left else done(state)), None
    if item["left"]:
        return state, _undo_of(state, item["left"][0])
    is_kind = (state["current"] or {}).get("kind") == environments.KIND
    state = with_record(state, undo.explain, is_kind)
    if is_kind and seen_last(state):
        release = environments.with_undone(state["last_read"]["release"], state["record"])
        state = {**state, "last_read": {**state["last_read"], "release": release}}
    # That it could not be done is said with the failure.
    is_undone = any(entry["ok"] for entry in state["record"]["undone"])
    return done(state, *(notice_items(state, "undone", now) if is_undone else ())), None


def _undo_of(state: State, environment_key: str) -> Operate:
    """Turn the flag off in an environment, or bring back what it served before the release, or what this run found."""
    record = state["record"]
    keys = {name: state["run"][name] for name in ("project_key", "flag_key")}
    said = {"comment": undo.comment(record, environment_key)}
    entry = restore.entry_of(record, environment_key)
    if record["on_failure"] == "restore" and entry is not None:
        return Operate("environment_restore", {**keys, **restore.options(entry), **said})
    if record["on_failure"] in ("roll_back", "restore"):
        phase_id = undo.phase_to_roll_back(record, environment_key)
        step = next(step for step in state["plan"]["steps"] if step["phase_id"] == phase_id)
        return Operate(step["module"], {**keys, **step["options"], **said, "state": "rolled_back"})
    return Operate("ld_flag_targeting", {**keys, **said, "environment_key": environment_key, "enabled": False})


def _answer_undo(state: State, item: Item, given: t.Any, now: str) -> State:
    environment, *left = item["left"]
    return changed(with_record(state, undo.undone, now, environment, given), item, left=left)


def _close(state: State, _item: Item, now: str) -> Advanced:
    state = record_event(state, "ended", now, read=state["last_read"])
    release = seen_last(state) or state["current"]
    is_unfinished = release and state["record"]["state"] in ("failed", "waiting", "stopped")
    return done(state, show(state["record"]["message"], *(tree(release) if release and is_unfinished else ()))), None


def _write_report(state: State, _item: Item, _now: str) -> Advanced:
    if not state["report"]:
        return done(state), None
    return state, WriteReport(seen_last(state) or state["current"])


def _answer_report(state: State, _item: Item, given: t.Any, _now: str) -> State:
    state = done(state, *({"do": "publish", "file": file} for file in given["publish"]))
    state = {**state, "report_paths": given["paths"], "approvals": given["approvals"]}
    return _warn(state, *given["warnings"])


def _publish(state: State, item: Item, now: str) -> Advanced:
    file = item["file"]
    if file["problem"]:
        return _answer_publish(state, item, {"failed": True, "msg": file["problem"]}, now), None
    paths = state["report_paths"]
    return state, RunTaskFile(file["path"], file["name"], "publishes the report", report_paths=paths, is_aside=True)


def _answer_publish(state: State, item: Item, given: t.Any, _now: str) -> State:
    state = done(state)
    if not given.get("failed"):
        return state
    return _warn(state, f"The report was not published with {item['file']['name']}: {given.get('msg')}")


def _warn(state: State, *warnings: str) -> State:
    """Keep warnings, and show them before what is left."""
    for warning in warnings:
        state = with_record(state, records.warn, warning)
    lines = [f"Warning: {plain(warning)}" for warning in warnings]
    return {**state, "agenda": [show(*lines), *state["agenda"]]} if lines else state


def _send_last_notices(state: State, _item: Item, now: str) -> Advanced:
    return done(state, *(() if state["check_mode"] else notice_items(state, state["record"]["state"], now))), None


def interrupted(state: State, item: Item, code: str, said: str, now: str) -> State:
    """Something from outside has ended an item of the ending: go on without it."""
    failure = {"failed": True, "error_code": code, "msg": said}
    if item["do"] == "read_again":
        return _answer_read_again(state, item, failure, now)
    if item.get("left"):
        return _answer_undo(state, item, failure, now)
    if item["do"] == "report":
        return _answer_report(state, item, {**NO_REPORT, "warnings": [f"The report could not be written. {said}"]}, now)
    if item["do"] == "publish":
        return _answer_publish(state, item, failure, now)
    if item["do"] == "close" and records.is_running(state["record"]):
        state = record_event(state, "interrupted", now, code=code, said=said)
        return done({**state, "record": {**state["record"], "finished_at": now}})
    return done(with_record(state, records.warn, said))


HANDLERS: dict[str, Handler] = {
    "read_again": (_read_again, _answer_read_again),
    "undo": (_undo, _answer_undo),
    "close": (_close, None),
    "report": (_write_report, _answer_report),
    "publish": (_publish, _answer_publish),
    "last_notices": (_send_last_notices, None),
}
