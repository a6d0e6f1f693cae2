# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of any kind as JSON's own types."""

from __future__ import annotations

import collections
import datetime
import enum
import json
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.data import to_builtin


class Word(str, enum.Enum):
    YES = "yes"


@dataclass(frozen=True)
class Value:
    word: Word
    items: tuple[int, ...]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Value(Word.YES, (1, 2)), {"word": "yes", "items": [1, 2]}),
        (collections.UserDict({1: (True, None)}), {"1": [True, None]}),
        ({"nan": float("nan"), "inf": float("inf"), "half": 0.5}, {"nan": None, "inf": None, "half": 0.5}),
        (frozenset({"one"}), ["one"]),
        ("a\ud800b", "a?b"),
        (datetime.date(2026, 12, 18), "2026-12-18"),
    ],
    ids=["dataclass", "mapping", "numbers", "set", "surrogate", "other"],
)
def test_to_builtin(value: Any, expected: Any) -> None:
    made = to_builtin(value)
    assert made == expected
    assert json.loads(json.dumps(made, allow_nan=False)) == expected


def test_to_builtin_drops_subclasses_of_text() -> None:
    assert not isinstance(to_builtin(Word.YES), Word)
