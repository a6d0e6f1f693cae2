# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""Whether the project, the flag and its variation are there. Pure."""

from __future__ import annotations

import typing as t

from .._core.errors import LaunchDarklyError
from .preflight_advice import did_you_mean, refused
from .preflight_facts import Finding, FindingStatus, PreflightFacts
from .variations import find_variation, list_variations, name_variation, true_variation

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .._model.flag import Flag


def is_missing(error: LaunchDarklyError | None) -> bool:
    """Does LaunchDarkly itself say that there is no such thing?"""
    return error is not None and (error.status, error.code) == (404, "not_found")


def project(facts: PreflightFacts) -> Iterator[Finding]:
    if facts.project is None:
        return
    key, error = facts.desired.target.project_key, facts.project.error
    if error is None:
        yield Finding("project", FindingStatus.OK, f"'{key}' exists.")
    elif is_missing(error):
        known = facts.project_keys or ()
        remedy = f"Correct project_key, or give the token's role viewProject.{did_you_mean(key, known)}"
        yield Finding("project", FindingStatus.PROBLEM, f"No project '{key}' that the token may view (404).", remedy)
    else:
        yield refused("project", error, f"view the project '{key}'", "viewProject")


def flag(facts: PreflightFacts) -> Iterator[Finding]:
    if facts.flag is None:
        return
    key, error = facts.desired.target.flag_key, facts.flag.error
    if error is None:
        yield Finding("flag", FindingStatus.OK, f"'{key}' exists.")
    elif is_missing(error):
        remedy = f"Correct flag_key.{did_you_mean(key, facts.flag_keys or ())}"
        where = facts.desired.target.project_key
        yield Finding("flag", FindingStatus.PROBLEM, f"No flag '{key}' in project '{where}' (404).", remedy)
    else:
        yield refused("flag", error, f"view the flag '{key}'", "viewProject")


def archived(facts: PreflightFacts) -> Iterator[Finding]:
    found = _flag(facts)
    if found is None:
        return
    if found.archived:
        remedy = "Restore it in LaunchDarkly, or correct flag_key."
        yield Finding("archived", FindingStatus.PROBLEM, "The flag is archived, so it cannot be released.", remedy)
    else:
        yield Finding("archived", FindingStatus.OK, "The flag is not archived.")


def variation(facts: PreflightFacts) -> Iterator[Finding]:
    found = _flag(facts)
    if found is None:
        return
    wanted = [facts.desired.variation, *(entry.variation for entry in facts.desired.environments)]
    given = [item for index, item in enumerate(wanted) if item is not None and item not in wanted[:index]]
    listed = list_variations(found.variations)
    if not facts.desired.environments and not _is_boolean(found):
        remedy = "Release it through environments, with a variation."
        yield Finding(
            "variation", FindingStatus.PROBLEM, f"A release pipeline takes boolean flags only; it has {listed}.", remedy
        )
    elif not given and true_variation(found.variations) is None:
        remedy = f"Set variation to one of {listed}."
        yield Finding("variation", FindingStatus.PROBLEM, "The flag is not boolean, and no variation is given.", remedy)
    else:
        yield from _named(found, given or [True])


def _named(found: Flag, given: list[t.Any]) -> Iterator[Finding]:
    for item in given:
        try:
            meant = find_variation(found.variations, item, found.key)
        except LaunchDarklyError as error:
            remedy = f"Set variation to one of {list_variations(found.variations)}."
            yield Finding("variation", FindingStatus.PROBLEM, f"{error.message.partition('. ')[0]}.", remedy)
        else:
            yield Finding("variation", FindingStatus.OK, f"{name_variation(meant)} will be released.")


def _is_boolean(found: Flag) -> bool:
    return all(isinstance(item.value, bool) for item in found.variations)


def _flag(facts: PreflightFacts) -> Flag | None:
    return facts.flag.value if facts.flag else None
