# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A report as one HTML page that needs nothing but itself. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import sections, svg
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.markup import Markup, element, join, visible
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.sections import (
    Badge,
    Code,
    Link,
    Measurements,
    Moment,
    Section,
    Strong,
)
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.style import STYLE

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.sections import Cell, Document, Part

# Were any markup to come through, it still could neither run nor load anything.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_LONGEST_WORD = 18


def to_html(document: Document) -> str:
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="robots", content="noindex"),
        element("title", f"Release report: {sections.name(document)}"),
        element("style", Markup(STYLE)),
    )
    body = element(
        "body",
        svg.patterns(),
        element(
            "main",
            _header(document),
            _timeline(document),
            *(_section(section) for section in sections.sections(document)),
            _footer(document),
        ),
    )
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _header(document: Document) -> Markup:
    state = sections.badge(document["state"])
    kind = "Release report" if document["kind"] == "run" else "Release status"
    return element(
        "header",
        element("p", kind, class_="kicker"),
        element(
            "h1",
            element("span", f"{visible(document['project_key'])}/", class_="project"),
            visible(document["flag_key"]),
            class_="long",
        ),
        element("div", _part(state), element("p", _text(sections.summary(document))), class_=f"verdict {state.mood}"),
        _facts(sections.facts(document)),
    )


def _timeline(document: Document) -> Markup | None:
    if not document["phases"]:
        return None
    return element(
        "section",
        element("h2", "Timeline"),
        svg.timeline(document),
        svg.legend(document),
        class_="when",
    )


def _section(section: Section) -> Markup:
    if section.rows:
        return element("section", _table(section), class_=section.name)
    heading = element("h2", section.title)
    if section.facts:
        return element("section", heading, _facts(section.facts), class_=section.name)
    if section.items:
        return element(
            "section",
            heading,
            element("ul", *(element("li", _text(item)) for item in section.items)),
            class_=section.name,
        )
    return element("section", heading, element("p", section.empty, class_="none"), class_=section.name)


def _facts(facts: Iterable[tuple[str, Cell]]) -> Markup:
    return element(
        "dl", *(element("div", element("dt", _text(label)), element("dd", _lines(cell))) for label, cell in facts)
    )


def _table(section: Section) -> Markup:
    """The roles stand there because a table that is laid out as blocks, as on a phone, is none to a screen reader."""
    head = element(
        "tr", *(element("th", column, scope="col", role="columnheader") for column in section.columns), role="row"
    )
    return element(
        "table",
        element("caption", element("h2", section.title)),
        element("thead", head, role="rowgroup"),
        element("tbody", *(_row(section.columns, row) for row in section.rows), role="rowgroup"),
        role="table",
    )


def _row(columns: Sequence[str], row: tuple[Cell, ...]) -> Markup:
    cells = [
        element("td", _lines(cell), role="cell", data_label=column, class_=None if cell else "blank")
        for column, cell in zip(columns[1:], row[1:])
    ]
    return element("tr", element("th", _lines(row[0]), scope="row", role="rowheader"), *cells, role="row")


def _lines(cell: Cell) -> Markup:
    return element("div", *(element("span", _part(part), class_="line") for part in cell), class_="lines")


def _part(part: Part) -> str:
    if isinstance(part, Link):
        return element("a", part.text, href=part.url, rel="noopener noreferrer", class_=_breaks(part.text))
    if isinstance(part, Moment):
        day, clock = sections.time(part.iso)
        return element(
            "time", element("span", day, class_="day"), " ", element("span", clock, class_="clock"), datetime=part.iso
        )
    if isinstance(part, Badge):
        return element("span", part.text, class_=" ".join(filter(None, ("badge", part.mood, _breaks(part.text)))))
    if isinstance(part, Measurements):
        passed = sum(1 for item in part.verdicts if item is True)
        return join(svg.strip(part.verdicts), element("span", f"{passed} of {len(part.verdicts)} passed"))
    if isinstance(part, Code):
        return element("code", part.text, class_=_breaks(part.text))
    return _text(part.text if isinstance(part, Strong) else part)


def _text(text: str) -> Markup:
    breaks = _breaks(text)
    return element("span", text, class_=breaks) if breaks else join(text)


def _breaks(text: str) -> str | None:
    """The class of a text with a word that may be broken anywhere. Were that so for all words, tables would break short ones."""
    return "long" if any(len(word) > _LONGEST_WORD for word in text.split()) else None


def _footer(document: Document) -> Markup:
    """Where the same is as data."""
    schema = element("code", document["$schema"], class_="long")
    return element(
        "footer",
        element("p", "All times are UTC. The same as data is in the JSON of this report, by the schema ", schema),
    )
