# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What a flag serves in each environment, as lines of text. Pure, and without control characters, so that any log can hold it."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import time_from_millis
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.tree import MARKS, columns, time_of_day

if t.TYPE_CHECKING:
    from collections.abc import Mapping

Flag = t.Mapping[str, t.Any]


def targeting(flag: Flag) -> list[str]:
    """A line for each environment; `flag` is the model of a flag as plain data."""
    return [f"  {line}" for line in columns([_row(flag, item) for item in flag["environments"].values()])]


def environments_that_are_on(flag: Flag) -> list[str]:
    return [key for key, item in flag.get("environments", {}).items() if item["on"]]


def _row(flag: Flag, environment: Mapping[str, t.Any]) -> list[str]:
    rules = sum(1 for rule in environment["rules"] if rule["enabled"])
    changed = time_from_millis(environment["changed_at"])
    cells = [
        MARKS["completed"] if environment["on"] else MARKS["not_started"],
        environment["key"],
        "on" if environment["on"] else "off",
        f"serves {_served(flag, environment)}",
        f"{rules} {'rule' if rules == 1 else 'rules'}" if environment["on"] and rules else "",
        f"changed {time_of_day(changed)}" if changed else "",
    ]
    return [plain(cell) for cell in cells]


def _served(flag: Flag, environment: Mapping[str, t.Any]) -> str:
    if not environment["on"]:
        off = environment["off_variation_id"]
        return _name(flag, off) if off else "what the code falls back to"
    if environment["default"] is None:
        return "something that this version of the collection cannot read"
    shares: dict[str, int] = {}
    for variation_id, weight in environment["default"]["weights"]:
        shares[variation_id] = shares.get(variation_id, 0) + weight
    if len(shares) == 1:
        return _name(flag, next(iter(shares)))
    return ", ".join(
        f"{weight / 1000:g}% {_name(flag, variation_id)}" for variation_id, weight in shares.items() if weight
    )


def _name(flag: Flag, variation_id: str) -> str:
    for variation in flag["variations"]:
        if variation["id"] == variation_id:
            return str(variation["name"] or json.dumps(variation["value"], ensure_ascii=False))
    return variation_id
