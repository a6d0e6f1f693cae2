# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML page of a report: its structure, its template, and that no text becomes markup. test_page.py looks at it in a browser."""

from __future__ import annotations

import html.parser
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import report
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.html import (
    TEMPLATE,
    TemplateProblem,
    check_template,
    to_html,
    to_svg,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support

VOID = {"meta"}
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "style", "defs", "pattern", "g", "title", "desc", "line", "rect", "circle", "path", "text"}


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


def test_html_has_every_section_in_order() -> None:
    assert Outline(to_html(report(support.whole_run()))).headings[1:] == support.ALL_SECTIONS


def test_html_leaves_out_empty_sections() -> None:
    page = to_html(report(support.record(support.phase("Staging", "staging"))))
    assert Outline(page).headings[1:] == ["Timeline", "Phases"]
    unread = Outline(to_html(report(support.record(state="failed", reason="not_readable"))))
    assert unread.headings[1:] == []
    assert "svg" not in unread.names


def test_html_of_a_status_says_so() -> None:
    page = to_html(report(support.reading(), support.under_way()))
    assert "Release status" in page
    assert Outline(page).headings[1:] == ["Timeline", "Phases"]


@pytest.mark.parametrize(
    "run", [support.whole_run(), support.hostile_run(), support.huge_run()], ids=["whole", "hostile", "huge"]
)
def test_html_is_well_formed_and_loads_nothing(run: support.Json) -> None:
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


def test_html_links_only_to_web_addresses() -> None:
    run = support.whole_run()
    bad = "javascript:alert(1)"
    run["phases"][1]["approvals"][0]["link"] = run["flag_link"] = run["ran_by"]["link"] = bad
    page = to_html(report(run))
    assert page.count(bad) == 3
    assert "href" not in Outline(page).attributes


def test_html_timeline_names_days_and_pauses() -> None:
    page = to_html(report(support.whole_run()))
    assert re.findall(r'class="day">(\d+ [^<]*)<', page) == ["26 Oct 2026", "27 Oct 2026"]
    assert "15h 55m without activity, shortened" in page


def entries(page: str) -> list[str]:
    legend = page.partition('<ul class="legend">')[2].partition("</ul>")[0]
    return re.findall(r"</svg>(.*?)</li>", legend)


def test_html_legend_has_only_what_occurs() -> None:
    assert entries(to_html(report(support.whole_run()))) == [
        *("Waiting for approval", "Rolling out", "Soak", "Checks"),
        *("Measurement passed", "Measurement failed or inconclusive", "Pause, shortened"),
    ]
    assert entries(to_html(report(support.waiting_run()))) == ["Waiting for approval", "Rolling out", PLANNED]
    assert (
        entries(to_html(report(support.reading(), support.release(support.release_phase("A", "a", "completed"))))) == []
    )


PLANNED = "Planned, at the earliest"


def test_html_draws_planned_bars() -> None:
    page = to_html(report(support.planned_run()))
    assert page.count("planned") > 6
    assert "Rolling out, planned: 2h" in page
    assert "Waiting for approval, planned: length unknown" in page
    assert "Canary: not started, planned: waiting for approval, planned: rolling out for 2h" in page


def test_html_draws_a_plan_of_any_length() -> None:
    run = support.planned_run()
    run["phases"][1]["planned"][1]["seconds"] = 1e15
    page = to_html(report(run))
    assert "Waiting for approval, planned" in page
    assert "Soak, planned: 15m" in page
    assert "Soak, planned: 1h" in page
    nowhen = to_html(report({**run, "started_at": None, "finished_at": None}))
    assert "bar rollout planned" not in nowhen


def test_html_links_to_flag_and_job() -> None:
    links = Outline(to_html(report(support.whole_run()))).attributes["href"]
    assert links[0] == "https://app.launchdarkly.com/shop/production/features/new-cart"
    assert links[1] == "https://awx.example.com/#/jobs/playbook/4711"


def own(folder: Path, text: str, name: str = "own.html.j2") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_template_may_be_any_template(tmp_path: Path) -> None:
    template = own(tmp_path, "{{ title }}: {{ document.state }}, {{ sections | map(attribute='name') | join(' ') }}")
    assert to_html(report(support.waiting_run()), template) == "shop/new-cart: waiting, phases approvals"


@pytest.mark.parametrize("name", ["own.html.j2", TEMPLATE.name])
def test_template_may_extend_the_own_one(tmp_path: Path, name: str) -> None:
    own(tmp_path, "<p>Ship Inc.</p>", "brand.html")
    blocks = "{% block style %}{{ super() }} h1 { color: red; }{% endblock %}"
    blocks += "{% block footer %}{% include 'brand.html' %}{% endblock %}"
    template = own(tmp_path, f"{{% extends '{TEMPLATE.name}' %}}{blocks}", name)
    page = to_html(report(support.whole_run()), template)
    assert Outline(page).headings[1:] == support.ALL_SECTIONS
    assert "h1 { color: red; }" in page
    assert "<p>Ship Inc.</p>" in page
    assert "<footer>" not in page


def test_template_escapes_every_text(tmp_path: Path) -> None:
    template = own(tmp_path, "{{ document.message }}{% for phase in document.phases %}{{ phase.phase }}{% endfor %}")
    page = to_html(report(support.hostile_run()), template)
    assert page.startswith("&lt;script&gt;alert(1)")
    assert not {"<", ">", "\x00", "\x1b", "\u202e"} & set(page)
    assert "{{ 7 * 7 }}" in page


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{% if %}", r"own.html.j2, line 1 cannot be used"),
        ("\n{{ document.state", r"own.html.j2, line 2 cannot be used"),
        (None, r"own.html.j2 cannot be read: No such file"),
        (b"\xff", r"own.html.j2 cannot be read: .*utf-8"),
    ],
)
def test_template_problem_is_found_before_a_run(tmp_path: Path, text: str | bytes | None, problem: str) -> None:
    path = tmp_path / "own.html.j2"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for use in (check_template, lambda path: to_html(report(support.whole_run()), path)):
        with pytest.raises(TemplateProblem, match=problem):
            use(path)


@pytest.mark.parametrize("text", ["{{ nothing }}", "{{ document.nothing }}", "{{ 1 / 0 }}", "{% include 'gone' %}"])
def test_template_problem_is_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(TemplateProblem, match=r"The report template .*own.html.j2 cannot be used: .+\."):
        to_html(report(support.whole_run()), own(tmp_path, text))


@pytest.mark.parametrize(
    "run",
    [support.whole_run(), support.planned_run(), support.hostile_run(), support.huge_run(), support.reading()],
    ids=["whole", "planned", "hostile", "huge", "no phase"],
)
def test_svg_is_well_formed_and_loads_nothing(run: support.Json) -> None:
    elements = list(ElementTree.fromstring(to_svg(report(run))).iter())  # noqa: S314  ours
    assert {element.tag.removeprefix(SVG) for element in elements} <= DRAWN
    assert not {name for element in elements for name in element.attrib if re.match(r".*(href|src)$|on", name)}
    assert [style.text for style in elements if style.tag == f"{SVG}style" and "url(" in str(style.text)] == []


def test_svg_is_as_high_as_its_phases_and_its_legend() -> None:
    heights = [
        int(ElementTree.fromstring(to_svg(report(run))).attrib["height"])  # noqa: S314  ours
        for run in (support.reading(), support.huge_run(), support.planned_run(), support.whole_run())
    ]
    assert heights == sorted(set(heights))
    assert "Planned, at the earliest" in to_svg(report(support.planned_run()))
