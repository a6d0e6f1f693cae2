# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emergency brake: what is sent, what is believed, what counts as changed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.flag_targeting import FLAG_TARGETING
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    Clock,
    Reads,
    ScriptedTransport,
    answer,
    cut,
    refusal,
    run_definition,
)

PATH = "/api/v2/flags/shop/cart"
NEEDS_APPROVAL = "Flag configuration updates require approval: action 'updateOn' not allowed"


def flag(**environments: bool) -> Any:
    return answer(
        {"key": "cart", "variations": [], "environments": {key: {"on": on} for key, on in environments.items()}}
    )


ON, OFF = flag(eu=True), flag(eu=False)


def run(*steps: Any, **options: Any) -> tuple[dict[str, Any], ScriptedTransport]:
    transport = ScriptedTransport(*steps)
    result = run_definition(
        FLAG_TARGETING, transport, Clock(), **{"environment_key": "eu", "enabled": False, **options}
    )
    assert transport.left == 0, "an answer too many"
    assert result["requests"] == len(transport.sent)
    return result, transport


def summary(result: dict[str, Any]) -> tuple[str | None, bool, str, bool | None]:
    return result.get("error_code"), result["changed"], result["action"], result["enabled"]


def sent(transport: ScriptedTransport) -> str:
    return transport.phases


@pytest.mark.parametrize(
    ("steps", "enabled", "expected", "methods"),
    [
        ((OFF,), False, (None, False, "none", False), "GET"),
        ((ON,), True, (None, False, "none", True), "GET"),
        ((ON, OFF), False, (None, True, "turn_off", False), "GET PATCH"),
        ((OFF, ON), True, (None, True, "turn_on", True), "GET PATCH"),
        # an answer that leaves the environment out, or shows the old state, is no proof
        ((ON, flag(us=True), OFF), False, (None, True, "turn_off", False), "GET PATCH GET"),
        ((ON, ON, OFF), False, (None, True, "turn_off", False), "GET PATCH GET"),
        ((ON, ON, Reads(ON)), False, ("not_applied", False, "turn_off", True), "GET PATCH GET"),
        # the answer is lost: a look tells, and nothing is sent blindly
        ((ON, cut(), OFF), False, (None, True, "turn_off", False), "GET PATCH GET"),
        ((ON, cut(), Reads(ON), OFF), False, (None, True, "turn_off", False), "GET PATCH GET PATCH"),
        ((ON, refusal(502), OFF), False, (None, True, "turn_off", False), "GET PATCH GET"),
        ((ON, answer(b"<html>"), OFF), False, (None, True, "turn_off", False), "GET PATCH GET"),
        # what passes is tried again, after a look
        ((ON, refusal(503), Reads(ON), OFF), False, (None, True, "turn_off", False), "GET PATCH GET PATCH"),
        ((ON, refusal(429, "rate_limited"), ON, OFF), False, (None, True, "turn_off", False), "GET PATCH GET PATCH"),
        (
            (ON, refusal(409, "optimistic_locking_error"), ON, OFF),
            False,
            (None, True, "turn_off", False),
            "GET PATCH GET PATCH",
        ),
        # a conflict: somebody else has done it, or something else
        ((ON, refusal(409, "optimistic_locking_error"), OFF), False, (None, False, "adopted", False), "GET PATCH GET"),
        ((ON, refusal(409, "conflict"), OFF), False, (None, False, "adopted", False), "GET PATCH GET"),
        ((ON, refusal(409, "conflict"), ON), False, ("conflict", False, "turn_off", True), "GET PATCH GET"),
        # what does not pass
        ((ON, refusal(401, "unauthorized")), False, ("unauthorized", False, "turn_off", True), "GET PATCH"),
        ((ON, refusal(403, "forbidden"), ON), False, ("forbidden", False, "turn_off", True), "GET PATCH GET"),
        (
            (ON, refusal(400, "invalid_request"), ON),
            False,
            ("invalid_request", False, "turn_off", True),
            "GET PATCH GET",
        ),
        # something in between refuses what LaunchDarkly has done
        ((ON, refusal(403), OFF), False, ("http_error", True, "turn_off", False), "GET PATCH GET"),
        # nothing to look at
        ((refusal(404, "not_found"),), False, ("not_found", False, "none", None), "GET"),
        ((flag(us=True),), False, ("environment_not_found", False, "none", None), "GET"),
        ((flag(),), True, ("environment_not_found", False, "none", None), "GET"),
    ],
)
def test_what_is_sent_and_reported(steps: Any, enabled: bool, expected: Any, methods: str) -> None:
    result, transport = run(*steps, enabled=enabled)
    assert summary(result) == expected
    assert sent(transport) == methods
    if not result.get("failed"):
        assert (result["diff"]["before"] != result["diff"]["after"]) is result["changed"]


