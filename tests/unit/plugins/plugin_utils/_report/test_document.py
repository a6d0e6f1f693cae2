# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document of a report: what it says, that it keeps to its schema, and how it is shortened."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import record as run_record
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.artifact import LIMIT, size, to_artifact
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import SCHEMA, report
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.timeline import axis, widths
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report.report_support import Json

VALIDATOR = jsonschema.Draft202012Validator(support.strict(support.schema()))


def planned() -> Json:
    return support.record(
        support.phase("Staging", "staging", action=None, status="ready_to_start"),
        state="planned",
        message="Check mode: this is what a run would do; nothing was started.",
    )


def waiting() -> Json:
    """For an approval that nobody has given yet, by a run that did not wait."""
    request = {
        "id": "r-1",
        "environment_key": "production",
        "review_status": "pending",
        "status": "pending",
        "reviewers": ["5f2a"],
        "requested_at": "2026-10-26T08:31:00.000Z",
        "answered_at": None,
        "comment": None,
        "service_kind": "launchdarkly",
        "link": "https://app.launchdarkly.com/approvals/r-1",
    }
    phase = support.phase(
        "Production", "production", status="active", started_at="2026-10-26T08:31:00.000Z", approvals=[request]
    )
    return support.record(phase, state="waiting", reason="approval", finished_at="2026-10-26T08:31:05.000000Z")


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
    "planned": planned(),
    "waiting": waiting(),
    "failed": support.record(state="failed", reason="not_readable", error_code="no_release", phases=[]),
    "failed undo": failed_undo(),
    "hostile": support.hostile_run(),
    "huge": support.huge_run(),
    "status": support.reading(),
}


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("release", [None, {}, support.under_way()], ids=["unread", "none", "read"])
def test_every_document_keeps_to_the_schema(name: str, release: Json | None) -> None:
    document = report(RUNS[name], release)
    VALIDATOR.validate(document)
    VALIDATOR.validate(to_artifact(document))


def test_the_schema_is_one_and_is_where_documents_say() -> None:
    jsonschema.Draft202012Validator.check_schema(support.schema())
    assert support.schema()["$id"] == SCHEMA
    assert SCHEMA.endswith(f"/docs/schemas/{support.SCHEMA.name}")


@pytest.mark.parametrize("path", [("phases", 0, "verdict"), ("state",), ("version",)], ids=str)
def test_the_schema_refuses_what_is_none(path: tuple[Any, ...]) -> None:
    document = report(support.whole_run())
    target = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = "simmering"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(document)


def test_what_a_report_takes_from_a_record_is_in_every_record() -> None:
    recorded = run_record.public(run_record.begin("shop", "new-cart", "2026-10-26T08:30:00.123456Z"))
    own = {"$schema", "version", "kind", "seconds", "shortened"}
    of_the_release = {"pipeline", "variation_id", "canceled_at"}
    assert set(report(recorded)) - own - of_the_release <= set(recorded)


def test_a_record_gets_what_only_the_release_knows() -> None:
    run = support.record(support.phase("Production", "production", action="resumed", would="resume", status="active"))
    document = report(run, support.under_way())
    staging, production, partners = document["phases"]
    assert (staging["in_run"], production["in_run"], partners["in_run"]) == (False, True, False)
    assert staging["completed_by"]["email"] == "ada@example.com"
    assert production["started_at"] == "2026-10-26T08:00:00.000Z"
    assert production["require_approval"] is True
    assert partners["environments"] == ["partners"]
    assert document["pipeline"] == {"key": "standard", "name": "Standard"}


def test_a_phase_that_the_release_has_no_more_is_still_reported() -> None:
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
def test_where_a_release_stands_without_a_run(release: Json, state: str) -> None:
    document = report(support.reading(), release)
    assert (document["kind"], document["state"], document["message"]) == ("status", state, None)


def kinds(phase: Json) -> list[tuple[str, str, str, bool]]:
    return [(item["kind"], item["from"][11:16], item["to"][11:16], item["open"]) for item in phase["timeline"]]


def test_the_time_of_a_phase_is_told_apart() -> None:
    staging, canary, everyone, partners = report(support.whole_run())["phases"]
    assert kinds(staging) == [
        ("rollout", "08:30", "08:41", False),
        ("soak", "08:41", "08:56", False),
        ("checks", "08:56", "08:56", False),
    ]
    assert kinds(canary) == [
        ("approval", "08:57", "11:20", False),
        ("rollout", "11:20", "15:04", False),
        ("soak", "15:04", "17:04", False),
    ]
    assert [item[0] for item in kinds(everyone)] == ["rollout", "soak", "checks"]
    assert kinds(partners) == []


