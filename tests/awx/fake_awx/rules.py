# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX demands of a body beyond the type of each value."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx import (
    credential_types,
    notifications,
    projects,
    schedules,
    variables,
)
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import Errors, Item, Refused
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.kinds import KINDS
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.projects import Repositories
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.store import NODES, Store


def values(store: Store, kind: str, old: Item, body: Any, repositories: Repositories) -> Item:
    """What to keep of a body, or a refusal."""
    kept, errors = KINDS[kind].checked(body, partly=bool(old))
    for name, value in kept.items():
        to = KINDS[kind].fields[name].to
        if to and value is not None and name not in errors and not store.has(to, value):
            errors[name] = [f'Invalid pk "{value}" - object does not exist.']
    if not errors:
        _fill_in(store, kind, old, kept)
        whole = {**KINDS[kind].blank(), **old, **kept}
        errors = _errors(store, kind, old, whole, repositories) or _double(store, kind, whole)
    if errors:
        raise Refused(400, errors)
    return kept


def _fill_in(store: Store, kind: str, old: Item, kept: Item) -> None:
    if kind == "job_templates":
        project = store.items["projects"].get(kept.get("project", old.get("project")) or 0, {})
        kept["organization"] = project.get("organization")
    if kind == "inventory_sources":
        inventory = store.items["inventories"].get(kept.get("inventory", old.get("inventory")) or 0, {})
        kept["organization"] = inventory.get("organization")
    if kind == "notification_templates":
        notifications.keep(old, kept)
    if "rrule" in kept:
        kept["rrule"] = " ".join(kept["rrule"].split())
    if kind == NODES and not {**old, **kept}.get("identifier"):
        kept["identifier"] = str(uuid.uuid4())


def _errors(store: Store, kind: str, old: Item, whole: Item, repositories: Repositories) -> Errors:
    for name in ("extra_vars", "variables"):
        if name in KINDS[kind].fields:
            try:
                variables.parse(whole[name])
            except ValueError as error:
                return {name: [str(error)]}
    checks: dict[str, Callable[[], Errors]] = {
        "credential_types": lambda: _type_errors(store, old, whole),
        "credentials": lambda: _credential_errors(store, whole),
        "execution_environments": lambda: _environment_errors(old, whole),
        "projects": lambda: projects.errors(whole, repositories),
        "job_templates": lambda: _template_errors(store, whole, repositories),
        "inventory_sources": lambda: _source_errors(store, whole),
        "notification_templates": lambda: notifications.errors(whole),
        "schedules": lambda: schedules.errors(store, whole),
    }
    return checks[kind]() if kind in checks else {}


def _double(store: Store, kind: str, whole: Item) -> Errors:
    unique = KINDS[kind].unique
    for item in store.items[kind].values():
        if unique and item["id"] != whole.get("id") and all(item.get(name) == whole.get(name) for name in unique):
            return {name: [sentence] for name, sentence in KINDS[kind].double.items()}
    return {}


def _type_errors(store: Store, old: Item, whole: Item) -> Errors:
    if old and whole["inputs"] != old["inputs"] and is_used(store, old):
        detail = "Modifications to inputs are not allowed for credential types that are in use"
        raise Refused(403, {"detail": detail})
    return credential_types.errors(whole)


def is_used(store: Store, credential_type: Item) -> bool:
    return any(item["credential_type"] == credential_type["id"] for item in store.items["credentials"].values())


def _credential_errors(store: Store, whole: Item) -> Errors:
    if whole["organization"] is None:
        # AWX also takes a user or a team.
        return {"detail": ["Missing 'user', 'team', or 'organization'."]}
    inputs = store.items["credential_types"][whole["credential_type"]]["inputs"]
    known = {entry["id"]: entry for entry in inputs.get("fields", [])}
    for name, value in whole["inputs"].items():
        if name not in known or not isinstance(value, str):
            return {"inputs": {name: ["Additional properties are not allowed"]}}
        choices = known[name].get("choices", [value])
        if value not in choices:
            return {"inputs": {name: [f"{value!r} is not one of {choices}"]}}
    return {}


def _source_errors(store: Store, whole: Item) -> Errors:
    project = store.items["projects"].get(whole["source_project"] or 0)
    if whole["source"] != "scm":
        return {}
    if project is None:
        return {"source_project": ["Project required for scm type sources."]}
    if project["scm_type"] == "":
        return {"source_project": ["Cannot use manual project for SCM-based inventory."]}
    return {}


def _environment_errors(old: Item, whole: Item) -> Errors:
    if old and whole["organization"] not in (None, old["organization"]):
        return {"organization": ["Cannot change the organization of an execution environment"]}
    if re.search(r"\s", whole["image"]):
        return {"image": [f"The container image name {whole['image']} is not valid"]}
    return {}


def _template_errors(store: Store, whole: Item, repositories: Repositories) -> Errors:
    if whole["project"] is None:
        return {"project": ["This field is required."]}
    if not whole["playbook"]:
        return {"playbook": ["Must select playbook for project."]}
    if whole["playbook"] not in projects.playbooks(store.items["projects"][whole["project"]], repositories):
        return {"playbook": ["Playbook not found for project."]}
    if whole["inventory"] is None and not whole["ask_inventory_on_launch"]:
        return {"inventory": ["You must either set a default value or ask to prompt on launch."]}
    return {}
