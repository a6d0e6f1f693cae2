# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import what. An arrow that points up fails here, before it can be leant on."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
PREFIX = "ansible_collections.flagops.launchdarkly.plugins."

# Each file of plugins/module_utils with its layer: it may import what is on a lower one, never what is on a higher one.
LAYERS: dict[str, int] = {
    "_deps": 0,
    "_errors": 0,
    "_version": 0,
    "_runtime": 0,
    "_models": 1,
    "_desired": 1,
    "_wire": 1,
    "_retry": 2,
    "_http": 2,
    "_api": 2,
    "_plan": 2,
    "_plan_release": 2,
    "_approval": 2,
    "_conditions": 2,
    "_narrate": 2,
    "_change": 3,
    "_observe": 3,
    "_wait": 3,
    "_service": 3,
    "_service_release": 3,
    "_service_targeting": 3,
    "_argspec": 4,
    "_module": 4,
    "_operations": 4,
}
DOORS = 5

# On one layer, who may import whom.
WITHIN = {
    "_desired": {"_models"},
    "_wire": {"_models"},
    "_http": {"_retry"},
    "_api": {"_http"},
    "_conditions": {"_plan"},
    "_plan_release": {"_plan"},
    "_wait": {"_observe"},
    "_service": {"_change", "_observe", "_wait"},
    "_service_targeting": {"_change"},
    "_service_release": {"_change", "_service"},
    "_module": {"_argspec"},
    "_operations": {"_argspec", "_module"},
}

# These know nothing of ours at all.
ALONE = {"_deps", "_errors", "_runtime", "_retry", "_version"}

# Decisions: the same question gets the same answer, at any time and on any machine.
PURE = {"_models", "_desired", "_wire", "_retry", "_plan", "_plan_release", "_conditions", "_narrate", "_approval"}
IMPURE = {"os", "time", "random", "socket", "subprocess", "requests", "urllib3", "http", "threading", "sys", "pathlib"}

THIRD_PARTY = {"requests", "urllib3", "pydantic"}


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every module that a file names, in full, and whether it is for type checkers only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_checkers = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for statement in block.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in for_checkers) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((name, id(node) in for_checkers) for name in _from(node, path))


def _from(node: ast.ImportFrom, path: Path) -> Iterator[str]:
    base = node.module or ""
    if node.level:
        package = [*PREFIX.rstrip(".").split("."), *path.relative_to(PLUGINS).parts[: -node.level]]
        base = ".".join([*package, base]).rstrip(".")
    # "from . import _plan" names modules, "from ._plan import plan" what is in one
    for alias in node.names:
        is_module = (
            (PLUGINS / f"{base}.{alias.name}".removeprefix(PREFIX).replace(".", "/")).with_suffix(".py").exists()
        )
        yield f"{base}.{alias.name}" if is_module else base


def ours(name: str) -> str | None:
    """Which module util is meant, if one is."""
    found = name.removeprefix(f"{PREFIX}module_utils.")
    return found.split(".")[0] if found != name else None


def files(folder: str) -> list[Path]:
    return sorted((PLUGINS / folder).rglob("*.py"))


UTILS = files("module_utils")
DOOR_FILES = [*files("modules"), *files("action")]


@pytest.mark.parametrize("path", UTILS, ids=lambda path: path.stem)
def test_no_arrow_points_up(path: Path) -> None:
    assert path.stem in LAYERS, "give it a place in LAYERS"
    for name, _for_checkers in imports(path):
        target = ours(name)
        if target is None:
            assert not name.startswith(PREFIX), f"{path.stem} imports {name}: a module can only ship module utils"
        elif LAYERS[target] == LAYERS[path.stem]:
            assert target in WITHIN.get(path.stem, set()), f"{path.stem} imports {target}"
        else:
            assert LAYERS[target] < LAYERS[path.stem], f"{path.stem} imports {target}"


@pytest.mark.parametrize("path", [path for path in UTILS if LAYERS.get(path.stem, 0) < 4], ids=lambda path: path.stem)
def test_nothing_below_the_doors_knows_ansible(path: Path) -> None:
    assert not [name for name, _for_checkers in imports(path) if name.split(".")[0] == "ansible"]


@pytest.mark.parametrize("path", [path for path in UTILS if path.stem != "_deps"], ids=lambda path: path.stem)
def test_libraries_enter_in_one_place(path: Path) -> None:
    """Where they are missing, every file has to load all the same."""
    assert not THIRD_PARTY & {name.split(".")[0] for name, _for_checkers in imports(path)}


@pytest.mark.parametrize("stem", sorted(ALONE))
def test_the_lowest_files_stand_alone(stem: str) -> None:
    assert not [name for name, _for_checkers in imports(PLUGINS / "module_utils" / f"{stem}.py") if ours(name)]


@pytest.mark.parametrize("stem", sorted(PURE))
def test_decisions_are_pure(stem: str) -> None:
    names = {name for name, for_checkers in imports(PLUGINS / "module_utils" / f"{stem}.py") if not for_checkers}
    assert not IMPURE & {name.split(".")[0] for name in names}
    assert not {"_http", "_api", "_runtime"} & {ours(name) for name in names}


@pytest.mark.parametrize("path", DOOR_FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_door_knows_only_what_stands_beside_it(path: Path) -> None:
    for name, _for_checkers in imports(path):
        target = ours(name)
        assert target is None or LAYERS[target] == DOORS - 1, f"{path.name} imports {name}"


def test_an_action_plugin_loads_whatever_is_missing() -> None:
    """An import outside of "try" that fails would end the whole playbook."""
    for path in files("action"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        assert [getattr(node, "module", None) for node in named] == ["__future__", "ansible.plugins.action"], path.name


@pytest.mark.parametrize("path", files("plugin_utils/simulator"), ids=lambda path: path.stem)
def test_the_simulator_shares_nothing_with_the_client(path: Path) -> None:
    """A mistake that both made would hide itself."""
    for name, _for_checkers in imports(path):
        is_own = name.startswith(f"{PREFIX}plugin_utils.simulator")
        assert is_own or name.split(".")[0] in sys.stdlib_module_names, f"{path.stem} imports {name}"


def test_every_place_is_taken() -> None:
    assert set(LAYERS) == {path.stem for path in UTILS}
