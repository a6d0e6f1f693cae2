# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release progressions: the list of the releases of a pipeline, with their current phases. Pure functions."""

from __future__ import annotations

import re
from typing import Any

from ..core.documents import JsonObject, link
from ..core.errors import invalid_request

# Observed: `field operator "value"`, separated by commas.
_TERM = re.compile(r'\s*(?P<field>\w+)\s+(?P<operator>\w+)\s+"(?P<value>[^"]*)"\s*(?:,|\Z)')


def parse_filter(text: str) -> dict[str, str]:
    """Read the filter of a progressions request."""
    wanted: dict[str, str] = {}
    position = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None or term["field"] not in ("status", "activePhaseId") or term["operator"] != "equals":
            raise invalid_request(f"Invalid filter: {text[position:]!r}.")
        wanted[term["field"]] = term["value"]
        position = term.end()
    if wanted.get("status", "active") not in ("active", "completed"):
        raise invalid_request(f"Invalid status in the filter: {wanted['status']!r}.")
    if wanted.get("status") == "completed" and "activePhaseId" in wanted:
        raise invalid_request('status equals "completed" and activePhaseId exclude each other.')
    return wanted


def progression(project_key: str, flag_key: str, release: JsonObject) -> JsonObject:
    """Return the progression of one release."""
    phases = release["phases"]
    shown: JsonObject = {
        "flagKey": flag_key,
        "_createdAt": min((phase.get("_creationDate", 0) for phase in phases), default=0),
        "_links": {"self": link(f"/api/v2/flags/{project_key}/{flag_key}/release")},
    }
    current = current_phase(release)
    if current is None:
        shown["_completedAt"] = max((phase.get("_completionDate", 0) for phase in phases), default=0)
        return shown
    shown["activePhaseId"] = current.get("_id", "")
    if "status" in current:
        shown["activePhaseStatus"] = current["status"]
    return shown


def current_phase(release: JsonObject) -> JsonObject | None:
    """Return the current phase of a release (assumption: the first that is not complete, started or not)."""
    unfinished: list[JsonObject] = [phase for phase in release["phases"] if not phase.get("complete")]
    return unfinished[0] if unfinished else None


def collection(
    pipeline: JsonObject, all_items: list[JsonObject], wanted: dict[str, str]
) -> tuple[JsonObject, list[JsonObject]]:
    """Return the counts of all releases of a pipeline, and the items that match the filter."""
    active = [item for item in all_items if "activePhaseId" in item]
    counts: JsonObject = {
        # The specification: "the total number of releases for this release pipeline", so without the filter.
        "totalCount": len(all_items),
        "activeCount": len(active),
        "completedCount": len(all_items) - len(active),
        "phases": [
            {"_id": phase["id"], "name": phase["name"], "releaseCount": _count(active, phase["id"])}
            for phase in pipeline["phases"]
        ],
    }
    return counts, [item for item in all_items if _passes(item, wanted)]


def _count(items: list[JsonObject], phase_id: Any) -> int:
    return sum(item["activePhaseId"] == phase_id for item in items)


def _passes(item: JsonObject, wanted: dict[str, str]) -> bool:
    if "activePhaseId" in wanted and item.get("activePhaseId") != wanted["activePhaseId"]:
        return False
    if "status" in wanted:
        return (wanted["status"] == "active") == ("activePhaseId" in item)
    return True
