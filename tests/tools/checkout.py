# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""This checkout, and copies of it for tools that insist on the path ansible_collections/flagops/launchdarkly."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from ansible_collections.flagops.launchdarkly.tests.tools import processes

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = Path("ansible_collections", "flagops", "launchdarkly")
CACHE = ROOT / ".cache"
RESULTS = CACHE / "results"


def collections_path() -> Path:
    """The folder in which Ansible finds this checkout as a collection."""
    if ROOT.parts[-len(COLLECTION.parts) :] == COLLECTION.parts:
        return ROOT.parents[len(COLLECTION.parts) - 1]
    link = CACHE / "collections" / COLLECTION
    link.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        link.symlink_to(ROOT, target_is_directory=True)
    return CACHE / "collections"


def copy_to(folder: Path) -> Path:
    """A copy of the checkout as it is now, without the files that git ignores, for COLLECTIONS_PATH to name this folder."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, env=processes.clean_environment(), check=True, capture_output=True)
    tree = folder / COLLECTION
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name, follow_symlinks=False)
    return tree
