# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a task asks for, checked and immutable. Built from validated module options, refused as `invalid_option`."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .._core.errors import OptionError
from .release import Status

if t.TYPE_CHECKING:
    from collections.abc import Mapping

# Below this a rollout weight looks like a percentage, while the API counts thousandths of a percent.
SMALLEST_LIKELY_ROLLOUT_WEIGHT = 101

# In seconds, or times. What waits for an answer takes no more (a 32 bit count of milliseconds); nobody needs as much.
LONGEST_HTTP_TIMEOUT = 1_000_000
LARGEST_NUMBER = 1_000_000_000

_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")


@dataclass(frozen=True)
class Connection:
    """How LaunchDarkly is reached. Times are seconds; `api_host` is scheme, host and port without a path."""

    access_token: str = field(repr=False)
    api_host: str
    http_timeout: float
    max_retries: int
    retry_timeout: float
    validate_certs: bool = True
    ca_path: str | None = None

    @property
    def is_loopback(self) -> bool:
        return is_loopback(urlsplit(self.api_host).hostname or "")


@dataclass(frozen=True)
class Target:
    project_key: str
    flag_key: str

    def __str__(self) -> str:
        return f"{self.project_key}/{self.flag_key}"


@dataclass(frozen=True)
class AudienceSettings:
    """Extra configuration for one audience of a phase; None stands for "not given" and is not sent."""

    audience: str
    release_guardian_configuration: dict[str, t.Any] | None = None
    notify_member_ids: tuple[str, ...] | None = None
    notify_team_keys: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Wait:
    """`timeout`, `interval` (the longest pause between two polls) and `approval_timeout` are seconds.

    `on_approval` is `wait`, `return` (end the wait while a person has to answer) or `apply` (apply what was approved).
    """

    until: Status
    timeout: float
    interval: float
    on_approval: str = "wait"
    approval_timeout: float = 86400.0


@dataclass(frozen=True)
class DesiredPhase:
    """The status that one phase shall have. `phase` is an id or an exact name."""

    target: Target
    phase: str
    status: Status
    strict: bool = False
    audiences: tuple[AudienceSettings, ...] | None = None
    wait: Wait | None = None

    @property
    def warnings(self) -> list[str]:
        return [
            f"audiences: rollout_weight {weight} of audience '{settings.audience}' is very small."
            f" The unit is thousandths of a percent: {weight} means {weight / 1000} %, and 50 % is 50000."
            for settings in self.audiences or ()
            for weight in [(settings.release_guardian_configuration or {}).get("rollout_weight")]
            if weight is not None and 1 <= weight < SMALLEST_LIKELY_ROLLOUT_WEIGHT
        ]


@dataclass(frozen=True)
class DesiredRelease:
    """The release that a flag shall have: in this pipeline, or, where `pipeline_key` is None, none at all.

    `variation` is an ID, a name or a value; `replace` allows to lose the progress of another release.
    """

    target: Target
    pipeline_key: str | None
    variation: str | None = None
    replace: bool = False


@dataclass(frozen=True)
class DesiredTargeting:
    """Whether the flag's targeting shall be on in one environment; `comment` goes to LaunchDarkly's audit log."""

    target: Target
    environment_key: str
    enabled: bool
    comment: str | None = None


@dataclass(frozen=True)
class ApprovalFilter:
    """Which approval requests are wanted; None stands for all."""

    target: Target
    environment_key: str
    review_status: tuple[str, ...] | None = None
    status: tuple[str, ...] | None = None


def connection_from_options(options: Mapping[str, t.Any]) -> Connection:
    return Connection(
        access_token=read_access_token(options["access_token"]),
        api_host=read_api_host(options["api_host"]),
        http_timeout=_above_zero("http_timeout", options["http_timeout"], LONGEST_HTTP_TIMEOUT),
        max_retries=int(_not_negative("max_retries", options["max_retries"])),
        retry_timeout=_not_negative("retry_timeout", options["retry_timeout"]),
        validate_certs=options["validate_certs"],
        ca_path=options["ca_path"],
    )


def target_from_options(options: Mapping[str, t.Any]) -> Target:
    return Target(read_key("project_key", options["project_key"]), read_key("flag_key", options["flag_key"]))


def phase_from_options(options: Mapping[str, t.Any]) -> DesiredPhase:
    if not options["phase"].strip():
        raise OptionError("phase is empty: give a phase's id or its exact name.")
    desired = DesiredPhase(
        target=target_from_options(options),
        phase=options["phase"],
        status=Status(options["status"]),
        strict=options["strict"],
        audiences=_audiences(options["audiences"]),
        wait=_wait(options) if options["wait"] else None,
    )
    if desired.wait and desired.status not in (Status.ACTIVE, Status.COMPLETED):
        raise OptionError(f"wait is for status active or completed: a phase set to {desired.status} does not complete.")
    if desired.audiences and desired.status is not Status.ACTIVE:
        raise OptionError("audiences configure the start of a phase: they go with status active only.")
    return desired


