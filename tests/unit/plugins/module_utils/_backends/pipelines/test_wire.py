# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LaunchDarkly's documents, read into the collection's own shape."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.pipelines.wire import (
    WORD_BY_STATUS,
    WireRelease,
    status_from_word,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Status
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import PHASE
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    by_words,
    wire_phase,
    wire_release,
)

RELEASE_KEYS = {
    "project_key",
    "flag_key",
    "pipeline_key",
    "pipeline_name",
    "version",
    "variation_id",
    "canceled_at",
    "is_legacy",
    "complete",
    "phases",
}
PHASE_KEYS = {
    "id",
    "name",
    "index",
    "status",
    "status_raw",
    "started",
    "complete",
    "created_at",
    "started_at",
    "completed_at",
    "completed_by",
    "audiences",
}
AUDIENCE_KEYS = {
    "id",
    "name",
    "environment_key",
    "status",
    "status_raw",
    "strategy",
    "require_approval",
    "segment_keys",
    "release_guardian_configuration",
}


def read(document: Any) -> dict[str, Any]:
    return WireRelease.model_validate(document).to_release("shop", "new-cart").to_result()


# The shape and words of the one captured walk-through: a release right after it was created ...
CREATED = {
    "_links": {"self": {"href": "/api/v2/flags/shop/new-cart/release", "type": "application/json"}},
    "name": "Standard",
    "releasePipelineKey": "standard",
    "releasePipelineDescription": "",
    "phases": [
        {
            "_id": "11111111-0000-4000-8000-000000000001",
            "_name": "Dev",
            "complete": False,
            "_creationDate": 1793000000000,
            "status": "ready-to-start",
            "started": False,
            "_audiences": [
                {
                    "_id": "11111111-0000-4000-8000-0000000000a1",
                    "name": "Dev",
                    "environment": {"key": "dev", "name": "Dev", "color": "00da7b"},
                    "configuration": {"releaseStrategy": "", "requireApproval": False},
                    "status": "ready-to-start",
                }
            ],
        },
        {
            "_id": "11111111-0000-4000-8000-000000000002",
            "_name": "Production",
            "complete": False,
            "status": "not-started",
            "started": False,
        },
    ],
    "_version": 0,
    "_releaseVariationId": "11111111-0000-4000-8000-0000000000f1",
}

# ... a guarded phase behind an approval, as the specification has it ...
GUARDED = wire_release(
    wire_phase(
        "Dev", "completed", _creationDate=1793000000000, _startedDate=1793000400000, _completionDate=1793000405000
    ),
    wire_phase(
        "Production",
        "active",
        _audiences=[
            {
                "_id": "a2",
                "name": "everyone",
                "environment": {"key": "production", "name": "Production", "color": "417505", "_links": {}},
                "configuration": {
                    "releaseStrategy": "monitored-release",
                    "requireApproval": True,
                    "notifyTeamKeys": ["product"],
                    "releaseGuardianConfiguration": {
                        "monitoringWindowMilliseconds": 86400000,
                        "rolloutWeight": 50000,
                        "rollbackOnRegression": True,
                        "randomizationUnit": "user",
                    },
                },
                "segmentKeys": ["beta-users"],
                "status": "waiting-for-approval",
                "_ruleIds": [],
            }
        ],
    ),
    _version=3,
)

# ... and one of a legacy pipeline, from before phases had a status.
LEGACY = {
    "name": "Old",
    "releasePipelineKey": "old",
    "phases": [
        {
            "_id": "p1",
            "_name": "Testing",
            "complete": True,
            "_creationDate": 1700000000000,
            "_completionDate": 1700000600000,
            "_completedBy": {
                "token": {"_id": "t1", "name": "ci", "ending": "2345", "serviceToken": True, "_links": {}}
            },
            "_audiences": [],
        },
        {"_id": "p2", "_name": "Production", "complete": False, "_creationDate": 1700000000000, "_audiences": []},
    ],
    "_version": 2,
}


@pytest.mark.parametrize("document", [CREATED, GUARDED, LEGACY], ids=["created", "guarded", "legacy"])
def test_every_document_has_the_same_keys(document: dict[str, Any]) -> None:
    result = read(document)
    assert set(result) == RELEASE_KEYS
    assert all(set(phase) == PHASE_KEYS for phase in result["phases"])
    assert all(set(item) == AUDIENCE_KEYS for phase in result["phases"] for item in phase["audiences"] or [])


