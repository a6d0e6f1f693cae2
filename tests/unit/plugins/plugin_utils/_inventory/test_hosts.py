# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an inventory: names, groups and variables."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._inventory.hosts import (
    Host,
    group_name,
    make_hosts,
)

NOW = "2026-11-26T12:00:00.000Z"


def release(flag: str = "cart", project: str = "shop", **changes: Any) -> dict[str, Any]:
    return {
        "project_key": project,
        "flag_key": flag,
        "kind": "pipeline",
        "pipeline_key": "standard",
        "phase": "Staging",
        "environment_key": "staging",
        "status": "active",
        "since": None,
        "environments": ["test", "staging"],
        "name": "New cart",
        "tags": ["payment"],
        "maintainer": "jo@example.com",
        "link": "https://app.launchdarkly.com/shop/staging/features/cart",
        **changes,
    }


def hosts(*releases: Any, **options: Any) -> list[Host]:
    return make_hosts(releases, **{"now": NOW, "stuck_after": None, **options})


def names(*releases: Any, **options: Any) -> list[str]:
    return [host.name for host in hosts(*releases, **options)]


def groups(**changes: Any) -> tuple[str, ...]:
    return hosts(release(**changes))[0].groups


def test_host_has_the_variables_of_the_role() -> None:
    (host,) = hosts(release())
    assert host.variables == {
        "ansible_connection": "local",
        "release_project_key": "shop",
        "release_flag_key": "cart",
        "ld_pipeline_key": "standard",
        "ld_phase": "Staging",
        "ld_status": "active",
        "ld_since": None,
        "ld_name": "New cart",
        "ld_tags": ["payment"],
        "ld_maintainer": "jo@example.com",
        "ld_kind": "pipeline",
        "ld_environments": ["test", "staging"],
        "ld_link": "https://app.launchdarkly.com/shop/staging/features/cart",
    }


def test_host_variables_are_no_templates() -> None:
    (host,) = hosts(release(name="{{ 1 }}", tags=["{% if x %}"], flag="{# x #}"))
    assert (host.variables["ld_name"], host.variables["ld_tags"], host.name) == (
        *("{ { 1 }}", ["{ % if x %}"]),
        "{ # x #}",
    )


def test_host_name_is_the_flag() -> None:
    assert names(release("cart"), release("search")) == ["cart", "search"]


def test_host_name_has_the_project_with_several_projects() -> None:
    assert names(release("cart"), release("cart", "web")) == ["shop.cart", "web.cart"]


@pytest.mark.parametrize("flag", ["localhost", "all", "ungrouped", "ld_releases", "phase_staging", "status_active"])
def test_host_name_of_a_flag_called_like_a_group(flag: str) -> None:
    assert names(release(flag), release("other")) == [f"shop.{flag}", "other"]


def test_host_name_of_a_flag_called_like_a_group_without_hosts() -> None:
    assert names(release("stuck"), stuck_after=60.0) == ["shop.stuck"]
    assert names(release("stuck"), stuck_after=None) == ["stuck"]


def test_host_name_of_a_flag_called_like_another_host() -> None:
    assert names(release("cart"), release("search"), taken={"cart"}) == ["shop.cart", "search"]


def test_host_name_of_a_flag_that_another_file_lists() -> None:
    assert names(release("cart"), taken={"cart"}, is_known=lambda name, _release: name == "cart") == ["cart"]


def test_host_name_for_two_flags_is_refused() -> None:
    with pytest.raises(OptionError, match=r"Two flags would both be host 'a\.b\.c'"):
        hosts(release("b.c", "a"), release("c", "a.b"))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("ld_releases", "phase_staging", "status_active", "pipeline_standard")),
        ({"phase": "EU - 10 %"}, ("ld_releases", "phase_eu___10__", "status_active", "pipeline_standard")),
        ({"phase": None, "status": "completed"}, ("ld_releases", "status_completed", "pipeline_standard")),
        ({"status": None}, ("ld_releases", "phase_staging", "pipeline_standard")),
        ({"pipeline_key": None}, ("ld_releases", "phase_staging", "status_active")),
    ],
)
def test_groups(changes: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert groups(**changes) == expected


def test_group_name_has_lower_case_and_underscores() -> None:
    assert group_name("phase", "Über-Staging.2") == "phase__ber_staging_2"


@pytest.mark.parametrize(
    ("since", "stuck_after", "phase", "expected"),
    [
        ("2026-11-26T10:59:59Z", 3600, "Test", True),
        ("2026-11-26T11:00:00Z", 3600, "Test", False),
        ("2026-11-26T10:00:00Z", None, "Test", False),
        (None, 3600, "Test", False),
        ("2026-11-26T10:00:00Z", 3600, None, False),
    ],
)
def test_stuck_group(since: Any, stuck_after: Any, phase: Any, expected: bool) -> None:
    (host,) = hosts(release(since=since, phase=phase), stuck_after=stuck_after)
    assert ("stuck" in host.groups) is expected
