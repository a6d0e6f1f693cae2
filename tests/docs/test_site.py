# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation site, which stays in .cache/site/."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

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


def test_site_fetches_nothing() -> None:
    """The site is as good without a network, and reports its readers to nobody."""
    assert site.fetched(PLACE) == []


@pytest.mark.skipif(not chromium.EXECUTABLE, reason="the system has no Chromium")
def test_site_fits_a_desk_and_a_phone(tmp_path: Path) -> None:
    """Nothing is wider than the screen, and the browser neither complains nor asks for anything."""
    too_wide = []
    with chromium.page(tmp_path) as shown:
        for page, width in itertools.product(sorted(PLACE.rglob("*.html")), WIDTHS):
            shown.open(page, width)
            if shown.evaluate("document.documentElement.scrollWidth") != width:
                too_wide.append(f"{page.relative_to(PLACE)} at {width} pixels")
        assert too_wide == []
        assert [str(complaint) for complaint in shown.complaints()] == []
        assert [url for url in shown.requests() if not url.startswith(("file:", "data:"))] == []
