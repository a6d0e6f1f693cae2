# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the Python interpreters of a machine, by running them.

A name on PATH proves little: a version manager's shim answers "command not found" for every version but the selected
one, and a distribution's Python may lack the parts that make a virtual environment.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# What ansible-core is tried on here, with the Pythons each version runs on.
SUPPORTED = {
    (2, 16): ((3, 10), (3, 12)),
    (2, 17): ((3, 10), (3, 12)),
    (2, 18): ((3, 11), (3, 13)),
    (2, 19): ((3, 11), (3, 13)),
    (2, 20): ((3, 12), (3, 14)),
    (2, 21): ((3, 12), (3, 14)),
}

OLDEST_CONTROLLER = (3, 10)
NEWEST_CONTROLLER = (3, 14)
OLDEST_TARGET = (3, 9)

_PROBE = """
import ensurepip, json, os, sys, venv
print(json.dumps([sys.version_info[0], sys.version_info[1], os.path.realpath(sys.executable)]))
"""


@dataclass(frozen=True, order=True)
class Python:
    version: tuple[int, int]
    path: Path

    def __str__(self) -> str:
        return "Python {}.{}".format(*self.version)

    @property
    def number(self) -> str:
        return "{}.{}".format(*self.version)


def find() -> list[Python]:
    """Every usable interpreter from the oldest that a module may run on, one of each version, oldest first."""
    found: dict[tuple[int, int], Python] = {}
    seen: set[Path] = set()
    for candidate in _candidates():
        python = _probe(candidate)
        if python and python.path not in seen and python.version >= OLDEST_TARGET:
            seen.add(python.path)
            found.setdefault(python.version, python)
    return sorted(found.values())


def controllers(pythons: Sequence[Python]) -> list[Python]:
    """Those that Ansible itself runs on."""
    return [python for python in pythons if OLDEST_CONTROLLER <= python.version <= NEWEST_CONTROLLER]


def runs(core: tuple[int, int], python: Python) -> bool:
    first, last = SUPPORTED[core]
    return first <= python.version <= last


def search_path(pythons: Sequence[Python], *first: Path) -> str:
    """PATH with these folders first, then the real interpreters; no folder of shims."""
    rest = [Path(folder) for folder in os.get_exec_path() if Path(folder).name != "shims"]
    folders = [*first, *(python.path.parent for python in reversed(pythons)), *rest]
    return os.pathsep.join(dict.fromkeys(map(str, folders)))


def _candidates() -> list[Path]:
    names = ["python3", *(f"python3.{minor}" for minor in range(OLDEST_TARGET[1], NEWEST_CONTROLLER[1] + 1))]
    on_path = [Path(folder, name) for folder in os.get_exec_path() for name in names]
    # Interpreters that a version manager keeps, whichever of them it has selected.
    root = _pyenv_root()
    managed = sorted(root.glob("versions/*/bin/python3")) if root else []
    return [path for path in [*on_path, *managed] if os.access(path, os.X_OK)]


def _pyenv_root() -> Path | None:
    if "PYENV_ROOT" in os.environ:
        return Path(os.environ["PYENV_ROOT"])
    try:
        answer = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return Path(answer.stdout.strip())


def _probe(path: Path) -> Python | None:
    try:
        answer = subprocess.run([path, "-c", _PROBE], capture_output=True, text=True, check=True, timeout=20)
        major, minor, real = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Python((major, minor), Path(real))
