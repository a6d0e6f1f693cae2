# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the document of a report says, and that it keeps to its schema."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as run_record
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.artifact import to_artifact
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import SCHEMA, report
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report.report_support import Json

VALIDATOR = jsonschema.Draft202012Validator(support.strict(support.schema()))


def failed_undo() -> Json:
    entry = {
        "environment_key": "production",
        "ok": False,
        "changed": False,
        "error_code": "forbidden",
        "message": "No.",
    }
    return support.record(
        state="failed", reason="not_readable", error_code="no_release", undone=[{**entry, "at": None}]
    )


RUNS = {
    "whole": support.whole_run(),
    "planned": support.planned_run(),
    "waiting": support.waiting_run(),
    "failed": support.record(state="failed", reason="not_readable", error_code="no_release", phases=[]),
    "failed undo": failed_undo(),
    "hostile": support.hostile_run(),
    "huge": support.huge_run(),
    "status": support.reading(),
}


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("release", [None, {}, support.under_way()], ids=["unread", "none", "read"])
def test_schema_holds_for_every_document(name: str, release: Json | None) -> None:
    document = report(RUNS[name], release)
    VALIDATOR.validate(document)
    VALIDATOR.validate(to_artifact(document))


def test_schema_is_valid_and_has_the_address_in_documents() -> None:
    jsonschema.Draft202012Validator.check_schema(support.schema())
    assert support.schema()["$id"] == SCHEMA
    assert SCHEMA.endswith(f"/docs/schemas/{support.SCHEMA.name}")


@pytest.mark.parametrize("path", [("phases", 0, "verdict"), ("state",), ("version",)], ids=str)
def test_schema_refuses_unknown_words(path: tuple[Any, ...]) -> None:
    document = report(support.whole_run())
    target = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = "simmering"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(document)


def test_schema_requires_only_the_keys_of_its_first_release() -> None:
    """A document of an older release of the collection is still valid."""
    newer = {"flag_link", "variation_name", "ran_by"}
    assert newer <= set(support.schema()["properties"])
    assert not newer & set(support.schema()["required"])
    assert "planned" not in support.schema()["$defs"]["phase"]["required"]


def test_document_takes_only_what_is_in_every_record() -> None:
    recorded = run_record.public(run_record.begin("shop", "new-cart", "2026-10-26T08:30:00.123456Z"))
    own = {"$schema", "version", "kind", "seconds", "shortened"}
    of_the_release = {"pipeline", "variation_id", "canceled_at"}
    optional = {"flag_link", "variation_name", "ran_by"}
    assert set(report(recorded)) - own - of_the_release - optional <= set(recorded)


def test_document_has_link_variation_and_job_of_the_record() -> None:
    job = {"system": "awx", "job": 42, "user": "ada", "link": None}
    document = report(support.record(flag_link="https://example.com/f", variation_name="New cart", ran_by=job))
    assert (document["flag_link"], document["variation_name"]) == ("https://example.com/f", "New cart")
    assert document["ran_by"] == {"system": "awx", "job": "42", "user": "ada", "link": None}


def test_document_adds_what_only_the_release_knows() -> None:
    run = support.record(support.phase("Production", "production", action="resumed", would="resume", status="active"))
    document = report(run, support.under_way())
    staging, production, partners = document["phases"]
    assert (staging["in_run"], production["in_run"], partners["in_run"]) == (False, True, False)
    assert staging["completed_by"]["email"] == "ada@example.com"
    assert production["started_at"] == "2026-10-26T08:00:00.000Z"
    assert production["require_approval"] is True
    assert partners["environments"] == ["partners"]
    assert document["pipeline"] == {"key": "standard", "name": "Standard"}


def test_document_keeps_a_phase_gone_from_the_release() -> None:
    run = support.record(support.phase("Gone", "production"))
    assert [phase["phase"] for phase in report(run, support.under_way())["phases"]][-1] == "Gone"


@pytest.mark.parametrize(
    ("release", "state"),
    [
        ({}, "no_release"),
        (support.release(), "no_release"),
        (support.under_way(), "under_way"),
        (support.release(support.release_phase("One", "e", "ready_to_start")), "not_started"),
        (support.release(support.release_phase("One", "e", "paused")), "paused"),
        (support.release(support.release_phase("One", "e", "completed"), complete=True), "completed"),
        (
            support.release(support.release_phase("One", "e", "active"), canceled_at="2026-10-26T08:00:00.000Z"),
            "canceled",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_status_says_where_a_release_stands(release: Json, state: str) -> None:
    document = report(support.reading(), release)
    assert (document["kind"], document["state"], document["message"]) == ("status", state, None)


def test_document_can_be_written_with_any_text() -> None:
    document = report({**support.hostile_run(), "requests": float("nan"), "extra": object()})
    assert json.loads(json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8")) == document
