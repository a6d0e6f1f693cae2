# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation site, which stays in .cache/site/."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ansible_collections.flagops.launchdarkly.tests.docs import site
from ansible_collections.flagops.launchdarkly.tests.tools import checkout
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import chromium

PLACE = checkout.CACHE / "site"
WIDTHS = (1280, 390)

PAGES, PLAYBOOKS = site.wanted_pages()


@pytest.fixture(scope="module", autouse=True)
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("site")
    checkout.copy_to(copy)
    site.build(copy, PLACE)
    return PLACE


@pytest.mark.parametrize("page", PAGES)
def test_site_has_a_page_for_what_users_name(page: str) -> None:
    assert (PLACE / page).is_file()


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_site_has_a_section_for_each_playbook(playbook: str) -> None:
    assert f'<section id="{playbook}">' in (PLACE / "reference" / "playbooks.html").read_text()


def test_site_has_the_address_of_each_error_code() -> None:
    """A failed task names it: the page's name, and the code as it is."""
    codes = re.findall(r"^### `(\w+)`$", (checkout.ROOT / "docs" / "errors.md").read_text(), re.MULTILINE)
    page = (PLACE / "docs" / "errors.html").read_text()
    assert codes
    assert [code for code in codes if f'id="{code}"' not in page] == []


def test_site_shows_its_version_and_what_changed() -> None:
    version = yaml.safe_load((checkout.ROOT / "galaxy.yml").read_text())["version"]
    assert f"<title>flagops.launchdarkly {version}</title>" in (PLACE / "index.html").read_text()
    assert f">v{version}<" in (PLACE / "CHANGELOG.html").read_text()


def test_site_has_one_place_for_each_page() -> None:
    """A page that has none yet is shown among the guides."""
    text = (checkout.ROOT / "docs" / "site" / "index.md").read_text()
    listed = re.findall(r"^(?:.*<)?(docs/[\w-]+)>?$", text, re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert [name for name in listed if not (checkout.ROOT / f"{name}.md").is_file()] == []


def test_site_fetches_nothing() -> None:
    """The site is as good without a network, and reports its readers to nobody."""
    assert site.fetched(PLACE) == []


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Page]:
    if not chromium.EXECUTABLE:
        pytest.skip("the system has no Chromium")
    with chromium.page(tmp_path_factory.mktemp("profile")) as page:
        yield page


def test_site_fits_a_desk_and_a_phone(shown: chromium.Page) -> None:
    """Nothing is wider than the screen, and the browser neither complains nor asks for anything."""
    too_wide = []
    for page, width in itertools.product(sorted(PLACE.rglob("*.html")), WIDTHS):
        shown.open(page, width)
        if shown.evaluate("document.documentElement.scrollWidth") != width:
            too_wide.append(f"{page.relative_to(PLACE)} at {width} pixels")
    assert too_wide == []
    assert [str(complaint) for complaint in shown.complaints()] == []
    assert [url for url in shown.requests() if not url.startswith(("file:", "data:"))] == []


def test_site_copies_commands_and_not_what_they_print(shown: chromium.Page) -> None:
    shown.open(PLACE / "docs" / "canary.html", WIDTHS[1])
    count = "document.querySelectorAll('{} button.copybtn').length"
    assert shown.evaluate(count.format(".highlight-shell")) == 4
    assert shown.evaluate(count.format(".highlight-yaml")) == 1
    assert shown.evaluate(count.format(".highlight-text")) == 0


def test_site_shows_an_error_code_on_a_phone(shown: chromium.Page) -> None:
    """What a code means and what to do is beside nothing that has to be pushed aside."""
    shown.open(PLACE / "docs" / "errors.html", WIDTHS[1])
    wide = "[...document.querySelectorAll('article p, article li')].filter(e => e.getBoundingClientRect().right > 390).length"
    assert shown.evaluate(wide) == 0
    assert shown.evaluate("document.querySelectorAll('article table').length") == 0
