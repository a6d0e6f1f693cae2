# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a preflight that need no service: what was read, and what it means."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import (
    ApiError,
    ConnectionFailed,
    InvalidResponse,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.preflight import examine
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.preflight_advice import (
    did_you_mean,
    split,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.preflight_anonymous import (
    Anonymizer,
    known_sentence,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.preflight_facts import (
    Answer,
    Finding,
    FindingStatus,
    PreflightFacts,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.preflight_page import page
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import Target
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.preflight import (
    Caller,
    DesiredPreflight,
    RateLimit,
    Surroundings,
    token_form,
)

HOST = "https://app.launchdarkly.com"
VERSIONS = (("Python", "3.12.1"), ("ansible-core", "2.19.0"), ("requests", "2.32.0"), ("pydantic", "2.9.0"))
HERE = Surroundings(VERSIONS, HOST, "access_token")
FACTS = PreflightFacts(DesiredPreflight(Target("shop", "cart")), HERE, 0, clock_offset=0.0, caller=Answer(Caller(True)))


def finding(check: str, facts: PreflightFacts) -> Finding:
    (found,) = (item for item in examine(facts) if item.check == check)
    return found


def around(**changes: Any) -> PreflightFacts:
    return dataclasses.replace(FACTS, surroundings=dataclasses.replace(HERE, **changes))


@pytest.mark.parametrize(
    ("name", "version", "status"),
    [
        ("Python", "3.8.18", "warning"),
        ("ansible-core", "2.15.9", "warning"),
        ("ansible-core", "2.21.0.dev0", "ok"),
        ("requests", "2.27.1", "warning"),
        ("pydantic", "2.0", "ok"),
    ],
)
def test_libraries_are_compared_with_what_is_supported(name: str, version: str, status: str) -> None:
    found = finding("libraries", around(versions=tuple({**dict(VERSIONS), name: version}.items())))
    assert found.status.value == status
    assert version in found.message


@pytest.mark.parametrize(
    ("host", "status", "word"),
    [
        (HOST, "ok", "United States instance"),
        ("https://app.eu.launchdarkly.com", "ok", "European Union"),
        ("https://app.launchdarkly.us", "ok", "federal"),
        ("http://127.0.0.1:8765", "ok", "simulator"),
        ("https://ld.example.com", "warning", "no instance"),
    ],
)
def test_instance_is_named(host: str, status: str, word: str) -> None:
    found = finding("instance", around(api_host=host))
    assert (found.status.value, word in found.message) == (status, True)


TLS = ConnectionFailed(
    "Could not ask LaunchDarkly whose token this is: the TLS connection to https://app.launchdarkly.com failed: self-signed"
    " certificate (GET /api/v2/caller-identity).",
    "tls_failed",
)
CUT = ConnectionFailed("Could not ask: no connection to x: refused (GET /api/v2/caller-identity). Repeated 2 times.")
PAGE = InvalidResponse("Could not ask: not JSON.", status=200, unexpected=True)


@pytest.mark.parametrize(
    ("error", "message", "remedy"),
    [
        (TLS, "self-signed certificate.", "ca_path"),
        (CUT, "no connection to x: refused.", "HTTPS_PROXY"),
        (PAGE, "does not answer like LaunchDarkly", "sign-in page"),
        (ApiError("Could not ask: 503.", status=503), "fails (503)", "status page"),
    ],
)
def test_connection_says_why_and_what_to_do(error: ConnectionFailed, message: str, remedy: str) -> None:
    facts = dataclasses.replace(around(proxy="http://proxy:3128"), caller=Answer(error=error))
    found = finding("connection", facts)
    assert (found.status, message in found.message, remedy in str(found.remedy)) == (FindingStatus.PROBLEM, True, True)
    assert "through the proxy http://proxy:3128" in found.message
    assert "/api/v2" not in found.message


def test_connection_without_verified_certificates_is_a_warning() -> None:
    assert finding("connection", around(validate_certs=False)).status is FindingStatus.WARNING


@pytest.mark.parametrize(
    ("token", "form"),
    [
        ("api-5a0b8f5c", "access_token"),
        ("sdk-5a0b8f5c", "sdk_key"),
        ("mob-5a0b8f5c", "mobile_key"),
        ("5f0c2a71b1e4d90007a3c8e2", "client_id"),
        ("5F0C2A71B1E4D90007A3C8E2", "other"),
        ("hello", "other"),
    ],
)
def test_token_form_is_seen_in_its_beginning(token: str, form: str) -> None:
    assert token_form(token) == form


@pytest.mark.parametrize(("left", "status"), [(19, "warning"), (20, "ok")])
def test_budget_warns_of_few_requests(left: int, status: str) -> None:
    limits = (RateLimit("account", 900, 1000), RateLimit("route", left, 100))
    found = finding("budget", dataclasses.replace(FACTS, limits=limits))
    assert found.status.value == status
    assert f"{left} of 100 for the route" in found.message


@pytest.mark.parametrize(
    ("wanted", "known", "question"),
    [
        ("new-crat", ["old", "new-cart"], " Did you mean 'new-cart'?"),
        ("New-Cart", ["new-cart"], " Did you mean 'new-cart'?"),
        ("cart-1", ["cart-2", "cart-3"], " Did you mean 'cart-3' or 'cart-2'?"),
        ("moon", ["sun", "earth"], ""),
        ("moon", [], ""),
    ],
)
def test_did_you_mean_asks_for_the_nearest_keys(wanted: str, known: list[str], question: str) -> None:
    assert did_you_mean(wanted, known) == question


def test_advice_splits_a_message_into_fact_and_remedy() -> None:
    assert split("It is paused. Resume it. Then rerun.") == ("It is paused.", "Resume it. Then rerun.")
    assert split("It is paused.") == ("It is paused.", "")


def test_page_joins_what_environments_have_in_common() -> None:
    findings = [
        Finding("rules", FindingStatus.OK, "None.", None, "eu"),
        Finding("rules", FindingStatus.OK, "None.", None, "us"),
        Finding("contexts", FindingStatus.PROBLEM, "None was seen.", "Send traffic.", "eu"),
        Finding("budget", FindingStatus.SKIPPED, "No."),
    ]
    assert page("shop/cart", findings) == [
        "shop/cart",
        "ok      rules: eu, us: None.",
        "PROBLEM contexts: eu: None was seen.",
        "        -> Send traffic.",
        "skipped budget",
        "In the way of a release: contexts; 0 warnings.",
    ]


def test_page_has_short_lines() -> None:
    findings = [Finding("flag", FindingStatus.PROBLEM, "x" * 300, "Correct it. " * 30)]
    assert max(map(len, page("shop/cart", findings))) <= 100


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("duplicate rule description not allowed", True),
        ("new rule is exact duplicate of an existing rule at index 3", True),
        ("Flag configuration updates require approval: action 'updateRules' not allowed", True),
        ("Flag configuration updates require approval: action 'new-cart' not allowed", False),
        ("duplicate rule description not allowed in new-cart", False),
        (["duplicate rule description not allowed"], False),
    ],
    ids=str,
)
def test_record_knows_fixed_sentences_only(message: Any, kept: bool) -> None:
    assert (known_sentence(message) is not None) is kept


def test_record_replaces_all_but_words_numbers_and_truths() -> None:
    document = {
        "status": "in_progress",
        "statusReason": "Jo wrote: 4711",
        "name": "New cart",
        "key": "New cart",
        "on": True,
        "allocation": 5000,
        "createdAt": 900,
        "endedAt": 0,
        "startedAt": "yesterday",
        "variations": [{"value": 5}, {"value": {"color": "red"}}, {"value": False}],
        "environments": {"eu": {"on": False, "secret": "x"}},
        "customProperties": {"owner": {"name": "Jo"}},
    }
    assert Anonymizer(1000).document(document) == {
        "status": "in_progress",
        "statusReason": "text-1",
        "name": "text-2",
        "key": "text-2",
        "on": True,
        "allocation": 5000,
        "createdAt": -100,
        "endedAt": None,
        "startedAt": "text-3",
        "variations": [{"value": "text-4"}, {"value": "text-5"}, {"value": False}],
        "environments": {"text-6": {"on": False}},
    }
