# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The admin view under ``/__sim__/``: state, request log, faults, rate limits, webhook and time."""

from __future__ import annotations

import re
from typing import Any, Callable

from ..approvals import requests
from ..core.documents import is_kind
from ..core.errors import ApiError, invalid_request
from ..http.messages import Answer, Request, json_answer
from ..http.routes import Routes
from ..pipelines import release
from . import environments
from .faults import parse
from .world import World

PREFIX = "/__sim__/"

_CENTURY = 100 * 366 * 24 * 3600

Params = dict[str, str]
Handler = Callable[[World, Params, Request], Any]


def answer(world: World, request: Request) -> Answer:
    """Answer one request to the admin view."""
    try:
        _template, handler, params = _ROUTES.find(request.method, request.path)
        body = handler(world, params, request)
    except ApiError as error:
        return json_answer(error.status, error.body)
    return json_answer(204 if body is None else 200, body)


def _index(_world: World, _params: Params, _request: Request) -> Any:
    return {"paths": {template: list(methods) for template, methods in _TABLE.items()}}


def _get_state(world: World, _params: Params, _request: Request) -> Any:
    return world.state


def _put_state(world: World, _params: Params, request: Request) -> Any:
    world.replace_state(request.json())
    return world.state


def _get_audit(world: World, params: Params, _request: Request) -> Any:
    return {"items": world.project(params["project"])["audit"]}


def _put_release(world: World, params: Params, request: Request) -> Any:
    return release.served(world.merge_release(params["project"], params["flag"], _fields(request)))


def _delete_release(world: World, params: Params, _request: Request) -> Any:
    world.delete_release(params["project"], params["flag"])


def _put_phase(world: World, params: Params, request: Request) -> Any:
    return release.served(world.merge_phase(params["project"], params["flag"], params["phase"], _fields(request)))


def _put_approval_request(world: World, params: Params, request: Request) -> Any:
    return requests.served(world.merge_request(params["project"], _place(params), params["id"], _fields(request)))


def _get_reviewer(world: World, params: Params, _request: Request) -> Any:
    return world.project(params["project"])["reviewer"]


def _put_reviewer(world: World, params: Params, request: Request) -> Any:
    return world.set_reviewer(params["project"], _fields(request))


def _get_behavior(world: World, params: Params, _request: Request) -> Any:
    return world.project(params["project"])["behavior"]


def _put_behavior(world: World, params: Params, request: Request) -> Any:
    return environments.set_behavior(world, params["project"], _fields(request))


def _put_environment(world: World, params: Params, request: Request) -> Any:
    return environments.update_environment(world, params["project"], params["environment"], _fields(request))


def _put_targeting(world: World, params: Params, request: Request) -> Any:
    return environments.update_targeting(world, params["project"], _place(params), _fields(request))


def _post_environment_release(world: World, params: Params, request: Request) -> Any:
    return environments.start_release(world, params["project"], _place(params), _fields(request))


def _put_environment_release(world: World, params: Params, request: Request) -> Any:
    place = _place(params)
    return environments.update_release(world, params["project"], place, params["id"], _fields(request))


def _delete_environment_release(world: World, params: Params, _request: Request) -> Any:
    environments.delete_release(world, params["project"], _place(params), params["id"])


def _place(params: Params) -> tuple[str, str]:
    return params["flag"], params["environment"]


def _get_requests(world: World, _params: Params, request: Request) -> Any:
    arguments = request.arguments
    try:
        return {"items": world.log.entries(arguments.get("method"), arguments.get("path", ""))}
    except re.error as error:
        raise invalid_request(f"path is not a regular expression: {error}") from error


def _delete_requests(world: World, _params: Params, _request: Request) -> Any:
    world.log.clear()


def _get_faults(world: World, _params: Params, _request: Request) -> Any:
    return {"items": [fault.shown() for fault in world.faults.faults]}


def _post_faults(world: World, params: Params, request: Request) -> Any:
    world.faults.faults.extend(parse(request.json()))
    return _get_faults(world, params, request)


def _delete_faults(world: World, _params: Params, _request: Request) -> Any:
    world.faults.faults.clear()


def _get_time(world: World, _params: Params, _request: Request) -> Any:
    return {"now": world.clock.now(), "wall": world.clock.wall(), "speed": world.clock.speed}


def _post_time(world: World, params: Params, request: Request) -> Any:
    seconds: Any = _fields(request).get("advance")
    if not is_kind(seconds, int, float) or not 0 <= seconds <= _CENTURY:
        raise invalid_request("advance must be a number of seconds between 0 and a century")
    world.clock.advance(seconds)
    return _get_time(world, params, request)


def _get_webhook(world: World, _params: Params, _request: Request) -> Any:
    return {"url": world.webhook.url, "deliveries": list(world.webhook.deliveries)}


def _put_webhook(world: World, params: Params, request: Request) -> Any:
    world.webhook.configure(_fields(request), world.state)
    return _get_webhook(world, params, request)


def _get_limits(world: World, _params: Params, _request: Request) -> Any:
    return world.limits.scopes


def _put_limits(world: World, _params: Params, request: Request) -> Any:
    world.limits.configure(request.json())
    return world.limits.scopes


def _fields(request: Request) -> dict[str, Any]:
    body = request.json()
    if not isinstance(body, dict):
        raise invalid_request("The body must be a JSON object.")
    return body


_PROJECT = f"{PREFIX}projects/{{project}}"
_RELEASE = f"{_PROJECT}/releases/{{flag}}"
_TARGETING = f"{_PROJECT}/flags/{{flag}}/environments/{{environment}}"

_TABLE: dict[str, dict[str, Handler]] = {
    PREFIX: {"GET": _index},
    f"{PREFIX}state": {"GET": _get_state, "PUT": _put_state},
    f"{_PROJECT}/audit": {"GET": _get_audit},
    _RELEASE: {"PUT": _put_release, "DELETE": _delete_release},
    f"{_RELEASE}/phases/{{phase}}": {"PUT": _put_phase},
    f"{_PROJECT}/behavior": {"GET": _get_behavior, "PUT": _put_behavior},
    f"{_PROJECT}/environments/{{environment}}": {"PUT": _put_environment},
    _TARGETING: {"PUT": _put_targeting},
    f"{_TARGETING}/releases": {"POST": _post_environment_release},
    f"{_TARGETING}/releases/{{id}}": {"PUT": _put_environment_release, "DELETE": _delete_environment_release},
    f"{_TARGETING}/approval-requests/{{id}}": {"PUT": _put_approval_request},
    f"{_PROJECT}/reviewer": {"GET": _get_reviewer, "PUT": _put_reviewer},
    f"{PREFIX}requests": {"GET": _get_requests, "DELETE": _delete_requests},
    f"{PREFIX}faults": {"GET": _get_faults, "POST": _post_faults, "DELETE": _delete_faults},
    f"{PREFIX}time": {"GET": _get_time, "POST": _post_time},
    f"{PREFIX}webhook": {"GET": _get_webhook, "PUT": _put_webhook},
    f"{PREFIX}limits": {"GET": _get_limits, "PUT": _put_limits},
}

_ROUTES = Routes(_TABLE)
