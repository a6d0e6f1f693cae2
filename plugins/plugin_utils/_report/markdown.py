# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A report as Markdown, for a ticket or a chat. Pure."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import cells, sections, words
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.chart import label

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.cells import Cell, Part
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.sections import Document

# Anywhere; and at the beginning of a line, where it could start a heading, a list or a quotation.
_MARKUP = re.compile(r"[\\`*_\[\]|~]|^[#+>-]")


def to_markdown(document: Document) -> str:
    document = sections.readable(document)
    state = words.badge(document["state"]).text
    blocks = [
        f"# Release report: {_escape(sections.title(document))}",
        f"**{_escape(state)}.** {_escape(sections.summary(document))}",
        _facts(sections.facts(document)),
    ]
    spans = _timeline(document)
    if spans:
        blocks += ["## Timeline", _table(("Phase", "", "From", "To"), spans)]
    for section in sections.sections(document):
        blocks += [f"## {section.title}", _section(section)]
    blocks.append(
        f"All times are UTC. The JSON of this report holds the same as data; its schema is <{document['$schema']}>."
    )
    return "\n\n".join(blocks) + "\n"


def _timeline(document: Document) -> list[tuple[Cell, ...]]:
    return [
        row
        for phase in document["phases"]
        for row in (
            *(_span(phase, span) for span in phase["timeline"]),
            *(_planned_span(phase, span) for span in phase["planned"]),
        )
    ]


def _span(phase: Document, span: Document) -> tuple[Cell, ...]:
    end: Part = "not over" if span["open"] else cells.Moment(span["to"])
    return (cells.Strong(phase["phase"]),), (label(span),), (cells.Moment(span["from"]),), (end,)


def _planned_span(phase: Document, span: Document) -> tuple[Cell, ...]:
    length = "" if span["seconds"] is None else f", {words.took(span['seconds'])}"
    return (cells.Strong(phase["phase"]),), (label(span),), (f"planned{length}",), ()


def _section(section: sections.Section) -> str:
    if section.rows:
        return _table(section.columns, section.rows)
    if section.facts:
        return _facts(section.facts)
    return "\n".join(f"- {_escape(item)}" for item in section.items)


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
    if isinstance(part, cells.Link):
        # In angle brackets only those end an address, and is_web_address refuses them.
        return f"[{_escape(part.text)}](<{part.url}>)"
    if isinstance(part, cells.Moment):
        return _escape(words.clock(part.iso))
    if isinstance(part, cells.Measurements):
        return str(part)
    if isinstance(part, cells.Strong):
        return f"**{_escape(part.text)}**" if part.text else ""
    return _escape(part if isinstance(part, str) else part.text)


def _escape(text: str) -> str:
    """Text without meaning for Markdown, and for the HTML that it lets through."""
    return _MARKUP.sub(r"\\\g<0>", text.replace("&", "&amp;").replace("<", "&lt;"))
