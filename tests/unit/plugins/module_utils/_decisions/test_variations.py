# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which variation an option means."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.variations import (
    find_variation,
    true_variation,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import Variation

VARIATIONS = (
    Variation("v-on", "On", True),
    Variation("v-off", "Off", False),
    Variation("v-five", None, 5),
    Variation("v-text", "Banner", "hello"),
    Variation("v-json", "Shape", {"a": 1, "b": 2}),
    Variation("v-quoted", "Quoted", "true!"),
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("v-on", "v-on"),
        ("On", "v-on"),
        ("true", "v-on"),
        ("false", "v-off"),
        # YAML's booleans, and what a template makes of them
        (True, "v-on"),
        (False, "v-off"),
        ("True", "v-on"),
        ("False", "v-off"),
        ("5", "v-five"),
        (5, "v-five"),
        ("hello", "v-text"),
        ('{"a": 1, "b": 2}', "v-json"),
        ({"b": 2, "a": 1}, "v-json"),
        ("true!", "v-quoted"),
    ],
)
def test_variation_by_id_name_or_value(wanted: Any, found: str) -> None:
    assert find_variation(VARIATIONS, wanted, "shop/cart").id == found


@pytest.mark.parametrize("wanted", ["on", "TRUE", "None", "null", "v-", "", 1, 0, [], {"a": 1}])
def test_variation_unknown_names_those_that_exist(wanted: Any) -> None:
    with pytest.raises(LaunchDarklyError) as caught:
        find_variation(VARIATIONS, wanted, "shop/cart", "from_variation")
    assert caught.value.code == "variation_not_found"
    for word in ("from_variation", "shop/cart", "true ('On', v-on)", "v-json"):
        assert word in caught.value.message


def test_variation_ambiguous_names_the_ids() -> None:
    both = (Variation("v1", "true", "no"), Variation("v2", "Yes", True))
    with pytest.raises(LaunchDarklyError) as caught:
        find_variation(both, "true", "shop/cart")
    assert caught.value.code == "invalid_option"
    assert "v1" in caught.value.message
    assert "v2" in caught.value.message


def test_variation_number_one_is_not_true() -> None:
    numbers = (Variation("v0", None, 0), Variation("v1", None, 1))
    assert true_variation(numbers) is None
    assert find_variation(numbers, 1, "shop/cart").id == "v1"
