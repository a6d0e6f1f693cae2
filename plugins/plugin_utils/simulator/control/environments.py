# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes by the admin view around environments: targeting and releases by another person, settings, behavior.

Another person is bound neither to approvals nor to health checks.
"""

from __future__ import annotations

from ..core import behavior
from ..core.body import optional_text
from ..core.documents import JsonObject, merged
from ..core.errors import invalid_request, not_found
from ..core.fields import Fields, StateError, checked
from ..environment_releases import operations, progress, releases, start
from ..environment_releases.run import Run
from ..flags import instructions
from ..state.environment_releases import load_release
from ..state.environments import load_environment
from ..state.flags import load_targeting
from ..targeting.change import change_flag
from .world import World

_PERSON = "member"

# What the admin view does with a release, other than setting its fields.
_ACTIONS: Fields = {
    "regress": (str, bool),
    "dismiss": (bool,),
    "resume": (bool,),
    "insufficientData": (bool,),
    "wait": (bool,),
    "advance": (bool,),
    "stop": (str,),
    "comment": (str,),
}


def set_behavior(world: World, project_key: str, fields: JsonObject) -> JsonObject:
    """Replace the behavior of a project; what is missing gets its default."""
    try:
        loaded = behavior.load(fields, "behavior")
    except StateError as error:
        raise invalid_request(str(error)) from error
    world.project(project_key)["behavior"] = loaded
    return loaded


def update_environment(world: World, project_key: str, environment_key: str, fields: JsonObject) -> JsonObject:
    """Set fields of an environment."""
    environments: JsonObject = world.project(project_key)["environments"]
    if environment_key not in environments:
        raise not_found()
    raw = merged(environments[environment_key], fields)
    index = list(environments).index(environment_key)
    try:
        loaded = load_environment(environment_key, index, raw, environment_key, world.clock.now())
    except StateError as error:
        raise invalid_request(str(error)) from error
    environments[environment_key] = loaded
    return loaded


def update_targeting(world: World, project_key: str, place: tuple[str, str], fields: JsonObject) -> JsonObject:
    """Change a flag's targeting: by instructions, like a person, or by setting its fields."""
    project = world.project(project_key)
    now = world.clock.now()
    flag = _flag(project, place)
    if "instructions" in fields:
        items = instructions.checked_instructions(fields["instructions"])
        change_flag(project, place, items, now, _PERSON, comment=optional_text(fields, "comment"))
    else:
        raw = merged(flag["environments"][place[1]], fields)
        try:
            loaded = load_targeting(project, flag, place[1], raw, place[1], now)
        except StateError as error:
            raise invalid_request(str(error)) from error
        environments = {**flag["environments"], place[1]: loaded}
        project["flags"][place[0]] = {**flag, "environments": environments}
    found: JsonObject = project["flags"][place[0]]["environments"][place[1]]
    return found


def start_release(world: World, project_key: str, place: tuple[str, str], body: JsonObject) -> JsonObject:
    """Start a release as another person."""
    project = world.project(project_key)
    flag = _flag(project, place)
    wanted = operations.read_request(project, flag, place[1], body)
    start.check(project, flag, place[1], wanted, health=False)
    release = start.start(project, flag, place[1], wanted, world.clock.now(), _PERSON)
    return releases.served(project, release)


def update_release(
    world: World, project_key: str, place: tuple[str, str], release_id: str, fields: JsonObject
) -> JsonObject:
    """Set fields of an environment release, or let something happen to it; the id ``latest`` means the newest one."""
    project = world.project(project_key)
    now = world.clock.now()
    release = _release(project, place, release_id)
    try:
        actions = checked({name: fields[name] for name in _ACTIONS if name in fields}, "the release", _ACTIONS)
        raw = {name: value for name, value in fields.items() if name not in _ACTIONS}
        if raw:
            release = load_release(project, merged(release, raw), 0, "the release", now)
            releases.put(project, release)
    except StateError as error:
        raise invalid_request(str(error)) from error
    if actions and not releases.is_over(release):
        _act(project, release, actions, now)
    return releases.served(project, _release(project, place, release["id"]))


def _act(project: JsonObject, release: JsonObject, actions: JsonObject, now: int) -> None:
    comment = actions.get("comment")
    if "stop" in actions:
        start.stop(project, release, start.checked_resolution(actions["stop"]), comment, now, _PERSON)
        return
    run = Run(project, release)
    if actions.get("dismiss") or actions.get("resume"):
        run.resume(now)
    if actions.get("advance") and run.phase is None and run.pending_phases:
        run.start_phase(run.release["phases"].index(run.pending_phases[0]), now)
    if actions.get("wait"):
        run.wait(None, now)
    if actions.get("insufficientData"):
        run.revert("reverted_insufficient_data", now)
    elif actions.get("regress"):
        run.regress(_metric_key(release, actions["regress"]), now)
    run.seal(now)
    progress.keep(project, run, _PERSON if actions.get("advance") else "release", comment)


def _metric_key(release: JsonObject, given: object) -> str:
    keys = [metric["metricKey"] for metric in release["metrics"]]
    found = keys[:1] if given is True else [key for key in keys if key == given]
    if not found:
        raise invalid_request(f"the release has no metric {given!r}")
    return str(found[0])


def delete_release(world: World, project_key: str, place: tuple[str, str], release_id: str) -> None:
    """Delete a release from the history; its rules stay."""
    project = world.project(project_key)
    found = _release(project, place, release_id)
    project["environmentReleases"] = [item for item in project["environmentReleases"] if item is not found]


def _flag(project: JsonObject, place: tuple[str, str]) -> JsonObject:
    flag: JsonObject = project["flags"].get(place[0], {"environments": {}})
    if place[1] not in flag["environments"]:
        raise not_found(f"there is no flag {place[0]} in an environment {place[1]}")
    return flag


def _release(project: JsonObject, place: tuple[str, str], release_id: str) -> JsonObject:
    found = releases.of_flag(project, *place)
    for release in reversed(found):
        if release_id in ("latest", release["id"]):
            return release
    raise not_found(f"{place[0]} has no release {release_id} in {place[1]}")