def test_an_answer_that_is_never_seen_counts_as_carried_out() -> None:
    result, _transport = run(ON, cut(), refusal(403, "forbidden"))
    assert summary(result)[:2] == ("forbidden", True)
    assert "its answer was lost" in result["msg"]
    assert "turn the targeting of shop/cart off in eu" in result["msg"]


@pytest.mark.parametrize(("status", "code"), [(405, "method_not_allowed"), (403, "forbidden")])
def test_an_environment_that_requires_approvals_says_what_to_do(status: int, code: str) -> None:
    result, transport = run(ON, refusal(status, code, NEEDS_APPROVAL), ON)
    assert summary(result) == ("approval_required", False, "turn_off", True)
    assert (result["http_status"], sent(transport)) == (status, "GET PATCH GET")
    for words in (NEEDS_APPROVAL, "turn the targeting of shop/cart off in eu", "bypassRequiredApproval"):
        assert words in result["msg"]


def test_refusal_without_approvals_keeps_its_code() -> None:
    result, _transport = run(ON, refusal(405, "method_not_allowed", "No."), ON)
    assert summary(result) == ("method_not_allowed", False, "turn_off", True)


def test_the_request_is_one_instruction_with_the_comment() -> None:
    _result, transport = run(ON, OFF, comment="Errors are up")
    read, patch = transport.sent
    assert read.path == f"{PATH}?env=eu"
    assert patch.content_type == "application/json; domain-model=launchdarkly.semanticpatch"
    assert patch.body == {
        "environmentKey": "eu",
        "instructions": [{"kind": "turnFlagOff"}],
        "comment": "Errors are up [flagops undo]",
    }
    _result, transport = run(OFF, ON, enabled=True)
    assert transport.sent[1].body == {"environmentKey": "eu", "instructions": [{"kind": "turnFlagOn"}]}


def test_only_the_brake_goes_over_what_is_scheduled_or_open() -> None:
    _result, transport = run(ON, OFF)
    assert transport.sent[1].path == f"{PATH}?ignoreConflicts=true"
    _result, transport = run(OFF, ON, enabled=True)
    assert transport.sent[1].path == PATH


@pytest.mark.parametrize(
    ("seen", "enabled", "expected"),
    [
        (ON, False, (None, True, "turn_off", False)),
        (OFF, True, (None, True, "turn_on", True)),
        (OFF, False, (None, False, "none", False)),
        (flag(us=True), False, ("environment_not_found", False, "none", None)),
    ],
)
def test_check_mode_reads_only_and_predicts(seen: Any, enabled: bool, expected: Any) -> None:
    result, transport = run(seen, enabled=enabled, check_mode=True)
    assert summary(result) == expected
    assert sent(transport) == "GET"
    if not result.get("failed"):
        assert (result["diff"]["before"] != result["diff"]["after"]) is result["changed"]


def test_keys_of_odd_letters_stay_one_part_of_the_path() -> None:
    _result, transport = run(flag(**{"a/b": False}), environment_key="a/b", flag_key="c/d")
    assert transport.sent[0].path == "/api/v2/flags/shop/c%2Fd?env=a%2Fb"


@pytest.mark.parametrize("key", ["", " ", ".", ".."])
def test_invalid_environment_key_is_refused_unsent(key: str) -> None:
    transport = ScriptedTransport()
    result = run_definition(FLAG_TARGETING, transport, Clock(), environment_key=key, enabled=False)
    assert result["error_code"] == "invalid_option"
    assert transport.sent == []


@pytest.mark.parametrize(
    ("steps", "enabled", "check_mode", "recorded"),
    [
        ((ON, OFF), False, False, True),
        ((OFF,), False, False, False),
        ((OFF, ON), True, False, False),
        ((ON,), False, True, False),
    ],
)
def test_undo_is_recorded_only_where_something_was_turned_off(
    steps: Any, enabled: bool, check_mode: bool, recorded: bool
) -> None:
    result, _transport = run(*steps, enabled=enabled, check_mode=check_mode)
    assert result["undo_recorded"] is recorded