def test_what_is_not_over_is_open() -> None:
    (phase,) = report(waiting())["phases"]
    assert kinds(phase) == [("approval", "08:31", "08:31", True)]
    production = report(support.reading(), support.under_way())["phases"][1]
    assert kinds(production) == [("rollout", "08:00", "09:30", True)]


def test_what_is_complete_is_over_also_where_nobody_knows_since_when() -> None:
    phase = support.phase("One", "e", started_at="2026-10-26T08:31:00.000Z")
    assert kinds(report(support.record(phase))["phases"][0]) == [("rollout", "08:31", "08:31", False)]


def test_a_soak_that_is_not_over_is_open() -> None:
    times = {"started_at": "2026-10-26T08:30:00.000Z", "completed_at": "2026-10-26T08:40:00.000Z"}
    phase = support.phase("Staging", "staging", **times, soak={"seconds": 3600.0, "from": None, "to": None})
    run = support.record(phase, state="waiting", finished_at="2026-10-26T09:00:00.000000Z")
    assert kinds(report(run)["phases"][0])[-1] == ("soak", "08:40", "09:00", True)


def test_checks_of_a_phase_of_an_earlier_run_begin_with_this_run() -> None:
    phase = support.phase(
        "Staging",
        "staging",
        would="skip",
        action="none",
        started_at="2026-09-01T08:00:00.000Z",
        completed_at="2026-09-01T08:10:00.000Z",
        checks=[support.check("smoke", [{"ok": True, "detail": "yes", "at": "2026-10-26T08:31:00.000000Z"}])],
    )
    assert kinds(report(support.record(phase))["phases"][0])[-1] == ("checks", "08:30", "08:31", False)


def test_checks_are_drawn_also_where_our_clock_is_behind() -> None:
    times = {"started_at": "2026-10-26T08:30:00.000Z", "completed_at": "2026-10-26T08:40:10.000Z"}
    smoke = support.check("smoke", [{"ok": True, "detail": "yes", "at": "2026-10-26T08:40:05.000000Z"}])
    document = report(support.record(support.phase("Staging", "staging", **times, checks=[smoke])))
    assert kinds(document["phases"][0])[-1][0] == "checks"


def test_clocks_that_differ_make_no_span_end_before_it_begins() -> None:
    phase = support.phase("One", "e", status="active", started_at="2026-10-26T10:00:00.000Z")
    run = support.record(phase, state="waiting", finished_at="2026-10-26T09:59:59.000000Z")
    (span,) = report(run)["phases"][0]["timeline"]
    assert span["from"] == span["to"] == "2026-10-26T10:00:00.000Z"


def test_approvals_at_the_same_time_are_one_wait() -> None:
    run = waiting()
    first = {**run["phases"][0]["approvals"][0], "answered_at": "2026-10-26T09:00:00.000Z"}
    second = {**first, "requested_at": "2026-10-26T08:40:00.000Z", "answered_at": "2026-10-26T09:30:00.000Z"}
    run["phases"][0].update(approvals=[first, second], completed_at="2026-10-26T10:00:00.000Z", status="completed")
    assert kinds(report(run)["phases"][0]) == [
        ("approval", "08:31", "09:30", False),
        ("rollout", "09:30", "10:00", False),
    ]


ANSWERED = {"review_status": "approved", "answered_at": "2026-10-26T08:40:00.000Z"}


@pytest.mark.parametrize(
    ("request_", "phase", "expected"),
    [
        # Approved is not applied yet: nobody's rollout has begun.
        (ANSWERED, {}, [("approval", "08:31", "09:00", True)]),
        ({**ANSWERED, "status": "scheduled"}, {}, [("approval", "08:31", "09:00", True)]),
        (
            {**ANSWERED, "status": "completed"},
            {},
            [("approval", "08:31", "08:40", False), ("rollout", "08:40", "09:00", True)],
        ),
        # After a refusal nothing rolls out.
        ({**ANSWERED, "review_status": "declined"}, {}, [("approval", "08:31", "08:40", False)]),
        ({**ANSWERED, "status": "failed"}, {}, [("approval", "08:31", "08:40", False)]),
        # LaunchDarkly filed it a moment after the start, and nothing rolled out before.
        (
            {**ANSWERED, "status": "completed", "requested_at": "2026-10-26T08:31:40.000Z"},
            {"completed_at": "2026-10-26T08:50:00.000Z"},
            [("approval", "08:31", "08:40", False), ("rollout", "08:40", "08:50", False)],
        ),
        # Without a word about when it was answered, the phase was not waiting all the time.
        (
            {"review_status": "approved", "status": "completed"},
            {"completed_at": "2026-10-26T08:50:00.000Z"},
            [("approval", "08:31", "08:31", False), ("rollout", "08:31", "08:50", False)],
        ),
    ],
    ids=["approved", "scheduled", "applied", "declined", "failed", "filed late", "no answer known"],
)
def test_a_phase_waits_for_its_approval_until_that_was_applied(request_: Json, phase: Json, expected: Any) -> None:
    run = {**waiting(), "finished_at": "2026-10-26T09:00:00.000000Z"}
    run["phases"][0]["approvals"][0].update(request_)
    run["phases"][0].update(phase)
    assert kinds(report(run)["phases"][0]) == expected


