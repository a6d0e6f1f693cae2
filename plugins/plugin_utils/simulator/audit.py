# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was changed, when, and by whom: the simulator's own short form of an audit log, kept in the state."""

from __future__ import annotations

from .documents import JsonObject

# Bounded, since a simulator may be left running for long.
_LENGTH = 2000


def note(project: JsonObject, date: int, action: str, flag_key: str, by: str, **details: object) -> None:
    """Add an entry to a project's log; details that are None are left out.

    ``action`` is the one that LaunchDarkly's roles know the change by. ``by`` is ``token`` for a request to the service,
    ``release`` for what a release does by itself, ``reviewer`` for what the admin view or the script of reviews does.
    """
    given = {name: value for name, value in details.items() if value is not None}
    entry = {"date": date, "action": action, "flagKey": flag_key, **given, "by": by}
    project["audit"] = [*project["audit"], entry][-_LENGTH:]
