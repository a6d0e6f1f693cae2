# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.
"""Which proxy stands between the task and LaunchDarkly. Its credentials are in no message."""

from __future__ import annotations

import base64
import typing as t
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import unquote

from .._core.errors import OptionError
from .._core.libraries import requests, urllib3

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .._model.desired import Connection

SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


@dataclass(frozen=True)
class Proxy:
    """`secrets` are the forms in which the credentials may appear in the text of an error."""

    url: str = field(repr=False)
    secrets: frozenset[str] = field(repr=False)


def choose_proxy(connection: Connection) -> Proxy | None:
    """The proxy that the environment variables name for api_host, chosen as requests does; none for loopback addresses.

    The system configuration of macOS, which requests reads as well, is not safe to ask in a forked worker.
    """
    proxies = urllib.request.getproxies_environment()
    if connection.is_loopback or not proxies:
        return None
    # Without no_proxy, requests reads NO_PROXY itself: names, addresses and ranges of addresses.
    if requests.utils.should_bypass_proxies(connection.api_host, no_proxy=None):
        return None
    url = requests.utils.select_proxy(connection.api_host, proxies)
    return _read_proxy(url) if url else None


def _read_proxy(url: str) -> Proxy:
    full_url = url if "://" in url else f"http://{url}"
    try:
        parts = urllib3.util.parse_url(full_url)
    except (ValueError, urllib3.exceptions.HTTPError):
        parts = urllib3.util.Url()
    # A password that was not encoded may end what is read as the host; then the real host comes behind it.
    is_misread = "@" in f"{parts.path}{parts.query}{parts.fragment}"
    if not parts.host or parts.scheme not in SCHEMES or is_misread:
        # Neither the value nor the error that quotes it is shown: there may be a password in it.
        raise OptionError(
            "The environment variable HTTPS_PROXY (else ALL_PROXY) is not the URL of a proxy. Give scheme and host, such as"
            " http://proxy.example.com:3128; a user name and password before the host have to be percent-encoded."
        ) from None
    as_given = full_url.partition("://")[2].rpartition("@")[0]
    return Proxy(full_url, frozenset((*_secrets(parts.auth or ""), *_secrets(as_given))))


def _secrets(auth: str) -> Iterator[str]:
    user, _colon, password = auth.partition(":")
    secret = password or user
    if secret:
        plain = f"{unquote(user)}:{unquote(password)}"
        yield from (secret, unquote(secret), base64.b64encode(plain.encode("utf-8", "replace")).decode())
