# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of a flag's targeting, with their entries in the audit log and their effect on running releases."""

from __future__ import annotations

from collections.abc import Sequence

from ..audit.log import note
from ..core.documents import JsonObject
from ..environment_releases import progress
from ..flags import instructions


def change_flag(
    project: JsonObject,
    place: tuple[str, str],
    items: Sequence[JsonObject],
    now: int,
    by: str,
    **details: object,
) -> None:
    """Apply instructions to a flag in an environment; ``details`` go into the audit log.

    Assumption: a change without effect has no entry in the audit log.
    """
    flag_key, environment_key = place
    progress.settle_flag(project, flag_key, environment_key, now)
    before = project["flags"][flag_key]
    after = instructions.patched(project, before, environment_key, items, now)
    if after is before:
        return
    project["flags"][flag_key] = after
    actions = instructions.actions_of(items)
    extra = {"actions": actions} if len(actions) > 1 else {}
    note(
        project,
        now,
        actions[0],
        flag_key,
        by,
        environmentKey=environment_key,
        instructions=list(items),
        **extra,
        **details,
    )
    progress.discard_changed(project, before, environment_key, items, now)
