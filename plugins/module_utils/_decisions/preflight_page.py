# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The findings as one page for a person. Pure."""

from __future__ import annotations

import textwrap
import typing as t

from .preflight_facts import Finding, FindingStatus

if t.TYPE_CHECKING:
    from collections.abc import Sequence

# Ansible shows a page as a list of texts, indented and in quotation marks.
WIDTH = 88
_LABELS = {
    FindingStatus.OK: "ok",
    FindingStatus.WARNING: "WARNING",
    FindingStatus.PROBLEM: "PROBLEM",
    FindingStatus.UNKNOWN: "unknown",
    FindingStatus.SKIPPED: "skipped",
}
_COLUMN = 8


def page(title: str, findings: Sequence[Finding]) -> list[str]:
    """A line for each check and what to do about it. What several environments have in common is one line."""
    skipped = [item.check for item in findings if item.status is FindingStatus.SKIPPED]
    lines = [title]
    for status, text, remedy in _grouped(findings):
        lines += _wrap(f"{_LABELS[status]:<{_COLUMN}}{text}", _COLUMN + 2)
        if remedy and status is not FindingStatus.OK:
            lines += _wrap(f"{'':<{_COLUMN}}-> {remedy}", _COLUMN + 3)
    if skipped:
        lines += _wrap(f"{_LABELS[FindingStatus.SKIPPED]:<{_COLUMN}}{', '.join(skipped)}", _COLUMN + 2)
    return [*lines, summary(findings)]


def _grouped(findings: Sequence[Finding]) -> list[tuple[FindingStatus, str, str | None]]:
    keys: dict[tuple[str, FindingStatus, str, str | None], list[str]] = {}
    for item in findings:
        if item.status is not FindingStatus.SKIPPED:
            places = keys.setdefault((item.check, item.status, item.message, item.remedy), [])
            if item.environment_key is not None:
                places.append(item.environment_key)
    return [
        (status, f"{check}: {', '.join(dict.fromkeys(places))}{': ' if places else ''}{message}", remedy)
        for (check, status, message, remedy), places in keys.items()
    ]


def _wrap(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False)


def summary(findings: Sequence[Finding]) -> str:
    counts = {status: sum(1 for item in findings if item.status is status) for status in FindingStatus}
    in_the_way = list(dict.fromkeys(item.check for item in findings if item.status is FindingStatus.PROBLEM))
    warned = counts[FindingStatus.WARNING]
    warnings = f"{warned} warning{'' if warned == 1 else 's'}"
    if not in_the_way:
        return f"Nothing is in the way of a release; {warnings}."
    return f"In the way of a release: {', '.join(in_the_way)}; {warnings}."
