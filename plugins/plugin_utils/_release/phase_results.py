# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Several calls of one module about one phase, as one result. Pure."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from collections.abc import Mapping

Result = dict[str, t.Any]


def add_result(so_far: Mapping[str, t.Any], given: Mapping[str, t.Any]) -> tuple[Result, Result]:
    """The result of a call and of those before it, and what to keep of them all for the next call.

    Kept is who started the phase, and for how long the calls have waited. A call that finds the phase done has no reason to look at
    its approvals.
    """
    kept = {
        "changed": bool(so_far.get("changed") or given.get("changed")),
        "started": bool(so_far.get("started") or given.get("action") == "start"),
        "waited": round(so_far.get("waited", 0.0) + given.get("waited", 0.0), 3),
        "approvals": given.get("approvals") or so_far.get("approvals", []),
    }
    return {**given, **kept}, kept
