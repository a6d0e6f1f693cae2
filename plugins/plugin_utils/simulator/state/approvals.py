# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads approval requests and the review script from a state, and the admin view's changes to a request."""

from __future__ import annotations

from typing import Any

from ..approvals import requests, review_script
from ..core.documents import JsonObject, merged
from ..core.fields import Fields, StateError, checked

_REQUEST: Fields = {
    "flagKey": (str,),
    "environmentKey": (str,),
    "_id": (str,),
    "_version": (int,),
    "creationDate": (int,),
    "reviewStatus": (str,),
    "allReviews": (list,),
    "notifyMemberIds": (list,),
    "status": (str,),
    "instructions": (list,),
    "appliedDate": (int,),
    "integrationMetadata": (dict,),
}
_REVIEWER: Fields = {
    "after": (int, float),
    "verdict": (str,),
    "comment": (str,),
    "apply": (bool,),
    "applyAfter": (int, float),
    "member": (str, dict),
    "since": (int,),
}
_CENTURY = 100 * 366 * 24 * 3600

# What the admin view does with a request, other than setting its fields.
_ACTIONS: Fields = {"review": (str,), "comment": (str,), "member": (str, dict), "apply": (bool,)}


def request(project: JsonObject, raw: Any, where: str, now: int) -> JsonObject:
    """Return a complete approval request; only the keys of its flag and environment are required."""
    given = checked(raw, where, _REQUEST, open_ended=True)
    flag_key, environment_key = str(given.get("flagKey")), str(given.get("environmentKey"))
    if flag_key not in project["flags"] or environment_key not in project["environments"]:
        raise StateError(f"{where} needs a flagKey and an environmentKey that the project has")
    for name in ("allReviews", "instructions"):
        for item in given.get(name, ()):
            checked(item, f"{name} in {where}", {"kind": (str,)}, open_ended=True)
    made = requests.new_request(project, flag_key, environment_key, given, given.get("creationDate", now))
    if "integrationMetadata" in made:
        made["integrationMetadata"] = _integration(made["integrationMetadata"], now)
    return made


def _integration(given: JsonObject, now: int) -> JsonObject:
    """Return the metadata of an outside service, with every field that the specification requires."""
    status = given.get("externalStatus", "")
    if not isinstance(status, dict):
        status = {"display": str(status), "value": str(status)}
    return {"externalId": "", "externalUrl": "", "lastChecked": now, **given, "externalStatus": status}


def reviewer(raw: Any, where: str, now: int) -> JsonObject:
    """Return a review script; an empty one does nothing."""
    given = checked(raw, where, _REVIEWER)
    if given.get("verdict", "approve") not in requests.VERDICTS:
        raise StateError(f"verdict in {where} must be one of {', '.join(requests.VERDICTS)}")
    for name in ("after", "applyAfter"):
        check_seconds(given.get(name, 0), f"{name} in {where}")
    return {"since": now, **given} if given else {}


def check_seconds(given: float, where: str) -> None:
    """Refuse anything but a reasonable number of seconds."""
    if not 0 <= given <= _CENTURY:
        raise StateError(f"{where} must be a number of seconds between 0 and a century")


def updates(project: JsonObject, before: JsonObject, fields: JsonObject, now: int) -> list[JsonObject]:
    """Return the versions of a request after each change by the admin view: fields, review, apply."""
    actions = checked({name: fields[name] for name in _ACTIONS if name in fields}, "the request", _ACTIONS)
    raw = {name: value for name, value in fields.items() if name not in (*_ACTIONS, *requests.PLACE, "_id")}
    by = review_script.member(actions.get("member"))
    steps = [request(project, merged(before, raw), "the request", now)]
    if "review" in actions:
        steps.append(requests.reviewed(project, steps[-1], actions["review"], actions.get("comment"), by, now))
    if actions.get("apply"):
        steps.append(requests.applied(steps[-1], by, now))
    return steps
