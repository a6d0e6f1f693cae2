# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for people."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.text import plain


@pytest.mark.parametrize(
    ("text", "expected"), [("a\tb\nc", "a b c"), ("\x1b[1m", " [1m"), ("ünï ✔", "ünï ✔"), (5, "5"), (None, "None")]
)
def test_plain_keeps_visible_text(text: Any, expected: str) -> None:
    assert plain(text) == expected


def test_plain_replaces_every_control_character() -> None:
    characters = [chr(code) for code in range(0x10000)]
    controls = [char for char in characters if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    assert set(plain("".join(controls))) == {" "}
    # Those that change the direction or take no room; joiners are part of words.
    unseen = (
        "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2064\u2066\u2067\u2068\u2069\u206a\u206f\ufeff"
    )
    assert set(plain(unseen)) == {" "}
    assert plain("\u200c\u200d") == "\u200c\u200d"
