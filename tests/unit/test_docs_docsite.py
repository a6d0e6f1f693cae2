# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides for docs.ansible.com show the code of the Markdown guides, and point to files that exist."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "docsite"
GUIDES = sorted((FOLDER / "rst").glob("*.rst"))
HOME = "https://github.com/flagops/flagops.launchdarkly/blob/main/"


def markdown_blocks() -> set[str]:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("roles/**/*.md")]
    found = (re.findall(r"^```\w+\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL) for page in pages)
    return {block for blocks in found for block in blocks}


def rst_blocks(text: str) -> list[str]:
    found = re.findall(r"^\.\. code-block:: \w+\n\n((?:(?:   .*)?\n)+)", text, re.MULTILINE)
    return [textwrap.dedent(block).strip("\n") + "\n" for block in found]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_docsite_code_is_that_of_the_markdown_guides(guide: Path) -> None:
    blocks = rst_blocks(guide.read_text("utf-8"))
    assert blocks
    assert [block for block in blocks if block not in markdown_blocks()] == []


@pytest.mark.parametrize("path", [*GUIDES, FOLDER / "links.yml"], ids=lambda path: path.stem)
def test_docsite_links_lead_somewhere(path: Path) -> None:
    names = re.findall(rf"{re.escape(HOME)}([\w./-]+\w)", path.read_text("utf-8"))
    assert names
    assert [name for name in names if not (ROOT / name).is_file()] == []


def test_docsite_lists_each_guide() -> None:
    sections = yaml.safe_load((FOLDER / "extra-docs.yml").read_text("utf-8"))["sections"]
    listed = [name for section in sections for name in section["toctree"]]
    assert sorted(listed) == [guide.stem for guide in GUIDES]
