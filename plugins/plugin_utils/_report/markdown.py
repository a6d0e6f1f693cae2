# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A report as Markdown, for a ticket or a chat. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import sections, svg
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.markup import visible
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.sections import (
    Badge,
    Code,
    Link,
    Measurements,
    Moment,
    Section,
    Strong,
)

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.sections import Cell, Document, Part

# Anywhere; and at the beginning, where a line could be taken for a heading, a list or a quotation.
_MEANS_SOMETHING = re.compile(r"[\\`*_\[\]|~]|^[#+>-]")


def to_markdown(document: Document) -> str:
    state = sections.badge(document["state"]).text
    blocks = [
        f"# Release report: {_escape(sections.name(document))}",
        f"**{_escape(state)}.** {_escape(sections.summary(document))}",
        _facts(sections.facts(document)),
        "## Timeline",
        *(_timeline(document) or ["Nothing has been started yet."]),
    ]
    for section in sections.sections(document):
        blocks += [f"## {section.title}", *_section(section)]
    blocks.append(f"Times are UTC. The same as data has the schema <{document['$schema']}>.")
    return "\n\n".join(blocks) + "\n"


def _timeline(document: Document) -> list[str]:
    rows = [
        (
            (Strong(visible(phase["phase"])),),
            (svg.LABELS[span["kind"]],),
            (Moment(span["from"]),),
            ("not over",) if span["open"] else (Moment(span["to"]),),
        )
        for phase in document["phases"]
        for span in phase["timeline"]
    ]
    return [_table(("Phase", "", "From", "To"), rows)] if rows else []


def _section(section: Section) -> list[str]:
    if section.rows:
        return [_table(section.columns, section.rows)]
    if section.facts:
        return [_facts(section.facts)]
    if section.items:
        return ["\n".join(f"- {_escape(item)}" for item in section.items)]
    return [section.empty]


def _facts(facts: Iterable[tuple[str, Cell]]) -> str:
    return _table(("", ""), [((label,), cell) for label, cell in facts])


def _table(columns: Sequence[str], rows: Iterable[tuple[Cell, ...]]) -> str:
    lines = [_line(map(_escape, columns)), _line("---" for _column in columns)]
    return "\n".join([*lines, *(_line(map(_cell, row)) for row in rows)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    return "<br>".join(_part(part) for part in cell)


def _part(part: Part) -> str:
    if isinstance(part, Link):
        # In angle brackets nothing but those ends an address, and is_web_address lets none in.
        return f"[{_escape(part.text)}](<{part.url}>)"
    if isinstance(part, Moment):
        return _escape(" ".join(sections.time(part.iso)).strip())
    if isinstance(part, Measurements):
        return f"{sum(1 for item in part.verdicts if item is True)} of {len(part.verdicts)} passed"
    if isinstance(part, Strong):
        return f"**{_escape(part.text)}**" if part.text else ""
    if isinstance(part, (Badge, Code)):
        return _escape(part.text)
    return _escape(part)


def _escape(text: str) -> str:
    """Text that means nothing to Markdown, nor to the HTML that it lets through."""
    escaped = visible(text).replace("&", "&amp;").replace("<", "&lt;")
    return _MEANS_SOMETHING.sub(r"\\\g<0>", escaped)
