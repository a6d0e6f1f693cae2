# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small helpers over JSON documents, shared by every part that reads one."""

from __future__ import annotations

import uuid
from typing import Any

JsonObject = dict[str, Any]

# Any fixed namespace will do: the same place in the state must get the same id in every run.
_NAMESPACE = uuid.UUID("6f0c0f5e-5a1e-4d0c-8000-1a4c1de5f1a9")


def is_kind(value: object, *kinds: type) -> bool:
    """Say whether a value is of one of the types. A boolean is an integer in Python, in JSON it is not."""
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, kinds)


def integer(document: JsonObject, name: str) -> int | None:
    """Return a field that is an integer, None for any other: what somebody wrote by hand may be anything."""
    found = document.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def stable_id(*place: object) -> str:
    """Return the id of a place in the state: the same in every run, and a UUID as LaunchDarkly's are."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in place)))


def object_id(*place: object) -> str:
    """Return an id like those that LaunchDarkly gives to members, tokens and approval requests."""
    return stable_id(*place).replace("-", "")[:24]


def merged(document: JsonObject, fields: JsonObject) -> JsonObject:
    """Return the document with the fields set; a field given as null is removed."""
    return {name: value for name, value in {**document, **fields}.items() if value is not None or name not in fields}


def link(href: str) -> dict[str, str]:
    """Return a link as every LaunchDarkly document holds them."""
    return {"href": href, "type": "application/json"}
