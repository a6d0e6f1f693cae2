# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another kind of release behind the same operations: nothing above the API layer knows whose documents it works on.

LaunchDarkly's environment releases are taken for it. They have other paths, words and ids, no pipeline, and no audiences; how a
phase of theirs is started is not public, so that the call here is made up.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.approvals.api import ApprovalRequestApi
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http, path_of
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import (
    AudienceSettings,
    Target,
    phase_from_options,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Phase, Release, Status
from ansible_collections.flagops.launchdarkly.plugins.module_utils._operations.phase import (
    InfoOperation,
    PhaseOperation,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    Clock,
    Reads,
    ScriptedTransport,
    Sent,
    answer,
    phase_options,
    refusal,
)

STATUSES = {
    "pending": Status.NOT_STARTED,
    "in_progress": Status.ACTIVE,
    "waiting": Status.PAUSED,
    "completed": Status.COMPLETED,
}


class EnvironmentReleaseApi:
    """The releases of a flag in one environment, of which the newest counts."""

    def __init__(self, http: Http, environment_key: str) -> None:
        self._http = http
        self._environment_key = environment_key

    def get_release(self, target: Target, deadline: float | None = None) -> Release:
        document = self._http.read(self._path(target), f"read the release of {target}", deadline)
        return self._release(target, document["items"][0])

    def find_release(self, target: Target) -> Release | None:
        return self.get_release(target)

    def set_phase_status(
        self, target: Target, phase: Phase, status: Status, _audiences: dict[str, AudienceSettings] | None
    ) -> Release:
        assert status is Status.ACTIVE
        doing = f"start phase '{phase.name}' of {target}"
        return self._release(
            target, self._http.call("POST", self._path(target, phase.id), doing, {}, conflict_statuses=(409,))
        )

    def delete_release(self, target: Target) -> None:
        raise NotImplementedError

    def _path(self, target: Target, *more: str) -> str:
        place = ("projects", target.project_key, "flags", target.flag_key, "environments", self._environment_key)
        return path_of(*place, "releases", *more)

    def _release(self, target: Target, document: dict[str, Any]) -> Release:
        statuses = [STATUSES.get(phase["status"], Status.UNKNOWN) for phase in document["phases"]]
        if document["status"] == "waiting" and Status.NOT_STARTED in statuses:
            # for somebody who lets it go on
            statuses[statuses.index(Status.NOT_STARTED)] = Status.READY_TO_START
        phases = tuple(
            Phase(
                id=f"{document['id']}/{phase['phaseIndex']}",
                name=phase["description"],
                index=phase["phaseIndex"],
                status=status,
                status_raw=phase["status"],
                complete=status is Status.COMPLETED,
            )
            for phase, status in zip(document["phases"], statuses)
        )
        return Release(target.project_key, target.flag_key, phases=phases)


def wire(status: str, *words: str) -> dict[str, Any]:
    phases = [
        {"phaseIndex": index, "description": name, "status": word, "steps": []}
        for index, (name, word) in enumerate(zip(("One", "Two", "Three"), words))
    ]
    return {"id": "r1", "status": status, "kind": "guarded", "phases": phases}


def read(*words: str, status: str = "in_progress") -> Any:
    return answer({"items": [wire(status, *words)]})


READY = read("completed", "pending", "pending", status="waiting")
STARTED = answer(wire("in_progress", "completed", "in_progress", "pending"))
UNDER_WAY = read("completed", "in_progress", "pending")
COMPLETED = read("completed", "completed", "pending", status="waiting")
START_PATH = "/api/v2/projects/shop/flags/cart/environments/production/releases/r1%2F1"


def run(*steps: Any, **options: Any) -> tuple[dict[str, Any], list[Sent]]:
    transport = ScriptedTransport(*steps)
    given = phase_options(**options)
    http = Http(transport, Clock().runtime(), given["max_retries"], given["retry_timeout"])
    operation = PhaseOperation(
        EnvironmentReleaseApi(http, "production"),
        ApprovalRequestApi(http, "http://sim"),
        http,
        phase_from_options(given),
        check_mode=False,
    )
    failure: dict[str, Any] = {}
    try:
        operation.run()
    except LaunchDarklyError as error:
        failure = error.to_result()
    assert transport.left == 0
    return {**operation.to_result(), **failure}, transport.sent


def test_a_phase_is_started_and_waited_for() -> None:
    result, sent = run(READY, STARTED, UNDER_WAY, COMPLETED, wait=True)
    assert (result["changed"], result["action"], result["waited_for"]) == (True, "start", "status")
    assert [item.method for item in sent] == ["GET", "POST", "GET", "GET"]
    assert sent[1].path == START_PATH
    assert result["release"]["pipeline_key"] is None


@pytest.mark.parametrize(
    ("steps", "options", "expected"),
    [
        ((UNDER_WAY,), {}, (None, False, "none")),
        ((COMPLETED,), {}, (None, False, "none")),
        ((UNDER_WAY,), {"phase": "Three"}, ("phase_not_ready", False, "none")),
        ((read("waiting", "pending"),), {"phase": "One"}, ("phase_paused", False, "none")),
        ((read("reverted", "pending"),), {"phase": "One"}, ("unknown_status", False, "none")),
        ((UNDER_WAY,), {"phase": "Four"}, ("phase_not_found", False, "none")),
        ((READY, refusal(503), UNDER_WAY), {}, (None, True, "start")),
        ((READY, refusal(503), Reads(READY), STARTED), {}, (None, True, "start")),
        ((READY, refusal(409, "release_already_active"), UNDER_WAY), {}, (None, False, "adopted")),
        ((READY, refusal(409, "release_already_active"), READY), {}, ("release_already_active", False, "start")),
        ((READY, refusal(400, "health_checks_failed"), READY), {}, ("health_checks_failed", False, "start")),
        (
            (READY, STARTED, read("completed", "reverted", "pending")),
            {"wait": True},
            ("unknown_status", True, "start"),
        ),
    ],
)
def test_what_holds_of_one_kind_holds_of_the_other(
    steps: tuple[Any, ...], options: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    result, _sent = run(*steps, **options)
    assert (result.get("error_code"), result["changed"], result["action"]) == expected
    assert "None" not in result.get("msg", "")


def test_it_is_read() -> None:
    http = Http(ScriptedTransport(UNDER_WAY), Clock().runtime(), 0, 0)
    operation = InfoOperation(EnvironmentReleaseApi(http, "production"), http, Target("shop", "cart"))
    operation.run()
    result = operation.to_result()
    assert (result["current_phase"]["name"], result["next_phase"]["name"]) == ("Two", "Three")
