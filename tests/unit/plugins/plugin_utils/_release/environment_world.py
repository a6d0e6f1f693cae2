# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A world as in fake_world, for releases through environments: a flag without a pipeline in dev, staging and production.

The flag is off everywhere and serves true by default, as LaunchDarkly makes a boolean flag. Each environment has the segments beta and
staff.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_overview import (
    ENVIRONMENT_OVERVIEW,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_restore import (
    ENVIRONMENT_RESTORE,
)
from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.environment_step import ENVIRONMENT_STEP
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import actions, environments
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.settings import SettingsError, read_settings
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control import environments as control
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.control.world import World as Service
from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.core.clock import Clock as ServiceClock
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.environment_stage import (
    BOOLEAN,
    OFF,
    ON,
    PLAN,
    UNIT,
)
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.module_utils.support import TOKEN, Clock
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release import fake_world
from ansible_collections.flagops.launchdarkly.tests.unit.plugins.plugin_utils._release.fake_world import (
    LaunchDarkly,
    World,
)

KEYS = ("dev", "staging", "production")
HOUR = 3600.0
STEPS = [{"percent": 10, "duration": "1h"}, {"percent": 50, "duration": "2h"}]
MODULES = {
    **fake_world.MODULES,
    "environment_step": ENVIRONMENT_STEP,
    "environment_overview": ENVIRONMENT_OVERVIEW,
    "environment_restore": ENVIRONMENT_RESTORE,
}


def entry(environment: str, strategy: str = "immediate", **options: Any) -> dict[str, Any]:
    """An entry of release_environments, with what its strategy needs."""
    needed: dict[str, Any] = {}
    if strategy in ("percentage", "progressive", "guarded"):
        needed["steps"] = STEPS
    if strategy == "guarded":
        needed["metrics"] = [{"key": "errors"}]
    if strategy == "plan":
        needed["release_plan_key"] = "standard"
    return {"environment": environment, "strategy": strategy, **needed, **options}


class Flag(LaunchDarkly):
    """The simulator as a transport, and as another person."""

    def __init__(
        self,
        clock: Clock,
        targeting: dict[str, Any] | None = None,
        behavior: dict[str, Any] | None = None,
        places: dict[str, Any] | None = None,
    ) -> None:
        where = {key: {**(targeting or {}).get(key, {})} for key in KEYS}
        about = {
            key: {
                "segments": {"beta": {}, "staff": {}},
                "releasePlans": copy.deepcopy(PLAN),
                **(places or {}).get(key, {}),
            }
            for key in KEYS
        }
        flags = {"cart": {"variations": BOOLEAN, "environments": where}}
        project = {"environments": about, "flags": flags, "behavior": behavior or {}}
        self.service = Service({"projects": {"shop": project}}, ServiceClock(1.0, clock.wall), "self", TOKEN)

    def come_to_now(self) -> None:
        """Let the simulator do what is due, without a request of a run's."""
        self.answer("GET", "/api/v2/flags/shop/cart", None)

    def place(self, key: str) -> dict[str, Any]:
        """The flag in an environment, as the simulator holds it now."""
        self.come_to_now()
        found: dict[str, Any] = self.project["flags"]["cart"]["environments"][key]
        return found

    def by_hand(self, key: str, *instructions: dict[str, Any]) -> None:
        """Another person changes targeting."""
        control.update_targeting(self.service, "shop", ("cart", key), {"instructions": list(instructions)})

    def turn_off(self, key: str) -> None:
        self.by_hand(key, {"kind": "turnFlagOff"})

    def serve(self, key: str, variation_id: str) -> None:
        self.by_hand(key, {"kind": "updateFallthroughVariationOrRollout", "variationId": variation_id})

    def script(self, key: str, **fields: Any) -> None:
        """Set fields of the flag in an environment."""
        control.update_targeting(self.service, "shop", ("cart", key), fields)

    def start_by_hand(self, key: str, *clauses: dict[str, Any], seconds: float = HOUR, **changes: Any) -> None:
        """Another person starts a release; without clauses, to everybody."""
        step = {"allocation": 20000, "durationMillis": round(seconds * 1000)}
        body: dict[str, Any] = {
            "originalVariationId": OFF,
            "targetVariationId": ON,
            "randomizationUnit": "user",
            "cleanupBehavior": "remove_rules_and_update_default_rule",
            "phases": [{"clauses": [UNIT, *clauses], "description": "By hand", "steps": [step]}],
        }
        if clauses:
            body["cleanupBehavior"] = "leave_rules_in_place"
        control.start_release(self.service, "shop", ("cart", key), {**body, **changes})

    def happen(self, key: str, **fields: Any) -> None:
        """Something happens to the newest release of an environment."""
        control.update_release(self.service, "shop", ("cart", key), "latest", fields)

    def require_approvals(self, *keys: str) -> None:
        for key in keys:
            control.update_environment(self.service, "shop", key, {"approvalSettings": {"required": True}})

    @property
    def releases(self) -> list[tuple[str, str]]:
        """The releases so far: environment and status."""
        self.come_to_now()
        return [(item["environmentKey"], item["status"]) for item in self.project["environmentReleases"]]

    @property
    def served(self) -> dict[str, Any]:
        """What the default rule serves in each environment: a variation's value, its share in percent, or None where it is off."""
        found: dict[str, Any] = {}
        for key in KEYS:
            place = self.place(key)
            given = place["fallthrough"]
            share = [item["weight"] / 1000 for item in given.get("rollout", {}).get("variations", ())]
            found[key] = (share[0] if share else given["variation"] == 0) if place["on"] else None
        return found

    def rules(self, key: str) -> int:
        return len(self.place(key)["rules"])

    @property
    def sent(self) -> list[str]:
        return [f"{item['method']} {item['path']}" for item in self.service.log.entries()]


class EnvironmentWorld(World):
    """`given` are entries of release_environments."""

    launchdarkly: Flag
    modules = MODULES

    def __init__(
        self,
        *given: Any,
        targeting: dict[str, Any] | None = None,
        behavior: dict[str, Any] | None = None,
        places: dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        super().__init__(environments=list(given or KEYS), **settings)
        self.launchdarkly = Flag(self.clock, targeting, behavior, places)

    def _read(self, _action: actions.Read) -> Any:
        try:
            settings = read_settings(self.settings)
        except SettingsError:
            return {"exists": True, "release": {"project_key": "shop", "flag_key": "cart", "phases": []}}
        keys = {"project_key": "shop", "flag_key": "cart"}
        result = self._module("environment_overview", **keys, entries=environments.entries(settings))
        if result.get("failed"):
            return result
        return {**result, "exists": True, "release": environments.as_release(result, keys, settings)}

    def _words_of_module(self, action: actions.Operate) -> str:
        if "part" not in self.state["agenda"][0]:
            if action.module == "environment_restore":
                return f"restore {action.options['environment_key']}"
            if action.options.get("state") == "rolled_back":
                return f"roll back {action.options['environment_key']}"
            return super()._words_of_module(action)
        step = self.state["plan"]["steps"][self.state["agenda"][0]["part"]["step"]]
        waits = bool(action.options.get("wait"))
        is_first = step["phase"] not in self.called
        self.called.add(step["phase"])
        if is_first and step["would"] == "start":
            return f"start {step['phase']}" + (" and wait" if waits else "")
        return f"{'wait for' if waits else 'look at'} {step['phase']}"

    @property
    def phases(self) -> dict[str, str]:
        """The status of each phase, as the record says."""
        return {item["phase"]: item["status"] for item in self.record["phases"]}

    def entry_of(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(item for item in self.record["phases"] if item["phase"] == name)
        return found

    def early(self) -> Iterable[str]:
        """Environments in which the history shows a share of the new variation that no step allows, before its end."""
        for item in self.settings["environments"]:
            if not isinstance(item, dict) or item["strategy"] == "immediate":
                continue
            key = item["environment"]
            steps = [round(step["percent"] * 1000) for step in item["steps"]]
            shares = [change["shares"].get("0", 0) for change in self.launchdarkly.place(key)["history"]]
            seen = [share for index, share in enumerate(shares) if not index or share != shares[index - 1]]
            if [share for share in seen if share] != [*steps, 100000][: sum(1 for share in seen if share)]:
                yield key
