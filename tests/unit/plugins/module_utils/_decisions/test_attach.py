# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which release a flag shall have: the decision, for every state and wish."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import LaunchDarklyError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.attach import (
    Attach,
    Remove,
    is_settled,
    plan_release,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired import DesiredRelease, Target
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.release import Release

CART = Target("shop", "cart")
CANCELED_AT = "2026-10-26T07:33:20.000Z"


def release(pipeline: str = "standard", variation: str = "v-on", **fields: Any) -> Release:
    return Release("shop", "cart", pipeline_key=pipeline, variation_id=variation, **fields)


def wish(pipeline: str | None = "standard", **fields: Any) -> DesiredRelease:
    return DesiredRelease(CART, pipeline, **fields)


@pytest.mark.parametrize(
    ("current", "desired", "variation_id", "expected"),
    [
        # nothing to do
        (release(), wish(), None, None),
        (release(), wish(variation="on"), "v-on", None),
        (release(), wish(replace=True), None, None),
        (None, wish(None), None, None),
        # attach
        (None, wish(), None, Attach("standard", None, replaces=False)),
        (None, wish(variation="on"), "v-on", Attach("standard", "v-on", replaces=False)),
        # replace, where that was allowed
        (release("other"), wish(replace=True), None, Attach("standard", None, replaces=True)),
        (
            release(variation="v-off"),
            wish(variation="on", replace=True),
            "v-on",
            Attach("standard", "v-on", replaces=True),
        ),
        (release(canceled=True), wish(replace=True), None, Attach("standard", None, replaces=True)),
        # remove, whatever there is
        (release(), wish(None), None, Remove()),
        (release("other", canceled=True), wish(None), None, Remove()),
    ],
)
def test_what_is_sent(
    current: Release | None, desired: DesiredRelease, variation_id: str | None, expected: Any
) -> None:
    assert plan_release(current, desired, variation_id) == expected
    assert is_settled(current, desired, variation_id) is (expected is None)


@pytest.mark.parametrize(
    ("current", "variation_id", "code", "words"),
    [
        (release("other"), None, "in_other_pipeline", ["'other'", "'standard'"]),
        (release("other", canceled=True), None, "in_other_pipeline", ["'other'"]),
        (release(variation="v-off"), "v-on", "other_variation", ["v-off", "'on'"]),
        (release(canceled=True, canceled_at=CANCELED_AT), None, "release_canceled", ["'standard'", CANCELED_AT]),
        (release(canceled=True), None, "release_canceled", ["was canceled."]),
    ],
)
def test_progress_is_not_lost_without_being_told_to(
    current: Release, variation_id: str, code: str, words: list[str]
) -> None:
    with pytest.raises(LaunchDarklyError) as caught:
        plan_release(current, wish(variation="on"), variation_id)
    assert caught.value.code == code
    for word in ("shop/cart", "replace: true", *words):
        assert word in caught.value.message
