# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Markdown and HTML of a report: their structure, and that nobody's words become markup. What a browser makes of it is next door."""

from __future__ import annotations

import html.parser
import re
import unicodedata

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.flagops.launchdarkly.plugins.filter.release_report import release_report
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import report
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.html import to_html
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.markdown import to_markdown
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.markup import Markup, element, visible
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.sections import is_web_address, took
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release import (
    test_approvals as test_asked,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support

VOID = {"meta"}


class Outline(html.parser.HTMLParser):
    """Which elements there are, and whether each is closed where it should be."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.headings: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.ids: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        if tag not in VOID:
            self._open.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("h1", "h2"):
            self.headings.append(data)


def sections(text: str) -> list[str]:
    return re.findall(r"^## (.*)$", text, re.MULTILINE)


ALL_SECTIONS = [
    "Timeline",
    "Phases",
    "Approvals",
    "Check evidence",
    "Changes by others",
    "Freeze window overridden",
    "Undone",
    "Warnings",
    "Requests to LaunchDarkly",
    "Versions",
]


def test_both_formats_have_every_section_in_order() -> None:
    document = report(support.whole_run())
    assert sections(to_markdown(document)) == ALL_SECTIONS
    assert Outline(to_html(document)).headings[1:] == ALL_SECTIONS


def test_a_status_has_no_section_about_what_a_run_does() -> None:
    document = report(support.reading(), support.under_way())
    assert sections(to_markdown(document)) == ["Timeline", "Phases"]
    assert "1 of 3 phases complete; under way: Production." in to_markdown(document)
    assert "Release status" in to_html(document)


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
def test_an_answer_says_whether_it_was_applied(review: str, status: str, said: str) -> None:
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
def test_a_request_in_another_service_goes_by_its_number_there(kind: str | None, link: str, label: str) -> None:
    run = support.whole_run()
    run["phases"][1]["approvals"][0].update(id="5f2b", service_kind=kind, link=link)
    assert f"[{label}](<{link}>)" in to_markdown(report(run))


def test_a_status_says_which_phase_waits_for_an_approval() -> None:
    text = to_markdown(report(support.reading(), test_asked.RELEASE, test_asked.LISTED))
    assert "under way: Everyone (waiting for approval)." in text


@pytest.mark.parametrize(
    ("word", "said"),
    [("immediate-rollout", "immediate rollout"), ("monitored-release", "guarded rollout"), ("odd_one", "odd one")],
)
def test_how_a_phase_is_rolled_out_is_said_in_words(word: str, said: str) -> None:
    phase = support.release_phase("Test", "test", "completed", audience={"strategy": word})
    assert f"<br>{said} |" in to_markdown(report(support.record(), support.release(phase)))


def test_a_run_without_checks_says_so() -> None:
    text = to_markdown(report(support.record(support.phase("Staging", "staging"))))
    assert "## Check evidence\n\nNone recorded." in text
    assert "## Undone" not in text


def test_a_plan_says_what_would_be_done() -> None:
    run = support.record(support.phase("Staging", "staging", action=None, status="ready_to_start"), state="planned")
    text = to_markdown(report(run))
    assert "**Planned.**" in text
    assert "would be started" in text
    assert "Nothing has been started yet." in text


def test_a_release_that_could_not_be_read_has_a_page_all_the_same() -> None:
    outline = Outline(to_html(report(support.record(state="failed", reason="not_readable"))))
    assert "svg" in outline.names
    assert "Timeline" not in outline.headings


@pytest.mark.parametrize(
    "run", [support.whole_run(), support.hostile_run(), support.huge_run()], ids=["whole", "hostile", "huge"]
)
def test_a_page_is_whole_and_holds_nothing_but_what_it_draws(run: support.Json) -> None:
    page = to_html(report(run))
    outline = Outline(page)
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(outline.names)
    assert not [name for name in outline.attributes if name.startswith("on")]
    assert not [url for url in outline.attributes.get("href", []) if not url.startswith("https://")]
    assert not {"src", "style", "srcset"} & set(outline.attributes)
    assert len(outline.ids) == len(set(outline.ids))
    assert set(re.findall(r"url\((.*?)\)", page)) <= {"#pattern-approval", "#pattern-soak", "#pattern-checks"}
    assert outline.attributes["role"].count("img") == 1
    assert page.encode("utf-8")
    assert not [
        character for character in page if unicodedata.category(character) in ("Cc", "Cf", "Cs") and character != "\n"
    ]


def test_markdown_holds_nobody_elses_markup() -> None:
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
def test_a_line_of_markdown_begins_with_nothing_that_means_something(text: str) -> None:
    assert f"- \\{text}" in to_markdown(report(support.record(changes_by_others=[text])))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://app.launchdarkly.com/approvals/1", True),
        ("HTTP://example.com", True),
        ("javascript:alert(1)", False),
        ("https://example.com/> [x](javascript:alert(1))", False),
        ("https://example.com/\nx", False),
        ("https://example.com\n", False),
        ("data:text/html,x", False),
        ("//example.com", False),
        (None, False),
    ],
)
def test_which_links_are_links(url: str | None, expected: bool) -> None:
    assert is_web_address(url) is expected


def test_a_link_that_is_none_is_text() -> None:
    run = support.whole_run()
    run["phases"][1]["approvals"][0]["link"] = "javascript:alert(1)"
    page = to_html(report(run))
    assert "javascript:alert(1)" in page
    assert "href" not in Outline(page).attributes


def test_text_becomes_markup_in_one_way_only() -> None:
    assert element("p", "<b>", Markup("<i></i>"), None, class_='"') == '<p class="&quot;">&lt;b&gt;<i></i></p>'
    assert visible("a\x00\x1b\u202eb\ufeff") == "a b"


def test_seconds_below_one_are_not_nothing() -> None:
    assert [took(seconds) for seconds in (0.0, 0.25, 1.0, 90.0)] == ["0s", "0.2s", "1s", "1m 30s"]


def test_the_timeline_names_days_and_times() -> None:
    page = to_html(report(support.whole_run()))
    assert re.findall(r'class="day">(\d+ [^<]*)<', page) == ["26 Oct 2026", "27 Oct 2026"]
    assert "15h 55m in which nothing happened, cut short" in page


@pytest.mark.parametrize("format_", ["json", "markdown", "html", "artifact"])
def test_the_filter_knows_every_format(format_: str) -> None:
    made = release_report(support.whole_run(), format_, release=support.under_way())
    assert isinstance(made, dict if format_ == "artifact" else str)


def test_the_filter_says_what_it_cannot_do() -> None:
    with pytest.raises(AnsibleFilterError, match="formats json, markdown, html, artifact, and not 'pdf'"):
        release_report(support.whole_run(), "pdf")
    with pytest.raises(AnsibleFilterError, match=r"cannot read this record of a run.*project_key"):
        release_report({})
