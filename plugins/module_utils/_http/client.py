# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The one place that sends HTTP requests, and the one mapping from what comes back to an error."""

from __future__ import annotations

import json
import os
import re
import typing as t
import urllib.request
import warnings
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from .._core.errors import ApiError, ConnectionFailed, ExchangeError, InvalidResponse, OptionError
from .._core.libraries import requests, urllib3
from .._core.text import plain
from .._core.version import VERSION
from .._model.release import time_from_millis
from . import retry as retry_policy

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .._core.runtime import Runtime
    from .._model.desired import Connection

JSON = "application/json"
USER_AGENT = f"ansible-collection-flagops.launchdarkly/{VERSION}"
LONGEST_QUOTE = 500

# What LaunchDarkly documents for 401 and 403 overlaps, so both say all that there is to check.
_WHAT_TO_CHECK = (
    "Check the access token itself (it starts with api- and is no SDK key), that its role allows the action"
    " (updateReleasePhaseStatus to set a phase's status, updateOn to turn a flag on or off, applyApprovalRequest to apply an"
    " approval), that the account has release pipelines (the calls are sent with LD-API-Version: beta), and that api_host is the"
    " instance that the token belongs to."
)
# Environments that require approvals refuse a direct change with 405 or 403 and a sentence about approvals.
APPROVAL_ADVICE = (
    "The environment requires an approval for this change. Request it in LaunchDarkly and have it approved and applied,"
    " or use a token whose role has bypassRequiredApproval."
)
ADVICE_BY_STATUS = {
    401: _WHAT_TO_CHECK,
    403: _WHAT_TO_CHECK,
    404: "Check project_key and flag_key, that the flag has a release, and that the token may view it.",
    429: "Run it again later, run fewer tasks at once, or raise retry_timeout.",
}


@dataclass(frozen=True)
class Response:
    """`headers` looks names up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(t.Protocol):
    def send(self, method: str, path: str, body: bytes | None, content_type: str = JSON) -> Response:
        """Send one request; raise ConnectionFailed when no answer came."""


def path_of(*parts: str, query: Mapping[str, str | Sequence[str]] | None = None) -> str:
    """An API path from its parts, each percent-encoded. A name with several values is repeated in the query."""
    path = "/api/v2/" + "/".join(quote(part, safe="") for part in parts)
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


@dataclass
class Http:
    """Sends requests through a transport, counts them, and repeats the ones that may be repeated."""

    transport: Transport
    runtime: Runtime
    max_retries: int
    retry_timeout: float
    requests_made: int = field(default=0, init=False)
    retries_made: int = field(default=0, init=False)

    def budget(self) -> retry_policy.Budget:
        return retry_policy.Budget(self.runtime.monotonic() + self.retry_timeout, self.max_retries)

    def read(self, path: str, doing: str, deadline: float | None = None) -> t.Any:
        """GET, repeated within the options' budget, or until `deadline` (monotonic seconds) where one is given."""
        budget = self.budget() if deadline is None else retry_policy.Budget(deadline, float("inf"))
        while True:
            try:
                return self.call("GET", path, doing)
            except ExchangeError as error:
                self.pause_or_raise(budget, error)

    def pause_or_raise(self, budget: retry_policy.Budget, error: ExchangeError) -> None:
        """Sleep as long as the failure and the budget ask for; raise it again where repeating is no use."""
        if not error.repeatable:
            raise error
        now = self.runtime.monotonic()
        pause = budget.spend(error.retry_after, now, self.runtime.chance())
        if pause is None:
            raise _given_up(error, budget, now, self.runtime.wall())
        self.retries_made += 1
        self.runtime.sleep(pause)

    def call(
        self,
        method: str,
        path: str,
        doing: str,
        body: t.Any = None,
        *,
        content_type: str = JSON,
        outrun: t.Container[int] = (),
    ) -> t.Any:
        """One request. Returns the decoded JSON of a success, None for an empty one; raises ExchangeError.

        `outrun` are the statuses of a refusal that also comes when somebody else did the same a moment before.
        """
        self.runtime.still_wanted()
        self.requests_made += 1
        payload = None if body is None else json.dumps(body).encode()
        try:
            response = self.transport.send(method, path, payload, content_type)
        except ConnectionFailed as error:
            error.message = f"Could not {doing}: {error.message} ({method} {path})."
            raise
        if not 200 <= response.status < 300:
            refused = _api_error(response, method, path, doing, self.runtime.wall())
            refused.outrun = response.status in outrun
            raise refused
        return _decode(response, method, path, doing)


