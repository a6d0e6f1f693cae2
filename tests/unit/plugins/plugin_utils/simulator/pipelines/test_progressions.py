# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release progressions of a pipeline."""

from __future__ import annotations

import pytest

PIPELINES = "/api/v2/projects/demo/release-pipelines"

LIST = f"{PIPELINES}/standard/releases"


@pytest.fixture
def three(ask):
    """Make one release fresh, one in its second phase, one done, one canceled, and one in another pipeline."""
    phases = {"second": ["completed", "active", "not-started"], "done": ["completed"] * 3, "canceled": ["active"] * 3}
    for flag, words in phases.items():
        ask("PUT", f"/__sim__/projects/demo/releases/{flag}", {"phases": [{"status": word} for word in words]})
    ask("PUT", "/__sim__/projects/demo/releases/canceled", {"_canceledAt": 1})
    ask("PUT", "/__sim__/projects/demo/releases/other", {"releasePipelineKey": "other"})
    return ask


def test_progressions_count_and_list_every_release(three):
    given = three("GET", LIST).body
    assert (given["totalCount"], given["activeCount"], given["completedCount"]) == (3, 2, 1)
    assert [(item["name"], item["releaseCount"]) for item in given["phases"]] == [
        ("Test", 1),
        ("Staging", 1),
        ("Production", 0),
    ]
    fresh, second, done = given["items"]
    assert [item["flagKey"] for item in given["items"]] == ["new-checkout", "second", "done"]
    assert (fresh["activePhaseStatus"], second["activePhaseStatus"]) == ("ready-to-start", "active")
    assert second["activePhaseId"] == given["phases"][1]["_id"]
    assert "_completedAt" in done
    assert "activePhaseId" not in done
    assert given["_links"]["self"]["href"].startswith(LIST)


@pytest.mark.parametrize(
    ("wanted", "flags"),
    [
        ('status equals "active"', ["new-checkout", "second"]),
        ('status equals "completed"', ["done"]),
        ('activePhaseId equals "{staging}"', ["second"]),
        ('status equals "active",activePhaseId equals "{staging}"', ["second"]),
        ('status equals "active", activePhaseId equals "{staging}"', ["second"]),
        ('activePhaseId equals "elsewhere"', []),
    ],
)
def test_progressions_can_be_filtered(three, wanted, flags):
    staging = three("GET", LIST).body["phases"][1]["_id"]
    encoded = wanted.replace("{staging}", staging).replace(" ", "+").replace('"', "%22")
    given = three("GET", f"{LIST}?filter={encoded}").body
    assert [item["flagKey"] for item in given["items"]] == flags
    assert given["totalCount"] == 3


@pytest.mark.parametrize(
    "wanted",
    [
        'status equals "completed",activePhaseId equals "x"',
        'status equals "paused"',
        'status is "active"',
        'flagKey equals "x"',
        "status:active",
        'status equals "active" and more',
    ],
)
def test_progressions_refuse_wrong_filters(ask, wanted):
    assert ask("GET", f"{LIST}?filter={wanted}").status == 400


def test_progressions_have_linked_pages(three):
    given = three("GET", f"{LIST}?limit=1&offset=1&filter=").body
    assert [item["flagKey"] for item in given["items"]] == ["second"]
    offsets = {name: item["href"].partition("offset=")[2] for name, item in given["_links"].items()}
    assert offsets == {"self": "1", "first": "0", "last": "2", "next": "2", "prev": "0"}


def test_progression_of_a_legacy_release_has_no_status(build):
    state = {
        "projects": {
            "demo": {
                "pipelines": {"standard": {"isLegacy": True, "phases": [{"name": "A"}]}},
                "releases": {"old": {}},
            }
        }
    }
    (item,) = build(state)("GET", LIST).body["items"]
    assert "activePhaseId" in item
    assert "activePhaseStatus" not in item