def spans(document: Json) -> list[tuple[str, str]]:
    return [(item["from"], item["to"]) for phase in document["phases"] for item in phase["timeline"]]


def test_an_axis_cuts_a_night_short_and_names_each_day() -> None:
    whole = axis(spans(report(support.whole_run())))
    assert whole is not None
    (night,) = whole.pauses
    assert night.right - night.left < 5
    assert whole.place("2026-10-26T08:30:02.000Z") == 0
    assert whole.place("2026-10-27T16:01:20.000000Z") == pytest.approx(100)
    labelled = [tick for tick in whole.ticks() if tick.labelled]
    assert all(later.place - earlier.place >= 20 for earlier, later in zip(labelled, labelled[1:]))


def test_a_month_between_two_phases_leaves_both_to_be_seen() -> None:
    short, long = (
        ("2026-09-01T08:00:00.000Z", "2026-09-01T08:00:03.000Z"),
        ("2026-10-01T08:00:00Z", "2026-10-03T08:00:00Z"),
    )
    both = axis([short, long])
    assert both is not None
    assert both.place(short[1]) - both.place(short[0]) >= 5
    assert both.place(long[1]) == pytest.approx(100)


def test_an_axis_of_one_moment_is_one() -> None:
    only = axis([("2026-10-26T08:30:02.000Z", "2026-10-26T08:30:02.000Z")])
    assert only is not None
    assert only.place("2026-10-26T08:30:02.000Z") == 0
    assert [tick.labelled for tick in only.ticks()] == [True]
    assert axis([]) is None


def test_no_span_is_too_narrow_and_none_leaves_the_axis() -> None:
    for phase in report(support.whole_run())["phases"]:
        whole = axis(spans(report(support.whole_run())))
        assert whole is not None
        placed = widths(whole, phase["timeline"])
        assert all(right - left >= 0.99 for left, right in placed)
        assert all(left >= 0 and right <= 100.001 for left, right in placed)
        assert all(later[0] >= earlier[1] - 0.001 for earlier, later in zip(placed, placed[1:]))


def test_a_document_can_be_written_whatever_the_texts_hold() -> None:
    document = report({**support.hostile_run(), "requests": float("nan"), "extra": object()})
    assert json.loads(json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8")) == document


def test_a_small_document_is_its_own_artifact() -> None:
    document = report(support.whole_run())
    assert to_artifact(document) == document


def test_an_artifact_loses_its_oldest_measurements_first() -> None:
    document = report(support.huge_run())
    assert size(document) > LIMIT
    short = to_artifact(document)
    assert LIMIT * 0.95 < size(short) <= LIMIT
    dropped = short["shortened"]["measurements_dropped"]
    assert (dropped > 0, short["shortened"]["texts_cut_at"]) == (True, None)
    kept = [item["at"] for check in short["phases"][0]["checks"] for item in check["measurements"]]
    before = [item["at"] for check in document["phases"][0]["checks"] for item in check["measurements"]]
    assert sorted(kept) == sorted(before)[dropped:]
    assert [check["verdict"] for check in short["phases"][0]["checks"]] == ["passed"] * 50
    assert document["shortened"] is None


def test_an_artifact_keeps_states_and_verdicts_when_texts_are_cut() -> None:
    run = support.whole_run()
    run["message"] = "no end of words " * 100_000
    run["phases"][0]["notes"] = ["x" * 300_000] * 4
    short = to_artifact(report(run))
    assert size(short) <= LIMIT
    assert short["shortened"]["texts_cut_at"] == 2000
    assert short["state"] == "failed"
    assert [check["verdict"] for phase in short["phases"] for check in phase["checks"]] == [
        "passed",
        "passed",
        "passed",
        "failed",
    ]
    assert short["message"].endswith("…")


@pytest.mark.parametrize("text", ["{{ lookup('pipe', 'id') }}", "{% if x %}", "{# note #}", "{{{ x }}}"])
def test_an_artifact_holds_no_template(text: str) -> None:
    """Whoever may write a comment in LaunchDarkly must not run code in a later job."""
    run = support.whole_run()
    run["phases"][1]["approvals"][0]["comment"] = text
    run["versions"] = {text: "1"}
    written = json.dumps(to_artifact(report(run)))
    assert not any(opening in written for opening in ("{{", "{%", "{#"))
