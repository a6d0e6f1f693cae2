# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Whether a check has passed, failed, or was inconclusive. Pure."""

from __future__ import annotations

import math
import typing as t

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Measurement = dict[str, t.Any]


def measured(ok: bool | None, detail: str) -> Measurement:
    """One measurement: `ok` is None if it was inconclusive."""
    return {"ok": ok, "detail": detail}


def measure(kind: str, arguments: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> Measurement:
    """Read the result of a preset's module, or how a task file of the user's ended."""
    return {"http": _http, "prometheus": _prometheus, "command": _command, "tasks": _tasks}[kind](arguments, result)


def _tasks(_arguments: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> Measurement:
    if not result.get("failed"):
        return measured(True, "all tasks passed")
    return measured(None if result.get("inconclusive") else False, str(result.get("msg")))


def _http(arguments: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> Measurement:
    status = int(result.get("status") or -1)
    if status < 0:
        return measured(None, f"no answer: {result.get('msg', 'unknown error')}")
    wanted = arguments.get("status") or [200]
    if status not in wanted:
        return measured(False, f"status {status}, expected {' or '.join(str(item) for item in wanted)}")
    if not arguments.get("condition"):
        return measured(True, f"status {status}")
    if "json" not in result:
        return measured(None, f"status {status}, but the body is not JSON")
    return _judge(str(arguments["condition"]), {"json": result["json"], "status": status}, f"status {status}")


def _prometheus(arguments: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> Measurement:
    answer = result.get("json")
    if int(result.get("status") or -1) != 200 or not isinstance(answer, dict) or answer.get("status") != "success":
        return measured(None, f"the query failed: {result.get('msg', 'no usable answer')}")
    try:
        values = [float(sample[1]) for sample in _samples(answer.get("data") or {})]
    except (AttributeError, LookupError, TypeError, ValueError):
        return measured(None, "the query did not return single values: make it an instant vector or a scalar")
    if not values:
        return measured(None, "the query returned no data")
    if any(math.isnan(value) for value in values):
        return measured(None, "the query returned NaN (0 divided by 0?)")
    judged = [_judge(str(arguments["condition"]), {"value": value}, f"value {value:g}") for value in values]
    return next((item for item in judged if item["ok"] is not True), judged[0])


def _samples(data: t.Any) -> list[t.Any]:
    """Each is [time, "value"]. A scalar is one itself; a vector is a list of series with one each."""
    if data.get("resultType") == "scalar":
        return [data["result"]]
    return [item["value"] for item in data.get("result", ())]


def _command(arguments: Mapping[str, t.Any], result: Mapping[str, t.Any]) -> Measurement:
    # Ansible also gives a command that could not start an exit code, made up from the error. Only one that ran has a duration.
    if result.get("rc") is None or not result.get("delta"):
        return measured(None, f"could not be run: {result.get('msg', 'unknown error')}")
    wanted = arguments.get("rc", 0)
    return measured(
        result["rc"] == wanted, f"rc {result['rc']}" + ("" if result["rc"] == wanted else f", expected {wanted}")
    )


def _judge(condition: str, values: Mapping[str, t.Any], detail: str) -> Measurement:
    """A condition is a Jinja expression over `values`. Only true and false count, not what Jinja treats as such."""
    shown = f"{detail}, condition {condition!r}"
    try:
        verdict = _ENVIRONMENT.compile_expression(condition, undefined_to_none=False)(**values)
    except (
        TemplateError,
        TypeError,
        ValueError,
        ArithmeticError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        return measured(None, f"{shown} could not be evaluated: {error}")
    if isinstance(verdict, StrictUndefined):
        return measured(None, f"{shown} uses a field that is missing from the response")
    if not isinstance(verdict, bool):
        return measured(None, f"{shown} is {verdict!r}, not true or false")
    return measured(verdict, f"{shown} is {str(verdict).lower()}")


_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


def verdict(measurements: Sequence[Measurement], check: Mapping[str, t.Any], *, over: bool = False) -> str:
    """`passed`, `failed`, `inconclusive`, or `again` while more attempts may decide.

    A check passes after `consecutive_success` successes in a row, and fails after more than `failure_limit` failures. If neither has
    happened by the last attempt, it fails if its last measurement failed, and is inconclusive otherwise. A check with `during` (the soak
    or the rollout of a phase) continues until that is `over`, and its attempts do not count.
    """
    failures = [item for item in measurements if item["ok"] is False]
    if len(failures) > check["failure_limit"]:
        return "failed"
    row = 0
    for item in reversed(measurements):
        if item["ok"] is not True:
            break
        row += 1
    continues = bool(check["during"]) and not over
    if row >= check["consecutive_success"] and not continues:
        return "passed"
    enough = check["consecutive_success"] if check["during"] else check["attempts"]
    if len(measurements) >= enough and not continues:
        return "failed" if measurements and measurements[-1]["ok"] is False else "inconclusive"
    return "again"
