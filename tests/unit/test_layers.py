# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import what. An import that points up the layers, or that no file needs, fails here."""

from __future__ import annotations

import ast
import functools
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
PREFIX = "ansible_collections.flagops.launchdarkly.plugins."

# The packages of the simulator, in the same form. It is a program of its own and shares nothing with the client.
SIMULATOR: dict[str, set[str]] = {
    "core": set(),
    "http": {"core"},
    "audit": {"core", "http"},
    "environments": {"core", "http"},
    "flags": {"core"},
    "environment_releases": {"core", "http", "audit", "environments", "flags"},
    "targeting": {"core", "http", "audit", "environments", "flags", "environment_releases"},
    "approvals": {"core", "http", "audit", "flags", "targeting"},
    "pipelines": {"core", "http", "audit", "approvals", "targeting"},
    "account": {"core", "http"},
    "state": {"core", "audit", "environments", "environment_releases", "approvals", "pipelines"},
    "control": {
        "core",
        "http",
        "audit",
        "flags",
        "environment_releases",
        "targeting",
        "approvals",
        "pipelines",
        "state",
    },
    "service": {
        "core",
        "http",
        "account",
        "audit",
        "environments",
        "environment_releases",
        "targeting",
        "approvals",
        "pipelines",
        "state",
        "control",
    },
    "cli": {"core", "service"},
}

# Each folder of code, lowest first, with the folders that its files may import.
MAY_IMPORT: dict[str, set[str]] = {
    "module_utils/_core": set(),
    "module_utils/_model": {"module_utils/_core"},
    "module_utils/_decisions": {"module_utils/_core", "module_utils/_model"},
    "module_utils/_http": {"module_utils/_core", "module_utils/_model"},
    "module_utils/_backends": {"module_utils/_core", "module_utils/_model", "module_utils/_http"},
    "module_utils/_operations": {
        "module_utils/_core",
        "module_utils/_model",
        "module_utils/_decisions",
        "module_utils/_http",
        "module_utils/_backends",
    },
    "module_utils/_module": {
        "module_utils/_core",
        "module_utils/_model",
        "module_utils/_http",
        "module_utils/_backends",
        "module_utils/_operations",
    },
    "module_utils/_definitions": {
        "module_utils/_core",
        "module_utils/_model",
        "module_utils/_http",
        "module_utils/_operations",
        "module_utils/_module",
    },
    "plugin_utils/_shared": {"module_utils/_core"},
    "plugin_utils/_release": {
        "module_utils/_core",
        "module_utils/_model",
        "module_utils/_decisions",
        "plugin_utils/_shared",
    },
    "plugin_utils/_report": {
        "module_utils/_core",
        "module_utils/_model",
        "module_utils/_decisions",
        "plugin_utils/_shared",
        "plugin_utils/_release",
    },
    # Also carries out what the sequence of the role asks for.
    "plugin_utils/_in_process": {
        "module_utils/_core",
        "module_utils/_model",
        "module_utils/_module",
        "module_utils/_definitions",
        "plugin_utils/_shared",
        "plugin_utils/_release",
        "plugin_utils/_report",
    },
    "plugin_utils/_inventory": {
        "module_utils/_core",
        "module_utils/_model",
        "module_utils/_definitions",
        "plugin_utils/_shared",
        "plugin_utils/_in_process",
    },
    **{
        f"plugin_utils/simulator/{name}": {f"plugin_utils/simulator/{other}" for other in may_import}
        for name, may_import in SIMULATOR.items()
    },
    "plugin_utils/simulator": set(),
    "modules": {"module_utils/_module", "module_utils/_definitions"},
    "action": {"plugin_utils/_in_process"},
    "inventory": {"plugin_utils/_inventory"},
    "lookup": {"plugin_utils/_in_process"},
    "filter": {"plugin_utils/_shared", "plugin_utils/_release", "plugin_utils/_report"},
    "doc_fragments": set(),
}
ORDER = list(MAY_IMPORT)

# Decisions: the same question gets the same answer, at any time and on any machine.
PURE = (
    "module_utils/_model",
    "module_utils/_decisions",
    "plugin_utils/_shared",
    "plugin_utils/_release",
    "plugin_utils/_report",
    "plugin_utils/_inventory",
)
IMPURE = {"os", "time", "random", "socket", "subprocess", "requests", "urllib3", "http", "threading", "sys", "pathlib"}

# Pure folders hold these too, each with its reason.
NOT_PURE = {
    "plugin_utils/_release/task_files.py": "looks whether the user's task files exist",
    "plugin_utils/_release/variables.py": "reads the argument specs of the role",
    "plugin_utils/_release/checks.py": "evaluates conditions with Jinja2",
    "plugin_utils/_report/files.py": "names files in the user's folder",
    "plugin_utils/_report/html.py": "reads the template of the page",
    "plugin_utils/_inventory/plugin.py": "reads LaunchDarkly and the cache",
}

