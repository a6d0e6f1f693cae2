# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The decision: what brings an environment back to what a run found there. Pure.

What the run found is compared with what it left and with what is there now. Where now differs from both, somebody else has changed the
environment since, and nothing is restored.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._core.errors import OptionError, ReleaseError
from .._model.flag import RemoveRule, ServeByDefault, Serving, SwitchTargeting
from .._model.release import Status
from . import environment_errors as errors
from . import environment_resolve as resolve
from .environment_actions import Action, Done, Facts, Patch, Read, Refuse, Source, Stop
from .markers import digest, read_release_mark

if t.TYPE_CHECKING:
    from .._model.desired import EnvironmentTarget
    from .._model.desired_environment import DesiredEnvironmentRelease
    from .._model.environment_release import EnvironmentRelease
    from .._model.flag import Change, EnvironmentTargeting, Rule


# What the content of a rule begins with that this collection has marked as that of a release.
RELEASE = "release"


@dataclass(frozen=True)
class Snapshot:
    """What an environment serves: whether targeting is on, the default rule, and for each rule what it says."""

    on: bool
    default: Serving | None
    rules: tuple[tuple[str, str], ...]

    def to_result(self) -> dict[str, t.Any]:
        served = self.default
        default = served and {
            "weights": [list(item) for item in served.weights],
            "context_kind": served.context_kind,
            "bucket_by": served.bucket_by,
            "is_experiment": served.is_experiment,
        }
        return {"on": self.on, "default": default, "rules": dict(self.rules)}


def snapshot_of(targeting: EnvironmentTargeting) -> Snapshot:
    return Snapshot(
        targeting.on, targeting.default, tuple(sorted((rule.id, _content(rule)) for rule in targeting.rules))
    )


def snapshot_from_result(given: t.Any) -> Snapshot:
    """Raises OptionError for what `to_result` did not write."""
    try:
        default = given["default"]
        served = None if default is None else _serving(default)
        return Snapshot(bool(given["on"]), served, tuple(sorted(given["rules"].items())))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise OptionError(
            "What the run found cannot be read: it is not as the role writes it into its report."
        ) from None


def _serving(given: t.Any) -> Serving:
    return Serving(
        tuple((str(served), int(weight)) for served, weight in given["weights"]),
        context_kind=given["context_kind"],
        bucket_by=given["bucket_by"],
        is_experiment=bool(given["is_experiment"]),
    )


def _content(rule: Rule) -> str:
    serves = rule.serves and sorted(rule.serves.weights)
    clauses = [[item.attribute, item.op, list(item.values), item.context_kind, item.negate] for item in rule.clauses]
    content = digest([rule.enabled, serves, clauses])
    return f"{RELEASE} {content}" if read_release_mark(rule.description) is not None else content


def plan_restore(facts: Facts, desired: DesiredEnvironmentRelease, found: Snapshot, left: Snapshot | None) -> Action:
    """`left` is what the run saw last in the environment, None where no answer showed it."""
    targeting = resolve.find_targeting(facts.flag, desired)
    now = snapshot_of(targeting)
    if _same(now, found):
        return Done(Status.READY_TO_START)
    if facts.releases is None:
        return Read(Source.RELEASES, Status.ACTIVE)
    target = resolve.find_target(facts.flag, desired)
    running = next((item for item in facts.releases if not item.is_over), None)
    if running is not None and running.target_variation_id != target.id:
        return Refuse(errors.other_release_active(desired.target, facts.flag, running), Status.BLOCKED)
    own = _own_rules(targeting, facts.releases)
    change = _change_by_others(now, found, left, own, target.id, is_running=running is not None)
    if change:
        return Refuse(changed_by_others(desired.target, change), Status.BLOCKED)
    if running is not None:
        return Stop(running, roll_forward=False)
    for serving in (targeting.default, found.default):
        if serving is not None and serving.is_experiment and not _serves_same(targeting.default, found.default):
            return Refuse(errors.default_rule_in_use(desired.target, facts.flag, serving), Status.BLOCKED)
    changes = tuple(_changes(now, found, own))
    return Patch("restore", changes, Status.ACTIVE, is_undo=True) if changes else Done(Status.READY_TO_START)


def changed_by_others(target: EnvironmentTarget, what: str) -> ReleaseError:
    return ReleaseError(
        f"{target}: somebody else has changed {what} since this run did. Nothing was restored there. Look at the flag in LaunchDarkly.",
        "changed_by_others",
    )


def _changes(now: Snapshot, found: Snapshot, own: set[str]) -> t.Iterator[Change]:
    if found.default is not None and not _serves_same(now.default, found.default):
        yield ServeByDefault(found.default)
    before = dict(found.rules)
    yield from (RemoveRule(rule) for rule, _content_now in now.rules if rule in own and rule not in before)
    if now.on is not found.on:
        yield SwitchTargeting(found.on)


def _own_rules(targeting: EnvironmentTargeting, releases: tuple[EnvironmentRelease, ...]) -> set[str]:
    """The rules that releases have made. LaunchDarkly changes and removes them itself."""
    listed = {rule_id for release in releases for rule_id in release.rule_ids}
    marked = {rule.id for rule in targeting.rules if read_release_mark(rule.description) is not None}
    return listed | marked


def _change_by_others(
    now: Snapshot, found: Snapshot, left: Snapshot | None, own: set[str], target_id: str, *, is_running: bool
) -> str | None:
    """What somebody else has changed, in words; None if nobody did."""
    # A running release works only while targeting is on, so a person has turned it off.
    if left is not None and now.on is not left.on and (now.on is not found.on or is_running):
        return "whether targeting is on"
    if not is_running and not _is_default_ours(now, found, left, target_id):
        return "the default rule"
    before = left or found
    if _others(now, own) != _others(before, own):
        return "its rules"
    return None


def _is_default_ours(now: Snapshot, found: Snapshot, left: Snapshot | None, target_id: str) -> bool:
    if _serves_same(now.default, found.default):
        return True
    if left is not None:
        return _serves_same(now.default, left.default)
    return now.default is not None and now.default.share(target_id) > 0


def _others(snapshot: Snapshot, own: set[str]) -> dict[str, str]:
    return {rule: text for rule, text in snapshot.rules if rule not in own and not text.startswith(RELEASE)}


def _same(now: Snapshot, found: Snapshot) -> bool:
    return now.on is found.on and _serves_same(now.default, found.default) and dict(now.rules) == dict(found.rules)


def _serves_same(one: Serving | None, other: Serving | None) -> bool:
    if one is None or other is None:
        return one is other
    return (_shares(one), one.is_experiment) == (_shares(other), other.is_experiment)


def _shares(serving: Serving) -> list[tuple[str, int]]:
    return sorted((served, serving.share(served)) for served in serving.served)
