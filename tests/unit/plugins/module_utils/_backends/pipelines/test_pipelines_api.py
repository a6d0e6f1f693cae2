# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release pipelines: the requests, and what is read from the answers."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.pipelines.pipelines_api import (
    ReleasePipelineApi,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import ApiError, InvalidResponse
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.pipeline import Pipeline
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import GuardianConfiguration, Status
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    Clock,
    ScriptedTransport,
    answer,
    refusal,
)

BASE = "/api/v2/projects/shop/release-pipelines"
WIRE: dict[str, Any] = {
    "createdAt": "2026-10-26T06:13:20.5Z",
    "key": "standard",
    "name": "Standard",
    "description": "To production",
    "phases": [
        {
            "id": "p1",
            "name": "Production",
            "configuration": {},
            "audiences": [
                {
                    "name": "Beta",
                    "environment": {"_links": {}, "key": "production", "name": "Production", "color": "417505"},
                    "segmentKeys": ["beta"],
                    "configuration": {
                        "releaseStrategy": "monitored-release",
                        "requireApproval": True,
                        "notifyMemberIds": ["m1"],
                        "notifyTeamKeys": ["qa"],
                        "releaseGuardianConfiguration": {
                            "monitoringWindowMilliseconds": 60000,
                            "rolloutWeight": 50000,
                            "rollbackOnRegression": True,
                            "randomizationUnit": "user",
                        },
                    },
                },
                {"name": "Of a deleted environment"},
            ],
        }
    ],
    "tags": ["slow"],
    "_version": 3,
    "_access": {},
    "isProjectDefault": True,
    "_isLegacy": False,
}


def api(*steps: Any) -> tuple[ReleasePipelineApi, ScriptedTransport]:
    transport = ScriptedTransport(*steps)
    return ReleasePipelineApi(Http(transport, Clock().runtime(), 0, 0)), transport


def read(**changes: Any) -> Pipeline:
    found = api(answer({**WIRE, **changes}))[0].find_pipeline("shop", "standard")
    assert found is not None
    return found


def test_pipeline_is_read() -> None:
    pipelines, transport = api(answer(WIRE))
    found = pipelines.find_pipeline("shop", "stan/dard")
    assert transport.sent[0].path == f"{BASE}/stan%2Fdard"
    assert found is not None
    assert found.to_result() == {
        "key": "standard",
        "name": "Standard",
        "description": "To production",
        "tags": ["slow"],
        "version": 3,
        "created_at": "2026-10-26T06:13:20.500Z",
        "is_default": True,
        "is_legacy": False,
        "phases": [
            {
                "id": "p1",
                "name": "Production",
                "audiences": [
                    {
                        "name": "Beta",
                        "environment_key": "production",
                        "strategy": "monitored-release",
                        "require_approval": True,
                        "segment_keys": ["beta"],
                        "notify_member_ids": ["m1"],
                        "notify_team_keys": ["qa"],
                        "release_guardian_configuration": {
                            "monitoring_window_milliseconds": 60000,
                            "rollout_weight": 50000,
                            "rollback_on_regression": True,
                            "randomization_unit": "user",
                        },
                    },
                    {
                        "name": "Of a deleted environment",
                        **dict.fromkeys(
                            (
                                *("environment_key", "strategy", "require_approval", "segment_keys"),
                                *("notify_member_ids", "notify_team_keys", "release_guardian_configuration"),
                            )
                        ),
                    },
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("2026-10-26T06:13:20Z", "2026-10-26T06:13:20.000Z"),
        ("2026-10-26T08:13:20.123456789+02:00", "2026-10-26T06:13:20.123Z"),
        ("2026-10-26T06:13:20", "2026-10-26T06:13:20.000Z"),
        # What the example of the API description has.
        (1792995200000, "2026-10-26T06:13:20.000Z"),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("noon", None),
        ("", None),
        (None, None),
        (10**30, None),
    ],
)
def test_pipeline_time_of_creation(wire: Any, expected: str | None) -> None:
    assert read(createdAt=wire).created_at == expected


def test_pipeline_without_what_may_be_missing() -> None:
    found = api(answer({"key": "old", "name": "Old", "phases": [{"id": "p", "name": "One", "audiences": None}]}))[0]
    pipeline = found.find_pipeline("shop", "old")
    assert pipeline is not None
    assert (pipeline.tags, pipeline.is_legacy, pipeline.phases[0].audiences) == ((), None, ())


def test_pipeline_that_is_not_there_is_none() -> None:
    assert api(refusal(404, "not_found"))[0].find_pipeline("shop", "moon") is None


@pytest.mark.parametrize("step", [refusal(404), refusal(403, "forbidden"), refusal(503)])
def test_pipeline_that_cannot_be_read_is_a_failure(step: Any) -> None:
    with pytest.raises(ApiError):
        api(step)[0].find_pipeline("shop", "standard")


def test_pipeline_list_reads_all_pages_with_one_filter() -> None:
    first = [{**WIRE, "key": f"p{number}"} for number in range(20)]
    pipelines, transport = api(answer({"items": first, "totalCount": 21}), answer({"items": [WIRE], "totalCount": 21}))
    found = pipelines.list_pipelines("shop", query="to prod", environment_key="production")
    assert [item.key for item in found] == [*(f"p{number}" for number in range(20)), "standard"]
    assert [sent.path for sent in transport.sent] == [
        f"{BASE}?limit=20&offset={offset}&filter=query%3Ato+prod%2Cenv%3Aproduction" for offset in (0, 20)
    ]


def test_pipeline_list_without_a_filter() -> None:
    pipelines, transport = api(answer({"items": [], "totalCount": 0}))
    assert pipelines.list_pipelines("shop") == ()
    assert transport.sent[0].path == f"{BASE}?limit=20&offset=0"


def test_pipeline_list_of_a_project_that_is_not_there_is_a_failure() -> None:
    with pytest.raises(ApiError):
        api(refusal(404, "not_found"))[0].list_pipelines("moon")


@pytest.mark.parametrize("document", [{"totalCount": 0}, {"items": [{**WIRE, "phases": None}]}, []])
def test_pipeline_list_that_cannot_be_read_is_a_failure(document: Any) -> None:
    with pytest.raises(InvalidResponse):
        api(answer(document))[0].list_pipelines("shop")


def test_pipeline_predicts_the_release_of_a_flag() -> None:
    release = read().predict_release("shop", "cart", "v1")
    assert (release.pipeline_key, release.pipeline_name, release.version, release.variation_id) == (
        *("standard", "Standard"),
        *(0, "v1"),
    )
    (phase,) = release.phases
    assert (phase.id, phase.name, phase.status, phase.started) == ("p1", "Production", Status.READY_TO_START, False)
    assert phase.audiences is not None
    beta = phase.audiences[0]
    assert (beta.id, beta.environment_key, beta.segment_keys, beta.require_approval) == (
        *("", "production"),
        *(("beta",), True),
    )
    assert beta.release_guardian_configuration == GuardianConfiguration(60000, 50000, True, "user")
