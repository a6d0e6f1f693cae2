# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls about the token itself, and about what it can see."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.account.api import AccountReaderApi
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import InvalidResponse
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.preflight import Caller
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    Clock,
    ScriptedTransport,
    answer,
)


def api(*steps: Any) -> tuple[AccountReaderApi, ScriptedTransport]:
    transport = ScriptedTransport(*steps)
    return AccountReaderApi(Http(transport, Clock().runtime(), 0, 0)), transport


def page(first: int, count: int, total: int | None) -> Any:
    return answer({"items": [{"key": f"flag-{first + number}"} for number in range(count)], "totalCount": total})


@pytest.mark.parametrize(
    ("document", "caller"),
    [
        ({"serviceToken": True, "tokenKind": "auth", "accountId": "x"}, Caller(True, False, "auth")),
        ({"serviceToken": False, "memberId": "5f0c"}, Caller(False, True)),
        ({}, Caller()),
    ],
    ids=str,
)
def test_caller_is_read_as_far_as_it_is_shown(document: dict[str, Any], caller: Caller) -> None:
    reader, transport = api(answer(document))
    assert reader.get_caller() == caller
    assert [sent.path for sent in transport.sent] == ["/api/v2/caller-identity"]


def test_project_without_a_key_is_no_answer() -> None:
    reader, _transport = api(answer({"name": "Shop"}))
    with pytest.raises(InvalidResponse, match="key"):
        reader.get_project("shop")


def test_flag_keys_are_read_page_by_page() -> None:
    reader, transport = api(page(0, 100, 120), page(100, 20, 120))
    assert len(reader.list_flag_keys("shop")) == 120
    assert [sent.path for sent in transport.sent] == [
        "/api/v2/flags/shop?limit=100&offset=0",
        "/api/v2/flags/shop?limit=100&offset=100",
    ]


@pytest.mark.parametrize("total", [5000, None])
def test_flag_keys_end_after_a_thousand(total: int | None) -> None:
    reader, _transport = api(*(page(100 * number, 100, total) for number in range(10)))
    assert len(reader.list_flag_keys("shop")) == 1000