def test_reads_a_release_just_created() -> None:
    result = read(CREATED)
    dev, production = result.pop("phases")
    assert result == {
        "project_key": "shop",
        "flag_key": "new-cart",
        "pipeline_key": "standard",
        "pipeline_name": "Standard",
        "version": 0,
        "variation_id": "11111111-0000-4000-8000-0000000000f1",
        "canceled_at": None,
        "is_legacy": False,
        "complete": False,
    }
    assert dev == {
        "id": "11111111-0000-4000-8000-000000000001",
        "name": "Dev",
        "index": 0,
        "status": "ready_to_start",
        "status_raw": "ready-to-start",
        "started": False,
        "complete": False,
        "created_at": "2026-10-26T07:33:20.000Z",
        "started_at": None,
        "completed_at": None,
        "completed_by": None,
        "audiences": [
            {
                "id": "11111111-0000-4000-8000-0000000000a1",
                "name": "Dev",
                "environment_key": "dev",
                "status": "ready_to_start",
                "status_raw": "ready-to-start",
                "strategy": "",
                "require_approval": False,
                "segment_keys": None,
                "release_guardian_configuration": None,
            }
        ],
    }
    assert (production["index"], production["status"], production["audiences"]) == (1, "not_started", None)


def test_a_started_phase_may_have_an_audience_that_is_not() -> None:
    dev = {**CREATED["phases"][0], "status": "active", "started": True, "_startedDate": 1793000400000}
    phase = read({**CREATED, "phases": [dev, CREATED["phases"][1]], "_version": 1})["phases"][0]
    assert (phase["status"], phase["started_at"]) == ("active", "2026-10-26T07:40:00.000Z")
    assert phase["audiences"][0]["status"] == "ready_to_start"


def test_guarded_phase_keeps_an_unknown_audience_word() -> None:
    dev, production = read(GUARDED)["phases"]
    assert (dev["status"], dev["complete"], dev["completed_at"]) == ("completed", True, "2026-10-26T07:40:05.000Z")
    assert production["audiences"] == [
        {
            "id": "a2",
            "name": "everyone",
            "environment_key": "production",
            "status": "unknown",
            "status_raw": "waiting-for-approval",
            "strategy": "monitored-release",
            "require_approval": True,
            "segment_keys": ["beta-users"],
            "release_guardian_configuration": {
                "monitoring_window_milliseconds": 86400000,
                "rollout_weight": 50000,
                "rollback_on_regression": True,
                "randomization_unit": "user",
            },
        }
    ]


def test_reads_a_legacy_release_through_its_booleans() -> None:
    assert read(LEGACY)["is_legacy"] is True
    testing, production = read(LEGACY)["phases"]
    assert (testing["status"], testing["status_raw"], testing["started"]) == ("completed", None, None)
    assert testing["completed_by"] == {"kind": "token", "id": "t1", "name": "ci", "email": None}
    assert (production["status"], production["status_raw"], production["complete"]) == ("not_started", None, False)


@pytest.mark.parametrize(
    ("fields", "status", "raw"),
    [
        ({}, Status.NOT_STARTED, None),
        ({"status": None, "started": None, "complete": None}, Status.NOT_STARTED, None),
        ({"status": ""}, Status.NOT_STARTED, None),
        ({"started": True}, Status.ACTIVE, None),
        ({"started": True, "complete": True}, Status.COMPLETED, None),
        ({"complete": True}, Status.COMPLETED, None),
        ({"status": "", "started": True}, Status.ACTIVE, None),
        # a word outranks the booleans
        ({"status": "ready-to-start", "started": True}, Status.READY_TO_START, "ready-to-start"),
        ({"status": "Started", "started": False}, Status.ACTIVE, "Started"),
        ({"status": "simmering", "complete": True}, Status.UNKNOWN, "simmering"),
    ],
)
def test_the_word_else_the_booleans_say_the_status(fields: dict[str, Any], status: Status, raw: str | None) -> None:
    phase = (
        WireRelease.model_validate({"phases": [{"_id": "p", "_name": "P", **fields}]}).to_release("s", "c").phases[0]
    )
    assert (phase.status, phase.status_raw) == (status, raw)


def test_reads_a_document_with_nothing_but_what_is_needed() -> None:
    result = read({"phases": []})
    assert result.pop("phases") == []
    assert result == {
        **dict.fromkeys(RELEASE_KEYS - {"phases"}),
        "project_key": "shop",
        "flag_key": "new-cart",
        "complete": False,
    }


