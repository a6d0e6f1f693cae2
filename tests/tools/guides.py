# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command blocks of the README and the guides, and what belongs to each. tests/README.md, "Commands in the guides", has the rules."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.flagops.launchdarkly.tests.tools.checkout import ROOT

FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>[\w-]*)$")
DIRECTIVE = re.compile(r"^(?P<indent> *)\.\. code-block:: (?P<kind>[\w-]+)$")
REMARK = re.compile(r"^ *(?:<!--|\.\.) (?P<name>not run|not compared|exit code): (?P<text>.+?)(?: -->)?$")
# "Save this as `first.yml`:" before a block, or "# first.yml" as its first line.
NAMED_BEFORE = re.compile(r"\b[Ss]ave (?:this|it) as `([^`]+)`")
NAMED_INSIDE = re.compile(r"# ([\w./-]+\.\w+)$")

COMMANDS = ("shell", "bash", "sh", "console")


@dataclass(frozen=True)
class Block:
    """What a reader copies, or compares with a screen."""

    page: Path
    line: int
    kind: str
    text: str
    before: str
    remarks: dict[str, str]

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def is_command(self) -> bool:
        return self.kind in COMMANDS

    @property
    def is_run(self) -> bool:
        return self.is_command and "not run" not in self.remarks

    @property
    def exit_code(self) -> int:
        return int(self.remarks.get("exit code", "0"))

    @property
    def file(self) -> str | None:
        """The file that the reader saves it as."""
        if self.is_command or self.kind == "text":
            return None
        inside = NAMED_INSIDE.match(self.text.partition("\n")[0])
        before = NAMED_BEFORE.findall(self.before)
        return inside[1] if inside else (before[-1] if before else None)


def pages() -> list[Path]:
    """What users read."""
    patterns = (
        "README.md",
        "docs/*.md",
        "docs/site/*.md",
        "docs/docsite/rst/*.rst",
        "roles/*/README.md",
        "examples/**/README.md",
    )
    return [page for pattern in patterns for page in sorted(ROOT.glob(pattern))]


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    paragraph: list[str] = []
    remarks: dict[str, str] = {}
    number = 0
    while number < len(lines):
        start = (DIRECTIVE if page.suffix == ".rst" else FENCE).match(lines[number])
        if start:
            end = end_of_block(lines, number, start["indent"])
            text = textwrap.dedent("\n".join(lines[number + 1 : end])).strip("\n")
            yield Block(page, number + 1, start["kind"], text, " ".join(paragraph), remarks)
            paragraph, remarks, number = [], {}, end
            number -= page.suffix == ".rst"
        elif remark := REMARK.match(lines[number]):
            remarks = {**remarks, remark["name"]: remark["text"]}
        elif lines[number].strip():
            # The paragraph before a block ends at an empty line, and another one starts after it.
            paragraph = [*paragraph, lines[number]] if number and lines[number - 1].strip() else [lines[number]]
            remarks = {}
        number += 1


def end_of_block(lines: list[str], number: int, indent: str) -> int:
    """The line of the closing fence, or the first line after the block of a directive."""
    if FENCE.match(lines[number]):
        return lines.index(f"{indent}```", number + 1)
    inner = f"{indent} "
    return next(
        (n for n in range(number + 1, len(lines)) if lines[n].strip() and not lines[n].startswith(inner)), len(lines)
    )


# What differs from run to run. The order matters: a time is made of numbers, too.
MASKS = (
    (r"\x1b\[[\d;]*m", ""),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "ID"),
    (r"\b[0-9a-f]{24}\b", "ID"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:?\d\d:?\d\d(\.\d+)?( UTC|Z)?", "TIME"),
    (r"\b\d\d:\d\d(:\d\d)?( UTC)?\b", "TIME"),
    (r"\b\d{13}\b", "TIME"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"\bkill \d+", "kill PID"),
    (r"(\"pid\": )\d+", r"\1PID"),
    (r"\b\d+\.\d+\.\d+\w*\b", "VERSION"),
    (r"\b\d+(\.\d+)?(d|h|m|s)\b( \d+(d|h|m|s)\b)*", "DURATION"),
    (r"(?<![\w.:/])(~|/(tmp|home|root|work|var|private))/[\w./@+-]*", "PATH"),
    (r"\*{3,}", "***"),
    (r"[ \t]+", " "),
)


# How often a wait reports depends on how fast the machine is.
PROGRESS = re.compile(r"TIME [\w-]+/[\w-]+( in \S+)?: ")


def masked(text: str) -> list[str]:
    """The lines of an output without what differs from run to run, the lines of a wait, and empty lines."""
    for pattern, instead in MASKS:
        text = re.sub(pattern, instead, text)
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not PROGRESS.match(line)]


def missing_part(expected: str, output: str) -> str | None:
    """The first part of the expected text that the output does not have in this order; "[...]" stands for lines that are left out."""
    found = masked(output)
    for part in re.split(r"^\s*\[\.\.\.\]\s*$", expected, flags=re.MULTILINE):
        wanted = masked(part)
        places = [n for n in range(len(found)) if found[n : n + len(wanted)] == wanted]
        if wanted and not places:
            return "\n".join(wanted)
        found = found[places[0] + len(wanted) :] if wanted else found
    return None
