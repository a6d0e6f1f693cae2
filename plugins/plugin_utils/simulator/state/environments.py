# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads environments from a state, with their approval settings, segments and release plans."""

from __future__ import annotations

from typing import Any

from ..core.documents import JsonObject
from ..core.fields import Fields, StateError, checked
from ..environment_releases import health_checks
from ..environments.approvals import DEFAULT_SETTINGS
from .titles import title

_COLORS = ("417505", "f5a623", "7b42bc", "00da7b")

_ENVIRONMENT: Fields = {
    "key": (str,),
    "name": (str,),
    "color": (str,),
    "tags": (list,),
    "critical": (bool,),
    "approvalSettings": (dict,),
    "segments": (dict,),
    "releasePlans": (dict,),
    "defaultReleasePlanKey": (str, type(None)),
    "failingHealthChecks": (list,),
}
_SETTINGS: Fields = {name: (type(value),) for name, value in DEFAULT_SETTINGS.items()}
_SEGMENT: Fields = {"key": (str,), "name": (str,), "tags": (list,), "creationDate": (int,)}
_PLAN: Fields = {
    "key": (str,),
    "name": (str,),
    "description": (str,),
    "randomizationUnit": (str,),
    "phases": (list,),
    "metrics": (list,),
    "advancementMode": (str,),
    "cleanupBehavior": (str,),
}


def load_environment(key: str, index: int, raw: Any, where: str, now: int) -> JsonObject:
    """Return a complete environment."""
    given = checked(raw, where, _ENVIRONMENT)
    plans = given.get("releasePlans", {})
    failing = given.get("failingHealthChecks", [])
    if not all(kind in health_checks.KINDS for kind in failing):
        raise StateError(f"failingHealthChecks in {where} may have {', '.join(health_checks.KINDS)}")
    settings = checked(given.get("approvalSettings", {}), f"{where}.approvalSettings", _SETTINGS, open_ended=True)
    return {
        "name": title(key),
        "color": _COLORS[index % len(_COLORS)],
        "tags": [],
        "critical": False,
        "defaultReleasePlanKey": next(iter(plans), None),
        **given,
        "key": key,
        "approvalSettings": {**DEFAULT_SETTINGS, **settings},
        "segments": {
            name: _named(
                name, checked(segment, f"{where}.segments.{name}", _SEGMENT), {"tags": [], "creationDate": now}
            )
            for name, segment in given.get("segments", {}).items()
        },
        "releasePlans": {
            name: _named(name, _plan(plan, f"{where}.releasePlans.{name}"), {"description": ""})
            for name, plan in plans.items()
        },
        "failingHealthChecks": failing,
    }


def _named(key: str, given: JsonObject, fresh: JsonObject) -> JsonObject:
    return {"name": title(key), **fresh, **given, "key": key}


def _plan(raw: Any, where: str) -> JsonObject:
    plan = checked(raw, where, _PLAN)
    for phase in plan.get("phases", ()):
        checked(phase, f"{where}.phases")
    for metric in plan.get("metrics", ()):
        found = checked(metric, f"{where}.metrics", {"key": (str,), "autoRollback": (bool,), "isGroup": (bool,)})
        if "key" not in found:
            raise StateError(f"a metric in {where} has no key")
    return plan
