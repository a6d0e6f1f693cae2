# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The review script: reviews and applies approval requests by itself, on the simulator's clock. Pure functions."""

from __future__ import annotations

from typing import Any

from ..core.documents import JsonObject, integer
from ..core.identities import REVIEWER
from . import requests


def steps(project: JsonObject, request: JsonObject, script: JsonObject, now: int) -> list[tuple[int, JsonObject]]:
    """Return the steps of the review script that are due: each time with the request after it."""
    done = []
    by = member(script.get("member"))
    date = max(request["creationDate"], script["since"]) + _milliseconds(script, "after")
    if (
        "verdict" in script
        and (request["status"], request["reviewStatus"]) == (requests.PENDING, requests.PENDING)
        and date <= now
    ):
        request = requests.reviewed(project, request, script["verdict"], script.get("comment"), by, date)
        done.append((date, request))
    date = max(_approved_at(request), script["since"]) + _milliseconds(script, "applyAfter")
    approved = (request["status"], request["reviewStatus"]) == (requests.PENDING, requests.APPROVED)
    if script.get("apply") and approved and date <= now:
        done.append((date, requests.applied(request, by, date)))
    return done


def _approved_at(request: JsonObject) -> int:
    dates = [integer(review, "creationDate") for review in request["allReviews"] if review.get("kind") == "approve"]
    return max((date for date in dates if date is not None), default=int(request["creationDate"]))


def _milliseconds(script: JsonObject, name: str) -> int:
    return round(float(script.get(name, 0)) * 1000)


def member(given: Any) -> dict[str, str]:
    """Return the author of a review, as a review names it."""
    found = given.get("_id") if isinstance(given, dict) else given
    return {"memberId": found} if isinstance(found, str) else REVIEWER
