# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a flag's release."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._backends.pipelines.api import PipelineReleaseApi
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import (
    ApiError,
    InvalidResponse,
    LaunchDarklyError,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import Target
from ansible_collections.flagops.launchdarkly.plugins.module_utils._operations.release_info import InfoOperation
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    Clock,
    ScriptedTransport,
    answer,
    by_words,
    refusal,
    wire_phase,
    wire_release,
)


def read(step: Any) -> dict[str, Any]:
    http = Http(ScriptedTransport(step), Clock().runtime(), 0, 0)
    operation = InfoOperation(PipelineReleaseApi(http), http, Target("shop", "cart"))
    operation.run()
    result = operation.to_result()
    assert set(result) == {"changed", "exists", "release", "current_phase", "next_phase", "requests", "retries"}
    assert (result["changed"], result["requests"]) == (False, 1)
    return result


@pytest.mark.parametrize(
    ("words", "current", "following"),
    [
        (("ready-to-start", "not-started"), None, "One"),
        (("active", "not-started"), "One", "Two"),
        (("active", "ready-to-start"), "One", "Two"),
        (("paused", "not-started"), "One", "Two"),
        (("completed", "ready-to-start", "not-started"), None, "Two"),
        (("completed", "active"), "Two", None),
        (("completed", "completed"), None, None),
        (("active", "active"), "One", None),
        (("simmering", "not-started"), None, "Two"),
        (("completed", "simmering", "not-started"), None, "Three"),
        ((None, None), None, "One"),
    ],
    ids=str,
)
def test_which_phase_is_current_and_which_is_next(
    words: tuple[str | None, ...], current: str | None, following: str | None
) -> None:
    result = read(answer(by_words(*words)))
    assert result["exists"] is True
    assert (result["current_phase"] or {}).get("name") == current
    assert (result["next_phase"] or {}).get("name") == following


def test_a_legacy_phase_marked_complete_is_neither() -> None:
    document = wire_release(wire_phase("One", None, complete=True), wire_phase("Two", None))
    result = read(answer(document))
    assert result["current_phase"] is None
    assert result["next_phase"]["name"] == "Two"


def test_a_flag_without_a_release_is_no_failure() -> None:
    result = read(refusal(404, "not_found"))
    assert result["exists"] is False
    assert result["release"] is result["current_phase"] is result["next_phase"] is None


@pytest.mark.parametrize(
    ("step", "kind", "code"),
    [
        # not LaunchDarkly's own word
        (refusal(404), ApiError, "http_error"),
        (refusal(401, "unauthorized"), ApiError, "unauthorized"),
        (refusal(503), ApiError, "server_error"),
        (answer(b"<html>"), InvalidResponse, "invalid_response"),
        (answer(None), InvalidResponse, "invalid_response"),
    ],
)
def test_what_is_a_failure(step: Any, kind: type[LaunchDarklyError], code: str) -> None:
    with pytest.raises(kind) as info:
        read(step)
    assert info.value.code == code
