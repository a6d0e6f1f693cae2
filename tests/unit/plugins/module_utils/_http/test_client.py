# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request, its repetitions, and the mapping of what comes back to an error. No network here."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import unquote

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import (
    ApiError,
    ExchangeError,
    InvalidResponse,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import excerpt
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http, path_of
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import (
    NOW,
    Clock,
    ScriptedTransport,
    answer,
    cut,
    refusal,
)

PATH = "/api/v2/flags/shop/cart/release"


def http(
    clock: Clock, *steps: Any, max_retries: int = 6, retry_timeout: float = 120.0
) -> tuple[Http, ScriptedTransport]:
    transport = ScriptedTransport(*steps)
    return Http(transport, clock.runtime(), max_retries, retry_timeout), transport


def failure(clock: Clock, *steps: Any, method: str = "GET", **limits: Any) -> ExchangeError:
    client, transport = http(clock, *steps, **limits)
    send = client.read if method == "GET" else partial(client.call, method)
    with pytest.raises(ExchangeError) as info:
        send(PATH, "read the release")
    assert transport.left == 0, "an answer too many"
    return info.value


REFUSALS = [
    # status, code sent -> error_code, repeated?, may a PUT have been applied?
    (400, "invalid_request", "invalid_request", False, False),
    (401, "unauthorized", "unauthorized", False, False),
    (403, "forbidden", "forbidden", False, False),
    (404, "not_found", "not_found", False, False),
    (405, "method_not_allowed", "method_not_allowed", False, False),
    (409, "conflict", "conflict", False, False),
    (409, "optimistic_locking_error", "optimistic_locking_error", True, False),
    (422, "patch_failed", "patch_failed", False, False),
    (429, "rate_limited", "rate_limited", True, False),
    (500, "internal_server_error", "internal_server_error", True, True),
    (503, "service_unavailable", "service_unavailable", True, True),
    # without a code of the service's own
    (302, "", "http_error", False, False),
    (400, "", "http_error", False, False),
    (401, "", "http_error", False, False),
    (404, "", "http_error", False, False),
    (409, "", "http_error", False, False),
    (418, "", "http_error", False, False),
    (429, "", "rate_limited", True, False),
    (500, "", "server_error", True, True),
    (502, "", "server_error", True, True),
    (524, "", "server_error", True, True),
]


@pytest.mark.parametrize(("status", "sent", "code", "repeatable", "lost"), REFUSALS)
def test_an_error_status_becomes_an_error(status: int, sent: str, code: str, repeatable: bool, lost: bool) -> None:
    error = failure(Clock(), refusal(status, sent, "It went wrong."), max_retries=0)
    assert isinstance(error, ApiError)
    assert (error.code, error.status, error.method, error.path, error.repeatable) == (
        code,
        status,
        "GET",
        PATH,
        repeatable,
    )
    assert error.outcome_unknown is False
    assert error.request_id == ("req-1" if sent else None)
    assert error.message.startswith("Could not read the release: LaunchDarkly answered ")
    assert str(status) in error.message
    assert ("It went wrong." in error.message) is bool(sent)
    assert failure(Clock(), refusal(status, sent), method="PUT").outcome_unknown is lost


@pytest.mark.parametrize(("status", "sent", "code", "repeatable"), [refused[:4] for refused in REFUSALS])
def test_only_what_can_pass_is_read_again(status: int, sent: str, code: str, repeatable: bool) -> None:
    clock = Clock()
    client, transport = http(clock, *[refusal(status, sent)] * (1 + 2 * repeatable), max_retries=2)
    with pytest.raises(ApiError) as info:
        client.read(PATH, "read the release")
    assert info.value.code == code
    assert transport.left == 0
    assert client.requests_made == len(transport.sent)
    assert clock.sleeps == ([0.5, 1.0] if repeatable else [])
    assert ("Repeated 2 times" in info.value.message) is repeatable


def test_a_read_succeeds_after_failures_that_pass() -> None:
    clock = Clock()
    client, _transport = http(clock, cut(), refusal(503), refusal(429, "rate_limited"), answer({"ok": 1}))
    assert client.read(PATH, "read") == {"ok": 1}
    assert clock.sleeps == [0.5, 1.0, 2.0]
    assert client.requests_made == 4


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_the_token_says_what_to_check(status: int) -> None:
    message = failure(Clock(), refusal(status, "denied")).message
    for thing in ("token", "api-", "role", "updateReleasePhaseStatus", "LD-API-Version: beta", "api_host"):
        assert thing in message


def rate_limited(**headers: str) -> Any:
    return refusal(429, "rate_limited", "Slow down.", **headers)


def test_a_rate_limit_is_waited_for_as_long_as_it_says() -> None:
    clock = Clock()
    reset = str(round((NOW + 9) * 1000))
    client, _transport = http(clock, rate_limited(Retry_After="4", X_Ratelimit_Auth_Token_Reset=reset), answer({}))
    client.read(PATH, "read")
    assert clock.sleeps == [pytest.approx(9)]


def test_a_rate_limit_that_has_passed_is_met_with_the_backoff() -> None:
    clock = Clock()
    client, _transport = http(clock, rate_limited(X_Ratelimit_Reset="1000"), answer({}))
    client.read(PATH, "read")
    assert clock.sleeps == [0.5]


def test_rate_limit_beyond_the_budget_fails_at_once() -> None:
    clock = Clock()
    error = failure(clock, rate_limited(Retry_After="600"), retry_timeout=100)
    assert (error.code, clock.sleeps) == ("rate_limited", [])
    assert "2026-10-26T07:43:20.000Z" in error.message
    assert "600 s" in error.message


def test_jitter_is_added_to_what_the_service_asks_for() -> None:
    clock = Clock()
    client = Http(
        ScriptedTransport(rate_limited(Retry_After="8"), answer({})), clock.runtime(chance=lambda: 1.0), 6, 120
    )
    client.read(PATH, "read")
    assert clock.sleeps == [10.0]


def test_a_read_with_a_deadline_repeats_until_then_however_often() -> None:
    clock = Clock()
    client, transport = http(clock, *[refusal(503)] * 12, answer({}), max_retries=0, retry_timeout=0)
    client.read(PATH, "read", deadline=clock.monotonic() + 500)
    assert len(transport.sent) == 13
    clock = Clock()
    client, _transport = http(clock, *[refusal(503)] * 5)
    with pytest.raises(ApiError):
        client.read(PATH, "read", deadline=clock.monotonic() + 10)
    assert clock.slept <= 10


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"{", b"\xff\xfe\x00", b"\x1b[2Jgone"], ids=repr)
def test_an_answer_that_is_not_json_is_an_invalid_response(body: bytes) -> None:
    error = failure(Clock(), answer(body))
    assert isinstance(error, InvalidResponse)
    assert (error.code, error.status, error.repeatable, error.outcome_unknown) == (
        "invalid_response",
        200,
        False,
        False,
    )
    assert "\x1b" not in error.message
    assert failure(Clock(), answer(body), method="PUT").outcome_unknown is True


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" * 101 + b"]" * 101,
        b"9" * 5000,
        b'{"a": 1}\x00',
        b"\xff\xfe{",
    ],
    ids=lambda body: repr(body[:9]),
)
def test_json_that_cannot_be_read_is_an_invalid_response(body: bytes) -> None:
    for method in ("GET", "PUT"):
        error = failure(Clock(), answer(body), method=method)
        assert (error.code, error.unexpected, error.outcome_unknown) == ("invalid_response", True, method == "PUT")
    error = failure(Clock(), answer(body, 403))
    assert (error.code, error.unexpected) == ("http_error", True)


