# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state: what may be omitted, how it is completed, what is refused."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.fields import StateError
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.state.load import load
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.state.seed import seed

NOW = 1_793_000_000_000

STANDARD = {
    "phases": [{"name": name, "audiences": [{"environmentKey": name.lower()}]} for name in ("Test", "Production")]
}


def project(**fields):
    return load({"projects": {"shop": fields}}, NOW)["projects"]["shop"]


def phases(*given, **pipeline):
    made = project(pipelines={"standard": {**STANDARD, **pipeline}}, releases={"new-cart": {"phases": list(given)}})
    return made["releases"]["new-cart"]["phases"]


def test_complete_state_is_kept_as_it_is():
    state = load(seed(), NOW)
    assert load(state, NOW + 5) == state


def test_ids_are_the_same_in_every_run():
    assert load(seed(), NOW) == load(seed(), NOW)


def test_seed_matches_the_documentation():
    demo = load(seed(), NOW)["projects"]["demo"]
    assert list(demo["environments"]) == ["test", "staging", "production"]
    assert {key: flag["kind"] for key, flag in demo["flags"].items()} == {
        "new-checkout": "boolean",
        "dark-mode": "boolean",
        "new-search": "boolean",
        "banner-text": "multivariate",
    }
    assert [phase["name"] for phase in demo["pipelines"]["standard"]["phases"]] == ["Test", "Staging", "Production"]
    assert list(demo["releases"]) == ["new-checkout"]


@pytest.mark.parametrize("raw", [{}, {"projects": {}}])
def test_empty_state_is_valid(raw):
    assert load(raw, NOW) == {"projects": {}}


def test_missing_fields_are_filled_in():
    made = project(pipelines={"standard": STANDARD}, releases={"new-cart": {}})
    assert made["name"] == "Shop"
    assert made["defaultReleasePipelineKey"] == "standard"
    assert {key: item["name"] for key, item in made["environments"].items()} == {
        "test": "Test",
        "production": "Production",
    }
    assert [item["value"] for item in made["flags"]["new-cart"]["variations"]] == [True, False]
    release = made["releases"]["new-cart"]
    assert release["releasePipelineKey"] == "standard"
    assert [phase["status"] for phase in release["phases"]] == ["ready-to-start", "not-started"]
    assert release["phases"][0]["_audiences"][0]["name"] == "Test"


def test_undeclared_environment_counts_as_deleted():
    made = project(environments={"test": {}}, pipelines={"standard": STANDARD}, releases={"new-cart": {}})
    first, second = made["releases"]["new-cart"]["phases"]
    assert "environment" in first["_audiences"][0]
    assert "environment" not in second["_audiences"][0]


def test_phase_status_sets_the_fields_that_follow():
    first, second = phases({"status": "completed"}, {"status": "active", "complete": None, "started": "odd"})
    assert (first["_name"], first["complete"], first["started"]) == ("Test", True, True)
    assert (second["complete"], second["started"]) == (None, "odd")


def test_phase_with_an_id_is_kept_as_it_is():
    written = {"_id": "p1", "_name": "Testing", "complete": True}
    assert phases(written) == [written]


def test_legacy_phases_get_no_status():
    first, second = phases({"complete": True}, {}, isLegacy=True)
    assert first["complete"] is True
    assert "status" not in first
    assert "status" not in second


def test_complete_release_needs_no_pipeline():
    made = project(releases={"new-cart": {"releasePipelineKey": "own", "phases": [{"_id": "p1", "_name": "Only"}]}})
    assert made["pipelines"]["own"]["phases"] == [{"id": "p1", "name": "Only", "audiences": []}]
    assert made["releases"]["new-cart"]["phases"] == [{"_id": "p1", "_name": "Only"}]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ([], "the state must be an object"),
        ({"project": {}}, "unknown field 'project'"),
        ({"projects": []}, "projects in the state"),
        ({"projects": {"shop": 5}}, "projects.shop must be an object"),
        ({"projects": {"shop": {"flag": {}}}}, "projects.shop has an unknown field 'flag' (known: key"),
        ({"projects": {"shop": {"environments": ["test"]}}}, "environments in projects.shop"),
        ({"projects": {"shop": {"environments": {"test": {"key": 5}}}}}, "key in projects.shop.environments.test"),
        ({"projects": {"shop": {"flags": {"f": {"variations": [5]}}}}}, "projects.shop.flags.f.variations"),
        ({"projects": {"shop": {"pipelines": {"p": {"phases": ["Test"]}}}}}, "projects.shop.pipelines.p.phases"),
        (
            {"projects": {"shop": {"pipelines": {"p": {"createdAt": "today"}}}}},
            "createdAt in projects.shop.pipelines.p",
        ),
        ({"projects": {"shop": {"pipelines": {"p": {"phases": [{"audiences": [{}]}]}}}}}, "no environmentKey"),
        (
            {
                "projects": {
                    "shop": {
                        "pipelines": {
                            "p": {
                                "phases": [
                                    {"audiences": [{"environmentKey": "e", "configuration": {"requireApproval": "no"}}]}
                                ]
                            }
                        }
                    }
                }
            },
            "requireApproval",
        ),
        ({"projects": {"shop": {"audit": {}}}}, "audit in projects.shop"),
        ({"projects": {"shop": {"flags": {"f": 5}}}}, "projects.shop.flags.f must be an object"),
        ({"projects": {"shop": {"flags": {"f": {"environments": []}}}}}, "environments in projects.shop.flags.f"),
        (
            {"projects": {"shop": {"flags": {"f": {"environments": {"test": {"on": 1}}}}}}},
            "on in projects.shop.flags.f.environments.test",
        ),
        (
            {"projects": {"shop": {"environments": {}, "flags": {"f": {"environments": {"test": {}}}}}}},
            "an environment 'test', which the project does not have",
        ),
        ({"projects": {"shop": {"releases": {"f": 5}}}}, "projects.shop.releases.f must be an object"),
        ({"projects": {"shop": {"releases": {"f": {"phases": 5}}}}}, "phases in projects.shop.releases.f"),
        ({"projects": {"shop": {"releases": {"f": {"phases": [5]}}}}}, "projects.shop.releases.f.phases"),
        ({"projects": {"shop": {"releases": {"f": {"phases": [{}]}}}}}, "phase 0 has no _id"),
        ({"projects": {"shop": {"releases": {"f": {"releasePipelineKey": []}}}}}, "releasePipelineKey"),
    ],
)
def test_mistakes_name_their_place(raw, says):
    with pytest.raises(StateError) as caught:
        load(raw, NOW)
    assert says in str(caught.value)


def test_flag_defaults_to_off_without_approval():
    made = project(pipelines={"standard": STANDARD}, flags={"new-cart": {"environments": {"beta": {"on": True}}}})
    assert list(made["environments"]) == ["test", "production", "beta"]
    kept = made["flags"]["new-cart"]["environments"]
    assert kept["test"] == {
        "on": False,
        "requireApproval": False,
        "version": 1,
        "lastModified": NOW,
        "rules": [],
        "fallthrough": {"variation": 0},
        "offVariation": 1,
        "contextKinds": ["user"],
        "releaseScript": {},
        "history": [],
    }
    assert kept["beta"] == {**kept["test"], "on": True}
