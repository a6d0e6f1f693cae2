# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cached list of releases is found by."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._inventory.cache_key import cache_key

TOKEN = "api-0d9c5d6e-1b7a-4a52-9d1c-7c1f3d5e9b42"  # noqa: S105  made up
OPTIONS: dict[str, Any] = {"access_token": TOKEN, "api_host": "https://app.launchdarkly.com", "project_keys": ["shop"]}


def test_cache_key_is_stable() -> None:
    assert cache_key("ld_releases_k1", OPTIONS) == cache_key("ld_releases_k1", dict(reversed(OPTIONS.items())))


def test_cache_key_begins_with_that_of_the_file() -> None:
    assert cache_key("ld_releases_k1", OPTIONS).startswith("ld_releases_k1_")


@pytest.mark.parametrize(
    "change",
    [
        {"access_token": "api-other"},
        {"api_host": "https://app.eu.launchdarkly.com"},
        {"project_keys": ["shop", "web"]},
        {"tags": ["payment"]},
        {"since": True},
    ],
)
def test_cache_key_differs_with_what_selects(change: dict[str, Any]) -> None:
    assert cache_key("k", {**OPTIONS, **change}) != cache_key("k", OPTIONS)


def test_cache_key_differs_with_the_file() -> None:
    assert cache_key("a", OPTIONS)[1:] != cache_key("b", OPTIONS)[1:]


def test_cache_key_does_not_depend_on_retries() -> None:
    assert cache_key("k", {**OPTIONS, "max_retries": 1, "ca_path": "/x"}) == cache_key("k", OPTIONS)


def test_cache_key_has_no_token() -> None:
    assert TOKEN[4:12] not in cache_key("k", OPTIONS)
