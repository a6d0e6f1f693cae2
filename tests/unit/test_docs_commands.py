# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each command block of the guides runs in tests/build/test_guides.py, or says why not; each measured figure names its command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.flagops.launchdarkly.tests.tools import guides
from ansible_collections.flagops.launchdarkly.tests.tools.checkout import ROOT

RULES = (
    (ROOT / "tests" / "README.md")
    .read_text(encoding="utf-8")
    .partition("\n## Commands in the guides\n")[2]
    .partition("\n## ")[0]
)
REASONS = re.findall(r"^\| `([^`]+)` \|", RULES, re.MULTILINE)
PAGES = guides.pages()
# What only a measurement gives.
FIGURE = re.compile(r"\b[Mm]edians? of\b|\bmeasured (?:once )?with\b|% of a core\b|\bCPU time\b")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_docs_command_runs_or_has_a_reason(page: Path) -> None:
    unknown = [
        f"{block}: {reason}"
        for block in guides.blocks(page)
        if (reason := block.remarks.get("not run")) and not any(reason.startswith(known) for known in REASONS)
    ]
    assert not unknown, (
        'Give a reason that the table in tests/README.md, "Commands in the guides", lists; or remove the remark, and the block runs'
        f" in tests/build/test_guides.py: {unknown}"
    )


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_docs_command_block_is_marked_as_shell(page: Path) -> None:
    programs = ("$ ", "ansible", "curl ", "export ", "git ", "make ", "python3 ", "systemctl ")
    others = [str(block) for block in guides.blocks(page) if not block.is_command and block.text.startswith(programs)]
    assert not others, f"Mark these blocks as ```shell, so that they run: {others}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_docs_figure_names_the_command_that_measures_it(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    wrong = []
    paragraphs = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL).split("\n\n")
    for number, paragraph in enumerate(paragraphs):
        if FIGURE.search(paragraph):
            # The text that leads to a table belongs to it.
            text = paragraph if not paragraph.lstrip().startswith("|") else paragraphs[number - 1] + paragraph
            if not targets.intersection(re.findall(r"`make ([a-z-]+)", text)):
                wrong.append(paragraph)
    assert not wrong, f"Name the command that prints these figures beside them, such as `make bench`: {wrong}"


@pytest.mark.parametrize(
    ("expected", "output", "is_there"),
    [
        ("a\nb", "x\na\nb\ny", True),
        ("a\nb", "a\nx\nb", False),
        ("a\n[...]\nb", "a\nx\nb", True),
        ("b\n[...]\na", "a\nb", False),
        ("at http://127.0.0.1:1 after 1m 5s", "at http://127.0.0.1:40000 after 2s", True),
        ("21:25:57 UTC  test: started", "09:00:01 UTC test: started", True),
        ("21:25 UTC demo/new-search in staging: 25 % on the default rule", "", True),
        ("1 of 3", "0 of 3", False),
    ],
)
def test_docs_output_is_compared_with_masks(expected: str, output: str, is_there: bool) -> None:
    assert (guides.missing_part(expected, output) is None) is is_there
