# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""A report as one HTML page that needs nothing but itself, and its timeline as a picture, both drawn by Jinja2 templates."""

from __future__ import annotations

import typing as t
from pathlib import Path

import jinja2

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import overview, sections, words
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.chart import chart

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.sections import Document

_TEMPLATES = Path(__file__).resolve().parents[3] / "roles" / "release" / "templates"
TEMPLATE = _TEMPLATES / "release-report.html.j2"
OVERVIEW = _TEMPLATES / "release-overview.html.j2"
PICTURE = _TEMPLATES / "release-timeline.svg.j2"

# Were every long text to break anywhere, a table would break its short words too.
_LONGEST_WORD = 18


class TemplateProblem(ValueError):
    """A template cannot be used; the message is a sentence that says why."""


def to_html(document: Document, template: Path = TEMPLATE) -> str:
    """`template` may extend release-report.html.j2, and include files of its own folder. Raises TemplateProblem."""
    document = sections.readable(document)
    facts = {
        "document": document,
        "title": sections.title(document),
        "state": words.badge(document["state"]),
        "summary": sections.summary(document),
        "facts": sections.facts(document),
        "sections": sections.sections(document),
        "chart": chart(document),
    }
    return _render(template, facts)


def to_svg(document: Document) -> str:
    """The timeline alone, as a picture."""
    return _render(PICTURE, {"chart": chart(sections.readable(document))})


def to_overview_page(document: Document) -> str:
    """The page of `overview.document`."""
    return _render(OVERVIEW, overview.page(document))


def _render(template: Path, facts: Mapping[str, t.Any]) -> str:
    try:
        return _environment(template).from_string(_read(template)).render(facts)
    except TemplateProblem:
        raise
    except Exception as error:  # a template may raise anything
        raise _problem(template, error) from error


def check_template(template: Path) -> None:
    """Find out before a run whether its report can have this template. Raises TemplateProblem."""
    try:
        _environment(template).parse(_read(template))
    except jinja2.TemplateError as error:
        raise _problem(template, error) from error


def _environment(template: Path) -> jinja2.Environment:
    """The collection's own template is found first, so that another of the same name can extend it."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        loader=jinja2.FileSystemLoader([TEMPLATE.parent, template.parent]),
    )
    environment.filters["day_and_time"] = words.day_and_time
    environment.tests["unbroken"] = _is_unbroken
    return environment


def _is_unbroken(text: str) -> bool:
    """Whether a text has a word that may have to be broken."""
    return any(len(word) > _LONGEST_WORD for word in text.split())


def _read(template: Path) -> str:
    try:
        return template.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise TemplateProblem(f"The report template {template} cannot be read: {reason}.") from error


def _problem(template: Path, error: Exception) -> TemplateProblem:
    line = f", line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
    return TemplateProblem(f"The report template {template}{line} cannot be used: {' '.join(str(error).split())}.")
