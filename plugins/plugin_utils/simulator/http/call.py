# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a request that an operation of the service uses, and its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional
from urllib.parse import urlencode

from ..core.behavior import Completion
from ..core.body import as_object
from ..core.documents import JsonObject, link
from ..core.errors import invalid_request, not_found


@dataclass(frozen=True)
class Call:
    """The part of a request that an operation uses."""

    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    now: int
    completion: Completion
    completed_by: JsonObject
    content_type: str = ""
    # The query with all values of a name that is given more than once.
    values: Mapping[str, list[str]] = field(default_factory=dict)


# Takes the project in the path, or the whole state if the path has none.
Operation = Callable[[JsonObject, Call], tuple[int, Optional[JsonObject]]]

_SEMANTIC_PATCH = "domain-model=launchdarkly.semanticpatch"


def body_of(call: Call) -> JsonObject:
    """Return the body, which must be an object."""
    return as_object(call.body)


def is_semantic_patch(call: Call) -> bool:
    """Say whether the content type is that of a semantic patch."""
    parameters = [part.strip().replace(" ", "").lower() for part in call.content_type.split(";")]
    return _SEMANTIC_PATCH in parameters[1:]


def flag_of(project: JsonObject, call: Call) -> tuple[str, JsonObject]:
    """Return the flag in the path, and its key."""
    key = call.params["flagKey"]
    if key not in project["flags"]:
        raise not_found()
    flag: JsonObject = project["flags"][key]
    return key, flag


def page(call: Call, maximum: int | None = None, default: int = 20) -> tuple[int, int]:
    """Return the start and the end of the requested page."""
    numbers = {}
    for name, given, minimum in (("limit", default, 1), ("offset", 0, 0)):
        text = call.query.get(name, str(given))
        if not text.isdecimal() or int(text) < minimum:
            raise invalid_request(f"{name} must be an integer of at least {minimum}.")
        numbers[name] = int(text)
    if maximum is not None and numbers["limit"] > maximum:
        # The maximum is documented; the 400 is an assumption.
        raise invalid_request(f"limit must be at most {maximum}.")
    return numbers["offset"], numbers["offset"] + numbers["limit"]


def page_links(
    base: str, call: Call, total: int, default: int = 20, extra: Mapping[str, str] | None = None
) -> JsonObject:
    """Return the links that LaunchDarkly documents for every paginated collection."""
    start, end = page(call, None, default)
    limit = end - start
    offsets = {"self": start, "first": 0, "last": max(total - 1, 0) // limit * limit}
    if end < total:
        offsets["next"] = end
    if start > 0:
        offsets["prev"] = max(start - limit, 0)
    asked = {"filter": call.query["filter"]} if call.query.get("filter") else {}
    return {
        name: link(f"{base}?{urlencode({**asked, **(extra or {}), 'limit': limit, 'offset': offset})}")
        for name, offset in offsets.items()
    }
