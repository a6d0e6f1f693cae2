# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults: error answers, delays and cut connections, for the requests that they match."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..core.documents import JsonObject, is_kind
from ..core.errors import invalid_request

_UNSET = object()

_FIELDS = ("method", "path", "after", "times", "status", "headers", "body", "delay", "cut", "apply", "merge")

_DAY = 24 * 3600

_RELEASE = {"project", "flag", "fields"}
_TARGETING = {*_RELEASE, "environment"}
# The place of a change that a fault makes: a release, its phase, a flag's targeting, its environment release.
_PLACES = (_RELEASE, {*_RELEASE, "phase"}, _TARGETING, {*_TARGETING, "release"})

_NONE = type(None)
_KINDS: dict[str, tuple[type, ...]] = {
    "method": (str, _NONE),
    "path": (str,),
    "after": (int,),
    "times": (int, _NONE),
    "status": (int, _NONE),
    "headers": (dict,),
    "delay": (int, float),
    "apply": (bool,),
    "merge": (list,),
}


@dataclass
class Fault:
    """One fault, with the number of times that it still occurs."""

    method: str | None = None
    path: str = ""
    after: int = 0
    times: int | None = 1
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = _UNSET
    delay: float = 0
    cut: str | None = None
    apply: bool = False
    merge: list[JsonObject] = field(default_factory=list)
    fired: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Say whether the fault is for a request."""
        return self.method in (None, method) and re.search(self.path, path) is not None

    @property
    def spent(self) -> bool:
        """Whether it has occurred as often as requested."""
        return self.times == 0

    @property
    def has_body(self) -> bool:
        """Whether it has a body of its own, even an empty one."""
        return self.body is not _UNSET

    @property
    def replaces(self) -> bool:
        """Whether it replaces the answer."""
        return self.status is not None or self.has_body

    @property
    def own_body(self) -> Any:
        """The fault's own body, or None."""
        return self.body if self.has_body else None

    def shown(self) -> JsonObject:
        """Return the fault in the format in which it is added, with its remaining counts."""
        shown: JsonObject = {name: getattr(self, name) for name in _FIELDS if getattr(self, name) is not _UNSET}
        return {**shown, "fired": self.fired}


def parse(raw: Any) -> list[Fault]:
    """Read one fault or a list of them."""
    return [_parse_one(item) for item in (raw if isinstance(raw, list) else [raw])]


def _parse_one(raw: Any) -> Fault:
    if not isinstance(raw, dict):
        raise invalid_request("a fault must be an object")
    unknown = sorted(set(raw) - {*_FIELDS, "fired"})
    if unknown:
        raise invalid_request(f"a fault has no field {', '.join(unknown)} (known: {', '.join(_FIELDS)})")
    for name, kinds in _KINDS.items():
        if name in raw and not is_kind(raw[name], *kinds):
            raise invalid_request(f"{name} of a fault has the wrong type")
    _check_values(raw)
    given = {name: raw[name] for name in _FIELDS if name in raw}
    given["headers"] = {name: str(value) for name, value in raw.get("headers", {}).items()}
    return Fault(**given)


def _check_values(raw: JsonObject) -> None:
    if raw.get("cut") not in (None, "before", "after"):
        raise invalid_request("cut must be before or after")
    if any((raw.get(name) or 0) < 0 for name in ("after", "times")):
        raise invalid_request("after and times cannot be negative")
    if not 0 <= raw.get("delay", 0) <= _DAY:
        raise invalid_request("delay must be at least 0 and at most a day")
    if not 200 <= (raw.get("status") or 200) <= 599:
        raise invalid_request("status must be between 200 and 599")
    for item in raw.get("merge", ()):
        if not isinstance(item, dict) or set(item) not in _PLACES:
            raise invalid_request(
                "merge must be a list of objects with project, flag and fields, and with phase, environment, or environment and release"
            )
    try:
        re.compile(raw.get("path", ""))
    except re.error as error:
        raise invalid_request(f"path is not a regular expression: {error}") from error


class Faults:
    """The faults in the order of their addition: a request meets the first one that matches it and is due."""

    def __init__(self) -> None:
        """Start without any."""
        self.faults: list[Fault] = []

    def due(self, method: str, path: str) -> Fault | None:
        """Return the fault that a request meets, and count it."""
        for fault in self.faults:
            if fault.spent or not fault.matches(method, path):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.fired += 1
            if fault.times is not None:
                fault.times -= 1
            return fault
        return None
