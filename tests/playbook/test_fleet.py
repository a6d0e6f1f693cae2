# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Releases as an inventory, read with ansible-inventory and released with one playbook."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.flagops.launchdarkly.plugins.plugin_utils.simulator.service.simulator import Simulator
from ansible_collections.flagops.launchdarkly.tests.playbook.ansible_runs import ANSIBLE, Ansible
from ansible_collections.flagops.launchdarkly.tests.playbook.plays import SPEED, Played, Player

TEST, PRODUCTION = ({"name": name, "audiences": [{"environmentKey": name.lower()}]} for name in ("Test", "Production"))
LONG_AGO = 1_700_000_000_000
STATE = {
    "projects": {
        "shop": {
            "environments": {"test": {}, "production": {}},
            "flags": {
                "cart": {"name": "Cart {{ lookup('pipe', 'false') }}", "tags": ["payment", "web"]},
                "search": {"tags": ["web"]},
                "menu": {"tags": ["menu"], "environments": {"test": {"on": True}}},
                "stuck": {},
            },
            "pipelines": {"standard": {"phases": [TEST, PRODUCTION]}},
            "releases": {
                "cart": {},
                "search": {"phases": [{"status": "completed"}, {"status": "ready-to-start"}]},
                "stuck": {"phases": [{"status": "active", "_startedDate": LONG_AGO}]},
            },
        }
    }
}
PIPELINES = {"plugin": "flagops.launchdarkly.ld_releases", "project_keys": ["shop"]}
FLAGS = {**PIPELINES, "sources": ["flags"], "environments": ["test", "production"]}


@pytest.fixture
def shop(ansible: Ansible) -> Iterator[Player]:
    with Simulator(STATE, speed=SPEED) as running:
        yield Player(ansible.folder, ansible.environment, running)


def run(shop: Player, program: str, *options: str) -> tuple[int, str, str]:
    finished = subprocess.run(  # noqa: S603  our own command
        [*ANSIBLE, program, *options],
        cwd=shop.place,
        env=shop.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert shop.service.access_token not in finished.stdout + finished.stderr
    return finished.returncode, finished.stdout, finished.stderr


def written(shop: Player, options: dict[str, Any]) -> str:
    return str(shop.write("shop.ld_releases.yml", options))


def graph(shop: Player, options: dict[str, Any]) -> dict[str, list[str]]:
    """The hosts of each group."""
    rc, output, errors = run(shop, "inventory", "-i", written(shop, options), "--graph")
    assert (rc, errors) == (0, "")
    found: dict[str, list[str]] = {}
    group = ""
    for line in output.splitlines():
        group = line.split("@")[1].rstrip(":") if "@" in line else group
        found.setdefault(group, []).extend([] if "@" in line else [line.split("--")[1]])
    return {name: sorted(hosts) for name, hosts in found.items() if name not in ("all", "ungrouped")}


def listed(shop: Player, options: dict[str, Any], *more: str) -> dict[str, Any]:
    rc, output, errors = run(shop, "inventory", "-i", written(shop, options), "--list", *more)
    assert (rc, errors) == (0, "")
    return plain(json.loads(output))["_meta"]["hostvars"]


def plain(value: Any) -> Any:
    """Without the marks of texts that are no templates, which depend on the version of ansible-core."""
    if isinstance(value, dict):
        return value.get("__ansible_unsafe") or {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def release(shop: Player, *options: str, rc: int = 0, **variables: Any) -> Played:
    given = json.dumps({"release_wait_interval": 0.1, **variables})
    code, output, errors = run(shop, "playbook", "flagops.launchdarkly.release", "-e", given, *options)
    assert code == rc, output + errors
    return Played(code, output)


def recap(run: Played) -> dict[str, int]:
    """How many tasks of each host changed something, where none failed."""
    return {
        name: int(count)
        for name, count in re.findall(r"^(\S+) +: .*changed=(\d+) .*failed=0", run.output, re.MULTILINE)
    }


def test_inventory_of_pipelines(shop: Player) -> None:
    options = {"stuck_after": "2d", "keyed_groups": [{"prefix": "tag", "key": "ld_tags"}]}
    assert graph(shop, {**PIPELINES, **options}) == {
        "ld_releases": ["cart", "search", "shop.stuck"],
        "phase_production": ["search"],
        "phase_test": ["cart", "shop.stuck"],
        "pipeline_standard": ["cart", "search", "shop.stuck"],
        "status_active": ["shop.stuck"],
        "status_ready_to_start": ["cart", "search"],
        "stuck": ["shop.stuck"],
        "tag_payment": ["cart"],
        "tag_web": ["cart", "search"],
    }


def test_inventory_of_a_flag_called_like_a_keyed_group(shop: Player) -> None:
    options = {"tags": ["menu"], "keyed_groups": [{"prefix": "", "separator": "", "key": "ld_tags"}]}
    found = graph(shop, {**FLAGS, **options})
    assert {name: found[name] for name in ("ld_releases", "menu")} == {
        "ld_releases": ["shop.menu"],
        "menu": ["shop.menu"],
    }


def test_inventory_of_flags_without_pipelines(shop: Player) -> None:
    options = {
        "tags": ["menu"],
        "compose": {"owner": "team | default('nobody')"},
        "groups": {"late": "ld_phase == 'production'"},
        "use_extra_vars": True,
    }
    hosts = listed(shop, {**FLAGS, **options}, "-e", "team=web")
    assert {**hosts["menu"], "ld_link": None} == {
        "ansible_connection": "local",
        "release_project_key": "shop",
        "release_flag_key": "menu",
        "ld_kind": "environments",
        "ld_pipeline_key": None,
        "ld_phase": "production",
        "ld_status": "ready_to_start",
        "ld_since": None,
        "ld_name": "Menu",
        "ld_tags": ["menu"],
        "ld_maintainer": None,
        "ld_environments": ["test", "production"],
        "ld_link": None,
        "owner": "web",
        **({"team": "web"} if "team" in hosts["menu"] else {}),
    }
    assert graph(shop, {**FLAGS, **options})["late"] == ["menu"]


def test_inventory_is_cached(shop: Player) -> None:
    folder = shop.place / "cache"
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(folder)}
    first = listed(shop, {**PIPELINES, **cache})
    made = len(shop.service.requests)
    assert listed(shop, {**PIPELINES, **cache}) == first
    assert first["cart"]["ld_name"] == "Cart { { lookup('pipe', 'false') }}"
    assert len(shop.service.requests) == made
    files = list(folder.iterdir())
    assert len(files) == 1
    assert shop.service.access_token not in files[0].name + files[0].read_text()
    # What selects flags is in the key, and so is the token.
    assert list(listed(shop, {**PIPELINES, **cache, "tags": ["payment"]})) == ["cart"]
    shop.environment["LAUNCHDARKLY_ACCESS_TOKEN"] = "api-other"  # noqa: S105  made up
    assert "Invalid access token" in failure(shop, {**PIPELINES, **cache})


def failure(shop: Player, options: dict[str, Any]) -> str:
    shop.environment["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "true"
    rc, output, errors = run(shop, "inventory", "-i", written(shop, options), "--list")
    assert rc != 0, output
    return " ".join(errors.split())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"strict": True, "compose": {"x": "no_such_variable"}}, "Could not set x for host cart"),
        ({"release_pipeline_keys": ["moon"]}, "shop has no release pipeline 'moon'"),
    ],
    ids=str,
)
def test_inventory_that_cannot_be_read_says_why(shop: Player, options: dict[str, Any], said: str) -> None:
    assert said in failure(shop, {**PIPELINES, **options})


