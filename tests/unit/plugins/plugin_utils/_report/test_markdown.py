# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markdown of a report: its sections and words, and that no text becomes markup."""

from __future__ import annotations

import re
import unicodedata

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import report
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.markdown import to_markdown
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release import test_approvals
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support


def sections(text: str) -> list[str]:
    return re.findall(r"^## (.*)$", text, re.MULTILINE)


def test_markdown_has_every_section_in_order() -> None:
    assert sections(to_markdown(report(support.whole_run()))) == support.ALL_SECTIONS


def test_markdown_leaves_out_empty_sections() -> None:
    text = to_markdown(report(support.record(support.phase("Staging", "staging"))))
    assert sections(text) == ["Phases"]
    assert sections(to_markdown(report(support.reading()))) == []


def test_markdown_of_a_status_says_how_far_the_release_is() -> None:
    text = to_markdown(report(support.reading(), support.under_way()))
    assert sections(text) == ["Timeline", "Phases"]
    assert "1 of 3 phases complete; under way: Production." in text


def test_markdown_of_a_plan_says_what_is_ahead() -> None:
    text = to_markdown(report(support.planned_run()))
    assert "**Planned.**" in text
    assert "would be started" in text
    assert "| **Canary** | Waiting for approval | planned |  |" in text
    assert "| **Canary** | Rolling out | planned, 2h |  |" in text


def test_markdown_names_flag_variation_and_job() -> None:
    text = to_markdown(report(support.whole_run()))
    assert "| Flag | [shop/new-cart](<https://app.launchdarkly.com/shop/production/features/new-cart>) |" in text
    assert "| Variation | The new cart |" in text
    assert "| Run by | ada<br>[AWX job 4711](<https://awx.example.com/#/jobs/playbook/4711>) |" in text


@pytest.mark.parametrize(
    ("review", "status", "said"),
    [
        ("pending", "pending", "Pending"),
        ("approved", "pending", "Approved<br>not applied yet"),
        ("approved", "completed", "Approved<br>applied"),
        ("approved", "failed", "Approved<br>could not be applied"),
        ("approved", "scheduled", "Approved<br>scheduled"),
        ("declined", "pending", "Declined"),
        ("pending", "completed", "Pending<br>applied"),
        ("considered", "parked", "Considered<br>parked"),
    ],
)
def test_markdown_says_whether_an_approval_was_applied(review: str, status: str, said: str) -> None:
    run = support.whole_run()
    run["phases"][1]["approvals"][0].update(review_status=review, status=status)
    assert f"<br>production | {said} | Grace" in to_markdown(report(run))


@pytest.mark.parametrize(
    ("kind", "link", "label"),
    [
        ("launchdarkly", "https://app.launchdarkly.com/OPS-1", "launchdarkly 5f2b"),
        (None, "https://app.launchdarkly.com/", "5f2b"),
        ("servicenow", "https://x.service-now.com/change_request.do?number=CHG0031877", "servicenow CHG0031877"),
        ("jira", "https://x.atlassian.net/browse/OPS-42?focused=1", "jira OPS-42"),
        ("servicenow", "https://x.service-now.com/nav_to.do?sys_id=46e87922a9fe198101", "servicenow"),
    ],
)
def test_markdown_calls_a_request_by_its_number(kind: str | None, link: str, label: str) -> None:
    run = support.whole_run()
    run["phases"][1]["approvals"][0].update(id="5f2b", service_kind=kind, link=link)
    assert f"[{label}](<{link}>)" in to_markdown(report(run))


def test_markdown_of_a_status_names_a_waiting_phase() -> None:
    text = to_markdown(report(support.reading(), test_approvals.RELEASE, test_approvals.LISTED))
    assert "under way: Everyone (waiting for approval)." in text


@pytest.mark.parametrize(
    ("word", "said"),
    [("immediate-rollout", "immediate rollout"), ("monitored-release", "guarded rollout"), ("odd_one", "odd one")],
)
def test_markdown_has_strategies_in_words(word: str, said: str) -> None:
    phase = support.release_phase("Test", "test", "completed", audience={"strategy": word})
    assert f"<br>{said} |" in to_markdown(report(support.record(), support.release(phase)))


def test_markdown_escapes_every_text() -> None:
    text = to_markdown(report(support.hostile_run()))
    assert "<script" not in text
    assert "<img" not in text
    assert "\\[x\\](javascript" in text
    unescaped = re.sub(r"\\.", "", text)
    rows = [line for line in unescaped.splitlines() if line.startswith("|")]
    assert rows
    assert all(line.endswith(" |") for line in rows)
    assert not [
        character for character in text if unicodedata.category(character) in ("Cc", "Cf", "Cs") and character != "\n"
    ]


@pytest.mark.parametrize("text", ["# a", "- a", "> a", "+ a"])
def test_markdown_escapes_the_beginning_of_a_line(text: str) -> None:
    assert f"- \\{text}" in to_markdown(report(support.record(changes_by_others=[text])))
