# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What stands in a cell of a table: texts, links, times and badges, each on a line of its own. Pure."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report import words
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._report.words import Badge


@dataclass(frozen=True)
class Link:
    text: str
    url: str

    kind: t.ClassVar[str] = "link"


@dataclass(frozen=True)
class Moment:
    iso: str

    kind: t.ClassVar[str] = "moment"


@dataclass(frozen=True)
class Measurements:
    """Whether each passed; None for an inconclusive one."""

    verdicts: tuple[bool | None, ...]

    kind: t.ClassVar[str] = "measurements"

    def __str__(self) -> str:
        return f"{sum(1 for item in self.verdicts if item is True)} of {len(self.verdicts)} passed"


@dataclass(frozen=True)
class Strong:
    text: str

    kind: t.ClassVar[str] = "strong"


@dataclass(frozen=True)
class Code:
    text: str

    kind: t.ClassVar[str] = "code"


Part = t.Union[str, Link, Moment, Badge, Measurements, Strong, Code]
Cell = tuple[Part, ...]


def links(label: str, url: t.Any) -> Cell:
    """A link, or its label and address as text where it is none that a page may have."""
    return (Link(label, str(url)),) if words.is_web_address(url) else texts(label, url)


def texts(*values: t.Any) -> Cell:
    return tuple(str(value) for value in values if value not in (None, ""))


def codes(value: t.Any) -> Cell:
    return (Code(str(value)),) if value else ()


def moments(value: t.Any) -> Cell:
    return (Moment(str(value)),) if value else ()


def durations(seconds: float | None) -> Cell:
    return () if seconds is None else (words.took(seconds),)
