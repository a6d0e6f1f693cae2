# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Several calls of one module about one phase, as one result. Pure."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def merge_results(results: Sequence[Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """The last result, and what any of them changed and waited; `started`: did one of them start the phase?"""
    approvals: list[t.Any] = next((item["approvals"] for item in reversed(results) if item["approvals"]), [])
    return {
        **results[-1],
        # A call that finds the phase done has no reason to look at them.
        "approvals": approvals,
        "changed": any(item["changed"] for item in results),
        "started": any(item["action"] == "start" for item in results),
        "waited": round(sum(item["waited"] for item in results), 3),
    }
