# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attaching a flag to its release pipeline, and taking it out: what is sent, what is believed, what counts as changed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.release import RELEASE
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    Clock,
    Reads,
    ScriptedTransport,
    answer,
    by_words,
    cut,
    refusal,
    run_definition,
)

GET = "/api/v2/flags/shop/cart/release"
PUT = "/api/v2/projects/shop/flags/cart/release"

HERE = answer(by_words("ready-to-start", "not-started", _releaseVariationId="v-on"))
OFF = answer(by_words("ready-to-start", _releaseVariationId="v-off"))
ELSEWHERE = answer(by_words("completed", "active", releasePipelineKey="other"))
CANCELED = answer(by_words("active", _canceledAt=1793000000000))
NONE = refusal(404, "not_found")
GONE = answer(None, 204)
FLAG = answer(
    {"key": "cart", "variations": [{"_id": "v-on", "name": "On", "value": True}, {"_id": "v-off", "value": False}]}
)
PIPELINE = answer(
    {
        "key": "standard",
        "name": "Standard",
        "phases": [
            {"id": "id-one", "name": "One", "audiences": [{"name": "One", "environment": {"key": "one"}}]},
            {"id": "id-two", "name": "Two", "audiences": []},
        ],
    }
)


def run(*steps: Any, **options: Any) -> tuple[dict[str, Any], ScriptedTransport]:
    transport = ScriptedTransport(*steps)
    wish = {"release_pipeline_key": "standard"} if options.get("state") != "absent" else {}
    result = run_definition(RELEASE, transport, Clock(), **{**wish, **options})
    assert transport.left == 0, "an answer too many"
    assert result["requests"] == len(transport.sent)
    return result, transport


def summary(result: dict[str, Any]) -> tuple[str | None, bool, str, bool]:
    return result.get("error_code"), result["changed"], result["action"], result["exists"]


def sent(transport: ScriptedTransport) -> str:
    return " ".join(transport.methods)


@pytest.mark.parametrize(
    ("steps", "options", "expected", "methods"),
    [
        # nothing to do costs one look
        ((HERE,), {}, (None, False, "none", True), "GET"),
        ((HERE,), {"variation": "v-on"}, (None, False, "none", True), "GET"),
        ((HERE, FLAG), {"variation": "true"}, (None, False, "none", True), "GET GET"),
        ((NONE,), {"state": "absent"}, (None, False, "none", False), "GET"),
        # one request is sent
        ((NONE, HERE), {}, (None, True, "attach", True), "GET PUT"),
        ((NONE, FLAG, HERE), {"variation": "On"}, (None, True, "attach", True), "GET GET PUT"),
        ((ELSEWHERE, HERE), {"replace": True}, (None, True, "replace", True), "GET PUT"),
        ((CANCELED, HERE), {"replace": True}, (None, True, "replace", True), "GET PUT"),
        # an empty answer is believed only after a look
        ((HERE, GONE, NONE), {"state": "absent"}, (None, True, "remove", False), "GET DELETE GET"),
        # an answer that does not show it is followed by a look, too
        ((NONE, ELSEWHERE, HERE), {}, (None, True, "attach", True), "GET PUT GET"),
        # what would lose progress is refused
        ((ELSEWHERE,), {}, ("in_other_pipeline", False, "none", True), "GET"),
        ((OFF, FLAG), {"variation": "true"}, ("other_variation", False, "none", True), "GET GET"),
        ((CANCELED,), {}, ("release_canceled", False, "none", True), "GET"),
        ((NONE, FLAG), {"variation": "maybe"}, ("variation_not_found", False, "none", False), "GET GET"),
    ],
)
def test_what_is_sent_and_reported(steps: Any, options: Any, expected: Any, methods: str) -> None:
    result, transport = run(*steps, **options)
    assert summary(result) == expected
    assert sent(transport) == methods
    assert (result["diff"]["before"] != result["diff"]["after"]) is result["changed"]


def test_the_request_names_pipeline_and_variation() -> None:
    _result, transport = run(NONE, FLAG, HERE, variation="true")
    assert (transport.sent[-1].path, transport.sent[-1].body) == (
        PUT,
        {"releasePipelineKey": "standard", "releaseVariationId": "v-on"},
    )
    _result, transport = run(NONE, HERE)
    assert transport.sent[-1].body == {"releasePipelineKey": "standard"}