def _given_up(error: ExchangeError, budget: retry_policy.Budget, now: float, wall: float) -> ExchangeError:
    if error.status == 429 and error.retry_after is not None and now + error.retry_after > budget.deadline:
        back = time_from_millis(int((wall + error.retry_after) * 1000))
        error.message += (
            f" LaunchDarkly asks to wait {error.retry_after:.0f} s, longer than the {max(0.0, budget.deadline - now):.0f} s that"
            f" are left for repeating: come back after {back}."
        )
    elif budget.repetitions:
        error.message += f" Repeated {budget.repetitions} times before giving up."
    return error


def _decode(response: Response, method: str, path: str, doing: str) -> t.Any:
    if not response.body.strip():
        return None
    try:
        return json.loads(response.body)
    except ValueError as error:
        raise InvalidResponse(
            f"Could not {doing}: the answer ({response.status}) to {method} {path} is not JSON. Something other than"
            f" LaunchDarkly may have answered; check api_host and proxies. It begins: {quote_text(response.body, 120)}",
            method=method,
            path=path,
            status=response.status,
            answer_lost=method != "GET",
        ) from error


def _api_error(response: Response, method: str, path: str, doing: str, wall: float) -> ApiError:
    status = response.status
    code, detail, request_id = _read_error_body(response.body)
    # A refusal to touch an approval request is no demand for one.
    asks_approval = status in (403, 405) and "approv" in detail.lower() and "/approval-requests" not in path
    said = f"{status} {code}" if code else str(status)
    reference = f", request id {request_id}" if request_id else ""
    advice = _advice(response, asks_approval=asks_approval)
    error = ApiError(
        f"Could not {doing}: LaunchDarkly answered {said}{': ' + detail if detail else ''} ({method} {path}{reference}).{advice}",
        "approval_required" if asks_approval else code or _code_by_status(status),
        method=method,
        path=path,
        status=status,
        request_id=request_id,
        repeatable=retry_policy.is_repeatable(status, code),
        answer_lost=method != "GET" and retry_policy.may_have_been_applied(status),
        retry_after=retry_policy.hinted_pause(response.headers, wall),
    )
    error.detail = detail
    return error


def _advice(response: Response, *, asks_approval: bool) -> str:
    if asks_approval:
        return f" {APPROVAL_ADVICE}"
    if 300 <= response.status < 400:
        target = urlsplit(response.headers.get("Location") or "")
        host = f" to {target.scheme}://{target.hostname}" if target.hostname else ""
        return (
            f" Redirects are not followed, so that the token stays with its host; this one leads{host}. Check api_host."
        )
    advice = ADVICE_BY_STATUS.get(response.status)
    return f" {advice}" if advice else ""


def _code_by_status(status: int) -> str:
    if status == 429:
        return "rate_limited"
    return "server_error" if status >= 500 else "http_error"


def _read_error_body(body: bytes) -> tuple[str | None, str, str | None]:
    """Code, message and request id as far as the body has them: {"code": ..., "message": ..., "id": ...}."""
    try:
        document = json.loads(body)
    except ValueError:
        return None, quote_text(body, 120), None
    if not isinstance(document, dict):
        return None, "", None
    code, message, request_id = (document.get(name) for name in ("code", "message", "id"))
    return (
        quote_text(code, 100) if isinstance(code, str) and code else None,
        quote_text(message, LONGEST_QUOTE) if isinstance(message, str) else "",
        quote_text(request_id, 100) if isinstance(request_id, str) else None,
    )


def quote_text(text: str | bytes, longest: int) -> str:
    """Somebody else's words on one line, without control characters, and not for ever."""
    decoded = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    line = " ".join(plain(decoded).split())
    if len(line) <= longest:
        return line
    # Between two words: what is left of an access token that was cut would not be found where tokens are removed.
    return f"{line[: longest + 1].rpartition(' ')[0]}..."


