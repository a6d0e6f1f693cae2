# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options: what is taken, what is refused before anything is sent, and how it is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import (
    AudienceSettings,
    Connection,
    Target,
    Wait,
    target_from_options,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Status
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.values import is_loopback
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.parse import (
    NOT_AUTHENTICATED,
    connection_from_options,
    phase_from_options,
    read_access_token,
    read_api_host,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import TOKEN, phase_options


@contextmanager
def refused(code: str = "invalid_option") -> Iterator[pytest.ExceptionInfo[OptionError]]:
    with pytest.raises(OptionError) as info:
        yield info
    assert info.value.code == code


@pytest.mark.parametrize("given", [TOKEN, f" {TOKEN}", f"{TOKEN}\n", f"\t{TOKEN}\r\n"], ids=repr)
def test_a_token_loses_white_space_at_its_ends(given: str) -> None:
    assert read_access_token(given) == TOKEN


@pytest.mark.parametrize(
    "given",
    ["", " \n", "api-1\n23", "api-1 23", "api-1\x0023", "api-1\x7f23", "api-\u00e9", "api-1\u20282", "\ufeffapi-12"],
    ids=repr,
)
def test_a_token_that_cannot_be_a_header_is_refused_unquoted(given: str) -> None:
    with refused() as info:
        read_access_token(given)
    assert not given.strip() or given.strip() not in info.value.message
    assert "access_token" in info.value.message


def test_a_connection_does_not_show_its_token() -> None:
    connection = connection_from_options(phase_options())
    assert TOKEN not in repr(connection)
    assert TOKEN not in str(connection)


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("https://app.launchdarkly.com", "https://app.launchdarkly.com"),
        ("https://app.eu.launchdarkly.com/", "https://app.eu.launchdarkly.com"),
        ("app.launchdarkly.us", "https://app.launchdarkly.us"),
        ("  app.launchdarkly.com \n", "https://app.launchdarkly.com"),
        ("HTTPS://App.LaunchDarkly.com", "https://app.launchdarkly.com"),
        ("relay.example.com:8443", "https://relay.example.com:8443"),
        ("https://relay.example.com:8443/", "https://relay.example.com:8443"),
        ("localhost", "https://localhost"),
        ("localhost:8080", "https://localhost:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://LOCALHOST", "http://localhost"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("http://127.8.9.10", "http://127.8.9.10"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
    ],
)
def test_reads_a_host(given: str, host: str) -> None:
    assert read_api_host(given) == host


@pytest.mark.parametrize(
    "given",
    [
        "http://app.launchdarkly.com",
        "http://192.168.1.1",
        "http://0.0.0.0:80",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://[2001:db8::1]",
    ],
)
def test_plain_http_is_for_loopback_only(given: str) -> None:
    with refused("insecure_api_host") as info:
        read_api_host(given)
    assert given in info.value.message


@pytest.mark.parametrize(
    "given",
    [
        "",
        " ",
        "https://",
        "ftp://app.launchdarkly.com",
        "file:///etc/passwd",
        "https://app.launchdarkly.com/api/v2",
        "https://app.launchdarkly.com?x=1",
        "https://app.launchdarkly.com/#x",
        "app.launchdarkly.com/api",
        "https://app.launchdarkly.com:99999",
        "https://app.launchdarkly.com:port",
        "https://app.launchdarkly.com:0",
        "https://app launchdarkly.com",
        "https://app.launch\tdarkly.com",
        "https://app.launch\ndarkly.com",
        "https://app.launchdarkly.com\\@evil.example.com",
        "https://[::1",
        "https://[nonsense]",
        "https://b\u00fccher.example.com",
        "https://-app.launchdarkly.com",
        "https://app..launchdarkly.com",
        "https://" + "a" * 64 + ".example.com",
        "{{ undefined }}",
    ],
    ids=repr,
)
def test_what_is_no_host_is_refused(given: str) -> None:
    with refused() as info:
        read_api_host(given)
    assert info.value.message.startswith("api_host")


@pytest.mark.parametrize(
    "given", ["https://user:hunter2@app.launchdarkly.com", "https://api-123@app.launchdarkly.com", "https://x@y:z@"]
)
def test_credentials_in_a_host_are_refused_unquoted(given: str) -> None:
    with refused() as info:
        read_api_host(given)
    assert "hunter2" not in info.value.message
    assert "api-123" not in info.value.message


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("127.1", False),
        ("localhost.", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_knows_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("http_timeout", value) for value in (0.0, -1.0, NAN, INFINITY)],
        *[("max_retries", value) for value in (-1, 10**400)],
        *[("wait_timeout", value) for value in ("soon", "", "1w", True, [], "-1", 10**400, "2000000000d")],
        *[("approval_timeout", value) for value in ("tomorrow", -1)],
        ("http_timeout", "0s"),
        ("wait_interval", "0"),
        *[("retry_timeout", value) for value in (-0.1, NAN, INFINITY)],
        *[("wait_timeout", value) for value in (-1.0, NAN, INFINITY)],
        *[("wait_interval", value) for value in (0.0, -1.0, NAN, INFINITY)],
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_name(name: str, value: float) -> None:
    options = {**phase_options(wait=True), name: value}
    with refused() as info:
        connection_from_options(options)
        phase_from_options(options)
    assert info.value.message.startswith(f"{name} is ")


def test_times_have_units() -> None:
    times = {"wait_timeout": "2h", "wait_interval": "90s", "approval_timeout": "1d"}
    options = phase_options(http_timeout="1m", retry_timeout="15m", wait=True, **times)
    connection, wait = connection_from_options(options), phase_from_options(options).wait
    assert (connection.http_timeout, connection.retry_timeout) == (60, 900)
    assert wait == Wait(until=Status.COMPLETED, timeout=7200, interval=90, approval_timeout=86400)


def test_missing_token_names_the_variable_and_the_option() -> None:
    for given in ("", " \n"):
        with refused() as info:
            read_access_token(given)
        assert info.value.message == NOT_AUTHENTICATED
    assert "LAUNCHDARKLY_ACCESS_TOKEN" in NOT_AUTHENTICATED
    assert "option access_token" in NOT_AUTHENTICATED
    assert NOT_AUTHENTICATED.count(".") == 1


def test_zero_is_enough_where_it_means_not_at_all() -> None:
    options = phase_options(max_retries=0, retry_timeout=0, wait=True, wait_timeout=0)
    assert connection_from_options(options).max_retries == 0
    assert connection_from_options(options).retry_timeout == 0
    assert phase_from_options(options).wait == Wait(until=Status.COMPLETED, timeout=0, interval=10)


def test_the_defaults_are_the_documented_ones() -> None:
    connection = connection_from_options(phase_options())
    assert connection == Connection(TOKEN, "https://app.launchdarkly.com", 20.0, 6, 120.0, True, None)
    desired = phase_from_options(phase_options())
    assert (desired.status, desired.strict, desired.audiences, desired.wait) == (Status.ACTIVE, False, None, None)
    assert phase_from_options(phase_options(wait=True)).wait == Wait(until=Status.COMPLETED, timeout=3600, interval=10)


@pytest.mark.parametrize("name", ["project_key", "flag_key"])
@pytest.mark.parametrize("value", ["", " ", ".", "..", " .. ", "\ud800"], ids=repr)
def test_what_is_no_key_is_refused_by_name(name: str, value: str) -> None:
    with refused() as info:
        target_from_options({"project_key": "shop", "flag_key": "cart", name: value})
    assert info.value.message.startswith(f"{name} is ")


@pytest.mark.parametrize("value", ["a", "a.b", "...", "new-cart_2", "a/b", "..%2f"])
def test_other_keys_are_taken_as_they_are(value: str) -> None:
    assert target_from_options({"project_key": value, "flag_key": "cart"}) == Target(value, "cart")


@pytest.mark.parametrize("value", ["", " \t"], ids=repr)
def test_an_empty_phase_is_refused(value: str) -> None:
    with refused():
        phase_from_options(phase_options(phase=value))


@pytest.mark.parametrize("status", ["not_started", "ready_to_start", "paused"])
def test_a_wait_for_a_phase_that_will_not_complete_is_refused(status: str) -> None:
    with refused() as info:
        phase_from_options(phase_options(status=status, wait=True))
    assert status in info.value.message


@pytest.mark.parametrize("status", ["not_started", "ready_to_start", "paused", "completed"])
def test_audiences_go_with_a_start_only(status: str) -> None:
    with refused():
        phase_from_options(phase_options(status=status, audiences=[{"audience": "production"}]))


def test_of_an_audience_only_what_was_given_is_kept() -> None:
    given = [
        {"audience": "a"},
        {"audience": "b", "release_guardian_configuration": {"rollback_on_regression": False}, "notify_team_keys": []},
        {"audience": "c", "release_guardian_configuration": {}, "notify_member_ids": ["m1", "m2"]},
    ]
    assert phase_from_options(phase_options(audiences=given)).audiences == (
        AudienceSettings("a"),
        AudienceSettings("b", {"rollback_on_regression": False}, None, ()),
        AudienceSettings("c", {}, ("m1", "m2"), None),
    )


@pytest.mark.parametrize(
    ("weight", "warned"), [(-1, False), (0, False), (1, True), (50, True), (100, True), (101, False), (50000, False)]
)
def test_a_weight_that_looks_like_a_percentage_is_warned_of(weight: int, warned: bool) -> None:
    audiences = [{"audience": "production", "release_guardian_configuration": {"rollout_weight": weight}}]
    warnings = phase_from_options(phase_options(audiences=audiences)).warnings
    assert len(warnings) == warned
    assert all("thousandths of a percent" in warning and "'production'" in warning for warning in warnings)
