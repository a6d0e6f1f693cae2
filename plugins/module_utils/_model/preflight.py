# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What is looked at before a release: the task's surroundings, and what a preflight was asked for."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

if t.TYPE_CHECKING:
    from .desired import Target
    from .desired_environment import DesiredEnvironmentRelease


@dataclass(frozen=True)
class Surroundings:
    """The machine that runs the task. `versions` are (name, version) pairs; `proxy` is scheme, host and port without credentials."""

    versions: tuple[tuple[str, str], ...]
    api_host: str
    token_form: str
    proxy: str | None = None
    validate_certs: bool = True


@dataclass(frozen=True)
class Caller:
    """Whose token it is, as far as LaunchDarkly says. `token_kind` is LaunchDarkly's own word."""

    is_service: bool | None = None
    is_member: bool = False
    token_kind: str | None = None


@dataclass(frozen=True)
class RateLimit:
    """What is left of a limit on requests."""

    scope: str
    left: int
    limit: int


@dataclass(frozen=True)
class DesiredPreflight:
    """The release to look at. With `environments` it goes through these, else through the pipeline that the flag is in.

    `pipeline_key` is the pipeline that the flag is to be attached to. `dry_run` sends a change that LaunchDarkly checks and does not
    make. `record` is the path of a file.
    """

    target: Target
    environments: tuple[DesiredEnvironmentRelease, ...] = ()
    pipeline_key: str | None = None
    variation: t.Any = None
    dry_run: bool = False
    record: str | None = None


# The forms of keys, which LaunchDarkly documents: only access tokens are for its REST API.
ACCESS_TOKEN, SDK_KEY, MOBILE_KEY, CLIENT_SIDE_ID, OTHER = "access_token", "sdk_key", "mobile_key", "client_id", "other"


def token_form(token: str) -> str:
    """What a token is by its form alone."""
    for prefix, form in (("api-", ACCESS_TOKEN), ("sdk-", SDK_KEY), ("mob-", MOBILE_KEY)):
        if token.startswith(prefix):
            return form
    is_hex = len(token) == 24 and all(character in "0123456789abcdef" for character in token)
    return CLIENT_SIDE_ID if is_hex else OTHER
