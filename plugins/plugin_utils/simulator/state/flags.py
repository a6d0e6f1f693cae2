# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads flags from a state."""

from __future__ import annotations

from typing import Any

from ..core.documents import JsonObject, stable_id
from ..core.fields import Fields, StateError, checked
from .titles import title

_FLAG: Fields = {
    "key": (str,),
    "name": (str,),
    "kind": (str,),
    "description": (str,),
    "tags": (list,),
    "temporary": (bool,),
    "archived": (bool,),
    "creationDate": (int,),
    "_version": (int,),
    "variations": (list,),
    "environments": (dict,),
}
_FLAG_ENVIRONMENT: Fields = {"on": (bool,), "requireApproval": (bool,), "version": (int,), "lastModified": (int,)}


def load_flag(project: JsonObject, key: str, raw: Any, where: str, now: int) -> JsonObject:
    """Return a complete flag."""
    given = checked(raw, where, _FLAG)
    variations = [
        {
            "_id": stable_id(project["key"], "flags", key, index),
            **checked(variation, f"{where}.variations", {"_id": (str,)}, open_ended=True),
        }
        for index, variation in enumerate(given.get("variations", ({"value": True}, {"value": False})))
    ]
    boolean = all(isinstance(variation.get("value"), bool) for variation in variations)
    return {
        "name": title(key),
        "kind": "boolean" if boolean else "multivariate",
        "description": "",
        "tags": [],
        "temporary": True,
        "archived": False,
        "creationDate": now,
        "_version": 1,
        **given,
        "key": key,
        "variations": variations,
        "environments": _flag_environments(project, given.get("environments", {}), f"{where}.environments", now),
    }


def _flag_environments(project: JsonObject, given: JsonObject, where: str, now: int) -> JsonObject:
    unknown = [key for key in given if key not in project["environments"]]
    if unknown:
        raise StateError(f"{where} has an environment {unknown[0]!r}, which the project does not have")
    fresh = {"on": False, "requireApproval": False, "version": 1, "lastModified": now}
    return {
        key: {**fresh, **checked(given.get(key, {}), f"{where}.{key}", _FLAG_ENVIRONMENT)}
        for key in project["environments"]
    }
