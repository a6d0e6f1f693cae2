# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a check has passed, failed, or was inconclusive."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.checks import measure, measured, verdict

WORDS = {"+": True, "-": False, "?": None}


def judge(marks: str, *, attempts: int = 1, limit: int = 0, row: int = 1, during: str = "", over: bool = True) -> str:
    """`marks` are measurements: + for yes, - for no, ? for none."""
    check = {"attempts": attempts, "failure_limit": limit, "consecutive_success": row, "during": during}
    return verdict([measured(WORDS[mark], "") for mark in marks], check, over=over)


@pytest.mark.parametrize(
    ("marks", "budget", "expected"),
    [
        # one attempt
        ("+", {}, "passed"),
        ("-", {}, "failed"),
        ("?", {}, "inconclusive"),
        # more attempts give what was not measured another chance, and failures only within their limit
        ("?", {"attempts": 3}, "again"),
        ("?+", {"attempts": 3}, "passed"),
        ("???", {"attempts": 3}, "inconclusive"),
        ("-", {"attempts": 3}, "failed"),
        ("-", {"attempts": 3, "limit": 1}, "again"),
        ("-+", {"attempts": 3, "limit": 1}, "passed"),
        ("--", {"attempts": 3, "limit": 1}, "failed"),
        ("-?-", {"attempts": 5, "limit": 1}, "failed"),
        ("-?", {"attempts": 2, "limit": 1}, "inconclusive"),
        ("?-", {"attempts": 2, "limit": 1}, "failed"),
        # successes in a row; what was not measured breaks the row
        ("+", {"attempts": 3, "row": 2}, "again"),
        ("++", {"attempts": 3, "row": 2}, "passed"),
        ("+?+", {"attempts": 4, "row": 2}, "again"),
        ("+-+", {"attempts": 4, "row": 2, "limit": 1}, "again"),
        ("+-++", {"attempts": 4, "row": 2, "limit": 1}, "passed"),
        ("+-+", {"attempts": 3, "row": 2, "limit": 1}, "inconclusive"),
        ("++-", {"attempts": 3, "row": 3, "limit": 1}, "failed"),
    ],
)
def test_verdict_of_a_check_with_attempts(marks: str, budget: dict[str, Any], expected: str) -> None:
    assert judge(marks, **budget) == expected


@pytest.mark.parametrize(
    ("marks", "budget", "over", "expected"),
    [
        # while the phase soaks, nothing has passed yet, and a failure too many ends it
        ("+", {}, False, "again"),
        ("+++", {"row": 2}, False, "again"),
        ("-", {}, False, "failed"),
        ("-", {"limit": 1}, False, "again"),
        ("?", {}, False, "again"),
        # its end decides
        ("+", {}, True, "passed"),
        ("++-+", {"limit": 1}, True, "passed"),
        ("?+", {}, True, "passed"),
        ("+?", {}, True, "inconclusive"),
        ("+-", {"limit": 1}, True, "failed"),
        ("+", {"row": 2}, True, "again"),
        ("++", {"row": 2}, True, "passed"),
    ],
)
def test_verdict_during_a_soak_or_rollout_comes_at_its_end(
    marks: str, budget: dict[str, Any], over: bool, expected: str
) -> None:
    assert judge(marks, during="soak", over=over, **budget) == expected
    assert judge(marks, during="rollout", over=over, **budget) == expected


@pytest.mark.parametrize("marks", ["".join(item) for item in itertools.product("+-?", repeat=3)])
@pytest.mark.parametrize("limit", [0, 1, 2])
@pytest.mark.parametrize("row", [1, 2, 3])
def test_verdict_laws(marks: str, limit: int, row: int) -> None:
    given = judge(marks, attempts=3, limit=limit, row=row)
    assert given != "again", "after the last attempt there is a verdict"
    assert (given == "passed") == (marks.endswith("+" * row) and marks.count("-") <= limit)
    if marks.count("-") > limit:
        assert given == "failed"
    if "-" not in marks and given != "passed":
        assert given == "inconclusive", "what never failed has not failed"


HTTP: dict[str, Any] = {"url": "https://shop.example.com"}


@pytest.mark.parametrize(
    ("arguments", "result", "expected"),
    [
        ({}, {"status": 200}, (True, "status 200")),
        ({}, {"status": 204}, (False, "status 204, expected 200")),
        ({"status": [200, 204]}, {"status": 204}, (True, "status 204")),
        ({"status": [200, 204]}, {"status": 500}, (False, "status 500, expected 200 or 204")),
        ({}, {"status": -1, "msg": "timed out"}, (None, "no answer: timed out")),
        ({}, {"msg": "no such host"}, (None, "no answer: no such host")),
        ({}, {"status": None}, (None, "no answer: unknown error")),
        (
            {"condition": "json.ok"},
            {"status": 200, "json": {"ok": True}},
            (True, "status 200, condition 'json.ok' is true"),
        ),
        (
            {"condition": "json.errors < 5 and status == 200"},
            {"status": 200, "json": {"errors": 7}},
            (False, "status 200, condition 'json.errors < 5 and status == 200' is false"),
        ),
        ({"condition": "json.ok"}, {"status": 200}, (None, "status 200, but the body is not JSON")),
        ({"condition": "json.ok"}, {"status": 500, "json": {"ok": True}}, (False, "status 500, expected 200")),
        (
            {"condition": "json is none"},
            {"status": 200, "json": None},
            (True, "status 200, condition 'json is none' is true"),
        ),
    ],
)
def test_http_check_needs_a_status_and_condition(
    arguments: dict[str, Any], result: dict[str, Any], expected: tuple[bool | None, str]
) -> None:
    assert measure("http", {**HTTP, **arguments}, result) == measured(*expected)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("json.count", "is 3, not true or false"),
        ("json.word", "is 'yes', not true or false"),
        ("json.empty", "is '', not true or false"),
        ("json.nothing", "is None, not true or false"),
        ("json.list", "is [1], not true or false"),
        ("json.missing", "uses a field that is missing from the response"),
        ("json.missing.deeper == 1", "could not be evaluated"),
        ("nothing == 1", "could not be evaluated"),
        ("json.count <", "could not be evaluated"),
        ("json.count / 0 > 1", "could not be evaluated"),
        ("json.word > 5", "could not be evaluated"),
        ("json.list | dictsort", "could not be evaluated"),
        # only the answer is in sight, and nothing of Python
        ("''.__class__.__mro__", "could not be evaluated"),
        ("json.__class__ == 1", "could not be evaluated"),
    ],
)
def test_condition_must_be_true_or_false(condition: str, said: str) -> None:
    answer = {"count": 3, "word": "yes", "empty": "", "nothing": None, "list": [1]}
    given = measure("http", {**HTTP, "condition": condition}, {"status": 200, "json": answer})
    assert given["ok"] is None
    assert said in given["detail"]


