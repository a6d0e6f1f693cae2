# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release pipelines: what is valid, and what can change."""

from __future__ import annotations

import pytest

PIPELINES = "/api/v2/projects/demo/release-pipelines"

CANARY = {
    "key": "canary",
    "name": "Canary",
    "description": "Slow and careful",
    "tags": ["web"],
    "phases": [
        {
            "name": "Some",
            "audiences": [
                {
                    "environmentKey": "production",
                    "name": "Beta testers",
                    "segmentKeys": ["beta"],
                    "configuration": {
                        "releaseStrategy": "monitored-release",
                        "requireApproval": True,
                        "notifyTeamKeys": ["product"],
                        "releaseGuardianConfiguration": {
                            "monitoringWindowMilliseconds": 60000,
                            "rolloutWeight": 50000,
                            "rollbackOnRegression": True,
                            "randomizationUnit": "user",
                        },
                    },
                }
            ],
        },
        {"name": "All", "audiences": [{"environmentKey": "production", "name": "Everyone"}]},
    ],
}


def phase(**audience):
    return {"name": "P", "audiences": [{"environmentKey": "test", "name": "A", **audience}]}


def guardian(**fields):
    whole = {"monitoringWindowMilliseconds": 1, "rolloutWeight": 1, "rollbackOnRegression": True, **fields}
    kept = {name: value for name, value in whole.items() if value is not None}
    return {"configuration": {"releaseStrategy": "monitored-release", "releaseGuardianConfiguration": kept}}


def test_create_shows_the_pipeline_as_given(ask):
    created = ask("POST", PIPELINES, CANARY)
    assert created.status == 201
    assert created.body == ask("GET", f"{PIPELINES}/canary").body
    assert {name: created.body[name] for name in ("key", "name", "description", "tags")} == {
        name: CANARY[name] for name in ("key", "name", "description", "tags")
    }
    assert (created.body["_isLegacy"], created.body["isProjectDefault"]) == (False, False)
    first, second = created.body["phases"]
    assert first["id"] != second["id"]
    assert first["audiences"][0]["configuration"] == CANARY["phases"][0]["audiences"][0]["configuration"]
    assert first["audiences"][0]["segmentKeys"] == ["beta"]
    assert first["audiences"][0]["environment"]["key"] == "production"
    # As captured documents show an audience that was given no configuration.
    assert second["audiences"][0]["configuration"] == {"releaseStrategy": "", "requireApproval": False}


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"key": None}, 400, "key"),
        ({"key": "not a key"}, 400, "key"),
        ({"key": "standard"}, 409, "exists"),
        ({"name": ""}, 400, "name"),
        ({"name": 5}, 400, "name"),
        ({"description": 5}, 400, "description"),
        ({"tags": "web"}, 400, "tags"),
        ({"tags": [5]}, 400, "tags"),
        ({"isLegacy": "yes"}, 400, "isLegacy"),
        ({"phases": None}, 400, "phases"),
        ({"phases": []}, 400, "phases"),
        ({"phases": [phase()] * 11}, 400, "10"),
        ({"phases": ["Test"]}, 400, "phase"),
        ({"phases": [{"name": "P"}]}, 400, "audiences"),
        ({"phases": [{"audiences": []}]}, 400, "name"),
        ({"phases": [phase(environmentKey="moon")]}, 400, "moon"),
        ({"phases": [phase(name=None)]}, 400, "name"),
        ({"phases": [phase(segmentKeys="beta")]}, 400, "segmentKeys"),
        ({"phases": [phase(configuration="guarded")]}, 400, "configuration"),
        ({"phases": [phase(configuration={"releaseStrategy": 5})]}, 400, "releaseStrategy"),
        ({"phases": [phase(configuration={"requireApproval": "no"})]}, 400, "requireApproval"),
        ({"phases": [phase(**guardian(rolloutWeight=True))]}, 400, "rolloutWeight"),
        ({"phases": [phase(**guardian(rolloutWeight=None))]}, 400, "rolloutWeight"),
        ({"phases": [phase(**guardian(randomizationUnit=5))]}, 400, "randomizationUnit"),
        ({"phases": [phase(**guardian())]}, 201, None),
        ({"phases": [phase()] * 10}, 201, None),
        ({"isLegacy": True}, 201, None),
        ({"color": "unknown fields are ignored"}, 201, None),
    ],
)
def test_create_checks_its_fields(ask, change, status, says):
    given = ask("POST", PIPELINES, {**CANARY, **change})
    assert given.status == status
    if says:
        assert says in given.body["message"]
        assert ask("GET", f"{PIPELINES}/canary").status == 404


