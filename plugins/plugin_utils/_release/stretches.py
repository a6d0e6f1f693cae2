# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""How many task files of the user's a run may come to, so that the role's includes are nested only so deep. Pure.

Ansible has no loop around includes: what follows a task file is included by it. A stretch is a chain of such includes. A run that may
need more than one has the role loop over as many as it may need. Where these are not enough, as for a rollout of weeks, the last turn
of the loop begins another one.
"""

from __future__ import annotations

import math
import typing as t

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release import rollouts, soak

if t.TYPE_CHECKING:
    from ansible_collections.flagops.launchdarkly.plugins.plugin_utils._release.sequence_state import State

# How many task files one chain of includes holds. Chains of 120 worked on ansible-core 2.16 and 2.19, the most that was tried. Each
# file costs more the deeper it is included: 30 in one chain took 1.7 times the CPU of chains of 8.
MAX_CHAIN = 16
# How many stretches one loop of the role has.
MAX_TURNS = 100


def tasks(state: State) -> str:
    """The file of the role that carries the plan out. Most runs include no task file of the user's."""
    return "sequence_with_task_files.yml" if most_files(state) else "sequence.yml"


def turns(state: State) -> list[str]:
    """The files of the role that its loop includes."""
    return ["stretch.yml"] * min(count(state), MAX_TURNS) + ["stretches.yml"]


def count(state: State) -> int:
    """How many stretches a run needs at most."""
    return max(1, math.ceil(most_files(state) / MAX_CHAIN))


def chain(state: State) -> tuple[State, bool]:
    """The state with one more task file, and whether that is included by the one before."""
    length = state.get("chain", 0) + 1
    state = {"looped": count(state) > 1, **state}
    if length > MAX_CHAIN and state["looped"]:
        return {**state, "chain": 1}, False
    return {**state, "chain": length}, True


def first(state: State, wrapper: str) -> str:
    """The file of the role that it includes for the first task file: an empty loop would cost each run that has none."""
    return "stretches.yml" if state["looped"] else wrapper


def most_files(state: State) -> int:
    """How many task files of the user's the run includes at most."""
    notices = sum(1 for notice in state["notify"] if not notice["is_ours"])
    plan = state["plan"]
    if not plan:
        return notices + _published(state)
    files = sum(_of_part(part, plan["steps"][part["step"]], notices) for part in plan["parts"])
    # The plan, an undo, and the end.
    return files + 3 * notices + _published(state)


def _published(state: State) -> int:
    return int(state.get("published", 0))


def _of_part(part: dict[str, t.Any], step: dict[str, t.Any], notices: int) -> int:
    if part["kind"] == "hook":
        return 1
    if part["kind"] == "check":
        check = step["checks"][part["check"]]
        # A soak may have been over before any measurement of the row.
        most = max(int(check["attempts"]), int(check["consecutive_success"]))
        return notices + (most if check["kind"] == "tasks" else 0)
    if part["kind"] == "soak":
        during = [check for check in step["checks"] if check["during"] == "soak" and check["kind"] == "tasks"]
        return notices + (len(during) * soak.most_measurements(step) if during else 0)
    if part["kind"] == "rollout":
        during = [check for check in step["checks"] if check["during"] == "rollout" and check["kind"] == "tasks"]
        return notices + len(during) * rollouts.most_measurements(step)
    # Started, approval pending, completed; or waiting for the end of a freeze window.
    return 3 * notices
