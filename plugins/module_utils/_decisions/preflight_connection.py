# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Whether LaunchDarkly can be reached, with which token, and how fast. Pure."""

from __future__ import annotations

import re
import typing as t

from .._core.errors import ConnectionFailed, ExchangeError
from .._core.text import duration, excerpt
from .._model.preflight import ACCESS_TOKEN, CLIENT_SIDE_ID, MOBILE_KEY, SDK_KEY
from .preflight_advice import CHECK_INSTANCE, INSTANCES
from .preflight_facts import Finding, FindingStatus, PreflightFacts

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .._core.errors import LaunchDarklyError
    from .._model.preflight import Caller

# What the collection supports at least.
SUPPORTED = {"Python": (3, 9), "ansible-core": (2, 16), "requests": (2, 28), "pydantic": (2, 0)}
# Seconds of difference from which times in reports are wrong, and from which freeze windows and soaks are.
CLOCK_WARNING, CLOCK_PROBLEM = 60.0, 300.0
# What a release may take in one window of ten seconds.
FEW_REQUESTS = 20

_KEY_NAMES = {
    SDK_KEY: "an SDK key",
    MOBILE_KEY: "a mobile key",
    CLIENT_SIDE_ID: "a client-side ID",
}
_CREATE_ONE = (
    "Create a service access token in LaunchDarkly (Organization settings, Authorization); it begins with api-."
)


