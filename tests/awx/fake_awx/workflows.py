# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes of a workflow, what leads from one to another, and their approvals."""

from __future__ import annotations

from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.fields import Item, Refused
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.kinds import KINDS
from ansible_collections.flagops.launchdarkly.tests.awx.fake_awx.store import APPROVALS, NODES, Store


def check_link(store: Store, parent: Item, child: Item, name: str) -> None:
    if parent["workflow_job_template"] != child["workflow_job_template"]:
        raise Refused(403, {"detail": "Cannot associate nodes of different workflows."})
    others = [other for other in KINDS[NODES].lists if other != name]
    if any(child["id"] in store.listed(NODES, parent["id"], other) for other in others):
        raise Refused(400, {"Error": "Relationship not allowed."})
    if parent["id"] in _after(store, child["id"]):
        raise Refused(400, {"Error": "Cycle detected."})


def _after(store: Store, id_: int) -> set[int]:
    """A node and all that can come after it."""
    found: set[int] = set()
    coming = [id_]
    while coming:
        node = coming.pop()
        found.add(node)
        coming += [
            next_ for name in KINDS[NODES].lists for next_ in store.listed(NODES, node, name) if next_ not in found
        ]
    return found


def approve(store: Store, node: Item, values: Item) -> Item:
    """An approval in place of the one that the node had."""
    before = node["unified_job_template"]
    template = store.add(APPROVALS, values)
    node["unified_job_template"] = template["id"]
    if before in store.items[APPROVALS]:
        store.remove(APPROVALS, before)
    return template
