# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flags that the Automation Platform counts in the results of a job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jq
import pytest
import yaml

from ansible_collections.flagops.launchdarkly.tests.unit.test_modules import GROUP, ROLES_OWN

ROOT = Path(__file__).resolve().parents[2]
QUERIES: dict[str, Any] = yaml.safe_load(
    (ROOT / "extensions" / "audit" / "event_query.yml").read_text(encoding="utf-8")
)
NAMES = {name.rpartition(".")[2] for name in QUERIES}
READS = {name for name in GROUP if name.endswith("_info")} | {"ld_preflight"}
# What they write, a module or the sequence has written before; a run that ends with its plan has started nothing.
OTHERS = {"release_lines", "release_restore", "release_run", "release_status"}
KEYS = {"project_key": "shop", "flag_key": "new-cart"}
COUNTED = {
    "name": "shop/new-cart",
    "canonical_facts": {"launchdarkly_project": "shop", "launchdarkly_flag": "new-cart"},
    "facts": {"platform": "LaunchDarkly", "device_type": "Feature flag"},
}


def flags(name: str, result: dict[str, Any]) -> Any:
    return jq.compile(QUERIES[f"flagops.launchdarkly.{name}"]["query"]).input_value(result).all()


def test_event_query_has_each_action_that_writes() -> None:
    assert NAMES == (GROUP | ROLES_OWN) - READS - OTHERS
    assert all(set(entry) == {"query"} for entry in QUERIES.values())


@pytest.mark.parametrize("name", sorted(NAMES & GROUP))
def test_event_query_counts_the_flag_of_a_module(name: str) -> None:
    source = (ROOT / "plugins" / "modules" / f"{name}.py").read_text(encoding="utf-8")
    diff = yaml.safe_load(source.partition('RETURN = r"""')[2].partition('"""')[0])["diff"]["sample"]
    assert flags(name, {"changed": True, "diff": diff}) == [COUNTED]
    assert flags(name, {"changed": True, "diff": {"before": KEYS, "after": {}}}) == [COUNTED]
    assert flags(name, {"changed": False, "diff": diff}) == []


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"msg": "x"},
        {"changed": True},
        {"changed": True, "diff": []},
        {"changed": True, "results": [{"changed": True}]},
    ],
)
@pytest.mark.parametrize("name", sorted(NAMES))
def test_event_query_takes_every_result(name: str, result: dict[str, Any]) -> None:
    assert flags(name, result) == []


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 1),
        ({"changed": False}, 0),
        ({"result": {**KEYS, "state": "planned", "phases": [{"action": "started"}]}}, 0),
        ({"result": {**KEYS, "state": "completed", "phases": [{"action": "none"}]}}, 0),
    ],
)
def test_event_query_counts_the_flag_of_a_run(changes: dict[str, Any], count: int) -> None:
    run = {
        "changed": True,
        "ansible_stats": {},
        "result": {**KEYS, "state": "waiting", "phases": [{"action": "started"}, {"action": None}]},
    }
    assert flags("release_sequence", {**run, **changes}) == [COUNTED] * count
    # A rehearsal leaves no statistics.
    assert flags("release_sequence", {name: value for name, value in run.items() if name != "ansible_stats"}) == []
