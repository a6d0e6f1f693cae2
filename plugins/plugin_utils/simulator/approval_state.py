# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Approval requests and the script of reviews as a person writes them: what may be left out, and what is refused."""

from __future__ import annotations

from typing import Any

from . import approvals
from .documents import JsonObject, merged
from .fields import Fields, StateError, checked

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

# What the admin view does to a request instead of setting it as a field.
_DEEDS: Fields = {"review": (str,), "comment": (str,), "member": (str, dict), "apply": (bool,)}


def request(project: JsonObject, raw: Any, where: str, now: int) -> JsonObject:
    """Return a complete approval request from what somebody wrote; the keys of its flag and environment are needed."""
    given = checked(raw, where, _REQUEST, open_ended=True)
    flag_key, environment_key = str(given.get("flagKey")), str(given.get("environmentKey"))
    if flag_key not in project["flags"] or environment_key not in project["environments"]:
        raise StateError(f"{where} needs a flagKey and an environmentKey that the project has")
    for name in ("allReviews", "instructions"):
        for item in given.get(name, ()):
            checked(item, f"{name} in {where}", {"kind": (str,)}, open_ended=True)
    made = approvals.new_request(project, flag_key, environment_key, given, given.get("creationDate", now))
    if "integrationMetadata" in made:
        made["integrationMetadata"] = approvals.integration(made["integrationMetadata"], now)
    return made


def reviewer(raw: Any, where: str, now: int) -> JsonObject:
    """Return a script of reviews; an empty one does nothing."""
    given = checked(raw, where, _REVIEWER)
    if given.get("verdict", "approve") not in approvals.VERDICTS:
        raise StateError(f"verdict in {where} must be one of {', '.join(approvals.VERDICTS)}")
    for name in ("after", "applyAfter"):
        check_seconds(given.get(name, 0), f"{name} in {where}")
    return {"since": now, **given} if given else {}


def check_seconds(given: float, where: str) -> None:
    """Refuse what is no length of time to wait for."""
    if not 0 <= given <= _CENTURY:
        raise StateError(f"{where} must be a number of seconds, not negative, and of a century at most")


def deeds(project: JsonObject, before: JsonObject, fields: JsonObject, now: int) -> list[JsonObject]:
    """Return a request as it is after each thing that the admin view was told to do to it: fields, review, apply."""
    told = checked({name: fields[name] for name in _DEEDS if name in fields}, "the request", _DEEDS)
    raw = {name: value for name, value in fields.items() if name not in (*_DEEDS, *approvals.PLACE, "_id")}
    by = approvals.member(told.get("member"))
    steps = [request(project, merged(before, raw), "the request", now)]
    if "review" in told:
        steps.append(approvals.reviewed(steps[-1], told["review"], told.get("comment"), by, now))
    if told.get("apply"):
        steps.append(approvals.applied(steps[-1], by, now))
    return steps
