# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""What the options of a release in an environment mean for this very flag. Pure."""

from __future__ import annotations

import typing as t

from .._model.environment_release import REMOVE_RULES
from .._model.release import Status
from . import environment_errors as errors
from . import environment_rules as rules
from .markers import audience_of
from .variations import find_variation, true_variation

if t.TYPE_CHECKING:
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.environment_release import EnvironmentRelease
    from .._model.flag import EnvironmentTargeting, Flag, Variation


def find_targeting(flag: Flag, desired: DesiredEnvironmentRelease) -> EnvironmentTargeting:
    if flag.archived:
        raise errors.flag_archived(desired.target)
    found = flag.environments.get(desired.target.environment_key)
    if found is None:
        raise errors.environment_not_found(desired.target, flag)
    return found


def find_target(flag: Flag, desired: DesiredEnvironmentRelease) -> Variation:
    """The variation to release: of a boolean flag the true one, unless another is named."""
    target = true_variation(flag.variations)
    if desired.variation is not None:
        target = find_variation(flag.variations, desired.variation, str(desired.target.flag))
    if target is None:
        raise errors.variation_required(desired.target, flag)
    if desired.from_variation is not None and _given_origin(flag, desired).id == target.id:
        raise errors.same_variation(desired.target, target)
    return target


def find_origin(
    flag: Flag, desired: DesiredEnvironmentRelease, targeting: EnvironmentTargeting, target: Variation
) -> Variation:
    """The variation that a release starts from: what is served now."""
    if desired.from_variation is not None:
        return _given_origin(flag, desired)
    if not targeting.on:
        candidate = targeting.off_variation_id
    elif targeting.default is not None and targeting.default.only is not None:
        candidate = targeting.default.only
    else:
        candidate = rules.other_variation(targeting.default, target.id)
    return _usable(candidate, flag, desired, target)


def find_way_back(
    flag: Flag,
    desired: DesiredEnvironmentRelease,
    targeting: EnvironmentTargeting,
    target: Variation,
    newest: EnvironmentRelease | None,
) -> Variation:
    """The variation that an undo goes back to."""
    if desired.from_variation is not None:
        return _given_origin(flag, desired)
    candidate = rules.other_variation(targeting.default, target.id)
    if candidate is None:
        candidate = newest.original_variation_id if newest else targeting.off_variation_id
    return _usable(candidate, flag, desired, target)


def _given_origin(flag: Flag, desired: DesiredEnvironmentRelease) -> Variation:
    return find_variation(flag.variations, desired.from_variation, str(desired.target.flag), "from_variation")


def _usable(candidate: str | None, flag: Flag, desired: DesiredEnvironmentRelease, target: Variation) -> Variation:
    if candidate is None or candidate == target.id:
        raise errors.origin_unknown(desired.target, flag, target)
    return flag.variation(candidate)


def audience_word(desired: DesiredEnvironmentRelease) -> str:
    return audience_of(rules.audience_clauses(desired))


def find_running(
    releases: rules.Releases, targeting: EnvironmentTargeting, desired: DesiredEnvironmentRelease, target: Variation
) -> EnvironmentRelease | None:
    """The running release that an undo or a roll-forward ends: with segments, that of this audience only."""
    for release in releases:
        if release.is_over or release.target_variation_id != target.id:
            continue
        if not desired.segments or rules.release_audience(release, targeting) == audience_word(desired):
            return release
    return None


def find_other_running(releases: rules.Releases, target: Variation) -> EnvironmentRelease | None:
    return next((item for item in releases if not item.is_over and item.target_variation_id != target.id), None)


def find_settling(
    releases: rules.Releases, targeting: EnvironmentTargeting, target: Variation
) -> EnvironmentRelease | None:
    """A release whose end LaunchDarkly has yet to carry over to the flag: completed, but its rule is still there."""
    newest = rules.newest_release(releases, target.id)
    if newest is None or newest.status is not Status.COMPLETED or newest.cleanup != REMOVE_RULES or not targeting.on:
        return None
    present = {rule.id for rule in targeting.rules}
    return newest if present & set(newest.rule_ids) else None


def find_reverted(
    releases: rules.Releases, targeting: EnvironmentTargeting, desired: DesiredEnvironmentRelease, target: Variation
) -> EnvironmentRelease | None:
    """The release that says that the target was taken back.

    That is the newest one if it was reverted. A completed one says so if it made the default rule serve the target to this very
    audience, and the flag is off or its default rule serves the variation that the release started from.
    """
    newest = rules.newest_release(releases, target.id)
    if newest is not None and newest.status is Status.REVERTED:
        return newest
    same = rules.newest_of_audience(releases, targeting, target.id, audience_word(desired))
    if same is None or same.status is not Status.COMPLETED or same.cleanup != REMOVE_RULES:
        return None
    serves_origin = targeting.default is not None and targeting.default.only == same.original_variation_id
    return same if not targeting.on or serves_origin else None
