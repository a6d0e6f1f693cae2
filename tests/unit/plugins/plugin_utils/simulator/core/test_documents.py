# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.documents import copied


def test_copy_of_a_document_shares_nothing_with_it() -> None:
    document: dict[str, Any] = {"a": [{"b": 1}, "c", None, True], "d": {"e": [[2.5]]}}
    copy = copied(document)
    assert copy == document
    copy["a"][0]["b"] = 2
    copy["a"].append(3)
    copy["d"]["e"][0].clear()
    assert document == {"a": [{"b": 1}, "c", None, True], "d": {"e": [[2.5]]}}
