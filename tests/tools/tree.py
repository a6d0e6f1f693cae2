# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of the checkout under the path that Ansible's tools insist on.

ansible-test looks at the real path of its working directory, so a link does not do; and it asks git which files there
are, so the copy gets a repository of its own.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import processes
from layout import CACHE, COLLECTION, ROOT
from venvs import locked

# What ansible-test keeps from run to run: its virtual environments.
_KEPT = Path("tests", "output", ".tmp")


@contextmanager
def copied(name: str) -> Iterator[Path]:
    """A copy of the checkout, as it is now, for one user at a time; uncommitted files too, ignored ones not."""
    tree = CACHE / "trees" / name / COLLECTION
    with locked(CACHE / "trees" / f".{name}.lock"):
        _clear(tree)
        for file in _files():
            target = tree / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / file, target, follow_symlinks=False)
        for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
            subprocess.run(command, cwd=tree, env=processes.clean_environment(), check=True, capture_output=True)
        yield tree


def collections_path(tree: Path) -> Path:
    """The folder that holds "ansible_collections"."""
    return tree.parents[len(COLLECTION.parts) - 1]


def _files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        env=processes.clean_environment(),
        check=True,
        capture_output=True,
        text=True,
    )
    names = [Path(name) for name in listing.stdout.split("\0") if name]
    return [name for name in names if (ROOT / name).is_file()]


def _clear(folder: Path) -> None:
    kept = folder / _KEPT
    if not kept.is_dir():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return
    for path in _around(kept, folder):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _around(kept: Path, folder: Path) -> Iterator[Path]:
    """Everything in the folder that neither is kept nor leads there."""
    while kept != folder:
        yield from [path for path in kept.parent.iterdir() if path != kept]
        kept = kept.parent