@pytest.mark.parametrize(
    ("steps", "options", "expected", "methods"),
    [
        # the answer is lost: a look tells
        ((NONE, cut(), HERE), {}, (None, True, "attach", True), "GET PUT GET"),
        ((NONE, cut(), Reads(NONE), HERE), {}, (None, True, "attach", True), "GET PUT GET PUT"),
        ((NONE, refusal(502), HERE), {}, (None, True, "attach", True), "GET PUT GET"),
        ((HERE, cut(), NONE), {"state": "absent"}, (None, True, "remove", False), "GET DELETE GET"),
        (
            (HERE, cut(), Reads(HERE), GONE, NONE),
            {"state": "absent"},
            (None, True, "remove", False),
            "GET DELETE GET DELETE GET",
        ),
        # somebody else was faster
        ((NONE, refusal(400, "invalid_request"), HERE), {}, (None, False, "adopted", True), "GET PUT GET"),
        ((NONE, refusal(409, "conflict"), HERE), {}, (None, False, "adopted", True), "GET PUT GET"),
        (
            (HERE, refusal(404, "not_found"), NONE),
            {"state": "absent"},
            (None, False, "adopted", False),
            "GET DELETE GET",
        ),
        # or went elsewhere
        (
            (NONE, refusal(400, "invalid_request"), ELSEWHERE),
            {},
            ("invalid_request", False, "attach", True),
            "GET PUT GET",
        ),
        # refused
        ((NONE, refusal(400, "invalid_request"), NONE), {}, ("invalid_request", False, "attach", False), "GET PUT GET"),
        ((NONE, refusal(403, "forbidden"), NONE), {}, ("forbidden", False, "attach", False), "GET PUT GET"),
        (
            (HERE, refusal(403, "forbidden"), HERE),
            {"state": "absent"},
            ("forbidden", False, "remove", True),
            "GET DELETE GET",
        ),
        # accepted, and nothing came of it
        ((NONE, ELSEWHERE, Reads(ELSEWHERE)), {}, ("not_applied", True, "attach", True), "GET PUT GET"),
        ((HERE, GONE, Reads(HERE)), {"state": "absent"}, ("not_applied", False, "remove", True), "GET DELETE GET"),
        # deleted, and then not readable: that it was deleted stays true
        (
            (HERE, GONE, refusal(403, "forbidden")),
            {"state": "absent"},
            ("forbidden", True, "remove", True),
            "GET DELETE GET",
        ),
    ],
)
def test_what_goes_wrong_on_the_way(steps: Any, options: Any, expected: Any, methods: str) -> None:
    result, transport = run(*steps, **options)
    assert summary(result) == expected
    assert transport.phases == methods


@pytest.mark.parametrize(
    ("steps", "options", "expected"),
    [
        ((NONE, PIPELINE), {}, (None, True, "attach", True)),
        ((ELSEWHERE, PIPELINE), {"replace": True}, (None, True, "replace", True)),
        ((HERE,), {"state": "absent"}, (None, True, "remove", False)),
        ((HERE,), {}, (None, False, "none", True)),
        ((ELSEWHERE,), {}, ("in_other_pipeline", False, "none", True)),
        # a pipeline that is not there is seen before anything is done
        ((NONE, refusal(404, "not_found")), {}, ("not_found", False, "none", False)),
    ],
)
def test_check_mode_reads_only_and_predicts(steps: Any, options: Any, expected: Any) -> None:
    result, transport = run(*steps, check_mode=True, **options)
    assert summary(result) == expected
    assert set(transport.methods) == {"GET"}


def test_the_predicted_release_has_the_shape_of_a_real_one() -> None:
    predicted, _transport = run(NONE, PIPELINE, check_mode=True)
    real, _transport = run(NONE, HERE)
    assert set(predicted["release"]) == set(real["release"])
    phases = predicted["release"]["phases"]
    assert [(item["id"], item["name"], item["status"]) for item in phases] == [
        ("id-one", "One", "ready_to_start"),
        ("id-two", "Two", "not_started"),
    ]
    assert set(phases[0]) == set(real["release"]["phases"][0])
    assert phases[0]["audiences"][0]["environment_key"] == "one"
