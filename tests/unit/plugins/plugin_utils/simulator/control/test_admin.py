# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view behind the scenes."""

from __future__ import annotations

import uuid

import pytest

RELEASE = "/api/v2/flags/demo/new-checkout/release"
KEPT = "/__sim__/projects/demo/releases/new-checkout"
TOKEN = f"api-{uuid.UUID(int=0)}"


def test_admin_needs_no_token_and_is_not_logged(ask):
    assert ask("GET", "/__sim__/state", headers={}).status == 200
    assert ask("GET", "/__sim__/requests", headers={}).body == {"items": []}


def test_admin_lists_its_paths(ask):
    paths = ask("GET", "/__sim__/").body["paths"]
    assert paths["/__sim__/state"] == ["GET", "PUT"]
    assert paths["/__sim__/projects/{project}/releases/{flag}/phases/{phase}"] == ["PUT"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/__sim__/nothing", 404),
        ("POST", "/__sim__/state", 405),
        ("PUT", "/__sim__/projects/missing/releases/f", 404),
        ("DELETE", "/__sim__/projects/demo/releases/dark-mode", 404),
        ("PUT", f"{KEPT}/phases/Moon", 404),
        ("GET", "/__sim__/requests?path=(", 400),
    ],
)
def test_admin_refuses_unknown_paths(ask, method, path, status):
    given = ask(method, path, {} if method == "PUT" else None)
    assert given.status == status
    assert given.body["message"]


def test_state_round_trip_changes_nothing(ask):
    ask.start(0)
    state = ask("GET", "/__sim__/state").body
    ask("DELETE", RELEASE)
    given = ask("PUT", "/__sim__/state", state)
    assert (given.status, given.body) == (200, state)
    assert ask.statuses()[0] == "active"
    ask.wait(1)
    assert ask.statuses()[0] == "completed"


def test_state_with_mistakes_is_refused(ask):
    given = ask("PUT", "/__sim__/state", {"projects": {"demo": {"flag": {}}}})
    assert given.status == 400
    assert "'flag'" in given.body["message"]
    assert ask.release()["name"] == "Standard"


def test_release_fields_are_merged(ask):
    before = ask.release()
    ask("PUT", KEPT, {"_canceledAt": 5, "_version": 9, "_links": None})
    after = ask.release()
    assert (after["_canceledAt"], after["_version"], after["phases"]) == (5, 9, before["phases"])
    assert "_links" not in after
    ask("PUT", KEPT, {"_canceledAt": None})
    assert {**ask.release(), "_links": before["_links"], "_version": 0} == before


def test_release_phases_are_replaced(ask):
    phases = [{"_id": "p1", "_name": "Testing", "complete": True, "_creationDate": 1, "_audiences": []}]
    assert ask("PUT", KEPT, {"phases": phases}).body["phases"] == phases
    assert ask.release()["phases"] == phases


def test_release_is_created_for_a_flag_without_one(ask):
    given = ask("PUT", "/__sim__/projects/demo/releases/dark-mode", {"releasePipelineKey": "standard", "_version": 4})
    assert given.body["_version"] == 4
    assert ask("GET", "/api/v2/flags/demo/dark-mode/release").body == given.body


def test_release_can_be_deleted(ask):
    assert ask("DELETE", KEPT).status == 204
    assert ask("GET", RELEASE).status == 404


@pytest.mark.parametrize("by", ["_id", "_name"])
def test_phase_is_found_by_id_or_name(ask, by):
    phase = ask.release()["phases"][1][by]
    assert ask("PUT", f"{KEPT}/phases/{phase}", {"status": "Started"}).status == 200
    assert ask.statuses() == ["ready-to-start", "Started", "not-started"]


def test_phase_name_must_be_unambiguous(ask):
    ask("PUT", f"{KEPT}/phases/Test", {"_name": "Staging"})
    assert ask("PUT", f"{KEPT}/phases/Staging", {}).status == 400


@pytest.mark.parametrize("word", ["wobbling", "Started", "active", "paused", "ReadyToStart"])
def test_phase_status_that_is_set_stays(ask, word):
    ask.start(0)
    ask("PUT", f"{KEPT}/phases/Test", {"status": word})
    ask.wait(3600)
    assert ask.statuses() == [word, "not-started", "not-started"]


def test_phase_can_get_a_time_of_completion(ask):
    now = ask("GET", "/__sim__/time").body["now"]
    ask("PUT", f"{KEPT}/phases/Test", {"status": "active", "_completesAt": now + 5000})
    ask.wait(4)
    assert ask.statuses()[0] == "active"
    ask.wait(1)
    assert ask.statuses() == ["completed", "ready-to-start", "not-started"]


def test_phase_fields_are_merged_and_null_removes(ask):
    ask("PUT", f"{KEPT}/phases/Test", {"_audiences": None, "complete": True, "_completedBy": {"token": {"name": "ci"}}})
    phase = ask.release()["phases"][0]
    assert "_audiences" not in phase
    assert (phase["complete"], phase["_completedBy"]) == (True, {"token": {"name": "ci"}})
    assert phase["_name"] == "Test"


def test_request_log_has_everything_but_the_token(ask):
    ask("GET", f"{RELEASE}?x=1", headers={"Authorization": TOKEN, "LD-API-Version": "beta", "User-Agent": "test"})
    ask("PUT", "/api/v2/projects/demo/flags/f%2Fg/release", b"not json", headers={"authorization": "wrong"})
    first, second = ask("GET", "/__sim__/requests").body["items"]
    assert first == {
        "number": 1,
        "at": 1_793_000_000_000,
        "method": "GET",
        "path": RELEASE,
        "query": "x=1",
        "headers": {"LD-API-Version": "beta", "User-Agent": "test"},
        "authorized": True,
        "body": None,
        "status": 200,
    }
    assert second["path"] == "/api/v2/projects/demo/flags/f%2Fg/release"
    assert (second["authorized"], second["headers"], second["body"], second["status"]) == (False, {}, "not json", 401)


def test_request_log_is_filtered_and_cleared(ask):
    ask.start(0)
    ask.release()
    assert len(ask("GET", "/__sim__/requests?method=PUT").body["items"]) == 1
    assert len(ask("GET", "/__sim__/requests?path=/phases/").body["items"]) == 1
    assert len(ask("GET", "/__sim__/requests?method=GET&path=release$").body["items"]) == 2
    assert ask("DELETE", "/__sim__/requests").status == 204
    assert ask("GET", "/__sim__/requests").body == {"items": []}


def test_time_is_shown_and_moved(ask):
    before = ask("GET", "/__sim__/time").body
    assert before == {"now": 1_793_000_000_000, "wall": 1_793_000_000_000, "speed": 1.0}
    assert ask("POST", "/__sim__/time", {"advance": 1.5}).body["now"] == before["now"] + 1500


@pytest.mark.parametrize(
    "body", [{}, {"advance": -1}, {"advance": "1"}, {"advance": True}, {"advance": 1e300}, [], b"", b'{"advance": NaN}']
)
def test_time_moves_only_forward(ask, body):
    assert ask("POST", "/__sim__/time", body).status == 400
