# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the simulator holds, and the changes to it that do not come through the service."""

from __future__ import annotations

from typing import Any, get_args

from ..approvals import changes, requests
from ..core.behavior import Completion
from ..core.clock import Clock
from ..core.documents import JsonObject, copied, merged
from ..core.errors import ApiError, invalid_request, not_found
from ..core.fields import StateError
from ..environment_releases import progress as environment_progress
from ..http.rate_limits import RateLimits
from ..http.request_log import RequestLog
from ..pipelines import phases, progress
from ..state import approvals
from ..state.load import load
from ..state.pipelines import put_release
from .faults import Faults
from .webhook import Webhook


class World:
    """The state with its clock, the faults, the limits and the request log. It does no locking of its own."""

    def __init__(self, state: Any, clock: Clock, completion: str, access_token: str) -> None:
        """Take a state in the format of the state file."""
        if completion not in get_args(Completion):
            raise ValueError(f"completion must be one of {', '.join(get_args(Completion))}, not {completion!r}")
        self.completion: Completion = "on_next" if completion == "on_next" else "self"
        self.clock = clock
        self.access_token = access_token
        self.faults = Faults()
        self.limits = RateLimits()
        self.log = RequestLog()
        self.webhook = Webhook()
        self._state = load(state, clock.now())

    @property
    def state(self) -> JsonObject:
        """The current state."""
        now = self.clock.now()
        for project in self._state["projects"].values():
            progress.settle(project, now, self.completion)
            environment_progress.settle(project, now)
        return self._state

    def replace_state(self, raw: Any) -> None:
        """Replace the state."""
        try:
            self._state = load(raw, self.clock.now())
        except StateError as error:
            raise invalid_request(str(error)) from error
        self.webhook.skip(self._state)

    def project(self, key: str) -> JsonObject:
        """Return a project's document."""
        projects: dict[str, JsonObject] = self.state["projects"]
        if key not in projects:
            raise not_found()
        return projects[key]

    def release(self, project_key: str, flag_key: str) -> JsonObject:
        """Return a flag's release, as kept."""
        found = self.project(project_key)["releases"].get(flag_key)
        if found is None:
            raise not_found(f"{flag_key} has no release in {project_key}")
        release: JsonObject = found
        return release

    def merge_release(self, project_key: str, flag_key: str, fields: JsonObject) -> JsonObject:
        """Set fields of a release, or create it."""
        # A copy, so that a refusal changes nothing.
        project = copied(self.project(project_key))
        try:
            release = put_release(project, flag_key, fields, self.clock.now())
        except StateError as error:
            raise invalid_request(str(error)) from error
        self._state["projects"][project_key] = project
        return release

    def merge_phase(self, project_key: str, flag_key: str, phase: str, fields: JsonObject) -> JsonObject:
        """Set fields of a phase, found by id or name. A status that is set stays until another change."""
        release = self.release(project_key, flag_key)
        index = _phase_index(release, phase)
        before = release["phases"][index]
        if "status" in fields:
            before = {name: value for name, value in before.items() if name not in phases.HIDDEN}
        release["phases"][index] = merged(before, fields)
        return release

    def merge_request(
        self, project_key: str, place: tuple[str, str], request_id: str, fields: JsonObject
    ) -> JsonObject:
        """Set fields of an approval request, review it, apply it; the id ``latest`` means the newest one."""
        project = self.project(project_key)
        found = {item["_id"]: item for item in requests.of_flag(project, *place)}
        if request_id == "latest":
            request_id = next(reversed(found), request_id)
        if request_id not in found:
            raise not_found(f"{place[0]} has no approval request {request_id} in {place[1]}")
        now = self.clock.now()
        try:
            steps = approvals.updates(project, found[request_id], fields, now)
        except StateError as error:
            raise invalid_request(str(error)) from error
        kept = steps[0]
        for request in steps:
            kept = changes.put_request(project, request, now, "reviewer", fields.get("comment"))
        return kept

    def set_reviewer(self, project_key: str, fields: JsonObject) -> JsonObject:
        """Set the review script of a project."""
        try:
            script = approvals.reviewer(fields, "the review script", self.clock.now())
        except StateError as error:
            raise invalid_request(str(error)) from error
        self.project(project_key)["reviewer"] = script
        return script

    def delete_release(self, project_key: str, flag_key: str) -> None:
        """Delete a release."""
        self.release(project_key, flag_key)
        del self.project(project_key)["releases"][flag_key]


def _phase_index(release: JsonObject, phase: str) -> int:
    for name in ("_id", "_name"):
        found = [index for index, item in enumerate(release["phases"]) if item.get(name) == phase]
        if len(found) > 1:
            raise ApiError(400, f"{len(found)} phases have {name} {phase!r}")
        if found:
            return found[0]
    raise not_found(f"no phase has the id or name {phase!r}")
