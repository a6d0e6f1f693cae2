# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of flags: the requests, and what is read from the answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.flags.api import FeatureFlagApi
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import ApiError, InvalidResponse
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import Flag, FlagFilter
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    Clock,
    ScriptedTransport,
    answer,
    refusal,
)

ITEM: dict[str, Any] = {"key": "cart", "variations": [], "environments": {}}


def list_flags(*steps: Any, wanted: FlagFilter | None = None, environments: Any = ()) -> tuple[Any, list[str]]:
    transport = ScriptedTransport(*steps)
    api = FeatureFlagApi(Http(transport, Clock().runtime(), 0, 0))
    found: tuple[Flag, ...] = api.list_flags("shop", wanted or FlagFilter(), environments)
    return found, [sent.path for sent in transport.sent]


def test_flag_list_reads_all_pages() -> None:
    first = [{**ITEM, "key": f"flag-{number}"} for number in range(20)]
    pages = [answer({"items": items, "totalCount": 21}) for items in (first, [ITEM])]
    found, paths = list_flags(*pages)
    assert [flag.key for flag in found] == [*(f"flag-{number}" for number in range(20)), "cart"]
    assert paths == [f"/api/v2/flags/shop?limit=20&offset={offset}" for offset in (0, 20)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (FlagFilter(query="new cart"), "query:new cart"),
        (FlagFilter(tags=("web", "beta")), "tags:web+beta"),
        (FlagFilter(pipeline_key="standard"), "releasePipeline:standard"),
        (FlagFilter(guarded_rollout="monitoring"), "guardedRollout:monitoring"),
        (
            FlagFilter(query="a", guarded_rollout="any", guarded_environment_key="test"),
            "query:a,guardedRollout:any,filterEnv:test",
        ),
        (FlagFilter(guarded_environment_key="test"), None),
    ],
)
def test_flag_list_filter(wanted: FlagFilter, expected: str | None) -> None:
    _found, (path,) = list_flags(answer({"items": [], "totalCount": 0}), wanted=wanted)
    assert parse_qs(urlsplit(path).query).get("filter") == (None if expected is None else [expected])


def test_flag_list_asks_for_the_rules_of_environments() -> None:
    environments = {"test": {"on": True, "rules": []}}
    answered = answer({"items": [{**ITEM, "environments": environments}], "totalCount": 1})
    (flag,), (path,) = list_flags(answered, environments=("test", "eu"))
    assert parse_qs(urlsplit(path).query)["env"] == ["test", "eu"]
    assert parse_qs(urlsplit(path).query)["summary"] == ["0"]
    assert flag.targeting == {"test": True}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"_maintainer": {"email": "jo@example.com"}}, "jo@example.com"),
        ({"maintainerTeamKey": "web"}, "web"),
        ({"_maintainer": {"_id": "m1"}, "maintainerTeamKey": ""}, None),
    ],
)
def test_flag_list_maintainer(fields: dict[str, Any], expected: str | None) -> None:
    (flag,), _paths = list_flags(answer({"items": [{**ITEM, **fields}], "totalCount": 1}))
    assert flag.maintainer == expected


def test_flag_list_name_and_tags() -> None:
    (flag,), _paths = list_flags(answer({"items": [{**ITEM, "name": "Cart", "tags": ["web"]}], "totalCount": 1}))
    assert (flag.name, flag.tags) == ("Cart", ("web",))


def test_flag_list_of_a_project_that_is_not_there_fails() -> None:
    with pytest.raises(ApiError):
        list_flags(refusal(404, "not_found"))


@pytest.mark.parametrize("document", [{}, {"items": [{"key": "cart"}]}, {"items": [{**ITEM, "_maintainer": "jo"}]}])
def test_flag_list_that_cannot_be_read_fails(document: Any) -> None:
    with pytest.raises(InvalidResponse):
        list_flags(answer(document))
