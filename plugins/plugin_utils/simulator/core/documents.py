# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small helpers for JSON documents."""

from __future__ import annotations

import functools
import uuid
from typing import Any, TypeVar

JsonObject = dict[str, Any]
Document = TypeVar("Document")

# Any fixed namespace: the same place in the state gets the same id in every run.
_NAMESPACE = uuid.UUID("6f0c0f5e-5a1e-4d0c-8000-1a4c1de5f1a9")


def is_kind(value: object, *kinds: type) -> bool:
    """Say whether a value is of one of the types. In JSON, unlike in Python, a boolean is not an integer."""
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, kinds)


def integer(document: JsonObject, name: str) -> int | None:
    """Return a field that is an integer, None otherwise: a document written by hand may hold anything."""
    found = document.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def copied(document: Document) -> Document:
    """Return a copy that shares no object or array with the original; of JSON, several times as fast as ``copy.deepcopy``."""
    copy: Document = _copied(document)
    return copy


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def stable_id(*place: object) -> str:
    """Return the id of a place in the state: a UUID like LaunchDarkly's, the same in every run."""
    return _uuid("/".join(str(part) for part in place))


@functools.lru_cache(maxsize=4096)
def _uuid(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name))


def object_id(*place: object) -> str:
    """Return an id as LaunchDarkly gives it to members, tokens and approval requests."""
    return stable_id(*place).replace("-", "")[:24]


def merged(document: JsonObject, fields: JsonObject) -> JsonObject:
    """Return the document with the fields set; null removes a field."""
    return {name: value for name, value in {**document, **fields}.items() if value is not None or name not in fields}


def link(href: str) -> dict[str, str]:
    """Return a link in LaunchDarkly's form."""
    return {"href": href, "type": "application/json"}