@pytest.mark.parametrize(
    ("millis", "canceled", "time"),
    [
        (1793000000000, True, "2026-10-26T07:33:20.000Z"),
        (-1, True, "1969-12-31T23:59:59.999Z"),
        # outside the calendar, which still cancels
        (10**18, True, None),
        (-(10**18), True, None),
        (10**400, True, None),
        # no time: absent, 0, and Go's zero time
        (None, False, None),
        (0, False, None),
        (-62135596800000, False, None),
    ],
)
def test_cancel_time_of_nothing_does_not_cancel(millis: int | None, canceled: bool, time: str | None) -> None:
    release = WireRelease.model_validate(by_words("active", _canceledAt=millis)).to_release("shop", "cart")
    assert (release.canceled, release.canceled_at) == (canceled, time)


@pytest.mark.parametrize("millis", [10**400, -(10**400), -62135596800000, 253402300800000])
def test_times_outside_the_calendar_are_null(millis: int) -> None:
    names = ("_creationDate", "_startedDate", "_completionDate")
    phase = read(wire_release(wire_phase("One", "completed", **dict.fromkeys(names, millis))))["phases"][0]
    assert [phase[name] for name in ("created_at", "started_at", "completed_at")] == [None, None, None]


@pytest.mark.parametrize(
    ("completed_by", "actor"),
    [
        ({}, None),
        (
            {
                "member": {
                    "_id": "m1",
                    "firstName": "Ada",
                    "lastName": "Lovelace",
                    "email": "ada@example.com",
                    "role": "admin",
                }
            },
            {"kind": "member", "id": "m1", "name": "Ada Lovelace", "email": "ada@example.com"},
        ),
        ({"member": {"firstName": "Ada"}}, {"kind": "member", "id": None, "name": "Ada", "email": None}),
        ({"member": {}}, {"kind": "member", "id": None, "name": None, "email": None}),
        ({"token": {"name": "ci"}}, {"kind": "token", "id": None, "name": "ci", "email": None}),
    ],
)
def test_says_who_completed_a_phase(completed_by: dict[str, Any], actor: dict[str, Any] | None) -> None:
    assert (
        read(wire_release(wire_phase("One", "completed", _completedBy=completed_by)))["phases"][0]["completed_by"]
        == actor
    )


def test_an_audience_whose_environment_was_deleted_has_none() -> None:
    document = wire_release(wire_phase("One", "active", _audiences=[{"_id": "a", "name": "Gone"}]))
    audience = read(document)["phases"][0]["audiences"][0]
    assert {key: value for key, value in audience.items() if value is not None} == {"id": "a", "name": "Gone"}


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "release",
        {},
        {"phases": None},
        {"phases": {}},
        {"phases": [{"_name": "no id"}]},
        {"phases": [{"_id": "no name"}]},
        {"phases": [{"_id": "p", "_name": "P", "status": {"not": "a word"}}]},
    ],
    ids=repr,
)
def test_what_is_no_release_is_not_read_as_one(document: Any) -> None:
    with pytest.raises(ValidationError):
        WireRelease.model_validate(document)


def test_every_status_that_can_be_asked_for_has_a_word() -> None:
    assert {status.value for status in WORD_BY_STATUS} == set(PHASE["status"]["choices"])


SPELLINGS = {
    # the wire, the specification's enum, the error texts, and what differs in case or joint
    Status.NOT_STARTED: ("not-started", "NotStarted", "not_started", "NOT-STARTED", "not started", "notStarted"),
    Status.READY_TO_START: ("ready-to-start", "ReadyToStart", "ready_to_start", "Ready to start", "readytostart"),
    Status.ACTIVE: ("active", "Active", "ACTIVE", "Started", "started"),
    Status.PAUSED: ("paused", "Paused"),
    Status.COMPLETED: ("completed", "Completed", "complete", "Complete", " completed "),
    Status.UNKNOWN: (
        "",
        "rolling-back",
        "activee",
        "not",
        "start",
        "unknown",
        "ready",
        "pausing",
        "aktiv",
        "\u0430ctive",
    ),
}


@pytest.mark.parametrize(
    ("word", "status"), [(word, status) for status, words in SPELLINGS.items() for word in words], ids=repr
)
def test_reads_each_spelling(word: str, status: Status) -> None:
    assert status_from_word(word) is status