def test_create_allows_at_most_twenty_pipelines(ask):
    answers = [ask("POST", PIPELINES, {**CANARY, "key": f"p{index}"}) for index in range(20)]
    assert [given.status for given in answers] == [201] * 19 + [400]


def test_create_sets_the_default_pipeline(build):
    ask = build({"projects": {"demo": {"environments": {"production": {}}}}})
    assert ask("POST", PIPELINES, CANARY).body["isProjectDefault"] is True
    assert ask("POST", PIPELINES, {**CANARY, "key": "second"}).body["isProjectDefault"] is False
    assert ask("POST", PIPELINES, {**CANARY, "key": "third", "isProjectDefault": True}).body["isProjectDefault"] is True
    assert ask("GET", f"{PIPELINES}/canary").body["isProjectDefault"] is False


@pytest.mark.parametrize(
    ("query", "keys", "total"),
    [
        ("", ["standard", "canary"], 2),
        ("?filter=query:CANA", ["canary"], 1),
        ("?filter=query:careful", ["canary"], 1),
        ("?filter=env:staging", ["standard"], 1),
        ("?filter=env:production,query:std", [], 0),
        ("?filter=env:production,query:standard", ["standard"], 1),
        ("?limit=1", ["standard"], 2),
        ("?limit=1&offset=1", ["canary"], 2),
        ("?offset=2", [], 2),
    ],
)
def test_list_has_filters_and_pages(ask, query, keys, total):
    ask("POST", PIPELINES, CANARY)
    given = ask("GET", PIPELINES + query)
    assert [item["key"] for item in given.body["items"]] == keys
    assert given.body["totalCount"] == total


@pytest.mark.parametrize("query", ["filter=canary", "filter=tag:web", "limit=0", "limit=-1", "limit=many", "offset=-1"])
def test_list_refuses_wrong_queries(ask, query):
    assert ask("GET", f"{PIPELINES}?{query}").status == 400


def test_replace_changes_an_unused_pipeline(ask):
    created = ask("POST", PIPELINES, CANARY).body
    given = ask("PUT", f"{PIPELINES}/canary", {"key": "other", "name": "One", "phases": [phase()]})
    assert given.status == 200
    assert (given.body["key"], given.body["name"], given.body["tags"]) == ("canary", "One", [])
    assert [item["name"] for item in given.body["phases"]] == ["P"]
    assert given.body["phases"][0]["id"] == created["phases"][0]["id"]
    assert given.body["_version"] == created["_version"] + 1


def definition(ask):
    """Return the seed's pipeline in the form in which it is sent."""
    return {
        "name": "Standard",
        "phases": [
            {
                "name": item["name"],
                "audiences": [
                    {
                        "environmentKey": audience["environment"]["key"],
                        "name": audience["name"],
                        "configuration": audience["configuration"],
                    }
                    for audience in item["audiences"]
                ],
            }
            for item in ask("GET", f"{PIPELINES}/standard").body["phases"]
        ],
    }


def test_replace_changes_texts_of_a_used_pipeline(ask):
    changed = {**definition(ask), "name": "Renamed", "description": "Now with a description", "tags": ["new"]}
    changed["phases"][0]["name"] = "Try"
    assert ask("PUT", f"{PIPELINES}/standard", changed).status == 200
    release = ask.release()
    assert release["name"] == "Renamed"
    assert release["releasePipelineDescription"] == "Now with a description"
    assert [item["_name"] for item in release["phases"]] == ["Try", "Staging", "Production"]


def test_replace_keeps_phases_of_a_used_pipeline(ask):
    changed = definition(ask)
    del changed["phases"][2]
    assert ask("PUT", f"{PIPELINES}/standard", changed).status == 400
    changed = definition(ask)
    changed["phases"][0]["audiences"][0]["environmentKey"] = "production"
    assert ask("PUT", f"{PIPELINES}/standard", changed).status == 400


def test_delete_refuses_the_default_pipeline(ask):
    assert ask("DELETE", f"{PIPELINES}/standard").status == 403
    assert ask("GET", f"{PIPELINES}/standard").status == 200


def test_delete_refuses_active_releases(ask):
    ask("POST", PIPELINES, {**CANARY, "isProjectDefault": True})
    assert ask("DELETE", f"{PIPELINES}/standard").status == 403
    ask("DELETE", "/api/v2/flags/demo/new-checkout/release")
    assert ask("DELETE", f"{PIPELINES}/standard").status == 204
    assert ask("GET", f"{PIPELINES}/standard").status == 404


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", CANARY), ("DELETE", None)])
def test_unknown_pipeline_is_not_found(ask, method, body):
    assert ask(method, f"{PIPELINES}/missing", body).status == 404
    assert ask(method, "/api/v2/projects/missing/release-pipelines/standard", body).status == 404
