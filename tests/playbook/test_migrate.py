# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook migrate: from a release pipeline to a file for the role, which releases the same flag."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.flagops.launchdarkly.tests.playbook.plays import Player

WINDOW = 60_000
BETA = ["beta"]


def audience(environment: str, name: str = "", **fields: Any) -> dict[str, Any]:
    configuration = {
        "releaseStrategy": fields.pop("strategy", "immediate-rollout"),
        "requireApproval": fields.pop("approval", False),
    }
    if configuration["releaseStrategy"] == "monitored-release":
        configuration["releaseGuardianConfiguration"] = {
            "monitoringWindowMilliseconds": WINDOW,
            "rolloutWeight": 10_000,
            "rollbackOnRegression": True,
        }
    return {"environmentKey": environment, "name": name or environment, "configuration": configuration, **fields}


PHASES = [
    {"name": "Test", "audiences": [audience("test")]},
    {"name": "Staging", "audiences": [audience("staging", approval=True)]},
    {
        "name": "Production",
        "audiences": [
            audience("production", "Beta", segmentKeys=BETA),
            audience("production", "Everyone", strategy="monitored-release", approval=True),
        ],
    },
]


@pytest.fixture
def pipeline(player: Player) -> Player:
    """A service whose pipeline has segments, approvals and a guarded rollout."""
    environments = {key: {"segments": {"beta": {}}} for key in ("test", "staging", "production")}
    project = {
        "environments": environments,
        "flags": {"new-checkout": {}},
        "pipelines": {"standard": {"phases": PHASES}},
        "releases": {"new-checkout": {}},
    }
    player.service.world.replace_state({"projects": {"demo": project}})
    return player


def migrate(player: Player, *options: str, rc: int = 0, **variables: Any) -> Any:
    return player.play(*options, playbook="migrate", rc=rc, **{"release_pipeline_key": "standard", **variables})


def test_migrate_prints_and_writes_the_same_and_changes_nothing_in_launchdarkly(pipeline: Player) -> None:
    shown = migrate(pipeline)
    assert "Production (Everyone): fill in metrics." in shown.output
    assert shown.changed == 0
    first = migrate(pipeline, migrate_to="standard.yml")
    written = pipeline.place / "standard.yml"
    content = written.read_text()
    assert all(line.strip() in first.output for line in content.splitlines() if '"' not in line)
    assert (first.changed, migrate(pipeline, migrate_to=str(written)).changed) == (1, 0)
    assert [path.name for path in pipeline.place.glob("standard.yml*")] == ["standard.yml"]
    assert [(entry["method"], entry["path"]) for entry in pipeline.service.requests] == [
        ("GET", "/api/v2/projects/demo/release-pipelines/standard")
    ] * 3


def test_migrate_keeps_what_was_filled_in_as_a_backup(pipeline: Player) -> None:
    mine = pipeline.write("standard.yml", "mine")
    assert migrate(pipeline, "--check", migrate_to="standard.yml").changed == 1
    assert mine.read_text() == "mine"
    migrate(pipeline, migrate_to="standard.yml")
    (backup,) = (path for path in pipeline.place.glob("standard.yml*") if path != mine)
    assert backup.read_text() == "mine"


def test_migrated_file_is_refused_until_its_metrics_are_filled_in(pipeline: Player) -> None:
    migrate(pipeline, migrate_to="standard.yml")
    pipeline.forget_requests()
    refused = pipeline.play("-e", f"@{pipeline.place}/standard.yml", rc=2)
    assert "release_environments[3]: strategy guarded needs metrics." in refused.output
    assert pipeline.service.requests == []


# A minute of the guarded rollout takes half a second.
@pytest.mark.parametrize("speed", [120.0])
def test_migrated_file_releases_the_flag(pipeline: Player) -> None:
    migrate(pipeline, migrate_to="standard.yml")
    path = pipeline.place / "standard.yml"
    content = path.read_text()
    path.write_text(content.replace("metrics: []", "metrics: [{key: errors, auto_rollback: true}]"))
    run = pipeline.play("-e", f"@{path}")
    names = [item.get("name", item["environment"]) for item in yaml.safe_load(content)["release_environments"]]
    assert [(phase["phase"], phase["action"], phase["status"]) for phase in run.result["phases"]] == [
        (name, "started", "completed") for name in names
    ]
    flag = pipeline.service.world.state["projects"]["demo"]["flags"]["new-checkout"]
    served = {key: (item["on"], item["fallthrough"], item["rules"]) for key, item in flag["environments"].items()}
    everybody = (True, {"variation": 0}, [])
    assert served == dict.fromkeys(("test", "staging", "production"), everybody)
    assert not [entry["path"] for entry in pipeline.service.requests if "release/phases" in entry["path"]]
    assert pipeline.play("-e", f"@{path}").changed == 0


def test_migrate_names_the_pipeline_that_is_not_there(pipeline: Player) -> None:
    run = migrate(pipeline, rc=2, release_pipeline_key="moon", migrate_to="standard.yml")
    assert "Project 'demo' has no release pipeline 'moon', or the token may not view it." in run.output
    assert not (pipeline.place / "standard.yml").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"release_project_key": None, "release_pipeline_key": ""},
            "release_project_key and release_pipeline_key must be set, for example with -e release_project_key=KEY",
        ),
        (
            {"release_pipeline_key": None},
            "release_pipeline_key must be set, for example with -e release_pipeline_key=KEY.",
        ),
    ],
)
def test_migrate_without_its_keys_names_those_that_are_missing(
    player: Player, given: dict[str, Any], said: str
) -> None:
    assert said in migrate(player, rc=2, **given).output
    assert player.service.requests == []


def test_migrated_file_goes_on_with_a_flag_that_is_midway(pipeline: Player) -> None:
    """As the guide has it: end the active phase, take the flag out, run the role with the file."""
    pipeline.play(release_until="Test")
    taken_out = {"project_key": "demo", "flag_key": "new-checkout", "state": "absent"}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"flagops.launchdarkly.ld_release": taken_out}]}
    assert pipeline.play(playbook=str(pipeline.write("out.yml", [play]))).changed == 1
    entries = [{"environment": "test", "name": "Test"}, {"environment": "staging", "name": "Staging"}]
    run = pipeline.play(release_environments=entries)
    assert [(phase["phase"], phase["action"]) for phase in run.result["phases"]] == [
        ("Test", "none"),
        ("Staging", "started"),
    ]
