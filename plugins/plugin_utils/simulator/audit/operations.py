# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation on the audit log: list its entries."""

from __future__ import annotations

import re
from typing import Any

from ..core.documents import JsonObject, link
from ..core.errors import invalid_request
from ..http.call import Call
from . import entries

_DEFAULT_LIMIT, _MAX_LIMIT = 10, 20


def list_entries(state: JsonObject, call: Call) -> tuple[int, JsonObject]:
    """List the entries of all projects, newest first, by ``spec``, ``after``, ``before``, ``q`` and ``limit``.

    Assumption: both times are exclusive.
    """
    after, before = _number(call, "after", 0), _number(call, "before", 1 << 63)
    limit = _number(call, "limit", _DEFAULT_LIMIT)
    if not 1 <= limit <= _MAX_LIMIT:
        # The range is documented; the 400 is an assumption.
        raise invalid_request(f"limit must be between 1 and {_MAX_LIMIT}.")
    wanted = _specifier(call.query["spec"]) if call.query.get("spec") else None
    text = call.query.get("q", "").lower()
    found = [
        (entry["date"], entry["number"], served)
        for project in state["projects"].values()
        for entry in project["audit"]
        # An entry written by hand may lack what the service shows.
        if {"action", "date", "flagKey", "by"} <= set(entry) and after < entry["date"] < before
        for served in [entries.served(project, entry)]
        if text in served["name"].lower() and _matches(wanted, served["target"]["resources"])
    ]
    newest = sorted(found, key=lambda item: item[:2], reverse=True)[:limit]
    return 200, {
        "items": [served for _date, _number_, served in newest],
        "_links": {"self": link("/api/v2/auditlog")},
    }


def _number(call: Call, name: str, default: int) -> int:
    given = call.query.get(name, str(default))
    if not given.isdecimal():
        raise invalid_request(f"{name} must be an integer.")
    return int(given)


def _specifier(text: str) -> list[re.Pattern[str]]:
    """Return the patterns of a resource specifier like ``proj/*:env/production:flag/new-cart``; tags are ignored."""
    parts = text.split(":")
    if any("/" not in part for part in parts):
        raise invalid_request(f"Invalid resource specifier: {text!r}.")
    return [re.compile(re.escape(part.partition(";")[0]).replace(r"\*", "[^:]*") + r"\Z") for part in parts]


def _matches(wanted: Any, resources: list[str]) -> bool:
    return wanted is None or any(
        len(parts) == len(wanted) and all(pattern.match(part) for pattern, part in zip(wanted, parts))
        for parts in (resource.split(":") for resource in resources)
    )
