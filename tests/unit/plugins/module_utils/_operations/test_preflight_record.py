# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A record names nobody, only its owner may read it, and the simulator plays the same case from it."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.preflight_record import record_of
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.preflight import PREFLIGHT
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.client import Http
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.recorder import Exchange, Recorder
from ansible_collections.flagops.launchdarkly.plugins.module_utils._http.transport import RequestsTransport
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.parse import connection_from_options
from ansible_collections.flagops.launchdarkly.plugins.module_utils._operations.preflight_record import answered
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils._operations.test_preflight import (
    ENVIRONMENTS,
    GUARDED_ENTRY,
    LEFT,
    RULE,
    RUNNING,
    TURN_ON,
    Doctor,
    doctor,
    state,
)

GATED = {"name": "Europe", "audiences": [{"environmentKey": "eu", "configuration": {"requireApproval": True}}]}
NOW = 1793000000000
OPEN = {"flagKey": "cart", "environmentKey": "eu", "instructions": [TURN_ON], "creationDate": NOW - 60000}
SCHEDULED = {"flagKey": "cart", "environmentKey": "eu", "executionDate": NOW + 3600000}

# A case, and what the task asks for.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "pipeline": (state(release={}, pipeline={"phases": [GATED, {"name": "Rest", "audiences": []}]}), {}),
    "legacy pipeline": (state(pipeline={"isLegacy": True}, release={"phases": [{"complete": True}, {}]}), {}),
    "paused phase": (state(release={"phases": [{"status": "paused"}, {}]}), {}),
    "unknown status": (state(release={"phases": [{"status": "simmering"}, {}]}), {}),
    "canceled release": (state(release={"_canceledAt": NOW - 5000}), {}),
    "environment": (state(), ENVIRONMENTS),
    "guarded": (state({"contextKinds": ["device"]}), {"environments": [GUARDED_ENTRY]}),
    "rules ahead": (state({"rules": [RULE]}), ENVIRONMENTS),
    "rollout": (
        state(
            {
                "fallthrough": {
                    "rollout": {"variations": [{"variation": 0, "weight": 50000}, {"variation": 1, "weight": 50000}]}
                }
            }
        ),
        ENVIRONMENTS,
    ),
    "reverted release": (state(environmentReleases=[LEFT]), ENVIRONMENTS),
    "other release": (
        state({"fallthrough": {"variation": 0}}, environmentReleases=[RUNNING]),
        {**ENVIRONMENTS, "variation": False},
    ),
    "approvals": (state(environment={"approvalSettings": {"required": True}}, approvalRequests=[OPEN]), ENVIRONMENTS),
    "scheduled change": (state(scheduledChanges=[SCHEDULED]), ENVIRONMENTS),
    "archived flag": (state(flag={"archived": True}), ENVIRONMENTS),
}