@pytest.mark.parametrize(
    ("body", "document"),
    [
        # what is not valid as UTF-8 is replaced
        (b'{"a": "x\\ud83d"}', {"a": "x?"}),
        (b'{"\\udc00": ["\\ud83d\\ude00"]}', {"?": ["\U0001f600"]}),
        (b'{"a": "\xe8"}', {"a": "\ufffd"}),
        ('\ufeff{"a": 1}'.encode(), {"a": 1}),
        ('{"a": "\u00e8"}'.encode("utf-16"), {"a": "\u00e8"}),
        (b"[" * 9 + b"]" * 9, [[[[[[[[[]]]]]]]]]),
        # numbers that are none
        (
            b'{"a": [1e400, -1e400, NaN, Infinity, 1.5, 12345678901234567890]}',
            {"a": [None, None, None, None, 1.5, 12345678901234567890]},
        ),
    ],
    ids=repr,
)
def test_json_becomes_plain_data(body: bytes, document: Any) -> None:
    client, _transport = http(Clock(), answer(body))
    assert client.read(PATH, "read") == document


@pytest.mark.parametrize("body", [None, b" \r\n"], ids=repr)
def test_an_empty_answer_is_none(body: bytes | None) -> None:
    client, _transport = http(Clock(), answer(body))
    assert client.read(PATH, "read") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"upstream connect error",
        b"<html>" + b"x" * 5000,
        b"[1, 2]",
        b'"text"',
        b'{"code": 7, "message": {"a": 1}, "id": null}',
        b'{"code": "", "message": "", "id": ""}',
        b'{"code": null}',
        b"\xff",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_an_error_in_any_shape_is_an_error(body: bytes) -> None:
    error = failure(Clock(), answer(body, 503), max_retries=0)
    assert (error.code, error.status) == ("server_error", 503)
    assert len(error.message) < 700


