# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of environment releases: order, pages, filter, age."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.simulator.scene import (
    RELEASES,
    body,
)


def history(count, **fields):
    return [
        {"flagKey": "new-cart", "environmentKey": "production", "status": "completed", "createdAt": index, **fields}
        for index in range(count)
    ]


def numbers(given):
    return [item["createdAt"] for item in given["items"]]


def query(link):
    return link["href"].partition("?")[2]


def test_list_is_empty_without_releases(shop):
    given = shop.releases()
    assert (given["items"], given["totalCount"]) == ([], 0)


def test_list_shows_the_newest_first(open_shop):
    shop = open_shop(environmentReleases=history(3))
    assert numbers(shop.releases()) == [2, 1, 0]


def test_list_has_pages(open_shop):
    shop = open_shop(environmentReleases=history(30))
    first = shop.releases()
    assert (len(first["items"]), first["totalCount"]) == (25, 30)
    assert set(first["_links"]) == {"self", "parent", "first", "last", "next"}
    assert "snapshot=" in query(first["_links"]["next"])
    second = shop.releases(f"?{query(first['_links']['next'])}")
    assert (numbers(second), "prev" in second["_links"]) == ([4, 3, 2, 1, 0], True)


def test_snapshot_keeps_the_pages_together(open_shop):
    shop = open_shop(environmentReleases=history(30))
    link = shop.releases()["_links"]["next"]
    shop.wait(1)
    shop.start(body())
    assert (shop.releases()["totalCount"], shop.releases(f"?{query(link)}")["totalCount"]) == (31, 30)


@pytest.mark.parametrize("given", ["limit=0", "limit=101", "offset=-1", "limit=x", "filter=status%20equals%20x"])
def test_list_refuses_wrong_queries(shop, given):
    assert shop.ask("GET", f"{RELEASES}?{given}").status == 400


def test_list_can_be_filtered_by_kind(open_shop):
    given = [*history(2), *history(1, metrics=[{"metricKey": "errors"}])]
    shop = open_shop(environmentReleases=given)
    assert shop.releases("?filter=kind%20equals%20guarded")["totalCount"] == 1
    assert shop.releases("?filter=kind%20equals%20progressive")["totalCount"] == 2


def test_list_forgets_old_releases(shop):
    release_id = shop.start().body["id"]
    shop.wait(120)
    shop.wait(90 * 24 * 3600)
    assert shop.releases()["totalCount"] == 1
    shop.wait(1)
    assert shop.releases()["totalCount"] == 0
    assert shop.ask("GET", f"{RELEASES}/{release_id}").status == 404


def test_list_can_be_hidden_from_a_token(open_shop):
    shop = open_shop(behavior={"hideReleases": True})
    shop.start()
    assert shop.releases()["totalCount"] == 0


@pytest.mark.parametrize(("hidden", "count"), [(False, 1), (True, 0)])
def test_list_may_hide_what_others_started(open_shop, hidden, count):
    shop = open_shop(behavior={"hideReleasesOfOthers": hidden})
    assert shop.admin("/releases", "POST", **body()).status == 200
    assert shop.releases()["totalCount"] == count


def test_metrics_can_be_expanded(open_shop):
    shop = open_shop(metrics={"errors": {"name": "Errors"}})
    release_id = shop.start(body(metrics=[{"metricKey": "errors"}])).body["id"]
    assert "definition" not in shop.release()["metrics"][0]
    shown = shop.ask("GET", f"{RELEASES}/{release_id}?expand=metrics").body
    assert shown["metrics"][0]["definition"]["name"] == "Errors"


def test_state_keeps_releases(shop):
    shop.start()
    state = shop.ask("GET", "/__sim__/state").body
    before = shop.release()
    assert shop.ask("PUT", "/__sim__/state", state).status == 200
    assert shop.release() == before
    shop.wait(3600)
    assert shop.status() == ("completed", "completed_automatic")


def test_served_release_can_be_loaded_elsewhere(shop, open_shop):
    release = shop.start().body
    copy = open_shop({"rules": shop.rules()}, environmentReleases=[release])
    assert copy.release() == release
    copy.wait(3600)
    assert (copy.status()[0], copy.rules()) == ("completed", [])
