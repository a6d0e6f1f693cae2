# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of a project's flags."""

from __future__ import annotations

import pytest

LIST = "/api/v2/flags/shop"
GUARDED = {"environmentKey": "production", "kind": "guarded"}


@pytest.fixture
def shop(ask):
    """Make a project with five flags, one of them archived, and with releases of both kinds."""
    project = {
        "environments": {"test": {}, "production": {}},
        "flags": {
            "cart": {"name": "New Cart", "tags": ["checkout", "web"]},
            "search": {"tags": ["web"], "_maintainer": {"email": "jo@example.com"}},
            "menu": {"environments": {"test": {"on": True, "rules": [{"variation": 0}]}}},
            "banner": {"_maintainerTeam": {"key": "web"}},
            "gone": {"archived": True, "tags": ["web"]},
        },
        "pipelines": {"standard": {"phases": [{"name": "Test", "audiences": [{"environmentKey": "test"}]}]}},
        "releases": {"cart": {"releasePipelineKey": "standard"}, "search": {"_canceledAt": 1}},
        "environmentReleases": [
            {"flagKey": "menu", "status": "in_progress", **GUARDED},
            {"flagKey": "banner", "status": "reverted", **GUARDED, "environmentKey": "test"},
        ],
    }
    assert ask("PUT", "/__sim__/state", {"projects": {"shop": project}}).status == 200
    return ask


@pytest.mark.parametrize(
    ("wanted", "flags"),
    [
        ("", ["cart", "search", "menu", "banner"]),
        ("query:CART", ["cart"]),
        ("query:new%20c", ["cart"]),
        ("tags:web", ["cart", "search"]),
        ("tags:web%2Bcheckout", ["cart"]),
        ("tags:web,query:sea", ["search"]),
        ("releasePipeline:standard", ["cart"]),
        ("releasePipeline:other", []),
        ("guardedRollout:any", ["menu", "banner"]),
        ("guardedRollout:monitoring", ["menu"]),
        ("guardedRollout:rolledBack", ["banner"]),
        ("guardedRollout:any,filterEnv:production", ["menu"]),
        ("guardedRollout:archived", []),
        ("state:archived", ["gone"]),
        ("state:live", ["cart", "search", "menu", "banner"]),
        ("state:deprecated", []),
    ],
)
def test_flag_list_can_be_filtered(shop, wanted, flags):
    given = shop("GET", f"{LIST}?filter={wanted}").body
    assert [item["key"] for item in given["items"]] == flags
    assert given["totalCount"] == len(flags)


@pytest.mark.parametrize("wanted", ["moon:full", "query", "guardedRollout:often", "state:asleep"])
def test_flag_list_refuses_an_unknown_filter(shop, wanted):
    assert shop("GET", f"{LIST}?filter={wanted}").status == 400


def test_flag_list_has_pages(shop):
    given = shop("GET", f"{LIST}?limit=3&offset=3").body
    assert ([item["key"] for item in given["items"]], given["totalCount"]) == (["banner"], 4)
    assert "next" not in given["_links"]


def test_flag_list_shows_environments_if_asked(shop):
    menu = shop("GET", f"{LIST}?filter=query:menu").body["items"][0]
    assert menu["environments"] == {}
    short = shop("GET", f"{LIST}?filter=query:menu&env=test").body["items"][0]["environments"]
    assert (list(short), short["test"]["on"], "rules" in short["test"]) == (["test"], True, False)
    full = shop("GET", f"{LIST}?filter=query:menu&env=test&env=production&summary=0").body["items"][0]["environments"]
    assert (list(full), len(full["test"]["rules"])) == (["test", "production"], 1)


def test_flag_list_shows_maintainers(shop):
    _cart, search, _menu, banner = shop("GET", LIST).body["items"]
    assert search["_maintainer"]["email"] == "jo@example.com"
    assert search["maintainerId"] == search["_maintainer"]["_id"]
    assert banner["_maintainerTeam"] == {"_links": {}, "key": "web", "name": "Web"}


def test_flag_list_of_an_unknown_project_is_not_found(shop):
    assert shop("GET", "/api/v2/flags/moon").status == 404
