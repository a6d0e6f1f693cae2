# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a flag for all of its environments, and the list of releases of an environment."""

from __future__ import annotations

from typing import Any

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_overview import (
    ENVIRONMENT_OVERVIEW,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_release_info import (
    ENVIRONMENT_RELEASE_INFO,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.run import execute
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import (
    DONE,
    GUARDED,
    OFF,
    ON,
    PROGRESSIVE,
    READY,
    Stage,
    Staging,
)


def overview(play: Stage, *entries: dict[str, Any]) -> dict[str, Any]:
    options = {
        "project_key": "shop",
        "flag_key": "cart",
        "max_retries": 6,
        "retry_timeout": 120.0,
        "validate_certs": True,
        "ca_path": None,
        "access_token": play.simulator.access_token,
        "api_host": play.simulator.url,
        "http_timeout": 5.0,
        "entries": [{"environment_key": "eu", **entry} for entry in entries],
    }
    result, _warnings = execute(ENVIRONMENT_OVERVIEW, options, play.clock.runtime(), check_mode=False)
    assert not result.get("failed"), result
    return result


def test_overview_of_complete_environments_takes_one_request(stage: Staging) -> None:
    play = stage(DONE)
    result = overview(play, {}, {"segments": ["beta"]}, PROGRESSIVE)
    assert [item["status"] for item in result["environments"]] == ["completed"] * 3
    assert play.sent() == "GET:flag"


def test_overview_reads_the_releases_of_an_environment_once(stage: Staging) -> None:
    play = stage(READY)
    play.run(**PROGRESSIVE)
    play.sent()
    result = overview(play, {"segments": ["beta"]}, PROGRESSIVE, GUARDED)
    assert play.sent() == "GET:flag GET:releases GET:environment"
    assert [(item["status"], item["percent"]) for item in result["environments"][1:]] == [("active", 10.0)] * 2
    assert result["environments"][1]["release"]["kind"] == "progressive"


def test_overview_says_why_a_release_would_be_refused(stage: Staging) -> None:
    play = stage(DONE)
    play.run(state="rolled_back")
    first = overview(play, {})["environments"][0]
    assert (first["status"], first["error"]["code"]) == ("reverted", "release_undone")
    again = overview(play, {"retry_reverted": True})["environments"][0]
    assert (again["status"], again["error"]) == ("reverted", None)


def test_overview_refuses_what_no_retry_can_release(stage: Staging) -> None:
    play = stage(READY)
    play.run()
    play.run(state="rolled_back")
    blocked = overview(play, {"retry_reverted": True, "segments": ["gone"]})["environments"][0]
    assert (blocked["status"], blocked["error"]["code"]) == ("reverted", "segment_not_found")


def test_overview_says_that_a_person_has_to_approve(gated: Stage) -> None:
    (request,) = gated.run(request_approval=True)["approvals"]
    gated.clock.sleep(60)
    found = overview(gated, {"request_approval": True})["environments"][0]
    assert (found["status"], found["requires_approval"]) == ("active", True)
    assert found["started_at"] == request["requested_at"]


def test_overview_gives_a_running_release_to_its_audience(stage: Staging) -> None:
    play = stage(READY)
    play.run(**PROGRESSIVE, segments=["beta"])
    beta = {**PROGRESSIVE, "segments": ["beta"]}
    found = overview(play, beta, PROGRESSIVE, {**PROGRESSIVE, "segments": ["staff"]})["environments"]
    assert [item["status"] for item in found] == ["active", "ready_to_start", "ready_to_start"]
    assert [item["waits_for_other"] for item in found] == [False, True, True]
    assert [item["percent"] for item in found] == [10.0, 0.0, 0.0]


def test_overview_keeps_an_audience_complete_while_the_next_one_runs(stage: Staging) -> None:
    play = stage(READY)
    beta = {**PROGRESSIVE, "segments": ["beta"]}
    play.run(**beta, wait=True)
    play.run(**PROGRESSIVE)
    found = overview(play, beta, PROGRESSIVE)["environments"]
    assert [(item["status"], item["waits_for_other"]) for item in found] == [("completed", False), ("active", False)]


def test_overview_says_where_the_audit_log_cannot_be_read(stage: Staging) -> None:
    play = stage(READY)
    assert overview(play, {})["environments"][0]["audit_problem"] is None
    play.fault(path="/auditlog", status=403, times=None, body={"code": "forbidden", "message": "No."})
    assert "right to view the audit log" in overview(play, {})["environments"][0]["audit_problem"]


# ld_environment_release_info


def info(play: Stage, **given: Any) -> dict[str, Any]:
    return play.run(definition=ENVIRONMENT_RELEASE_INFO, **given)


def test_info_lists_releases_and_targeting(stage: Staging) -> None:
    play = stage(READY)
    assert info(play)["releases"] == []
    play.run(**PROGRESSIVE)
    play.run(state="rolled_back")
    play.run(**GUARDED, retry_reverted=True)
    play.sent()
    result = info(play)
    assert play.sent() == "GET:flag GET:releases"
    assert [(item["kind"], item["status"]) for item in result["releases"]] == [
        ("guarded", "active"),
        ("progressive", "reverted"),
    ]
    assert result["changed"] is False
    assert result["targeting"]["default_variation"]["id"] == OFF
    assert [len(info(play, status=[word])["releases"]) for word in ("active", "reverted", "completed")] == [1, 1, 0]
    assert [item["kind"] for item in info(play, kind="guarded")["releases"]] == ["guarded"]


def test_info_reads_the_definitions_of_metrics(stage: Staging) -> None:
    play = stage(READY)
    play.run(**GUARDED)
    assert "definition" not in info(play)["releases"][0]["metrics"][0]
    play.sent()
    metric = info(play, metrics=True)["releases"][0]["metrics"][0]
    assert play.sent() == "GET:flag GET:releases GET:release"
    assert metric["definition"]["key"] == "errors"
    assert metric["status"] == "ok"


def test_info_of_an_unknown_environment(stage: Staging) -> None:
    play = stage(DONE)
    result = info(play, environment_key="moon")
    assert (result["error_code"], result["targeting"], result["releases"]) == ("environment_not_found", None, [])


def test_info_shows_the_share_of_a_boolean_flag(stage: Staging) -> None:
    play = stage(DONE)
    assert (info(play)["targeting"]["percent"], info(play)["targeting"]["default_variation"]["id"]) == (100.0, ON)