def record(play: Doctor, path: Path, **given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result, and what was recorded."""
    result = play.run(record=str(path), **given)
    assert result["record"] == str(path)
    return result, json.loads(path.read_text(encoding="utf-8"))


def judged(result: dict[str, Any]) -> list[tuple[str, str]]:
    found = ((item["check"], item["status"]) for item in result["findings"])
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("name", CASES)
def test_record_lets_the_simulator_play_the_same_case(name: str, tmp_path: Path) -> None:
    document, given = CASES[name]
    with doctor(document) as play:
        result, kept = record(play, tmp_path / "record.json", **given)
    ((project_key, project),) = kept["projects"].items()
    ((flag_key, flag),) = project["flags"].items()
    entries = given.get("environments", [])
    again = dict(given)
    if entries:
        entry = entries[0] if isinstance(entries[0], dict) else {}
        again["environments"] = [{**entry, "environment": next(iter(flag["environments"]))}]
    with doctor(kept) as play:
        assert judged(play.run(project_key=project_key, flag_key=flag_key, **again)) == judged(result)


def test_record_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o644)
    with doctor(state()) as play:
        record(play, path, **ENVIRONMENTS)
    assert path.stat().st_mode & 0o777 == 0o600


def test_record_follows_no_link(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("kept", encoding="utf-8")
    (tmp_path / "record.json").symlink_to(target)
    with doctor(state()) as play:
        result = play.run(record=str(tmp_path / "record.json"), **ENVIRONMENTS)
    assert (result["error_code"], target.read_text(encoding="utf-8")) == ("invalid_option", "kept")
    assert "record" in result["msg"]


def test_record_is_not_written_without_being_asked_for(tmp_path: Path) -> None:
    with doctor(state()) as play:
        assert play.run(**ENVIRONMENTS)["record"] is None
    assert list(tmp_path.iterdir()) == []


def test_record_keeps_words_and_known_sentences(tmp_path: Path) -> None:
    document = state(environment={"approvalSettings": {"required": True}}, environmentReleases=[LEFT])
    with doctor(document) as play:
        _result, kept = record(
            play, tmp_path / "record.json", dry_run=True, environments=[{"environment": "eu", "retry_reverted": True}]
        )
    text = json.dumps(kept)
    assert "reverted_manual" in text
    (refused,) = (item for item in kept["record"]["answers"] if item["method"] == "PATCH")
    assert refused["body"] == {
        "code": "method_not_allowed",
        "message": "Flag configuration updates require approval: action 'updateFallthrough' not allowed",
    }
    assert (refused["status"], refused["parameters"]) == (405, {"dryRun": "true"})
    assert "x-ratelimit-reset" in refused["limits"]


def exchanges(document: dict[str, Any], *faults: dict[str, Any], **given: Any) -> list[Exchange]:
    """All that a run asked and was answered."""
    with doctor(document, *faults) as play:
        options = {
            "access_token": play.simulator.access_token,
            "api_host": play.simulator.url,
            "project_key": "shop",
            "flag_key": "cart",
            **given,
        }
        validated = ArgumentSpecValidator(**PREFLIGHT.spec_arguments).validate(options).validated_parameters
        seen = Recorder(RequestsTransport(connection_from_options(validated)))
        PREFLIGHT.build(validated, Http(seen, play.clock.runtime(), 0, 0), False).run()
        return seen.exchanges


MARKER = "Marker"


def marked(value: Any, numbers: itertools.count[int], field: str = "") -> Any:
    """A copy with a marker in every text, and in every key that is one of the user's."""
    if isinstance(value, dict):
        is_map = field in ("environments", "metricStatuses")
        return {
            f"{MARKER} {next(numbers)}" if is_map else name: marked(item, numbers, name) for name, item in value.items()
        }
    if isinstance(value, list):
        return [marked(item, numbers, field) for item in value]
    return f"{MARKER} {next(numbers)}" if isinstance(value, str) else value


@pytest.mark.parametrize("name", CASES)
def test_record_has_no_marker_of_any_text_field(name: str) -> None:
    document, given = CASES[name]
    numbers = itertools.count()
    seen = []
    for item in exchanges(document, dry_run=True, **given):
        assert item.answer is not None
        body = json.dumps(marked(json.loads(item.answer.body), numbers)).encode()
        seen.append(dataclasses.replace(item, answer=dataclasses.replace(item.answer, body=body)))
    assert next(numbers) > 20
    assert MARKER not in json.dumps(record_of(answered(seen), [], {}, NOW))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 500])
def test_record_has_no_marker_of_a_refusal(status: int) -> None:
    body = {
        "code": f"{MARKER} 1",
        "message": f"{MARKER} 2",
        "id": f"{MARKER} 3",
        f"{MARKER} 4": f"{MARKER} 5",
        "failingChecks": [{"kind": f"{MARKER} 6", "metricKey": f"{MARKER} 7", "message": f"{MARKER} 8"}],
    }
    seen = exchanges(state(), {"path": "/flags/shop/cart$", "status": status, "body": body}, **ENVIRONMENTS)
    assert any(item.answer and item.answer.status == status for item in seen)
    assert MARKER not in json.dumps(record_of(answered(seen), [], {}, NOW))


def test_record_shows_answers_that_are_no_json(tmp_path: Path) -> None:
    with doctor(
        state(), {"path": "/caller-identity$", "status": 200, "body": "<html>Jo</html>", "times": None}
    ) as play:
        _result, kept = record(play, tmp_path / "record.json", **ENVIRONMENTS)
    assert kept["projects"] == {}
    (shown,) = kept["record"]["answers"]
    assert (shown["path"], shown["status"], "body" in shown) == ("api/v2/caller-identity", 200, False)
    assert "Jo" not in json.dumps(kept)


def test_record_has_no_key_of_the_task(tmp_path: Path) -> None:
    with doctor(state(release={})) as play:
        _result, kept = record(play, tmp_path / "record.json")
        text = json.dumps(kept)
    assert [word for word in ("shop", "cart", '"eu"', "standard", "Europe", os.sep + "tmp") if word in text] == []


def test_record_gives_equal_texts_equal_placeholders(tmp_path: Path) -> None:
    with doctor(state(release={})) as play:
        _result, kept = record(play, tmp_path / "record.json")
    ((_key, project),) = kept["projects"].items()
    ((flag_key, _flag),) = project["flags"].items()
    assert list(project["releases"]) == [flag_key]
    assert project["releases"][flag_key]["releasePipelineKey"] in project["pipelines"]
