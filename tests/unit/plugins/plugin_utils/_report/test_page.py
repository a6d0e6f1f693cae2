# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML page of a report in a real browser."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.document import report
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.html import to_html
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.sections import readable
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.words import badge, clock, strategy
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release import test_approvals
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import chromium
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import report_support as support
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report.report_support import Json

pytestmark = pytest.mark.skipif(not chromium.EXECUTABLE, reason="the system has no chromium")

UNBROKEN = "n" * 400

DOCUMENTS = {
    "whole": report(support.whole_run(), support.under_way()),
    "hostile": report(support.hostile_run()),
    "huge": report(support.huge_run()),
    "unbroken": report(support.spoilt(support.whole_run(), UNBROKEN)),
    "status": report(support.reading(), test_approvals.RELEASE, test_approvals.LISTED),
    "none": report(support.reading()),
    "planned": report(support.planned_run()),
}

# On a phone the heads of tables are there for screen readers only.
OVERFLOWING = """
[...document.querySelectorAll('body *')].filter(e => !e.ownerSVGElement && !(innerWidth < 761 && e.closest('thead')))
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5 || e.getBoundingClientRect().left < -0.5)
  .map(e => e.outerHTML.slice(0, 120))
"""
# What is cut off by an SVG of its own is meant to be.
OUTSIDE_OF_THE_TIMELINE = """
(() => { const box = document.querySelector('.timeline').getBoundingClientRect();
  return [...document.querySelectorAll('.timeline rect, .timeline .tick, .timeline .day, .timeline .aside, .timeline .word')]
    .filter(e => e.getBoundingClientRect().right > box.right + 1.5 || e.getBoundingClientRect().left < box.left - 1.5)
    .map(e => e.outerHTML.slice(0, 120)); })()
"""
# Words of ours that the page leaves out or replaces.
NOT_TEXT = {"$schema", "version", "kind", "would", "action", "index", "texts_cut_at", "system"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Browser]:
    with chromium.browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def page(browser: chromium.Browser) -> Iterator[chromium.Page]:
    with browser.page() as opened:
        yield opened


def written(folder: Path, name: str) -> Path:
    path = folder / f"{name}.html"
    path.write_text(to_html(DOCUMENTS[name]), encoding="utf-8")
    return path


def facts(value: Any, key: str = "") -> Iterator[str]:
    """Every text of a document as the page should have it, except for what is drawn."""
    if key in {"measurements", "timeline", "planned", "pipeline"} | NOT_TEXT:
        return
    if isinstance(value, dict):
        for name, item in value.items():
            yield from facts(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from facts(item, key)
    elif isinstance(value, str):
        yield from _fact(value, key)


def _fact(value: str, key: str) -> Iterator[str]:
    if key.endswith("_at") or key in {"at", "until", "from", "to"}:
        # A soak begins when its phase is complete.
        yield from [] if key == "from" else [clock(value)]
    elif key in {"state", "status", "review_status", "verdict"}:
        yield badge(value).text if key != "status" or value != "completed" else "ompleted"
    elif key == "strategies":
        yield strategy(value)
    elif key not in {"phase_id", "id", "variation_id", "link", "flag_link", "error_code"}:
        yield value


def normal(text: str) -> str:
    return str(readable({"": text})[""])


def test_page_shows_every_fact_of_the_document(page: chromium.Page, tmp_path: Path) -> None:
    for name in ("whole", "hostile", "status"):
        for width in (1280, 390):
            page.open(written(tmp_path, name), width)
            text = normal(page.evaluate("document.body.innerText"))
            assert not {fact for fact in map(normal, facts(DOCUMENTS[name])) if fact not in text}, (name, width)
            drawn = ("CHG0031877", "214", "11 of 12 passed", "1d 7h", "AWX job 4711") if name == "whole" else ()
            assert not [fact for fact in drawn if fact not in text]


def test_page_loads_nothing_and_logs_nothing(page: chromium.Page, tmp_path: Path) -> None:
    paths = [written(tmp_path, name) for name in DOCUMENTS]
    for path in paths:
        page.open(path)
        assert page.evaluate("document.querySelectorAll('script, img, link, iframe, object, embed, form').length") == 0
        assert page.evaluate("document.compatMode") == "CSS1Compat"
    assert page.requests() == [path.as_uri() for path in paths]
    assert page.complaints() == []


def test_page_has_nothing_wider_than_itself(page: chromium.Page, tmp_path: Path) -> None:
    for name, width in itertools.product(DOCUMENTS, (390, 1280)):
        page.open(written(tmp_path, name), width)
        assert page.evaluate("document.documentElement.scrollWidth") == width, name
        assert page.evaluate(OVERFLOWING) == [], name
        if DOCUMENTS[name]["phases"]:
            assert page.evaluate(OUTSIDE_OF_THE_TIMELINE) == [], name


def test_page_tells_kinds_apart_by_colour_and_pattern(page: chromium.Page, tmp_path: Path) -> None:
    style = "getComputedStyle(document.querySelector('.timeline .bar.{}')).fill"
    for scheme in ("light", "dark"):
        page.open(written(tmp_path, "whole"), scheme=scheme)
        fills = [page.evaluate(style.format(kind)) for kind in ("approval", "rollout", "soak", "checks")]
        assert len(set(fills)) == 4
    used = page.evaluate(
        "[...new Set([...document.querySelectorAll('.timeline .pattern')].map(e => getComputedStyle(e).fill))]"
    )
    assert len(used) == 3
    legend = page.evaluate("document.querySelector('.legend').innerText")
    assert all(word in legend for word in ("Waiting for approval", "Rolling out", "Soak", "Checks"))


def test_page_follows_the_colour_scheme_and_prints(page: chromium.Page, tmp_path: Path) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    page.open(written(tmp_path, "whole"), scheme="dark")
    assert page.evaluate(background) == "rgb(20, 23, 27)"
    printed = page.pdf()
    assert printed.startswith(b"%PDF")
    assert 2 <= printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") <= 6
    page.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    assert page.evaluate(background) == "rgb(255, 255, 255)"


def test_page_has_the_timeline_in_words_for_screen_readers(page: chromium.Page, tmp_path: Path) -> None:
    page.open(written(tmp_path, "whole"))
    page.call("Accessibility.enable")
    nodes: list[Json] = page.call("Accessibility.getFullAXTree")["nodes"]
    images = [node for node in nodes if node["role"]["value"] in ("image", "img") and node["name"].get("value")]
    assert any(
        "Canary, 10 % of customers: completed, waiting for approval for 2h 23m" in i["name"]["value"] for i in images
    )
    tables = [node for node in nodes if node["role"]["value"] == "table"]
    assert [node["name"]["value"] for node in tables] == ["Phases", "Approvals", "Check evidence", "Undone"]
    headings = [node["name"]["value"] for node in nodes if node["role"]["value"] == "heading"]
    assert {"shop/new-cart", "Timeline", "Phases", "Approvals", "Check evidence", "Undone", "Versions"} <= set(headings)
