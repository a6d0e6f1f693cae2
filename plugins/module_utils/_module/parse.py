# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""From the options of a task to a desired value; what cannot be meant is `invalid_option`, before anything is sent."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from urllib.parse import urlsplit

from .._core.errors import OptionError
from .._model.desired import (
    ApprovalFilter,
    AudienceSettings,
    Connection,
    DesiredPhase,
    DesiredRelease,
    DesiredTargeting,
    Wait,
    target_from_options,
)
from .._model.pipeline import OverviewFilter, PipelineFilter
from .._model.progression import ProgressionFilter
from .._model.release import Status
from .._model.values import LARGEST_NUMBER, is_loopback, read_key, read_seconds

if t.TYPE_CHECKING:
    from collections.abc import Mapping

# Seconds. What waits for an answer takes no more (a 32 bit count of milliseconds).
LONGEST_HTTP_TIMEOUT = 1_000_000
# Seconds, for what must not be 0.
SHORTEST = 0.001

NOT_AUTHENTICATED = (
    "There is no access token: set the environment variable LAUNCHDARKLY_ACCESS_TOKEN or the option access_token to a"
    " LaunchDarkly access token."
)

_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")


def connection_from_options(options: Mapping[str, t.Any]) -> Connection:
    return Connection(
        access_token=read_access_token(options["access_token"]),
        api_host=read_api_host(options["api_host"]),
        http_timeout=read_seconds(
            "http_timeout", options["http_timeout"], smallest=SHORTEST, largest=LONGEST_HTTP_TIMEOUT
        ),
        max_retries=_read_count("max_retries", options["max_retries"]),
        retry_timeout=read_seconds("retry_timeout", options["retry_timeout"]),
        validate_certs=options["validate_certs"],
        ca_path=options["ca_path"],
    )


def phase_from_options(options: Mapping[str, t.Any]) -> DesiredPhase:
    if not options["phase"].strip():
        raise OptionError("phase is empty: give a phase's id or its exact name.")
    desired = DesiredPhase(
        target=target_from_options(options),
        phase=options["phase"],
        status=Status(options["status"]),
        strict=options["strict"],
        audiences=_audiences(options["audiences"]),
        wait=_wait(options),
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


def pipelines_from_options(options: Mapping[str, t.Any]) -> PipelineFilter:
    pipeline_key, query, environment_key = (
        options[name] for name in ("release_pipeline_key", "query", "environment_key")
    )
    if pipeline_key is not None and (query is not None or environment_key is not None):
        raise OptionError("query and environment_key choose among all release pipelines: remove release_pipeline_key.")
    return PipelineFilter(
        read_key("project_key", options["project_key"]),
        None if pipeline_key is None else read_key("release_pipeline_key", pipeline_key),
        filter_value("query", query),
        filter_value("environment_key", environment_key),
    )


def progressions_from_options(options: Mapping[str, t.Any]) -> ProgressionFilter:
    status, phase = options["status"], options["phase"]
    if phase is not None and not phase.strip():
        raise OptionError("phase is empty: give a phase's id or its exact name.")
    if phase is not None and status == "completed":
        raise OptionError("A completed release is in no phase: remove phase or status.")
    return ProgressionFilter(
        read_key("project_key", options["project_key"]),
        read_key("release_pipeline_key", options["release_pipeline_key"]),
        status,
        phase,
    )


def overview_from_options(options: Mapping[str, t.Any]) -> OverviewFilter:
    pipeline_key = options["release_pipeline_key"]
    return OverviewFilter(
        read_key("project_key", options["project_key"]),
        None if pipeline_key is None else read_key("release_pipeline_key", pipeline_key),
        tuple(read_key("flag_keys", key) for key in options["flag_keys"]),
        options["with_completed"],
    )


def filter_value(name: str, value: str | None) -> str | None:
    if value is not None and (not value.strip() or "," in value):
        raise OptionError(f"{name} has to be a text without a comma: LaunchDarkly separates filters with it.")
    return value


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


def _wait(options: Mapping[str, t.Any]) -> Wait | None:
    """None without a wait. Its options are read all the same: what is wrong is refused before anything starts."""
    wait = Wait(
        until=Status(options["wait_for"]),
        timeout=read_seconds("wait_timeout", options["wait_timeout"]),
        interval=read_seconds("wait_interval", options["wait_interval"], smallest=SHORTEST),
        on_approval=options["on_approval"],
        approval_timeout=read_seconds("approval_timeout", options["approval_timeout"]),
    )
    return wait if options["wait"] else None


def _read_count(name: str, value: int) -> int:
    if not 0 <= value <= LARGEST_NUMBER:
        raise OptionError(f"{name} is {value}: it has to be a number from 0 to {LARGEST_NUMBER}.")
    return value


def read_access_token(given: str) -> str:
    """Strip white space at the ends and refuse what cannot be an HTTP header value, never quoting it."""
    token = given.strip()
    if not token:
        raise OptionError(NOT_AUTHENTICATED)
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
