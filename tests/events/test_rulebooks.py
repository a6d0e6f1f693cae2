# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebooks: ansible-rulebook listens, the simulator or the test posts to it as LaunchDarkly does."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.tests.events import rulebooks
from ansible_collections.flagops.launchdarkly.tests.events.rulebooks import signature, signed
from ansible_collections.flagops.launchdarkly.tests.tools import processes, simulator
from ansible_collections.flagops.launchdarkly.tests.tools.artifact import Artifact
from ansible_collections.flagops.launchdarkly.tests.tools.simulator import Simulator

needs_java = pytest.mark.skipif(not shutil.which("java"), reason="ansible-rulebook runs on Java, which is not there")

RULEBOOKS = {"release", "release_phase", "release_approval", "release_job", "release_event_stream"}

# What those that listen to one kind of event go by.
HEARD = {"release_phase": "updateReleasePhaseStatus", "release_approval": "applyApprovalRequest"}

VALIDATE = """
import sys, yaml
from ansible_rulebook.rules_parser import parse_rule_sets
from ansible_rulebook.validators import Validate
for path in sys.argv[1:]:
    with open(path) as file:
        data = yaml.safe_load(file)
    Validate.rulebook(data)
    parse_rule_sets(data)
"""

# The second phase is next, and needs an approval, which is given and applied two seconds after it was asked for.
STATE = {
    "projects": {
        "demo": {
            "pipelines": {
                "standard": {
                    "phases": [
                        {"name": "Test", "audiences": [{"environmentKey": "test"}]},
                        {
                            "name": "Staging",
                            "audiences": [{"environmentKey": "staging", "configuration": {"requireApproval": True}}],
                        },
                        {"name": "Production", "audiences": [{"environmentKey": "production"}]},
                    ]
                }
            },
            "releases": {
                "new-checkout": {
                    "phases": [{"status": "completed"}, {"status": "ready-to-start"}, {"status": "not-started"}]
                }
            },
            "reviewer": {"verdict": "approve", "after": 2, "apply": True},
        }
    }
}


@contextmanager
def served(artifact: Artifact, folder: Path) -> Iterator[Simulator]:
    state = folder / "state.json"
    state.write_text(json.dumps(STATE))
    with simulator.running(artifact.collection, "--state", str(state)) as service:
        yield service


@pytest.fixture
def service(artifact: Artifact, tmp_path: Path) -> Iterator[Simulator]:
    with served(artifact, tmp_path) as service:
        yield service


def starts(service: Simulator) -> int:
    return len(rulebooks.admin(service, "requests?method=PUT&path=/phases/")["items"])


def statuses(service: Simulator) -> list[str]:
    release = rulebooks.admin(service, "state")["projects"]["demo"]["releases"]["new-checkout"]
    return [phase["status"] for phase in release["phases"]]


def test_rulebooks_are_valid_for_the_engine(artifact: Artifact, service: Simulator) -> None:
    """By its own schema and its parser of conditions."""
    paths = sorted((artifact.collection / "extensions" / "eda" / "rulebooks").iterdir())
    assert {path.stem for path in paths} == RULEBOOKS
    environment = rulebooks.environment(artifact, service)
    finished = processes.run([sys.executable, "-c", VALIDATE, *paths], cwd=artifact.place, env=environment)
    assert finished.code == 0, finished.output


@dataclass(frozen=True)
class Completed:
    """What came of a release that events have carried to its end, and of events that are no news then."""

    starts: int
    answers: dict[str, int]  # the status of the answer to each event that was posted afterwards
    runs: list[str]  # the events that runs were started for, of these and the one that LaunchDarkly sent before
    starts_afterwards: int


def of_another_flag(body: dict[str, Any]) -> list[dict[str, str]]:
    return [{**access, "resource": "proj/demo:env/test:flag/dark-mode"} for access in body["accesses"]]


