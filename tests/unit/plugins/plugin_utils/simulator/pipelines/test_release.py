# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The release of a flag in a pipeline, as observed or assumed."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.errors import ApiError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.pipelines import phases
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.pipelines import release as transitions

NOW = 1_793_000_000_000
SECOND = 1000


def audience(strategy="immediate-rollout", window=None, approval=False):
    configuration = {"releaseStrategy": strategy, "requireApproval": approval}
    if window is not None:
        configuration["releaseGuardianConfiguration"] = {
            "monitoringWindowMilliseconds": window,
            "rolloutWeight": 50000,
            "rollbackOnRegression": True,
        }
    return {"name": "everyone", "environmentKey": "test", "configuration": configuration}


def release(*phases, legacy=False):
    pipeline = {
        "key": "standard",
        "name": "Standard",
        "description": "d",
        "isLegacy": legacy,
        "phases": [
            {"id": f"p{index}", "name": f"P{index}", "audiences": list(audiences)}
            for index, audiences in enumerate(phases)
        ],
    }
    project = {"key": "demo", "environments": {"test": {"name": "Test", "color": "417505"}}}
    return transitions.new_release(pipeline, project, "new-cart", "v1", NOW)


def start(document, index, now=NOW, completion="self", audiences=()):
    return transitions.start_phase(document, f"p{index}", list(audiences), now, completion)


def words(document):
    return [phase.get("status") for phase in document["phases"]]


def at(document, seconds, completion="self"):
    return phases.settle(document, NOW + int(seconds * SECOND), completion, {})


THREE = ([audience()], [audience()], [audience()])


def test_new_release_matches_captured_documents():
    document = release(*THREE)
    assert words(document) == ["ready-to-start", "not-started", "not-started"]
    assert document["_version"] == 0
    assert document["_releaseVariationId"] == "v1"
    assert document["_links"]["self"]["href"] == "/api/v2/flags/demo/new-cart/release"
    assert document["_links"]["parent"]["href"] == "/api/v2/flags/demo/new-cart"
    first = document["phases"][0]
    assert (first["complete"], first["started"], first["_creationDate"]) == (False, False, NOW)
    assert first["_audiences"][0]["status"] == "ready-to-start"
    assert first["_audiences"][0]["environment"]["key"] == "test"


def test_start_answers_with_only_the_phase_active():
    document = start(release(*THREE), 0, NOW + 5)
    assert words(document) == ["active", "not-started", "not-started"]
    assert document["phases"][0]["_startedDate"] == NOW + 5
    assert document["phases"][0]["started"] is True
    assert document["phases"][0]["_audiences"][0]["status"] == "ready-to-start"
    assert document["_version"] == 1


def test_transitions_do_not_change_their_input():
    before = release(*THREE)
    start(before, 0)
    started = start(release(*THREE), 0)
    at(started, 5)
    assert words(before) == ["ready-to-start", "not-started", "not-started"]
    assert words(started) == ["active", "not-started", "not-started"]


@pytest.mark.parametrize(
    ("word", "refused"),
    [
        ("ready-to-start", False),
        ("ReadyToStart", False),
        ("active", False),
        ("Started", False),
        ("not-started", True),
        ("paused", True),
        ("completed", True),
        ("wobbling", True),
        (None, True),
    ],
)
def test_start_needs_a_phase_that_is_ready(word, refused):
    document = release(*THREE)
    document["phases"][1]["status"] = word
    if refused:
        with pytest.raises(ApiError, match=r"Phase must have status `ReadyToStart`"):
            start(document, 1)
    else:
        assert start(document, 1)["phases"][1]["status"] in ("active", "Started")


def test_start_of_an_active_phase_changes_nothing():
    document = start(release(*THREE), 0)
    assert start(document, 0, NOW + 500) == document


@pytest.mark.parametrize(
    ("audiences", "seconds"),
    [
        ([audience()], 1),
        ([audience("")], 1),
        ([], 1),
        ([audience("monitored-release", 60_000)], 60),
        ([audience("monitoredRelease", 60_000)], 60),
        ([audience("monitored-release", 3000), audience()], 3),
        ([audience("immediate-rollout", 60_000)], 1),
        ([audience("monitored-release", 0)], 0),
    ],
)
def test_phase_completes_with_its_slowest_audience(audiences, seconds):
    document = start(release(audiences, [audience()]), 0)
    assert words(at(document, seconds - 0.001))[0] == "active"
    done = at(document, seconds)
    assert words(done) == ["completed", "ready-to-start"]
    assert done["phases"][0]["complete"] is True
    assert done["phases"][0]["_completionDate"] == NOW + seconds * SECOND
    assert [item["status"] for item in done["phases"][0]["_audiences"]] == ["completed"] * len(audiences)


def test_phase_completes_at_its_due_time():
    done = at(start(release(*THREE), 0), 3600)
    assert done["phases"][0]["_completionDate"] == NOW + SECOND


def test_next_phase_does_not_start_by_itself():
    done = at(start(release(*THREE), 0), 3600)
    assert words(at(done, 7200)) == ["completed", "ready-to-start", "not-started"]


def test_audiences_turn_active_after_the_answer():
    document = at(start(release([audience("monitored-release", 60_000)]), 0), 1)
    assert document["phases"][0]["_audiences"][0]["status"] == "active"


def test_phase_with_an_approval_stays_active():
    document = start(release([audience(), audience(approval=True)], [audience()]), 0)
    assert words(at(document, 86_400)) == ["active", "not-started"]


def test_release_completes_with_its_last_phase():
    document = release(*THREE)
    for index in range(3):
        document = at(start(document, index, NOW + 10 * index * SECOND), 10 * (index + 1))
    assert words(document) == ["completed"] * 3
    assert not transitions.in_progress(document)


