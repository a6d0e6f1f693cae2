# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every operation of the service works with: one request, as far as an operation cares, and what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable
from urllib.parse import urlencode

from .documents import JsonObject, link
from .errors import invalid_request, not_found
from .rollouts import Completion


@dataclass(frozen=True)
class Call:
    """One request, as far as an operation cares."""

    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    now: int
    completion: Completion
    completed_by: JsonObject
    content_type: str = ""
    # The query again, with every value of a name that is given more than once.
    values: Mapping[str, list[str]] = field(default_factory=dict)


# Takes the project that the path names; the whole state where it names none.
Operation = Callable[[JsonObject, Call], tuple[int, JsonObject | None]]

_SEMANTIC_PATCH = "domain-model=launchdarkly.semanticpatch"


def body_of(call: Call) -> JsonObject:
    """Return the body, which has to be an object."""
    return an_object(call.body)


def an_object(given: Any) -> JsonObject:
    """Return what was given, which has to be an object."""
    if not isinstance(given, dict):
        raise invalid_request("The body must be a JSON object.")
    return given


def is_semantic_patch(call: Call) -> bool:
    """Say whether the content type announces a semantic patch."""
    parameters = [part.strip().replace(" ", "").lower() for part in call.content_type.split(";")]
    return _SEMANTIC_PATCH in parameters[1:]


def flag_of(project: JsonObject, call: Call) -> tuple[str, JsonObject]:
    """Return the flag in the path, and its key."""
    key = call.params["flagKey"]
    if key not in project["flags"]:
        raise not_found()
    flag: JsonObject = project["flags"][key]
    return key, flag


def page(call: Call, most: int | None = None) -> tuple[int, int]:
    """Return where the page that is asked for starts and ends."""
    numbers = {}
    for name, default, least in (("limit", 20, 1), ("offset", 0, 0)):
        text = call.query.get(name, str(default))
        if not text.isdecimal() or int(text) < least:
            raise invalid_request(f"{name} must be an integer of at least {least}.")
        numbers[name] = int(text)
    if most is not None and numbers["limit"] > most:
        # Documented is the maximum; the 400 is an assumption.
        raise invalid_request(f"limit must be at most {most}.")
    return numbers["offset"], numbers["offset"] + numbers["limit"]


def page_links(base: str, call: Call, total: int) -> JsonObject:
    """Return the links that LaunchDarkly documents for every paginated collection."""
    start, end = page(call)
    limit = end - start
    offsets = {"self": start, "first": 0, "last": max(total - 1, 0) // limit * limit}
    if end < total:
        offsets["next"] = end
    if start > 0:
        offsets["prev"] = max(start - limit, 0)
    asked = {"filter": call.query["filter"]} if call.query.get("filter") else {}
    return {
        name: link(f"{base}?{urlencode({**asked, 'limit': limit, 'offset': offset})}")
        for name, offset in offsets.items()
    }