@pytest.fixture(scope="module")
def completed(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Completed:
    with (
        served(artifact, tmp_path_factory.mktemp("completed")) as service,
        rulebooks.engine(artifact, "release", service) as engine,
    ):
        engine.set_webhook(service)
        start_by_hand(artifact, service)
        engine.until(lambda: statuses(service) == ["completed"] * 3, "the release to be complete")
        started = starts(service)
        posted = [item["body"] for item in rulebooks.admin(service, "webhook")["deliveries"]]
        body = next(item for item in posted if item["accesses"][0]["action"] == HEARD["release_phase"])
        answers = {
            "sent again": engine.post(body, signature(body)),
            "unsigned": engine.post({**body, "_id": "1"}, None),
            "signed by somebody else": engine.post({**body, "_id": "2"}, signature(body, secret="a guess")),  # noqa: S106  made up
            "signed for another body": engine.post({**body, "_id": "3"}, signature(body)),
            "of another flag": engine.post(*signed({**body, "_id": "4", "accesses": of_another_flag(body)})),
            "of another kind": engine.post(*signed({**body, "_id": "5", "accesses": [{"action": "updateOn"}]})),
            "of no kind": engine.post(*signed({"_id": "7"})),
            "new": engine.post(*signed({**body, "_id": "6"})),
        }
        # Only this one is news. Whatever another one started would have ended before.
        engine.until_ended("6")
        runs = [name for name in engine.ended if name in {body["_id"], *"1234567"}]
        return Completed(
            started, answers, ["sent before" if name == body["_id"] else name for name in runs], starts(service)
        )


def start_by_hand(artifact: Artifact, service: Simulator) -> None:
    variables = ("release_project_key=demo", "release_flag_key=new-checkout", "release_wait=false")
    options = [part for variable in variables for part in ("-e", variable)]
    command = [processes.BIN / "ansible-playbook", "flagops.launchdarkly.release", *options]
    finished = processes.run(command, cwd=artifact.place, env=rulebooks.environment(artifact, service))
    assert finished.code == 0, finished.output


@needs_java
def test_events_carry_a_release_to_its_end(completed: Completed) -> None:
    assert completed.starts == 2


@needs_java
@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("sent again", 200),
        ("unsigned", 400),
        ("signed by somebody else", 401),
        ("signed for another body", 401),
        ("of another flag", 200),
        ("of another kind", 200),
        ("of no kind", 200),
        ("new", 200),
    ],
)
def test_event_is_answered(completed: Completed, event: str, status: int) -> None:
    assert completed.answers[event] == status


@needs_java
def test_event_that_is_no_news_starts_no_run(completed: Completed) -> None:
    assert completed.runs == ["sent before", "6"]


@needs_java
def test_news_of_a_complete_release_changes_nothing(completed: Completed) -> None:
    assert completed.starts_afterwards == completed.starts


@needs_java
@pytest.mark.parametrize("rulebook", HEARD)
def test_rulebook_hears_one_kind_of_event(artifact: Artifact, service: Simulator, rulebook: str) -> None:
    heard = HEARD[rulebook]
    actions = ("applyApprovalRequest", "addReleasePipeline", "updateReleasePhaseStatus")
    with rulebooks.engine(artifact, rulebook, service) as engine:
        # Its own comes last, so whatever another one started would have ended before.
        for action in sorted(actions, key=lambda action: action == heard):
            engine.post(*signed(rulebooks.event(action)))
        engine.until_ended(heard)
        assert engine.ended == [heard], engine.log.read_text(errors="replace")


@needs_java
def test_engine_without_a_secret_does_not_listen(artifact: Artifact, service: Simulator, tmp_path: Path) -> None:
    """Everybody knows an empty secret."""
    environment = rulebooks.environment(artifact, service, LAUNCHDARKLY_WEBHOOK_SECRET="")
    command = rulebooks.command("release", tmp_path)
    finished = processes.run(command, cwd=tmp_path, env=environment, timeout=rulebooks.PATIENCE)
    assert finished.code == 1, finished.output
