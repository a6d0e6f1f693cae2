# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the audit log says about the past of a flag in an environment. Pure."""

from __future__ import annotations

import typing as t

from .markers import EVERYONE, has_undo_mark

if t.TYPE_CHECKING:
    from collections.abc import Iterable

    from .._model.flag import AuditEntry

# The actions, as roles know them, that turn targeting on or off or change the default rule.
SWITCH = "updateOn"
DEFAULT_RULE = "updateFallthrough"


def was_undone(entries: Iterable[AuditEntry], audience: str) -> bool | None:
    """Was the newest change that matters an undo of ours? None where no entry matters. The newest entry comes first.

    For an audience of its own, the removal of its rule matters too.
    """
    for entry in entries:
        if audience != EVERYONE and has_undo_mark(entry.comment, audience):
            return True
        if any(action == SWITCH or action.startswith(DEFAULT_RULE) for action in entry.actions):
            return has_undo_mark(entry.comment)
    return None
