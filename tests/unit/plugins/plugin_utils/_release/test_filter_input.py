# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters over a release say what is wrong with their input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.flagops.launchdarkly.plugins.filter.release_plan import release_plan
from ansible_collections.flagops.launchdarkly.plugins.filter.release_rehearsal import release_rehearsal
from ansible_collections.flagops.launchdarkly.plugins.filter.release_tree import release_tree
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils.role_support import phase, release

FILTERS = (release_plan, release_rehearsal, release_tree)


@pytest.mark.parametrize("function", FILTERS)
def test_a_flag_without_a_release_is_called_so(function: Callable[..., Any]) -> None:
    with pytest.raises(AnsibleFilterError, match=rf"{function.__name__}: there is no release"):
        function(None)


@pytest.mark.parametrize("function", FILTERS)
@pytest.mark.parametrize("given", [{}, {"exists": True}, "shop/cart", [], 5, {"phases": [{"name": "Test"}]}])
def test_what_is_no_release_is_refused_with_what_is_wanted(function: Callable[..., Any], given: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="takes a release as ld_release_info returns it"):
        function(given)


@pytest.mark.parametrize("function", FILTERS)
def test_a_release_is_taken(function: Callable[..., Any]) -> None:
    assert function(release(phase("Test", "ready_to_start")))


@pytest.mark.parametrize(
    ("function", "argument", "said"),
    [
        (release_plan, {"wait": "maybe"}, "release_wait must be true or false"),
        (release_rehearsal, ["x"], "x is no fault"),
    ],
)
def test_settings_are_refused_in_their_own_words(function: Callable[..., Any], argument: Any, said: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        function(release(phase("Test", "ready_to_start")), argument)
    assert str(refused.value).startswith(said)
