# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the papers point to is there: files, headings, and the names of modules, filters, roles and playbooks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"https://github\.com/flagops/flagops\.launchdarkly/(?:blob|tree|raw)/main/")
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("roles/**/*.md"),
        *ROOT.glob("examples/**/*.md"),
        ROOT / "tests" / "README.md",
    ]
)
NAMES = {
    path.stem
    for pattern in (
        *(f"plugins/{kind}/*.py" for kind in ("modules", "filter", "inventory")),
        *("playbooks/*.yml", "extensions/eda/rulebooks/*.yml"),
    )
    for path in ROOT.glob(pattern)
} | {path.name for path in ROOT.glob("roles/*")}


def anchors(page: Path) -> set[str]:
    """As GitHub makes them from headings."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def targets(text: str) -> set[str]:
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return {*re.findall(r"\]\(([^)\s]+)\)", prose), *re.findall(r"^\[[^\]]+\]: (\S+)$", prose, re.MULTILINE)}


def is_there(target: str, page: Path) -> bool:
    path, _hash, anchor = target.partition("#")
    own, count = ADDRESS.subn("", path)
    if not count and "://" in path:
        return True
    place = ROOT / own if count else (page.parent / own if own else page)
    return place.exists() and (not anchor or anchor in anchors(place))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_our_own_leads_somewhere(page):
    missing = [target for target in targets(page.read_text(encoding="utf-8")) if not is_there(target, page)]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_name_of_ours_exists(page):
    found = set(re.findall(r"(?<![\w/.])flagops\.launchdarkly\.(\w+)", page.read_text(encoding="utf-8")))
    # "all" is the action group, "git" the ending of the repository.
    assert found - NAMES - {"all", "git"} == set()


def test_readme_has_no_relative_links():
    links = targets((ROOT / "README.md").read_text(encoding="utf-8"))
    assert [link for link in links if not link.startswith(("https://", "#"))] == []


def test_the_reference_links_of_the_readme_are_used_and_defined():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    defined = re.findall(r"^\[([^\]]+)\]: https", text, re.MULTILINE)
    used = set(re.findall(r"\]\[([^\]]+)\]", text))
    # The site refuses one that is defined twice.
    assert sorted(used) == sorted(defined)
