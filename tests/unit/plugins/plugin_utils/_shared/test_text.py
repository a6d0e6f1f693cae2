# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text in nested data."""

from __future__ import annotations

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._shared.text import escape_templates, map_text


def test_map_text_changes_keys_and_nested_values() -> None:
    assert map_text({"a": ["b", 1, None, {"c": "d"}]}, str.upper) == {"A": ["B", 1, None, {"C": "D"}]}


@pytest.mark.parametrize("text", ["{{ lookup('pipe', 'id') }}", "{% if x %}", "{# note #}", "{{{ x }}}"])
def test_escape_templates_leaves_no_template(text: str) -> None:
    escaped = str(escape_templates({text: [text]}))
    assert not any(opening in escaped for opening in ("{{", "{%", "{#"))
    assert escape_templates("{a} %}") == "{a} %}"