def libraries(facts: PreflightFacts) -> Iterator[Finding]:
    known = dict(facts.surroundings.versions)
    shown = ", ".join(f"{name} {version}" for name, version in known.items())
    old = [name for name, least in SUPPORTED.items() if name in known and _numbers(known[name]) < least]
    if not old:
        yield Finding("libraries", FindingStatus.OK, f"{shown}.")
        return
    wanted = ", ".join(f"{name} {'.'.join(map(str, SUPPORTED[name]))}" for name in old)
    yield Finding(
        "libraries",
        FindingStatus.WARNING,
        f"{', '.join(f'{name} {known[name]}' for name in old)} is older than what the collection is tested with.",
        f"Install at least {wanted} where the task runs.",
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def connection(facts: PreflightFacts) -> Iterator[Finding]:
    if facts.caller is None:
        return
    where, proxy = facts.surroundings.api_host, facts.surroundings.proxy
    through = f" through the proxy {proxy}" if proxy else ""
    if facts.caller.error is not None and (found := _unreachable(facts, facts.caller.error, through)):
        yield found
    elif not facts.surroundings.validate_certs:
        yield Finding(
            "connection",
            FindingStatus.WARNING,
            f"{where} answers{through}, but its TLS certificate is not verified.",
            "Set validate_certs to true, and ca_path to the certificates of your proxy if there is one.",
        )
    else:
        yield Finding("connection", FindingStatus.OK, f"{where} answers{through}.")


def _unreachable(facts: PreflightFacts, error: LaunchDarklyError, through: str) -> Finding | None:
    """None where it is LaunchDarkly that answered, whatever it said."""
    where = facts.surroundings.api_host
    reason = _reason(error)
    if error.code == "tls_failed":
        remedy = "Check api_host and the clock; set ca_path to the certificates that your proxy signs with."
        return Finding("connection", FindingStatus.PROBLEM, f"No TLS connection to {where}{through}: {reason}.", remedy)
    if isinstance(error, ConnectionFailed):
        remedy = "Check the network, the environment variables HTTPS_PROXY and NO_PROXY, and api_host."
        return Finding("connection", FindingStatus.PROBLEM, f"No connection to {where}{through}: {reason}.", remedy)
    if error.status is not None and error.status >= 500:
        remedy = "Look at LaunchDarkly's status page, and run the doctor again later."
        return Finding("connection", FindingStatus.PROBLEM, f"{where} fails ({error.status}){through}.", remedy)
    if not isinstance(error, ExchangeError) or not error.unexpected:
        return None
    remedy = f"{CHECK_INSTANCE} Check that no proxy or sign-in page answers in its place."
    return Finding("connection", FindingStatus.PROBLEM, f"{where} does not answer like LaunchDarkly{through}.", remedy)


def _reason(error: LaunchDarklyError) -> str:
    """The cause that the transport gives, without the request."""
    text = error.message.partition("Could not ")[2] or error.message
    text = text.partition(": ")[2] or text
    return excerpt(re.sub(r" \((GET|PATCH) /\S*\).*| Repeated \d.*", "", text), 300).rstrip(". ")


def clock(facts: PreflightFacts) -> Iterator[Finding]:
    offset = facts.clock_offset
    if offset is None:
        if facts.caller is not None and not isinstance(facts.caller.error, ConnectionFailed):
            yield Finding(
                "clock", FindingStatus.UNKNOWN, "The answer has no Date to compare this machine's clock with."
            )
        return
    if abs(offset) < CLOCK_WARNING:
        yield Finding("clock", FindingStatus.OK, "This machine's clock and LaunchDarkly's agree.")
        return
    yield Finding(
        "clock",
        FindingStatus.PROBLEM if abs(offset) >= CLOCK_PROBLEM else FindingStatus.WARNING,
        f"This machine's clock is {duration(abs(offset))} {'ahead of' if offset > 0 else 'behind'} LaunchDarkly's.",
        "Set it with NTP: schedules, certificates and the times in logs depend on it.",
    )


def token(facts: PreflightFacts) -> Iterator[Finding]:
    form = facts.surroundings.token_form
    if form in _KEY_NAMES:
        yield Finding(
            "token",
            FindingStatus.PROBLEM,
            f"access_token is {_KEY_NAMES[form]}, which the REST API does not accept.",
            _CREATE_ONE,
        )
    elif facts.caller is None or isinstance(facts.caller.error, ConnectionFailed):
        return
    elif facts.caller.error is not None:
        yield from _doubtful_token(form, facts.caller.error)
    elif facts.caller.value is not None:
        yield _known_token(facts.caller.value)


def _doubtful_token(form: str, error: LaunchDarklyError) -> Iterator[Finding]:
    if error.status == 401:
        hint = "" if form == ACCESS_TOKEN else " It does not begin with api-, as access tokens do."
        remedy = f"Check that it is complete, not expired and not deleted. {CHECK_INSTANCE}"
        yield Finding("token", FindingStatus.PROBLEM, f"LaunchDarkly does not accept the token (401).{hint}", remedy)
    elif error.status in (403, 404, 405):
        yield Finding("token", FindingStatus.UNKNOWN, f"LaunchDarkly does not say whose token it is ({error.status}).")


def _known_token(caller: Caller) -> Finding:
    word = (caller.token_kind or "").lower()
    if any(name in word for name in ("sdk", "mobile", "client")):
        fact = f"access_token is a key of the kind {excerpt(word, 40)}, which the REST API does not accept."
        return Finding("token", FindingStatus.PROBLEM, fact, _CREATE_ONE)
    if caller.is_service:
        return Finding("token", FindingStatus.OK, "A service token.")
    if caller.is_member or caller.is_service is False:
        return Finding(
            "token", FindingStatus.OK, "A personal token: it has the rights of its member, and ends with it."
        )
    return Finding("token", FindingStatus.OK, "LaunchDarkly accepts it.")


def instance(facts: PreflightFacts) -> Iterator[Finding]:
    host = facts.surroundings.api_host
    names = dict(INSTANCES)
    if host in names:
        yield Finding("instance", FindingStatus.OK, f"LaunchDarkly's {names[host]} instance.")
    elif "//127." in host or "//localhost" in host or "//[::1]" in host:
        yield Finding("instance", FindingStatus.OK, f"{host} is on this machine: a simulator.")
    else:
        yield Finding(
            "instance", FindingStatus.WARNING, f"{host} is no instance of LaunchDarkly that is known.", CHECK_INSTANCE
        )


def budget(facts: PreflightFacts) -> Iterator[Finding]:
    """Which requests are left in the current window."""
    error = facts.caller.error if facts.caller else None
    if error is not None and error.status == 429:
        remedy = (
            "Run fewer jobs at once, since all tokens of the account share its limit, and run the doctor again later."
        )
        yield Finding("budget", FindingStatus.PROBLEM, "LaunchDarkly limits the rate of requests (429).", remedy)
        return
    if not facts.limits:
        if facts.caller is not None and not isinstance(error, ConnectionFailed):
            yield Finding("budget", FindingStatus.UNKNOWN, "LaunchDarkly's answers name no limit on requests.")
        return
    shown = ", ".join(f"{item.left} of {item.limit} for the {item.scope}" for item in facts.limits)
    if min(item.left for item in facts.limits) < FEW_REQUESTS:
        remedy = "Run fewer jobs at once: all tokens of the account share its limit. Tasks wait for the next window."
        yield Finding("budget", FindingStatus.WARNING, f"Few requests are left in this window: {shown}.", remedy)
    else:
        yield Finding("budget", FindingStatus.OK, f"Requests left in this window: {shown}.")
