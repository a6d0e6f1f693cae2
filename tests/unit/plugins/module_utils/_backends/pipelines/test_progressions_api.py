# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release progressions: the requests, and what is read from the answers."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.pipelines.pipelines_api import (
    ReleasePipelineApi,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import ApiError, InvalidResponse
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.progression import Progressions
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    Clock,
    ScriptedTransport,
    answer,
    refusal,
)

BASE = "/api/v2/projects/shop/release-pipelines/standard/releases"
ITEM: dict[str, Any] = {"flagKey": "cart", "_createdAt": 1792995200000, "_links": {}}
ACTIVE = {**ITEM, "activePhaseId": "p2", "activePhaseStatus": "ready-to-start"}


def page(*items: Any, **counts: Any) -> dict[str, Any]:
    phases = [{"_id": "p1", "name": "Test", "releaseCount": 0}, {"_id": "p2", "name": "Production", "releaseCount": 1}]
    whole = {"totalCount": len(items), "activeCount": 1, "completedCount": 2, "phases": phases, "items": list(items)}
    return {**whole, **counts}


def read(*steps: Any, **wanted: Any) -> tuple[Progressions, list[str]]:
    transport = ScriptedTransport(*steps)
    found = ReleasePipelineApi(Http(transport, Clock().runtime(), 0, 0)).list_progressions("shop", "standard", **wanted)
    return found, [sent.path.removeprefix(BASE) for sent in transport.sent]


def test_progression_of_an_active_release() -> None:
    found, paths = read(answer(page(ACTIVE)))
    assert paths == ["?limit=20&offset=0"]
    assert found.to_result() == {
        "progressions": [
            {
                "flag_key": "cart",
                "phase": "Production",
                "phase_id": "p2",
                "status": "ready_to_start",
                "status_raw": "ready-to-start",
                "created_at": "2026-10-26T06:13:20.000Z",
                "completed_at": None,
            }
        ],
        "phases": [{"id": "p1", "name": "Test", "releases": 0}, {"id": "p2", "name": "Production", "releases": 1}],
        "active_count": 1,
        "completed_count": 2,
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"_completedAt": 1792995200000}, {"status": "completed", "phase": None, "phase_id": None}),
        # The time says more than a phase that is still named.
        ({"_completedAt": 1792995200000, "activePhaseId": "p2"}, {"status": "completed", "phase": None}),
        ({"_completedAt": 0, "activePhaseId": "p1"}, {"status": None, "phase": "Test", "completed_at": None}),
        # A legacy pipeline, and earlier versions of the API.
        ({"activePhaseId": "p1"}, {"status": None, "status_raw": None, "phase": "Test"}),
        ({"activePhaseId": "p1", "activePhaseStatus": "Started"}, {"status": "active", "status_raw": "Started"}),
        ({"activePhaseId": "p1", "activePhaseStatus": "simmering"}, {"status": "unknown", "status_raw": "simmering"}),
        ({"activePhaseId": "p9"}, {"phase": None, "phase_id": "p9"}),
        ({}, {"phase": None, "phase_id": None, "status": None, "completed_at": None}),
        ({"_createdAt": 0}, {"created_at": None}),
    ],
    ids=str,
)
def test_progression_fields(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    (item,) = read(answer(page({**ITEM, **fields})))[0].to_result()["progressions"]
    assert {name: item[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("wanted", "counts", "query", "offsets"),
    [
        ({}, {"totalCount": 21}, "", [0, 20]),
        ({"status": "active"}, {"activeCount": 21}, "&filter=status+equals+%22active%22", [0, 20]),
        ({"status": "completed"}, {"completedCount": 21}, "&filter=status+equals+%22completed%22", [0, 20]),
        # No count is known to be that of a phase, so an empty page ends the list.
        ({"phase_id": "p2"}, {}, "&filter=activePhaseId+equals+%22p2%22", [0, 20, 21]),
        ({"phase_id": "p2", "status": "active"}, {}, "&filter=activePhaseId+equals+%22p2%22", [0, 20, 21]),
    ],
    ids=str,
)
def test_progressions_read_all_pages(
    wanted: dict[str, Any], counts: dict[str, Any], query: str, offsets: list[int]
) -> None:
    keys = [f"flag-{number}" for number in range(21)]
    items = [{**ACTIVE, "flagKey": key} for key in keys]
    total = {"totalCount": 99, **counts}
    steps = [answer(page(*items[offset : offset + 20], **total)) for offset in offsets]
    found, paths = read(*steps, **wanted)
    assert [item.flag_key for item in found.items] == keys
    assert paths == [f"?limit=20&offset={offset}{query}" for offset in offsets]


def test_progressions_of_an_empty_pipeline() -> None:
    assert read(answer(page()))[0].items == ()


def test_progressions_of_a_pipeline_that_is_not_there_fail() -> None:
    with pytest.raises(ApiError, match="list the releases of release pipeline 'standard' of project shop"):
        read(refusal(404, "not_found"))


@pytest.mark.parametrize("document", [[], {"items": []}, page({"_createdAt": 1}), {**page(), "totalCount": "many"}])
def test_progressions_that_cannot_be_read_fail(document: Any) -> None:
    with pytest.raises(InvalidResponse):
        read(answer(document))


def list_phase(*steps: Any, most_pages: int) -> tuple[list[str], int, list[str]]:
    transport = ScriptedTransport(*steps)
    api = ReleasePipelineApi(Http(transport, Clock().runtime(), 0, 0))
    found, pages = api.list_phase("shop", "standard", "p2", most_pages=most_pages, deadline=2000.0)
    assert transport.left == 0
    return [item.flag_key for item in found], pages, [sent.path.removeprefix(BASE) for sent in transport.sent]


def page_of(start: int, end: int, count: int) -> Any:
    items = [{**ACTIVE, "flagKey": f"flag-{number}"} for number in range(start, end)]
    return answer(page(*items, phases=[{"_id": "p2", "name": "Production", "releaseCount": count}], totalCount=900))


@pytest.mark.parametrize(
    ("pages", "most_pages", "expected"),
    [
        ([(0, 0, 0)], 1, (0, 1)),
        ([(0, 20, 20)], 3, (20, 1)),
        ([(0, 20, 21), (20, 21, 21)], 2, (21, 2)),
        # too long: one page is enough to see that
        ([(0, 20, 61)], 3, (20, 4)),
        # the list grows and shrinks meanwhile
        ([(0, 20, 21), (20, 40, 41), (40, 41, 41)], 3, (41, 3)),
        ([(0, 20, 21), (20, 40, 41)], 2, (40, 3)),
        ([(0, 20, 41), (19, 20, 20)], 3, (20, 1)),
    ],
    ids=str,
)
def test_progressions_of_a_phase_are_read_by_its_count(
    pages: list[tuple[int, int, int]], most_pages: int, expected: tuple[int, int]
) -> None:
    found, length, paths = list_phase(*(page_of(*each) for each in pages), most_pages=most_pages)
    assert (len(found), length) == expected
    wanted = "filter=activePhaseId+equals+%22p2%22"
    assert paths == [f"?limit=20&offset={20 * number}&{wanted}" for number in range(len(pages))]


def test_progressions_of_a_phase_that_has_no_count_are_one_page() -> None:
    found, length, _paths = list_phase(answer(page(ACTIVE, phases=[])), most_pages=3)
    assert (found, length) == (["cart"], 1)
