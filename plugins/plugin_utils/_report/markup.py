# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Markup that is safe by the way it is made: text becomes markup only here, and only escaped. Pure."""

from __future__ import annotations

import html
import re
import typing as t

# Control characters are not allowed in HTML, and those for the direction of writing can make a name look like another.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")

_VOID = frozenset({"meta"})


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def visible(text: t.Any) -> str:
    """Somebody's words without characters that are not seen but do something."""
    return _UNSEEN.sub(" ", str(text)).strip()


def element(tag: str, /, *children: str | None, **attributes: t.Any) -> Markup:
    """An element. Children that are not Markup are escaped; None is nothing; `class_` is `class`, `stroke_width` is `stroke-width`."""
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{shown}>")
    return Markup(f"<{tag}{shown}>{join(*children)}</{tag}>")


def join(*children: str | None) -> Markup:
    return Markup(
        "".join(child if isinstance(child, Markup) else _escape(child) for child in children if child is not None)
    )


def _escape(text: t.Any) -> str:
    return html.escape(_UNSEEN.sub(" ", str(text)), quote=True)
