# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single values of the role's settings, as people, -e and surveys give them."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_checks import WHOLE_SECONDS
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings_values import (
    BOOLEAN,
    SECONDS,
    UnusableValue,
    whole,
)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (0, 0),
        (90, 90),
        (1.5, 1.5),
        ("90", 90),
        ("90s", 90),
        (" 15m ", 900),
        ("2 h", 7200),
        ("1d", 86400),
        ("0.5h", 1800),
    ],
)
def test_seconds_are_a_number_or_have_a_unit(given: Any, seconds: float) -> None:
    assert SECONDS(given) == seconds


@pytest.mark.parametrize(
    "given", ["soon", "-1", -1, "1w", "1h30m", "", True, [], "inf", "nan", float("nan"), "1e3", "s"]
)
def test_seconds_refuse_anything_else(given: Any) -> None:
    with pytest.raises(UnusableValue, match="90s, 15m, 2h or 1d"):
        SECONDS(given)


@pytest.mark.parametrize(("given", "seconds"), [(30, 30), ("1m", 60), (1.2, 2), ("0.1", 1)])
def test_whole_seconds_are_rounded_up(given: Any, seconds: int) -> None:
    assert WHOLE_SECONDS(given) == seconds


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        *((given, True) for given in (True, "true", "True", "yes", "on", "1", 1, 1.0, "y", "T", " Yes ")),
        *((given, False) for given in (False, "false", "False", "no", "off", "0", 0, 0.0, "N", "f")),
    ],
)
def test_boolean_may_be_spelled_as_in_ansible(given: Any, expected: bool) -> None:
    assert BOOLEAN(given) is expected


@pytest.mark.parametrize("given", ["maybe", 2, -1, 0.5, [], {}, "", None])
def test_boolean_refuses_anything_else(given: Any) -> None:
    with pytest.raises(UnusableValue, match="must be true or false"):
        BOOLEAN(given)


@pytest.mark.parametrize(("given", "expected"), [(1, 1), ("2", 2), (" 3 ", 3), (4.0, 4)])
def test_whole_number_may_be_text(given: Any, expected: int) -> None:
    assert whole(1)(given) == expected


@pytest.mark.parametrize("given", [0, "0", -1, "1.5", 1.5, "many", True, "", None, float("inf"), "9" * 5000])
def test_whole_number_refuses_anything_else(given: Any) -> None:
    with pytest.raises(UnusableValue, match="must be a whole number, 1 or more"):
        whole(1)(given)


def test_whole_number_may_have_a_limit() -> None:
    assert whole(1, 60)(60) == 60
    with pytest.raises(UnusableValue, match="must be 60 or less"):
        whole(1, 60)("61")
