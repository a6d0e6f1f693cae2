# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module is known wherever it has to be. CONTRIBUTING.md, "Add a module", lists the places."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.flagops.launchdarkly.plugins.module_utils._definitions.registry import MODULES
from ansible_collections.flagops.launchdarkly.plugins.module_utils._module.options import GROUP_OPTIONS

ROOT = Path(__file__).resolve().parents[2]
RUNTIME: dict[str, Any] = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ACTION = "ld_release.py"
IMPORT = "from ansible_collections.flagops.launchdarkly.plugins.action.ld_release import ActionModule\n"

# The role's own actions, which bring their own action plugins and are no modules for users.
ROLES_OWN = {"release_lines", "release_restore", "release_run", "release_sequence", "release_status"}


def files(folder: str) -> set[str]:
    return {path.stem for path in (ROOT / folder).glob("*.py")} - ROLES_OWN


GROUP = set(RUNTIME["action_groups"]["all"]) - ROLES_OWN
NAMES = sorted(set(MODULES) | files("plugins/modules") | files("plugins/action") | GROUP)


@pytest.mark.parametrize("name", NAMES)
def test_module_is_known_everywhere(name: str) -> None:
    action = ROOT / "plugins/action" / f"{name}.py"
    forgotten = {
        "MODULES in plugins/module_utils/_definitions/registry.py": name not in MODULES,
        f"plugins/modules/{name}.py": name not in files("plugins/modules"),
        f"plugins/action/{name}.py, which imports {ACTION}": not (
            action.name == ACTION or (action.is_file() and IMPORT in action.read_text(encoding="utf-8"))
        ),
        "action_groups in meta/runtime.yml": name not in GROUP,
        "the table of modules in README.md": f"| `flagops.launchdarkly.{name}` |" not in README,
    }
    assert not [place for place, is_forgotten in forgotten.items() if is_forgotten]


@pytest.mark.parametrize("name", NAMES)
def test_module_file_runs_its_own_definition(name: str) -> None:
    source = (ROOT / "plugins/modules" / f"{name}.py").read_text(encoding="utf-8")
    assert MODULES[name].name == f"flagops.launchdarkly.{name}"
    assert f"run_module({name.removeprefix('ld_').upper()})" in source


def imported(path: Path, seen: set[Path]) -> Iterator[Path]:
    """The collection's files that a module process gets: Ansible ships whatever is imported anywhere in a file."""
    seen.add(path)
    yield path
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            parts = (node.module or "").removeprefix("ansible_collections.flagops.launchdarkly.").split(".")
            base = path.parents[node.level - 1] if node.level else ROOT
            for found in (base.joinpath(*parts, f"{alias.name}.py") for alias in node.names):
                for file in (found, base.joinpath(*parts).with_suffix(".py")):
                    if file.is_file() and file not in seen:
                        yield from imported(file, seen)


@pytest.mark.parametrize("name", NAMES)
def test_module_process_gets_its_own_definition_alone(name: str) -> None:
    files = list(imported(ROOT / "plugins/modules" / f"{name}.py", set()))
    assert len(files) > 30
    assert [file.stem for file in files if file.parent.name == "_definitions"] == [name.removeprefix("ld_")]
    # Pipelines and environments have nothing to do with each other, but for ld_preflight, which looks at either.
    is_for_environments = "environment_release" in name
    others = {"pipelines"} if is_for_environments else {"environments"}
    assert name == "ld_preflight" or not others & {file.parent.name for file in files}


def test_group_options_are_those_of_all_modules() -> None:
    assert {option for definition in MODULES.values() for option in definition.argument_spec} == GROUP_OPTIONS


def test_adding_a_module_touches_at_most_eight_places() -> None:
    section = CONTRIBUTING.partition("\n## Add a module\n")[2].partition("\n## ")[0]
    places = [line for line in section.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert 0 < len(places) <= 8
    for place in ("_definitions/", "plugins/modules/", "plugins/action/", "meta/runtime.yml", "README.md"):
        assert place in section
