# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit log: what was changed, when, and by whom, in a short form kept in the state."""

from __future__ import annotations

from ..core.documents import JsonObject, integer

# Bounded, since a simulator may run for a long time.
_LENGTH = 2000


def loaded(entries: list[JsonObject]) -> list[JsonObject]:
    """Return a log that was saved or written by hand, numbered in its order."""
    numbers = [number for number in (integer(entry, "number") for entry in entries) if number is not None]
    if len(numbers) == len(entries) and numbers == sorted(set(numbers)):
        return entries
    return [{**entry, "number": index + 1} for index, entry in enumerate(entries)]


def note(project: JsonObject, date: int, action: str, flag_key: str, by: str, **details: object) -> None:
    """Add an entry to a project's log; details that are None are left out.

    ``action`` is the name of the change in LaunchDarkly's roles. ``by`` is ``token`` for a request to the service,
    ``release`` for what a release does by itself, ``reviewer`` for what the admin view or the review script does with an
    approval request, ``member`` for every other change through the admin view.
    """
    given = {name: value for name, value in details.items() if value is not None}
    number = project["audit"][-1]["number"] + 1 if project["audit"] else 1
    entry = {"number": number, "date": date, "action": action, "flagKey": flag_key, **given, "by": by}
    project["audit"] = [*project["audit"], entry][-_LENGTH:]
