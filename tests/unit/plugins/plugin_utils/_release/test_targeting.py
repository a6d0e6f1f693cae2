# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a flag serves in each environment, as lines of text."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.targeting import (
    environments_that_are_on,
    targeting,
)

VARIATIONS = [{"id": "on", "name": None, "value": True}, {"id": "off", "name": "Old one", "value": False}]


def environment(key: str = "dev", *weights: Any, **fields: Any) -> dict[str, Any]:
    default = {"weights": list(weights or [["on", 100000]]), "is_experiment": False}
    changed = {"default": default, "off_variation_id": "off", "rules": [], "changed_at": None}
    return {"key": key, "on": True, **changed, **fields}


def flag(*environments: dict[str, Any]) -> dict[str, Any]:
    return {"variations": VARIATIONS, "environments": {item["key"]: item for item in environments}}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (environment(), "✔  dev  on  serves true"),
        (environment(on=False), "○  dev  off  serves Old one"),
        (environment(on=False, off_variation_id=None), "○  dev  off  serves what the code falls back to"),
        (environment("dev", ["on", 12500], ["off", 87500]), "✔  dev  on  serves 12.5% true, 87.5% Old one"),
        (environment("dev", ["on", 0], ["off", 100000]), "✔  dev  on  serves 100% Old one"),
        (environment("dev", ["gone", 100000]), "✔  dev  on  serves gone"),
        (environment(default=None), "✔  dev  on  serves something that this version of the collection cannot read"),
        (environment(rules=[{"enabled": True}, {"enabled": False}]), "✔  dev  on  serves true  1 rule"),
        (environment(rules=[{"enabled": True}] * 2), "✔  dev  on  serves true  2 rules"),
        (environment(changed_at=1_793_000_000_000), "✔  dev  on  serves true    changed 2026-10-26 07:33:20 UTC"),
    ],
)
def test_targeting_of_an_environment_is_a_line(given: dict[str, Any], shown: str) -> None:
    assert targeting(flag(given)) == [f"  {shown}"]


def test_targeting_lines_are_columns_without_control_characters() -> None:
    first, second = targeting(flag(environment("a\nb"), environment("production", on=False)))
    assert first == "  ✔  a b         on   serves true"
    assert second == "  ○  production  off  serves Old one"


def test_targeting_of_no_environment_is_empty() -> None:
    assert targeting(flag()) == environments_that_are_on(flag()) == environments_that_are_on({}) == []


def test_environments_that_are_on_are_in_order() -> None:
    given = flag(environment("b"), environment("a", on=False), environment("c"))
    assert environments_that_are_on(given) == ["b", "c"]
