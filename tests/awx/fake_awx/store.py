# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fake AWX holds, and how it shows that."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx import notifications
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import Item, Refused
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.kinds import KINDS, UNIFIED

ROOT = "/api/v2/"
HIDDEN = notifications.HIDDEN
NODES = "workflow_job_template_nodes"
APPROVALS = "workflow_approval_templates"
# What AWX has no endpoint for is a page.
NO_PAGE = "<html><body>The requested resource could not be found.</body></html>"
# Kept with an object and not shown with it.
_INTERNAL = frozenset({"playbook_files"})


class Store:
    """Objects by kind and ID, the lists that belong to them, and their surveys."""

    def __init__(self) -> None:
        self.items: dict[str, dict[int, Item]] = {name: {} for name in KINDS}
        self.items.update({name: {} for name in ("jobs", "workflow_jobs", "project_updates")})
        self.lists: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[int, Item] = {}

    def named(self, kind: str, name: str) -> Item:
        (found,) = [item for item in self.items[kind].values() if item.get("name", item.get("identifier")) == name]
        return found

    def listed(self, kind: str, id_: int, name: str) -> list[int]:
        return self.lists.get((kind, id_, name), [])

    def add(self, kind: str, values: Item) -> Item:
        id_ = 1 + max((id_ for items in self.items.values() for id_ in items), default=0)
        blank = KINDS[kind].blank() if kind in KINDS else {}
        self.items[kind][id_] = {**blank, **values, "id": id_}
        return self.items[kind][id_]

    def remove(self, kind: str, id_: int) -> None:
        """With it goes what refers to it."""
        item = self.items[kind].pop(id_)
        if kind == NODES and item["unified_job_template"] in self.items[APPROVALS]:
            del self.items[APPROVALS][item["unified_job_template"]]
        for (owner, _id, name), members in self.lists.items():
            if KINDS[owner].lists[name] == kind and id_ in members:
                members.remove(id_)
        for other, known in KINDS.items():
            fields = [name for name, field in known.fields.items() if kind in targets(field.to)]
            for found in self.items[other].values():
                found.update({name: None for name in fields if found[name] == id_})

    def get(self, kind: str, id_: str) -> Item:
        try:
            return self.items[kind][int(id_)]
        except (KeyError, ValueError):
            model = KINDS[kind].model if kind in KINDS else kind
            raise Refused(404, {"detail": f"No {model} matches the given query."}) from None

    def has(self, kind: str, id_: int) -> bool:
        return any(id_ in self.items[name] for name in targets(kind))

    def shown(self, kind: str, item: Item) -> Item:
        known = KINDS.get(kind)
        url = f"{ROOT}{kind}/{item['id']}/"
        related = {name: f"{url}{name}/" for name in (*known.lists, *known.related)} if known else {}
        if kind == NODES:
            related.pop("unified_job_template")
            unified = next((name for name in UNIFIED if item["unified_job_template"] in self.items[name]), None)
            if unified:
                related["unified_job_template"] = f"{ROOT}{unified}/{item['unified_job_template']}/"
        type_ = known.type if known else kind.removesuffix("s")
        shown = {name: value for name, value in self._without_secrets(kind, item).items() if name not in _INTERNAL}
        if kind == "credential_types":
            shown["managed"] = False
        organization = self.items["organizations"].get(item.get("organization") or 0)
        summary = {"organization": {"id": organization["id"], "name": organization["name"]}} if organization else {}
        if kind == "schedules":
            id_ = item["unified_job_template"]
            started = next(self.items[name][id_] for name in UNIFIED if id_ in self.items[name])
            summary["unified_job_template"] = {"id": started["id"], "name": started["name"]}
        return {**shown, "type": type_, "url": url, "related": related, "summary_fields": summary}

    def _without_secrets(self, kind: str, item: Item) -> Item:
        if kind == "notification_templates":
            return notifications.shown(item)
        if kind != "credentials":
            return item
        fields = self.items["credential_types"][item["credential_type"]]["inputs"].get("fields", [])
        secret = {entry["id"] for entry in fields if entry.get("secret")}
        return {
            **item,
            "inputs": {name: HIDDEN if name in secret else value for name, value in item["inputs"].items()},
        }


def targets(kind: str) -> Sequence[str]:
    """The kinds that a reference to this one may mean."""
    return UNIFIED if kind == "unified_job_templates" else (kind,)


def page(results: list[Item]) -> Item:
    return {"count": len(results), "next": None, "previous": None, "results": results}