def release_from_options(options: Mapping[str, t.Any]) -> DesiredRelease:
    target = target_from_options(options)
    if options["state"] == "absent":
        return DesiredRelease(target, None)
    return DesiredRelease(
        target,
        read_key("release_pipeline_key", options["release_pipeline_key"]),
        variation=options["variation"],
        replace=options["replace"],
    )


def targeting_from_options(options: Mapping[str, t.Any]) -> DesiredTargeting:
    return DesiredTargeting(
        target_from_options(options),
        read_key("environment_key", options["environment_key"]),
        enabled=options["enabled"],
        comment=options["comment"],
    )


def approvals_from_options(options: Mapping[str, t.Any]) -> ApprovalFilter:
    return ApprovalFilter(
        target_from_options(options),
        read_key("environment_key", options["environment_key"]),
        review_status=_optional_tuple(options["review_status"]),
        status=_optional_tuple(options["status"]),
    )


def _audiences(given: list[dict[str, t.Any]] | None) -> tuple[AudienceSettings, ...] | None:
    if given is None:
        return None
    return tuple(
        AudienceSettings(
            audience=item["audience"],
            release_guardian_configuration=_given_only(item["release_guardian_configuration"]),
            notify_member_ids=_optional_tuple(item["notify_member_ids"]),
            notify_team_keys=_optional_tuple(item["notify_team_keys"]),
        )
        for item in given
    )


def _given_only(values: dict[str, t.Any] | None) -> dict[str, t.Any] | None:
    return None if values is None else {name: value for name, value in values.items() if value is not None}


def _optional_tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def _wait(options: Mapping[str, t.Any]) -> Wait:
    return Wait(
        until=Status(options["wait_for"]),
        timeout=_not_negative("wait_timeout", options["wait_timeout"]),
        interval=_above_zero("wait_interval", options["wait_interval"]),
        on_approval=options["on_approval"],
        approval_timeout=_not_negative("approval_timeout", options["approval_timeout"]),
    )


def read_key(name: str, value: str) -> str:
    # `.` and `..` would change the path that the request is sent to.
    if value.strip() in ("", ".", "..") or not _is_text(value):
        raise OptionError(f"{name} is {value!r}, which is not a key.")
    return value


def _is_text(value: str) -> bool:
    """Half a character, such as YAML's "\\ud800", cannot be written into a request."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_negative(name: str, value: float) -> float:
    if not 0 <= value <= LARGEST_NUMBER:
        raise OptionError(f"{name} is {value}: it has to be a number from 0 to {LARGEST_NUMBER}.")
    return value


def _above_zero(name: str, value: float, largest: int = LARGEST_NUMBER) -> float:
    if not 0 < value <= largest:
        raise OptionError(f"{name} is {value}: it has to be a number above 0 and up to {largest}.")
    return value


def read_access_token(given: str) -> str:
    """Strip white space at the ends and refuse what cannot be an HTTP header value, never quoting it."""
    token = given.strip()
    if not token:
        raise OptionError("access_token is empty.")
    if not all("!" <= character <= "~" for character in token):
        raise OptionError(
            "access_token has characters that a LaunchDarkly token never has (white space, control or non-ASCII"
            " characters inside it). The value is not shown here; check how it was copied or templated."
        )
    return token


def read_api_host(given: str) -> str:
    """Scheme, host and port of the LaunchDarkly instance; a bare host means https, plain http is for loopback only."""
    text = given.strip()
    shown = "api_host has a user name or password in it" if "@" in text else f"api_host is {text!r}"
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
        host = parts.hostname or ""
    except ValueError as error:
        raise OptionError(f"{shown}, which cannot be read as a host.") from error
    well_formed = (
        parts.scheme in ("http", "https"),
        "@" not in parts.netloc,
        _is_host(host),
        # Some Pythons take any name in brackets, which are for IPv6 addresses.
        ("[" in parts.netloc) == (":" in host),
        # Reading drops line ends and tabs, which might turn one host into another.
        len(text.split()) == 1,
        port != 0,
    )
    if not all(well_formed):
        raise OptionError(
            f"{shown}. Give a host such as https://app.launchdarkly.com or https://app.eu.launchdarkly.com."
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise OptionError(f"{shown}. Give the host only, without a path: the collection adds /api/v2 itself.")
    if parts.scheme == "http" and not is_loopback(host):
        raise OptionError(
            f"{shown}: the access token would cross the network readable for anyone. Use https; plain http is accepted"
            " for this machine's own loopback addresses only.",
            "insecure_api_host",
        )
    shown_host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown_host}" + (f":{port}" if port else "")


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            return False
        return True
    return _HOST_NAME.fullmatch(host) is not None


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
