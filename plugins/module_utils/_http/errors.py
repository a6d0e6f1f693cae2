# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.
"""From what came back to an error: the only mapping of status codes and bodies."""

from __future__ import annotations

import json
import typing as t
from urllib.parse import urlsplit

from .._core.data import to_builtin
from .._core.errors import ApiError, ConnectionFailed, ExchangeError, InvalidResponse
from .._core.text import excerpt
from . import retry as retry_policy

if t.TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from .transport import Response, TransportError

# What LaunchDarkly documents for 401 and 403 overlaps, so both say all that there is to check.
_WHAT_TO_CHECK = (
    "Check the access token itself (it starts with api-; an SDK key does not work), that its role allows the action"
    " (updateReleasePhaseStatus to set a phase's status, updateOn to turn a flag on or off, updateRules and updateFallthrough to"
    " release in an environment, applyApprovalRequest to apply an approval), that the account has release pipelines or environment"
    " releases (the calls are sent with LD-API-Version: beta), and that api_host is the instance that the token belongs to."
)
# Environments that require approvals refuse a direct change with 405 or 403 and a sentence about approvals.
APPROVAL_ADVICE = (
    "The environment requires an approval for this change. Request it in LaunchDarkly and have it approved and applied,"
    " or use a token whose role has bypassRequiredApproval."
)
ADVICE_BY_STATUS = {
    401: _WHAT_TO_CHECK,
    403: _WHAT_TO_CHECK,
    404: "Check that the keys in the path exist, and that the token may view what they name.",
    429: "Rerun later, run fewer tasks at once, or raise retry_timeout.",
}


# LaunchDarkly's documents are about ten levels deep; how many Python can write again depends on its version.
MAX_DEPTH = 100


class Call(t.NamedTuple):
    """A request in the words of an error. `doing` follows "Could not"."""

    method: str
    path: str
    doing: str

    @property
    def writes(self) -> bool:
        return self.method != "GET"


def no_answer(failure: TransportError, call: Call) -> ExchangeError:
    kind = InvalidResponse if failure.code == InvalidResponse.default_code else ConnectionFailed
    return kind(
        f"Could not {call.doing}: {failure.cause} ({call.method} {call.path}).",
        failure.code,
        method=call.method,
        path=call.path,
        repeatable=failure.repeatable,
        outcome_unknown=call.writes and failure.sent,
        unexpected=failure.unexpected,
    )


def decode(response: Response, call: Call) -> t.Any:
    """The document of a success, None for an empty one."""
    if not response.body.strip():
        return None
    try:
        return parse(response.body)
    except ValueError as error:
        raise InvalidResponse(
            f"Could not {call.doing}: the answer ({response.status}) to {call.method} {call.path} is not JSON."
            " Something other than LaunchDarkly may have answered; check api_host and proxies."
            f" It begins: {excerpt(response.body[:1000], 120)}",
            method=call.method,
            path=call.path,
            status=response.status,
            outcome_unknown=call.writes,
            unexpected=True,
        ) from error


def parse(body: bytes) -> t.Any:
    """JSON as plain data that is valid as UTF-8; numbers that are not finite become None. Raises ValueError."""
    text = body.decode(json.detect_encoding(body), "replace")
    try:
        document = json.loads(text, parse_constant=lambda _name: None, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    _limit_depth(document)
    # Only an escape can be a lone surrogate. All else is JSON's own already.
    return to_builtin(document) if "\\u" in text else document


def _limit_depth(document: t.Any) -> None:
    containers = _containers([document])
    for _depth in range(MAX_DEPTH):
        containers = [
            inner for outer in containers for inner in _containers(outer.values() if isinstance(outer, dict) else outer)
        ]
        if not containers:
            return
    raise ValueError("it is nested too deeply")


def _containers(values: Iterable[t.Any]) -> list[t.Any]:
    return [value for value in values if isinstance(value, (dict, list))]


def _finite(text: str) -> float | None:
    number = float(text)
    return number if abs(number) != float("inf") else None


def api_error(response: Response, call: Call, now: float, conflict_statuses: Container[int] = ()) -> ApiError:
    """The error of an answer with another status than 2xx. `now` is in seconds since the epoch."""
    status = response.status
    code, detail, request_id = _read_error_body(response.body)
    # A refusal of a call about an approval request does not ask for one.
    asks_approval = status in (403, 405) and "approv" in detail.lower() and "/approval-requests" not in call.path
    said = f"{status} {code}" if code else str(status)
    reference = f", request id {request_id}" if request_id else ""
    advice = _advice(response, asks_approval=asks_approval)
    return ApiError(
        f"Could not {call.doing}: LaunchDarkly answered {said}{': ' + detail if detail else ''}"
        f" ({call.method} {call.path}{reference}).{advice}",
        "approval_required" if asks_approval else code or _code_by_status(status),
        method=call.method,
        path=call.path,
        status=status,
        request_id=request_id,
        repeatable=retry_policy.is_repeatable(status, code),
        outcome_unknown=call.writes and retry_policy.may_have_been_applied(status),
        # LaunchDarkly names a code in each of its refusals. A 401 without one is not worth a second try.
        unexpected=code is None and 300 <= status < 500 and status not in (401, 429),
        documented=code is not None,
        conflict=status in conflict_statuses,
        retry_after=retry_policy.hinted_pause(response.headers, now),
        details=_read_details(response.body),
    )


def _advice(response: Response, *, asks_approval: bool) -> str:
    if asks_approval:
        return f" {APPROVAL_ADVICE}"
    if 300 <= response.status < 400:
        return (
            f" Redirects are not followed, so that the token stays with its host; this one leads"
            f"{_place(response.headers.get('Location') or '')}. Check api_host."
        )
    advice = ADVICE_BY_STATUS.get(response.status)
    return f" {advice}" if advice else ""


def _place(location: str) -> str:
    """Scheme and host alone: the rest may hold what is secret."""
    try:
        target = urlsplit(location)
        return f" to {excerpt(f'{target.scheme}://{target.hostname}', 200)}" if target.hostname else ""
    except ValueError:
        return " to an address that cannot be read"


def _code_by_status(status: int) -> str:
    if status == 429:
        return "rate_limited"
    return "server_error" if status >= 500 else "http_error"


def _read_error_body(body: bytes) -> tuple[str | None, str, str | None]:
    """Code, message and request id as far as the body has them: {"code": ..., "message": ..., "id": ...}."""
    try:
        document = parse(body)
    except ValueError:
        return None, excerpt(body[:1000], 120), None
    if not isinstance(document, dict):
        return None, "", None
    code, message, request_id = (document.get(name) for name in ("code", "message", "id"))
    return (
        excerpt(code, 100) or None if isinstance(code, str) else None,
        excerpt(message, 500) if isinstance(message, str) else "",
        excerpt(request_id, 100) if isinstance(request_id, str) else None,
    )


def _read_details(body: bytes) -> dict[str, t.Any]:
    """What an error body has beside the fields of every error. The text is not cleaned yet."""
    try:
        document = parse(body)
    except ValueError:
        return {}
    names = ("code", "message", "id")
    return {name: value for name, value in document.items() if name not in names} if isinstance(document, dict) else {}
