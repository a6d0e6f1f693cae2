# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LaunchDarkly's API: checks token, rate limits and header, applies faults, and runs the operation."""

from __future__ import annotations

import hmac
import json
from typing import Any

from ..control import environments
from ..control.faults import Fault
from ..control.world import World
from ..core.documents import JsonObject
from ..core.errors import ApiError, error_body
from ..http.call import Call, Operation
from ..http.messages import Answer, Request, json_answer
from .routes import BETA, SERVICE


def answer(world: World, request: Request) -> Answer:
    """Answer one request to the service, and log it."""
    entry = world.log.add(request, _authorized(world, request), world.clock.wall())
    fault = world.faults.due(request.method, request.path)
    try:
        given = _answer_with(world, request, fault) if fault else _true_answer(world, request)
    except ApiError as error:
        # Only the changes of a fault can be refused here: a mistake in the test, not an answer of the service.
        given = json_answer(500, error_body(500, f"fault: {error}"))
    entry["status"] = None if given.cut else given.status
    return given


def _answer_with(world: World, request: Request, fault: Fault) -> Answer:
    for item in fault.merge:
        _merge(world, item)
    if fault.cut == "before":
        return Answer(0, delay=fault.delay, cut=True)
    if fault.replaces and not fault.apply:
        return _own_answer(fault, 200)
    given = _true_answer(world, request)
    if fault.cut == "after":
        return Answer(0, delay=fault.delay, cut=True)
    if fault.replaces:
        return _own_answer(fault, given.status)
    given.headers.update(fault.headers)
    given.delay = fault.delay
    return given


def _merge(world: World, item: JsonObject) -> None:
    if "environment" in item:
        _merge_environment(world, item)
    elif "phase" in item:
        world.merge_phase(item["project"], item["flag"], item["phase"], item["fields"])
    else:
        world.merge_release(item["project"], item["flag"], item["fields"])


def _merge_environment(world: World, item: JsonObject) -> None:
    place = (item["flag"], item["environment"])
    if item.get("release") == "new":
        environments.start_release(world, item["project"], place, item["fields"])
    elif "release" in item:
        environments.update_release(world, item["project"], place, item["release"], item["fields"])
    else:
        environments.update_targeting(world, item["project"], place, item["fields"])


def _own_answer(fault: Fault, status: int) -> Answer:
    """Return the fault's own answer, with the fault's headers only, like the answer of a proxy in between."""
    status = fault.status or status
    body: Any = fault.own_body
    if not fault.has_body and status >= 400:
        body = error_body(status)
    encoded = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
    return Answer(status, encoded, {"Content-Type": "application/json", **fault.headers}, fault.delay)


def _authorized(world: World, request: Request) -> bool:
    given = request.header("Authorization") or ""
    return hmac.compare_digest(given.encode(), world.access_token.encode())


def _true_answer(world: World, request: Request) -> Answer:
    headers: dict[str, str] = {}
    try:
        status, body = _operate(world, request, headers)
    except ApiError as error:
        status, body = error.status, error.body
    return json_answer(status, body, headers)


def _operate(world: World, request: Request, headers: dict[str, str]) -> tuple[int, JsonObject | None]:
    """Return the status and body of an answer, and add the headers of the rate limits to ``headers``."""
    authorized = _authorized(world, request)
    route = _find(request)
    who = {"global": "", "ip": request.address}
    if authorized:
        who["token"] = world.access_token
    if not isinstance(route, ApiError):
        who["route"] = f"{request.method} {route[0]}"
    passes, limit_headers = world.limits.count(who, world.clock.wall())
    headers.update(limit_headers)
    if not passes:
        raise ApiError(429, "You've exceeded the API rate limit. Try again later.")
    if not authorized:
        raise ApiError(401, "Invalid access token")
    if isinstance(route, ApiError):
        raise route
    if route[0] in BETA and request.header("LD-API-Version") != "beta":
        # Documented: 403 without the header. That any other version is refused, too, is an assumption.
        raise ApiError(403, "Forbidden. Access to the requested resource was denied.")
    return _run(world, request, route[1], route[2])


def _find(request: Request) -> tuple[str, Operation, dict[str, str]] | ApiError:
    try:
        return SERVICE.find(request.method, request.path)
    except ApiError as error:
        return error


def _run(world: World, request: Request, operation: Operation, params: dict[str, str]) -> tuple[int, JsonObject | None]:
    call = Call(
        params=params,
        query=request.arguments,
        body=request.json() if request.method in ("PATCH", "POST", "PUT") else None,
        now=world.clock.now(),
        completion=world.completion,
        completed_by={
            "token": {"_links": {}, "name": "simulator", "ending": world.access_token[-4:], "serviceToken": True}
        },
        content_type=request.header("Content-Type") or "",
        values=request.values,
    )
    return operation(world.project(params["projectKey"]) if "projectKey" in params else world.state, call)
