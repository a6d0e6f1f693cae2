# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Which variation of a flag is meant. Pure."""

from __future__ import annotations

import json
import typing as t

from .._core.errors import OptionError, ReleaseError

if t.TYPE_CHECKING:
    from .._model.flag import Variation

# A boolean that went through a template, or through an option that is a text.
_BOOLEANS = {"True": True, "False": False}


def find_variation(variations: tuple[Variation, ...], wanted: t.Any, flag: str, option: str = "variation") -> Variation:
    """The one variation with this ID, name or value. A text also means the value that it is the JSON of: true, 5, {"a": 1}."""
    found = [item for item in variations if _is_wanted(item, wanted)]
    if len(found) == 1:
        return found[0]
    text, known = value_text(wanted), list_variations(variations)
    if not found:
        raise ReleaseError(f"{option}: {flag} has no variation '{text}'. It has {known}.", "variation_not_found")
    raise OptionError(f"{option}: '{text}' matches more than one variation of {flag}. Give its ID: {known}.")


def _is_wanted(item: Variation, wanted: t.Any) -> bool:
    if not isinstance(wanted, str):
        return _json(wanted) == _json(item.value)
    if wanted in (item.id, item.name) or wanted == value_text(item.value):
        return True
    return isinstance(item.value, bool) and _BOOLEANS.get(wanted) is item.value


def true_variation(variations: tuple[Variation, ...]) -> Variation | None:
    """The variation that releasing a boolean flag means."""
    return next((item for item in variations if item.value is True), None)


def list_variations(variations: tuple[Variation, ...]) -> str:
    return ", ".join(f"{value_text(item.value)} ('{item.name}', {item.id})" for item in variations) or "none"


def name_variation(item: Variation) -> str:
    """A variation for people: its name, else its value."""
    return f"'{item.name or value_text(item.value)}'"


def value_text(value: t.Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _json(value: t.Any) -> str:
    return json.dumps(value, sort_keys=True)