def test_on_next_completes_a_phase_with_the_next_start():
    document = at(start(release(*THREE), 0, completion="on_next"), 1, "on_next")
    assert words(document) == ["active", "ready-to-start", "not-started"]
    document = start(document, 1, NOW + 5 * SECOND, "on_next")
    assert words(document) == ["completed", "active", "not-started"]
    assert document["phases"][0]["_completionDate"] == NOW + 5 * SECOND


def test_on_next_leaves_the_last_phase_active():
    document = at(start(release([audience()]), 0, completion="on_next"), 86_400, "on_next")
    assert words(document) == ["active"]
    assert transitions.in_progress(document)


def test_start_settings_override_the_pipeline():
    document = release([audience("monitored-release", 60_000)])
    audience_id = document["phases"][0]["_audiences"][0]["_id"]
    extra = {
        "audienceId": audience_id,
        "releaseGuardianConfiguration": {"monitoringWindowMilliseconds": 3000, "randomizationUnit": "device"},
        "notifyTeamKeys": ["product"],
    }
    started = start(document, 0, audiences=[extra])
    configuration = started["phases"][0]["_audiences"][0]["configuration"]
    assert configuration["notifyTeamKeys"] == ["product"]
    assert configuration["releaseGuardianConfiguration"] == {
        "monitoringWindowMilliseconds": 3000,
        "rolloutWeight": 50000,
        "rollbackOnRegression": True,
        "randomizationUnit": "device",
    }
    assert words(at(started, 3)) == ["completed"]


@pytest.mark.parametrize("audience_id", ["no-such-audience", None])
def test_start_settings_for_unknown_audiences_are_ignored(audience_id):
    extra = {"audienceId": audience_id, "releaseGuardianConfiguration": {"monitoringWindowMilliseconds": 3000}}
    document = release([audience("monitored-release", 60_000)])
    assert start(document, 0, audiences=[extra]) == start(document, 0)


def test_canceled_release_does_not_change():
    document = {**start(release(*THREE), 0), "_canceledAt": NOW}
    assert words(at(document, 3600)) == ["active", "not-started", "not-started"]
    with pytest.raises(ApiError, match="canceled"):
        start(document, 1)
    assert not transitions.in_progress(document)


def test_private_fields_are_not_served():
    document = start(release(*THREE), 0)
    assert "_completesAt" in document["phases"][0]
    assert "_completesAt" not in transitions.served(document)["phases"][0]


def test_legacy_release_has_no_status():
    document = release(*THREE, legacy=True)
    fields = {"_id", "_name", "complete", "_creationDate", "_audiences"}
    assert [set(phase) for phase in document["phases"]] == [fields] * 3
    assert set(document["phases"][0]["_audiences"][0]) == {"_id", "_links", "name", "environment"}


def test_legacy_phase_can_be_completed_and_reset():
    completed_by = {"token": {"name": "ci"}}
    done = transitions.set_legacy_completion(release(*THREE, legacy=True), 1, True, completed_by, NOW + 1)
    assert done["phases"][1]["complete"] is True
    assert (done["phases"][1]["_completionDate"], done["phases"][1]["_completedBy"]) == (NOW + 1, completed_by)
    undone = transitions.set_legacy_completion(done, 1, False, completed_by, NOW + 2)
    assert undone["phases"] == release(*THREE, legacy=True)["phases"]
    assert undone["_version"] == 2


@pytest.mark.parametrize("audiences", [None, "none", 5, ["everyone"], [{}], [{"configuration": 5}]])
def test_audiences_may_be_malformed(audiences):
    document = release(*THREE)
    document["phases"][0]["_audiences"] = audiences
    assert words(at(start(document, 0), 1))[0] == "completed"


def regressing(document, index, milliseconds, **fields):
    document["phases"][index].update({"_regressesAfter": milliseconds, **fields})
    return document


@pytest.mark.parametrize(("milliseconds", "seconds"), [(500, 0.5), (5000, 5)])
@pytest.mark.parametrize("completion", ["self", "on_next"])
def test_regression_pauses_the_phase_for_good(milliseconds, seconds, completion):
    document = start(regressing(release(*THREE), 0, milliseconds), 0, completion=completion)
    assert words(at(document, seconds - 0.001, completion)) == ["active", "not-started", "not-started"]
    paused = at(document, seconds, completion)
    assert words(paused) == ["paused", "not-started", "not-started"]
    assert (paused["phases"][0]["complete"], paused["phases"][0]["started"]) == (False, True)
    assert paused["_version"] == 2
    assert at(paused, 86_400, completion) == paused
    with pytest.raises(ApiError, match="ReadyToStart"):
        start(paused, 0)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"status": "active", "_startedDate": NOW}, "paused"),
        ({"status": "Started", "_startedDate": NOW}, "paused"),
        ({"status": "active"}, "active"),
        ({"status": "active", "_startedDate": NOW, "_awaits": {"test": None}}, "active"),
        ({"status": "paused", "_startedDate": NOW}, "paused"),
        ({"status": "ready-to-start", "_startedDate": NOW}, "ready-to-start"),
    ],
)
def test_regression_needs_a_phase_in_progress(fields, word):
    assert words(at(regressing(release(*THREE), 0, 500, **fields), 86_400))[0] == word


def test_regression_fields_are_not_served():
    document = regressing(release(*THREE), 0, 500)
    assert "_regressesAfter" not in transitions.served(document)["phases"][0]
    assert "_regressesAfter" not in at(start(document, 0), 1)["phases"][0]