def series(*values: Any) -> dict[str, Any]:
    result = [{"metric": {"pod": str(index)}, "value": [1793000000, value]} for index, value in enumerate(values)]
    return {"status": 200, "json": {"status": "success", "data": {"resultType": "vector", "result": result}}}


def scalar(value: str) -> dict[str, Any]:
    data = {"resultType": "scalar", "result": [1793000000, value]}
    return {"status": 200, "json": {"status": "success", "data": data}}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (series("0.001"), (True, "value 0.001, condition 'value < 0.01' is true")),
        (series("0.5"), (False, "value 0.5, condition 'value < 0.01' is false")),
        (scalar("0"), (True, "value 0, condition 'value < 0.01' is true")),
        # every series has to fulfil it
        (series("0.001", "0.002"), (True, "value 0.001, condition 'value < 0.01' is true")),
        (series("0.001", "0.5"), (False, "value 0.5, condition 'value < 0.01' is false")),
        (series("+Inf"), (False, "value inf, condition 'value < 0.01' is false")),
        # what says nothing
        (series(), (None, "the query returned no data")),
        (series("NaN"), (None, "the query returned NaN (0 divided by 0?)")),
        (series("0.001", "NaN"), (None, "the query returned NaN (0 divided by 0?)")),
        (
            {
                "status": 200,
                "json": {"status": "success", "data": {"resultType": "matrix", "result": [{"values": []}]}},
            },
            (None, "the query did not return single values: make it an instant vector or a scalar"),
        ),
        ({"status": 400, "msg": "parse error", "json": {"status": "error"}}, (None, "the query failed: parse error")),
        ({"status": 200, "msg": "OK", "json": {"status": "error"}}, (None, "the query failed: OK")),
        ({"status": 200}, (None, "the query failed: no usable answer")),
        ({"status": -1, "msg": "refused"}, (None, "the query failed: refused")),
        ({"status": 200, "json": ["odd"], "msg": "OK"}, (None, "the query failed: OK")),
        ({"status": 200, "json": {"status": "success"}}, (None, "the query returned no data")),
        *(
            (
                {"status": 200, "json": {"status": "success", "data": odd}},
                (None, "the query did not return single values: make it an instant vector or a scalar"),
            )
            for odd in (
                ["odd"],
                {"resultType": "scalar"},
                {"result": ["odd"]},
                {"result": [{}]},
                {"result": [{"value": 5}]},
                {"result": 5},
            )
        ),
    ],
)
def test_prometheus_check_needs_every_value(result: dict[str, Any], expected: tuple[bool | None, str]) -> None:
    arguments = {"url": "u", "query": "q", "condition": "value < 0.01"}
    assert measure("prometheus", arguments, result) == measured(*expected)


TOOK = "0:00:00.002"


@pytest.mark.parametrize(
    ("arguments", "result", "expected"),
    [
        ({}, {"rc": 0, "delta": TOOK}, (True, "rc 0")),
        ({}, {"rc": 1, "delta": TOOK}, (False, "rc 1, expected 0")),
        ({"rc": 3}, {"rc": 3, "delta": TOOK}, (True, "rc 3")),
        ({"rc": 3}, {"rc": 0, "delta": TOOK}, (False, "rc 0, expected 3")),
        ({}, {"msg": "No such file"}, (None, "could not be run: No such file")),
        # what ansible.builtin.command says of a program, and of a folder, that is not there
        ({}, {"rc": 2, "msg": "[Errno 2] No such file"}, (None, "could not be run: [Errno 2] No such file")),
        ({}, {"rc": -1, "msg": "No such folder", "delta": None}, (None, "could not be run: No such folder")),
    ],
)
def test_command_check_needs_an_exit_code(
    arguments: dict[str, Any], result: dict[str, Any], expected: tuple[bool | None, str]
) -> None:
    assert measure("command", {"cmd": "c", **arguments}, result) == measured(*expected)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({}, (True, "all tasks passed")),
        ({"failed": True, "msg": "nope"}, (False, "nope")),
        ({"failed": True, "msg": "no data", "inconclusive": True}, (None, "no data")),
    ],
)
def test_task_file_check_passes_unless_it_fails(result: dict[str, Any], expected: tuple[bool | None, str]) -> None:
    assert measure("tasks", {}, result) == measured(*expected)
