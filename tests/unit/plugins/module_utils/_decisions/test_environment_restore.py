# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What brings an environment back, and when it is left alone."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.module_utils._core.errors import OptionError
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_actions import (
    Done,
    Facts,
    Patch,
    Read,
    Refuse,
    Source,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._decisions.environment_restore import (
    plan_restore,
    snapshot_from_result,
    snapshot_of,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.desired_environment import (
    environment_release_from_options,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._model.flag import (
    Clause,
    EnvironmentTargeting,
    Flag,
    RemoveRule,
    Rule,
    ServeByDefault,
    Serving,
    SwitchTargeting,
    Variation,
    serving_only,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import ENVIRONMENT_RELEASE

ABSENT = {name: option.get("default") for name, option in ENVIRONMENT_RELEASE.items()}
KEYS = {"project_key": "shop", "flag_key": "cart", "environment_key": "dev"}
DESIRED = environment_release_from_options({**ABSENT, **KEYS, "variation": "on", "state": "rolled_back"})
ON, OFF = serving_only("on"), serving_only("off")
SPLIT = Serving((("off", 60_000), ("on", 40_000)), context_kind="user")
EXPERIMENT = dataclasses.replace(SPLIT, is_experiment=True)
OWN = Rule("r1", (Clause("kind", "in", ("user",), "user"),), ON, description="Release [flagops 01234567 everyone 1]")
FOREIGN = Rule("r2", (Clause("country", "in", ("de",), "user"),), OFF)


def place(on: bool, default: Serving | None, *rules: Rule) -> EnvironmentTargeting:
    return EnvironmentTargeting("dev", on, default=default, rules=rules)


def decide(
    now: EnvironmentTargeting, found: EnvironmentTargeting, left: EnvironmentTargeting | None, **facts: Any
) -> Any:
    flag = Flag("cart", (Variation("on", None, True), Variation("off", None, False)), {"dev": now})
    known = Facts(flag, now=0, **{"releases": (), **facts})
    return plan_restore(known, DESIRED, snapshot_of(found), snapshot_of(left) if left else None)


SWITCHED, SERVED = SwitchTargeting(False), ServeByDefault(OFF)


@pytest.mark.parametrize(
    ("now", "found", "left", "changes"),
    [
        (place(True, ON), place(False, ON), place(True, ON), (SWITCHED,)),
        (place(True, ON), place(True, OFF), place(True, ON), (SERVED,)),
        (place(True, ON), place(False, OFF), place(True, ON), (SERVED, SWITCHED)),
        (place(True, ON), place(True, SPLIT), place(True, ON), (ServeByDefault(SPLIT),)),
        (
            place(True, ON, OWN, FOREIGN),
            place(True, OFF, FOREIGN),
            place(True, ON, OWN, FOREIGN),
            (SERVED, RemoveRule("r1")),
        ),
        # Somebody else has turned it off, or has put the default rule back: that is as it was.
        (place(False, ON), place(False, OFF), place(True, ON), (SERVED,)),
        (place(True, OFF), place(False, OFF), place(True, ON), (SWITCHED,)),
        # No answer says what was left.
        (place(True, ON), place(False, OFF), None, (SERVED, SWITCHED)),
        # The rule of an audience that the run itself removed at its end.
        (place(True, ON), place(True, OFF), place(True, ON, OWN), (SERVED,)),
    ],
)
def test_restore_changes_back(now: Any, found: Any, left: Any, changes: Any) -> None:
    action = decide(now, found, left)
    assert isinstance(action, Patch)
    assert (action.changes, action.is_undo, action.name) == (changes, True, "restore")


@pytest.mark.parametrize(
    ("now", "found", "left", "said"),
    [
        (place(False, ON), place(True, OFF), place(True, ON), "whether targeting is on"),
        (place(True, SPLIT), place(False, OFF), place(True, ON), "the default rule"),
        (place(True, OFF), place(False, SPLIT), None, "the default rule"),
        (place(True, ON, FOREIGN), place(False, OFF), place(True, ON), "its rules"),
        (place(True, ON), place(False, OFF, FOREIGN), place(True, ON, FOREIGN), "its rules"),
        (
            place(True, ON, dataclasses.replace(FOREIGN, enabled=False)),
            place(False, OFF, FOREIGN),
            place(True, ON, FOREIGN),
            "its rules",
        ),
    ],
)
def test_restore_leaves_alone_what_others_changed(now: Any, found: Any, left: Any, said: str) -> None:
    action = decide(now, found, left)
    assert isinstance(action, Refuse)
    assert (action.error.code, f"somebody else has changed {said} since" in action.error.message) == (
        "changed_by_others",
        True,
    )


def test_restore_of_an_experiment_is_refused() -> None:
    action = decide(place(True, ON), place(True, EXPERIMENT), place(True, ON))
    assert isinstance(action, Refuse)
    assert action.error.code == "default_rule_in_use"


def test_restore_reads_releases_only_where_something_differs() -> None:
    assert isinstance(decide(place(False, OFF), place(False, OFF), None, releases=None), Done)
    assert decide(place(True, ON), place(False, OFF), None, releases=None).source is Source.RELEASES
    assert isinstance(decide(place(True, ON), place(False, OFF), None, releases=None), Read)


@pytest.mark.parametrize("default", [None, ON, SPLIT, EXPERIMENT])
def test_snapshot_survives_json(default: Serving | None) -> None:
    taken = snapshot_of(place(True, default, OWN, FOREIGN))
    assert snapshot_from_result(json.loads(json.dumps(taken.to_result()))) == taken


@pytest.mark.parametrize(
    "given", [None, {}, [], "x", {"on": True, "default": {}, "rules": {}}, {"on": 1, "default": None}]
)
def test_snapshot_of_something_else_is_refused(given: Any) -> None:
    with pytest.raises(OptionError, match="cannot be read"):
        snapshot_from_result(given)


def test_snapshot_is_comparable_whatever_the_order_of_rules() -> None:
    assert isinstance(decide(place(True, ON, OWN, FOREIGN), place(True, ON, FOREIGN, OWN), None), Done)