def test_foreign_words_are_shortened_to_one_line() -> None:
    assert excerpt("a\r\n\tb\x1b[31m\x00 c\x9b ", 99) == "a b [31m c"
    assert excerpt(b"\xffx " * 99, 5) == "\ufffdx \ufffdx..."


def test_somebody_elses_words_are_cut_between_two_of_them() -> None:
    """Half an access token would not be recognised as one."""
    assert [excerpt("ab cd ef", longest) for longest in range(1, 9)] == [
        "...",
        "ab...",
        "ab...",
        "ab...",
        "ab cd...",
        "ab cd...",
        "ab cd...",
        "ab cd ef",
    ]


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://login.example.com/?next=secret", "https://login.example.com"),
        ("/api/v2/elsewhere", ""),
        ("https://[login/", "cannot be read"),
        ("https://127.0.0.1:abc/login", "https://127.0.0.1"),
        ("https://\ud83d.example.com/", "https:// .example.com"),
        ("", ""),
    ],
)
def test_a_redirect_is_an_error_that_says_where_it_leads(location: str, shown: str) -> None:
    message = failure(Clock(), answer(None, 302, Location=location)).message
    assert "Redirects are not followed" in message
    assert shown in message
    assert "secret" not in message


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_path_of_refuses_what_would_lead_elsewhere(part: str) -> None:
    with pytest.raises(InvalidResponse) as info:
        path_of("flags", part, "release")
    assert (info.value.code, info.value.outcome_unknown, info.value.repeatable) == ("invalid_response", False, False)


@pytest.mark.parametrize("part", ["a/b", "...", "a b", "a?b=c", "a#b", "%2e%2e", "\u00fc", "a;b", "a\\b"])
def test_a_part_of_a_path_stays_one_part(part: str) -> None:
    path = path_of("flags", part, "release")
    assert path.isascii()
    assert path.count("/") == 5
    assert unquote(path.split("/")[4]) == part
    assert not set(path) & set(" ?#;\\")


@pytest.mark.parametrize(
    ("error", "code", "sent", "unexpected"),
    [
        (cut(), "connection_failed", True, False),
        (cut(sent=False), "connection_failed", False, False),
        (cut(code="tls_failed", sent=False, repeatable=False), "tls_failed", False, False),
        (cut(code="invalid_response", repeatable=False, unexpected=True), "invalid_response", True, True),
    ],
)
def test_only_a_write_that_was_sent_has_an_unknown_outcome(error: Any, code: str, sent: bool, unexpected: bool) -> None:
    for method in ("GET", "PUT"):
        got = failure(Clock(), error, method=method, max_retries=0)
        assert (got.code, got.outcome_unknown, got.unexpected) == (code, sent and method == "PUT", unexpected)
        assert isinstance(got, InvalidResponse) is (code == "invalid_response")


@pytest.mark.parametrize(
    ("response", "refusal_to_check", "unexpected", "documented"),
    [
        (refusal(302), True, True, False),
        (refusal(400, "invalid_request"), True, False, True),
        (refusal(401), False, False, False),
        (refusal(401, "unauthorized"), False, False, True),
        (refusal(403), True, True, False),
        (answer({"message": "Forbidden"}, 403), True, True, False),
        (refusal(429), False, False, False),
        (refusal(500), False, False, False),
    ],
    ids=str,
)
def test_refusals_are_told_apart(response: Any, refusal_to_check: bool, unexpected: bool, documented: bool) -> None:
    error = failure(Clock(), response, max_retries=0)
    assert (error.is_refusal, error.unexpected, error.documented) == (refusal_to_check, unexpected, documented)


def test_errors_are_complete_when_raised() -> None:
    error = cut()
    raised = [failure(Clock(), error, error, max_retries=1) for _turn in range(2)]
    assert raised[0].message == raised[1].message
    noted = raised[0].with_note("More.")
    assert (noted.message, str(noted)) == (f"{raised[0].message} More.",) * 2
    assert {**noted.__dict__, "message": raised[0].message} == raised[0].__dict__


def test_a_connection_failure_says_what_was_attempted() -> None:
    error = failure(Clock(), cut(), max_retries=0)
    assert error.message == f"Could not read the release: it was cut (GET {PATH})."


def test_a_failure_that_cannot_pass_is_not_repeated() -> None:
    clock = Clock()
    failure(clock, cut(repeatable=False))
    assert clock.sleeps == []


def test_nothing_is_sent_once_nobody_is_left_to_report_to() -> None:
    def gone() -> None:
        raise SystemExit

    clock = Clock()
    transport = ScriptedTransport()
    with pytest.raises(SystemExit):
        Http(transport, clock.runtime(still_wanted=gone), 6, 120).read(PATH, "read")
    assert transport.sent == []