class RequestsTransport:
    """HTTP through requests, with its trust in the environment off: a .netrc entry would replace the access token."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = _verify(connection)
        self._session.proxies.update(_proxies(connection))
        self._session.headers.update(
            {
                "Authorization": connection.access_token,
                # Needed by every call of the release APIs; LaunchDarkly answers 403 without it.
                "LD-API-Version": "beta",
                "Accept": "application/json",
                "User-Agent": USER_AGENT,
            }
        )

    def send(self, method: str, path: str, body: bytes | None, content_type: str = JSON) -> Response:
        with warnings.catch_warnings():
            # validate_certs: false was the user's decision; repeating it on stderr for each request helps nobody.
            warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
            try:
                answer = self._session.request(
                    method,
                    self._connection.api_host + path,
                    data=body,
                    headers={"Content-Type": content_type} if body is not None else None,
                    timeout=self._connection.http_timeout,
                    allow_redirects=False,
                )
            except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                raise self._failure(error, method, path) from None
        if answer.raw.length_remaining:
            # Requests with urllib3 1 takes what came before a cut for the whole.
            raise self._failure(requests.exceptions.ConnectionError("the answer was cut"), method, path)
        return Response(answer.status_code, answer.headers, answer.content)

    def _failure(self, error: Exception, method: str, path: str) -> ConnectionFailed:
        host = self._connection.api_host
        cause = _innermost(error)
        if isinstance(error, requests.exceptions.SSLError):
            return ConnectionFailed(
                f"the TLS connection to {host} failed: {cause}. Check api_host, the machine's certificates, and ca_path",
                "tls_failed",
                method=method,
                path=path,
                answer_lost=method != "GET" and not _never_sent(error),
            )
        if isinstance(error, requests.exceptions.Timeout):
            cause = f"no answer within http_timeout ({self._connection.http_timeout:g} s)"
        return ConnectionFailed(
            f"{host} could not be reached: {cause}",
            method=method,
            path=path,
            repeatable=_is_passing(error),
            answer_lost=method != "GET" and not _never_sent(error),
        )


def _is_passing(error: Exception) -> bool:
    """Is it a fault of the network rather than of what was asked (a URL, a header, a proxy's scheme)?"""
    if isinstance(error, requests.exceptions.RequestException):
        kinds = requests.exceptions
        return isinstance(error, (kinds.ConnectionError, kinds.Timeout, kinds.ChunkedEncodingError))
    return not isinstance(error, ValueError)


def _never_sent(error: Exception) -> bool:
    """Did it fail before a connection stood? (NewConnectionError covers names that do not resolve.)

    Requests and urllib3 raise ValueErrors for addresses, headers and proxies that they cannot make sense of.
    """
    if isinstance(error, (requests.exceptions.ConnectTimeout, ValueError)):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(reason, urllib3.exceptions.SSLError):
        # Once the certificate was accepted, TLS may as well have failed after the request. A refusal of the certificate is
        # a ValueError, be it OpenSSL's or that of urllib3 1 for another host's name.
        return bool(reason.args) and isinstance(reason.args[0], ValueError)
    if isinstance(reason, urllib3.exceptions.ProxyError):
        reason = reason.original_error
        if "Tunnel connection failed" in str(reason):
            return True
    return isinstance(reason, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError))


def _innermost(error: BaseException) -> str:
    """The plainest account of a failure: requests and urllib3 wrap it in several layers, each quoting the next."""
    while True:
        inner = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        if not isinstance(inner, BaseException) and len(error.args) > 1 and isinstance(error.args[1], BaseException):
            inner = error.args[1]
        if not isinstance(inner, BaseException):
            break
        error = inner
    text = re.sub(r"^\[SSL(: \w+)?\] ", "", str(error))
    return quote_text(text.rsplit(": ", 1)[-1], LONGEST_QUOTE) or type(error).__name__


def _verify(connection: Connection) -> bool | str:
    if not connection.validate_certs:
        return False
    path = connection.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    if path and not os.path.exists(path):
        raise OptionError(
            f"The certificates to trust (ca_path, else REQUESTS_CA_BUNDLE or SSL_CERT_FILE) are not at {path}."
        )
    return path or True


def _proxies(connection: Connection) -> dict[str, str]:
    """Proxies from environment variables alone; never for loopback, where plain http is allowed.

    The look-up in the system configuration of macOS, which requests would do as well, is not safe in a forked worker.
    """
    proxies = urllib.request.getproxies_environment()
    host = urlsplit(connection.api_host).netloc
    # typeshed lacks this public function.
    direct = urllib.request.proxy_bypass_environment(host, proxies)  # type: ignore[attr-defined]
    return {} if direct or connection.is_loopback else proxies
