# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the overview in a browser: on a desk, on a phone, light and dark."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.html import to_overview_page
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report import chromium
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report.test_overview import (
    LATER,
    document,
    flag,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._report.test_page import (
    OVERFLOWING,
    UNBROKEN,
)

pytestmark = pytest.mark.skipif(not chromium.EXECUTABLE, reason="the system has no chromium")

PAGES = {
    "plain": document(flag(), flag("search", **LATER)),
    "unbroken": document(flag(UNBROKEN, phase=UNBROKEN, status=UNBROKEN, waits_for=UNBROKEN), project_key=UNBROKEN),
    "empty": document(),
}


def test_overview_page_fits_a_desk_and_a_phone(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.html" for name in PAGES]
    for path, found in zip(paths, PAGES.values()):
        path.write_text(to_overview_page(found), encoding="utf-8")
    with chromium.page(tmp_path / "profile") as page:
        for path, width in itertools.product(paths, (390, 1280)):
            page.open(path, width)
            assert page.evaluate("document.documentElement.scrollWidth") == width, path.stem
            assert page.evaluate(OVERFLOWING) == [], path.stem
        colours = set()
        for scheme in ("light", "dark"):
            page.open(paths[0], scheme=scheme)
            colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert len(colours) == 2
        assert page.complaints() == []
        assert {url for url in page.requests() if not url.startswith("file:")} == set()