def test_inventory_without_a_token_says_so(shop: Player) -> None:
    del shop.environment["LAUNCHDARKLY_ACCESS_TOKEN"]
    assert "There is no access token" in failure(shop, PIPELINES)


def test_fleet_of_both_kinds_is_released_once(shop: Player) -> None:
    both = {
        "sources": ["pipelines", "flags"],
        "release_status": ["active", "completed"],
        "compose": {"release_environments": "ld_environments if ld_kind == 'environments' else []"},
    }
    source = written(shop, {**FLAGS, **both})
    limit = ("-i", source, "--limit", "cart,search,menu")
    assert recap(release(shop, *limit)) == {"cart": 1, "search": 1, "menu": 1}
    assert recap(release(shop, *limit)) == {"cart": 0, "search": 0, "menu": 0}
    changed = [entry["path"] for entry in shop.service.requests if entry["method"] != "GET"]
    # Three phases, and one environment in which the flag is turned on.
    assert len(changed) == 4
    assert not any("stuck" in path for path in changed)


def test_fleet_of_several_flags_without_an_inventory(shop: Player) -> None:
    flags = {"release_project_key": "shop", "release_flags": ["cart", "search"], "release_batch": 1}
    played = release(shop, **flags)
    assert recap(played) == {"localhost": 0, "cart": 1, "search": 1}
    assert played.output.count("PLAY [Release a flag]") == 2
    assert played.output.count("Release the flags of 2 hosts]") == 2
    assert set(played.artifacts["release_result"]) == {"shop/cart", "shop/search"}


def test_fleet_stops_at_too_many_failures(shop: Player) -> None:
    flags = {"release_project_key": "shop", "release_flags": "moon, cart, search", "release_batch": 2}
    played = release(shop, rc=2, release_max_fail_percentage=10, **flags)
    assert "search" not in recap(played)


def test_fleet_without_releases_touches_no_other_flag(shop: Player) -> None:
    source = written(shop, {**PIPELINES, "query": "no such flag"})
    played = release(shop, "-i", source, release_project_key="shop", release_flag_key="cart")
    assert "skipping: no hosts matched" in played.output
    assert not [entry for entry in shop.service.requests if entry["method"] == "PUT"]