THIRD_PARTY = {"requests", "urllib3", "pydantic"}
KNOWS_ANSIBLE = {
    "module_utils/_module",
    "plugin_utils/_in_process",
    "plugin_utils/_inventory",
    "modules",
    "action",
    "inventory",
    "lookup",
    "filter",
    "doc_fragments",
}


def folder(path: Path) -> str:
    return room(path.relative_to(PLUGINS).parts)


def room(parts: tuple[str, ...]) -> str:
    """The folder of MAY_IMPORT that a path, or a dotted name below plugins, lies in."""
    if parts[:2] == ("plugin_utils", "simulator") and len(parts) > 2 and not parts[2].endswith(".py"):
        return "/".join(parts[:3])
    return "/".join(parts[:2]) if parts[0] in ("module_utils", "plugin_utils") else parts[0]


@functools.cache
def imports(path: Path) -> list[tuple[str, bool]]:
    """Every module that a file names, in full, and whether it is for type checkers only."""
    return list(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, bool]]:
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
            yield _from(node, path), id(node) in for_checkers


def _from(node: ast.ImportFrom, path: Path) -> str:
    if not node.level:
        return node.module or ""
    package = path.relative_to(PLUGINS).parts[: -node.level]
    return PREFIX + ".".join([*package, *((node.module or "").split("."))]).rstrip(".")


def ours(name: str) -> str | None:
    """The folder that an imported name lies in, if it is one of the collection's."""
    return room(tuple(name.removeprefix(PREFIX).split("."))) if name.startswith(PREFIX) else None


FILES = sorted(PLUGINS.rglob("*.py"))
IDS = [str(path.relative_to(PLUGINS)) for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_imports_point_down(path: Path) -> None:
    here = folder(path)
    assert here in MAY_IMPORT, "give the folder a place in MAY_IMPORT"
    for name, _for_checkers in imports(path):
        target = ours(name)
        assert target in {None, here} | MAY_IMPORT[here], f"{path.name} imports {name}"


@pytest.mark.parametrize("here", ORDER)
def test_allowed_imports_are_used(here: str) -> None:
    used = {ours(name) for path in FILES if folder(path) == here for name, _for_checkers in imports(path)}
    assert not MAY_IMPORT[here] - used


@pytest.mark.parametrize("here", ORDER)
def test_order_has_no_cycle(here: str) -> None:
    assert MAY_IMPORT[here] <= set(ORDER[: ORDER.index(here)])


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_ansible_is_known_at_the_top_only(path: Path) -> None:
    here = folder(path)
    allowed = here in KNOWS_ANSIBLE or here in ("plugin_utils/_release", "plugin_utils/_report")
    assert allowed or not [name for name, _for_checkers in imports(path) if name.split(".")[0] == "ansible"]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_libraries_are_imported_in_one_place(path: Path) -> None:
    """Where they are missing, every file still has to load."""
    if path.name != "libraries.py":
        assert not THIRD_PARTY & {name.split(".")[0] for name, _for_checkers in imports(path)}


@pytest.mark.parametrize("path", [path for path in FILES if folder(path) in PURE], ids=str)
def test_decisions_are_pure(path: Path) -> None:
    if str(path.relative_to(PLUGINS)) in NOT_PURE:
        return
    names = {name for name, for_checkers in imports(path) if not for_checkers}
    assert not IMPURE & {name.split(".")[0] for name in names}


def test_action_plugins_load_without_libraries() -> None:
    """An import outside of "try" that fails would end the whole playbook."""
    for path in sorted((PLUGINS / "action").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        _future, imported = [str(getattr(node, "module", None)) for node in named]
        assert imported in ("ansible.plugins.action", f"{PREFIX}action.ld_release"), path.name


@pytest.mark.parametrize("path", sorted((PLUGINS / "plugin_utils/simulator").rglob("*.py")), ids=lambda path: path.stem)
def test_simulator_shares_nothing_with_the_client(path: Path) -> None:
    """A mistake that both made would hide itself."""
    for name, _for_checkers in imports(path):
        is_own = name.startswith(f"{PREFIX}plugin_utils.simulator")
        assert is_own or name.split(".")[0] in sys.stdlib_module_names, f"{path.stem} imports {name}"


def test_every_folder_exists() -> None:
    assert set(MAY_IMPORT) == {folder(path) for path in FILES}


def test_diagram_shows_the_layers() -> None:
    spec = importlib.util.spec_from_file_location("diagram", PLUGINS.parent / "tests" / "tools" / "layers_diagram.py")
    assert spec is not None
    assert spec.loader is not None
    diagram = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(diagram)
    drawn = [name for _title, names, _color in diagram.LAYERS for name in names]
    shown = [name for name in ORDER if not name.startswith(("plugin_utils/simulator", "doc_fragments"))]
    assert sorted(drawn) == sorted(shown), "python3 tests/tools/layers_diagram.py draws what its LAYERS list"
    for here in shown:
        assert not [name for name in MAY_IMPORT[here] if drawn.index(name) < drawn.index(here)], here
    assert diagram.DIAGRAM.read_text(encoding="utf-8") == diagram.draw()
